"""Bags of words, how rare they are, and what seeds share."""

from __future__ import annotations

from codecs import decode

import pytest

from monitor.profiles import frequency
from monitor.profiles.corpus import Background, bag, phrases, surfaces
from monitor.profiles.draft import origin
from monitor.profiles.subjects import subjects
from monitor.profiles.terms import centroid, keyphrases, points
from monitor.text.fold import pattern


def test_a_bag_holds_words_and_phrases_that_do_not_cross_a_line() -> None:
    one = bag("Tea prices", "Tea is dear\nfarmers say")
    assert one.title == {"tea": 1, "price": 1, "tea price": 1}
    assert one.body["tea is dear"] == 1
    assert "dear farmer" not in one.terms
    assert one.length == 7


def test_phrases_have_up_to_so_many_words() -> None:
    assert list(phrases(["a", "b", "c"], 2)) == ["a", "b", "c", "a b", "b c"]


def test_a_term_is_shown_as_it_is_mostly_written() -> None:
    texts = ["Skilled workers came.", "More skilled workers", "the People's Bank (PB)", "NATO and NATO", "ties, ties"]
    found = surfaces(texts, ["skilled worker", "people bank pb", "nato", "ty", "never"])
    assert found == {
        "skilled worker": "skilled workers",
        "people bank pb": "People's Bank PB",
        "nato": "NATO",
        "ty": "ties",
        "never": "never",
    }


def test_what_the_background_holds_is_less_rare() -> None:
    background = Background.of([f"Tea {n}\nprices rose" for n in range(100)] + ["Ottilie\nnears"])
    assert background.size == 101
    assert background.rarity("tea") < background.rarity("near") < background.rarity("xylograph")
    assert background.counts["price rose"] == 100
    assert background.once_in("tea") < 3 < background.once_in("ottilie")


def test_without_a_background_english_at_large_decides() -> None:
    nothing = Background.of([])
    assert nothing.rarity("the") < nothing.rarity("minister") < nothing.rarity("ordnance") < nothing.rarity("ottilie")
    assert nothing.rarity("unexploded ordnance") > nothing.rarity("ordnance")


def test_texts_can_be_taken_out_of_a_background() -> None:
    background = Background.of(["Tea\ndear", "Tea\ncheap", "Rice\ndear"])
    rest = background.without([1])
    assert rest.counts["tea"] == 1
    assert rest.counts["cheap"] == 0
    assert rest.texts == (("Tea", "dear"), ("Rice", "dear"))


def test_the_table_of_words_holds_no_rude_ones() -> None:
    rude = [decode(word, "rot13") for word in ("fuvg", "ohyyfuvg", "onfgneq", "cvffrq")]
    empty: dict[str, list[str]] = {name: [] for name in frequency.LISTS}
    assert frequency.derive(empty | {"us_tv_and_film": ["the", *rude, "assembly"]}) == "-3 the\n-6 assembly\n"
    assert not set(rude) & set(frequency.shares())


def test_the_table_of_words_is_derived_from_ranked_lists() -> None:
    empty: dict[str, list[str]] = {name: [] for name in frequency.LISTS}
    table = frequency.derive(empty | {"english_wikipedia": ["the", "tea"], "male_names": ["daniel", "tea"]})
    levels = {word: int(line.split()[0]) for line in table.splitlines() for word in line.split()[1:]}
    assert levels == {"the": -3, "tea": -4, "daniel": -8}


def test_a_longer_text_is_likelier_to_hold_a_word() -> None:
    assert 0 < frequency.chance("ordnance", 10) < frequency.chance("ordnance", 100) < frequency.chance("the", 100) <= 1
    assert frequency.chance("ottilie", 100) < frequency.chance("ordnance", 100)


@pytest.mark.parametrize(("word", "rarer"), [("a", "eu"), ("eu", "oil"), ("12", "787"), ("2025", "792"), ("et", "etz")])
def test_short_words_years_and_little_words_of_other_languages_are_not_taken_for_rare(word: str, rarer: str) -> None:
    assert frequency.chance(word, 40) > frequency.chance(rarer, 40) > frequency.chance("quokka", 40)


SEEDS = [
    bag("Skilled workers wanted", "An agreement on skilled workers was signed on Tuesday."),
    bag("Nurses wanted", "The agreement on skilled workers helps nurses."),
    bag("Tea", "Tea and the skilled workers of the ports."),
]


def test_key_phrases_are_what_seeds_share_in_their_longest_form() -> None:
    found = keyphrases(SEEDS, Background.of([]))
    assert next(iter(found)) == "skilled worker"
    assert "agreement on skilled" in found
    assert not {"skilled", "worker", "tuesday", "the", "on skilled worker"} & set(found)


def test_a_centroid_weighs_words_by_rarity_and_by_how_many_seeds_hold_them() -> None:
    weights = centroid([(one, 1.0) for one in SEEDS], Background.of([]), size=12)
    assert len(weights) == 12
    assert weights["skilled"] > weights["nurs"] if "nurs" in weights else weights["skilled"] > min(weights.values())
    assert list(weights.values()) == sorted(weights.values(), reverse=True)


def test_each_word_of_a_long_seed_says_less_unless_lengths_do_not_count() -> None:
    seeds = [(bag("Umbrak", ""), 1.0), (bag("Quibbon stalls the zanderlick trade", ""), 1.0)]
    level = centroid(seeds, Background.of([]))
    assert level["umbrak"] > 1.5 * level["quibbon"]
    plain = centroid(seeds, Background.of([]), level=False)
    assert plain["umbrak"] == pytest.approx(plain["quibbon"])


def test_a_seed_scores_more_than_other_texts() -> None:
    weights = centroid([(one, 1.0) for one in SEEDS], Background.of([]))
    assert min(points(weights, one) for one in SEEDS) > points(weights, bag("Rain", "It rained on the hills.")) >= 0


def test_where_a_term_comes_from_is_said_in_words() -> None:
    assert origin("skilled worker", SEEDS, Background.of([])) == "in 3 of 3 seeds; very rare in English"
    assert origin("tea", SEEDS, Background.of(["Tea\nx", "Rice\ny"])) == "in 1 of 3 seeds; in 1 of 2 other texts"


def test_every_word_of_a_subject_can_be_found() -> None:
    assert [word for one in subjects() for words in one.words.values() for word in words if not pattern(word)] == []


def test_exactly_one_subject_is_about_countries_dealing_with_each_other() -> None:
    assert [one.name for one in subjects() if one.core] == ["relations"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The ambassador spoke of bilateral ties", "relations"),
        ("A grant for a rural hospital", "aid"),
        ("The striker scored in the World Cup qualifier", "sport"),
        ("Police arrested a suspect", "crime"),
        ("An earthquake of magnitude 6", "disasters"),
    ],
)
def test_a_text_treats_a_subject_with_two_of_its_words(text: str, name: str) -> None:
    treated = {one.name for one in subjects() if one.treated([text])}
    assert name in treated
    assert len(treated) <= 2
