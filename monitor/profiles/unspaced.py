"""The words of scripts that set no blank between them, as far as seeds show them: what comes again in other company.

No dictionary and no model. Japanese parts itself by its scripts: hiragana is grammar, what stands between is words. Of
all scripts those stretches are taken that stand in several seeds. A stretch is made of whole syllables, so that no mark
or vowel is torn off, and is left out where a longer one says the same or a shorter one is what really comes again.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import regex

from monitor.text.fold import UNSPACED, fold

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick

_LEADING = "\u0e40-\u0e44\u0ec0-\u0ec4"  # vowels of Thai and Lao that are written before their consonant
_FOLLOWING = "\u0e2f\u0e30\u0e32\u0e45\u0e46\u0eaf\u0eb0\u0eb2\u0ebd\u0ec6"  # and behind it
_STACKING = "\u1039\u17d2"  # signs of Myanmar and Khmer that set the next consonant below
_SYLLABLE = regex.compile(
    rf"[\p{{Katakana}}ー]+|[{_LEADING}]*[^{_LEADING}](?:[{_STACKING}]\p{{Lo}}|\p{{M}}|[{_FOLLOWING}])*"
)
_GRAMMAR = regex.compile(r"[\p{Hiragana}]+")
_IDEOGRAPHS = "\u2e80"  # from here on a letter is a syllable or a word; before, they are letters of alphabets
_LETTERS, _SIGNS = 4, 2  # of a piece, at least
_LONGEST = 16  # syllables
_WORD = 6  # syllables of what stands alone between two stretches of grammar
_ENOUGH = 8  # pieces of two seeds, below which those that one seed holds twice count too
_READ = 5_000  # characters of a seed

_unspaced = re.compile(f"[{UNSPACED}]")


def is_piece(term: str) -> bool:
    """Whether a folded word is of a script without blanks."""
    return _unspaced.match(term) is not None


def signs(term: str) -> int:
    """How many signs a piece has; two letters of an alphabet count for one."""
    return len(term) if term >= _IDEOGRAPHS else len(term) // 2


@dataclass(frozen=True)
class Pieces:
    """The pieces that stand for words; nothing where the seeds are written with blanks.

    ``alone``: more than half of every seed is in such scripts.
    """

    found: tuple[str, ...] = ()
    alone: bool = False

    @classmethod
    def of(cls, seeds: Sequence[str]) -> Pieces:
        """The pieces of seeds, given as texts; a seed that has none of them is taken as it is written."""
        runs = [[run for run in fold(seed[:_READ]).split() if is_piece(run)] for seed in seeds]
        if not any(runs):
            return cls()
        alone = all(2 * sum(map(len, some)) > len(fold(seed[:_READ])) for some, seed in zip(runs, seeds, strict=True))
        found = _pieces(runs)
        bare = (some for some in runs if not any(piece in run for run in some for piece in found))
        return cls(tuple(sorted(found.union(*bare))), alone)

    def inside(self, run: str) -> Iterator[str]:
        """The pieces in a run of letters, each as often as the matcher would find it."""
        if self.found:
            for number, _, _ in self._finder.find_matches_as_indexes(run, overlapping=True):
                yield self.found[number]

    @cached_property
    def _finder(self) -> AhoCorasick:
        from ahocorasick_rs import AhoCorasick

        return AhoCorasick(self.found)

    def comparable(self, items: Iterable[str]) -> list[str]:
        """The items that can be told from the seeds by their words: not those in other scripts."""
        return [item for item in items if not self.alone or _unspaced.search(item)]


def _pieces(runs: Sequence[Sequence[str]]) -> set[str]:
    """What of the runs of each seed is taken for a word."""
    counts: Counter[str] = Counter()
    seeds: defaultdict[str, set[int]] = defaultdict(set)
    words: set[str] = set()
    for number, run in ((number, run) for number, some in enumerate(runs) for run in some):
        parted = [stretch for stretch in _GRAMMAR.split(run) if stretch]
        for syllables in map(_SYLLABLE.findall, parted):
            counts.update(found := list(_stretches(syllables)))
            for piece in found:
                seeds[piece].add(number)
        if parted != [run]:
            words.update(stretch for stretch in parted if len(_SYLLABLE.findall(stretch)) <= _WORD)
    shared = {piece for piece, where in seeds.items() if len(where) > 1 and _is_long(piece)}
    if len(shared) < _ENOUGH:
        shared |= {piece for piece, count in counts.items() if count > 1 and _is_long(piece)}
    return set(filter(_is_long, words)) | _telling(shared, counts)


def _stretches(syllables: Sequence[str]) -> Iterator[str]:
    for start in range(len(syllables)):
        for end in range(start + 1, min(start + _LONGEST, len(syllables)) + 1):
            yield "".join(syllables[start:end])


def _is_long(piece: str) -> bool:
    return len(piece) >= (_SIGNS if piece >= _IDEOGRAPHS else _LETTERS)


def _telling(pieces: set[str], counts: Counter[str]) -> set[str]:
    """Pieces without those that only ever stand in a longer one, and those that are a word and a torn-off syllable.

    The longest are no words but a part of what several seeds say alike.
    """
    left: set[str] = set(pieces)
    for piece in pieces:
        syllables = _SYLLABLE.findall(piece)
        shorter = [("".join(part), len(part)) for part in (syllables[1:], syllables[:-1])]
        left.difference_update(part for part, _ in shorter if counts[part] == counts[piece])
        torn = any(size > 1 and counts[part] >= 2 * counts[piece] for part, size in shorter)
        if torn or len(syllables) == _LONGEST:
            left.discard(piece)
    return left
