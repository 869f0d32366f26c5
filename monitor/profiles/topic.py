"""The profile of a topic that is told by its words: weighted terms and a threshold, nothing required."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from statistics import median

from monitor.profiles.contrast import Vector, Worth, contrast, vectors
from monitor.profiles.corpus import Background, Bag, surfaces
from monitor.profiles.draft import DIGEST, THRESHOLD, Draft, Notes, origin
from monitor.profiles.frequency import is_english
from monitor.profiles.furniture import Seed
from monitor.profiles.model import Profile, Term
from monitor.profiles.terms import centroid, held, part, points

_LONGEST = 2
_KIN = 0.4  # share of a seed's own score from which an item of the background is taken for one on the topic
_KIN_MOST = 30
_KIN_WEIGHT, _KIN_TOGETHER = 0.4, 0.5  # what such an item counts beside a seed, and all of them at most beside all
_ENOUGH = 50  # items of the background, below which it teaches nothing about other news
_ALIKE = 0.4  # share of its own score that a seed keeps in a profile of the others, from which seeds are of one event
_SHARED = 3.0  # power of the share of texts by which what is learnt of quite different seeds is sharpened
_TERMS, _OTHERS = 120, 240  # terms that speak for the topic, and against it
_AGAINST = 4.0  # times: the mean says nothing against a topic, and other news is spread over far more words
_TAIL = 0.99  # quantile of the background
_VIEWS = (0.2, 0.3, 0.3, 0.2)  # what each view of the threshold counts
_BETWEEN = 0.65  # the threshold's share of their mean
_FAINT, _SILENT = 0.1, 1e-3  # the least that a seed left out, and the background, count for beside what a seed scores
_BLIND = 0.55  # the same when there is no background, and what a seed alone would keep if there were others
_WEAKEST = 0.02

Weighed = list[tuple[Bag, float]]


def draft(seeds: Sequence[Seed], background: Background, name: str) -> Draft:
    """Terms of the seeds and of items of the background that are plainly on the topic, and a threshold.

    Where some seeds are in English and others are not, each language is learnt by itself against news in it: that a
    word is Polish says nothing about a topic that has news in English, too.
    """
    weights: dict[str, float] = defaultdict(float)
    threshold = 1.0
    for some, other in _by_language(seeds, background):
        learnt, limit = _learn(some, other)
        for term, weight in learnt.items():
            weights[term] += weight
        threshold *= limit ** (len(some) / len(seeds))
    return _profile(seeds, weights, threshold, background, name)


def _by_language(seeds: Sequence[Seed], background: Background) -> Iterator[tuple[Sequence[Seed], Background]]:
    """The seeds and the background; where seeds are in English and not, either of them with the texts like them."""
    parted = [[seed for seed in seeds if is_english(seed.whole) is english] for english in (True, False)]
    if not all(parted):
        yield seeds, background
        return
    texts = ["\n".join(text) for text in background.texts]
    for some, english in zip(parted, (True, False), strict=True):
        yield some, Background.of([text for text in texts if is_english(text) is english], background.pieces)


def _learn(seeds: Sequence[Seed], background: Background) -> tuple[dict[str, float], float]:
    """The weight of each term and the threshold, both such that seeds score 1 in the median."""
    bags: Weighed = [(background.bag(seed.title, seed.text, _LONGEST), 1.0) for seed in seeds]
    others = [background.bag(*text, _LONGEST) for text in background.texts]
    kin = _kin(bags, background, others)
    counted, known = kin[:_KIN_MOST], frozenset(kin)
    bags += [(others[number], min(_KIN_WEIGHT, _KIN_TOGETHER * len(seeds) / len(counted))) for number in counted]
    rest = background.without(kin)
    items = _as_items(seeds, rest)
    others = [one for number, one in enumerate(others) if number not in known]
    teacher = _Teacher(rest, others, _sharing(bags, items, rest))
    weights = teacher.weights(bags)
    own = median([points(weights, one) for one in items])
    return {term: weight / own for term, weight in weights.items()}, _threshold(weights, bags, items, teacher) / own


def _as_items(seeds: Sequence[Seed], background: Background) -> list[Bag]:
    """Seeds as items of feeds look: title and beginning."""
    length = int(background.length)
    return [background.bag(seed.title, " ".join(seed.text.split()[:length]), _LONGEST) for seed in seeds]


@dataclass(frozen=True)
class _Teacher:
    """What is not on the topic: the background and its items as bags.

    ``sharing``: the power of the share of texts that hold a word, by which what is learnt of it counts.
    """

    background: Background
    others: Sequence[Bag]
    sharing: float

    @cached_property
    def _worth(self) -> Worth:
        return cache(lambda term: self.background.rarity(term) * part(term))

    @cached_property
    def _vectors(self) -> Sequence[Vector]:
        return vectors(self.others, self._worth)

    def weights(self, bags: Weighed) -> dict[str, float]:
        """Half by Rocchio's method, half by what tells the topic from other news."""
        if len(self.others) < _ENOUGH:
            return centroid(bags, self.background)
        both = self._mixed(bags, contrast(bags, self._vectors, self._worth))
        ranked = sorted(both, key=lambda term: (-both[term], term))
        return {term: both[term] for term in (*ranked[:_TERMS], *ranked[max(_TERMS, len(ranked) - _OTHERS) :])}

    def _mixed(self, bags: Weighed, learnt: dict[str, float]) -> dict[str, float]:
        """Both halves for the topic, each of a total of 1, and what is learnt against it, kept in proportion."""
        mean, share = centroid(bags, self.background, _TERMS, level=False), held(bags)
        speaks = {term: value * share[term] ** self.sharing for term, value in learnt.items() if value > 0}
        mean_total, total = sum(mean.values()) or 1.0, sum(speaks.values()) or 1.0
        against = _AGAINST / (sum(value for value in learnt.values() if value > 0) or 1.0)
        return {
            term: mean.get(term, 0.0) / mean_total
            + speaks.get(term, 0.0) / total
            + against * min(learnt.get(term, 0.0), 0.0)
            for term in mean | learnt
        }


def _kin(bags: Weighed, background: Background, others: Sequence[Bag]) -> list[int]:
    """The numbers of the background's items that look like seeds, best first."""
    weights = centroid(bags, background)
    limit = _KIN * median([points(weights, one) for one, _ in bags])
    scored = sorted(((points(weights, one), -number) for number, one in enumerate(others)), reverse=True)
    return [-number for value, number in scored[: 3 * _KIN_MOST] if value >= limit]


def _sharing(bags: Weighed, items: Sequence[Bag], background: Background) -> float:
    """How much it matters that several texts hold a word: not at all for seeds of one event, the more they differ.

    Told by how much of its score a seed keeps in a profile of the others. What only one of such seeds holds is its own
    story rather than the topic.
    """
    weights = centroid(bags, background, _TERMS)
    own = median([points(weights, one) for one in items])
    kept = [points(centroid(rest, background, _TERMS), one) for one, rest in _left_out(bags, items)]
    alike = median(kept) / own if kept and own else 1.0
    return _SHARED * max(0.0, 1 - alike / _ALIKE)


def _left_out(bags: Weighed, items: Sequence[Bag]) -> Iterator[tuple[Bag, Weighed]]:
    """Each seed as an item, with all texts but it; nothing where no other text is left."""
    for number, one in enumerate(items if len(bags) > 1 else ()):
        yield one, bags[:number] + bags[number + 1 :]


def _threshold(weights: Mapping[str, float], bags: Weighed, items: Sequence[Bag], teacher: _Teacher) -> float:
    """Between what seeds and other news score: a geometric mean of four views, so that no view's mistake is the whole.

    What seeds score in their own profile; what they score when the profile is built without them, the median and the
    weakest (seeds that differ speak for a wide topic); and the background's best. ``items``: the seeds as they are
    scored. Without a background only the first two are left.
    """
    own = median([points(weights, one) for one in items])
    left_out = [max(points(teacher.weights(rest), one), _FAINT * own) for one, rest in _left_out(bags, items)] or [
        _BLIND * own
    ]
    if not teacher.others:
        return _BLIND * math.sqrt(own * median(left_out))
    noise = sorted(points(weights, one) for one in teacher.others)
    tail = max(noise[min(len(noise) - 1, int(_TAIL * len(noise)))], _SILENT * own)
    return _BETWEEN * float(
        math.prod(view**share for view, share in zip((tail, own, median(left_out), min(left_out)), _VIEWS, strict=True))
    )


def _profile(
    seeds: Sequence[Seed], weights: Mapping[str, float], threshold: float, background: Background, name: str
) -> Draft:
    texts = [seed.whole for seed in seeds]
    written = surfaces(texts, weights)
    bags = [background.bag(seed.title, seed.text, _LONGEST) for seed in seeds]
    scale = THRESHOLD / threshold
    terms: list[Term] = []
    notes: Notes = {("threshold",): "points from which an entry matches"}
    for term, weight in weights.items():
        if abs(points_ := round(weight * scale, 2)) >= _WEAKEST:
            notes["terms", len(terms)] = origin(term, bags, background)
            terms.append(Term(term=written[term], weight=points_))
    profile = Profile(name=name, title=seeds[0].title[:200], threshold=THRESHOLD, terms=tuple(terms), digest=DIGEST)
    return Draft(profile, notes)
