"""Log lines in each form."""

from __future__ import annotations

import io
import json
import logging

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
