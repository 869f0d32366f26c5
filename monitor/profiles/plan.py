"""One profile made ready for matching: what it looks for as folded patterns, and how its hits become a score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from alerts.model import ScorePart
from monitor.model import Score
from monitor.profiles.countries import country
from monitor.profiles.model import FIELDS, Profile, Term
from monitor.profiles.page import Page
from monitor.profiles.score import field_parts, focus_part, implied_part
from monitor.text.fold import UNSPACED, Folded, pattern

Hit = tuple[int, int, int]
"""Slot, start and end in the folded text."""

_REGEX_SECONDS = 0.05
_REGEX_HITS = 20
_UNSPACED = regex.compile(rf"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class _Slot:
    """What a pattern stands for: its kind, and the number of the concept or term (and of the word in a near)."""

    kind: str  # concept | ignore | term | near | exclude
    index: int
    word: int = 0


class Plan:
    """A compiled profile."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.name = profile.name
        self.focus = profile.focus
        self._concepts = list(profile.concepts.items())
        self._required = [tuple(line) for line in profile.required()]
        self._anchors = {name for line in self._required for name in line}
        self._own = frozenset(concept.country for _, concept in self._concepts if concept.country)
        self._fields = tuple(name in profile.scope.fields for name in FIELDS)
        self._langs = frozenset(lang.partition("-")[0].lower() for lang in profile.scope.langs)
        self._feeds = frozenset(profile.scope.feeds)
        self._regexes = [(n, regex.compile(t.regex)) for n, t in enumerate(profile.terms) if t.regex]
        self.scripts = any(concept.scripts for _, concept in self._concepts)
        self.unanchored = bool(self._regexes) and not self._required
        self._slots: list[_Slot] = []
        self.patterns: list[tuple[int, str]] = []
        self._compile()
        self.zero = self._zero()

    # compiling --------------------------------------------------------------------------------
    def _compile(self) -> None:
        for number, (_, concept) in enumerate(self._concepts):
            found = country(concept.country) if concept.country else None
            self._add(_Slot("concept", number), [*concept.terms, *(found.names if found else ())])
            self._add(_Slot("ignore", number), [*concept.ignore, *(found.ignore if found else ())])
        for number, term in enumerate(self.profile.terms):
            if term.term:
                self._add(_Slot("term", number), [term.term])
            for place, word in enumerate(term.near):
                self._add(_Slot("near", number, place), [word])
        for number, phrase in enumerate(self.profile.exclude):
            self._add(_Slot("exclude", number), [phrase])

    def _add(self, slot: _Slot, texts: Iterable[str]) -> None:
        folded = {found for text in texts if (found := pattern(text))}
        if folded:
            self.patterns += [(len(self._slots), text) for text in sorted(folded)]
            self._slots.append(slot)

    def _zero(self) -> Score:
        missing = tuple(_lacking(line) for line in self._required)
        return Score(self.name, 0.0, self.profile.threshold, not missing, matched=False, missing=missing)

    # scoring ----------------------------------------------------------------------------------
    def score(self, page: Page, hits: Sequence[Hit], abroad: Sequence[Hit], countries: Sequence[str]) -> Score | None:
        """What the hits are worth; None when there is nothing after all."""
        concepts: list[Hit] = []
        terms: dict[int, list[float]] = defaultdict(lambda: [0, 0, 0])
        near: dict[int, list[tuple[int, int, int]]] = {}
        excluded: set[int] = set()
        for number, start, end in hits:
            slot = self._slots[number]
            place = page.field(start)
            if not self._fields[place]:
                continue
            if slot.kind == "term":
                terms[slot.index][place] += 1
            elif slot.kind == "near":
                near.setdefault(slot.index, []).append((start, end, slot.word))
            elif slot.kind == "exclude":
                excluded.add(slot.index)
            else:
                concepts.append((number, start, end))
        self._near(page, near, terms)
        self._cased(page, terms)
        mentions, others = self._mentions(page, concepts, abroad, countries)
        implied = self._implied(page, mentions) if self.scripts else set()
        if self._regexes and (not self._required or mentions):
            self._search(page, terms)
        if not (mentions or terms or excluded):
            return None
        parts = [*self._concept_parts(mentions, implied), *self._term_parts(terms)]
        if self.focus and mentions and others:
            parts += self._focus(mentions, others)
        return self._result(page, parts, set(mentions) | implied, excluded)

    def _result(self, page: Page, parts: list[ScorePart], found: set[int], excluded: set[int]) -> Score:
        names = {self._concepts[number][0] for number in found}
        missing = [_lacking(line) for line in self._required if not names.intersection(line)]
        missing += [f'excluded: "{self.profile.exclude[number]}"' for number in sorted(excluded)]
        if self._langs and page.lang and page.lang not in self._langs:
            missing.append(f"language out of scope: {page.lang}")
        if self._feeds and page.feed_url and page.feed_url not in self._feeds:
            missing.append("feed out of scope")
        value = sum(part.points for part in parts)
        matched = not missing and value >= self.profile.threshold
        instant = self.profile.instant
        return Score(
            profile=self.name,
            value=value,
            threshold=self.profile.threshold,
            eligible=not missing,
            matched=matched,
            parts=tuple(parts),
            missing=tuple(missing),
            concepts=tuple(sorted(names & self._anchors)),
            instant=matched and instant is not None and value >= instant,
        )

    def _mentions(
        self, page: Page, concepts: list[Hit], abroad: Sequence[Hit], countries: Sequence[str]
    ) -> tuple[dict[int, list[float]], dict[str, list[float]]]:
        """Mentions of concepts and of other countries by field; a name inside a longer one does not count."""
        mentions: dict[int, list[float]] = {}
        others: dict[str, list[float]] = {}
        named = [(start, -end, 0, number) for number, start, end in concepts]
        if self.focus and concepts:
            named += [(start, -end, 1, number) for number, start, end in abroad]
        reach, last = -1, (-1, -1)
        for start, minus_end, foreign, number in sorted(named):
            if -minus_end <= reach and (foreign or (start, minus_end) != last):
                continue
            reach, last = max(reach, -minus_end), (start, minus_end)
            place = page.field(start)
            if foreign:
                if (code := countries[number]) not in self._own:
                    others.setdefault(code, [0, 0, 0])[place] += 1
            elif (slot := self._slots[number]).kind == "concept":
                mentions.setdefault(slot.index, [0, 0, 0])[place] += 1
        return mentions, others

    def _near(self, page: Page, found: dict[int, list[tuple[int, int, int]]], terms: dict[int, list[float]]) -> None:
        for number, hits in found.items():
            term = self.profile.terms[number]
            for place in range(len(FIELDS)):
                here = sorted(hit for hit in hits if page.field(hit[0]) == place)
                if _close(page.folded, here, len(term.near), term.within):
                    terms[number][place] += 1

    def _cased(self, page: Page, terms: dict[int, list[float]]) -> None:
        for number in list(terms):
            term = self.profile.terms[number]
            if term.case and term.term:
                finder = regex.compile(
                    rf"(?<!\w){regex.escape(term.term.strip('*'))}" + ("" if term.term.endswith("*") else r"(?!\w)")
                )
                terms[number] = [float(len(finder.findall(text))) for text in page.originals]
            if term.field:
                terms[number] = [n if name == term.field else 0 for name, n in zip(FIELDS, terms[number], strict=True)]
            if not any(terms[number]):
                del terms[number]

    def _search(self, page: Page, terms: dict[int, list[float]]) -> None:
        for number, finder in self._regexes:
            wanted = self.profile.terms[number].field
            for place, text in enumerate(page.originals):
                if self._fields[place] and wanted in (None, FIELDS[place]) and (count := _count(finder, text)):
                    terms[number][place] += count

    def _implied(self, page: Page, mentions: dict[int, list[float]]) -> set[int]:
        return {
            number
            for number, (_, concept) in enumerate(self._concepts)
            if number not in mentions and concept.scripts and page.written_in(concept.scripts)
        }

    # parts ------------------------------------------------------------------------------------
    def _concept_parts(self, mentions: dict[int, list[float]], implied: set[int]) -> Iterator[ScorePart]:
        for number, (name, concept) in enumerate(self._concepts):
            if number in mentions:
                yield from field_parts("concept", name, concept.weight, mentions[number])
            elif number in implied:
                yield implied_part(name, concept.weight)

    def _term_parts(self, terms: dict[int, list[float]]) -> Iterator[ScorePart]:
        for number in sorted(terms):
            term = self.profile.terms[number]
            yield from field_parts(_kind(term), term.label, term.weight, terms[number])

    def _focus(self, mentions: dict[int, list[float]], others: dict[str, list[float]]) -> Iterator[ScorePart]:
        own = [tally for number, tally in mentions.items() if self._concepts[number][1].country]
        if own:
            names = [found.title for code in others if (found := country(code))]
            yield focus_part(self.focus, own, list(others.values()), names)

    # highlighting -----------------------------------------------------------------------------
    def spans(self, folded: Folded, hits: Iterable[Hit]) -> list[tuple[int, int]]:
        """The stretches of the original text behind the hits of names and positive terms, merged."""
        found = sorted(folded.span(start, end) for number, start, end in hits if self._shows(self._slots[number]))
        merged: list[tuple[int, int]] = []
        for start, end in found:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif end > start:
                merged.append((start, end))
        return merged

    def _shows(self, slot: _Slot) -> bool:
        if slot.kind == "concept":
            return True
        return slot.kind in ("term", "near") and self.profile.terms[slot.index].weight > 0


def _kind(term: Term) -> str:
    if term.near:
        return "near"
    return "regex" if term.regex else "term"


def _lacking(line: Sequence[str]) -> str:
    return f"names no {line[0]}" if len(line) == 1 else f"names neither {' nor '.join(line)}"


def _close(text: str, hits: list[tuple[int, int, int]], wanted: int, within: int) -> bool:
    """Whether all of the words stand within ``within`` words; in scripts without blanks two letters are a word."""
    for place, (start, _, _) in enumerate(hits):
        seen: set[int] = set()
        for begin, end, word in hits[place:]:
            between = text[start:begin].strip()
            if between.count(" ") + len(_UNSPACED.findall(between)) // 2 > within:
                break
            seen.add(word)
            if len(seen) == wanted:
                return True
            del end
    return False


def _count(finder: regex.Pattern[str], text: str) -> int:
    """How often a user's expression is found; 0 when it takes too long, as a runaway pattern does."""
    count = 0
    try:
        for _ in finder.finditer(text, timeout=_REGEX_SECONDS):
            count += 1
            if count == _REGEX_HITS:
                break
    except TimeoutError:
        return 0
    return count
