"""The proof of the adaptive interval: a simulated week of many feeds, each polled when its record says so.

The mix is that of NewsBlur's published figures: 55 % of feeds have nothing in a month, 91 % less than a story a day.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from monitor.app.watches import poll_policy
from monitor.config.model import Config
from monitor.model import Entry, FeedRecord
from monitor.schedule import PollPolicy
from tests.monitor.schedule.samples import DAY, HOUR, MINUTE, NOW, a_record, an_entry, fetched, stay, succeed

FEEDS, SPAN, WINDOW = 100, 7 * DAY, 20
FLAT = SPAN / (30 * MINUTE)
POLICY = poll_policy(Config(), service=True)  # what a user has who sets nothing


@dataclass
class Simulated:
    """A feed, its stories, and what polling it came to. ``gap``: days between two stories on average."""

    gap: float
    stories: list[datetime]
    record: FeedRecord
    polls: int = 0
    lateness: list[timedelta] = field(default_factory=list)
    missed: int = 0

    def document(self, at: datetime) -> list[Entry]:
        shown = [n for n, story in enumerate(self.stories) if story <= at][-WINDOW:]
        return [an_entry(f"{self.record.feed.url} {n}", self.stories[n]) for n in reversed(shown)]

    def poll(self, at: datetime, policy: PollPolicy) -> None:
        """Fetch the document, notice what is new in it and what has gone by."""
        before = self.record
        since = before.last_poll or at
        self.polls += 1
        fresh = [story for story in self.stories if since < story <= at]
        if before.baseline and not fresh:
            self.record = stay(before, at, policy)
            return
        document = self.document(at)
        self.record = succeed(before, *document, at=at, policy=policy, answer=fetched())
        if before.baseline:
            self.lateness += [at - story for story in fresh]
            self.missed += max(0, len(fresh) - len(document))


def a_mix(chance: random.Random) -> Iterator[float]:
    """Days between two stories of ``FEEDS`` feeds."""
    for number in range(FEEDS):
        share = number / FEEDS
        if share < 0.55:
            yield chance.uniform(40, 900)
        elif share < 0.91:
            yield math.exp(chance.uniform(0, math.log(30)))
        else:
            yield math.exp(chance.uniform(math.log(1 / 40), 0))


def a_feed(number: int, gap: float, chance: random.Random) -> Simulated:
    """Stories at random times around ``gap`` days apart, enough of them before the week begins to fill a document."""
    start = NOW - timedelta(days=gap) * (WINDOW + 5)
    stories, at = [], start
    while (at := at + timedelta(days=chance.expovariate(1 / gap))) < NOW + SPAN:
        stories.append(at)
    return Simulated(gap, stories, a_record(f"https://{number}.example/"))


@pytest.fixture(scope="module")
def week() -> list[Simulated]:
    """A week of polls by the default policy."""
    chance = random.Random(55)
    feeds = [a_feed(number, gap, chance) for number, gap in enumerate(a_mix(chance))]
    run(feeds, POLICY)
    return feeds


def run(feeds: list[Simulated], policy: PollPolicy) -> None:
    due = [(NOW, number) for number in range(len(feeds))]
    while due:
        at, number = heapq.heappop(due)
        feeds[number].poll(at, policy)
        later = feeds[number].record.next_poll
        if later is not None and later < NOW + SPAN:
            heapq.heappush(due, (later, number))


def test_the_mix_is_the_one_that_was_published(week: list[Simulated]) -> None:
    rare = sum(feed.gap > 30 for feed in week) / FEEDS
    below_daily = sum(feed.gap > 1 for feed in week) / FEEDS

    assert (round(rare, 2), round(below_daily, 2)) == (0.55, 0.91)


def test_it_takes_at_least_five_times_fewer_requests_than_a_flat_half_hour(week: list[Simulated]) -> None:
    assert sum(feed.polls for feed in week) * 5 <= FLAT * FEEDS


def test_no_entry_is_missed(week: list[Simulated]) -> None:
    assert sum(feed.missed for feed in week) == 0
    assert sum(len(feed.lateness) for feed in week) > 500


def test_no_entry_is_later_than_the_longest_interval(week: list[Simulated]) -> None:
    longest = POLICY.max_interval * (1 + POLICY.jitter)

    assert max(late for feed in week for late in feed.lateness) <= longest


def test_an_active_feed_is_never_polled_later_than_its_interval(week: list[Simulated]) -> None:
    """Active: its last eight entries are from the last eight days."""
    busy = [late for feed in week if feed.gap < 0.4 for late in feed.lateness]

    assert max(busy) <= POLICY.interval * (1 + POLICY.jitter)


def test_an_entry_is_late_by_a_small_part_of_its_feeds_rhythm(week: list[Simulated]) -> None:
    shares = sorted(late / timedelta(days=feed.gap) for feed in week if feed.gap > 1 for late in feed.lateness)

    assert shares[len(shares) // 2] < 0.05
    assert shares[int(len(shares) * 0.95)] < 0.2


def test_a_burst_does_not_run_out_of_the_document() -> None:
    """A feed of a story an hour publishes five an hour for a day: each poll still finds the last one's entries."""
    chance = random.Random(7)
    feed = a_feed(0, 1 / 24, chance)
    burst = [NOW + DAY + HOUR * number / 5 for number in range(120)]
    stories = sorted(feed.stories + burst)
    bursting = replace(feed, stories=stories)

    run([bursting], POLICY)

    assert bursting.missed == 0
