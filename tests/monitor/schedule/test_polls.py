"""When a feed is polled next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Feed, FeedHints, FeedRecord, PollMemory
from monitor.schedule import PollPolicy, postponed, turnover
from monitor.schedule.polls import asked_interval, backoff, newest, open_at
from tests.examples import examples
from tests.monitor.schedule.samples import (
    DAY,
    EXACT,
    HOUR,
    MINUTE,
    NOW,
    POLICY,
    SECOND,
    a_record,
    an_entry,
    fail,
    fetched,
    stay,
    succeed,
    well,
)


def wait(record: FeedRecord) -> timedelta:
    """How long after its last poll the feed is polled again."""
    assert record.next_poll is not None
    assert record.last_poll is not None
    return record.next_poll - record.last_poll


# the feed's own rhythm ------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [MINUTE, HOUR, 8 * HOUR, DAY])
def test_a_feed_that_publishes_daily_or_more_gets_the_interval(every: timedelta) -> None:
    assert wait(well(every)) == 30 * MINUTE


@pytest.mark.parametrize(("days", "hours"), [(2, 1.75), (4, 3.5), (16, 12), (300, 12)])
def test_a_rarer_feed_is_polled_24_times_between_two_entries(days: int, hours: float) -> None:
    assert wait(well(days * DAY)) == timedelta(hours=hours)


def test_silence_makes_polls_rarer_and_an_entry_brings_them_back() -> None:
    record = well(HOUR)
    waits = [wait(stay(record, NOW + days * DAY)) for days in (1, 9, 40, 400)]

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (30 * MINUTE, 12 * HOUR)
    later = NOW + 400 * DAY
    back = succeed(stay(record, later), *(an_entry(f"new {n}") for n in range(8)), an_entry(0), at=later + HOUR)
    assert wait(back) == 30 * MINUTE


def test_a_feed_without_dates_is_judged_from_its_first_poll_on() -> None:
    record = succeed(a_record(), an_entry(1), an_entry(2))

    assert wait(record) == 30 * MINUTE
    assert wait(stay(record, NOW + 10 * DAY)) == 10 * HOUR


def test_an_empty_feed_is_polled_less_and_less() -> None:
    record = succeed(a_record())

    assert [wait(stay(record, NOW + days * DAY)) for days in (0, 6, 60)] == [30 * MINUTE, 6 * HOUR, 12 * HOUR]


def test_a_feeds_own_interval_is_the_users_word() -> None:
    for interval in (5 * MINUTE, 30 * HOUR):
        record = succeed(a_record(feed=Feed("https://a.example/feed", interval=interval)), an_entry(1, NOW - 99 * DAY))
        assert wait(record) == interval


def test_equal_bounds_poll_all_feeds_alike() -> None:
    policy = replace(EXACT, max_interval=EXACT.interval)

    assert wait(stay(well(30 * DAY), NOW + DAY, policy)) == 30 * MINUTE


# turnover -------------------------------------------------------------------------------------------


def test_turnover_is_the_time_in_which_a_document_is_replaced() -> None:
    assert turnover(well(HOUR, count=10).memory, NOW) == 9 * HOUR
    assert turnover(well(HOUR, count=64).memory, NOW) == 62 * HOUR
    assert turnover(well(HOUR, count=1).memory, NOW) is None
    assert turnover(a_record().memory, NOW) is None


def test_a_short_document_is_polled_four_times_before_it_has_turned_over() -> None:
    """Two entries, one in three days: after a day of silence the rhythm alone would allow more than a quarter."""
    record = well(3 * DAY, count=2)
    quick = replace(record, memory=replace(record.memory, window=1))

    assert wait(stay(quick, NOW + 2 * HOUR)) == 30 * MINUTE


def test_a_document_that_turned_over_is_polled_as_often_as_allowed() -> None:
    record = well(4 * DAY)
    over = succeed(record, *(an_entry(f"new {number}") for number in range(20)), at=NOW + DAY)

    assert over.memory.rolled_over
    assert wait(over) == 30 * MINUTE


# what the server and the document ask for -------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected"), [(0, 0.5), (0.1, 0.5), (1, 1), (7, 7), (24, 24), (25, 24), (8760, 24), (10**6, 24)]
)
@pytest.mark.parametrize("hint", ["freshness", "ttl", "update_period"])
def test_hints_are_kept_within_bounds(hint: str, asked: float, expected: float) -> None:
    span = timedelta(hours=asked)
    answer = fetched(freshness=span if hint == "freshness" else None)
    hints = FeedHints() if hint == "freshness" else FeedHints(**{hint: span})
    entries = [an_entry(number, NOW - number * HOUR) for number in range(20)]

    record = succeed(a_record(), *entries, answer=answer, hints=hints)

    assert wait(record) == timedelta(hours=expected)


def test_a_304_renews_the_freshness_and_keeps_the_documents_hints() -> None:
    record = succeed(a_record(), an_entry(1), answer=fetched(freshness=5 * HOUR), hints=FeedHints(ttl=2 * HOUR))

    assert wait(record) == 5 * HOUR
    assert wait(stay(record, NOW + 5 * HOUR)) == 2 * HOUR


def test_a_busy_feed_is_polled_every_two_hours_whatever_it_asks() -> None:
    """40 entries in 8 hours: obeying a day's pause would lose most of them."""
    entries = [an_entry(number, NOW - number * 12 * MINUTE) for number in range(40)]

    record = succeed(a_record(), *entries, answer=fetched(freshness=DAY), hints=FeedHints(ttl=DAY))

    assert wait(record) == 2 * HOUR


@pytest.mark.parametrize(
    ("hours", "days", "start", "expected"),
    [
        (range(8), (), NOW, NOW + 2 * HOUR),
        (range(8), (), NOW - 3 * HOUR + 7 * MINUTE, NOW + 2 * HOUR),
        ([5], (), NOW, NOW),
        ([6], (), NOW + 59 * MINUTE, NOW + HOUR),
        ((), (0,), NOW, NOW + 18 * HOUR),
        ([0, 1], (0,), NOW, NOW + 20 * HOUR),
        (range(24), (), NOW, NOW),
        ((), range(7), NOW, NOW),
        (range(24), (5,), NOW, NOW),
        (range(23), range(6), NOW, NOW + 6 * DAY + 17 * HOUR),
    ],
)
def test_skipped_hours_and_days_are_gmt_and_looked_at_when_a_poll_starts(
    hours: range, days: tuple[int, ...], start: datetime, expected: datetime
) -> None:
    hints = FeedHints(skip_hours=frozenset(hours), skip_days=frozenset(days))
    record = replace(well(), memory=replace(well().memory, hints=hints))

    later = postponed(record, start)

    assert (later.next_poll if later else start) == expected


def test_a_poll_is_not_planned_into_a_skipped_hour() -> None:
    record = succeed(a_record(), an_entry(1), hints=FeedHints(skip_hours=frozenset({6, 7})))

    assert record.next_poll == NOW + 2 * HOUR


# failures ---------------------------------------------------------------------------------------------


def test_failures_double_the_pause_up_to_the_longest_interval() -> None:
    record, waits, at = well(), [], NOW
    for _ in range(40):
        record = fail(record, at)
        waits.append(wait(record))
        at += wait(record)

    assert waits[:6] == [timedelta(hours=hours) for hours in (0.5, 1, 2, 4, 8, 12)]
    assert set(waits[5:]) == {12 * HOUR}


def test_a_busy_feed_that_fails_is_still_tried_every_two_hours() -> None:
    record = well(10 * MINUTE)
    for _ in range(9):
        record = fail(record)

    assert wait(record) == 2 * HOUR


def test_a_success_ends_the_backoff() -> None:
    record = well()
    for _ in range(9):
        record = fail(record)

    assert wait(stay(record, NOW)) == 30 * MINUTE


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(None, 30 * MINUTE), (SECOND, 30 * MINUTE), (-HOUR, 30 * MINUTE), (3 * HOUR, 3 * HOUR), (400 * DAY, 31 * DAY)],
)
def test_retry_after_is_obeyed_up_to_31_days(asked: timedelta | None, expected: timedelta) -> None:
    assert wait(fail(well(), retry_after=asked)) == expected


# bounds that always hold --------------------------------------------------------------------------------

spans = st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=60)))
policies = st.builds(
    lambda interval, factor, jitter: PollPolicy(interval, interval * factor, DAY, jitter),
    st.timedeltas(MINUTE, DAY),
    st.integers(1, 50),
    st.floats(0, 0.5),
)


@given(
    policy=policies,
    gaps=st.lists(st.timedeltas(timedelta(0), timedelta(days=40)), max_size=12),
    freshness=spans,
    ttl=spans,
    skipped=st.frozensets(st.integers(0, 23)),
    silence=st.timedeltas(timedelta(0), timedelta(days=90)),
    url=st.text(max_size=8),
)
def test_no_poll_is_early_and_none_is_forgotten(
    policy: PollPolicy,
    gaps: list[timedelta],
    freshness: timedelta | None,
    ttl: timedelta | None,
    skipped: frozenset[int],
    silence: timedelta,
    url: str,
) -> None:
    """Never before the interval or the server's word, never in a skipped hour, never later than the bounds allow."""
    ages = [sum(gaps[: number + 1], timedelta(0)) for number in range(len(gaps))]
    hints = FeedHints(ttl=ttl, skip_hours=skipped)
    record = succeed(a_record(url), *(an_entry(n, NOW - age) for n, age in enumerate(ages)), policy=policy, hints=hints)
    at = NOW + silence
    after = succeed(record, *(an_entry(n) for n in range(len(ages))), at=at, policy=policy, hints=hints,
                    answer=fetched(freshness=freshness), new=())  # fmt: skip

    assert after.next_poll is not None
    asked = min(max(freshness or SECOND, ttl or SECOND), 2 * HOUR)
    assert wait(after) >= max(policy.interval, asked)
    longest = max(policy.max_interval, DAY) * (1 + policy.jitter) + (DAY if len(skipped) < 24 else timedelta(0))
    assert wait(after) <= longest
    assert after.next_poll.hour not in skipped or len(skipped) == 24


@given(policy=policies, failures=st.integers(1, 200), retry_after=spans, url=st.text(max_size=8))
def test_no_retry_is_early_and_none_is_given_up(
    policy: PollPolicy, failures: int, retry_after: timedelta | None, url: str
) -> None:
    record = fail(a_record(url, failures=failures - 1), retry_after=retry_after, policy=policy)

    demanded = min(retry_after or timedelta(0), 31 * DAY)
    assert wait(record) >= max(policy.interval, demanded)
    assert wait(record) <= max(policy.max_interval, 31 * DAY) * (1 + policy.jitter)


@given(url=st.text())
def test_jitter_is_the_same_for_a_feed_every_time(url: str) -> None:
    first, second = (fail(a_record(url), policy=POLICY) for _ in range(2))

    assert first.next_poll == second.next_poll
    assert 30 * MINUTE <= wait(first) <= 31.5 * MINUTE


def test_jitter_spreads_feeds() -> None:
    waits = {wait(fail(a_record(f"https://{number}.example/"), policy=POLICY)) for number in range(200)}

    assert len(waits) == 200
    assert max(waits) - min(waits) > MINUTE


# passes from cron ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "seconds"), [(5, 30), (20, 120), (30, 180), (24 * 60, 180)])
def test_under_cron_the_grace_is_a_tenth_of_the_interval_and_three_minutes_at_most(minutes: int, seconds: int) -> None:
    policy = replace(POLICY, interval=minutes * MINUTE, jitter=0.5).under_cron()

    assert (policy.grace, policy.jitter) == (seconds * SECOND, 0.0)


@pytest.mark.parametrize("every", [5, 10, 15, 30])
def test_under_cron_a_feed_is_polled_at_its_interval(every: int) -> None:
    """A pass takes up to two minutes, and cron starts it a second early or late."""
    policy, record, polls = POLICY.under_cron(), well(), []
    for number in range(1, 24 * 60 // every):
        started = NOW + number * every * MINUTE + (number % 3 - 1) * SECOND
        if record.next_poll is not None and record.next_poll <= started:
            polls.append(started)
            record = stay(record, started + (number * 37 % 120) * SECOND, policy)

    pauses = {round((later - earlier) / MINUTE) for earlier, later in pairwise(polls)}
    assert pauses == {30}


def is_open(hints: FeedHints, at: datetime) -> bool:
    return at.hour not in hints.skip_hours and at.weekday() not in hints.skip_days


@examples(0.4)
@given(
    st.frozensets(st.integers(0, 23), max_size=24),
    st.frozensets(st.integers(0, 6), max_size=7),
    st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - in UTC
)
def test_a_poll_is_put_off_to_the_first_hour_that_is_not_skipped_and_to_none_later(
    hours: frozenset[int], days: frozenset[int], start: datetime
) -> None:
    """Whoever skips every hour, or every day, is not believed."""
    hints = FeedHints(skip_hours=hours, skip_days=days)
    opened = open_at(hints, start)
    if len(hours) == 24 or len(days) == 7 or is_open(hints, start):
        assert opened == start
        return
    full = start.replace(minute=0, second=0, microsecond=0)
    later = (full + number * HOUR for number in range(1, 24 * 8))
    assert opened == next(at for at in later if is_open(hints, at))


@examples(0.4)
@given(st.lists(st.integers(0, 10**9), max_size=40), st.integers(1, 40))
def test_the_newest_times_are_kept_newest_first(times: list[int], kept: int) -> None:
    assert newest(times, kept) == tuple(sorted(times, reverse=True)[:kept])


@pytest.mark.parametrize(
    ("freshness", "ttl", "period", "rolled", "passing", "expected"),
    [
        (None, None, None, False, None, 0),
        (1, None, None, False, None, 1),
        (1, 3, 2, False, None, 3),
        (None, None, 5, False, None, 5),
        (99, None, None, False, None, 24),
        (99, None, None, True, None, 2),
        (1, None, None, True, None, 1),
        (99, None, None, False, 8, 2),
        (99, None, None, False, 8.01, 24),
    ],
)
def test_the_longest_of_what_is_asked_for_counts_within_a_day_and_of_a_busy_feed_within_two_hours(
    freshness: float | None,
    ttl: float | None,
    period: float | None,
    rolled: bool,
    passing: float | None,
    expected: float,
) -> None:
    """In hours. Busy: all its entries pass by within eight, or did so unseen."""

    def span(hours: float | None) -> timedelta | None:
        return None if hours is None else hours * HOUR

    hints = FeedHints(ttl=span(ttl), update_period=span(period))
    memory = PollMemory(hints=hints, freshness=span(freshness), rolled_over=rolled)
    assert asked_interval(memory, span(passing), EXACT) == expected * HOUR


@pytest.mark.parametrize(
    ("failures", "own", "passing", "minutes"),
    [
        (1, None, None, 30),
        (2, None, None, 60),
        (4, None, None, 240),
        (5, None, None, 480),
        (6, None, None, 720),
        (999, None, None, 720),
        (1, 7, None, 7),
        (3, 7, None, 28),
        (999, 60 * 24, None, 60 * 24),  # never sooner than its own interval
        (999, None, 8, 120),
        (999, None, 9, 720),
        (999, 180, 8, 180),
    ],
)
def test_each_failure_doubles_the_pause(failures: int, own: int | None, passing: int | None, minutes: int) -> None:
    feed = Feed("https://a.example/feed", interval=None if own is None else own * MINUTE)
    assert backoff(feed, failures, None if passing is None else passing * HOUR, EXACT) == minutes * MINUTE
