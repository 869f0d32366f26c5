"""All profiles made ready: how what was found of one of them in a text becomes its score."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.model import ScorePart
from monitor.model import Score
from monitor.profiles.index import Owned, Sightings
from monitor.profiles.late import LateScore
from monitor.profiles.model import Profile
from monitor.profiles.page import Page
from monitor.profiles.plain import Wordlists
from monitor.profiles.plan import Plan, zero
from monitor.profiles.slots import Outline


class Panel:
    """Judges hits by the rules of each profile. Profiles are known by their numbers, in the order they were added."""

    def __init__(self) -> None:
        self._profiles: list[Profile] = []
        self._plain = Wordlists()
        self._plans: dict[int, Plan] = {}

    def add(self, profile: Profile, outline: Outline) -> None:
        """Take up the next profile."""
        self._profiles.append(profile)
        self._plain.add(profile, outline.weights if outline.plain else None)

    def match(self, number: int, page: Page, hits: Sequence[Owned]) -> Score | None:
        """The score of a profile that matches; None when it does not."""
        if number not in self._plain:
            plan = self._plan(number)
            score = plan.score(page, hits) if plan.may_match(page, hits) else None
            return score if score and score.matched else None
        profile, value = self._profiles[number], self._plain.value(number, hits, page.bounds)
        if value < profile.threshold:
            return None
        parts = self._plain.parts(number, hits, page.bounds)
        return Score(profile.name, value, profile.threshold, True, True, parts, instant=_is_instant(profile, value))

    def fill(self, score: LateScore, page: Page, hits: Sequence[Owned]) -> None:
        """Settle a score; that of a list of words without its parts."""
        number = score.number
        profile = self._profiles[number]
        if number in self._plain:
            value = self._plain.value(number, hits, page.bounds)
            matched, instant = value >= profile.threshold, _is_instant(profile, value)
            score.settle(profile.name, value, profile.threshold, True, matched, (), (), instant)
        else:
            made = self._plan(number).score(page, hits) or zero(profile)
            score.settle_as(made)

    def parts(self, number: int, page: Page, hits: Sequence[Owned]) -> tuple[ScorePart, ...]:
        """The parts of the score of a list of words."""
        return self._plain.parts(number, hits, page.bounds)

    def standing(self, number: int, hits: Sequence[Owned]) -> list[tuple[int, int]]:
        """Start and end of the hits that a reader should see."""
        return self._plain.standing(number, hits) if number in self._plain else self._plan(number).standing(hits)

    def _plan(self, number: int) -> Plan:
        """The plan of a profile that is more than a list of words, made when it is first needed."""
        if number not in self._plans:
            self._plans[number] = Plan(self._profiles[number])
        return self._plans[number]


class Reading:
    """One text as it was read: what was found in it, and whom to ask what that is worth."""

    __slots__ = ("_page", "_panel", "_sightings")

    def __init__(self, panel: Panel, page: Page, sightings: Sightings) -> None:
        self._panel = panel
        self._page = page
        self._sightings = sightings

    def fill(self, score: LateScore) -> None:
        """Settle ``score``; its parts may wait."""
        self._panel.fill(score, self._page, self._sightings.of(score.number))

    def parts(self, number: int) -> tuple[ScorePart, ...]:
        """The parts of a score that was settled without them."""
        return self._panel.parts(number, self._page, self._sightings.of(number))


def _is_instant(profile: Profile, value: float) -> bool:
    return value >= profile.threshold and profile.instant is not None and value >= profile.instant
