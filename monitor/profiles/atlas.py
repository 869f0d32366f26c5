"""Every country in the languages of much news: which of them a text is about."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from monitor.profiles.countries import countries
from monitor.profiles.index import NAME, Owned, PatternIndex, Uses


@cache
def codes() -> tuple[str, ...]:
    """The codes of the countries; the slots of what is found are places in it."""
    return tuple(countries())


def mentions(folded: str) -> Sequence[Owned]:
    """The names, people, places and leaders of countries in a folded text."""
    return _index().find(folded).of(0)


@cache
def _index() -> PatternIndex:
    uses = Uses()
    for slot, one in enumerate(countries().values()):
        uses.spellings(0, slot, (*one.main, *one.people, *one.places, *one.leaders), 0.0, kind=NAME)
    return PatternIndex(uses)
