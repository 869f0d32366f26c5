"""The parts of a score in plain words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import ScorePart
from alerts.why import points, why
from tests.examples import examples


def part(label: str, gained: float, field: str = "any", hits: int = 1) -> ScorePart:
    return ScorePart("term", label, field, hits, gained, gained)


def test_why_names_the_weightiest_first_and_where_it_was_found() -> None:
    parts = [part("ties", 0.8, "summary"), part("Japan", 2.0, "title"), part("partnership", 3.1, "content", 2)]

    assert why(parts).replace("\u00a0", " ") == ("partnership in the text ×2 +3.1 · Japan +2.0 · ties +0.8")


def test_why_sums_up_what_is_left_out() -> None:
    many = [part(f"term {number}", 1.0 + number) for number in range(9)]

    assert why(many).endswith("term 3\u00a0+4.0 · 3 smaller ones +6.0")
    assert "smaller" not in why(many[:7])


def test_parts_without_points_are_not_told() -> None:
    assert why([part("Laos", 0.0), part("football", -1.0)]) == "football\u00a0−1.0"


@pytest.mark.parametrize(("value", "text"), [(2.0, "+2.0"), (-1.5, "−1.5"), (0.04, "+0.0"), (12.34, "+12.3")])
def test_points_have_a_sign(value: float, text: str) -> None:
    assert points(value) == text


def told(*parts: ScorePart) -> str:
    return why(parts).replace("\u00a0", " ")


def test_one_term_in_several_fields_is_one_reason() -> None:
    found = [part("grant aid", 2.3, "title"), part("grant aid", 0.3, "summary"), part("grant aid", 0.2, "content", 4)]

    assert told(*found) == "grant aid ×6 +2.8"
    assert told(*found[1:]) == "grant aid ×5 +0.5"


def test_the_same_words_as_concept_and_term_are_two_reasons() -> None:
    assert told(ScorePart("concept", "laos", "title", 1, 1.0, 1.0), part("laos", 0.5)) == "Laos +1.0 · laos +0.5"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("phnom-penh", "Phnom Penh"),
        ("hun_manet", "Hun Manet"),
        ("ASEAN", "ASEAN"),
        ("Lao PDR", "Lao PDR"),
        ("ລາວ", "ລາວ"),
    ],
)
def test_the_key_of_a_concept_is_written_as_a_name(label: str, name: str) -> None:
    assert told(ScorePart("concept", label, "any", 1, 1.0, 1.0)) == f"{name} +1.0"


@given(st.lists(st.tuples(st.sampled_from("abcdefghijkl"), st.integers(-40, 40)), max_size=30))
@examples(0.6)
def test_the_points_add_up(found: list[tuple[str, int]]) -> None:
    """What is told sums to the score, whatever was grouped or left out."""
    text = why([part(label, tenths / 10) for label, tenths in found])
    shown = [float(value.replace("−", "-")) for value in re.findall(r"[+−][0-9.]+", text)]

    assert sum(shown) == pytest.approx(sum(tenths for _, tenths in found) / 10, abs=0.05)
