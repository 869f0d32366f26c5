"""The profile of a topic that is told by its words: weighted terms and a threshold, nothing required."""

from __future__ import annotations

import math
from collections.abc import Sequence

from monitor.profiles.corpus import Background, Bag, bag, surfaces
from monitor.profiles.draft import DIGEST, THRESHOLD, Draft, Notes, origin
from monitor.profiles.furniture import Seed
from monitor.profiles.model import Profile, Term
from monitor.profiles.terms import centroid, points

_LONGEST = 2
_KIN = 0.4  # share of a seed's own score from which an item of the background is taken for one on the topic
_KIN_MOST = 30
_KIN_WEIGHT = 0.4  # what such an item counts beside a seed
_TAIL = 0.99  # quantile of the background
_BLIND = 0.45  # the threshold's share of a seed's score when there is no background
_WEAKEST = 0.05

Weighed = list[tuple[Bag, float]]


def draft(seeds: Sequence[Seed], background: Background, name: str) -> Draft:
    """Terms by Rocchio's method, sharpened with items of the background that are plainly on the topic."""
    bags: Weighed = [(bag(seed.title, seed.text, _LONGEST), 1.0) for seed in seeds]
    others = [bag(*text, _LONGEST) for text in background.texts]
    kin = _kin(bags, background, others)
    bags += [(others[number], _KIN_WEIGHT) for number in kin[:_KIN_MOST]]
    rest = background.without(kin)
    weights = centroid(bags, rest)
    threshold = _threshold(bags, len(seeds), rest, [one for number, one in enumerate(others) if number not in kin])
    return _profile(seeds, weights, threshold, rest, name)


def _kin(bags: Weighed, background: Background, others: Sequence[Bag]) -> list[int]:
    """The numbers of the background's items that look like seeds, best first."""
    weights = centroid(bags, background)
    limit = _KIN * _median([points(weights, one) for one, _ in bags])
    scored = sorted(((points(weights, one), -number) for number, one in enumerate(others)), reverse=True)
    return [-number for value, number in scored[: 3 * _KIN_MOST] if value >= limit]


def _threshold(bags: Weighed, seeds: int, background: Background, others: Sequence[Bag]) -> float:
    """Between the background's best and what a seed scores when the profile is built without it (geometric mean)."""
    left_out = [
        points(centroid(bags[:number] + bags[number + 1 :], background), bags[number][0])
        for number in range(seeds if len(bags) > 1 else 0)
    ]
    weights = centroid(bags, background)
    high = _median(left_out) or _BLIND * _median([points(weights, one) for one, _ in bags[:seeds]])
    if not others:
        return _BLIND * high
    noise = sorted(points(weights, one) for one in others)
    tail = noise[min(len(noise) - 1, int(_TAIL * len(noise)))]
    return math.sqrt(max(tail, 1e-3 * high) * high)


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
        if (points_ := round(weight * scale, 2)) >= _WEAKEST:
            notes["terms", len(terms)] = origin(term, bags, background)
            terms.append(Term(term=written[term], weight=points_))
    profile = Profile(name=name, title=seeds[0].title[:200], threshold=THRESHOLD, terms=tuple(terms), digest=DIGEST)
    return Draft(profile, notes)


def _median(values: Sequence[float]) -> float:
    ranked = sorted(values)
    middle = len(ranked) // 2
    if not ranked:
        return 0.0
    return ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2
