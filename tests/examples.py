"""How many examples of a rule are tried: a share of what the chosen profile of Hypothesis asks for."""

from __future__ import annotations

from hypothesis import settings


def examples(share: float) -> settings:
    """Settings for a rule that is costly or simple, with a ``share`` below 1, or that needs many, with one above."""
    chosen = settings()
    return settings(chosen, max_examples=max(1, round(share * chosen.max_examples)))
