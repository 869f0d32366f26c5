"""What was found of one profile in one text, sorted: mentions of concepts, hits of terms, what excludes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import regex

from monitor.profiles.index import Owned
from monitor.profiles.model import FIELDS, Term
from monitor.profiles.page import Page
from monitor.profiles.slots import CONCEPT, EXCLUDE, NEAR, TERM, Slot
from monitor.text.fold import UNSPACED

Tally = list[int]
"""Hits in the title, the summary and the content."""

Mention = tuple[int | None, str, int, int]
"""A country's name: the concept, or None for a country that is none of the profile's; its code; its start and end."""

_REGEX_SECONDS = 0.05
_REGEX_HITS = 20
_UNSPACED = regex.compile(rf"[{UNSPACED}]")


@dataclass(slots=True)
class Evidence:
    """Tallies by the number of the concept or term; ``abroad``: of other countries, by code.

    ``mentions``: all countries where they are named, in their order.
    """

    concepts: dict[int, Tally] = field(default_factory=dict)
    terms: dict[int, Tally] = field(default_factory=dict)
    near: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # start and word of each hit
    excluded: set[int] = field(default_factory=set)
    implied: set[int] = field(default_factory=set)
    abroad: dict[str, Tally] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)

    @property
    def mentioned(self) -> list[int]:
        """The concepts that are named or implied."""
        return sorted(self.concepts.keys() | self.implied)

    def __bool__(self) -> bool:
        return bool(self.concepts or self.terms or self.excluded)


def sort_hits(
    page: Page, hits: Iterable[Owned], slots: Sequence[Slot], fields: Sequence[bool]
) -> tuple[Evidence, list[Owned]]:
    """The evidence of a profile's hits in the fields of its scope, and the hits of names, still to be sifted."""
    evidence = Evidence()
    names: list[Owned] = []
    first, second = page.bounds
    for hit in hits:
        number, start, _ = hit
        place = 0 if start < first else 1 if start < second else 2
        if not fields[place]:
            continue
        kind, index, word = slots[number]
        if kind == TERM:
            count(evidence.terms, index, place)
        elif kind == NEAR:
            evidence.near.setdefault(index, []).append((start, word))
        elif kind == EXCLUDE:
            evidence.excluded.add(index)
        else:
            names.append(hit)
    return evidence, names


def count(tallies: dict[int, Tally], key: int, place: int) -> None:
    """Add a hit."""
    tally = tallies.get(key)
    if tally is None:
        tally = tallies[key] = [0, 0, 0]
    tally[place] += 1


def sift_names(names: Iterable[Owned], slots: Sequence[Slot], abroad: Iterable[Owned]) -> list[tuple[int, Owned]]:
    """The hits that stand: those inside a longer one are gone. With 0 for a concept of the profile, 1 for abroad.

    Hits of what a profile ignores hide what they contain and are gone too.
    """
    ranked = sorted(
        [(start, -end, 0, number) for number, start, end in names]
        + [(start, -end, 1, number) for number, start, end in abroad]
    )
    standing: list[tuple[int, Owned]] = []
    reach, last = -1, (-1, -1)
    for start, minus_end, foreign, number in ranked:
        same = (start, minus_end) == last
        if -minus_end <= reach and (foreign or not same):
            continue
        reach, last = max(reach, -minus_end), (start, minus_end)
        if foreign or slots[number][0] == CONCEPT:
            standing.append((foreign, (number, start, -minus_end)))
    return standing


def find_near(page: Page, evidence: Evidence, terms: Sequence[Term]) -> None:
    """Count the fields in which all words of a near stand near each other."""
    for number, hits in evidence.near.items():
        term = terms[number]
        for place in range(len(FIELDS)):
            here = sorted(hit for hit in hits if page.field(hit[0]) == place)
            if is_close(page.folded, here, len(term.near), term.within):
                count(evidence.terms, number, place)


def keep_exact(
    page: Page, evidence: Evidence, terms: Sequence[Term], special: Mapping[int, regex.Pattern[str] | None]
) -> None:
    """Of terms that mind capitals or a field, keep only the hits that fit. ``special``: their numbers and finders."""
    for number, finder in special.items():
        tally = evidence.terms.get(number)
        if tally is None:
            continue
        if finder is not None:
            tally = [len(finder.findall(text)) if hits else 0 for text, hits in zip(page.originals, tally, strict=True)]
        wanted = terms[number].field
        tally = [hits if wanted in (None, name) else 0 for name, hits in zip(FIELDS, tally, strict=True)]
        if any(tally):
            evidence.terms[number] = tally
        else:
            del evidence.terms[number]


def search(page: Page, evidence: Evidence, number: int, finder: regex.Pattern[str], fields: Sequence[bool]) -> None:
    """Count the matches of a user's expression in the text as it is written."""
    tally = [matches(finder, text) if wanted else 0 for text, wanted in zip(page.originals, fields, strict=True)]
    if any(tally):
        evidence.terms[number] = tally


def matches(finder: regex.Pattern[str], text: str) -> int:
    """How often an expression is found; 0 when that takes too long, as with one that runs away."""
    found = 0
    try:
        for _ in finder.finditer(text, timeout=_REGEX_SECONDS):
            found += 1
            if found == _REGEX_HITS:
                break
    except TimeoutError:
        return 0
    return found


def is_close(text: str, hits: Sequence[tuple[int, int]], wanted: int, within: int) -> bool:
    """Whether all words stand within ``within`` words; in scripts without blanks two letters are a word."""
    for place, (start, _) in enumerate(hits):
        seen: set[int] = set()
        for begin, word in hits[place:]:
            between = text[start:begin].strip()
            if between.count(" ") + len(_UNSPACED.findall(between)) // 2 > within:
                break
            seen.add(word)
            if len(seen) == wanted:
                return True
    return False
