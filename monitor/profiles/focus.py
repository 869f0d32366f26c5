"""Whether a text is about the countries of a topic or about others: what the others take away of its points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

from alerts.model import ScorePart
from monitor.profiles.countries import country
from monitor.profiles.evidence import Evidence
from monitor.profiles.model import Profile
from monitor.profiles.page import Page
from monitor.profiles.score import CAPTION, ELSEWHERE, OVERTAKEN, focus_part


class Focus:
    """That of ``profile``. Concepts go by their numbers."""

    def __init__(self, profile: Profile) -> None:
        self._points = profile.focus
        self._profile = profile

    @cached_property
    def countries(self) -> Mapping[int, str]:
        """The concepts that are countries, with their codes."""
        return {number: one.country for number, one in enumerate(self._profile.concepts.values()) if one.country}

    @cached_property
    def lines(self) -> Sequence[frozenset[int]]:
        """The lines of ``require`` that are about countries, where the profile asks for focus."""
        numbers = {name: number for number, name in enumerate(self._profile.concepts)}
        lines = [frozenset(numbers[name] for name in line) for line in self._profile.required()]
        return [line for line in lines if line <= self.countries.keys()] if self._points else []

    def part(self, page: Page, evidence: Evidence) -> Iterator[ScorePart]:
        """What other countries take away, and blocs of countries where the title names one and leaves out the topic."""
        own = [tally for number, tally in evidence.concepts.items() if number in self.countries]
        if not own or not self._points:
            return
        others = {found.title: tally for code, tally in evidence.abroad.items() if (found := country(code))}
        left_out = self._leaves_out(evidence)
        if left_out:
            others |= {name: [1, 0, 0] for name in ((CAPTION, *page.blocs) if page.is_captioned else page.blocs)}
        if others:
            if left_out and any(tally[0] for tally in others.values()):
                least = 0.0 if self._deal_at_once(page, evidence) else ELSEWHERE
            else:
                least = self._overtaken(page, evidence)
            yield focus_part(self._points, own, list(others.values()), list(others), least)

    def _leaves_out(self, evidence: Evidence) -> bool:
        """Whether the title names no country of one of the lines.

        A title need not name the country in whose script it is written, but beside another country it does.
        """
        named = {number for number, tally in evidence.concepts.items() if tally[0]}
        if not any(tally[0] for tally in evidence.abroad.values()):
            named |= evidence.implied
        return any(named.isdisjoint(line) for line in self.lines)

    def _deal_at_once(self, page: Page, evidence: Evidence) -> bool:
        """Whether the first sentence names the countries of the topic, of which the title names one, before any other.

        It may then name no country that the title does not, and no bloc. What the title does not name must be more than
        the place. In a text of a country's own script what the title names may come later, too: its minister may tour.
        """
        waiting = self.lines
        titled = {number for number, tally in evidence.concepts.items() if tally[0]}
        possible = self._stands_apart(page, evidence) and all(line & evidence.concepts.keys() for line in waiting)
        if not possible or page.leads_with_bloc or page.is_captioned:
            return False
        for concept, code, start, end in evidence.mentions:
            if start not in page.lead or page.roles.in_dateline(start):
                continue
            if concept is None:
                early = any(not evidence.implied or line.isdisjoint(titled) for line in waiting)
                if (tally := evidence.abroad.get(code)) and (early or not tally[0]):
                    return False
            elif concept in titled or not page.roles.is_venue(start, end):
                waiting = [line for line in waiting if concept not in line]
        return not waiting

    def _stands_apart(self, page: Page, evidence: Evidence) -> bool:
        """Whether the title names one of the topic's countries, and none in one breath with another.

        Of the country in whose script it is written a title may speak unnamed: "Treaties with Laos and Nepal".
        """
        named = [(own is None, start, end) for own, _, start, end in evidence.mentions if page.field(start) == 0]
        joined = (one[0] != two[0] and page.roles.are_joined(one[2], two[1]) for one, two in pairwise(named))
        return not all(foreign for foreign, _, _ in named) and (bool(evidence.implied) or not any(joined))

    def _overtaken(self, page: Page, evidence: Evidence) -> float:
        """What goes at least where another country is named before all that are required.

        In a title that begins with one of these it may stand between, unless the two are named in one breath. Most
        goes where the last one is but the place: "Japan and India meet in Laos".
        """
        waiting = [line for line in self.lines if line.isdisjoint(evidence.implied)]
        reached, passed, taken = -1, False, False
        for concept, _, start, end in evidence.mentions if waiting else ():
            in_title = page.field(start) == 0
            venue = in_title and page.roles.is_venue(start, end)
            if concept is not None:
                reached, waiting = end, [line for line in waiting if concept not in line]
                if not waiting:
                    return ELSEWHERE if passed and venue else OVERTAKEN if taken or (passed and not in_title) else 0.0
            elif not venue and not (in_title and page.roles.is_over(start)) and not page.roles.is_aside(start, end):
                taken = taken or reached < 0 or not in_title or page.roles.are_joined(reached, start)
                passed = True
        return OVERTAKEN if passed else 0.0
