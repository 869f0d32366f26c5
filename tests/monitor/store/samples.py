"""Feeds, entries and outcomes for the store's tests."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.model import (
    Decided,
    Entry,
    EntryKeys,
    Feed,
    FeedRecord,
    FeedState,
    Match,
    PollOutcome,
    Score,
    ScorePart,
)
from monitor.ports import Store

NOW = datetime(2025, 3, 3, 6, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
LEASE = timedelta(minutes=15)
A = Feed("https://a.example/feed", lang="en")
B = Feed("https://b.example/feed", title="The B Times")


def an_entry(number: int = 0, feed: Feed = A, *, title: str = "", text: str = "", found: datetime = NOW) -> Entry:
    """The ``number``-th entry of ``feed``; equal arguments make equal entries."""
    digest = hashlib.blake2b(f"{feed.url} {number}".encode(), digest_size=32).digest()
    return Entry(
        feed.url,
        EntryKeys(b"g" + digest[:7], b"l" + digest[8:15], b"c" + digest[16:23]),
        title or f"Story {number}",
        f"{feed.url}/{number}",
        summary=text,
        content=f"All of story {number}",
        author="A. Writer",
        source="Agency",
        published=found - HOUR,
        updated=None,
        lang=feed.lang,
        fingerprint=digest[24:32],
        id=digest.hex()[:16],
        found=found,
    )


def a_match(entry: Entry, profile: str = "japan", *, at: datetime = NOW, value: float = 7.5) -> Match:
    """A match of ``entry`` with two parts."""
    parts = (
        ScorePart("concept", "japan", "title", 2, 0.0, 0.0),
        ScorePart("term", "70th anniversary", "summary", 1, value, value),
    )
    score = Score(profile, value, 5.0, True, True, parts, concepts=("japan", "laos"))
    return Match(profile, entry, score, "Agency", at)


def polled(record: FeedRecord, at: datetime = NOW, *, wait: timedelta = HOUR) -> FeedRecord:
    """``record`` after a good poll at ``at``, due again after ``wait``."""
    return replace(record, state=FeedState.OK, last_poll=at, last_ok=at, next_poll=at + wait, last_status=200)


def claim(store: Store, at: datetime = NOW, limit: int = 100) -> list[FeedRecord]:
    """Lease what is due at ``at``."""
    return list(store.claim_due(at, limit=limit, lease=LEASE))


def learn(
    store: Store, *entries: Entry, matches: tuple[Match, ...] = (), feed: Feed = A, at: datetime = NOW
) -> FeedRecord:
    """Have ``feed`` bring ``entries`` as new in a poll at ``at``; returns its record."""
    if feed.url not in {record.feed.url for record in store.feeds()}:
        store.sync_feeds([*(record.feed for record in store.feeds()), feed], at)
    (record,) = store.claim_due(at, limit=1, lease=LEASE, every=True, urls=[feed.url])
    after = polled(record, at)
    assert store.record([PollOutcome(after, Decided(new=entries), matches)]) == 1
    return after
