"""How commands speak: JSON for programs, tab-separated lines in a pipe, mistakes with their place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from alerts.model import Secret
from monitor.cli import console
from monitor.errors import Problem


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Point:
    x: int
    at: datetime


MOMENT = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Point(1, MOMENT), {"x": 1, "at": "2026-03-02T07:30:00+00:00"}),
        ({"point": Point(2, MOMENT)}, {"point": {"x": 2, "at": "2026-03-02T07:30:00+00:00"}}),
        (Colour.RED, "red"),
        ((1, "ລາວ"), [1, "ລາວ"]),
        (frozenset({3}), [3]),
        (Path("/srv/watch"), "/srv/watch"),
        (timedelta(hours=1), "1:00:00"),
        (Secret("hunter2"), "***"),
        (Point, str(Point)),
        (None, None),
    ],
)
def test_everything_that_commands_show_has_a_form_in_json(value: object, plain: Any) -> None:
    text = console.as_json([value])
    assert json.loads(text) == [plain]
    assert "\\u" not in text  # any script is readable


@pytest.mark.parametrize(
    ("moment", "timezone", "shown"),
    [
        (None, None, "-"),
        (None, "Asia/Vientiane", "-"),
        (MOMENT, "Asia/Vientiane", "2026-03-02 14:30"),
        (MOMENT, "America/New_York", "2026-03-02 02:30"),
        (datetime(2026, 12, 31, 20, tzinfo=UTC), "Asia/Tokyo", "2027-01-01 05:00"),
    ],
)
def test_moments_are_shown_by_the_clock_of_a_zone(moment: datetime | None, timezone: str | None, shown: str) -> None:
    assert console.local(moment, timezone) == shown


def test_without_a_zone_it_is_the_machines_own_clock() -> None:
    assert console.local(MOMENT) == MOMENT.astimezone().strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("word", "words", "hint"),
    [
        ("stauts", ["status", "store"], " Did you mean 'status'?"),
        ("xyz", ["status", "store"], ""),
        ("x", [], ""),
    ],
)
def test_what_was_meant_is_guessed(word: str, words: Sequence[str], hint: str) -> None:
    assert console.did_you_mean(word, words) == hint


def test_a_table_in_a_pipe_is_tab_separated_with_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    console.table([("a", 1), ("b", None)], ["name", "count"], title="not for programs")
    assert capsys.readouterr().out == "name\tcount\na\t1\nb\tNone\n"


def test_so_are_bars_and_curves(capsys: pytest.CaptureFixture[str]) -> None:
    console.bars(["mon", "tue"], [2, 0], "hits")
    console.curve([(0.0, 3), (2.5, 1)], 1.0, "points")
    assert capsys.readouterr().out == "hits\tcount\nmon\t2\ntue\t0\npoints\tcount\n0.00\t3\n2.50\t1\n"


@pytest.mark.parametrize(
    ("problem", "weight", "shown"),
    [
        (
            Problem("f.yaml", 3, 5, "feeds[0].url", "is missing", "such as https://example.org/feed", "  - {}"),
            "error",
            "f.yaml:3:5: feeds[0].url: error: is missing (such as https://example.org/feed)\n      - {}\n        ^\n",
        ),
        (Problem("f.yaml", 1, 1, "", "is empty"), "warning", "f.yaml:1:1: warning: is empty\n"),
        (Problem("f", 1, 4, "k", "odd", "", "\tk: v"), "advice", "f:1:4: k: advice: odd\n     k: v\n       ^\n"),
        (Problem("f", 1, 3, "k", "odd", "", "ラオ x"), "error", "f:1:3: k: error: odd\n    ラオ x\n        ^\n"),
        (Problem("f", 1, 3, "k", "odd", "", "ສື x"), "error", "f:1:3: k: error: odd\n    ສື x\n     ^\n"),
    ],
)
def test_a_mistake_has_its_place_its_weight_and_a_caret(
    problem: Problem, weight: Any, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    console.show_problems([problem], weight)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", shown)


@pytest.mark.parametrize(("variable", "wanted"), [(None, None), ("", None), ("1", False)])
def test_colours_are_left_to_the_terminal_unless_nobody_wants_them(
    variable: str | None, wanted: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if variable is not None:
        monkeypatch.setenv("NO_COLOR", variable)
    assert console.colour() is wanted
