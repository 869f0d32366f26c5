"""What a person at a terminal sees: tables, plots and a bar, in colours only when they are wanted."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from monitor.cli.root import run
from tests.e2e.world import ON_TOPIC, FeedHost

pytestmark = pytest.mark.processes


class Terminal(io.StringIO):
    """A screen."""

    def isatty(self) -> bool:
        return True


Screen = Callable[..., tuple[str, str]]


@pytest.fixture
def shown(config: Path, monkeypatch: pytest.MonkeyPatch) -> Screen:
    """``shown(*arguments)``: what a terminal of 100 columns shows of a command's output and of its errors."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NEWSBELL_CONFIG", "STATE_DIRECTORY", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str) -> tuple[str, str]:
        out, err = Terminal(), Terminal()
        with redirect_stdout(out), redirect_stderr(err):
            assert run(["-c", str(config), *arguments]) == 0, err.getvalue()
        return out.getvalue(), err.getvalue()

    return command


def test_a_pass_that_is_watched_shows_a_bar_and_what_matched(shown: Screen, host: FeedHost) -> None:
    out, err = shown("-v", "run", "--backlog", "20")
    assert ON_TOPIC[0].title in out
    assert "1 feed polled" in out
    assert "\r" in err or "━" in err
    assert "Polling feeds" in err


def test_lists_are_tables(shown: Screen, host: FeedHost) -> None:
    shown("run")
    out, _ = shown("feeds", "list")
    assert "Gazette" in out
    assert "\t" not in out


def test_a_backtest_is_drawn(shown: Screen, host: FeedHost) -> None:
    shown("run", "--backlog", "20")
    out, _ = shown("profile", "backtest", "pair")
    assert "hits by day" in out
    assert "█" in out
    assert "entries that a threshold would pass" in out


def test_no_color_is_obeyed(shown: Screen, host: FeedHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    shown("run", "--backlog", "20")
    for arguments in (("feeds", "list"), ("profile", "backtest", "pair"), ("status",)):
        out, err = shown(*arguments)
        assert re.findall(r"\x1b\[(?!0m|1m)\S+", out + err) == [], arguments  # bold is no colour


def test_warnings_stand_out_on_a_terminal(shown: Screen, config: Path, host: FeedHost) -> None:
    config.write_text(
        config.read_text(encoding="utf-8").replace("feeds:\n", 'feeds:\n  - {url: "http://10.0.0.1/x"}\n'),
        encoding="utf-8",
    )
    _, err = shown("check")
    assert "warning: " in err
    assert err.count("10.0.0.1/x") == 1  # the line is shown once, not again by check itself
