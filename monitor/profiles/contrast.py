"""Which words tell the texts of a topic from other news: logistic regression, learnt from few texts against many.

It knows what a mean of the seeds does not: that of two words which always come together one is enough, and which words
speak for other news. Alone it believes too much in four seeds; half and half with their mean it finds more than either.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import mul
from random import Random

from monitor.profiles.corpus import Bag

_ROUNDS = 10  # stopping early is what keeps it from learning the seeds by heart
_PACE = 25.0
_SLOWER = 0.2  # each round learns less by this much
_MOST_TEXTS = 2000

Worth = Callable[[str], float]
"""How telling a word is before anything is learnt."""
Vector = tuple[Sequence[str], Sequence[float]]
"""The terms of a text and the worth of each, of length 1."""


def contrast(topic: Sequence[tuple[Bag, float]], other: Sequence[Vector], worth: Worth) -> dict[str, float]:
    """The weight of each word and pair of words, negative for what speaks against the topic.

    ``topic``: its texts, each with what it counts; ``other``: news on other matters, at least one. The topic counts as
    much as all other news together.
    """
    total = sum(weight for _, weight in topic)
    lessons = [(_vector(bag, worth), 1.0, weight / total) for bag, weight in topic]
    lessons += [(vector, 0.0, 1 / len(other)) for vector in other]
    weights = dict.fromkeys((term for (terms, _), _, _ in lessons for term in terms), 0.0)
    bias, random = -1.0, Random(0)
    for number in range(_ROUNDS):
        random.shuffle(lessons)
        pace = _PACE / (1 + number * _SLOWER)
        for (terms, values), truth, share in lessons:
            believed = _logistic(bias + sum(map(mul, map(weights.__getitem__, terms), values)))
            step = (truth - believed) * share * pace
            bias += 0.3 * step
            for term, value in zip(terms, values, strict=True):
                weights[term] += step * value
    return {term: weight * worth(term) for term, weight in weights.items()}


def vectors(other: Sequence[Bag], worth: Worth) -> list[Vector]:
    """News on other matters as ``contrast`` takes it; of very many texts only some."""
    return [_vector(bag, worth) for bag in other[:: len(other) // _MOST_TEXTS + 1]]


def _vector(bag: Bag, worth: Worth) -> Vector:
    terms = tuple(bag.terms)
    values = [worth(term) for term in terms]
    length = math.sqrt(sum(value * value for value in values)) or 1.0
    return terms, [value / length for value in values]


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
