"""Finding the terms of every profile in a text at once, with one Aho-Corasick automaton over the folded text."""

from __future__ import annotations

from collections.abc import Iterable

from ahocorasick_rs import AhoCorasick, MatchKind

from monitor.model import Score
from monitor.profiles.countries import atlas
from monitor.profiles.model import Profile
from monitor.profiles.page import Page
from monitor.profiles.plan import Hit, Plan
from monitor.text.fold import fold_mapped

_ATLAS = -1


class Matcher:
    """All profiles as one: scores a text against each of them. Reads nothing and keeps nothing of what it scores."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._plans = [Plan(profile) for profile in profiles]
        self._names = {plan.name: index for index, plan in enumerate(self._plans)}
        self._zeros = [plan.zero for plan in self._plans]
        self._always = [index for index, plan in enumerate(self._plans) if plan.unanchored]
        self._scripts = any(plan.scripts for plan in self._plans)
        patterns: dict[str, list[tuple[int, int]]] = {}
        self._countries: list[str] = []
        if any(plan.focus for plan in self._plans):
            self._add_atlas(patterns)
        for index, plan in enumerate(self._plans):
            for slot, text in plan.patterns:
                patterns.setdefault(text, []).append((index, slot))
        self._owners = list(patterns.values())
        self._automaton = AhoCorasick(list(patterns), matchkind=MatchKind.Standard, store_patterns=False)

    def score(self, *, title: str, text: str, source: str = "", lang: str | None = None) -> list[Score]:
        """One score for each profile, in their order; profiles without a hit share one object."""
        scores = list(self._zeros)
        for index, score in self._scored(Page(title, text, "", source, lang, "")):
            scores[index] = score
        return scores

    def hits(self, *, title: str, text: str, source: str = "", lang: str | None = None) -> list[Score]:
        """The scores above 0."""
        return [score for _, score in self._scored(Page(title, text, "", source, lang, "")) if score.value > 0]

    def score_entry(
        self, *, title: str, summary: str, content: str, source: str, lang: str | None, feed_url: str
    ) -> list[Score]:
        """The scores of the profiles that found something in an entry, whatever it is worth."""
        return [score for _, score in self._scored(Page(title, summary, content, source, lang, feed_url))]

    def spans(self, profile: str, text: str) -> list[tuple[int, int]]:
        """Where the names and positive terms of ``profile`` stand in ``text``: sorted, merged, as (start, end)."""
        index = self._names[profile]
        folded = fold_mapped(text)
        hits = [
            (slot, start, end)
            for number, start, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True)
            for owner, slot in self._owners[number]
            if owner == index
        ]
        return self._plans[index].spans(folded, hits)

    def _scored(self, page: Page) -> list[tuple[int, Score]]:
        found: dict[int, list[Hit]] = {}
        abroad: list[Hit] = []
        owners = self._owners
        for number, start, end in self._automaton.find_matches_as_indexes(page.folded, overlapping=True):
            for index, slot in owners[number]:
                if index == _ATLAS:
                    abroad.append((slot, start, end))
                elif index in found:
                    found[index].append((slot, start, end))
                else:
                    found[index] = [(slot, start, end)]
        for index in self._always:
            found.setdefault(index, [])
        scored = []
        for index, hits in found.items():
            score = self._plans[index].score(page, hits, abroad, self._countries)
            if score is not None:
                scored.append((index, score))
        return scored

    def _add_atlas(self, patterns: dict[str, list[tuple[int, int]]]) -> None:
        for code, names in atlas().items():
            slot = len(self._countries)
            self._countries.append(code)
            for name in names:
                patterns.setdefault(name, []).append((_ATLAS, slot))
