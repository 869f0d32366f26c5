"""One automaton for the patterns of many owners (Aho-Corasick): all of them are found in one pass over a text."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import accumulate, islice
from operator import eq

from ahocorasick_rs import AhoCorasick, MatchKind

from monitor.text.fold import patterns

Owned = tuple[int, int, int]
"""Slot, start and end of a hit in the folded text."""

# An entry is a number of 40 bits: the owner, then the slot in its lowest 16.
_BITS = 16
_WIDE = 40
_SLOT = (1 << _BITS) - 1
_ENTRY = (1 << _WIDE) - 1


class PatternIndex:
    """Finds texts by their folded patterns and says whose they are; a pattern may have many owners."""

    def __init__(self, owners: Iterable[Iterable[Iterable[str]]]) -> None:
        """``owners``: for each owner the slots, each with the spellings of what is looked for."""
        spellings: dict[str, int] = {}
        uses = [
            spellings.setdefault(text, len(spellings)) << _WIDE | owner << _BITS | slot
            for owner, slots in enumerate(owners)
            for slot, texts in enumerate(slots)
            for text in texts
        ]
        folded = patterns(list(spellings))
        del spellings
        ranked = sorted({one for one in folded if one})  # sorted ones are built into a trie much faster
        self._automaton = AhoCorasick(ranked, matchkind=MatchKind.Standard, store_patterns=False)
        numbers = {one: number for number, one in enumerate(ranked)}
        ranks = [numbers.get(one, -1) for one in folded]
        size = len(ranked)
        del ranked, folded, numbers
        once = sorted([rank << _WIDE | use & _ENTRY for use in uses if (rank := ranks[use >> _WIDE]) >= 0])
        del uses, ranks
        if len(once) > 1 and any(map(eq, once, islice(once, 1, None))):  # two spellings of a slot that fold alike
            once = list(dict.fromkeys(once))
        # Whose each pattern is: its entries stand together, from starts[number] to starts[number + 1].
        counts = Counter([use >> _WIDE for use in once])
        self._entries = array("Q", [use & _ENTRY for use in once])
        self._starts = array("L", accumulate((counts[number] for number in range(size)), initial=0))

    def find(self, folded: str) -> dict[int, list[Owned]]:
        """The hits in a folded text by owner, in the order of their ends; overlapping ones too."""
        found: defaultdict[int, list[Owned]] = defaultdict(list)
        entries, starts = self._entries, self._starts
        for number, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            for entry in entries[starts[number] : starts[number + 1]]:
                found[entry >> _BITS].append((entry & _SLOT, start, end))
        return found

    def find_apart(self, folded: str) -> tuple[dict[int, Owned], dict[int, list[Owned]]]:
        """The same in two: the hit of each owner that has one only, as nearly all have, and the hits of the others."""
        single: dict[int, Owned] = {}
        several: dict[int, list[Owned]] = {}
        entries, starts, bits, slot = self._entries, self._starts, _BITS, _SLOT
        for number, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            for entry in entries[starts[number] : starts[number + 1]]:
                owner = entry >> bits
                if owner not in single:
                    single[owner] = (entry & slot, start, end)
                elif owner in several:
                    several[owner].append((entry & slot, start, end))
                else:
                    several[owner] = [single[owner], (entry & slot, start, end)]
        for owner in several:
            del single[owner]
        return single, several
