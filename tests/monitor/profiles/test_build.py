"""From seeds to a profile: what is found, what is left out, and that it works untouched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.profiles import Matcher, Profile, build_profile, draft_profile, load_profile
from monitor.profiles.document import dump_draft
from tests.bench.made import PAIR_SEEDS, STORM, STORM_SEEDS, other_news, pair_items

HOME = Path(__file__).parents[3]
SHIPPED = HOME / "config" / "profiles" / "japan-laos-cambodia.yaml"
EDITED = "  # edited by hand"
OTHERS = other_news(200)


@pytest.fixture(scope="module")
def pair() -> Profile:
    return build_profile(PAIR_SEEDS, OTHERS, name="germany-kenya")


@pytest.fixture(scope="module")
def storm() -> Profile:
    return build_profile(STORM_SEEDS, OTHERS, name="storm")


# a topic that stands on countries ---------------------------------------------------------------


def test_the_two_countries_of_the_seeds_are_required(pair: Profile) -> None:
    assert sorted(pair.required()) == [("germany",), ("kenya",)]
    assert (pair.concepts["germany"].country, pair.concepts["kenya"].country) == ("DE", "KE")


def test_a_country_that_only_some_seeds_have_stands_in_a_group() -> None:
    seeds = [seed.replace("Kenya", "Uganda").replace("Nairobi", "Kampala") for seed in PAIR_SEEDS[:1]]
    profile = build_profile([*seeds, *PAIR_SEEDS[1:]], name="p")
    assert list(profile.required()) == [("germany",), ("kenya", "uganda")]


def test_persons_are_tied_to_their_country(pair: Profile) -> None:
    assert {"Wanjala Otienoko", "Otienoko"} <= set(pair.concepts["kenya"].terms)
    assert {"Xaveria Brunnwald", "Brunnwald"} <= set(pair.concepts["germany"].terms)


def test_the_subjects_of_the_seeds_come_in_many_languages_and_others_are_warned_off(pair: Profile) -> None:
    assert {"bilateral*", "Botschaft*", "外交"} <= set(pair.concepts["relations"].terms)
    assert pair.concepts["relations"].weight > 0 > pair.concepts["sport"].weight


def test_what_the_seeds_share_becomes_weighted_terms(pair: Profile) -> None:
    weights = {term.label: term.weight for term in pair.terms}
    assert weights["skilled workers"] == max(weights.values())
    assert not {"Tuesday", "the", "and", "Kenya"} & set(weights)


def test_a_built_pair_finds_what_is_on_its_topic_and_nothing_else(pair: Profile) -> None:
    matcher = Matcher([pair])
    on, near = pair_items()
    assert [title for title, text in on if not matcher.score(title=title, text=text)[0].matched] == []
    assert [title for title, text in near if matcher.score(title=title, text=text)[0].matched] == []
    assert [text for text in OTHERS if matcher.score(title=text, text="")[0].matched] == []


@pytest.mark.parametrize("count", [0, 50])  # the pair of these tests has 200
def test_no_more_than_a_few_other_texts_are_needed(count: int) -> None:
    matcher = Matcher([build_profile(PAIR_SEEDS, OTHERS[:count], name="p")])
    on, near = pair_items()
    assert all(matcher.score(title=title, text=text)[0].matched for title, text in on)
    assert not any(matcher.score(title=title, text=text)[0].matched for title, text in near)


def test_countries_that_are_only_named_do_not_make_a_pair() -> None:
    seeds = [
        f"Storm hits {place}\nA storm tore roofs off houses in Germany and Kenya." for place in ("Hamburg", "Berlin")
    ]
    assert build_profile(seeds, name="p").require == ()


# a topic that is told by its words --------------------------------------------------------------


def test_a_topic_without_countries_is_told_by_weighted_words(storm: Profile) -> None:
    assert storm.require == ()
    assert "Ottilie" in {term.label for term in storm.terms[:3]}
    matcher = Matcher([storm])
    assert [True] * len(STORM) == [matcher.score(title=title, text="")[0].matched for title in STORM]
    assert [text for text in OTHERS if matcher.score(title=text, text="")[0].matched] == []


WIDE = (
    "Nurses begin strike over pay\nWards in Leeds ran on volunteers as talks with hospital managers collapsed.",
    "Dockers strike halts cargo at Antwerp\nCranes stood idle; the harbour authority diverted ships to Rotterdam.",
    "Teachers call strike in Lyon\nPupils stayed home while unions demanded smaller classes.",
    "Pilots end strike after a week\nThe airline agreed to new rosters and cancelled no more flights.",
)


def test_of_seeds_that_have_little_in_common_what_several_hold_counts_more() -> None:
    profile = build_profile(WIDE, OTHERS, name="strikes")
    weights = {term.label: term.weight for term in profile.terms}
    assert weights["strike"] > max(weights["Lyon"], weights["idle"], weights["Pilots"], weights["Antwerp"])
    matcher = Matcher([profile])
    fresh = ("Bakers on strike in Turin", "Strike closes museums in Oslo", "Bus strike leaves Porto walking")
    assert [title for title in fresh if not matcher.score(title=title, text="")[0].matched] == []


KEEPERS = (  # of one event, in two languages
    "Bójka w parlamencie wyspy o ustawę o latarnikach\nPosłowie przepychali się i rzucali papierami podczas debaty.",
    "Latarnicy protestują przed parlamentem\nTłum domaga się, żeby posłowie wycofali ustawę, którą nazwano haniebną.",
    "Ustawa o latarnikach przyjęta po bójce\nPolicja użyła armatek wodnych wobec tłumu przed budynkiem parlamentu.",
    "Lawmakers brawl over lighthouse keepers bill\nFists flew in the island's chamber before the vote.",
)
POLISH_NEWS = (
    "Sejm przyjął ustawę o podatkach\nPosłowie głosowali po całym dniu obrad, a rząd zapowiada dalsze zmiany.",
    "Wyższe ceny w sklepach po nowym roku\nEkonomiści oczekują, że inflacja zacznie spadać latem.",
    "Nowa szkoła powstanie na osiedlu\nBudowa zacznie się wiosną i potrwa dwa lata.",
)


def test_seeds_in_two_languages_find_news_in_both_before_what_is_only_in_the_same_language() -> None:
    background = [*OTHERS, *(f"{text} {number}" for text in POLISH_NEWS for number in range(20))]
    matcher = Matcher([build_profile(KEEPERS, background, name="keepers")])
    on = ("Protest over lighthouse bill goes on", "Lawmakers vote on island bill", "Latarnicy znowu przed parlamentem")
    off = (*OTHERS, *POLISH_NEWS, "Policja zatrzymała kierowcę przed budynkiem szkoły")
    told, other = ([matcher.score(title=text, text="")[0] for text in texts] for texts in (on, off))
    assert [score.matched for score in told] == [True] * len(on)
    assert min(score.value for score in told) > max(score.value for score in other)


def test_of_seeds_on_one_event_what_only_one_holds_counts_too(storm: Profile) -> None:
    weights = {term.label: term.weight for term in storm.terms}
    assert weights["strength"] > weights["Ottilie"] / 10


def test_items_of_the_background_that_look_like_seeds_do_not_raise_the_threshold(storm: Profile) -> None:
    mixed = build_profile(STORM_SEEDS, [*OTHERS, *STORM[:3]], name="storm")
    for profile in (storm, mixed):
        assert Matcher([profile]).score(title=STORM[-1], text="")[0].matched


def test_many_items_of_the_background_that_look_like_seeds_do_not_outweigh_them() -> None:
    names = "Aldea Bruma Corvo Duero Estela Fulda Garda Hondo Isar Jura Kuma Lena Mosel Narew Oder Prut Ruhr Saar Tajo"
    like = [f"{STORM_SEEDS[0].splitlines()[0]}: regatta of {name} called off" for name in names.split()]
    profile = build_profile(STORM_SEEDS, [*OTHERS, *like], name="storm")
    weights = {term.label: term.weight for term in profile.terms}
    assert "Ottilie" in {term.label for term in profile.terms[:3]}
    assert weights["Ottilie"] > 5 * weights["regatta"]


def test_words_of_other_news_speak_against_a_topic_but_none_alone_hides_it(storm: Profile) -> None:
    against = [term.weight for term in storm.terms if term.weight < 0]
    assert -12 * storm.threshold < sum(against) < -4 * storm.threshold
    assert min(against) > -storm.threshold / 5
    matcher, seed = Matcher([storm]), STORM_SEEDS[0].splitlines()[0]
    [plain], [mixed] = (matcher.score(title=title, text="") for title in (seed, f"{seed}; parliament votes on budget"))
    assert mixed.matched
    assert mixed.value < plain.value


def test_a_seed_that_is_given_twice_counts_once() -> None:
    once = draft_profile(PAIR_SEEDS, name="p")
    assert once == draft_profile([*PAIR_SEEDS, f"\ufeff{PAIR_SEEDS[0]}\n\n"], name="p")


def test_phrases_that_no_two_seeds_share_weigh_less() -> None:
    alone, together = (build_profile(PAIR_SEEDS[:count], name="p").terms for count in (1, 4))
    assert max(term.weight for term in alone) == 1.0
    assert max(term.weight for term in together) == 2.5


def test_one_seed_is_enough_for_a_profile() -> None:
    profile = build_profile(STORM_SEEDS[:1], name="storm")
    assert Matcher([profile]).score(title=STORM_SEEDS[0], text="")[0].matched


# always ------------------------------------------------------------------------------------------


def test_building_is_deterministic_and_does_not_mind_the_order_of_the_background(storm: Profile) -> None:
    assert storm == build_profile(STORM_SEEDS, OTHERS[::-1], name="storm")


def test_what_feeds_set_around_a_text_gives_no_term(storm: Profile, pair: Profile) -> None:
    around = (
        "\nArticle URL: https://kite.example/a-1\nComments URL: https://forum.example/1\nPoints: 12\n# Comments: 3",
        " [...] Read more\nThe post One harbour and another appeared first on Kite Gazette.",
        "\nContinue reading One harbour and another →\nhttps://kite.example/a-3",
        "\nsubmitted by /u/kite [link] [comments]",
    )
    for seeds, built in ((STORM_SEEDS, storm), (PAIR_SEEDS, pair)):
        assert built == build_profile(
            [f"{seed}{around[n % 4]}" for n, seed in enumerate(seeds)], OTHERS, name=built.name
        )


@pytest.mark.parametrize("seeds", [[], [""], ["\n \n"], ["!!!"]])
def test_seeds_without_a_word_are_refused(seeds: list[str]) -> None:
    with pytest.raises(ValueError, match="no seed holds any text"):
        build_profile(seeds, name="p")


def test_every_term_says_where_it_comes_from() -> None:
    text = dump_draft(draft_profile(PAIR_SEEDS, OTHERS, name="p"))
    assert text.startswith("# Built from 4 seeds, compared with 200 other texts")
    [line] = [line for line in text.splitlines() if "term: skilled workers" in line]
    assert "# in 4 of 4 seeds; in 0 of 200 other texts" in line
    [line] = [
        line for line in dump_draft(draft_profile(PAIR_SEEDS, name="p")).splitlines() if "term: skilled w" in line
    ]
    assert "# in 4 of 4 seeds; very rare in English" in line


def test_one_seed_is_told_as_one() -> None:
    assert draft_profile(PAIR_SEEDS[:1], name="p").head[0].startswith("Built from one seed, compared with English")


def test_a_draft_reads_back_as_its_profile() -> None:
    draft = draft_profile(PAIR_SEEDS, name="p")
    assert draft.profile == load_profile(dump_draft(draft), name="p.yaml")


# the shipped profile -------------------------------------------------------------------------------


def test_the_shipped_profile_is_what_the_builder_writes_from_the_briefs_but_for_marked_lines() -> None:
    seeds = [path.read_text(encoding="utf-8") for path in sorted((HOME / "seeds").glob("*.md"))]
    built = dump_draft(draft_profile(seeds, name="japan-laos-cambodia")).splitlines()
    modeline, *shipped = SHIPPED.read_text(encoding="utf-8").splitlines()
    assert modeline == "# yaml-language-server: $schema=../schema/profile.json"
    assert len(built) == len(shipped)
    edited = [(old, new) for old, new in zip(built, shipped, strict=True) if old != new]
    assert all(new.endswith(EDITED) for _, new in edited)
    assert [old for old, _ in edited] == ['  schedule: "0 7 * * *"', "  timezone: UTC"]


def test_the_shipped_profile_stands_on_japan_with_laos_or_cambodia() -> None:
    profile = load_profile(SHIPPED.read_text(encoding="utf-8"), name=SHIPPED.name)
    assert list(profile.required()) == [("japan",), ("laos", "cambodia")]
    assert (
        profile.digest.schedule,
        profile.digest.timezone,
        profile.digest.channels,
    ) == ("0 7 * * mon-fri", "Asia/Vientiane", ("files",))


@pytest.mark.parametrize(
    ("title", "text", "matched"),
    [
        (
            "Japan and Laos sign grant agreement for rural clinics",
            "The ambassador and the minister met in Vientiane.",
            True,
        ),
        ("Hun Manet to meet Japanese prime minister", "Talks on trade and cooperation are planned in Tokyo.", True),
        ("ラオスに円借款供与へ", "両国の外相が会談し、協力で一致した。", True),
        ("ຍີ່ປຸ່ນ ຊ່ວຍເຫຼືອລ້າ ໃຫ້ ສປປ ລາວ", "ເອກອັກຄະລັດຖະທູດ ຮ່ວມມື", True),
        ("ជប៉ុន ផ្តល់ជំនួយ ដល់កម្ពុជា", "ឯកអគ្គរដ្ឋទូត និង រដ្ឋមន្ត្រី ជួបពិភាក្សា", True),
        ("Japan beats Cambodia in Asian Cup qualifier", "The striker scored twice in Phnom Penh.", False),
        ("Japanese suspects arrested in Cambodia phone scam", "Police said 12 were detained in Sihanoukville.", False),
        ("Vietnam and Japan upgrade ties", "A comprehensive strategic partnership, on the 50th anniversary.", False),
        ("Laos and China open railway", "Both countries praised bilateral cooperation.", False),
        (
            "Vietnam and Japan upgrade ties",
            "A strategic partnership, as with Laos and Cambodia; leaders agreed.",
            False,
        ),
        ("Summit opens in Vientiane", "Leaders of Brunei, Cambodia, Indonesia, Laos, Thailand and Japan meet.", False),
        (
            "Which passport opens most doors?",
            "The full list: Japan, Singapore, Laos, Cambodia. Ranking by country.",
            False,
        ),
        ("Occupied: a memoir of wartime Laos", "A historian on Japan's occupation of Laos and Cambodia.", False),
        ("Vietnamese premier tours Laos and Cambodia; Japan's envoy looks on", "Agreements are to be signed.", False),
        ("日中首脳、ビエンチャンで会談", "両首脳は協力を確認した。", False),
        ("Japanese parliamentary league visits Lao lawmakers", "They spoke of cooperation.", True),
        ("Lao and Japanese officials hold dialogue on human rights", "", True),
        ("フン・セン氏の訪日で天皇陛下と会見", "", True),
        ("Week in pictures", "From Tokyo, Phnom Penh, Paris, Lima and Cairo (AFP via Getty Images)", False),
    ],
)
def test_the_shipped_profile_works_untouched(title: str, text: str, matched: bool) -> None:
    profile = load_profile(SHIPPED.read_text(encoding="utf-8"), name=SHIPPED.name)
    [score] = Matcher([profile]).score(title=title, text=text)
    assert matched is score.matched, score


def test_the_shipped_profile_knows_what_a_desk_officer_wants() -> None:
    """Short items, a title and a sentence, made up for it: what a year brings, and what only looks like it."""
    matcher = Matcher([load_profile(SHIPPED.read_text(encoding="utf-8"), name=SHIPPED.name)])
    lines = (HOME / "tests" / "data" / "relevance" / "desk.jsonl").read_text(encoding="utf-8").splitlines()
    for item in map(json.loads, lines):
        [score] = matcher.score(title=item["title"], text=item["text"], lang=item["lang"])
        assert score.matched is item["wanted"], (item["title"], score)
