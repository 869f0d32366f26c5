"""What a digest holds, in what order, within which bounds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from alerts.model import DayCount, FeedHealth, Fragment
from monitor.digest import Layout, activity, ailment, build_digest, feed_health
from monitor.model import Feed, FeedRecord, FeedState, Fleet, PollMemory
from monitor.notices import ill_feeds
from monitor.stories import Threads, single, thread
from tests.examples import examples
from tests.monitor.samples import NOW, a_match, days


def whole(text: str) -> tuple[Fragment, ...]:
    return (Fragment(text),)


def layout(*, max_items: int = 20, instant: float | None = None) -> Layout:
    return Layout("pair", "Japan with Laos", "Asia/Vientiane", 5.0, whole, whole, instant=instant, max_items=max_items)


START, END = NOW - days(1), NOW


def test_entries_carry_what_a_reader_needs() -> None:
    match = a_match("Grant signed", text="For three bridges.", source="Valley Post", value=8.5)
    digest = build_digest(layout(), single([match]), START, END, health=FeedHealth())
    [entry] = digest.entries
    assert (entry.title, entry.source, entry.score, entry.threshold) == ("Grant signed", "Valley Post", 8.5, 5.0)
    assert entry.highlight == whole("For three bridges.")
    assert sum(part.points for part in entry.parts) == entry.score


def test_an_entry_keeps_its_language_and_its_times() -> None:
    match = a_match("Grant signed")
    dated = replace(match, entry=replace(match.entry, lang="lo", published=NOW - days(2), found=NOW - days(1)))
    [entry] = build_digest(layout(), single([dated]), START, END, health=FeedHealth()).entries
    assert (entry.lang, entry.published, entry.found) == ("lo", NOW - days(2), NOW - days(1))
    [plain] = build_digest(layout(), single([replace(match, entry=replace(match.entry, lang=None))]), START, END,
                           health=FeedHealth()).entries  # fmt: skip
    assert plain.lang == ""


def test_where_nothing_is_held_back_nothing_is_said_of_it() -> None:
    assert build_digest(layout(), single([a_match("Grant signed")]), START, END, health=FeedHealth()).notices == ()


def test_what_is_wrong_with_a_feed_is_its_error_or_its_silence() -> None:
    silent = record(FeedState.SILENT, "https://a.example/")
    last = datetime(2025, 1, 2, 3, tzinfo=UTC)
    assert ailment(record(FeedState.OK, "https://a.example/")) == ""
    assert ailment(record(FeedState.SILENT, "https://a.example/", "no answer")) == "no answer"
    assert ailment(silent) == "nothing new for long"
    lossy = PollMemory(loss="too many")
    assert ailment(replace(record(FeedState.OK, "https://a.example/"), memory=lossy)) == "too many"
    heard = replace(silent, memory=PollMemory(arrivals=(int(last.timestamp()), 0)))
    assert ailment(heard) == "nothing new since 2025-01-02"


def test_beyond_max_items_stories_are_counted_and_kept_for_channels_without_a_limit() -> None:
    matches = [a_match(f"Matter number {n}", value=5 + n) for n in range(5)]
    digest = build_digest(layout(max_items=2), single(matches), START, END, health=FeedHealth())
    assert [entry.score for entry in digest.entries] == [9, 8]
    assert digest.more == 3
    assert [story.lead.score for story in digest.overflow] == [7, 6, 5]


def test_what_is_held_back_is_listed_and_no_notice() -> None:
    told = a_match("Laos, Japan upgrade ties", told="w1", at=NOW - days(1))
    late = a_match("Japan, Laos upgrade ties", source="B")
    threads = thread([late], [told], NOW)
    digest = build_digest(layout(), threads, START, END, health=FeedHealth(), notices=["a notice"])
    assert digest.notices == ("a notice",)
    assert [(entry.title, entry.link) for entry in digest.held] == [(late.entry.title, late.entry.link)]


def test_a_bar_is_full_at_what_would_be_sent_at_once_else_at_twice_the_threshold() -> None:
    assert layout(instant=12.0).full_score == 12.0
    assert layout().full_score == 10.0


def test_an_empty_digest_is_a_digest() -> None:
    assert build_digest(layout(), Threads(()), START, END, health=FeedHealth()).stories == ()


def record(state: FeedState, url: str, error: str = "") -> FeedRecord:
    return FeedRecord(1, Feed(url), url, state=state, title=url, error=error)


def fleet(*worst: FeedRecord, watched: int = 9) -> Fleet:
    return Fleet(watched, Counter(record.state.value for record in worst), worst)


def test_feeds_in_trouble_are_named_and_the_others_counted() -> None:
    ill = fleet(record(FeedState.GONE, "c", "410"), record(FeedState.DEGRADED, "b", "slow"), watched=4)
    health = feed_health(ill, entries=12)
    assert (health.feeds, health.healthy, health.entries) == (4, 2, 12)
    assert [(problem.url, problem.state) for problem in health.problems] == [("c", "gone"), ("b", "degraded")]


def test_a_feed_whose_trouble_a_notice_tells_is_marked() -> None:
    ill = [record(FeedState.FAILING, "a", "404"), record(FeedState.GONE, "b", "410")]
    told = ill_feeds(["feed failing a 2025-01-01 00:00:00+00:00", "feed rollover b 2025-W01", "channel desk dead x"])
    assert {problem.url: problem.told for problem in feed_health(fleet(*ill), 0, told).problems} == {
        "a": True,
        "b": False,
    }


def test_activity_counts_local_days_with_their_gaps() -> None:
    now = datetime(2025, 1, 22, 20, 0, tzinfo=UTC)  # already the 23rd in Vientiane
    times = [now, now - timedelta(hours=5), now - timedelta(days=2)]
    assert activity(times, now, "Asia/Vientiane", days=4) == (
        DayCount("2025-01-20", 0),
        DayCount("2025-01-21", 1),
        DayCount("2025-01-22", 1),
        DayCount("2025-01-23", 1),
    )


def test_a_silent_feed_says_since_when() -> None:
    memory = PollMemory(arrivals=(int(datetime(2025, 1, 3, tzinfo=UTC).timestamp()),))
    silent = replace(record(FeedState.SILENT, "a"), memory=memory)
    assert feed_health(fleet(silent), entries=0).problems[0].reason == "nothing new since 2025-01-03"


ZONES = st.sampled_from(["UTC", "Asia/Vientiane", "America/New_York", "Europe/Berlin", "Pacific/Apia"])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - in UTC


@examples(0.3)
@given(MOMENTS, st.lists(st.timedeltas(timedelta(0), timedelta(days=40)), max_size=20), ZONES, st.integers(1, 30))
def test_every_match_of_the_last_days_is_counted_once_on_its_local_day(
    now: datetime, ages: list[timedelta], zone: str, days: int
) -> None:
    """Also where a day has 23 hours or 25."""
    times = [now - age for age in ages]
    counted = activity(times, now, zone, days)
    labels = [date.fromisoformat(day.day) for day in counted]
    today = now.astimezone(ZoneInfo(zone)).date()
    assert labels == [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    local = [time.astimezone(ZoneInfo(zone)).date() for time in times]
    assert [day.count for day in counted] == [local.count(label) for label in labels]


@examples(0.3)
@given(st.lists(st.floats(5, 50), max_size=30), st.integers(1, 25))
def test_no_story_is_lost_between_what_is_shown_and_what_is_left_over(values: list[float], max_items: int) -> None:
    matches = [a_match(f"Matter number {number}", value=value) for number, value in enumerate(values)]
    digest = build_digest(layout(max_items=max_items), single(matches), START, END, health=FeedHealth())
    told = [story.lead.score for story in (*digest.stories, *digest.overflow)]
    assert told == sorted(values, reverse=True)
    assert (len(digest.stories), digest.more) == (min(max_items, len(values)), max(0, len(values) - max_items))
