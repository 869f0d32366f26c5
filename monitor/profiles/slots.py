"""What a profile looks for, as numbered slots: each is one name, term or word with all its spellings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from monitor.profiles.countries import country
from monitor.profiles.index import NAME, OTHER, WORD, Uses
from monitor.profiles.model import FIELDS, Profile, Scope
from monitor.profiles.score import IMPLIED, MOST

CONCEPT, IGNORE, TERM, NEAR, EXCLUDE = range(5)

Slot = tuple[int, int, int]
"""Its kind; the number of the concept, term or exclusion; that of a near's word. Plain, for speed."""


def slots(profile: Profile) -> Iterator[Slot]:
    """The slots of a profile, always in the same order; their numbers are their places in it."""
    for number in range(len(profile.concepts)):
        yield CONCEPT, number, 0
        yield IGNORE, number, 0
    for number, term in enumerate(profile.terms):
        if term.term is not None:
            yield TERM, number, 0
        else:
            for place in range(len(term.near)):
                yield NEAR, number, place
    for number in range(len(profile.exclude)):
        yield EXCLUDE, number, 0


@dataclass(frozen=True, slots=True)
class Outline:
    """What is to be known of a profile to find it, looked up once: there may be very many profiles.

    ``words``: those of its terms that are words or phrases. ``weights``: of all its terms. ``plain``: it is a list of
    words and phrases and nothing else, so that its slots are its terms. ``kind``: whatever is found of it is worth
    points, but for what only speaks in company: all that is neither a name nor a word. ``unseen``: the points that may
    come without a hit, those of regular expressions and of what a script implies.
    """

    profile: Profile
    words: list[str]
    weights: list[float]
    plain: bool
    kind: bool
    expressions: bool
    scripts: bool
    unseen: float

    @classmethod
    def of(cls, profile: Profile) -> Outline:
        """The outline of a profile."""
        words = [term.term for term in profile.terms if term.term]
        weights = [term.weight for term in profile.terms]
        only_words = len(words) == len(weights)
        exact = [term for term in profile.terms if term.case or term.field is not None]
        expressions = [] if only_words else [term.weight for term in profile.terms if term.regex is not None]
        concepts = profile.concepts.values()
        implied = [IMPLIED * one.weight for one in concepts if one.scripts]
        limited = bool(profile.require or profile.exclude or profile.scope != _EVERYWHERE)
        least = min(chain(weights, (one.weight for one in concepts)), default=0.0)
        return cls(
            profile,
            words,
            weights,
            plain=not concepts and not limited and not exact and only_words,
            kind=least > 0 and not exact and not expressions and not profile.focus and profile.scope.fields == FIELDS,
            expressions=bool(expressions),
            scripts=bool(implied),
            unseen=sum(map(most, expressions)) + sum(max(points, 0.0) for points in implied),
        )


def enlist(outline: Outline, owner: int, uses: Uses) -> list[float]:
    """Enter what a profile looks for, under the numbers of its slots; gives the most points that each may bring."""
    profile = outline.profile
    worths: list[float] = []
    for concept in profile.concepts.values():
        known = country(concept.country) if concept.country else None
        slot, worth = len(worths), most(concept.weight)
        names, hidden = (known.names, known.ignore) if known else ((), ())
        uses.spellings(owner, slot, concept.terms, worth, kind=NAME, shared=names)
        uses.spellings(owner, slot + 1, concept.ignore, 0.0, kind=OTHER, shared=hidden)
        worths += (worth, 0.0)
    points = [MOST * weight if weight > 0 else 0.0 for weight in outline.weights]  # ``most``, without 30 calls
    if len(outline.words) == len(points):
        uses.words(owner, len(worths), outline.words, points)
        worths += points
    else:
        for term, worth in zip(profile.terms, points, strict=True):
            kind, texts = (WORD, (term.term,)) if term.term is not None else (OTHER, term.near)
            for text in texts:
                uses.spellings(owner, len(worths), (text,), worth, kind=kind)
                worths.append(worth)
    for phrase in profile.exclude:
        uses.spellings(owner, len(worths), (phrase,), 0.0, kind=OTHER)
        worths.append(0.0)
    return worths


def most(weight: float) -> float:
    """The points that something of this weight brings at most."""
    return MOST * weight if weight > 0 else 0.0


_EVERYWHERE = Scope()
