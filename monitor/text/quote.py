"""Strangers' words inside our own sentences."""

from __future__ import annotations


def quoted(text: str, limit: int = 60) -> str:
    """``text`` in quotes, cut, and without what could move a cursor or forge a line of a log."""
    return "“" + "".join(character if character.isprintable() else "?" for character in text[:limit]) + "”"
