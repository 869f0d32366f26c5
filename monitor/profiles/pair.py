"""The profile of a topic that stands on countries: they are required, and the subject tells what of them is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.profiles.corpus import Background, surfaces
from monitor.profiles.countries import Country, countries
from monitor.profiles.draft import DIGEST, THRESHOLD, Draft, Notes, origin
from monitor.profiles.facets import Facets
from monitor.profiles.furniture import Seed
from monitor.profiles.model import Concept, Profile, Term
from monitor.profiles.names import tied_names
from monitor.profiles.subjects import LANGUAGES, Subject, known_pattern, subjects
from monitor.profiles.terms import keyphrases
from monitor.text.fold import fold

_FACET = 1.96  # points for a country: two of them in the title are enough where nothing speaks against them
_FOCUS = 4.0  # points lost when only other countries are named
_STRONGEST, _LONELY = 2.5, 1.0  # points for the strongest term, and where no two seeds share one
_WEAKEST = 0.1
_UNSEEN = 0.7  # of its weight for a subject of dealings between countries that no seed treats
_KEYPHRASES = 40


@dataclass(frozen=True, slots=True)
class _Chapters:
    """The terms of a concept, in chapters with headings."""

    parts: tuple[tuple[str, Sequence[str]], ...]

    def terms(self) -> tuple[str, ...]:
        """All terms, each once."""
        return tuple(dict.fromkeys(term for _, terms in self.parts for term in terms))

    def notes(self, name: str) -> Notes:
        """The headings by the number of the first term under them."""
        seen: dict[str, None] = {}
        found: Notes = {}
        for heading, terms in self.parts:
            if any(term not in seen for term in terms):
                found["concepts", name, "terms", len(seen)] = heading
                seen |= dict.fromkeys(terms)
        return found


def draft(seeds: Sequence[Seed], facets: Facets, background: Background, name: str) -> Draft:
    """Facets as required concepts, subjects of the seeds and of noise, key phrases of the seeds."""
    concepts: dict[str, Concept] = {}
    notes: Notes = {}
    names = tied_names([seed.whole for seed in seeds], facets.codes)
    slugs = {code: _slug(countries()[code]) for code in facets.codes}
    for code, slug in slugs.items():
        concepts[slug], found = _facet(slug, countries()[code], names[code])
        notes |= found
    chosen = list(_subjects(seeds))
    for subject, treated in chosen:
        concepts[subject.name], found = _subject(subject, treated, len(seeds))
        notes |= found
    terms, found = _keyphrases(seeds, concepts, background)
    noise = [Term(regex=one, weight=subject.weight) for subject, _ in chosen for one in subject.regex]
    profile = Profile(
        name=name,
        title=_title(facets),
        threshold=THRESHOLD,
        focus=_FOCUS,
        concepts=concepts,
        require=_require(facets, slugs),
        terms=(*terms, *noise),
        digest=DIGEST,
    )
    return Draft(profile, _GENERAL | notes | found)


_GENERAL: Notes = {
    ("threshold",): "points from which an entry matches",
    ("focus",): "points lost as other countries take over the text",
    ("concepts",): "ideas with all their names; what is negative is to be avoided",
    ("require",): "every line must be met; a line is one concept or any of a list",
    ("terms",): "words and phrases of the seeds; the weight is for one mention in the text",
}


def _facet(name: str, one: Country, tied: Sequence[str]) -> tuple[Concept, Notes]:
    chapters = _Chapters(
        (
            ("its people", one.people),
            ("places", one.places),
            ("bodies", one.bodies),
            ("firms", one.firms),
            ("persons and bodies that the seeds tie to it", tied),
            ("heads of state and government and ministers of late", one.leaders),
        )
    )
    concept = Concept(country=one.code, terms=chapters.terms(), scripts=one.scripts, weight=_FACET)
    return concept, chapters.notes(name) | {("concepts", name): f"{one.title}, by its name in every language and by"}


def _subjects(seeds: Sequence[Seed]) -> Iterable[tuple[Subject, int]]:
    """The subjects and how many seeds treat each; noise that many seeds treat is no noise to them and left out."""
    texts = [seed.whole for seed in seeds]
    for subject in subjects():
        treated = subject.treated(texts)
        if not subject.noise or treated * 2 < len(seeds):
            yield subject, treated


def _subject(subject: Subject, treated: int, seeds: int) -> tuple[Concept, Notes]:
    chapters = _Chapters(tuple((LANGUAGES[key], words) for key, words in subject.words.items()))
    known = subject.noise or treated
    weight = subject.weight if known else round(subject.weight * _UNSEEN, 2)
    concept = Concept(terms=chapters.terms(), ignore=tuple(subject.ignore), weight=weight)
    why = f"{subject.title}: treated in {treated} of {seeds} seeds"
    return concept, chapters.notes(subject.name) | {("concepts", subject.name): why}


def _require(facets: Facets, slugs: dict[str, str]) -> tuple[str | tuple[str, ...], ...]:
    anchors = [slugs[code] for code in facets.anchors]
    group = tuple(slugs[code] for code in facets.group)
    if not group:
        return tuple(anchors)
    return (*anchors, group if len(group) > 1 else group[0])


def _keyphrases(
    seeds: Sequence[Seed], concepts: dict[str, Concept], background: Background
) -> tuple[list[Term], Notes]:
    """What the seeds share beyond the countries and the bare words of the subjects."""
    facets = _patterns(term for one in concepts.values() if one.country for term in _names(one, one.country))
    subjects_ = _patterns(term for one in concepts.values() for term in one.terms)
    bags = [background.bag(seed.title, seed.text) for seed in seeds]
    free = {
        term: weight
        for term, weight in keyphrases(bags, background).items()
        if not _holds(term, facets) and (" " in term or not _holds(term, subjects_))
    }
    kept = dict(list(free.items())[:_KEYPHRASES])
    written = surfaces([seed.whole for seed in seeds], kept)
    shared = any(sum(term in one.terms for one in bags) > 1 for term in kept)
    scale = (_STRONGEST if shared else _LONELY) / max(kept.values(), default=1.0)
    terms: list[Term] = []
    notes: Notes = {}
    for term, weight in kept.items():
        if (points := round(weight * scale, 2)) >= _WEAKEST:
            notes["terms", len(terms)] = origin(term, bags, background)
            terms.append(Term(term=written[term], weight=points))
    return terms, notes


def _patterns(terms: Iterable[str]) -> list[str]:
    return [found for term in terms if (found := known_pattern(term))]


def _holds(term: str, names: Iterable[str]) -> bool:
    inside = f" {term} "
    return any(name in inside for name in names)


def _names(concept: Concept, code: str) -> Iterable[str]:
    return (*countries()[code].names, *concept.terms)


def _title(facets: Facets) -> str:
    anchors = " and ".join(countries()[code].title for code in facets.anchors)
    group = " and ".join(countries()[code].title for code in facets.group)
    return f"{anchors} with {group}" if group else anchors


def _slug(one: Country) -> str:
    return "-".join(fold(one.title).split())
