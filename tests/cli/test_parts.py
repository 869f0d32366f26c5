"""The smaller parts of the command line: spans of time, lines of items, calendars, exit codes."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli import profile
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, parse_span, read_file
from monitor.cli.look import _minutes
from monitor.cli.root import run
from monitor.errors import ConfigError, NewsbellError, Problem, StoreError, StoreInUseError
from tests.examples import examples


class TestSpans:
    @pytest.mark.parametrize(
        ("written", "span"),
        [
            ("90d", timedelta(days=90)),
            ("12h", timedelta(hours=12)),
            ("1d 6h", timedelta(days=1, hours=6)),
            ("1d6h", timedelta(days=1, hours=6)),
            ("2w", timedelta(weeks=2)),
            ("30m", timedelta(minutes=30)),
            ("45 s", timedelta(seconds=45)),
            ("0d", timedelta(0)),
            (" 7d ", timedelta(days=7)),
        ],
    )
    def test_a_span_is_numbers_with_units(self, written: str, span: timedelta) -> None:
        assert parse_span(written) == span

    @pytest.mark.parametrize("written", ["", "7", "d", "7 days", "-7d", "7d ago", "1.5h", "7D", "1y", "next week"])
    def test_anything_else_is_refused_with_an_example(self, written: str) -> None:
        with pytest.raises(click.UsageError, match="is not a span of time such as 7d, 12h or 30m"):
            parse_span(written)

    @examples(0.2)
    @given(st.integers(0, 3000), st.integers(0, 99), st.integers(0, 99))
    def test_units_add_up(self, days: int, hours: int, seconds: int) -> None:
        assert parse_span(f"{days}d {hours}h {seconds}s") == timedelta(days=days, hours=hours, seconds=seconds)

    @pytest.mark.parametrize(
        ("minutes", "shown"),
        [(0, "0 min"), (1.9, "1 min"), (59, "59 min"), (119, "119 min"), (120, "2 h"), (179, "2 h"), (2880, "48 h")],
    )
    def test_a_pause_is_told_in_minutes_then_in_hours(self, minutes: float, shown: str) -> None:
        assert _minutes(timedelta(minutes=minutes)) == shown


class TestItemLines:
    def test_blank_lines_are_passed_over_and_everything_else_comes_in_order(self) -> None:
        text = '{"id": 1, "title": "A"}\n\n  \n{"text": "no title"}\n{"title": ""}\n'
        assert list(profile.item_lines(text, "f")) == [{"id": 1, "title": "A"}, {"text": "no title"}, {"title": ""}]

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("{", r"f:3: not JSON: "),
            ("title", r"f:3: not JSON: "),
            ("[]", r"f:3: expected an object such as \{\"id\": \"1\""),
            ('"text"', r"f:3: expected an object"),
            ('{"title": 7}', r"f:3: expected an object"),
            ('{"title": null}', r"f:3: expected an object"),
        ],
    )
    def test_a_line_that_is_none_is_named_by_its_number_in_the_file(self, line: str, said: str) -> None:
        items = profile.item_lines(f'{{"title": "A"}}\n\n{line}\n', "f")
        assert next(items) == {"title": "A"}
        with pytest.raises(click.UsageError, match=said):
            next(items)

    @pytest.mark.parametrize(
        ("written", "moment"),
        [
            ("2025-01-20", datetime(2025, 1, 20, tzinfo=UTC)),
            ("2025-01-20T07:30:00", datetime(2025, 1, 20, 7, 30, tzinfo=UTC)),
            ("2025-01-20T07:30:00+07:00", datetime(2025, 1, 20, 0, 30, tzinfo=UTC)),
            ("yesterday", None),
            ("", None),
            (None, None),
            (20250120, datetime(2025, 1, 20, tzinfo=UTC)),
        ],
    )
    def test_their_dates_are_iso_8601_without_a_zone_in_utc(self, written: object, moment: datetime | None) -> None:
        assert profile._date(written) == moment


DAY = date(2025, 1, 1)


class TestCalendars:
    @pytest.mark.parametrize(
        ("days", "first", "last", "bars"),
        [
            (1, "2025-01-01", "2025-01-01", 1),
            (60, "2025-01-01", "2025-03-01", 60),
            (61, "2025-01", "2025-03", 3),
            (60 * 30, "2025-01", "2029-12", 60),
            (61 * 31, "2025", "2030", 6),
        ],
    )
    def test_days_become_months_and_those_years_where_a_screen_is_too_narrow(
        self, days: int, first: str, last: str, bars: int
    ) -> None:
        labels, counts = profile._calendar([(DAY + timedelta(days=number), 2) for number in range(days)])
        assert (labels[0], labels[-1], len(labels)) == (first, last, bars)
        assert sum(counts) == 2 * days

    @examples(0.2)
    @given(st.dictionaries(st.dates(DAY, date(2090, 1, 1)), st.integers(0, 9), min_size=1, max_size=99))
    def test_no_hit_is_lost_and_no_label_stands_twice(self, hits: dict[date, int]) -> None:
        labels, counts = profile._calendar(sorted(hits.items()))
        assert sum(counts) == sum(hits.values())
        assert sorted(set(labels)) == labels
        assert len(labels) == len(counts) <= max(60, len({day.year for day in hits}))


class TestSeeds:
    def folder(self, folder: Path) -> Path:
        for name in ("b.txt", "a.md", "README.md", "readme.MD", ".hidden", "sub/c.txt"):
            path = folder / "seeds" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name, encoding="utf-8")
        return folder / "seeds"

    def test_of_a_folder_every_file_but_what_is_hidden_or_about_the_folder(self, tmp_path: Path) -> None:
        seeds = self.folder(tmp_path)
        assert [path.name for path in profile._files((seeds,))] == ["a.md", "b.txt"]

    def test_what_is_named_comes_in_its_order(self, tmp_path: Path) -> None:
        seeds = self.folder(tmp_path)
        named = (seeds / "sub" / "c.txt", seeds, seeds / ".hidden", seeds / "README.md")
        assert [path.name for path in profile._files(named)] == ["c.txt", "a.md", "b.txt", ".hidden"]

    @pytest.mark.parametrize(
        ("schema", "line"),
        [
            ("profiles/schema", "# yaml-language-server: $schema=schema/profile.json\n"),
            ("schema", "# yaml-language-server: $schema=../schema/profile.json\n"),
            ("elsewhere/schema", ""),
        ],
    )
    def test_a_profile_that_is_written_names_the_schema_beside_it(self, tmp_path: Path, schema: str, line: str) -> None:
        (tmp_path / schema).mkdir(parents=True)
        (tmp_path / "profiles").mkdir(exist_ok=True)
        (tmp_path / schema / "profile.json").touch()
        assert profile._modeline(tmp_path / "profiles" / "pair.yaml") == line


class TestFiles:
    def test_a_dash_is_standard_input(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("from a pipe"))
        assert read_file("-") == "from a pipe"
        (tmp_path / "f").write_text("ラオス", encoding="utf-8")
        assert read_file(str(tmp_path / "f")) == "ラオス"

    @pytest.mark.parametrize("content", [None, b"\xff\xfe"])
    def test_one_that_cannot_be_read_is_a_mistake_of_the_command(self, tmp_path: Path, content: bytes | None) -> None:
        if content is not None:
            (tmp_path / "f").write_bytes(content)
        with pytest.raises(click.UsageError, match=f"cannot read {tmp_path}/f: "):
            read_file(str(tmp_path / "f"))


@pytest.mark.parametrize(("verbosity", "verbose", "quiet"), [(-1, False, True), (0, False, False), (2, True, False)])
def test_how_much_is_said(verbosity: int, verbose: bool, quiet: bool) -> None:
    invocation = Invocation(None, None, verbosity)
    assert (invocation.verbose, invocation.quiet) == (verbose, quiet)


class TestExitCodes:
    def ended(self, error: BaseException, monkeypatch: pytest.MonkeyPatch, folder: Path) -> tuple[int, str]:
        """How a command ends in which something raises ``error``, and what it says."""
        config = folder / "newsbell.yaml"
        config.write_text(f"state_dir: {folder}/state\nfeeds: []\nprofiles: []\n", encoding="utf-8")

        def raising(*arguments: object, **options: object) -> None:
            raise error

        monkeypatch.setattr("monitor.app.Application", raising)
        with redirect_stderr(io.StringIO()) as said:
            code = run(["-c", str(config), "status"])
            return code, "" if said.closed else said.getvalue()

    @pytest.mark.parametrize(
        ("error", "code", "said"),
        [
            (KeyboardInterrupt(), Exit.INTERRUPTED, "newsbell: interrupted"),
            (click.Abort(), Exit.INTERRUPTED, "newsbell: interrupted"),
            (BrokenPipeError(), Exit.OK, ""),
            (ConfigError([Problem("f", 1, 2, "k", "odd")]), Exit.CONFIG, "f:1:2: k: error: odd"),
            (StoreError("the disk is full"), Exit.FAILED, "newsbell: the disk is full"),
            (StoreInUseError("workers are at it"), Exit.LOCKED, "newsbell: workers are at it"),
            (NewsbellError("no such feed"), Exit.FAILED, "newsbell: no such feed"),
            (click.UsageError("say more"), Exit.USAGE, "Error: say more"),
            (OSError(13, "Permission denied", "/x"), Exit.FAILED, "newsbell: /x: Permission denied"),
            (OSError(28, "No space left on device"), Exit.FAILED, "newsbell: No space left on device"),
            (
                LookupError(),
                Exit.FAILED,
                "newsbell: unexpected LookupError: a fault of Newsbell; -v shows its traceback",
            ),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
    )
    def test_how_a_command_ends_says_what_went_wrong(
        self, error: BaseException, code: Exit, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        ended, told = self.ended(error, monkeypatch, tmp_path)
        assert (ended, told.strip().splitlines()[-1:]) == (code, [said] if said else [])

    def test_they_are_those_that_scripts_rely_on(self) -> None:
        assert {code.name: code.value for code in Exit} == {
            "OK": 0,
            "FAILED": 1,
            "USAGE": 2,
            "CONFIG": 3,
            "FEEDS": 4,
            "LOCKED": 75,
            "INTERRUPTED": 130,
        }
