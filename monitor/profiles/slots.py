"""What a profile looks for, as numbered slots: each is one name, term or word with all its spellings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.profiles.countries import country
from monitor.profiles.model import Profile

CONCEPT, IGNORE, TERM, NEAR, EXCLUDE = range(5)

Slot = tuple[int, int, int, Sequence[str]]
"""Its kind; the number of the concept, term or exclusion; that of a near's word; its spellings. Plain, for speed."""


def slots(profile: Profile) -> Iterator[Slot]:
    """The slots of a profile, always in the same order; their numbers are their places in it."""
    for number, concept in enumerate(profile.concepts.values()):
        known = country(concept.country) if concept.country else None
        yield CONCEPT, number, 0, (*concept.terms, *known.names) if known else concept.terms
        yield IGNORE, number, 0, (*concept.ignore, *known.ignore) if known else concept.ignore
    for number, term in enumerate(profile.terms):
        if term.term is not None:
            yield TERM, number, 0, (term.term,)
        else:
            for place, word in enumerate(term.near):
                yield NEAR, number, place, (word,)
    for number, phrase in enumerate(profile.exclude):
        yield EXCLUDE, number, 0, (phrase,)
