"""The profiles that are lists of words and phrases, made ready: the same points as a ``Plan`` gives, with less work.

They are most of many profiles, and a text touches hundreds of them in a few places each. So what a value needs of all
of them lies side by side in two arrays, where a processor finds it several times faster than in objects.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import lru_cache

from alerts.model import ScorePart
from monitor.profiles.evidence import Tally
from monitor.profiles.index import Owned
from monitor.profiles.model import Profile
from monitor.profiles.score import IN_TITLE, TITLE, field_parts, saturated

Bounds = tuple[int, int]
"""Where the summary and the content of a page begin."""


class Wordlists:
    """Compiled profiles that are ``plain`` in their outline, by their numbers: their places among all profiles."""

    def __init__(self) -> None:
        self._profiles: list[Profile] = []
        self._known = bytearray()  # by number: whether it is here
        self._first = array("L")  # by number: where its terms begin
        self._weights = array("d")

    def add(self, profile: Profile, weights: Sequence[float] | None) -> None:
        """Take up the next profile, with the weights of its terms; one without only takes its number."""
        self._known.append(weights is not None)
        self._first.append(len(self._weights))
        self._weights.extend(weights or ())
        self._profiles.append(profile)

    def __contains__(self, number: int) -> bool:
        return self._known[number] == 1

    def value(self, number: int, hits: Sequence[Owned], bounds: Bounds) -> float:
        """The sum of the points of all parts, without making them; one hit or two, as most have, by a shorter way."""
        base, weights = self._first[number], self._weights
        title, summary = bounds
        if len(hits) == 1:
            [(slot, start, _)] = hits
            weight = weights[base + slot]
            return weight * IN_TITLE if start < title else weight
        if len(hits) == 2:
            (one, start, _), (other, later, _) = hits
            if one != other:
                value = weights[base + one] * (IN_TITLE if start < title else 1.0)
                return value + weights[base + other] * (IN_TITLE if later < title else 1.0)
            weight = weights[base + one]
            first, last = _PAIRS[(start >= title) + (start >= summary) + (later >= title) * 3 + (later >= summary) * 3]
            return weight * first + (weight * last - weight * first)
        points: list[float] = []
        for slot, tally in sorted(_tallies(hits, bounds).items()):
            weight, worth = weights[base + slot], 0.0
            for times in _saturations(*tally):
                total = weight * times
                points.append(total - worth)
                worth = total
        return sum(points)

    def parts(self, number: int, hits: Sequence[Owned], bounds: Bounds) -> tuple[ScorePart, ...]:
        """What was found, term by term."""
        terms = self._profiles[number].terms
        return tuple(
            part
            for slot, tally in sorted(_tallies(hits, bounds).items())
            for part in field_parts("term", terms[slot].label, terms[slot].weight, tally)
        )

    def standing(self, number: int, hits: Sequence[Owned]) -> list[tuple[int, int]]:
        """Start and end of the hits that a reader should see: those that speak for the entry."""
        first = self._first[number]
        return [(start, end) for slot, start, end in hits if self._weights[first + slot] > 0]


@lru_cache(maxsize=4096)
def _saturations(title: int, summary: int, content: int) -> tuple[float, ...]:
    """What the hits are worth in weights after each field that holds some."""
    first = title * TITLE
    return tuple(
        saturated(seen)
        for count, seen in ((title, first), (summary, first + summary), (content, first + summary + content))
        if count
    )


def _pair(one: int, other: int) -> tuple[float, float]:
    """What two hits of one term, in the fields ``one`` and ``other``, are worth after the first of them and after both.

    Those of one field count together: then nothing is added to the first.
    """
    after = _saturations(*((one == place) + (other == place) for place in range(3)))
    return after[0], after[-1]


_PAIRS = [_pair(one, other) for other in range(3) for one in range(3)]


def _tallies(hits: Sequence[Owned], bounds: Bounds) -> dict[int, Tally]:
    """The hits in each field, by slot."""
    title, summary = bounds
    tallies: dict[int, Tally] = {}
    for slot, start, _ in hits:
        if slot not in tallies:
            tallies[slot] = [0, 0, 0]
        tallies[slot][0 if start < title else 1 if start < summary else 2] += 1
    return tallies
