"""One profile made ready: how its hits in a text become a score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import regex

from alerts.model import ScorePart
from monitor.model import Score
from monitor.profiles.atlas import codes
from monitor.profiles.evidence import Evidence, count, find_near, keep_exact, search, sift_names, sort_hits
from monitor.profiles.focus import Focus
from monitor.profiles.index import Owned
from monitor.profiles.model import FIELDS, Profile, Term
from monitor.profiles.page import Page
from monitor.profiles.score import field_parts, implied_part
from monitor.profiles.slots import CONCEPT, NEAR, TERM, Slot, slots


def zero(profile: Profile) -> Score:
    """The score of a text in which nothing of a profile is found."""
    missing = tuple(map(_unnamed, profile.required()))
    return Score(profile.name, 0.0, profile.threshold, not missing, matched=False, missing=missing)


class Plan:
    """A compiled profile."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._concepts = list(profile.concepts.items())
        self._required = list(profile.required())
        self._fields = tuple(name in profile.scope.fields for name in FIELDS)
        self._special: dict[int, regex.Pattern[str] | None] = {}
        self._regexes: dict[int, regex.Pattern[str]] = {}
        for number, term in enumerate(profile.terms):
            if term.regex is not None:
                self._regexes[number] = regex.compile(term.regex)
            if term.case or term.field is not None:
                self._special[number] = _finder(term)
        self._focus = Focus(profile)
        self._scripts = {n: one.scripts for n, (_, one) in enumerate(self._concepts) if one.scripts}

    @cached_property
    def _slots(self) -> tuple[Slot, ...]:
        return tuple(slots(self.profile))

    @cached_property
    def _needs(self) -> list[int]:
        """For each slot the lines of ``require`` that a hit of it leaves open, as bits."""
        return [~self._lines_of(self._concepts[index][0]) if kind == CONCEPT else -1 for kind, index, _ in self._slots]

    @cached_property
    def _every_line(self) -> int:
        return (1 << len(self._required)) - 1

    @cached_property
    def _implied_lines(self) -> int:
        """The lines that a script may meet."""
        lines = 0
        for name in (self._concepts[number][0] for number in self._scripts):
            lines |= self._lines_of(name)
        return lines

    def _lines_of(self, concept: str) -> int:
        """The lines of ``require`` that name a concept, as bits."""
        return sum(1 << number for number, line in enumerate(self._required) if concept in line)

    @cached_property
    def _own(self) -> frozenset[str]:
        """The countries among the concepts."""
        return frozenset(self._focus.countries.values())

    @cached_property
    def _anchors(self) -> frozenset[str]:
        """The required concepts."""
        return frozenset(name for line in self._required for name in line)

    def may_match(self, page: Page, hits: Iterable[Owned]) -> bool:
        """Whether every line of ``require`` may be met: one of its concepts is hit, or a script may imply it."""
        needs, foreign = self._needs, not page.folded.isascii()
        open_lines = self._every_line & ~self._implied_lines if foreign else self._every_line
        for slot, _, _ in hits:
            open_lines &= needs[slot]
        return not open_lines

    def score(self, page: Page, hits: Iterable[Owned]) -> Score | None:
        """What the hits are worth; None when nothing stands after all."""
        evidence, names = sort_hits(page, hits, self._slots, self._fields)
        if evidence.near:
            find_near(page, evidence, self.profile.terms)
        evidence.implied.update(number for number, scripts in self._scripts.items() if page.written_in(scripts))
        if names or (self._scripts and not page.folded.isascii()):
            self._count_names(page, evidence, names)
        if self._regexes and (evidence.concepts or not self._required):
            for number, finder in self._regexes.items():
                search(page, evidence, number, finder, self._fields)
        if self._special:
            keep_exact(page, evidence, self.profile.terms, self._special)
        if not evidence:
            return None
        return self._score(page, tuple(self._parts(page, evidence)), evidence)

    def _count_names(self, page: Page, evidence: Evidence, names: list[Owned]) -> None:
        countries = self._focus.countries
        for foreign, (number, start, end) in self._sifted(page, names):
            if not foreign:
                concept = self._slots[number][1]
                count(evidence.concepts, concept, page.field(start))
                if concept in countries:
                    evidence.mentions.append((concept, countries[concept], start, end))
            elif (code := codes()[number]) not in self._own:
                evidence.mentions.append((None, code, start, end))
                if not page.roles.is_aside(start, end):
                    evidence.abroad.setdefault(code, [0, 0, 0])[page.field(start)] += 1

    def _sifted(self, page: Page, names: Sequence[Owned]) -> list[tuple[int, Owned]]:
        """The names that stand: the profile's with 0, those of other countries, where it asks for focus, with 1."""
        abroad = page.countries if self.profile.focus else ()
        if abroad and not all(self._fields):
            abroad = [one for one in abroad if self._fields[page.field(one[1])]]
        return sift_names(page.as_written(names), self._slots, abroad)

    def _parts(self, page: Page, evidence: Evidence) -> Iterator[ScorePart]:
        named = {number: list(self._concept_parts(number, evidence)) for number in evidence.mentioned}
        for number in self._outdone(named):
            del named[number]
        for parts in named.values():
            yield from parts
        for number in sorted(evidence.terms):
            term = self.profile.terms[number]
            yield from field_parts(_kind(term), term.label, term.weight, evidence.terms[number])
        yield from self._focus.part(page, evidence)

    def _concept_parts(self, number: int, evidence: Evidence) -> Iterable[ScorePart]:
        name, concept = self._concepts[number]
        if number in evidence.concepts:
            return field_parts("concept", name, concept.weight, evidence.concepts[number])
        return [implied_part(name, concept.weight)]

    def _outdone(self, named: Mapping[int, Sequence[ScorePart]]) -> Iterator[int]:
        """The countries beside which another one of their line of ``require`` has more points."""
        for line in self._focus.lines:
            found = [number for number in line if number in named]
            best = max(found, key=lambda number: (sum(part.points for part in named[number]), -number), default=None)
            yield from (number for number in found if number != best)

    def _score(self, page: Page, parts: tuple[ScorePart, ...], evidence: Evidence) -> Score:
        profile = self.profile
        found = {self._concepts[number][0] for number in evidence.concepts.keys() | evidence.implied}
        missing = tuple(self._missing(page, found, evidence.excluded))
        value = sum(part.points for part in parts)
        matched = not missing and value >= profile.threshold
        return Score(
            profile=profile.name,
            value=value,
            threshold=profile.threshold,
            eligible=not missing,
            matched=matched,
            parts=parts,
            missing=missing,
            concepts=tuple(sorted(found & self._anchors)),
            instant=matched and profile.instant is not None and value >= profile.instant,
        )

    def _missing(self, page: Page, found: set[str], excluded: set[int]) -> Iterator[str]:
        """Why a text is not eligible, in a user's words."""
        for line in self._required:
            if not found.intersection(line):
                yield _unnamed(line)
        for number in sorted(excluded):
            yield f'holds "{self.profile.exclude[number]}", which is excluded'
        scope = self.profile.scope
        if scope.langs and page.lang and page.lang not in {lang.partition("-")[0].lower() for lang in scope.langs}:
            yield f"is in a language out of scope: {page.lang}"
        if scope.feeds and page.feed_url and page.feed_url not in scope.feeds:
            yield "is of a feed out of scope"

    def standing(self, hits: Iterable[Owned]) -> list[tuple[int, int]]:
        """Start and end of the hits that a reader should see: names, and terms that speak for the entry."""
        shown: list[tuple[int, int]] = []
        names: list[Owned] = []
        for hit in hits:
            kind, index, _ = self._slots[hit[0]]
            if kind not in (TERM, NEAR):
                names.append(hit)
            elif self.profile.terms[index].weight > 0:
                shown.append(hit[1:])
        for _, (number, start, end) in sift_names(names, self._slots, ()):
            if self._concepts[self._slots[number][1]][1].weight > 0:
                shown.append((start, end))
        return shown


def _unnamed(line: Sequence[str]) -> str:
    """What is said of a line of ``require`` that is not met."""
    return f"names no {line[0]}" if len(line) == 1 else f"names neither {' nor '.join(line)}"


def _finder(term: Term) -> regex.Pattern[str] | None:
    """An expression for a term that minds capitals."""
    if not term.case or term.term is None:
        return None
    left = "" if term.term.startswith("*") else r"(?<!\w)"
    right = "" if term.term.endswith("*") else r"(?!\w)"
    return regex.compile(f"{left}{regex.escape(term.term.strip('*'))}{right}")


def _kind(term: Term) -> str:
    if term.near:
        return "near"
    return "regex" if term.regex else "term"
