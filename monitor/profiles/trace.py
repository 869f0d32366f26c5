"""Which words of a text stand behind the points of its score, found by the rules by which they were counted.

Scoring only counts; whoever asks why pays for this second look.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import regex

from alerts.model import ScorePart
from monitor.profiles.atlas import bloc_places, codes
from monitor.profiles.evidence import is_close, matches, sort_hits
from monitor.profiles.index import Owned
from monitor.profiles.model import FIELDS, Term
from monitor.profiles.page import Page
from monitor.profiles.plan import Plan
from monitor.profiles.slots import NEAR, TERM
from monitor.text.fold import UNSPACED, fold_mapped

_LETTERS = rf"[^\s{UNSPACED}]*"
_BEHIND = regex.compile(_LETTERS)
_BEFORE = regex.compile(rf"(?r){_LETTERS}")

_Key = tuple[str, str, str]
"""Kind, label and field of a part."""

_Found = Iterator[tuple[int, int, str]]
"""The number of a concept or term, the field, and the words that stand there."""
_FOCUS, _SCRIPT = "focus", "script"
_ELSEWHERE = -1  # in place of the number of a concept: a country that is none of the profile's


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase as it first stands in a field, and how often it stands there."""

    text: str
    hits: int


Words = tuple[Word, ...]
"""What stands behind one part of a score, the most frequent first."""


class Tracer(Plan):
    """A compiled profile that says where it found what it counts."""

    def trace(self, page: Page, hits: Sequence[Owned], parts: Iterable[ScorePart]) -> tuple[Words, ...]:
        """The words behind each of ``parts``, which are those of the score of ``page``."""
        written = _Written(page)
        waiting = {key: list(texts.values()) for key, texts in self._found(page, written, hits).items()}
        traced: list[Words] = []
        for part in parts:
            others = part.kind == _FOCUS
            lists = waiting.get((part.kind, "" if others else part.label, part.field))
            texts = lists.pop(0) if lists else []
            if others:
                texts += _blocs(page, written, part)
            elif part.kind == _SCRIPT:
                texts = _lettered(page, self.profile.concepts[part.label].scripts)
            traced.append(_counted(texts))
        return tuple(traced)

    def _found(self, page: Page, written: _Written, hits: Sequence[Owned]) -> dict[_Key, dict[int, list[str]]]:
        """What stands behind the parts of a kind, label and field; by number, for two terms may have one label."""
        found: defaultdict[_Key, dict[int, list[str]]] = defaultdict(dict)
        _, names = sort_hits(page, hits, self._slots, self._fields)
        for number, place, text in self._names(page, written, names):
            known = number != _ELSEWHERE
            key = ("concept", self._concepts[number][0], FIELDS[place]) if known else (_FOCUS, "", "any")
            found[key].setdefault(number, []).append(text)
        terms = ("term", self._words(page, written, hits)), ("near", self._near(page, written, hits))
        for kind, some in (*terms, ("regex", self._expressions(page))):
            for number, place, text in sorted(some, key=lambda one: one[0]):  # in the order of the parts
                term = self.profile.terms[number]
                if term.field in (None, FIELDS[place]):
                    found[kind, term.label, FIELDS[place]].setdefault(number, []).append(text)
        return found

    def _names(self, page: Page, written: _Written, names: list[Owned]) -> _Found:
        """The names of the profile's concepts, and of other countries."""
        for foreign, (number, start, end) in self._sifted(page, names):
            if not foreign:
                yield self._slots[number][1], page.field(start), written.at(start, end)
            elif codes()[number] not in self._own and not page.roles.is_aside(start, end):
                yield _ELSEWHERE, page.field(start), written.at(start, end)

    def _words(self, page: Page, written: _Written, hits: Iterable[Owned]) -> _Found:
        """The words and phrases; of those that mind capitals, what fits."""
        exact: set[tuple[int, int]] = set()
        for slot, start, end in hits:
            kind, number, _ = self._slots[slot]
            place = page.field(start)
            if kind != TERM or not self._fields[place]:
                continue
            if self._special.get(number):
                exact.add((number, place))
            else:
                yield number, place, written.at(start, end)
        for number, place in exact:
            finder = self._special[number]
            found = finder.finditer(page.originals[place]) if finder else ()
            yield from ((number, place, match.group()) for match in found)

    def _near(self, page: Page, written: _Written, hits: Iterable[Owned]) -> _Found:
        """The first stretch in each field in which all words of a near stand."""
        stretches: defaultdict[tuple[int, int], dict[tuple[int, int], int]] = defaultdict(dict)
        for slot, start, end in hits:
            kind, number, word = self._slots[slot]
            place = page.field(start)
            if kind == NEAR and self._fields[place]:
                ends = stretches[number, place]
                ends[start, word] = max(end, ends.get((start, word), 0))
        for (number, place), ends in stretches.items():
            if stretch := _stretch(page.folded, sorted(ends), self.profile.terms[number]):
                yield number, place, written.at(stretch[0][0], ends[stretch[-1]])

    def _expressions(self, page: Page) -> _Found:
        """What a user's expressions match."""
        for number, finder in self._regexes.items():
            for place, (text, wanted) in enumerate(zip(page.originals, self._fields, strict=True)):
                found = islice(finder.finditer(text), matches(finder, text) if wanted else 0)
                yield from ((number, place, match.group()) for match in found)


class _Written:
    """The way from a folded page back to what was written."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._fields = [fold_mapped(text) for text in page.originals]
        self._begins = (0, *(bound + 1 for bound in page.bounds))

    def at(self, start: int, end: int) -> str:
        """The whole words behind ``folded[start:end]``, of which an open end may have found a part only."""
        place = self._page.field(start)
        field, begin = self._fields[place], self._begins[place]
        start, end = start - begin, end - begin
        before, behind = _BEFORE.match(field.text, 0, start), _BEHIND.match(field.text, end)
        if before and field.text[start] != " ":
            start = before.start()
        if behind and field.text[end - 1] != " ":
            end = behind.end()
        first, last = field.span(start, end)
        return field.original[first:last]


def _stretch(text: str, hits: Sequence[tuple[int, int]], term: Term) -> Sequence[tuple[int, int]]:
    """The hits of the first stretch in which all words of a near stand; none where they nowhere do.

    More hits are never less close, so that both ends of the stretch can be found by halving.
    """

    def close(first: int, last: int) -> bool:
        return is_close(text, hits[first:last], len(term.near), term.within)

    if not close(0, len(hits)):
        return ()
    last = bisect_left(range(len(hits)), True, key=lambda end: close(0, end))
    first = bisect_left(range(last), True, key=lambda start: not close(start, last))
    return hits[first - 1 : last]


def _blocs(page: Page, written: _Written, part: ScorePart) -> Iterator[str]:
    """The blocs of countries that ``part`` counts as other countries, as it does with all or none in the title."""
    if page.blocs and part.label.endswith(", ".join(page.blocs)):
        yield from (written.at(*span) for span in bloc_places(page.folded[: page.bounds[0]]))


def _lettered(page: Page, names: Iterable[str]) -> list[str]:
    """The first word in one of the scripts ``names``, by which a text implies a concept."""
    letters = "".join(rf"\p{{{name}}}" for name in names if name in page.scripts)
    return regex.findall(f"[{letters}]+", " ".join(page.originals))[:1]


def _counted(texts: Sequence[str]) -> Words:
    """Each word once, whatever its capitals, as it is first written."""
    plain = [" ".join(text.split()) for text in texts]
    first = {text.casefold(): text for text in reversed(plain)}
    return tuple(Word(first[key], hits) for key, hits in Counter(map(str.casefold, plain)).most_common())
