"""One automaton for the patterns of many owners (Aho-Corasick): all of them are found in one pass over a text."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate, chain, repeat
from operator import itemgetter
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from monitor.text.fold import patterns

Owned = tuple[int, int, int]
"""Slot, start and end of a hit in the folded text."""

NAME, WORD, OTHER = range(3)
"""Kinds of slots: a name of what may be required, a word that counts by itself, and all others."""

_KINDS: Final = 4  # room for them beside the number of a pattern


class Uses:
    """What owners look for, while an index of it is made. Owners and their slots are numbers."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._kinds = bytearray()
        self._owners = array("L")
        self._slots = array("H")
        self._worths = array("d")
        self._sets: dict[int, Sequence[str]] = {}  # by identity, for to compare them takes long
        self._in_sets: list[tuple[int, int]] = []  # a use, and the set that it is one of
        self._spelt: list[range] = []  # uses that may be one and the same

    def words(self, owner: int, slot: int, texts: Sequence[str], worths: Iterable[float]) -> None:
        """``owner`` looks for each of ``texts``, as slots from ``slot`` on. ``worths``: the most points each brings."""
        self._add(owner, WORD, range(slot, slot + len(texts)), texts)
        self._worths.extend(worths)

    def spellings(
        self, owner: int, slot: int, texts: Sequence[str], worth: float, *, kind: int, shared: Sequence[str] = ()
    ) -> None:
        """``owner`` looks for any of ``texts`` and of ``shared`` as one slot.

        ``shared`` is one object for many owners, as the names of a country are, and kept once.
        """
        if not texts and not shared:
            return
        first = len(self._texts)
        self._add(owner, kind, repeat(slot, len(texts)), texts)
        if shared:
            self._sets.setdefault(id(shared), shared)
            self._in_sets.append((len(self._texts), id(shared)))
            self._add(owner, kind, (slot,), ("",))
        self._worths.extend(repeat(worth, len(self._texts) - first))
        if len(self._texts) > first + 1:
            self._spelt.append(range(first, len(self._texts)))

    def _add(self, owner: int, kind: int, slots: Iterable[int], texts: Sequence[str]) -> None:
        self._texts += texts
        self._kinds += bytes((kind,)) * len(texts)
        self._owners.extend(repeat(owner, len(texts)))
        self._slots.extend(slots)

    def every(self) -> list[str]:
        """All texts, each once."""
        return list(dict.fromkeys(chain(self._texts, *self._sets.values())))

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
        found = [ranks[text] for text in self._texts]
        for use, each in self._in_sets:
            found[use] = numbers[each]
        for some in self._spelt:
            _drop_doubles(found, some, sets)
        return self._table(found, size + len(numbers)), dict(sets)

    def _table(self, found: Sequence[int], size: int) -> Table:
        """``found``: by use the number of its pattern or set, of which there are ``size``; -1 leaves it out."""
        keys = [number * _KINDS + kind for number, kind in zip(found, self._kinds, strict=True)]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        del order[: found.count(-1)]
        counts = Counter(found)
        starts = array("L", accumulate(map(counts.get, range(size), repeat(0)), initial=0))
        names: dict[int, int] = {}
        others: dict[int, int] = {}
        for key, count in Counter([key for key in keys if key >= 0 and key % _KINDS != WORD]).items():
            number, kind = divmod(key, _KINDS)
            if kind == NAME:
                names[number] = starts[number] + count
            else:
                others[number] = starts[number + 1] - count
        columns = self._owners, self._slots, self._worths
        take = itemgetter(*order) if len(order) > 1 else lambda column: [column[place] for place in order]
        return Table(starts, names, others, *(array(one.typecode, take(one)) for one in columns))


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


def _drop_doubles(found: list[int], some: range, sets: Mapping[int, Sequence[int]]) -> None:
    """Of the spellings of one slot take out those that fold like another, or like one of its set."""
    known = {found[some[-1]]}
    for use in some[:-1]:
        rank = found[use]
        if rank in known or not known.isdisjoint(sets.get(rank, ())):
            found[use] = -1
        known.add(rank)


class PatternIndex:
    """Finds texts by their folded patterns and says whose they are; a pattern may have many owners."""

    def __init__(self, uses: Uses) -> None:
        texts = uses.every()
        folded = patterns(texts)
        ranked = sorted({one for one in folded if one})  # sorted ones are built into a trie much faster
        self._automaton = AhoCorasick(ranked, matchkind=MatchKind.Standard, store_patterns=False)
        numbers = {one: number for number, one in enumerate(ranked)}
        ranks = dict(zip(texts, map(numbers.get, folded, repeat(-1)), strict=True))
        size = len(ranked)
        del texts, folded, ranked, numbers
        self._table, self._sets = uses.table(ranks, size)

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
