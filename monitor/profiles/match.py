"""All profiles as one: what each of them thinks of a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from monitor.model import Score
from monitor.profiles.index import Owned, PatternIndex
from monitor.profiles.model import Profile
from monitor.profiles.page import Page
from monitor.profiles.plain import Found, Wordlists
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
        self._rich: set[int] = set()  # the profiles that are more than a list of words
        self._always: set[int] = set()  # those of them that are looked at in every text
        self._index = PatternIndex(self._take(number, profile) for number, profile in enumerate(self._profiles))

    def score(
        self, *, title: str, text: str, source: str = "", lang: str | None = None, feed_url: str = ""
    ) -> list[Score]:
        """One score for each profile, in their order; profiles without a hit share one object."""
        scores = self._zeros.copy()
        page = Page(title, text, "", source, lang, feed_url)
        for number, score in self._scored(page).items():
            scores[number] = score
        return scores

    def hits(self, *, title: str, text: str, source: str = "", lang: str | None = None) -> list[Score]:
        """The scores above 0."""
        page = Page(title, text, "", source, lang, "")
        scores = self._scored(page)
        return [score for score in map(scores.__getitem__, sorted(scores)) if score.value > 0]

    def matches(
        self, *, title: str, summary: str, content: str, source: str, lang: str | None, feed_url: str
    ) -> list[Score]:
        """The scores of the profiles that an entry matches; no work is done for one that it cannot match."""
        page = Page(title, summary, content, source, lang, feed_url)
        found = self._plain.candidates(self._found(page))
        scores = list(self._plain.scores(found).values())
        for number, hits in self._others(found):
            plan = self._plan(number)
            if plan.may_match(page, hits) and (score := plan.score(page, hits)):
                scores.append(score)
        return [score for score in scores if score.matched]

    def spans(self, profile: str, text: str) -> list[tuple[int, int]]:
        """Where the names and the positive terms of ``profile`` stand in ``text``: (start, end), sorted and merged."""
        number = self._numbers[profile]
        folded = fold_mapped(text)
        hits = self._index.find(folded.text).get(number, [])
        merged: list[tuple[int, int]] = []
        for start, end in sorted(folded.span(*span) for span in self._standing(number, hits)):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    @cached_property
    def _zeros(self) -> list[Score]:
        """The scores of a text in which nothing is found."""
        return [zero(profile) for profile in self._profiles]

    def _scored(self, page: Page) -> dict[int, Score]:
        """The scores of the profiles of which something was found, by number."""
        found = self._found(page)
        scores = self._plain.scores(found)
        for number, hits in self._others(found):
            if score := self._plan(number).score(page, hits):
                scores[number] = score
        return scores

    def _found(self, page: Page) -> Found:
        return Found(*self._index.find_apart(page.folded), page.bounds)

    def _others(self, found: Found) -> Iterator[tuple[int, Sequence[Owned]]]:
        """The hits of the profiles that are more than a list of words, by number."""
        for number in self._rich & found.several.keys() | self._rich & found.single.keys():
            yield number, found.hits(number)
        for number in self._always - found.several.keys() - found.single.keys():
            yield number, ()

    def _standing(self, number: int, hits: Sequence[Owned]) -> list[tuple[int, int]]:
        return self._plain.standing(number, hits) if number in self._plain else self._plan(number).standing(hits)

    def _take(self, number: int, profile: Profile) -> Iterable[Sequence[str]]:
        """Take up a profile; gives the spellings of its slots."""
        terms = plain_terms(profile)
        self._plain.add(profile, plain=terms is not None)
        if terms is not None:
            return [(term,) for term in terms]
        self._rich.add(number)
        if not profile.require and any(term.regex for term in profile.terms):
            self._always.add(number)
        return [slot[-1] for slot in slots(profile)]

    def _plan(self, number: int) -> Plan:
        """The plan of a profile, made when it is first needed."""
        if number not in self._plans:
            self._plans[number] = Plan(self._profiles[number])
        return self._plans[number]
