"""A folder whose store remembers a little of everything, at a moment that stands: what commands show of it is known."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.model import DeliveryState, Message, Receipt
from monitor.clock import SystemClock
from monitor.model import (
    Decided,
    Entry,
    EntryKeys,
    Feed,
    FeedRecord,
    FeedState,
    Match,
    PassReport,
    PollMemory,
    PollOutcome,
    ProfileState,
    Score,
    ScorePart,
)
from monitor.store.sqlite import SqliteStore

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)  # a Monday; 14:00 in Vientiane, 16:00 on the machine's clock
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CONFIG = """\
state_dir: state
contact: https://newsbell.example/bot
feeds:
  - {url: "https://gazette.example/rss", title: Gazette, lang: en, interval: 2h}
  - {url: "https://herald.example/rss", title: Herald}
  - {url: "https://courier.example/rss", title: Courier}
  - {url: "https://post.example/rss", title: Post}
  - {url: "https://mirror.example/rss", title: Mirror}
  - {url: "https://echo.example/rss", title: Echo, enabled: false}
  - {url: "https://star.example/rss", title: Star}
channels:
  files: {type: file, dir: digests}
profiles: [profiles/*.yaml]
"""
PAIR = """\
name: pair
title: Japan with Laos
threshold: 3.0
concepts:
  japan: {country: JP, terms: [Japanese, Tokyo]}
  laos: {country: LA, terms: [Laotian, Vientiane]}
require: [japan, laos]
terms:
  - {term: strategic partnership, weight: 3.0}
  - {term: 70th anniversary, weight: 2.0}
digest: {schedule: "0 7 * * mon-fri", timezone: Asia/Vientiane, channels: [files]}
"""
RICE = """\
name: rice
threshold: 1.0
terms:
  - {term: rice, weight: 1.5}
digest: {schedule: "@run", timezone: UTC, channels: [files]}
"""
LOSS = "it shows 5,001 entries: none is dated, and 5,000 at both ends are read"
REPORT = PassReport(
    started=NOW - 16 * MINUTE,
    finished=NOW - 15 * MINUTE,
    polled=6,
    unchanged=1,
    failed=2,
    new=3,
    matched=2,
    digests=1,
    sent=1,
    undelivered=1,
    gap=15 * MINUTE,
    durations={"store": 0.25, "all": 1.0},
)


def address(name: str) -> str:
    return f"https://{name}.example/rss"


def entry(number: int, title: str, text: str, found: datetime, feed: str = "gazette") -> Entry:
    """An entry that was published an hour before it was found."""
    mark = f"{number:08}".encode()
    return Entry(
        address(feed),
        EntryKeys(b"g" + mark[1:], b"l" + mark[1:], b"c" + mark[1:]),
        title,
        f"https://{feed}.example/{number}",
        summary=text,
        published=found - HOUR,
        lang="en",
        fingerprint=mark + b"000000",
        id=f"{number:x}" * 16,
        found=found,
    )


SIGNED = entry(10, "Laos and Japan agree on strategic partnership", "Signed in Tokyo.", NOW - 2 * DAY)
CONCERT = entry(11, "Vientiane concert with Japan", "It marks the 70th anniversary of ties.", NOW - 20 * MINUTE)
PRICES = entry(12, "Rice prices steady in Laos", "Traders expect no change.", NOW - 30 * MINUTE)
HARVEST = entry(13, "Harvest festival", "Dancers from five villages.", NOW - 40 * DAY, "courier")


def match(profile: str, found: Entry, points: float) -> Match:
    part = ScorePart("term", "a term", "title", 1, points, points)
    return Match(
        profile, found, Score(profile, points, 1.0, True, True, (part,)), "Gazette", found.found or NOW, story=found.id
    )


def _polled(record: FeedRecord) -> PollOutcome:
    """What the last poll of each feed came to."""
    good = replace(
        record, state=FeedState.OK, last_status=200, last_ok=NOW - 15 * MINUTE, next_poll=NOW + 15 * MINUTE, error=""
    )
    match record.title:
        case "Gazette":
            found = Decided(new=(SIGNED, CONCERT, PRICES))
            matches = (match("pair", SIGNED, 6.5), match("pair", CONCERT, 4.25), match("rice", PRICES, 1.5))
            return PollOutcome(replace(good, memory=PollMemory(loss=LOSS)), found, matches)
        case "Herald":
            after = replace(good, state=FeedState.FAILING, last_status=503, last_ok=NOW - 3 * DAY, error="answered 503")
            return PollOutcome(replace(after, next_poll=NOW + 3 * HOUR))
        case "Courier":
            newest = int((NOW - 40 * DAY).timestamp())
            after = replace(good, state=FeedState.SILENT, memory=PollMemory(arrivals=(newest,)))
            return PollOutcome(after, Decided(new=(HARVEST,)))
        case "Post":
            return PollOutcome(replace(good, state=FeedState.MOVED, address="https://post.example/new"))
        case "Mirror":
            gone = replace(good, state=FeedState.GONE, last_status=410, last_ok=None, next_poll=None)
            return PollOutcome(replace(gone, error="is gone"))
    return PollOutcome(good)


def _letter(number: int, channel: str, recipient: str) -> Message:
    subject, body = (
        f"Pair ({number}): Laos and Japan",
        f"From: bell@example.org\nSubject: {number}\n\nletter {number}\n",
    )
    return Message(f"{number:x}" * 32, "pair", channel, recipient, subject, body.encode(), "message/rfc822")


def _deliver(store: SqliteStore) -> None:
    """One delivery in each state, a minute apart."""
    ends = (
        (DeliveryState.SENT, 1, None, ""),
        (DeliveryState.FAILED, 2, NOW + 5 * MINUTE, "desk: 451 later"),
        (DeliveryState.DEAD, 9, None, "desk: 550 refused"),
    )
    for number, (state, attempts, then, error) in enumerate(ends, 1):
        at = NOW - 10 * MINUTE + number * MINUTE
        store.enqueue([_letter(number, "desk", f"reader{number}@example.org")], at)
        [claimed] = store.claim(at, limit=9, lease=MINUTE)
        store.settle(Receipt(claimed.message.key, at, state, attempts, then, error, fence=claimed.fence))
    store.enqueue([_letter(4, "hook", "https://example.org/hook")], NOW - 5 * MINUTE)


def furnish(folder: Path) -> Path:
    """Write the configuration and what is remembered; the configuration's path."""
    (folder / "profiles").mkdir(parents=True)
    (folder / "profiles" / "pair.yaml").write_text(PAIR, encoding="utf-8")
    (folder / "profiles" / "rice.yaml").write_text(RICE, encoding="utf-8")
    config = folder / "newsbell.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    with closing(SqliteStore(folder / "state" / "newsbell.db", NOW)) as store:
        names = ("Gazette", "Herald", "Courier", "Post", "Mirror", "Echo", "Star")
        feeds = [
            Feed(address(name.casefold()), name, "en" if name == "Gazette" else None, enabled=name != "Echo")
            for name in names
        ]
        store.sync_feeds([replace(feeds[0], interval=2 * HOUR), *feeds[1:-1]], NOW - 16 * MINUTE)
        claimed = store.claim_due(NOW - 16 * MINUTE, limit=9, lease=HOUR)
        store.record([_polled(record) for record in claimed])
        store.sync_feeds([replace(feeds[0], interval=2 * HOUR), *feeds], NOW)
        state = store.profile_state("pair")
        opened = replace(state, window_end=NOW - 7 * HOUR, last_sent=NOW - 7 * HOUR)
        told = "pair@2026-03-02T00:00:00+00:00"
        store.close_window(opened, [SIGNED.id], told, (), NOW, stories={SIGNED.id: SIGNED.id})
        store.close_window(ProfileState("rice", NOW - HOUR), (), "", (), NOW)
        _deliver(store)
        store.save_report(REPORT)
    return config


@contextmanager
def standing_still() -> Iterator[None]:
    """The machine's clock stands at ``NOW``, and hangs on a wall in Tokyo."""
    before = os.environ.get("TZ")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda self: NOW)
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    assert os.environ.get("TZ") == before
    time.tzset()
