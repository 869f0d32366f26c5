"""One automaton for the patterns of many owners (Aho-Corasick): all of them are found in one pass over a text."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate, chain, repeat
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from monitor.text.fold import patterns, unfinished

Owned = tuple[int, int, int]
"""Slot, start and end of a hit in the folded text."""

NAME, WORD, OTHER = range(3)
"""Kinds of slots: a name of what may be required, a word that counts by itself, and all others."""


class Uses:
    """What owners look for, while an index of it is made. Owners and their slots are numbers."""

    def __init__(self) -> None:
        self._sets: dict[int, Sequence[str]] = {}  # by identity, for to compare them takes long
        self._kinds = (_Wishes(), _Wishes(), _Wishes())

    def words(self, owner: int, slot: int, texts: Sequence[str], worths: Sequence[float]) -> None:
        """``owner`` looks for each of ``texts``, as slots from ``slot`` on. ``worths``: the most points each brings."""
        self._kinds[WORD].add(owner, range(slot, slot + len(texts)), texts, worths)
        if "*" in "".join(texts):
            for place, word in enumerate(map(unfinished, texts)):
                if word:
                    self._kinds[WORD].add(owner, (slot + place,), (word,), (worths[place],))

    def spellings(
        self, owner: int, slot: int, texts: Sequence[str], worth: float, *, kind: int, shared: Sequence[str] = ()
    ) -> None:
        """``owner`` looks for any of ``texts`` and of ``shared`` as one slot.

        ``shared`` is one object for many owners, as the names of a country are, and kept once.
        """
        wishes = self._kinds[kind]
        first = len(wishes.texts)
        texts = (*texts, *filter(None, map(unfinished, texts)))
        wishes.add(owner, repeat(slot, len(texts)), texts, repeat(worth, len(texts)))
        if shared:
            self._sets.setdefault(id(shared), shared)
            wishes.sets.append((len(wishes.texts), id(shared)))
            wishes.add(owner, (slot,), ("",), (worth,))
        if len(wishes.texts) > first + 1:
            wishes.spelt.append(range(first, len(wishes.texts)))

    def every(self) -> Iterable[str]:
        """All texts, some of them repeatedly."""
        return chain(*(wishes.texts for wishes in self._kinds), *self._sets.values())

    def table(self, ranks: Mapping[str, int], size: int) -> tuple[Table, dict[int, list[int]]]:
        """All uses by the number of their pattern, and the sets by the numbers of their patterns.

        ``ranks``: of each text the number of its pattern, below 0 where nothing is left of it. A set has a number from
        ``size`` on, as if it were a pattern.
        """
        sets: defaultdict[int, list[int]] = defaultdict(list)
        numbers = {each: size + number for number, each in enumerate(self._sets)}
        for each, texts in self._sets.items():
            for rank in {ranks[text] for text in texts}:
                sets[rank].append(numbers[each])
        found = [wishes.numbered(ranks, numbers, sets) for wishes in self._kinds]
        return self._sorted(found, size + len(numbers)), dict(sets)

    def _sorted(self, found: Sequence[Sequence[int]], size: int) -> Table:
        """A counting sort: it needs hardly more than what comes of it. ``found``: by kind the number of each use."""
        counts = Counter(chain(*found))
        starts = array("I", accumulate((counts[number] for number in range(size)), initial=0))
        del counts
        total, ends = starts[-1], starts[:]
        owners, slots, worths = array("I", [0]) * total, array("H", [0]) * total, array("d", [0.0]) * total
        names: dict[int, int] = {}
        others: dict[int, int] = {}
        for kind, (wishes, numbers) in enumerate(zip(self._kinds, found, strict=True)):
            if kind == OTHER:
                others = {number: ends[number] for number in numbers}
            for number, owner, slot, worth in zip(numbers, wishes.owners, wishes.slots, wishes.worths, strict=True):
                if number >= 0:
                    place = ends[number]
                    ends[number] = place + 1
                    owners[place], slots[place], worths[place] = owner, slot, worth
            if kind == NAME:
                names = {number: ends[number] for number in numbers}
        return Table(starts, names, others, owners, slots, worths)


class _Wishes:
    """Who looks for what, in columns."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.owners = array("I")
        self.slots = array("H")
        self.worths = array("d")
        self.sets: list[tuple[int, int]] = []  # places, and the set that stands there for a text
        self.spelt: list[range] = []  # places that may be one and the same: the spellings of a slot

    def add(self, owner: int, slots: Iterable[int], texts: Sequence[str], worths: Iterable[float]) -> None:
        """Enter ``texts``."""
        self.texts += texts
        self.owners.extend(repeat(owner, len(texts)))
        self.slots.extend(slots)
        self.worths.extend(worths)

    def numbered(
        self, ranks: Mapping[str, int], numbers: Mapping[int, int], sets: Mapping[int, Sequence[int]]
    ) -> list[int]:
        """By place the number of the pattern or set; -1 for nothing, and for what another spelling of a slot says too.

        ``numbers``: those of the sets; ``sets``: the numbers of the sets that hold a pattern.
        """
        found = [ranks[text] for text in self.texts]
        for place, each in self.sets:
            found[place] = numbers[each]
        for some in self.spelt:
            known = {found[some[-1]]}
            for place in some[:-1]:
                rank = found[place]
                if rank in known or not known.isdisjoint(sets.get(rank, ())):
                    found[place] = -1
                known.add(rank)
        return found


class Table(NamedTuple):
    """Whose each pattern or set is: its uses stand together, those of number n from ``starts[n]`` to ``starts[n + 1]``.

    Uses as a name come first, up to ``names[n]``; those that are neither names nor words come last, from ``others[n]``.
    """

    starts: array[int]
    names: Mapping[int, int]
    others: Mapping[int, int]
    owners: array[int]
    slots: array[int]
    worths: array[float]


class PatternIndex:
    """Finds texts by their folded patterns and says whose they are; a pattern may have many owners."""

    def __init__(self, uses: Uses) -> None:
        ranks = dict.fromkeys(uses.every(), -1)
        folded = patterns(list(ranks))
        ranked = sorted({one for one in folded if one})  # sorted ones are built into a trie much faster
        self._automaton = AhoCorasick(ranked, matchkind=MatchKind.Standard, store_patterns=False)
        numbers = dict(zip(ranked, range(len(ranked)), strict=True))
        ranks.update(zip(list(ranks), map(numbers.get, folded, repeat(-1)), strict=True))
        del folded, numbers
        self._table, self._sets = uses.table(ranks, len(ranked))

    def find(self, folded: str) -> Sightings:
        """What a folded text holds."""
        matches: list[Owned] = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        if self._sets:
            sets = self._sets
            matches += [(each, start, end) for n, start, end in matches if n in sets for each in sets[n]]
        return Sightings(matches, self._table)


class Sightings:
    """What was found in one text, by owner."""

    __slots__ = ("_grouped", "_matches", "_numbers", "_table")

    def __init__(self, matches: Sequence[Owned], table: Table) -> None:
        self._matches = matches
        self._numbers = {number for number, _, _ in matches}
        self._table = table
        self._grouped: Mapping[int, Sequence[Owned]] | None = None

    @property
    def owners(self) -> set[int]:
        """The owners of whom anything is found."""
        starts, owners = self._table.starts, self._table.owners
        found: set[int] = set()
        for number in self._numbers:
            found.update(owners[starts[number] : starts[number + 1]])
        return found

    @property
    def named(self) -> set[int]:
        """The owners of whom a name is found."""
        starts, ends, owners = self._table.starts, self._table.names, self._table.owners
        found: set[int] = set()
        for number in ends.keys() & self._numbers:
            found.update(owners[starts[number] : ends[number]])
        return found

    @property
    def others(self) -> set[int]:
        """The owners of whom something is found that is neither a name nor a word."""
        starts, begins, owners = self._table.starts, self._table.others, self._table.owners
        found: set[int] = set()
        for number in begins.keys() & self._numbers:
            found.update(owners[begins[number] : starts[number + 1]])
        return found

    def counts(self) -> Mapping[int, int]:
        """By owner, how many different texts of it are found."""
        starts, owners = self._table.starts, self._table.owners
        return Counter(chain.from_iterable([owners[starts[each] : starts[each + 1]] for each in self._numbers]))

    def reach(self, wanted: AbstractSet[int]) -> Mapping[int, float]:
        """Of some owners, the points that nothing found of them can pass."""
        starts, owners, worths = self._table.starts, self._table.owners, self._table.worths
        sums = dict.fromkeys(wanted, 0.0)
        for number in self._numbers:
            first, last = starts[number], starts[number + 1]
            for owner, worth in zip(owners[first:last], worths[first:last], strict=True):
                if owner in sums:
                    sums[owner] += worth
        return sums

    def of(self, owner: int) -> Sequence[Owned]:
        """The hits of an owner; those of all are sorted out when the first is asked for."""
        if self._grouped is None:
            self._grouped = self.only(None)
        return self._grouped.get(owner, ())

    def only(self, wanted: AbstractSet[int] | None) -> dict[int, list[Owned]]:
        """The hits of some owners, or of all."""
        starts, owners, slots = self._table.starts, self._table.owners, self._table.slots
        found: dict[int, list[Owned]] = {}
        for number, start, end in self._matches:
            first, last = starts[number], starts[number + 1]
            whose = owners[first:last]
            if wanted is not None and wanted.isdisjoint(whose):
                continue
            for owner, slot in zip(whose, slots[first:last], strict=True):
                if owner in found:
                    found[owner].append((slot, start, end))
                elif wanted is None or owner in wanted:
                    found[owner] = [(slot, start, end)]
        return found
