"""What tells a topic from other news."""

from __future__ import annotations

from monitor.profiles import Matcher, build_profile
from monitor.profiles.contrast import Worth, contrast, vectors
from monitor.profiles.corpus import Bag, bag
from tests.bench.made import STORM, STORM_SEEDS, other_news

TOPIC = [(bag("Ottilie floods the coast of Chile", ""), 1.0), (bag("Chile coast: Ottilie nears", ""), 1.0)]
OTHER = [bag(text, "") for text in ("Floods in Peru", "Floods in Ghana", "A coast road opens", "Peru votes", "A vote")]


def even(term: str) -> float:
    return 1.0


def weights(topic: list[tuple[Bag, float]] = TOPIC, worth: Worth = even) -> dict[str, float]:
    return contrast(topic, vectors(OTHER, worth), worth)


def test_words_of_the_topic_weigh_more_than_words_that_other_news_have_too() -> None:
    found = weights()
    assert found["chile"] > found["coast"] > found["flood"]


def test_words_of_other_news_alone_speak_against_the_topic() -> None:
    found = weights()
    assert found["peru"] < 0
    assert found["vote"] < 0


def test_what_counts_less_teaches_less() -> None:
    light = weights([(TOPIC[0][0], 1.0), (bag("Harbour closed", ""), 0.1)])
    heavy = weights([(TOPIC[0][0], 1.0), (bag("Harbour closed", ""), 1.0)])
    assert light["harbour"] < heavy["harbour"]


def test_a_word_that_is_worth_nothing_weighs_nothing() -> None:
    found = weights(worth=lambda term: 0.0 if term == "of" else 1.0)
    assert found["of"] == 0.0


def test_a_built_profile_holds_words_that_speak_against_its_topic() -> None:
    sport = [f"Storm Rovers {what} in the cup" for what in ("win", "lose", "draw", "score", "train", "play")] * 3
    profile = build_profile(STORM_SEEDS, [*other_news(200), *sport], name="storm")
    against = {term.label for term in profile.terms if term.weight < 0}
    assert against & {"rover", "rovers", "cup", "the cup", "storm rover"}
    matcher = Matcher([profile])
    assert all(matcher.score(title=title, text="")[0].matched for title in STORM)
    assert not any(matcher.score(title=title, text="")[0].matched for title in sport)
