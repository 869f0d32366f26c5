"""Foreign text becomes safe to show, and stays readable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.clean import MAX_FRAGMENTS, MAX_LINK, clean, clean_fragments, cut, safe_lang, safe_link
from alerts.model import Fragment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two\r\n\tlines  ", "two lines"),
        ("a\x00b\x1b[31mc\x85d", "a b [31mc d"),
        ("line\u2028separator\u2029here", "line separator here"),
        ("\u202eright to left\u202c and \u2066isolated\u2069", "right to left and isolated"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("\ufeffmark\uffff", "mark"),
        ("ក\u200bម្ពុជា", "ក\u200bម្ពុជា"),  # Khmer marks its words with zero-width spaces
        ("क्\u200dष", "क्\u200dष"),
        ("Z" + "\u0300" * 2_000 + "algo", "Z" + "\u0300" * 8 + "algo"),
        ("", ""),
    ],
)
def test_controls_and_direction_marks_go_and_letters_stay(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text(max_size=200), st.integers(1, 50))
def test_clean_text_is_one_printable_line(text: str, limit: int) -> None:
    found = clean(text, limit)

    assert len(found) <= limit
    assert found == found.strip()
    assert not {unicodedata.category(char) for char in found} & {"Cc", "Cs", "Zl", "Zp"}
    assert clean(found, limit) == found


def test_a_cut_does_not_part_a_letter_from_its_marks() -> None:
    assert cut("ກໍ່ກໍ່ກໍ່", 5) == "ກໍ່…"
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"


def test_a_text_of_nothing_but_marks_can_be_cut() -> None:
    assert cut("\u0301" * 9, 4) == "…"


def test_a_text_may_be_of_a_thousand_characters_unless_it_is_said_otherwise() -> None:
    assert [len(clean("x" * length)) for length in (999, 1_000, 1_001)] == [999, 1_000, 1_000]


def test_a_text_with_hundreds_of_marks_keeps_the_first_and_all_its_words() -> None:
    parts = [Fragment(f"{number} ", marked=number % 2 == 0) for number in range(300)]
    found = clean_fragments(parts, 5_000)

    assert len(found) == MAX_FRAGMENTS
    assert "".join(part.text for part in found) == "".join(part.text for part in parts)
    assert [part.marked for part in found] == [part.marked for part in parts[: MAX_FRAGMENTS - 1]] + [False]


def test_fragments_keep_their_blanks_and_the_limit() -> None:
    parts = (Fragment("Ties\r\nwith "), Fragment("Laos", marked=True), Fragment(" grow"), Fragment(" and more"))

    assert clean_fragments(parts, 18) == (
        Fragment("Ties with "),
        Fragment("Laos", marked=True),
        Fragment(" gr…"),
    )
    assert clean_fragments((Fragment(""), Fragment("\u202e")), 10) == ()


@given(st.lists(st.builds(Fragment, st.text(max_size=20), st.booleans()), max_size=6), st.integers(1, 40))
def test_fragments_never_exceed_the_limit(parts: list[Fragment], limit: int) -> None:
    assert sum(len(part.text) for part in clean_fragments(parts, limit)) <= limit


@pytest.mark.parametrize(
    "link",
    [
        "https://news.example/a?b=c&d=%20#e",
        "http://ລາວ.example/ຂ່າວ",
        "https://user@news.example:8443/",
        "https://[2001:db8::1]/",
    ],
)
def test_http_links_pass(link: str) -> None:
    assert safe_link(link) == link


@pytest.mark.parametrize(
    "link",
    [
        "",
        "javascript:alert(1)",
        "JAVASCRIPT://news.example/%0aalert(1)",
        "data:text/html,x",
        "//news.example/",
        "/relative",
        "https://",
        "https:///path",
        "https://news.example/a b",
        "https://news.example/\r\nBcc: x",
        " https://news.example/",
        "https://news.example/\u202e",
        "https://[broken/",
        "https://news.example/" + "x" * MAX_LINK,
    ],
)
def test_every_other_link_is_dropped(link: str) -> None:
    assert safe_link(link) == ""


def test_languages_are_tags_or_nothing() -> None:
    tags = ["en", "zh-Hant-TW", "lo", 'en" onload="x', "e", "123", "en_US", ""]

    assert [safe_lang(tag) for tag in tags] == ["en", "zh-Hant-TW", "lo", "", "", "", "", ""]
