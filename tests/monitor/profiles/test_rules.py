"""Rules of finding, scoring and building that are easily forgotten: what does not count, and what is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Score
from monitor.profiles import Matcher, Profile, build_profile, load_profile
from monitor.profiles.explain import explain, lines
from monitor.profiles.facets import find_facets, mentions
from monitor.profiles.furniture import Seed, read_seed
from monitor.profiles.names import tied_names
from monitor.profiles.subjects import subjects
from monitor.text.fold import fold_mapped, pattern
from tests.bench.made import PAIR_SEEDS
from tests.examples import examples

KENYA = "{name: p, threshold: 1, focus: 2.0, concepts: {kenya: {country: KE}}, require: [kenya]}"


def profile(text: str) -> Profile:
    return load_profile(text, name="p.yaml")


def score(text: str, title: str, body: str = "") -> Score:
    [found] = Matcher([profile(text)]).score(title=title, text=body)
    return found


def terms(*written: str) -> str:
    return f"{{name: p, threshold: 1, terms: [{', '.join(written)}]}}"


# what is found


def test_of_terms_that_mind_capitals_only_those_in_the_text_count() -> None:
    text = terms(
        "{term: GIZ, case: true, weight: 2}", "{term: DAAD, case: true, weight: 4}", "{term: visit, weight: 1}"
    )
    found = score(text, "", "A visit of the GIZ")
    assert [(part.label, part.points) for part in found.parts] == [("GIZ", 2.0), ("visit", 1.0)]


@pytest.mark.parametrize(("written", "counted"), [(1, 1), (19, 19), (20, 20), (21, 20), (400, 20)])
def test_an_expression_counts_up_to_twenty_times(written: int, counted: int) -> None:
    found = score(terms("{regex: 'visa[- ]free', weight: 2}"), "", "visa-free " * written)
    assert [part.hits for part in found.parts] == [counted]


def test_a_place_of_the_profiles_own_country_is_not_abroad() -> None:
    assert [part.kind for part in score(KENYA, "Nairobi and Kenya").parts] == ["concept"]
    abroad = score(KENYA, "Nairobi, Kampala and Kenya").parts
    assert [(part.kind, part.label) for part in abroad] == [("concept", "kenya"), ("focus", "Uganda")]


@pytest.mark.parametrize(
    ("body", "abroad"),
    [
        ("BANGKOK, Jan. 9 (Wire) -- Kenya", False),
        ("ROME/PARIS — Kenya", False),
        ("Hanoi (VNA) - Kenya", False),
        ("【バンコク共同】ケニア", False),
        ("A China-backed port in Kenya", False),
        ("A U.S.-funded clinic in Kenya", False),
        ("The China-upgraded port in Kenya", False),
        ("A South Korea-led mission in Kenya", False),
        ("中国援建的肯尼亚港口", False),
        ("中国系企業、ケニアで工場", False),
        ("Teachers in Kenya train Thai nurses", False),
        ("A training course for Vietnamese nurses in Kenya", False),
        ("Thai deminers in Kenya", False),
        ("ケニアでタイ人職員に研修", False),
        ("Thai nurses train in Kenya", True),
        ("A grant for Vietnamese nurses in Kenya", True),
        ("China upgraded the port in Kenya", True),
        ("Kenya, China upgraded: a well-led team", True),
        ("中国、ケニアを支援", True),
        ("BANGKOK (Wire) - Thai traders in Kenya", True),
        ("USA-Kenya ties", True),
        ("Vietnam - and Kenya - object", True),
        ("China backs Kenya", True),
    ],
)
def test_from_where_news_was_sent_who_paid_and_who_is_trained_is_not_abroad(body: str, *, abroad: bool) -> None:
    found = score(KENYA, "", body)
    assert abroad is ("focus" in {part.kind for part in found.parts})


def test_an_entry_with_every_name_but_too_few_points_is_no_match() -> None:
    matcher = Matcher([profile(KENYA.replace("threshold: 1", "threshold: 9"))])
    entry = {"title": "Kenya", "summary": "Kenya", "content": "", "source": "", "lang": None, "feed_url": ""}
    assert matcher.matches(**entry) == []
    assert matcher.matches(**entry | {"title": "Rice"}) == []


def test_what_speaks_against_an_entry_is_not_marked_for_its_reader() -> None:
    text = """{name: p, threshold: 1, concepts: {kenya: {country: KE}, sport: {terms: [marathon], weight: -1}},
        terms: [{term: visit, weight: 1}, {term: lottery, weight: -1}]}"""
    title = "Kenya: a visit to the lottery and the marathon"
    marked = Matcher([profile(text)]).spans("p", title)
    assert [title[start:end] for start, end in marked] == ["Kenya", "visit"]


@examples(2)
@given(
    st.text("aZs'’ .:-*\u00a0\u0301カ日ລາວ½", min_size=1, max_size=4), st.text("aZs'’ .:-\u0301カ日ລາວ½", max_size=12)
)
def test_what_is_found_is_never_an_empty_stretch_of_the_text(term: str, text: str) -> None:
    folded, wanted = fold_mapped(text), pattern(term)
    start = folded.text.find(wanted) if wanted else -1
    while start >= 0:
        begin, end = folded.span(start, start + len(wanted))
        assert text[begin:end].strip()
        start = folded.text.find(wanted, start + 1)


def test_a_script_meets_a_requirement_also_where_nothing_is_named() -> None:
    lao = """{name: p, threshold: 2, concepts: {laos: {country: LA, scripts: [Lao], weight: 2}}, require: [laos],
        terms: [{term: ຢ້ຽມຢາມ, weight: 1}]}"""
    found = score(lao, "", "ທ່ານໄດ້ມາຢ້ຽມຢາມ")
    assert [(part.kind, part.label, part.points) for part in found.parts] == [
        ("script", "laos", 1.0),
        ("term", "ຢ້ຽມຢາມ", 1.0),
    ]
    assert (found.matched, found.missing) == (True, ())
    assert score(lao, "", "Visit: ຢ້ຽມຢາມ, with nearly every other letter in a text of Latin script").missing


def test_an_explanation_says_which_requirement_is_not_met() -> None:
    wanted = profile(KENYA)
    shown = list(lines(explain(wanted, score(KENYA, "Rain in Uganda"))))
    assert shown[0] == "does not match: a requirement is not met, and 1.0 points short"
    assert shown[1:] == ["  missing: names no kenya"]


# what is built


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("Talks with the minister of Kenya, Wanjala Otienoko, began.", "Wanjala Otienoko"),
        ("In Kenya the new president, Wanjala Otienoko, spoke.", "Wanjala Otienoko"),
        ("The Kenyan ambassador to Germany, Wanjala Otienoko, spoke.", "Wanjala Otienoko"),
    ],
)
def test_the_country_stands_before_or_behind_the_office(sentence: str, name: str) -> None:
    assert name in tied_names([sentence], ("KE", "DE"))["KE"]


def test_noise_that_half_of_the_seeds_treat_is_no_noise() -> None:
    sport = "The striker scored in the World Cup qualifier."
    assert "sport" in build_profile([f"{PAIR_SEEDS[0]} {sport}", *PAIR_SEEDS[1:]], name="p").concepts
    half = [*(f"{seed} {sport}" for seed in PAIR_SEEDS[:2]), *PAIR_SEEDS[2:]]
    assert "sport" not in build_profile(half, name="p").concepts


def test_what_two_of_many_seeds_say_is_too_little_for_a_term() -> None:
    lonely = [f"{seed} The quokka pavilion." for seed in PAIR_SEEDS[:2]]
    few = build_profile([*lonely, *PAIR_SEEDS[2:]], name="p").terms
    many = build_profile([*lonely, *(f"{seed} {day}." for day in range(6) for seed in PAIR_SEEDS)], name="p").terms
    assert "quokka pavilion" in {term.label for term in few}
    assert "quokka pavilion" not in {term.label for term in many}
    assert min(term.weight for term in many if term.term) >= 0.1


def test_a_relative_of_persons_of_two_countries_belongs_to_neither() -> None:
    tied = "Japanese Prime Minister Taro Suzukawa spoke. Kenyan President Otieno Suzukawa listened."
    found = tied_names([f"{tied} Then Minister Hana Suzukawa left."], ("JP", "KE"))
    assert "Taro Suzukawa" in found["JP"]
    assert "Otieno Suzukawa" in found["KE"]
    assert "Hana Suzukawa" not in {*found["JP"], *found["KE"]}


def test_a_country_in_the_title_of_a_seed_counts_twice() -> None:
    assert mentions(Seed("Japan and Laos", ("Japan is far away.",))) == {"JP": 3, "LA": 2}


_TALKS = "The foreign ministers met the ambassador; diplomatic relations and bilateral cooperation were praised."
_FARES = "Fares between the two fell again, the airline said."


@pytest.mark.parametrize(("dealing", "found"), [(0, False), (1, False), (2, True), (4, True)])
def test_half_of_the_seeds_are_on_dealings_of_countries_or_it_is_no_pair(dealing: int, found: bool) -> None:
    texts = [_TALKS] * dealing + [_FARES] * (4 - dealing)
    seeds = [Seed(f"Japan and Laos, part {number}", (text,)) for number, text in enumerate(texts)]
    assert (find_facets(seeds) is not None) is found


@pytest.mark.parametrize(("partners", "found"), [(["Laos", "Nepal"], True), (["Laos", "Nepal", "Ghana"], False)])
def test_a_topic_stands_on_three_countries_at_most(partners: list[str], found: bool) -> None:
    seeds = [Seed(f"Japan and {partner}", (f"Japan, {partner}. {_TALKS}",)) for partner in partners]
    assert (find_facets(seeds) is not None) is found


def test_a_subject_that_no_seed_treats_is_worth_less() -> None:
    concepts = build_profile(PAIR_SEEDS, name="p").concepts
    treated = {one.name: one.treated(PAIR_SEEDS) > 0 for one in subjects() if not one.noise}
    assert set(treated.values()) == {True, False}
    for one in subjects():
        share = 1.0 if one.noise or treated[one.name] else 0.7
        assert concepts[one.name].weight == pytest.approx(one.weight * share, abs=0.0051)


def test_a_long_first_line_is_no_headline_and_loses_its_dateline() -> None:
    told = "The two ministers signed an agreement on roads and bridges " * 3
    assert read_seed(f"VIENTIANE, Jan 21 (KPL) - {told}\nMore of it.").title == told.strip()


def test_a_name_of_two_concepts_stands_for_both() -> None:
    both = "{name: p, threshold: 1, concepts: {one: {terms: [Mekong]}, other: {terms: [Mekong, Tonle Sap]}}}"
    assert {part.label for part in score(both, "The Mekong rises").parts} == {"one", "other"}


@pytest.mark.parametrize(("text", "near"), [("日本とのラオス", True), ("日本とのにはラオス", False)])
def test_two_letters_are_a_word_where_none_are_set_apart(text: str, near: bool) -> None:
    assert bool(score(terms("{near: [日本, ラオス], within: 2, weight: 1}"), text).parts) is near
