"""What a pass says at its end, and which exit code cron and scripts get from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts.deliver import DeliverReport
from alerts.model import Delivery, DeliveryState, Message
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation
from monitor.cli.passes import _conclude, _show_result
from monitor.cycle.tools import Matched, PassResult
from monitor.model import PassReport

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
BAD, WORSE = "https://b.example/feed: answered 503", "https://w.example/feed: is gone"


def delivery(state: DeliveryState, channel: str = "desk", error: str = "") -> Delivery:
    message = Message("k" * 32, "pair", channel, f"{channel}@example.org", "Pair (1): Laos", b"", "message/rfc822")
    return Delivery(message, state, 1, NOW, NOW, error=error)


SENT = delivery(DeliveryState.SENT)
FAILED = delivery(DeliveryState.FAILED, error="desk: 451 later")
DEAD = delivery(DeliveryState.DEAD, "hook", "hook: 410 gone")
REPORT = PassReport(NOW, NOW, polled=3, unchanged=1, new=2, matched=1, digests=1, sent=1)
WELL = PassResult(REPORT, deliveries=DeliverReport(sent=(SENT,)))
UNCOMPOSED = "hook: no message of pair could be composed: no"


def ill(result: PassResult, *problems: str, failing: tuple[str, ...] = (), polled: int = 3) -> PassResult:
    """``result`` with polls that failed, some of them for long."""
    report = replace(result.report, polled=polled, failed=len(problems), problems=problems)
    return replace(result, report=report, failing=failing)


OFFLINE = "none of the 2 feeds could be read: is this machine connected to the internet?"


@pytest.mark.parametrize(
    ("result", "code", "said", "more"),
    [
        (WELL, Exit.OK, [], []),
        (ill(WELL, BAD), Exit.OK, [], [BAD]),
        (ill(WELL, BAD, WORSE, failing=(WORSE,)), Exit.FEEDS, [WORSE], [BAD, WORSE]),
        (ill(WELL, BAD, WORSE, failing=(WORSE,), polled=2), Exit.FEEDS, [WORSE, OFFLINE], [BAD, WORSE, OFFLINE]),
        (ill(WELL, BAD, WORSE, polled=2), Exit.OK, [], [BAD, WORSE]),
        (ill(WELL, WORSE, failing=(WORSE,), polled=1), Exit.FEEDS, [WORSE], [WORSE]),
        (
            replace(WELL, deliveries=DeliverReport(failed=(FAILED,))),
            Exit.FAILED,
            ["desk to desk@example.org: 451 later"],
            ["desk to desk@example.org: 451 later"],
        ),
        (
            replace(WELL, deliveries=DeliverReport(sent=(SENT,), dead=(DEAD,))),
            Exit.FAILED,
            ["hook to hook@example.org: 410 gone"],
            ["hook to hook@example.org: 410 gone"],
        ),
        (
            replace(ill(WELL, WORSE, failing=(WORSE,)), deliveries=DeliverReport(failed=(FAILED,))),
            Exit.FAILED,
            [WORSE, "desk to desk@example.org: 451 later"],
            [WORSE, "desk to desk@example.org: 451 later"],
        ),
        (
            replace(WELL, report=replace(REPORT, problems=(UNCOMPOSED,)), uncomposed=(UNCOMPOSED,)),
            Exit.FAILED,
            [UNCOMPOSED],
            [UNCOMPOSED],
        ),
    ],
    ids=[
        "well",
        "failed once",
        "failing",
        "offline",
        "all failed once",
        "the only one failing",
        "not sent",
        "given up",
        "both",
        "not composed",
    ],
)
def test_what_went_wrong_is_one_line_each_and_a_delivery_weighs_more_than_a_feed(
    result: PassResult, code: Exit, said: list[str], more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With -v also the feeds that failed for the first time; what was said already is not said twice."""
    for verbosity, lines in ((-1, said), (0, said), (1, more)):
        assert _conclude(Invocation(None, None, verbosity), result) == code
        captured = capsys.readouterr()
        assert captured.err.splitlines() == [f"newsbell: {line}" for line in lines]
        assert captured.out == ""


MATCHES = (
    Matched("rice", 1.5, "A", "Rice"),
    Matched("pair", 4.25, "A", "Second"),
    Matched("pair", 12.0, "B", "First"),
)
TABLE = "profile\tscore\tsource\ttitle\npair\t12.0\tB\tFirst\npair\t4.2\tA\tSecond\nrice\t1.5\tA\tRice\n"
LINE = "3 feeds polled (1 unchanged, 0 failed), 2 new entries, 1 matched, 1 digest, 1 message sent\n"
LETTER = "  desk → desk@example.org: Pair (1): Laos\n"


@pytest.mark.parametrize(
    ("matches", "verbose", "shown"),
    [
        (MATCHES, False, TABLE),
        (MATCHES, True, TABLE + LINE + LETTER),
        ((), True, LINE + LETTER),
        ((), False, "Nothing would be told.\n"),
    ],
)
def test_who_watches_sees_the_matches_best_first_and_what_was_sent(
    matches: tuple[Matched, ...], verbose: bool, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _show_result(replace(WELL, matches=matches), verbose=verbose)
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (
            PassReport(NOW, NOW),
            "0 feeds polled (0 unchanged, 0 failed), 0 new entries, 0 matched, 0 digests, 0 messages sent",
        ),
        (
            PassReport(NOW, NOW, polled=1, failed=1, new=1, matched=2, digests=2, sent=2000),
            "1 feed polled (0 unchanged, 1 failed), 1 new entry, 2 matched, 2 digests, 2,000 messages sent",
        ),
    ],
)
def test_amounts_read_as_people_write_them(report: PassReport, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    _show_result(PassResult(report), verbose=True)
    assert capsys.readouterr().out == f"{line}\n"
