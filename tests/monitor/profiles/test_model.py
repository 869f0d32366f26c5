"""A profile's YAML: what it may hold, and that every mistake is named at its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ConfigError
from monitor.profiles import Profile, dump_profile, load_profile
from monitor.profiles.model import Concept, DigestPlan, Scope, Term
from tests.examples import examples

FULL = """
name: germany-kenya
title: Germany with Kenya
threshold: 5.0
instant: 12.0
focus: 2.5
concepts:
  germany: {country: DE, terms: [German, Berlin], ignore: [German shepherd], weight: 1.5}
  kenya: {country: KE, scripts: [Latin], terms: [Kenyan, "Nairobi*"]}
  sport: {terms: [football, marathon], weight: -2.0}
require:
  - germany
  - [kenya, sport]
terms:
  - {term: skilled workers, weight: 3.1}   # in 2 of 4 seeds
  - {near: [upgrade, ties], within: 6, weight: 1.2}
  - {regex: "visa[- ]free", weight: 1, field: title}
  - {term: GIZ, case: true, weight: 0.5}
exclude: [lottery]
scope: {langs: [en, de], feeds: ["https://example.org/feed"], fields: [title, summary]}
digest: {schedule: "0 7 * * mon-fri", timezone: Africa/Nairobi, quiet: "22:00-06:00", channels: [desk, hook],
         max_items: 5, min_items: 2, send_empty: true, stories: false, template: short}
"""


def test_a_full_profile_is_read_as_it_is_written() -> None:
    profile = load_profile(FULL, name="p.yaml")
    assert (profile.name, profile.threshold, profile.instant, profile.focus) == ("germany-kenya", 5.0, 12.0, 2.5)
    assert list(profile.required()) == [("germany",), ("kenya", "sport")]
    assert [term.label for term in profile.terms] == ["skilled workers", "upgrade … ties", "/visa[- ]free/", "GIZ"]
    assert Scope(langs=("en", "de"), feeds=("https://example.org/feed",), fields=("title", "summary")) == profile.scope
    assert profile.digest.channels == ("desk", "hook")


def test_what_is_left_out_has_a_default() -> None:
    profile = load_profile("{name: p, threshold: 1, terms: [{term: a, weight: 1}]}", name="p.yaml")
    assert DigestPlan() == profile.digest
    assert Scope() == profile.scope
    assert profile.heading == "p"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("threshold: 5.0", "threshold: .inf"), "p.yaml:4:12: threshold: "),
        (("threshold: 5.0", "threshold: 0"), "p.yaml:4:12: threshold: "),
        (("focus: 2.5", "focus: -1"), "p.yaml:6:8: focus: "),
        (("country: DE", "countr: DE"), 'p.yaml:8:13: concepts.germany.countr: unknown key (did you mean "country"?)'),
        (("country: DE", "country: Germany"), "p.yaml:8:22: concepts.germany.country: "),
        (
            ("{terms: [football, marathon], weight: -2.0}", "{weight: 1}"),
            "p.yaml:10:10: concepts.sport: a concept needs",
        ),
        (("{term: skilled workers, weight: 3.1}", "{weight: 1}"), "p.yaml:15:5: terms[0]: a term is one of"),
        (("{term: skilled workers,", "{term: a, regex: b,"), "p.yaml:15:5: terms[0]: a term is one of"),
        (("near: [upgrade, ties]", "near: [upgrade]"), "p.yaml:16:12: terms[1].near: near takes two words"),
        (("{near: [upgrade, ties], within", "{term: ties, within"), "terms[1].within: within belongs to near"),
        (("visa[- ]free", "visa("), "p.yaml:17:13: terms[2].regex: not a regular expression"),
        (("0 7 * * mon-fri", "0 25 * * *"), "digest.schedule: not a cron line"),
        (("Africa/Nairobi", "Africa/Nowhere"), "digest.timezone: no time zone is called Africa/Nowhere"),
        (("22:00-06:00", "22-6"), "digest.quiet: not two times of day"),
        (("fields: [title, summary]", "fields: []"), "scope.fields"),
        (("name: germany-kenya", "name: a/b"), "p.yaml:2:7: name: "),
    ],
)
def test_a_mistake_is_named_at_its_place(change: tuple[str, str], problem: str) -> None:
    assert change[0] in FULL
    with pytest.raises(ConfigError) as caught:
        load_profile(FULL.replace(*change), name="p.yaml")
    assert problem in str(caught.value)


def test_a_digest_may_go_out_with_every_pass() -> None:
    assert DigestPlan(schedule="@run").schedule == "@run"


names = st.text(st.characters(categories=["L", "N", "P", "Z"]), min_size=1, max_size=12).filter(str.strip)
keys = st.from_regex(r"[a-z][a-z0-9 -]{0,10}[a-z]", fullmatch=True)
weights = st.floats(-100, 100, allow_nan=False).map(lambda number: round(number, 3))
terms = st.one_of(
    st.builds(Term, term=names, weight=weights, case=st.booleans(), field=st.sampled_from([None, "title", "content"])),
    st.builds(Term, near=st.tuples(names, names), within=st.integers(1, 20), weight=weights),
    st.builds(Term, regex=st.sampled_from(["a+", r"\bx\b", '"q"']), weight=weights),
)
concepts = st.builds(
    Concept,
    country=st.sampled_from(["DE", "NO", "KE"]),
    terms=st.lists(names, max_size=3).map(tuple),
    scripts=st.sampled_from([(), ("Lao",)]),
    ignore=st.lists(names, max_size=2).map(tuple),
    weight=weights,
)
profiles = st.builds(
    Profile,
    name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,9}", fullmatch=True),
    title=st.one_of(st.just(""), names),
    threshold=st.floats(0.1, 100).map(lambda number: round(number, 2)),
    instant=st.one_of(st.none(), st.just(12.5)),
    focus=st.sampled_from([0.0, 2.5]),
    concepts=st.dictionaries(keys, concepts, max_size=3),
    require=st.lists(st.one_of(keys, st.lists(keys, min_size=1, max_size=2).map(tuple)), max_size=2).map(tuple),
    terms=st.lists(terms, max_size=4).map(tuple),
    exclude=st.lists(names, max_size=2).map(tuple),
    scope=st.sampled_from([Scope(), Scope(langs=("en", "no"), feeds=("https://x.example/a?b=c#d",))]),
    digest=st.sampled_from([DigestPlan(), DigestPlan(schedule="@run", channels=("a b", "off"), quiet="22:00-06:00")]),
)


@examples(0.6)
@given(profiles)
def test_a_profile_round_trips_through_yaml(profile: Profile) -> None:
    assert profile == load_profile(dump_profile(profile), name="p.yaml")
