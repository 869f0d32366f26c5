"""All profiles as one: what each of them thinks of a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from monitor.model import Score
from monitor.profiles.index import Owned, PatternIndex
from monitor.profiles.model import Profile
from monitor.profiles.page import Page
from monitor.profiles.plan import Plan, zero
from monitor.profiles.slots import slots
from monitor.text.fold import fold_mapped

_REMEMBERED = 50_000  # scores of lone hits


class Matcher:
    """Scores texts against profiles. Keeps nothing of what it scores."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self._profiles = tuple(profiles)
        self._plans: dict[int, Plan] = {}
        self._lone: dict[tuple[int, int, int], Score] = {}
        self._numbers = {profile.name: number for number, profile in enumerate(self._profiles)}
        self._index = PatternIndex(self._slots())
        self._always = [
            number
            for number, profile in enumerate(self._profiles)
            if not profile.require and any(term.regex for term in profile.terms)
        ]

    def score(self, *, title: str, text: str, source: str = "", lang: str | None = None) -> list[Score]:
        """One score for each profile, in their order; profiles without a hit share one object."""
        scores = self._zeros.copy()
        for number, score in self._scored(Page(title, text, "", source, lang, "")):
            scores[number] = score
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
        """Where the names and the positive terms of ``profile`` stand in ``text``: (start, end), sorted and merged."""
        number = self._numbers[profile]
        folded = fold_mapped(text)
        hits = self._index.find(folded.text).get(number, [])
        merged: list[tuple[int, int]] = []
        for start, end in sorted(
            folded.span(*span) for span in (self._plans.get(number) or self._plan(number)).standing(hits)
        ):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif end > start:
                merged.append((start, end))
        return merged

    @cached_property
    def _zeros(self) -> list[Score]:
        """The scores of a text in which nothing is found."""
        return [zero(profile) for profile in self._profiles]

    def _scored(self, page: Page) -> Iterator[tuple[int, Score]]:
        found = self._index.find(page.folded)
        for number in self._always:
            found.setdefault(number, [])
        for number, hits in found.items():
            score = self._lone_hit(page, number, hits[0]) if len(hits) == 1 else None
            if score is None:
                score = (self._plans.get(number) or self._plan(number)).score(page, hits)
            if score is not None:
                yield number, score

    def _lone_hit(self, page: Page, number: int, hit: Owned) -> Score | None:
        """The score of a profile's only hit if it depends on nothing else; the commonest are remembered."""
        slot, start, _ = hit
        key = number, slot, page.field(start)
        score = self._lone.get(key)
        if score is None:
            score = (self._plans.get(number) or self._plan(number)).lone(slot, key[2])
            if score is not None and len(self._lone) < _REMEMBERED:
                self._lone[key] = score
        return score

    def _plan(self, number: int) -> Plan:
        """The plan of a profile, made when it is first needed."""
        plan = self._plans[number] = Plan(self._profiles[number])
        return plan

    def _slots(self) -> Iterator[tuple[int, int, Sequence[str]]]:
        for owner, profile in enumerate(self._profiles):
            for number, slot in enumerate(slots(profile)):
                yield owner, number, slot[-1]
