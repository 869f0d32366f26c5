"""The profile of a topic that stands on countries: they are required, and the subject tells what of them is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.profiles.corpus import Background, bag, surfaces
from monitor.profiles.countries import countries
from monitor.profiles.draft import THRESHOLD, Draft
from monitor.profiles.facets import Facets
from monitor.profiles.furniture import Seed
from monitor.profiles.model import Concept, Profile, Term
from monitor.profiles.names import tied_names
from monitor.profiles.subjects import Subject, subjects
from monitor.profiles.terms import keyphrases
from monitor.text.fold import fold, pattern

_FACET = 1.75  # points for a country
_FOCUS = 3.0  # points lost when only other countries are named
_STRONGEST = 2.5  # points for the strongest term
_WEAKEST = 0.1
_KEYPHRASES = 40


def draft(seeds: Sequence[Seed], facets: Facets, background: Background, name: str) -> Draft:
    """Facets as required concepts, subjects of the seeds and of noise, key phrases of the seeds."""
    notes: dict[tuple[str | int, ...], str] = {}
    names = tied_names([seed.whole for seed in seeds], facets.codes)
    concepts = {_slug(countries()[code].title): _facet(code, names[code]) for code in facets.codes}
    chosen = list(_subjects(seeds))
    for subject in chosen:
        concepts[subject.name] = Concept(terms=_terms(subject), weight=subject.weight)
    slugs = {code: _slug(countries()[code].title) for code in facets.codes}
    require: list[str | tuple[str, ...]] = [slugs[code] for code in facets.anchors]
    if facets.group:
        group = tuple(slugs[code] for code in facets.group)
        require.append(group if len(group) > 1 else group[0])
    terms = _keyphrases(seeds, list(concepts.values()), background)
    terms += [Term(regex=one, weight=subject.weight) for subject in chosen for one in subject.regex]
    profile = Profile(
        name=name,
        title=_title(facets),
        threshold=THRESHOLD,
        focus=_FOCUS,
        concepts=concepts,
        require=tuple(require),
        terms=tuple(terms),
    )
    return Draft(profile, notes)


def _facet(code: str, names: Sequence[str]) -> Concept:
    one = countries()[code]
    return Concept(country=code, terms=(*one.terms, *names), scripts=one.scripts, weight=_FACET)


def _subjects(seeds: Sequence[Seed]) -> Iterable[Subject]:
    """The subjects that the seeds treat, and the noise that they do not."""
    texts = [seed.whole for seed in seeds]
    for subject in subjects():
        treated = subject.treated(texts) > 0 if not subject.noise else subject.treated(texts) * 2 >= len(seeds)
        if treated != subject.noise:
            yield subject


def _terms(subject: Subject) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for words in subject.words.values() for word in words))


def _keyphrases(seeds: Sequence[Seed], concepts: Sequence[Concept], background: Background) -> list[Term]:
    """What the seeds share beyond the concepts."""
    facets = [found for concept in concepts if concept.country for term in _names(concept) if (found := pattern(term))]
    subjects_ = [found for concept in concepts for term in concept.terms if (found := pattern(term))]
    bags = [bag(seed.title, seed.text) for seed in seeds]
    shared = keyphrases(bags, background, 4 * _KEYPHRASES)
    free = {
        term: weight
        for term, weight in shared.items()
        if not any(name in f" {term} " for name in facets)
        and (" " in term or not any(name in f" {term} " for name in subjects_))
    }
    kept = dict(list(free.items())[:_KEYPHRASES])
    written = surfaces([seed.whole for seed in seeds], kept)
    scale = _STRONGEST / max(kept.values(), default=1.0)
    return [
        Term(term=written[term], weight=points)
        for term, weight in kept.items()
        if (points := round(weight * scale, 2)) >= _WEAKEST
    ]


def _names(concept: Concept) -> Iterable[str]:
    if concept.country:
        yield from countries()[concept.country].names
    yield from concept.terms


def _title(facets: Facets) -> str:
    anchors = " and ".join(countries()[code].title for code in facets.anchors)
    group = " and ".join(countries()[code].title for code in facets.group)
    return f"{anchors} with {group}" if group else anchors


def _slug(title: str) -> str:
    return "-".join(fold(title).split())
