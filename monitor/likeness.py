"""Finds which of many sets have much in common with another one, without comparing all with all. Pure.

Prefix filtering (Chaudhuri, Ganti and Kaushik, 2006): when k elements of a set of n must lie in another one, any
n - k + 1 of them hold at least one that does. The rarest of them lead to few sets that have nothing else in common.
Where thousands of sets are made after one pattern even those lead to nearly all: then the likeliest are looked at, and
no more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from math import ceil
from typing import Final, Generic, TypeVar

T = TypeVar("T", str, int)
MOST: Final = 200  # sets that one is compared with; news of two weeks on one topic leads to fewer
_ROUNDING: Final = 1e-9  # of a share: rather one element too many than one too few


def jaccard(one: frozenset[T], other: frozenset[T]) -> float:
    """The share of their elements that two sets have in common; 0 when both are empty."""
    common = len(one & other)
    return common / (len(one) + len(other) - common) if common else 0.0


def containment(one: frozenset[T], other: frozenset[T]) -> float:
    """The share of the smaller set that lies in the other; 0 when one is empty."""
    common = len(one & other)
    return common / min(len(one), len(other)) if common else 0.0


class Lookalikes(Generic[T]):
    """The sets added so far, to be asked which of them have a ``share`` of their elements in common with another.

    The share is one of both sets together (Jaccard); with ``contained`` it is one of the smaller set. Sets are named
    by their number in ``sets``.
    """

    def __init__(self, sets: Sequence[frozenset[T]], share: float, *, contained: bool = False) -> None:
        self._sets: Sequence[frozenset[T]] = sets
        self._share = share
        self._contained = contained
        self._uses: Counter[T] = Counter(element for each in sets for element in each)
        self._prefixes: defaultdict[T, list[int]] = defaultdict(list)
        self._whole: defaultdict[T, list[int]] = defaultdict(list)

    def add(self, number: int) -> None:
        """From now on set ``number`` is among those that are found."""
        for element in self._rarest(number):
            self._prefixes[element].append(number)
        if self._contained:
            for element in self._shared(self._sets[number]):
                self._whole[element].append(number)

    def like(self, number: int) -> set[int]:
        """Those added so far that are like set ``number``, as far as they are among the ``MOST`` likeliest."""
        one: frozenset[T] = self._sets[number]
        rarest: Collection[T] = self._rarest(number)
        if self._contained:
            found = _likeliest([*_lists(self._whole, rarest), *_lists(self._prefixes, self._shared(one))])
            return {each for each in found if containment(one, self._sets[each]) >= self._share}
        found = _likeliest(_lists(self._prefixes, rarest))
        return {each for each in found if jaccard(one, self._sets[each]) >= self._share}

    def _rarest(self, number: int) -> Collection[T]:
        """So many of the rarest elements that a set like this one holds one of them."""
        elements = self._sets[number]
        common = ceil(self._share * len(elements) - _ROUNDING)
        ranked = sorted(elements, key=lambda element: (self._uses[element], element))
        return self._shared(ranked[: len(elements) - common + 1])

    def _shared(self, elements: Iterable[T]) -> Collection[T]:
        """The elements that any other set holds too."""
        return [element for element in elements if self._uses[element] > 1]


def _lists(index: defaultdict[T, list[int]], elements: Iterable[T]) -> list[list[int]]:
    return [index[element] for element in elements if element in index]


def _likeliest(lists: list[list[int]]) -> set[int]:
    """What stands in the lists; of more than ``MOST`` what stands in the shortest, where a list is cut its end."""
    found: set[int] = set()
    for each in sorted(lists, key=len):
        room = MOST - len(found)
        if room <= 0:
            break
        found.update(each[-room:])
    return found
