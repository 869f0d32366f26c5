"""How well built profiles find their topic: ``make bench-relevance``, or ``python -m tests.bench.relevance``.

Without anything it measures on news made up for it. Where ``NEWSBELL_EVAL_DIR`` names a folder, it also measures on
what lies there: ``seeds/`` and ``relevance/dev.jsonl`` (labelled items around the shipped profile),
``tracking/uci_stories.json`` (stories of headlines), ``stream/*.jsonl.gz`` (a week of feed entries) and ``events.json``
(by name of an event of that week the ids of its ``seeds``, of the other entries ``on`` it and of those ``unsure``).
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

from monitor.profiles import Matcher, Profile, build_profile
from monitor.profiles.corpus import phrases
from monitor.profiles.countries import country
from monitor.profiles.model import Concept, Term
from monitor.text.fold import fold
from tests.bench.made import PAIR_SEEDS, STORM, STORM_SEEDS, babble, other_news, pair_items
from tests.bench.measures import Judged, Result, mean, measure
from tests.bench.pairs import PAIRS

HOME = Path(__file__).parents[2]
NAME = "japan-laos-cambodia"
STREAM_FROM, STREAM_SEEDS, LEAST_ITEMS = 1504, 4, 15  # of the stories: where the stream begins, seeds, items after it

SAMPLE = 1000  # entries that events are compared with

_LONGEST = 100  # characters of a term
_COUNTRIES = "US GB CN JP DE FR IN RU UA KR IT ES BR CA AU MX ID TR SA IR IL EG NG ZA KE TH VN LA KH SG PL SE".split()


def main() -> None:
    """Print the table."""
    folder = os.environ.get("NEWSBELL_EVAL_DIR", "")
    for line in report(Path(folder) if folder else None):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def report(folder: Path | None) -> Iterator[str]:
    """The lines of the table."""
    yield f"{'what':<44} {'AP':>6} {'F1':>6} {'P':>6} {'R':>6} {'T11SU':>6} {'FA/1000':>8}"
    yield from _made()
    if folder:
        yield from _mission(folder)
        yield from _stories(folder / "tracking" / "uci_stories.json")
        yield from _week(folder)
        yield from _events(folder)
    yield from _speed(folder)


def row(what: str, result: Result) -> str:
    """One line of the table."""
    figures = list(asdict(result).values())
    return f"{what:<44} " + " ".join(f"{figure:6.3f}" for figure in figures[:5]) + f" {figures[5]:8.2f}"


def judged(profile: Profile, items: Sequence[tuple[dict[str, Any], bool]]) -> list[Judged]:
    """Scores for ranking: eligible items before all others."""
    matcher = Matcher([profile])
    found = []
    for item, good in items:
        [score] = matcher.score(**item)
        found.append((score.value if score.eligible else score.value - 1e6, good))
    return found


def _made() -> Iterator[str]:
    others = other_news(500)
    noise = [({"title": text, "text": ""}, False) for text in others[200:]]
    on, near = pair_items()
    pair = build_profile(PAIR_SEEDS, others[:200], name="germany-kenya")
    items = _labelled(on, near)
    yield row("made up: Germany with Kenya", measure(judged(pair, [*items, *noise]), pair.threshold))
    for one in PAIRS:
        profile = build_profile(one.seeds, others[:200], name=one.name)
        items = [*_labelled(one.on, one.near), *noise]
        yield row(f"made up: {one.name}", measure(judged(profile, items), profile.threshold))
    storm = build_profile(STORM_SEEDS, others[:200], name="storm")
    items = [({"title": title, "text": ""}, True) for title in STORM]
    yield row("made up: a storm", measure(judged(storm, [*items, *noise]), storm.threshold))


def _labelled(on: Sequence[tuple[str, str]], near: Sequence[tuple[str, str]]) -> list[tuple[dict[str, Any], bool]]:
    return [
        ({"title": title, "text": text}, good) for some, good in ((on, True), (near, False)) for title, text in some
    ]


def _texts(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()]


def _mission(folder: Path) -> Iterator[str]:
    path = folder / "relevance" / "dev.jsonl"
    if not path.is_file():
        return
    labelled = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    fields = ("title", "text", "source", "lang")
    items = [({key: item[key] for key in fields}, item["label"] == "on") for item in labelled]
    for what, seeds in (("its seeds", folder.parent / "seeds"), ("our briefs", HOME / "seeds")):
        if seeds.is_dir():
            profile = build_profile(_texts(seeds), name=NAME)
            scores = judged(profile, items)
            yield row(f"labelled items, profile from {what}", measure(scores, profile.threshold))
            passed: dict[str, list[bool]] = defaultdict(list)
            for item, (value, _) in zip(labelled, scores, strict=True):
                group = item["label"] + ("" if item["lang"] == "en" else ", not English")
                passed[group].append(value >= profile.threshold)
            yield "    passed: " + "; ".join(f"{group} {sum(ok)}/{len(ok)}" for group, ok in sorted(passed.items()))
            bare = _without_leaders(profile)
            yield row("    the same without heads of state and ministers", measure(judged(bare, items), bare.threshold))
            yield from _with_fewer(_texts(seeds), items)


def _without_leaders(profile: Profile) -> Profile:
    """A profile that knows no head of state or government and no minister but those in its seeds."""
    concepts = {}
    for name, one in profile.concepts.items():
        known = country(one.country) if one.country else None
        gone = frozenset(known.leaders if known else ())
        concepts[name] = replace(one, terms=tuple(term for term in one.terms if term not in gone))
    return replace(profile, concepts=concepts)


def _with_fewer(seeds: Sequence[str], items: Sequence[tuple[dict[str, Any], bool]]) -> Iterator[str]:
    """What comes of all seeds but one; a country that only the missing one was about is then no part of the topic."""
    for some in combinations(enumerate(seeds, 1), len(seeds) - 1):
        profile = build_profile([text for _, text in some], name=NAME)
        names = ", ".join(name for line in profile.required() for name in line)
        what = f"    seeds {' '.join(str(number) for number, _ in some)}: {names}"
        yield row(what, measure(judged(profile, items), profile.threshold))


def _stories(path: Path) -> Iterator[str]:
    if not path.is_file():
        return
    docs = json.loads(path.read_text(encoding="utf-8"))
    stories: dict[str, list[int]] = defaultdict(list)
    for number, doc in enumerate(docs):
        for topic in doc["topics"]:
            stories[topic].append(number)
    chosen = {
        name: numbers
        for name, numbers in sorted(stories.items())
        if numbers[: STREAM_SEEDS + 1][-2] < STREAM_FROM
        and sum(number >= STREAM_FROM for number in numbers[STREAM_SEEDS:]) >= LEAST_ITEMS
    }
    seeds = {number for numbers in chosen.values() for number in numbers[:STREAM_SEEDS]}
    pool = [number for number in range(STREAM_FROM) if number not in seeds]
    background = [docs[number]["title"] for number in sorted(Random(1).sample(pool, 1000))]
    results = []
    for numbers in chosen.values():
        profile = build_profile([docs[number]["title"] for number in numbers[:STREAM_SEEDS]], background, name="story")
        relevant = set(numbers)
        items = [({"title": docs[n]["title"], "text": ""}, n in relevant) for n in range(STREAM_FROM, len(docs))]
        results.append(measure(judged(profile, items), profile.threshold))
    yield from _in_halves(f"{len(results)} stories of headlines", results)


def _in_halves(what: str, results: Sequence[Result]) -> Iterator[str]:
    yield row(what, mean(results))
    for part, half in (("every first of two", results[::2]), ("every second", results[1::2])):
        yield row(f"    {part}", mean(half))


def _week(folder: Path) -> Iterator[str]:
    entries = list(_entries(folder))
    if not entries:
        return
    topics = [(NAME, _texts(HOME / "seeds")), ("germany-kenya", PAIR_SEEDS), *((one.name, one.seeds) for one in PAIRS)]
    for name, seeds in topics:
        matcher = Matcher([build_profile(seeds, name=name)])
        scored = [(matcher.score(title=one["title"], text=one["text"])[0], one["title"]) for one in entries]
        alarms = sum(score.matched for score, _ in scored)
        yield f"{name}: {alarms} alarms among {len(entries)} entries of a week"
        closest = sorted(((score.value, title) for score, title in scored if score.eligible), reverse=True)[:3]
        yield from (f"    closest: {value:5.2f}  {title[:90]}" for value, title in closest)


def _events(folder: Path) -> Iterator[str]:
    path, entries = folder / "events.json", list(_entries(folder))
    if not (path.is_file() and entries):
        return
    events = dict(sorted(json.loads(path.read_text(encoding="utf-8")).items()))
    by_id = {one["id"]: one for one in entries}
    drawn = set(Random(5).sample(sorted(by_id), SAMPLE))
    profiles, left_out = [], {}
    for name, labels in events.items():
        left_out[name] = drawn.union(labels["seeds"], labels["unsure"])
        others = sorted(drawn.difference(*labels.values()))
        seeds, background = ([_whole(by_id[each]) for each in some] for some in (labels["seeds"], others))
        profiles.append(build_profile(seeds, background, name=name))
    matcher, scored = Matcher(profiles), defaultdict[str, list[Judged]](list)
    for one in entries:
        for score in matcher.score(title=one["title"], text=one["text"]):
            if one["id"] not in left_out[score.profile]:
                scored[score.profile].append((score.value, one["id"] in events[score.profile]["on"]))
    results = [measure(scored[one.name], one.threshold) for one in profiles]
    yield from _in_halves(f"{len(results)} events of a week", results)


def _whole(entry: dict[str, Any]) -> str:
    return f"{entry['title']}\n{entry['text']}"


def _entries(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((folder / "stream").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _speed(folder: Path | None) -> Iterator[str]:
    """CPU time for one item with many profiles of words and pairs of words drawn from the entries."""
    entries = list(_entries(folder))[:2000] if folder else []
    texts = [(one["title"], one["text"]) for one in entries] or babble(2000)
    lines = [fold(f"{title} {text}").split() for title, text in texts]
    terms = sorted({phrase for line in lines for phrase in phrases(line, 2) if len(phrase) < _LONGEST})
    for count in (100, 1_000, 10_000):
        for what, draw in (("lists of words", _list), ("words, a country required", _about_a_country)):
            random = Random(count)
            profiles = [draw(f"p{number}", terms, random) for number in range(count)]
            before, start = _memory(), time.process_time()
            matcher = Matcher(profiles)
            built, grown = time.process_time() - start, _memory() - before
            yield f"{count:>6} profiles, {what}: built in {built:.2f} s and {grown:.0f} MB"
            yield f"       {_paces(matcher, texts)}"


def _list(name: str, terms: Sequence[str], random: Random) -> Profile:
    return Profile(name=name, threshold=5, terms=tuple(Term(term=random.choice(terms), weight=1) for _ in range(30)))


def _about_a_country(name: str, terms: Sequence[str], random: Random) -> Profile:
    chosen = tuple(Term(term=random.choice(terms), weight=random.uniform(0.3, 3.5)) for _ in range(20))
    country = Concept(country=random.choice(_COUNTRIES))
    return Profile(name=name, threshold=5, concepts={"country": country}, require=("country",), terms=chosen)


def _paces(matcher: Matcher, texts: Sequence[tuple[str, str]]) -> str:
    score = _median(lambda title, text: matcher.score(title=title, text=text), texts)
    hits = _median(lambda title, text: matcher.hits(title=title, text=text), texts)
    matched = _median(lambda title, text: _in_a_pass(matcher, title, text), texts)
    return f"an item: score {score:.0f} µs, hits {hits:.0f} µs, as in a pass {matched:.0f} µs (medians)"


def _median(work: Callable[[str, str], object], texts: Sequence[tuple[str, str]]) -> float:
    """Microseconds of CPU time for one text."""
    spent = []
    for title, text in texts:
        start = time.thread_time()
        work(title, text)
        spent.append(time.thread_time() - start)
    return statistics.median(spent) * 1e6


def _in_a_pass(matcher: Matcher, title: str, text: str) -> object:
    return matcher.matches(title=title, summary=text, content="", source="", lang=None, feed_url="")


def _memory() -> float:
    """The most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
