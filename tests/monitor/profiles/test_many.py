"""Many profiles at once: what one text matches is what it matches with each of them alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.profiles import Matcher, Profile, load_profile

WORDS = ("harbour", "ferry", "quay", "pilot", "tide")


def wordlist(number: int, words: tuple[str, ...], threshold: float) -> Profile:
    terms = ", ".join(f"{{term: {word}, weight: 1.0}}" for word in words)
    return load_profile(f"name: p{number}\nthreshold: {threshold}\nterms: [{terms}]\n", name="p.yaml")


# Some are content with one word, some need two or all five of them, and a few look for one that they share with nobody.
PROFILES = [
    *(wordlist(number, WORDS[:1], 0.9) for number in range(35)),
    *(wordlist(number, WORDS[:2], 2.2) for number in range(35, 45)),
    *(wordlist(number, WORDS, 5.5) for number in range(45, 50)),
    *(wordlist(number, WORDS[-1:], 0.9) for number in range(50, 53)),
]
TOGETHER, ALONE = Matcher(PROFILES), [Matcher([profile]) for profile in PROFILES]


def names(matcher: Matcher, text: str) -> list[str]:
    found = matcher.matches(title=text, summary="", content="", source="", lang="en", feed_url="")
    return [score.profile for score in found]


@given(st.lists(st.sampled_from([*WORDS, "and", "of"]), max_size=12).map(" ".join))
def test_together_they_match_what_each_matches_alone(text: str) -> None:
    assert sorted(names(TOGETHER, text)) == sorted(name for matcher in ALONE for name in names(matcher, text))


def test_a_word_that_all_share_is_not_enough_for_those_who_need_more() -> None:
    assert names(TOGETHER, "A harbour") == [f"p{number}" for number in range(35)]
