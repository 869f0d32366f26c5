"""How messages name a value, and what they offer for a word that is unknown."""

from __future__ import annotations

import pytest

from monitor.yamldoc.describe import MAX_SHOWN, describe, describe_text
from monitor.yamldoc.nodes import MAX_DIGITS, resolve
from monitor.yamldoc.wording import MAX_KEYS, did_you_mean


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "nothing"),
        ({}, "a group of keys"),
        ({"a": 1}, "a group of keys"),
        ([], "an empty list"),
        ([0], "a list"),
        (True, "true"),
        (False, "false"),
        (0, "the number 0"),
        (1.5, "the number 1.5"),
        (10**59, "the number 1" + "0" * 59),
        (10**60, "the number 1" + "0" * 59),
        ("", '""'),
        ("two\nlines\tand\x1b a\u2028b", '"two lines and  a b"'),
    ],
)
def test_a_value_is_named_on_one_line(value: object, named: str) -> None:
    assert describe(value) == named


@pytest.mark.parametrize("value", ["hunter2", 123456, True])
def test_of_a_secret_nothing_is_named(value: object) -> None:
    assert describe(value, ("channels", "hook", "secret")) == "something else"
    assert describe(value, ("channels", "hook", "title")) != "something else"


@pytest.mark.parametrize(
    ("length", "shown"),
    [(MAX_SHOWN - 1, MAX_SHOWN - 1), (MAX_SHOWN, MAX_SHOWN), (MAX_SHOWN + 1, MAX_SHOWN), (5_000, MAX_SHOWN)],
)
def test_a_long_text_is_cut_and_shows_it(length: int, shown: int) -> None:
    """Whatever its length, what stands between the quotes is no longer than the limit, the dots included."""
    named = describe_text("x" * length)
    assert len(named) == shown + 2
    assert named.endswith('..."') == (length > MAX_SHOWN)


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("colour", ["color", "size"], 'did you mean "color"?'),
        ("MAX-Items", ["max_items", "max_age"], 'did you mean "max_items"?'),
        ("xyz", ["size", "color"], "known keys: color, size"),
        ("xyz", ["size"], "known keys: size"),
        ("xyz", [], ""),
        ("xyz", [f"k{n:02}" for n in range(MAX_KEYS)], f"known keys: {', '.join(f'k{n:02}' for n in range(MAX_KEYS))}"),
        ("xyz", [f"k{n:02}" for n in range(MAX_KEYS + 1)], ""),
    ],
)
def test_an_unknown_word_is_answered_with_the_nearest_or_with_all_when_they_are_few(
    word: str, known: list[str], hint: str
) -> None:
    assert did_you_mean(word, known, "keys") == hint


@pytest.mark.parametrize("begin", ["", "+", "-", "0x", "0o"])
def test_a_whole_number_has_an_end(begin: str) -> None:
    """Beyond it Python itself would refuse to write the number into a message."""
    longest = begin + "7" * (MAX_DIGITS - len(begin))
    assert resolve(longest) == int(longest, {"0x": 16, "0o": 8}.get(begin, 10))
    with pytest.raises(ValueError, match="7777"):
        resolve(longest + "7")
    assert isinstance(resolve("1" * MAX_DIGITS + ".5"), float)
