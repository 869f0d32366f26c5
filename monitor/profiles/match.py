"""All profiles as one: what each of them thinks of a text."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from monitor.model import PastItem, Score
from monitor.profiles.index import PatternIndex, Sightings, Uses
from monitor.profiles.late import LateScore
from monitor.profiles.model import Profile
from monitor.profiles.page import Page
from monitor.profiles.panel import Panel, Reading
from monitor.profiles.plan import zero
from monitor.profiles.slots import Outline, enlist
from monitor.text.fold import fold_mapped

if TYPE_CHECKING:
    from monitor.profiles.trace import Words

_MANY: Final = 30  # profiles from which a sum of points is quicker than to judge each
_ROUNDING: Final = 1e-9  # points: rather judge one profile too many


class Matcher:
    """Scores texts against profiles. Keeps nothing of what it scores."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self._profiles = tuple(profiles)
        self._numbers = {profile.name: number for number, profile in enumerate(self._profiles)}
        self._panel = Panel()
        self._bars = array("d")  # by number: the points that hits must be able to bring for a match
        self._needs = array("L")  # by number: how many different texts that takes at least
        self._kind = bytearray()  # by number: ``slots.is_kind``
        self._gated: set[int] = set()  # profiles that require something
        self._implied: set[int] = set()  # profiles that know scripts which stand for a name
        self._always: set[int] = set()  # profiles that are looked at in every text
        uses = Uses()
        for number, profile in enumerate(self._profiles):
            self._take(number, profile, uses)
        self._index = PatternIndex(uses)

    def score(
        self, *, title: str, text: str, source: str = "", lang: str | None = None, feed_url: str = ""
    ) -> list[Score]:
        """One score for each profile, in their order; profiles without a hit share one object."""
        return self._scores(Page(title, text, "", source, lang, feed_url))

    def score_past(self, item: PastItem) -> list[Score]:
        """The same for an entry that was collected, in the fields in which a pass scores it."""
        return self._scores(Page(item.title, item.text, item.content, item.source, item.lang, item.feed_url))

    def hits(self, *, title: str, text: str, source: str = "", lang: str | None = None) -> list[Score]:
        """The scores above 0."""
        page = Page(title, text, "", source, lang, "")
        sightings = self._index.find(page.folded)
        reading, new = Reading(self._panel, page, sightings), LateScore.__new__
        kind, in_company = self._kind, sightings.others
        scores: list[Score] = []
        for number in sorted(sightings.owners | self._always):
            score = new(LateScore)
            score.number = number
            score.source = reading
            if (kind[number] and number not in in_company) or score.value > 0:
                scores.append(score)
        return scores

    def matches(
        self, *, title: str, summary: str, content: str, source: str, lang: str | None, feed_url: str
    ) -> list[Score]:
        """The scores of the profiles that an entry matches; no work is done for one that it cannot match."""
        page = Page(title, summary, content, source, lang, feed_url)
        sightings = self._index.find(page.folded)
        able = self._able(page, sightings)
        hits = sightings.only(able)
        scores = (self._panel.match(number, page, hits.get(number, ())) for number in sorted(able))
        return [score for score in scores if score]

    def spans(self, profile: str, text: str) -> list[tuple[int, int]]:
        """Where the names and the positive terms of ``profile`` stand in ``text``: (start, end), sorted and merged."""
        number = self._numbers[profile]
        folded = fold_mapped(text)
        hits = self._index.find(folded.text).only({number}).get(number, [])
        merged: list[tuple[int, int]] = []
        for start, end in sorted(folded.span(*span) for span in self._panel.standing(number, hits)):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def trace(self, item: PastItem) -> list[tuple[Score, tuple[Words, ...]]]:
        """The scores of an entry that was collected, with the words that stand behind each part, in their order."""
        from monitor.profiles.trace import Tracer

        page = Page(item.title, item.text, item.content, item.source, item.lang, item.feed_url)
        sightings = self._index.find(page.folded)
        return [
            (score, Tracer(profile).trace(page, sightings.of(number), score.parts))
            for number, (profile, score) in enumerate(zip(self._profiles, self._scores(page), strict=True))
        ]

    def _scores(self, page: Page) -> list[Score]:
        """One score for each profile, in their order."""
        sightings = self._index.find(page.folded)
        reading, new = Reading(self._panel, page, sightings), LateScore.__new__
        scores = self._zeros.copy()
        for number in sightings.owners | self._always:
            scores[number] = score = new(LateScore)
            score.number = number
            score.source = reading
        return scores

    @cached_property
    def _zeros(self) -> list[Score]:
        """The scores of a text in which nothing is found."""
        return [zero(profile) for profile in self._profiles]

    def _able(self, page: Page, sightings: Sightings) -> set[int]:
        """The profiles that a text may match: enough points were found of them, and a name where one must be."""
        needs, gated = self._needs, self._gated
        able = {number for number, hits in sightings.counts().items() if hits >= needs[number]}
        if gated:
            named = sightings.named
            if not page.folded.isascii():
                named |= self._implied
            able = {number for number in able if number in named or number not in gated}
        if len(able) > _MANY:
            bars = self._bars
            able = {number for number, points in sightings.reach(able).items() if points >= bars[number]}
        return able | self._always

    def _take(self, number: int, profile: Profile, uses: Uses) -> None:
        """Take up a profile, and enter into ``uses`` what it looks for."""
        outline = Outline.of(profile)
        self._panel.add(profile, outline)
        worths = enlist(outline, number, uses)
        bar = profile.threshold - outline.unseen - _ROUNDING
        self._bars.append(bar)
        self._needs.append(_fewest(worths, bar))
        self._kind.append(outline.kind)
        if profile.require:
            self._gated.add(number)
        elif outline.expressions:
            self._always.add(number)
        if outline.scripts:
            self._implied.add(number)


def _fewest(worths: Iterable[float], bar: float) -> int:
    """How many of ``worths`` it takes to reach ``bar``; one more than there are when all together do not."""
    count = 0
    for count, points in enumerate(accumulate(sorted(worths, reverse=True)), 1):
        if points >= bar:
            return count
    return count + 1
