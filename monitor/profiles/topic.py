"""The profile of a topic that is told by its words: weighted terms and a threshold, nothing required."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from monitor.profiles.contrast import contrast
from monitor.profiles.corpus import Background, Bag, bag, surfaces
from monitor.profiles.draft import DIGEST, THRESHOLD, Draft, Notes, origin
from monitor.profiles.furniture import Seed
from monitor.profiles.model import Profile, Term
from monitor.profiles.terms import centroid, part, points

_LONGEST = 2
_KIN = 0.4  # share of a seed's own score from which an item of the background is taken for one on the topic
_KIN_MOST = 30
_KIN_WEIGHT = 0.4  # what such an item counts beside a seed
_ENOUGH = 50  # items of the background, below which it teaches nothing about other news
_TERMS, _AGAINST = 120, 40  # terms that speak for the topic, and against it
_TAIL = 0.99  # quantile of the background
_VIEWS = (0.2, 0.3, 0.3, 0.2)  # what each view of the threshold counts
_BETWEEN = 0.65  # the threshold's share of their mean
_FAINT, _SILENT = 0.1, 1e-3  # the least that a seed left out, and the background, count for beside what a seed scores
_BLIND = 0.45  # the same when there is no background
_WEAKEST = 0.05

Weighed = list[tuple[Bag, float]]


def draft(seeds: Sequence[Seed], background: Background, name: str) -> Draft:
    """Terms of the seeds and of items of the background that are plainly on the topic, and a threshold."""
    bags: Weighed = [(bag(seed.title, seed.text, _LONGEST), 1.0) for seed in seeds]
    others = [bag(*text, _LONGEST) for text in background.texts]
    kin = _kin(bags, background, others)
    bags += [(others[number], _KIN_WEIGHT) for number in kin[:_KIN_MOST]]
    known = frozenset(kin)
    teacher = _Teacher(background.without(kin), [one for number, one in enumerate(others) if number not in known])
    return _profile(seeds, teacher.weights(bags), _threshold(bags, seeds, teacher), teacher.background, name)


@dataclass(frozen=True, slots=True)
class _Teacher:
    """What is not on the topic: the background and its items as bags."""

    background: Background
    others: Sequence[Bag]

    def weights(self, bags: Weighed) -> dict[str, float]:
        """Half by Rocchio's method, half by what tells the topic from other news."""
        if len(self.others) < _ENOUGH:
            return centroid(bags, self.background)
        rarities: dict[str, float] = {}

        def worth(term: str) -> float:
            if term not in rarities:
                rarities[term] = self.background.rarity(term) * part(term)
            return rarities[term]

        mean, learnt = centroid(bags, self.background, _TERMS), contrast(bags, self.others, worth)
        mean_total = sum(mean.values()) or 1.0
        learnt_total = sum(value for value in learnt.values() if value > 0) or 1.0
        both = {term: mean.get(term, 0.0) / mean_total + learnt.get(term, 0.0) / learnt_total for term in mean | learnt}
        ranked = sorted(both, key=lambda term: (-both[term], term))
        return {
            term: both[term]
            for term in (*ranked[:_TERMS], *ranked[max(_TERMS, len(ranked) - _AGAINST) :])
            if both[term] > 0 or learnt.get(term, 0.0) < 0
        }


def _kin(bags: Weighed, background: Background, others: Sequence[Bag]) -> list[int]:
    """The numbers of the background's items that look like seeds, best first."""
    weights = centroid(bags, background)
    limit = _KIN * median([points(weights, one) for one, _ in bags])
    scored = sorted(((points(weights, one), -number) for number, one in enumerate(others)), reverse=True)
    return [-number for value, number in scored[: 3 * _KIN_MOST] if value >= limit]


def _threshold(bags: Weighed, seeds: Sequence[Seed], teacher: _Teacher) -> float:
    """Between what seeds and other news score: a geometric mean of four views, so that no view's mistake is the whole.

    What seeds score in their own profile; what they score when the profile is built without them, the median and the
    weakest (seeds that differ speak for a wide topic); and the background's best. Seeds are scored as items look: title
    and beginning.
    """
    length = int(teacher.background.length)
    items = [bag(seed.title, " ".join(seed.text.split()[:length]), _LONGEST) for seed in seeds]
    weights = teacher.weights(bags)
    own = median([points(weights, one) for one in items])
    if not teacher.others:
        return _BLIND * own
    left_out = [
        max(points(teacher.weights(bags[:number] + bags[number + 1 :]), one), _FAINT * own)
        for number, one in enumerate(items if len(bags) > 1 else ())
    ] or [_BLIND * own]
    noise = sorted(points(weights, one) for one in teacher.others)
    tail = max(noise[min(len(noise) - 1, int(_TAIL * len(noise)))], _SILENT * own)
    return _BETWEEN * float(
        math.prod(view**share for view, share in zip((tail, own, median(left_out), min(left_out)), _VIEWS, strict=True))
    )


def _profile(
    seeds: Sequence[Seed], weights: dict[str, float], threshold: float, background: Background, name: str
) -> Draft:
    texts = [seed.whole for seed in seeds]
    written = surfaces(texts, weights)
    bags = [bag(seed.title, seed.text, _LONGEST) for seed in seeds]
    scale = THRESHOLD / threshold
    terms: list[Term] = []
    notes: Notes = {("threshold",): "points from which an entry matches"}
    for term, weight in weights.items():
        if abs(points_ := round(weight * scale, 2)) >= _WEAKEST:
            notes["terms", len(terms)] = origin(term, bags, background)
            terms.append(Term(term=written[term], weight=points_))
    profile = Profile(name=name, title=seeds[0].title[:200], threshold=THRESHOLD, terms=tuple(terms), digest=DIGEST)
    return Draft(profile, notes)
