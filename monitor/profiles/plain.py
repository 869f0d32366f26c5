"""The profiles that are lists of words and phrases, made ready: the same points as a ``Plan`` gives, with less work.

They are most of many profiles, and a text touches hundreds of them in a few places each. So what a score needs of all
of them lies side by side in a few arrays, where a processor finds it several times faster than in objects.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from alerts.model import ScorePart
from monitor.model import Score
from monitor.profiles.evidence import Tally, count
from monitor.profiles.index import Owned
from monitor.profiles.model import Profile
from monitor.profiles.score import IN_TITLE, MOST, field_parts

Bounds = tuple[int, int]
"""Where the summary and the content of a page begin."""


_ONE_IN_SUMMARY = [0, 1, 0]


class Wordlists:
    """Compiled profiles of which ``slots.is_plain`` is true, by their numbers."""

    def __init__(self) -> None:
        self._profiles: dict[int, Profile] = {}
        self._known = bytearray()  # by number: whether it is here
        self._first = array("L")  # by number: where its terms begin
        self._thresholds = array("d")
        self._reach = array("d")  # by number: points that no hit can pass
        self._names: list[str] = []
        self._weights = array("d")
        self._labels: list[str] = []

    def add(self, number: int, profile: Profile, labels: Sequence[str]) -> None:
        """Take up a profile; ``labels`` are its terms. Numbers must rise; those left out are not looked up."""
        while len(self._first) <= number:
            self._known.append(0)
            self._first.append(len(self._labels))
            self._thresholds.append(profile.threshold)
            self._reach.append(0.0)
            self._names.append(profile.name)
        weights = [term.weight for term in profile.terms]
        self._reach[number] = MOST * max(weights, default=0.0)
        self._weights.extend(weights)
        self._labels.extend(labels)
        self._profiles[number] = profile
        self._known[number] = 1

    def __contains__(self, number: int) -> bool:
        return number < len(self._known) and self._known[number] == 1

    def may_match(self, number: int, hits: Sequence[Owned]) -> bool:
        """Whether so many hits can reach the threshold."""
        return len(hits) * self._reach[number] >= self._thresholds[number]

    def score(self, number: int, hits: Sequence[Owned], bounds: Bounds) -> Score:
        """What the hits are worth."""
        first, second = bounds
        if len(hits) > 1:
            return self._sum(number, hits, bounds)
        [(slot, start, _)] = hits
        slot += self._first[number]
        value = weight = self._weights[slot]
        place = "summary" if start < second else "content"
        if start < first:
            value, place = weight * IN_TITLE, "title"
        threshold = self._thresholds[number]
        part = ScorePart("term", self._labels[slot], place, 1, weight, value)
        if value < threshold:
            return Score(self._names[number], value, threshold, True, False, (part,))
        return self._matched(number, (part,), value)

    def standing(self, number: int, hits: Sequence[Owned]) -> list[tuple[int, int]]:
        """Start and end of the hits that a reader should see: those that speak for the entry."""
        first = self._first[number]
        return [(start, end) for slot, start, end in hits if self._weights[first + slot] > 0]

    def _sum(self, number: int, hits: Sequence[Owned], bounds: Bounds) -> Score:
        first, second = bounds
        tallies: dict[int, Tally] = {}
        for slot, start, _ in hits:
            count(tallies, slot, 0 if start < first else 1 if start < second else 2)
        base = self._first[number]
        parts: list[ScorePart] = []
        for slot in sorted(tallies):
            label, weight = self._labels[base + slot], self._weights[base + slot]
            if (tally := tallies[slot]) == _ONE_IN_SUMMARY:
                parts.append(ScorePart("term", label, "summary", 1, weight, weight))
            else:
                parts += field_parts("term", label, weight, tally)
        value = sum([part.points for part in parts])
        threshold = self._thresholds[number]
        if value < threshold:
            return Score(self._names[number], value, threshold, True, False, tuple(parts))
        return self._matched(number, tuple(parts), value)

    def _matched(self, number: int, parts: tuple[ScorePart, ...], value: float) -> Score:
        profile = self._profiles[number]
        instant = profile.instant is not None and value >= profile.instant
        return Score(profile.name, value, profile.threshold, True, True, parts, (), (), instant)
