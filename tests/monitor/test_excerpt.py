"""What of a text is shown, and what of it is marked."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Fragment
from monitor.excerpt import LIMIT, excerpt, marked
from tests.examples import examples


def find(text: str, *words: str) -> list[tuple[int, int]]:
    return sorted((text.index(word), text.index(word) + len(word)) for word in words)


def shown(fragments: tuple[Fragment, ...]) -> str:
    return "".join(fragment.text for fragment in fragments)


def test_matched_words_are_marked_where_they_stand() -> None:
    text = "Laos and Japan agree"
    assert marked(text, find(text, "Laos", "Japan")) == (
        Fragment("Laos", marked=True),
        Fragment(" and "),
        Fragment("Japan", marked=True),
        Fragment(" agree"),
    )


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("Laos and Japan agree.", []) == (Fragment("Laos and Japan agree."),)


def test_a_long_text_is_shown_from_the_sentence_with_the_matches() -> None:
    text = "Rain fell on the hills. " * 30 + "Laos and Japan signed. " + "The river rose. " * 30
    result = excerpt(text, find(text, "Laos", "Japan"), limit=60)
    assert shown(result).startswith("… Laos and Japan signed.")
    assert [f.text for f in result if f.marked] == ["Laos", "Japan"]
    assert shown(result).endswith(" …")


def test_without_a_match_the_beginning_is_shown() -> None:
    text = "First things first. " + "And so on and on. " * 50
    assert shown(excerpt(text, [])).startswith("First things first.")


def test_a_text_without_sentences_is_cut_between_words_around_the_match() -> None:
    text = "word " * 300 + "Japan " + "word " * 300
    result = shown(excerpt(text, find(text, "Japan"), limit=80))
    assert "Japan" in result
    assert len(result) <= 90


def test_scripts_without_blanks_are_cut_too() -> None:
    text = "日本とラオスは合意した。" + "川は流れる。" * 200
    result = excerpt(text, find(text, "日本"))
    assert shown(result).startswith("日本とラオス")
    assert len(shown(result)) <= LIMIT + 4


@given(st.text(max_size=900), st.data())
def test_nothing_is_invented_and_marks_stay_inside_their_words(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b]
    result = excerpt(text, spans, limit=100)
    assert len(shown(result)) <= 104
    assert shown(result).removeprefix("… ").removesuffix(" …") in text
    wanted = {text[a:b] for a, b in spans}
    assert all(any(f.text in word for word in wanted) for f in result if f.marked)
    assert shown(marked(text, spans)) == text


# word for word ----------------------------------------------------------------------------------------

NEWS = "One is first. Two is next, with Laos. Three is last, with Laos and Japan. Four ends it."
LINE = "alpha beta gamma delta Laos epsilon zeta eta theta iota kappa"
RAIN = "雨が降る。日本とラオスは合意した。川は流れる。山は高い。"


def seen(text: str, limit: int, *words: str) -> str:
    """An excerpt as a reader sees it, with brackets around what is marked."""
    spans = sorted(match.span() for word in words for match in re.finditer(word, text))
    return "".join(f"[{part.text}]" if part.marked else part.text for part in excerpt(text, spans, limit))


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        (NEWS, 10, "… [Laos]. …"),
        (NEWS, 20, "… with [Laos]. Three is …"),
        (NEWS, 30, "… Three is last, with [Laos] and …"),
        (NEWS, 40, "… Three is last, with [Laos] and [Japan]. …"),
        (NEWS, 60, "… Two is next, with [Laos]. Three is last, with [Laos] and [Japan]. …"),
        (NEWS, 80, "… Two is next, with [Laos]. Three is last, with [Laos] and [Japan]. Four ends it."),
        (NEWS, len(NEWS), NEWS.replace("Laos", "[Laos]").replace("Japan", "[Japan]")),
        (LINE, 12, "… [Laos] epsilon …"),
        (LINE, 24, "… delta [Laos] epsilon zeta …"),
        (LINE, 30, "alpha beta gamma delta [Laos] …"),
        (LINE, 45, "alpha beta gamma delta [Laos] epsilon zeta eta …"),
        (RAIN.replace("ラオス", "Laos"), 8, "… 日本と[Laos]は …"),
        ("x" * 30 + "Laos" + "y" * 30, 10, "… xxx[Laos]yyy …"),
        ("Laos", 10, "[Laos]"),
        ("", 10, ""),
    ],
)
def test_an_excerpt_begins_with_the_sentence_that_shows_most(text: str, limit: int, expected: str) -> None:
    """The last of equals, for the nearer to the end, the more is new."""
    assert seen(text, limit, "Laos", "Japan") == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        (NEWS, 10, "One is …"),
        (NEWS, 20, "One is first. …"),
        (NEWS, 30, "One is first. Two is next, …"),
        (NEWS, 40, "One is first. Two is next, with Laos. …"),
        (NEWS, len(NEWS) - 1, NEWS.removesuffix(" Four ends it.") + " …"),
        (NEWS, len(NEWS), NEWS),
        (LINE, 12, "alpha beta …"),
        (RAIN, 5, "雨が降る。 …"),
        (RAIN, 20, "雨が降る。日本とラオスは合意した。 …"),
        (RAIN, 12, "雨が降る。日本とラオスは …"),
        (RAIN, 16, "雨が降る。日本とラオスは合意した …"),  # the full stop would be one too many
        (RAIN, 17, "雨が降る。日本とラオスは合意した。 …"),
        ("x" * 50, 10, "xxxxxxxxxx …"),
    ],
)
def test_without_a_match_it_begins_with_the_text_and_ends_with_a_sentence_or_a_word(
    text: str, limit: int, expected: str
) -> None:
    assert seen(text, limit) == expected


words = st.lists(st.sampled_from(["rain", "fell", "on", "the", "hills.", "River", "rose!", "一二。"]), max_size=120)


@examples(0.4)
@given(words, words, st.integers(30, 120))
def test_a_word_that_matched_is_shown_however_long_the_text(before: list[str], after: list[str], limit: int) -> None:
    text = " ".join([*before, "Vientiane", *after])
    result = excerpt(text, find(text, "Vientiane"), limit)
    assert [fragment.text for fragment in result if fragment.marked] == ["Vientiane"]
    assert len(shown(result)) <= limit + 4
    assert shown(result).startswith("… ") or text.startswith(shown(result).removesuffix(" …"))
    assert shown(result).endswith(" …") or text.endswith(shown(result).removeprefix("… "))
