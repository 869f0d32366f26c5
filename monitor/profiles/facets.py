"""Which countries a topic stands on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from monitor.profiles.countries import countries
from monitor.profiles.furniture import Seed
from monitor.profiles.match import Matcher
from monitor.profiles.model import Concept, Profile
from monitor.profiles.subjects import Subject, subjects
from monitor.text.fold import fold

_SHARE = 0.5  # of a seed's mentions of countries, at least, for the two that it is about
_TOP = 2
_DEALINGS = 3  # different words of dealings between countries that a seed on them holds
_MOST = 3  # countries that one topic may stand on


@dataclass(frozen=True, slots=True)
class Facets:
    """The countries of a topic. ``anchors`` stand in every seed; of ``group`` each seed has one beside them."""

    anchors: tuple[str, ...]
    group: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.anchors, *self.group)


def find_facets(seeds: Sequence[Seed]) -> Facets | None:
    """The countries whose dealings with each other the seeds are about; None when that is not what they are about."""
    counts = [mentions(seed) for seed in seeds]
    tops = [_leading(count) for count in counts]
    if not all(len(top) == _TOP for top in tops):
        return None
    anchors = sorted(set.intersection(*map(set, tops)))
    seeds_of = Counter(code for top in tops for code in top if code not in anchors)
    group = sorted(seeds_of, key=lambda code: (-seeds_of[code], code))
    if not anchors or len(anchors) + len(group) > _MOST:
        return None
    about = sum(_core().found(fold(seed.whole)) >= _DEALINGS for seed in seeds)
    if about * 2 < len(seeds):
        return None
    return Facets(tuple(anchors), tuple(group))


def mentions(seed: Seed) -> Counter[str]:
    """How often each country is named, by code; the title counts twice."""
    (score,) = _finder().score(title=seed.title, text=seed.text)
    count: Counter[str] = Counter()
    for part in score.parts:
        count[part.label] += part.hits * (2 if part.field == "title" else 1)
    return count


@cache
def _finder() -> Matcher:
    concepts = {
        code: Concept(terms=(*one.main, *one.terms), ignore=one.ignore) for code, one in sorted(countries().items())
    }
    return Matcher([Profile(name="countries", threshold=1.0, concepts=concepts)])


@cache
def _core() -> Subject:
    return next(subject for subject in subjects() if subject.core)


def _leading(count: Counter[str]) -> list[str]:
    """The two countries named most, if they make up most of what is named."""
    top = [code for code, _ in sorted(count.items(), key=lambda item: (-item[1], item[0]))[:_TOP]]
    return top if sum(count[code] for code in top) >= _SHARE * count.total() else []
