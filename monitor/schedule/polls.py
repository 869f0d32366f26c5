"""When a feed is polled next: its own rhythm, what its server and its document ask for, and backoff after failures."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from monitor.model import FeedHints, FeedRecord, PollMemory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST_HINT = DAY  # Cache-Control, Expires, ttl, sy:updatePeriod
LONGEST_RETRY_AFTER = 31 * DAY
BUSY = 2 * HOUR  # a feed whose entries pass by within four times this is polled at least so often, whatever it asks
_RECENT = 8  # arrivals that tell a feed's rhythm
_LOOKS_PER_ARRIVAL = 24  # polls between two entries of a feed that publishes less than daily
_LOOKS_PER_TURNOVER = 4  # polls while the entries of a document are replaced once


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """The user's bounds for polling."""

    interval: timedelta = timedelta(minutes=30)  # of a feed that publishes daily or more; none is polled more often
    max_interval: timedelta = timedelta(hours=12)  # of a feed that hardly publishes; equal to interval: all alike
    failing_after: timedelta = DAY  # a feed that fails for so long is "failing"
    jitter: float = 0.05  # a poll is put off by up to this share of the wait, so that feeds spread over time
    grace: timedelta = timedelta(0)  # how much sooner than its interval a pass from cron may poll: cron is not exact


def next_poll(record: FeedRecord, now: datetime, policy: PollPolicy, retry_after: timedelta | None = None) -> datetime:
    """When to poll next, given what the poll at ``now`` made of ``record``; later than ``now``.

    ``retry_after``: the server's demand, kept up to 31 days.
    """
    if record.failures:
        own, asked = backoff(record, now, policy), min(retry_after or timedelta(0), LONGEST_RETRY_AFTER)
    else:
        own, asked = own_interval(record, now, policy), asked_interval(record.memory, now, policy)
    wait = max(own - policy.grace, asked, timedelta(seconds=1))
    return open_at(record.memory.hints, now + wait * (1 + policy.jitter * _share(record.feed.url)))


def postponed(record: FeedRecord, now: datetime) -> FeedRecord | None:
    """``record`` put off because its feed asks not to be polled at this hour or day (GMT); None: poll it now."""
    start = open_at(record.memory.hints, now)
    return None if start == now else replace(record, next_poll=start)


def own_interval(record: FeedRecord, now: datetime, policy: PollPolicy) -> timedelta:
    """How often the feed needs a look, from how often it publishes and how fast its entries pass by.

    A feed with an interval of its own keeps that. Else one that publishes daily or more gets ``policy.interval``, a
    rarer one a 24th of the time between its entries, and none so much that its document could turn over unseen.
    """
    if record.feed.interval is not None:
        return record.feed.interval
    memory = record.memory
    if memory.rolled_over:
        return policy.interval
    gap = rhythm(memory, now)
    wait = policy.interval if gap is None or gap <= DAY else gap / _LOOKS_PER_ARRIVAL
    passing = turnover(memory, now)
    if passing is not None:
        wait = min(wait, passing / _LOOKS_PER_TURNOVER)
    return max(policy.interval, min(wait, policy.max_interval))


def rhythm(memory: PollMemory, now: datetime) -> timedelta | None:
    """The mean time between the newest entries, counting the silence since; None when no entry has a time."""
    recent = memory.arrivals[:_RECENT]
    if not recent:
        return None if memory.state_since is None else now - memory.state_since
    return max(timedelta(0), (now - recent[-1]) / len(recent))


def turnover(memory: PollMemory, now: datetime) -> timedelta | None:
    """The time in which all entries of the feed's document are replaced; None when too little is known."""
    arrivals, window = memory.arrivals, memory.window
    if not window or len(arrivals) < 2:
        return None
    known = min(window, len(arrivals))
    return max(timedelta(0), (now - arrivals[known - 1]) * window / known)


def asked_interval(memory: PollMemory, now: datetime, policy: PollPolicy) -> timedelta:
    """The longest pause that the last answer or the document asks for, within bounds; 0 when none."""
    hints = (memory.freshness, memory.hints.ttl, memory.hints.update_period)
    asked = max((hint for hint in hints if hint is not None), default=timedelta(0))
    passing = turnover(memory, now)
    busy = memory.rolled_over or (passing is not None and passing <= BUSY * _LOOKS_PER_TURNOVER)
    return min(asked, max(BUSY, policy.interval) if busy else LONGEST_HINT)


def backoff(record: FeedRecord, now: datetime, policy: PollPolicy) -> timedelta:
    """The pause after ``record.failures`` failures in a row: doubled each time, up to the longest interval."""
    usual = record.feed.interval or policy.interval
    longest = max(usual, policy.max_interval)
    passing = turnover(record.memory, now)
    if passing is not None and passing <= BUSY * _LOOKS_PER_TURNOVER:
        longest = min(longest, max(usual, BUSY))
    doublings = min(record.failures - 1, 20)
    return min(usual * (1 << doublings), longest)


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


def newest(arrivals: Sequence[datetime], kept: int = 32) -> tuple[datetime, ...]:
    """The newest ``kept`` times, newest first."""
    return tuple(sorted(arrivals, reverse=True)[:kept])
