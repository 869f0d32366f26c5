"""From hits to points: the fixed rules of the scorer. Pure arithmetic; every point ends up in a part.

- One hit in the text is worth the weight. More hits add less and less, to at most 1.6 times the weight (BM25, k1 0.6).
- A hit in the title counts for 2.5 hits.
- A concept that is only implied by the script of the text is worth half of its weight.
- ``focus`` points are taken away in the share that other countries have in all mentions of countries, where one in the
  title counts three times; at least in full where others are named first (``OVERTAKEN``), and twice where the title is
  about others (``ELSEWHERE``). ``focus.py`` tells when that is.
- With ``focus``, of several countries that a line of ``require`` allows only the one with the most points counts: a
  list of many countries is not about each of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.model import ScorePart
from monitor.profiles.model import FIELDS

SATURATION = 0.6
TITLE = 2.5
IMPLIED = 0.5
HEADLINE = 3.0
ELSEWHERE = 2.0
OVERTAKEN = 1.0
CAPTION = "a picture's caption"

Tally = Sequence[float]
"""Hits in the title, the summary and the content."""


def saturated(hits: float) -> float:
    """What ``hits`` hits are worth in weights: 0 for none, 1 for one, towards 1.6."""
    return hits * (SATURATION + 1) / (hits + SATURATION) if hits else 0.0


IN_TITLE = saturated(TITLE)
"""What one hit in the title is worth in weights."""
MOST = 1 + SATURATION
"""What any number of hits is worth in weights at most."""


def field_parts(kind: str, label: str, weight: float, tally: Tally) -> list[ScorePart]:
    """The parts of something found in one or more fields; each field adds what it brings beyond those before it."""
    parts = []
    seen = 0.0
    worth = 0.0
    for name, hits in zip(FIELDS, tally, strict=True):
        if hits:
            seen += hits * (TITLE if name == "title" else 1.0)
            total = weight * saturated(seen)
            parts.append(ScorePart(kind, label, name, int(hits), weight, total - worth))
            worth = total
    return parts


def implied_part(label: str, weight: float) -> ScorePart:
    """The part of a concept that the script of the text implies."""
    return ScorePart("script", label, "any", 1, weight * IMPLIED, weight * IMPLIED)


def focus_part(
    focus: float, own: Sequence[Tally], others: Sequence[Tally], names: Sequence[str], least: float = 0.0
) -> ScorePart:
    """What other countries take away, in their share or in ``least``; one tally for each country."""
    foreign = sum(map(_emphasis, others))
    share = max(least, foreign / (foreign + sum(map(_emphasis, own))))
    hits = sum(int(sum(tally)) for tally in others)
    return ScorePart("focus", ", ".join(names), "any", hits, -focus, -focus * share)


def _emphasis(tally: Tally) -> float:
    return saturated(tally[0] * HEADLINE + tally[1] + tally[2])
