"""What a profile looks for, as numbered slots: each is one name, term or word with all its spellings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.profiles.countries import country
from monitor.profiles.model import Profile, Scope

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


def plain_terms(profile: Profile) -> list[str] | None:
    """The terms of a profile that is a list of words and phrases and nothing else; None for every other.

    The slots of such a profile are its terms.
    """
    if profile.concepts or profile.require or profile.exclude or profile.scope != _EVERYWHERE:
        return None
    terms = [term.term for term in profile.terms if term.term and not term.case and term.field is None]
    return terms if len(terms) == len(profile.terms) else None


_EVERYWHERE = Scope()
