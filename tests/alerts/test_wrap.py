"""Plain text in lines that a terminal can show."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from alerts.wrap import WIDTH, columns, wrap


def test_words_are_wrapped_with_an_indent() -> None:
    assert wrap("one two three four", indent=2, width=10) == "  one two\n  three\n  four"
    assert wrap("1. one two three", indent=0, hang=3, width=10) == "1. one two\n   three"


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


LETTERS = st.text(st.sampled_from("abc \u0e81\u0ec8\u1780\u17d2日本ー\u0301"), max_size=120)


@given(LETTERS, st.integers(0, 4), st.integers(8, WIDTH))
def test_no_line_is_too_long_and_no_letter_is_lost(text: str, indent: int, width: int) -> None:
    lines = wrap(text, indent, width=width).split("\n")

    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(line == "" or line.startswith(" " * indent) for line in lines)


@given(LETTERS)
def test_no_line_begins_with_a_mark(text: str) -> None:
    lines = [line for line in wrap(text.strip(), width=8).split("\n")[1:] if line]
    words = {word[0] for word in text.split()}

    assert all(line[0] in words or not unicodedata.category(line[0]).startswith("M") for line in lines)
