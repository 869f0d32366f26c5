"""What a user would do well to change, told from how often the passes come and how fast the feeds turn over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.app.advice import advice
from monitor.model import Feed, FeedRecord, PassReport, PollMemory

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)


def report(gap: timedelta | None) -> PassReport:
    return PassReport(NOW, NOW, gap=gap)


def feed(number: int, turnover: timedelta) -> FeedRecord:
    """A feed of ten entries, all of which are replaced within ``turnover``."""
    arrivals = tuple(int((NOW - turnover * place / 9).timestamp()) for place in range(10))
    url = f"https://{number}.example/feed"
    return FeedRecord(number, Feed(url), url, title=f"Feed {number}", memory=PollMemory(arrivals=arrivals, window=10))


def test_nothing_is_advised_before_two_passes_or_when_they_are_close() -> None:
    assert list(advice(lambda: [feed(1, timedelta(hours=1))], None)) == []
    assert list(advice(lambda: [feed(1, timedelta(hours=1))], report(None))) == []
    assert list(advice(lambda: [feed(1, timedelta(hours=1))], report(timedelta(minutes=15)))) == []


def test_who_runs_as_often_as_is_asked_for_hears_nothing_and_no_feed_is_read() -> None:
    def unread() -> list[FeedRecord]:
        raise AssertionError

    assert list(advice(unread, report(timedelta(minutes=16)))) == []
    assert list(advice(lambda: [feed(1, timedelta(minutes=20))], report(timedelta(minutes=20)))) != []


def test_passes_too_far_apart_for_a_feed_are_told_with_what_would_do() -> None:
    [line] = advice(lambda: [feed(1, timedelta(hours=2)), feed(2, timedelta(days=9))], report(timedelta(hours=3)))
    assert line == (
        "passes are 3 h apart, too far for Feed 1: entries may come and go unseen; "
        "run 'newsbell run' at least every 60 min, or use the daemon"
    )


def test_many_feeds_are_counted_and_no_more_than_every_quarter_of_an_hour_is_asked_for() -> None:
    feeds = [feed(number, timedelta(minutes=20)) for number in range(5)]
    [line] = advice(lambda: feeds, report(timedelta(hours=1)))
    assert "too far for Feed 0, Feed 1, Feed 2 and 2 more: " in line
    assert "at least every 15 min" in line
