"""Weighted words and phrases from seeds: what they share and other news does not."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from monitor.profiles.corpus import Background, Bag
from monitor.profiles.score import TITLE, saturated

_BAG_SIZE = 60  # terms of a centroid
_PHRASE = 0.2  # a phrase of two counts for this much of its rarity: its words count already
_RARITY = 0.4  # power of the rarity by which a centroid's weights are sharpened
_SHARED = 0.5  # power of the share of seeds by which they are sharpened
_KEY_SHARED = 1.5  # the same for key phrases
_COMMON = 2.2  # rarity below which a word opens or closes no key phrase: one item in nine has it
_PLAIN = 6.0  # rarity below which a word is no key phrase by itself: one item in 400 has it
_CALENDAR = frozenset(
    """january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday today yesterday tomorrow""".split()
)
_ENOUGH = 8  # key phrases of two seeds, below which those of one seed count too


def centroid(
    bags: Sequence[tuple[Bag, float]], background: Background, size: int = _BAG_SIZE, *, level: bool = True
) -> dict[str, float]:
    """The weighted mean of seeds as words and pairs of words (Rocchio), for topics told by their words.

    Each seed is a vector of (1 + log frequency) × rarity and counts with its own weight. ``level``: vectors are brought
    to length 1, so that a text says the less by each of its words the more it has.
    """
    total = sum(weight for _, weight in bags)
    mean: dict[str, float] = defaultdict(float)
    for bag, weight in bags:
        vector = {
            term: (1 + math.log(TITLE * bag.title[term] + bag.body[term])) * background.rarity(term) * part(term)
            for term in bag.terms
            if term.count(" ") <= 1
        }
        length = math.sqrt(sum(value * value for value in vector.values())) if level else 1.0
        for term, value in vector.items():
            mean[term] += weight * value / (length or 1.0) / total
    share = held(bags)
    sharpened = {
        term: value * background.rarity(term) ** _RARITY * share[term] ** _SHARED for term, value in mean.items()
    }
    return _best(sharpened, size)


def held(bags: Sequence[tuple[Bag, float]]) -> dict[str, float]:
    """The share of texts that hold each term, each text counting with its own weight."""
    total = sum(weight for _, weight in bags)
    share: dict[str, float] = defaultdict(float)
    for bag, weight in bags:
        for term in bag.terms:
            share[term] += weight / total
    return share


def keyphrases(bags: Sequence[Bag], background: Background) -> dict[str, float]:
    """Words and phrases that several seeds share, by rarity × (share of seeds)^1.5, without parts of longer ones."""
    seeds = Counter(term for bag in bags for term in bag.terms)
    shared = {term: count for term, count in seeds.items() if count > 1 and _is_phrase(term, background)}
    if len(shared) < _ENOUGH:
        shared = {term: count for term, count in seeds.items() if _is_phrase(term, background)}
    whole = {term: count for term, count in shared.items() if not _is_part(term, shared)}
    weights = {term: background.rarity(term) * (count / len(bags)) ** _KEY_SHARED for term, count in whole.items()}
    return _best(weights, len(weights))


def points(weights: Mapping[str, float], bag: Bag) -> float:
    """What the matcher would give for these terms."""
    return sum(
        weights[term] * saturated(TITLE * bag.title[term] + bag.body[term]) for term in bag.terms if term in weights
    )


def part(term: str) -> float:
    """What a term counts for beside the words in it."""
    return _PHRASE if " " in term else 1.0


def _is_phrase(term: str, background: Background) -> bool:
    """Whether it neither begins nor ends with a common word, a number or a letter."""
    words = term.split(" ")
    if len(words) == 1 and background.rarity(term) < _PLAIN:
        return False
    return all(
        len(word) > 1 and not word.isdigit() and word not in _CALENDAR and background.rarity(word) > _COMMON
        for word in (words[0], words[-1])
    )


def _is_part(term: str, counts: Mapping[str, int]) -> bool:
    """Whether a longer phrase that as many seeds hold says it all."""
    inner = f" {term} "
    return any(inner in f" {other} " and count >= counts[term] for other, count in counts.items() if other != term)


def _best(weights: Mapping[str, float], size: int) -> dict[str, float]:
    ranked = sorted(
        ((value, term) for term, value in weights.items() if value > 0), key=lambda item: (-item[0], item[1])
    )
    return {term: value for value, term in ranked[:size]}
