"""What a profile would have told of past entries: by day, by threshold, and against another profile. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from monitor.model import PastItem, Score
from monitor.profiles.match import Matcher
from monitor.profiles.model import Profile

_CURVE = 24  # points of the threshold curve


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of it. ``hits`` are the items that matched, best first, with their scores."""

    items: int
    threshold: float
    hits: tuple[tuple[PastItem, Score], ...]
    by_day: tuple[tuple[date, int], ...]  # every day from the first hit to the last, in the profile's zone
    curve: tuple[tuple[float, int], ...]  # (threshold, items that it would let pass), ascending
    nearest: tuple[tuple[PastItem, Score], ...]  # eligible items just below the threshold, best first


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a new profile finds that the old one did not, and the other way round."""

    gained: tuple[tuple[PastItem, Score], ...]
    lost: tuple[tuple[PastItem, Score], ...]  # with the scores that the new profile gives them


def backtest(profile: Profile, items: Iterable[PastItem], *, nearest: int = 10) -> Backtest:
    """Score ``items`` and sum up; an item counts as dated by its ``at``."""
    scored = score_all(profile, items)
    eligible = sorted(((item, score) for item, score in scored if score.eligible), key=lambda pair: -pair[1].value)
    hits = tuple((item, score) for item, score in eligible if score.matched)
    below = tuple((item, score) for item, score in eligible if not score.matched)[:nearest]
    zone = ZoneInfo(profile.digest.timezone)
    days = [item.at.astimezone(zone).date() for item, _ in hits if item.at is not None]
    values = [score.value for _, score in eligible]
    return Backtest(len(scored), profile.threshold, hits, _by_day(days), _curve(values, profile.threshold), below)


def compare(old: Profile, new: Profile, items: Sequence[PastItem]) -> Comparison:
    """What changes when ``new`` takes the place of ``old``."""
    before = {item.id: score.matched for item, score in score_all(old, items)}
    after = score_all(new, items)
    return Comparison(
        gained=tuple((item, score) for item, score in after if score.matched and not before[item.id]),
        lost=tuple((item, score) for item, score in after if before[item.id] and not score.matched),
    )


def score_all(profile: Profile, items: Iterable[PastItem]) -> list[tuple[PastItem, Score]]:
    """Each item with its score."""
    matcher = Matcher([profile])
    return [(item, matcher.score_past(item)[0]) for item in items]


def _by_day(days: Sequence[date]) -> tuple[tuple[date, int], ...]:
    if not days:
        return ()
    counts: Mapping[date, int] = Counter(days)
    first, last = min(days), max(days)
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple((day, counts[day]) for day in span)


def _curve(values: Sequence[float], threshold: float) -> tuple[tuple[float, int], ...]:
    """How many of ``values`` (descending) reach each of some thresholds from 0 to twice the present one."""
    top = max([2 * threshold, *values[:1]])
    steps = [top * step / _CURVE for step in range(_CURVE + 1)]
    return tuple((step, sum(value >= step for value in values)) for step in steps)
