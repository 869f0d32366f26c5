"""When a feed is polled next: its own rhythm, what its server and its document ask for, and backoff after failures."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from alerts.record import record, replace
from monitor.model import Feed, FeedHints, FeedRecord, PollMemory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_NO_TIME, _SHORTEST = timedelta(0), timedelta(seconds=1)
LONGEST_HINT = DAY  # Cache-Control, Expires, ttl, sy:updatePeriod
LONGEST_RETRY_AFTER = 31 * DAY
BUSY = 2 * HOUR  # a feed whose entries pass by within four times this is polled at least so often, whatever it asks
_RECENT = 8  # arrivals that tell a feed's rhythm
_LOOKS_PER_ARRIVAL = 24  # polls between two entries of a feed that publishes less than daily
_LOOKS_PER_TURNOVER = 4  # polls while the entries of a document are replaced once


@record
class PollPolicy:
    """The user's bounds for polling."""

    interval: timedelta = timedelta(minutes=30)  # of a feed that publishes daily or more; none is polled more often
    max_interval: timedelta = timedelta(hours=12)  # of a feed that hardly publishes; equal to interval: all alike
    failing_after: timedelta = DAY  # a feed that fails for so long is "failing"
    jitter: float = 0.05  # a poll is put off by up to this share of the wait, so that feeds spread over time
    grace: timedelta = timedelta(0)  # how much sooner than its own interval a feed may be polled

    def under_cron(self) -> PollPolicy:
        """The same for passes that cron starts.

        A pass takes a while and cron is not exact: without grace, a feed polled at every half hour's pass would be
        due just after the next one, and be polled every hour.
        """
        return replace(self, jitter=0.0, grace=min(self.interval / 10, 3 * _MINUTE))


def next_poll(feed: Feed, memory: PollMemory, now: datetime, policy: PollPolicy) -> datetime:
    """When to poll a feed next that has just answered; later than ``now``."""
    passing = turnover(memory, now)
    own = own_interval(feed, memory, passing, now, policy)
    return _planned(feed, memory, own, asked_interval(memory, passing, policy), now, policy)


def next_try(
    feed: Feed, memory: PollMemory, failures: int, now: datetime, policy: PollPolicy, retry_after: timedelta | None
) -> datetime:
    """When to poll a feed next that has failed ``failures`` times in a row; later than ``now``.

    ``retry_after``: the server's demand, kept up to 31 days.
    """
    own = backoff(feed, failures, turnover(memory, now), policy)
    return _planned(feed, memory, own, min(retry_after or _NO_TIME, LONGEST_RETRY_AFTER), now, policy)


def _planned(
    feed: Feed, memory: PollMemory, own: timedelta, asked: timedelta, now: datetime, policy: PollPolicy
) -> datetime:
    wait = max(own - policy.grace, asked, _SHORTEST)
    if policy.jitter:
        wait *= 1 + policy.jitter * _share(feed.url)
    return open_at(memory.hints, now + wait)


def postponed(record: FeedRecord, now: datetime) -> FeedRecord | None:
    """``record`` put off because its feed asks not to be polled at this hour or day (GMT); None: poll it now."""
    start = open_at(record.memory.hints, now)
    return None if start == now else replace(record, next_poll=start)


def own_interval(
    feed: Feed, memory: PollMemory, passing: timedelta | None, now: datetime, policy: PollPolicy
) -> timedelta:
    """How often the feed needs a look, from how often it publishes and how fast its entries pass by (``turnover``).

    A feed with an interval of its own keeps that. Else one that publishes daily or more gets ``policy.interval``, a
    rarer one a 24th of the time between its entries, and none so much that its document could turn over unseen.
    """
    if feed.interval is not None:
        return feed.interval
    if memory.rolled_over:
        return policy.interval
    gap = rhythm(memory, now)
    wait = policy.interval if gap is None or gap <= DAY else gap / _LOOKS_PER_ARRIVAL
    if passing is not None:
        wait = min(wait, passing / _LOOKS_PER_TURNOVER)
    return max(policy.interval, min(wait, policy.max_interval))


def rhythm(memory: PollMemory, now: datetime) -> timedelta | None:
    """The mean time between the newest entries, counting the silence since; None when no entry has a time."""
    recent = memory.arrivals[:_RECENT]
    if not recent:
        return None if memory.state_since is None else now - memory.state_since
    return timedelta(seconds=max(0.0, (now.timestamp() - recent[-1]) / len(recent)))


def turnover(memory: PollMemory, now: datetime) -> timedelta | None:
    """The time in which all entries of the feed's document are replaced; None when too little is known."""
    arrivals, window = memory.arrivals, memory.window
    if not window or len(arrivals) < 2:
        return None
    known = min(window, len(arrivals))
    return timedelta(seconds=max(0.0, now.timestamp() - arrivals[known - 1]) * window / known)


def asked_interval(memory: PollMemory, passing: timedelta | None, policy: PollPolicy) -> timedelta:
    """The longest pause that the last answer or the document asks for, within bounds; 0 when none."""
    hints = memory.hints
    asked = max(memory.freshness or _NO_TIME, hints.ttl or _NO_TIME, hints.update_period or _NO_TIME)
    busy = memory.rolled_over or _is_busy(passing)
    return min(asked, max(BUSY, policy.interval) if busy else LONGEST_HINT)


def backoff(feed: Feed, failures: int, passing: timedelta | None, policy: PollPolicy) -> timedelta:
    """The pause after ``failures`` failures in a row: doubled each time, up to the longest interval."""
    usual = feed.interval or policy.interval
    longest = max(usual, BUSY if _is_busy(passing) else policy.max_interval)
    doublings = min(failures - 1, 20)
    return min(usual * (1 << doublings), longest)


def _is_busy(passing: timedelta | None) -> bool:
    return passing is not None and passing <= BUSY * _LOOKS_PER_TURNOVER


def open_at(hints: FeedHints, start: datetime) -> datetime:
    """The first moment from ``start`` on that is in no skipped hour and day (RSS 2.0, in GMT).

    A document that skips every hour of every day is not believed.
    """
    hours, days = hints.skip_hours, hints.skip_days
    if (not hours and not days) or len(hours) >= 24 or len(days) >= 7:
        return start
    at = start.astimezone(UTC)
    while at.weekday() in days or at.hour in hours:
        at = at.replace(minute=0, second=0, microsecond=0) + HOUR
    return at if at != start else start


def _share(url: str) -> float:
    """A number in [0, 1) that is always the same for a feed."""
    return zlib.crc32(url.encode()) / 2**32


def newest(arrivals: Sequence[int], kept: int = 32) -> tuple[int, ...]:
    """The newest ``kept`` times, newest first."""
    return tuple(sorted(arrivals, reverse=True)[:kept])
