"""Log lines in each form."""

from __future__ import annotations

import io
import json
import logging
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli import logs


def written(
    form: str, message: str, *, verbosity: int = 1, level: int = logging.INFO, under_journal: bool = False
) -> str:
    stream = io.StringIO()
    logs.set_up(verbosity, form, under_journal=under_journal, stream=stream)
    logging.getLogger("monitor.test").log(level, "%s", message)
    return stream.getvalue()


def test_a_person_sees_the_time_and_the_message() -> None:
    assert written("human", "watching").split(" ", 1)[1] == "watching\n"
    assert written("human", "disk full", level=logging.ERROR).split(" ", 1)[1] == "error: disk full\n"


def test_without_a_journal_or_a_terminal_a_program_reads_it() -> None:
    assert written("auto", "watching").startswith("time=")
    assert 'level="info"' in written("auto", "watching")


def test_only_what_steers_a_terminal_is_escaped() -> None:
    assert "ラオス – café\\x1b[31m\\n" in written("human", "ラオス – café\x1b[31m\n")


def test_the_journal_gets_its_priorities() -> None:
    assert written("auto", "watching", under_journal=True) == "<6>watching\n"
    assert written("auto", "feed down", level=logging.WARNING, under_journal=True) == "<4>feed down\n"


def test_json_and_logfmt_name_their_fields() -> None:
    assert json.loads(written("json", "ラオス"))["message"] == "ラオス"
    assert 'message="said \\"no\\""' in written("logfmt", 'said "no"')


MOMENT = 1_741_000_000.25  # 2025-03-03 11:06:40 UTC


def line(form: str, level: int = logging.WARNING, *, traceback: bool = False) -> str:
    """One record of a known moment, as it is written."""
    stream = io.StringIO()
    logs.set_up(2, form, stream=stream)
    record = logging.LogRecord("monitor.test", level, "f.py", 1, 'said "%s"\n', ("no",), None)
    record.created = MOMENT
    if traceback:
        try:
            raise ValueError("a\x1bb")
        except ValueError:
            record.exc_info = sys.exc_info()
    logging.getLogger("monitor.test").handle(record)
    return stream.getvalue()


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("human", '20:06:40 warning: said "no"\\n\n'),
        ("journal", '<4>said "no"\\n\n'),
        (
            "logfmt",
            'time="2025-03-03T20:06:40+0900" level="warning" logger="monitor.test" message="said \\"no\\"\\n"\n',
        ),
        (
            "json",
            '{"time": "2025-03-03T20:06:40+0900", "level": "warning", "logger": "monitor.test", '
            '"message": "said \\"no\\"\\n"}\n',
        ),
    ],
)
def test_a_line_reads_as_expected_in_each_form(form: str, expected: str) -> None:
    """Byte for byte: log collectors are set up by it."""
    assert line(form) == expected


@pytest.mark.parametrize(
    ("level", "priority"),
    [
        (logging.DEBUG, 7),
        (logging.INFO, 6),
        (logging.WARNING, 4),
        (logging.ERROR, 3),
        (logging.CRITICAL, 2),
        (logging.INFO + 5, 6),
    ],
)
def test_each_level_has_its_priority_in_the_journal(level: int, priority: int) -> None:
    assert line("journal", level).startswith(f"<{priority}>said")


def test_every_line_of_a_traceback_has_the_priority_of_its_error_and_is_indented() -> None:
    """Nothing in it can steer a terminal either."""
    first, *rest = line("journal", logging.ERROR, traceback=True).splitlines()
    assert first == '<3>said "no"\\n'
    assert rest[0] == "<3>    Traceback (most recent call last):"
    assert rest[-1] == "<3>    ValueError: a\\x1bb"
    assert all(each.startswith("<3>    ") for each in rest)


def test_a_traceback_is_one_field_of_a_line() -> None:
    told = json.loads(line("json", traceback=True))
    assert list(told) == ["time", "level", "logger", "message", "traceback"]
    assert told["traceback"].startswith("Traceback (most recent call last):\n")
    assert line("logfmt", traceback=True).count("\n") == 1


@pytest.mark.parametrize(
    ("name", "shown"), [("monitor.x", True), ("alerts.x", True), ("httpx", False), ("asyncio", False)]
)
def test_only_newsbells_own_modules_speak(name: str, shown: bool) -> None:
    stream = io.StringIO()
    logs.set_up(2, "human", stream=stream)
    logging.getLogger(name).debug("told")
    assert bool(stream.getvalue()) is shown


def test_to_set_up_anew_leaves_no_second_voice() -> None:
    first, second = io.StringIO(), io.StringIO()
    logs.set_up(1, "human", stream=first)
    logs.set_up(1, "human", stream=second)
    logging.getLogger("monitor.test").info("once")
    assert (first.getvalue(), second.getvalue().count("once")) == ("", 1)


@pytest.mark.parametrize(("verbosity", "shown"), [(-1, False), (0, False), (1, True), (2, True)])
def test_how_much_is_said_follows_the_verbosity(verbosity: int, shown: bool) -> None:
    assert bool(written("human", "watching", verbosity=verbosity)) is shown


def test_a_traceback_comes_with_its_error_under_each_form() -> None:
    for form in ("human", "journal", "json", "logfmt"):
        stream = io.StringIO()
        logs.set_up(0, form, stream=stream)
        try:
            raise ValueError("no such thing")
        except ValueError:
            logging.getLogger("monitor.test").exception("poll failed")
        assert "poll failed" in stream.getvalue()
        assert "no such thing" in stream.getvalue()


@given(st.text(max_size=80), st.sampled_from(["human", "journal", "json", "logfmt"]))
def test_no_text_can_make_a_second_line(text: str, form: str) -> None:
    assert len(written(form, text).splitlines()) == 1
