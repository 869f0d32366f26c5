"""A digest becomes smaller from its end, and only as much as it must."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Digest, Story
from alerts.shrink import shrink
from tests.alerts.samples import digest, entry
from tests.examples import examples


def spell(each: Digest) -> str:
    """A digest in a few letters: a story is its entries, capital when they have an excerpt; + for each one more."""
    words = ["".join("E" if one.highlight else "e" for one in story.entries) for story in each.stories]
    return " ".join(words) + "+" * each.more


def cut_to(size: int, stories: int = 3) -> str:
    full = digest([Story((entry(n), entry(n + 1))) for n in range(stories)])
    return shrink(full, spell, lambda text: len(text) <= size and text.count("E") <= size - 4)


def test_what_fits_is_left_alone() -> None:
    assert cut_to(99) == "EE EE EE"


def test_excerpts_go_first_then_sources_then_stories() -> None:
    full = digest([Story((entry(0), entry(1))), Story((entry(2), entry(3)))])
    wishes = ["EE EE", "EE ee", "ee ee", "ee e", "e e", "e+"]
    found = [shrink(full, spell, lambda text, wish=wish: wishes.index(text) >= wishes.index(wish)) for wish in wishes]

    assert found == wishes


def test_the_first_story_stays_whatever_is_asked() -> None:
    assert shrink(digest(3), spell, lambda _: False) == "e++"
    assert shrink(digest(1), spell, lambda _: False) == "e"
    assert shrink(digest(0), spell, lambda _: False) == ""


def test_what_was_left_out_before_is_still_counted() -> None:
    assert shrink(digest(3, more=2), spell, lambda text: text.startswith("e+")) == "e++++"


def test_reports_without_room_are_counted() -> None:
    full = digest([Story((entry(0), entry(1), entry(2)), more=1)])
    found = shrink(full, lambda each: f"{len(each.stories[0].entries)}, {each.stories[0].more} more", lambda _: False)

    assert found == "1, 3 more"


@given(stories=st.integers(1, 12), size=st.integers(0, 60))
@examples(0.6)
def test_the_largest_digest_that_fits_is_taken(stories: int, size: int) -> None:
    full = digest([Story((entry(n), entry(n + 1))) for n in range(stories)])
    weight = {"E": 4, "e": 1, "+": 0, " ": 0}
    tried: list[str] = []

    def render(each: Digest) -> str:
        tried.append(spell(each))
        return tried[-1]

    def heft(text: str) -> int:
        return sum(weight[char] for char in text)

    found = shrink(full, render, lambda text: heft(text) <= size)

    assert heft(found) <= size or found == "e" + "+" * (stories - 1)
    assert found.count(" ") + 1 + found.count("+") == stories
    assert all(heft(other) > size for other in tried if heft(other) > heft(found))
    assert len(tried) <= 8
