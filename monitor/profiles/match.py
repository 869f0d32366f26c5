"""All profiles as one: what each of them thinks of a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from monitor.model import Score
from monitor.profiles.index import Owned, PatternIndex
from monitor.profiles.model import Profile
from monitor.profiles.page import Page
from monitor.profiles.plain import Wordlists
from monitor.profiles.plan import Plan, zero
from monitor.profiles.slots import plain_terms, slots
from monitor.text.fold import fold_mapped


class Matcher:
    """Scores texts against profiles. Keeps nothing of what it scores."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self._profiles = tuple(profiles)
        self._numbers = {profile.name: number for number, profile in enumerate(self._profiles)}
        self._plain = Wordlists()
        self._plans: dict[int, Plan] = {}
        self._always: list[int] = []
        self._index = PatternIndex(self._take(number, profile) for number, profile in enumerate(self._profiles))

    def score(
        self, *, title: str, text: str, source: str = "", lang: str | None = None, feed_url: str = ""
    ) -> list[Score]:
        """One score for each profile, in their order; profiles without a hit share one object."""
        scores = self._zeros.copy()
        page = Page(title, text, "", source, lang, feed_url)
        for number, score in self._scored(page):
            scores[number] = score
        return scores

    def hits(self, *, title: str, text: str, source: str = "", lang: str | None = None) -> list[Score]:
        """The scores above 0."""
        page = Page(title, text, "", source, lang, "")
        return [score for _, score in self._scored(page) if score.value > 0]

    def matches(
        self, *, title: str, summary: str, content: str, source: str, lang: str | None, feed_url: str
    ) -> list[Score]:
        """The scores of the profiles that an entry matches; no work is done for one that it cannot match."""
        page = Page(title, summary, content, source, lang, feed_url)
        bounds, plain, found = page.bounds, self._plain, []
        for number, hits in self._found(page):
            if number in plain:
                if plain.may_match(number, hits):
                    found.append(plain.score(number, hits, bounds))
            elif (plan := self._plan(number)).may_match(page, hits) and (score := plan.score(page, hits)):
                found.append(score)
        return [score for score in found if score.matched]

    def spans(self, profile: str, text: str) -> list[tuple[int, int]]:
        """Where the names and the positive terms of ``profile`` stand in ``text``: (start, end), sorted and merged."""
        number = self._numbers[profile]
        folded = fold_mapped(text)
        hits = self._index.find(folded.text).get(number, [])
        merged: list[tuple[int, int]] = []
        for start, end in sorted(folded.span(*span) for span in self._standing(number, hits)):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif end > start:
                merged.append((start, end))
        return merged

    @cached_property
    def _zeros(self) -> list[Score]:
        """The scores of a text in which nothing is found."""
        return [zero(profile) for profile in self._profiles]

    def _scored(self, page: Page) -> list[tuple[int, Score]]:
        """The scores of the profiles of which something was found."""
        bounds, plain, scored = page.bounds, self._plain, []
        for number, hits in self._found(page):
            if number in plain:
                scored.append((number, plain.score(number, hits, bounds)))
            elif score := self._plan(number).score(page, hits):
                scored.append((number, score))
        return scored

    def _found(self, page: Page) -> Iterable[tuple[int, list[Owned]]]:
        """What was found of which profile."""
        found = self._index.find(page.folded)
        for number in self._always:
            found.setdefault(number, [])
        return found.items()

    def _standing(self, number: int, hits: Sequence[Owned]) -> list[tuple[int, int]]:
        return self._plain.standing(number, hits) if number in self._plain else self._plan(number).standing(hits)

    def _take(self, number: int, profile: Profile) -> Iterable[Sequence[str]]:
        """Take up a profile; gives the spellings of its slots."""
        terms = plain_terms(profile)
        if terms is not None:
            self._plain.add(number, profile, terms)
            return [(term,) for term in terms]
        if not profile.require and any(term.regex for term in profile.terms):
            self._always.append(number)
        return [slot[-1] for slot in slots(profile)]

    def _plan(self, number: int) -> Plan:
        """The plan of a profile, made when it is first needed."""
        if number not in self._plans:
            self._plans[number] = Plan(self._profiles[number])
        return self._plans[number]
