"""Numbers of a profile, changed in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.layout import EditError
from monitor.config.numbers import set_numbers, with_numbers
from monitor.errors import ConfigError

TEXT = """\
# my profile
name: pair
threshold: 5.0   # from here on
concepts: {japan: {country: JP}}
terms:
  - {term: grant, weight: 1.5}  # seen in 2 of 4
  - term: boxing
    weight: 2
"""


def test_only_the_numbers_change() -> None:
    changed = with_numbers(TEXT, {("terms", 1, "weight"): 0.0, ("threshold",): 4.25, ("terms", 0, "weight"): 3.0})
    assert changed == TEXT.replace("5.0 ", "4.25 ").replace("weight: 1.5", "weight: 3").replace(
        "weight: 2", "weight: 0"
    )


@pytest.mark.parametrize(
    "way", [("terms", 7, "weight"), ("terms", 2, "weight"), ("nothing",), ("terms",), ("name", "more")]
)
def test_a_way_that_leads_nowhere_is_said(way: tuple[str | int, ...]) -> None:
    with pytest.raises(EditError, match=r"no number at"):
        with_numbers(TEXT, {way: 1.0})


def test_a_file_that_would_not_be_valid_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "pair.yaml"
    file.write_text(TEXT, encoding="utf-8")
    set_numbers(file, {("threshold",): 6.0})
    assert "threshold: 6   # from here on" in file.read_text(encoding="utf-8")
    with pytest.raises(ConfigError):
        set_numbers(file, {("threshold",): -1.0})
    assert "threshold: 6 " in file.read_text(encoding="utf-8")
