"""Measures of a ranking and of a set that was passed, as the TREC filtering track defines them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Judged = tuple[float, bool]
"""A score and whether the item is relevant."""


@dataclass(frozen=True, slots=True)
class Result:
    """How well items were told apart; ``utility`` is T11SU, scaled to 0 to 1; ``noise`` counts per 1,000 items."""

    average_precision: float
    f1: float
    precision: float
    recall: float
    utility: float
    noise: float


def measure(judged: Sequence[Judged], threshold: float) -> Result:
    """The measures of ``judged`` where those at or above ``threshold`` are passed; ties are ranked at their worst."""
    relevant = sum(good for _, good in judged)
    passed = [good for score, good in judged if score >= threshold]
    hits, false = sum(passed), len(passed) - sum(passed)
    utility = (max((2 * hits - false) / (2 * relevant), -0.5) + 0.5) / 1.5 if relevant else 0.0
    return Result(
        average_precision=_average_precision(judged, relevant),
        f1=_share(2 * hits, 2 * hits + false + relevant - hits),
        precision=_share(hits, len(passed)),
        recall=_share(hits, relevant),
        utility=utility,
        noise=1000 * _share(false, len(judged)),
    )


def mean(results: Sequence[Result]) -> Result:
    """The mean over topics."""
    fields = Result.__dataclass_fields__
    return Result(*(sum(getattr(one, name) for one in results) / len(results) for name in fields))


def _average_precision(judged: Sequence[Judged], relevant: int) -> float:
    found, total = 0, 0.0
    for rank, (_, good) in enumerate(sorted(judged, key=lambda item: (-item[0], item[1])), 1):
        if good:
            found += 1
            total += found / rank
    return _share(total, relevant)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
