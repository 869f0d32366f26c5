"""The profiles that are lists of words and phrases, made ready: the same points as a ``Plan`` gives, with less work.

They are most of many profiles, and a text touches hundreds of them in a few places each. So what a score needs of all
of them lies side by side in a few arrays, where a processor finds it several times faster than in objects.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import NamedTuple, TypeVar

from alerts.model import ScorePart
from monitor.model import Score
from monitor.profiles.evidence import Tally
from monitor.profiles.index import Owned
from monitor.profiles.model import Profile
from monitor.profiles.score import IN_TITLE, MOST, TITLE, field_parts, saturated

_Hits = TypeVar("_Hits")

Bounds = tuple[int, int]
"""Where the summary and the content of a page begin."""


class Found(NamedTuple):
    """What was found in a text: of the profiles with one hit that hit, of all others all of them."""

    single: dict[int, Owned]
    several: dict[int, list[Owned]]
    bounds: Bounds

    def hits(self, number: int) -> Sequence[Owned]:
        """The hits of a profile."""
        return self.several.get(number) or (self.single[number],)


class LazyScore(Score):
    """A score that knows its value; the rest is filled in when it is first asked for, which of hundreds few are."""

    __slots__ = ("number", "source")

    value: float
    number: int
    source: tuple[Wordlists, Found]

    def __eq__(self, other: object) -> bool:
        return _values(self) == _values(other) if isinstance(other, Score) else NotImplemented

    __hash__ = Score.__hash__

    def __reduce__(self) -> tuple[type[Score], tuple[object, ...]]:
        return Score, _values(self)


class _Later:
    """A field of a ``LazyScore`` but its value: filled in with all others when one of them is asked for.

    A descriptor for each of them, for with ``__getattr__`` Python would read the value 28 times slower.
    """

    def __init__(self, name: str) -> None:
        self._slot = getattr(Score, name)

    def __get__(self, score: LazyScore | None, owner: type[LazyScore]) -> object:
        if score is None:
            return self
        if hasattr(score, "source"):
            lists, found = score.source
            del score.source  # lets go of everything else that was found
            lists.fill(score, found)
        return self._slot.__get__(score)

    def __set__(self, score: LazyScore, value: object) -> None:
        self._slot.__set__(score, value)


_NAMES = tuple(field.name for field in fields(Score))
for _name in _NAMES:
    if _name != "value":
        setattr(LazyScore, _name, _Later(_name))


def _values(score: Score) -> tuple[object, ...]:
    return tuple(getattr(score, name) for name in _NAMES)


class Wordlists:
    """Compiled profiles that ``slots.plain_terms`` knows, by their numbers: their places among all profiles."""

    def __init__(self) -> None:
        self._profiles: list[Profile] = []
        self._known = bytearray()  # by number: whether it is here
        self._only_lists = True
        self._one = bytearray()  # by number: whether a single hit may be enough
        self._first = array("L")  # by number: where its terms begin
        self._thresholds = array("d")
        self._reach = array("d")  # by number: points that no hit can pass
        self._weights = array("d")

    def add(self, profile: Profile, *, plain: bool) -> None:
        """Take up the next profile; one that is not ``plain`` only takes its number."""
        weights = [term.weight for term in profile.terms] if plain else []
        self._known.append(plain)
        self._only_lists = self._only_lists and plain
        self._first.append(len(self._weights))
        self._thresholds.append(profile.threshold)
        self._reach.append(MOST * max(weights, default=0.0))
        self._weights.extend(weights)
        self._one.append(not plain or self.may_match(len(self._profiles), 1))
        self._profiles.append(profile)

    def __contains__(self, number: int) -> bool:
        return self._known[number] == 1

    def may_match(self, number: int, hits: int) -> bool:
        """Whether so many hits can reach the threshold."""
        return hits * self._reach[number] >= self._thresholds[number]

    def scores(self, found: Found) -> dict[int, Score]:
        """What was found is worth, by number. Written for speed: hundreds of profiles may have a hit in a text."""
        title, source = found.bounds[0], (self, found)
        first, weights, in_title, new = self._first, self._weights, IN_TITLE, LazyScore.__new__
        scores: dict[int, Score] = {}
        for number, (slot, start, _) in self._of_lists(found.single):
            scores[number] = score = new(LazyScore)
            weight = weights[first[number] + slot]
            score.value = weight * in_title if start < title else weight
            score.number = number
            score.source = source
        for number, hits in self._of_lists(found.several):
            scores[number] = score = new(LazyScore)
            score.value = self._value(number, hits, found.bounds)
            score.number = number
            score.source = source
        return scores

    def _of_lists(self, hits: dict[int, _Hits]) -> Iterable[tuple[int, _Hits]]:
        """Of what was found by number, that of the profiles which are lists; most often all of them are."""
        if self._only_lists:
            return hits.items()
        known = self._known
        return [(number, found) for number, found in hits.items() if known[number]]

    def _value(self, number: int, hits: Sequence[Owned], bounds: Bounds) -> float:
        """The sum of the points of all parts, without making them; two hits, as most have, by a shorter way."""
        base, weights = self._first[number], self._weights
        if len(hits) == 2:
            (one, start, _), (other, later, _) = hits
            title, summary = bounds
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

    def fill(self, score: LazyScore, found: Found) -> None:
        """Set everything in a score of one of these profiles."""
        number = score.number
        profile = self._profiles[number]
        parts = self._parts(number, found.hits(number), found.bounds)
        value = sum([part.points for part in parts])
        matched = value >= profile.threshold
        instant = matched and profile.instant is not None and value >= profile.instant
        Score.__init__(score, profile.name, value, profile.threshold, True, matched, parts, (), (), instant)

    def _parts(self, number: int, hits: Sequence[Owned], bounds: Bounds) -> tuple[ScorePart, ...]:
        terms = self._profiles[number].terms
        return tuple(
            part
            for slot, tally in sorted(_tallies(hits, bounds).items())
            for part in field_parts("term", terms[slot].label, terms[slot].weight, tally)
        )

    def candidates(self, found: Found) -> Found:
        """What was found, without the profiles that so many hits cannot make match."""
        one, known = self._one, self._known
        several = found.several
        return found._replace(
            single={number: hit for number, hit in found.single.items() if one[number]},
            several={n: hits for n, hits in several.items() if not known[n] or self.may_match(n, len(hits))},
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
