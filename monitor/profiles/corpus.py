"""Texts as bags of words and phrases, and what is common among other news."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby

import regex

from monitor.profiles.frequency import chance
from monitor.profiles.unspaced import Pieces, is_piece
from monitor.text.fold import fold, fold_mapped, pattern

LONGEST = 3
"""Words of the longest phrase."""

_BRACKETS = regex.compile(r"[()\[\]“”\"]")
_EDGES = ".,;:!?()[]\"“”‘’'«»"
_DEFAULT_LENGTH = 40.0  # words of an item when there is no background to measure
_NO_PIECES = Pieces()


@dataclass(frozen=True, slots=True)
class Bag:
    """How often each word and phrase stands in the title and in the rest of a text, folded."""

    title: Counter[str]
    body: Counter[str]
    length: int  # words

    @property
    def terms(self) -> frozenset[str]:
        """Everything in it."""
        return frozenset(self.title) | frozenset(self.body)


def bag(title: str, body: str, longest: int = LONGEST, pieces: Pieces = _NO_PIECES) -> Bag:
    """The words and phrases of a text; a phrase does not cross a line. ``pieces``: words of scripts without blanks."""
    heads, lines = fold(title), [fold(line) for line in body.split("\n")]
    count: Counter[str] = Counter()
    for line in lines:
        count.update(_terms(line, longest, pieces))
    length = sum(len(line.split()) for line in (heads, *lines))
    return Bag(Counter(_terms(heads, longest, pieces)), count, length)


def _terms(folded: str, longest: int, pieces: Pieces) -> Iterable[str]:
    words = folded.split()
    if folded.isascii():
        return phrases(words, longest)
    parts = [(unspaced, list(some)) for unspaced, some in groupby(words, is_piece)]
    return chain.from_iterable(
        chain.from_iterable(map(pieces.inside, some)) if unspaced else phrases(some, longest)
        for unspaced, some in parts
    )


def phrases(words: Sequence[str], longest: int = LONGEST) -> Iterable[str]:
    """The words and all phrases of up to ``longest`` words."""
    yield from words
    for size in range(2, longest + 1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])


def surfaces(texts: Iterable[str], terms: Iterable[str]) -> dict[str, str]:
    """For each folded term, how it is mostly written: in small letters unless it is always capitalised."""
    folded = [fold_mapped(line) for text in texts for line in text.split("\n")]
    found = {}
    for term in terms:
        forms: Counter[str] = Counter()
        needle = term if is_piece(term) else f" {term} "
        for one in folded:
            start = one.text.find(needle)
            while start >= 0:
                begin, end = one.span(start, start + len(needle))
                forms[" ".join(_BRACKETS.sub(" ", one.original[begin:end]).split()).strip(_EDGES)] += 1
                start = one.text.find(needle, start + 1)
        fitting = Counter({form: count for form, count in forms.items() if pattern(form) == needle})
        found[term] = _usual(fitting) if fitting else term
    return found


def _usual(forms: Counter[str]) -> str:
    small = Counter({form: count for form, count in forms.items() if form == form.lower()})
    return (small or forms).most_common(1)[0][0]


@dataclass(frozen=True)
class Background:
    """Other news: in how many of ``size`` texts each word and phrase stands, and how long a text is."""

    texts: tuple[tuple[str, str], ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    length: float = _DEFAULT_LENGTH
    pieces: Pieces = _NO_PIECES

    @classmethod
    def of(cls, items: Sequence[str], pieces: Pieces = _NO_PIECES) -> Background:
        """From texts whose first line is the title. ``pieces``: those of the seeds."""
        items = pieces.comparable(items)
        texts = tuple((title, body) for title, _, body in (item.partition("\n") for item in items))
        bags = [bag(*text, LONGEST, pieces) for text in texts]
        counts: Counter[str] = Counter()
        for one in bags:
            counts.update(one.terms)
        length = sum(one.length for one in bags) / len(bags) if bags else _DEFAULT_LENGTH
        return cls(texts, counts, max(length, 1.0), pieces)

    def bag(self, title: str, body: str, longest: int = LONGEST) -> Bag:
        """A text as a bag that can be compared with this background."""
        return bag(title, body, longest, self.pieces)

    @property
    def size(self) -> int:
        """How many texts."""
        return len(self.texts)

    def without(self, numbers: Iterable[int]) -> Background:
        """The same without some of its texts."""
        gone = frozenset(numbers)
        counts = Counter(self.counts)
        for number in gone:
            counts.subtract(self.bag(*self.texts[number]).terms)
        kept = tuple(text for number, text in enumerate(self.texts) if number not in gone)
        return Background(kept, counts, self.length, self.pieces)

    def rarity(self, term: str) -> float:
        """How little to be expected ``term`` is: minus the logarithm of its share of texts (natural, at least 0).

        The background's own count is mixed with what English at large suggests, which weighs like as many texts.
        """
        words = term.split(" ")
        likely = [chance(word, self.length) for word in words]
        prior = min(min(likely), math.prod(likely) * _COHESION ** (len(words) - 1))
        weight = max(self.size, _MINIMUM) * _PRIOR
        share = (max(self.counts[term], 0) + weight * prior) / (self.size + weight)
        return max(0.0, -math.log(max(min(share, 1.0), _RAREST)))

    def once_in(self, term: str) -> float:
        """In how many texts ``term`` is to be expected once."""
        return math.exp(self.rarity(term))


_PRIOR = 0.5  # how much English at large weighs against the background
_MINIMUM = 100  # texts: a smaller background weighs less against it
_COHESION = 3.0  # words of a phrase meet more often than by chance
_RAREST = 1e-6
