"""Strangers' words inside our own sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.quote import quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("br", "“br”"),
        ("", "“”"),
        ("gzip\nERROR all feeds gone", "“gzip?ERROR all feeds gone”"),
        ("\x1b[2Jx\u202ey", "“?[2Jx?y”"),
        ("ລາວ 日本", "“ລາວ 日本”"),
    ],
)
def test_it_is_seen_where_they_begin_and_end_and_nothing_moves_the_cursor(text: str, shown: str) -> None:
    assert quoted(text) == shown


def test_they_are_cut() -> None:
    assert quoted("x" * 61) == f"“{'x' * 60}”"
    assert quoted("abcdef", limit=3) == "“abc”"


@given(st.text(), st.integers(0, 80))
def test_no_text_makes_a_second_line_or_a_long_one(text: str, limit: int) -> None:
    shown = quoted(text, limit)
    assert shown.isprintable()
    assert len(shown) <= limit + 2
