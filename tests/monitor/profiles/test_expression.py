"""Regular expressions of profiles: which can be made ready and tried, and which would be found everywhere."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from monitor.profiles.expression import MAX_PIECES, check_expression, matches_nothing, pieces
from monitor.yamldoc import InvalidValueError


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("a{3}", 3),
        ("a{0}", 1),
        ("a{3,}", 3),
        ("a{3,9}b", 4),
        ("a{,9}", 5),  # no count of its least: the compiler writes nothing out
        ("(ab){3}", 6),
        ("(a(b|c){2}){3}", 21),
        ("(?:x{9}){9}y{9}", 90),
        ("(?P<port>ab)(?<=c)(?!d)", 4),
        (r"\{9}", 3),
        (r"\d{4}-\d{2}", 7),
        ("[a-z]{5}", 5),
        ("[]{9}]{2}", 2),
        (r"[\]{9}]{2}", 2),
        ("[^]{9}]{2}", 2),
        ("{9}", 0),
        ("))a{5}", 7),
        ("((a{5}", 5),
    ],
)
def test_every_count_is_written_out(written: str, count: int) -> None:
    assert pieces(written) == count


NESTED = st.recursive(
    st.just("a"),
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, st.integers(1, 6)).map(lambda both: f"({both[0]}){{{both[1]}}}")
    ),
    max_leaves=5,
)


@given(NESTED)
def test_an_expression_of_letters_alone_matches_as_many_letters_as_it_has_pieces(written: str) -> None:
    assert regex.fullmatch(written, "a" * pieces(written))


@pytest.mark.parametrize("written", [f"a{{{MAX_PIECES}}}", "(?:a{100}){200}", r"\p{L}+", "a{0,99999999}", "(a(?1)?b)"])
def test_what_can_be_tried_is_taken(written: str) -> None:
    check_expression(written)


@pytest.mark.parametrize(
    "written",
    [f"a{{{MAX_PIECES + 1}}}", "(?:(?:(?:x{99}){99}){99}){99}", "[a-z]{99999999}", "x{999999999999999999999}"],
)
def test_what_would_be_made_ready_for_ever_is_refused_at_once(written: str) -> None:
    with pytest.raises(InvalidValueError, match="repeats too often"):
        check_expression(written)


@pytest.mark.parametrize(
    ("written", "nothing"),
    [
        ("a", False),
        ("a*", True),
        ("a*b", False),
        (r"\b", True),
        ("^", True),
        ("$", True),
        ("(?=[a-z])", True),
        ("(?=Laos)Laos", False),
        ("(?<=visa )free", False),
    ],
)
def test_what_is_found_between_any_letters_is_told_from_what_is_looked_for(written: str, nothing: bool) -> None:
    assert matches_nothing(written) is nothing
