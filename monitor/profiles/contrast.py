"""Which words tell the texts of a topic from other news: logistic regression, learnt from few texts against many.

It knows what a mean of the seeds does not: that of two words which always come together one is enough, and which words
speak for other news. Alone it believes too much in four seeds; half and half with their mean it finds more than either.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random

from monitor.profiles.corpus import Bag

_ROUNDS = 10  # stopping early is what keeps it from learning the seeds by heart
_PACE = 25.0
_SLOWER = 0.2  # each round learns less by this much
_MOST_TEXTS = 2000

_Vector = Mapping[str, float]


def contrast(
    topic: Sequence[tuple[Bag, float]], other: Sequence[Bag], worth: Callable[[str], float]
) -> dict[str, float]:
    """The weight of each word and pair of words, negative for what speaks against the topic.

    ``topic``: its texts, each with what it counts; ``other``: news on other matters; ``worth``: how telling a word is
    before anything is learnt. The topic counts as much as all other news together.
    """
    other = other[:: len(other) // _MOST_TEXTS + 1]
    total = sum(weight for _, weight in topic)
    lessons = [(_vector(bag, worth), 1.0, weight / total) for bag, weight in topic]
    lessons += [(_vector(bag, worth), 0.0, 1 / len(other)) for bag in other]
    weights: dict[str, float] = {}
    bias, random = -1.0, Random(0)
    for number in range(_ROUNDS):
        random.shuffle(lessons)
        pace = _PACE / (1 + number * _SLOWER)
        for vector, truth, share in lessons:
            believed = _logistic(bias + sum([weights.get(term, 0.0) * value for term, value in vector.items()]))
            step = (truth - believed) * share * pace
            bias += 0.3 * step
            for term, value in vector.items():
                weights[term] = weights.get(term, 0.0) + step * value
    return {term: weight * worth(term) for term, weight in weights.items()}


def _vector(bag: Bag, worth: Callable[[str], float]) -> _Vector:
    """The terms of a text, each by its worth, of length 1."""
    values = {term: worth(term) for term in bag.terms}
    length = math.sqrt(sum(value * value for value in values.values())) or 1.0
    return {term: value / length for term, value in values.items()}


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
