"""Plain text in lines that a terminal can show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.wrap import WIDTH, columns, wrap


def test_words_are_wrapped_with_an_indent() -> None:
    assert wrap("one two three four", indent=2, width=10) == "  one two\n  three\n  four"
    assert wrap("1. one two three", indent=0, hang=3, width=10) == "1. one two\n   three"
    assert wrap(" one\n two ", indent=2, width=10) == "  one two"


def test_wide_letters_count_two_columns() -> None:
    assert columns("日本 ab") == 7
    assert wrap("日本とラオスの協力", width=8) == "日本とラ\nオスの協\n力"


def test_marks_count_nothing_and_stay_with_their_letter() -> None:
    assert columns("ກໍ່") == 1
    assert wrap("ກໍ່ກໍ່ກໍ່", width=2) == "ກໍ່ກໍ່\nກໍ່"


def test_a_mark_that_takes_a_column_goes_on_with_its_letter() -> None:
    """Khmer vowel signs are spacing marks: one at the border takes its letter with it to the next line."""
    assert wrap("កកកា", width=3) == "កក\nកា"
    assert wrap("កា", width=1) == "កា"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("กาแก", 3, ["กา", "แก"]),
        ("ກາແກ", 3, ["ກາ", "ແກ"]),
        ("ກກເກ", 3, ["ກກ", "ເກ"]),
        ("กกะก", 2, ["ก", "กะ", "ก"]),
        ("กน้ำ", 2, ["ก", "น้ำ"]),
        ("កក្កក", 2, ["ក", "ក្ក", "ក"]),
        ("កខ្កា", 3, ["ក", "ខ្កា"]),
        ("日本、東京", 4, ["日", "本、", "東京"]),
        ("東京「日本」", 6, ["東京", "「日", "本」"]),
        ("日ロータリー", 4, ["日", "ロー", "タ", "リー"]),
        ("日本はASEANと", 8, ["日本は", "ASEANと"]),
    ],
)
def test_no_line_ends_within_a_syllable_or_before_a_closing_mark(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width=width).split("\n") == lines


def test_the_next_line_is_tried_before_a_syllable_is_broken() -> None:
    assert wrap("abc 「日」", width=6) == "abc\n「日」"
    assert wrap("ーーーー", width=4) == "ーー\nーー"


def test_a_script_without_blanks_fills_the_line() -> None:
    assert wrap("Tokyo 日本とラオス", width=12) == "Tokyo 日本と\nラオス"


def test_a_word_longer_than_a_line_is_broken_and_others_are_not() -> None:
    assert wrap("ab " + "x" * 25, width=10) == "ab xxxxxxx\nxxxxxxxxxx\nxxxxxxxx"
    assert wrap("ab " + "x" * 10, width=10) == "ab\nxxxxxxxxxx"


def test_a_no_break_space_keeps_its_words_together() -> None:
    assert wrap("aaa bbb\u00a0ccc", width=8) == "aaa\nbbb\u00a0ccc"


def test_a_letter_wider_than_the_line_is_better_too_long_than_lost() -> None:
    assert wrap("日本", width=1) == "日本"


def test_nothing_stays_nothing() -> None:
    assert wrap("") == wrap("  \n ") == ""


LETTERS = st.text(st.sampled_from("abc \u0e81\u0ec8\u1780\u17d2日本ー、「เ\u0301"), max_size=120)


@given(LETTERS, st.integers(0, 4), st.integers(8, WIDTH))
def test_no_line_is_too_long_and_no_letter_is_lost(text: str, indent: int, width: int) -> None:
    lines = wrap(text, indent, width=width).split("\n")

    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(line == "" or line.startswith(" " * indent) for line in lines)


@given(st.lists(st.sampled_from(["กา", "เก", "แก้ว", "ກະ", "ໃຈ", "日", "本、", "「東", "ク」", "ー"]), max_size=40))
def test_syllables_stay_whole(syllables: list[str]) -> None:
    text = "日".join(syllables)
    lines = wrap(text, width=12).split("\n")

    assert "".join(lines) == text
    assert all(line[0] not in "、」ーะา\u0eb0" for line in lines[1:])
    assert all(line[-1] not in "เแໃ「" for line in lines[:-1])


def test_a_text_without_end_is_wrapped_in_no_time() -> None:
    lines = wrap("กา" * 50_000).split("\n")

    assert "".join(lines) == "กา" * 50_000
    assert {len(line) for line in lines[:-1]} == {72}


@given(LETTERS)
def test_no_line_begins_with_a_mark(text: str) -> None:
    lines = [line for line in wrap(text.strip(), width=8).split("\n")[1:] if line]
    words = {word[0] for word in text.split()}

    assert all(line[0] in words or not unicodedata.category(line[0]).startswith("M") for line in lines)
