"""Numbers with their nouns."""

from __future__ import annotations


def amount(number: int, one: str, many: str = "") -> str:
    """``1 feed``, ``2,000 feeds``; ``many`` is a plural that is not made with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
