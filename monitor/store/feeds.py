"""The feeds and their leases."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from itertools import zip_longest

from monitor.lanes import slot_of, slots_of
from monitor.model import TROUBLED, Feed, FeedRecord, FeedState, Fleet, PollMemory
from monitor.store.rows import (
    FEED_COLUMNS,
    Row,
    memory_from_json,
    memory_to_json,
    moment_or_none,
    polled_values,
    span,
    stamp,
    to_record,
)
from monitor.store.session import Session, fact, set_fact

LONGEST_WAIT = timedelta(days=40)  # a poll planned beyond that was planned under a wrong clock
CLOCK_SKEW = timedelta(hours=1)  # a poll that was made so far ahead of now, too; the clocks of machines differ by less
LONGEST_PAUSE = timedelta(hours=26)  # between two attempts at a delivery, unless its receiver asks for more
_ACTIVE = "present = 1 AND enabled = 1 AND paused = 0 AND next_poll IS NOT NULL"
_FREE = "claimed_at <> :now AND (lease_until <= :now OR lease_of <> :generation)"
_SHARD = "(:first IS NULL OR (slot_of(address) >= :first AND slot_of(address) < :end))"
_CLAIMABLE = f"SELECT {FEED_COLUMNS} FROM feeds WHERE {_ACTIVE} AND {_FREE} AND {_SHARD} "
_DUE = _CLAIMABLE + "AND next_poll <= :now ORDER BY next_poll LIMIT :limit"
# Those that were claimed for this moment stand last in the order of claims, so that no page walks over them.
_EVERY = _CLAIMABLE + "ORDER BY claimed_at LIMIT :limit"
_NAMED = _CLAIMABLE + "AND url = :url AND (:every OR next_poll <= :now)"
_LEASE = "UPDATE feeds SET fence = ?, lease_until = ?, lease_of = ?, claimed_at = ? WHERE id = ?"
_NEXT_POLLS = f"SELECT next_poll, lease_until, lease_of FROM feeds WHERE {_ACTIVE} ORDER BY next_poll"
_NEXT_ATTEMPTS = """SELECT next_attempt, lease_until, lease_of FROM outbox
    WHERE next_attempt IS NOT NULL ORDER BY next_attempt"""
_SAVE = """UPDATE feeds SET address = ?, state = ?, title = ?, etag = ?, last_modified = ?, body_hash = ?,
    fingerprints = ?, last_poll = ?, last_ok = ?, last_new = ?, last_status = ?, next_poll = ?, failures = ?,
    error = ?, baseline = ?, memory = ?, lease_until = 0 WHERE id = ? AND fence = ?"""
_ADD = """INSERT INTO feeds (config_title, lang, interval, enabled, position, present, url, address, state, next_poll)
    VALUES (?, ?, ?, ?, ?, 1, ?, ?, 'new', ?)"""
_TAKE_OVER = """UPDATE feeds SET title = CASE WHEN title = config_title THEN '' ELSE title END,
    config_title = ?, lang = ?, interval = ?, enabled = ?, position = ?, present = 1 WHERE url = ?"""
_CONFIGURED = (
    "SELECT url, config_title, lang, interval, enabled, position FROM feeds WHERE present = 1 ORDER BY position"
)
_BRING_BACK = f"""UPDATE feeds SET next_poll = :now WHERE {_ACTIVE} AND next_poll > :ahead
    AND (next_poll > :latest OR last_poll > :ahead)"""
_TRY_AGAIN = """UPDATE outbox SET next_attempt = :now WHERE next_attempt > :pause
    AND (next_attempt > :latest OR created > :ahead OR :wrong)"""
_SUCCESSORS = """SELECT url, address, memory FROM feeds
    WHERE present = 0 AND (address <> url OR memory LIKE '%"redirect_to"%') ORDER BY url"""
_RENAME = """UPDATE OR IGNORE feeds SET url = :url, address = :url, fence = fence + 1, lease_until = 0,
    state = CASE state WHEN 'moved' THEN 'ok' ELSE state END WHERE url = :old"""
_LISTED = f"SELECT {FEED_COLUMNS} FROM feeds WHERE present = 1 ORDER BY position"
_ALL = f"SELECT {FEED_COLUMNS} FROM feeds ORDER BY present DESC, position, id"
_WATCHED = "present = 1 AND enabled = 1 AND paused = 0"
_TROUBLED = f"{_WATCHED} AND state IN ({', '.join(repr(state.value) for state in TROUBLED)})"
_ILL = f"SELECT state, count(*) FROM feeds WHERE {_TROUBLED} GROUP BY state"
_WORST = f"""SELECT {FEED_COLUMNS} FROM feeds WHERE {_TROUBLED} ORDER BY CASE state
    {" ".join(f"WHEN '{state.value}' THEN {-rank}" for rank, state in enumerate(TROUBLED))} END, url LIMIT ?"""
_FENCE = 22  # its place in FEED_COLUMNS
_MEMORY = 21


class FeedTable(Session):
    """What the store knows of feeds, and who polls them now."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        super().__init__(connection, name)
        # Most polls change nothing of a feed's memory: its JSON is kept from the claim for the way back.
        self._memories: dict[int, tuple[PollMemory, str]] = {}
        # What was stored last, and the state of the file then: a daemon's passes compare nothing until either changes.
        self._synced: tuple[Sequence[Feed], int] | None = None
        connection.create_function("slot_of", 1, slot_of, deterministic=True)

    def sync_feeds(self, feeds: Sequence[Feed], now: datetime) -> None:
        """Make the stored feeds equal to the configured ones: new ones are due at ``now``, missing ones rest.

        Polls and attempts that a clock planned that was ahead are due at ``now`` too. A new address that a feed which
        has left the config was led to is that feed.
        """
        with self._write() as db:
            version: int = db.execute("PRAGMA data_version").fetchone()[0]  # another one when somebody else has written
            known, self._synced = self._synced, None
            if known is None or known[0] is not feeds or known[1] != version:
                self._configure(db, feeds, now)
            limits = clock_limits(now)
            wrong = db.execute(_BRING_BACK, limits).rowcount > 0
            db.execute(_TRY_AGAIN, limits | {"wrong": wrong})
        if isinstance(feeds, tuple) and not self._grouped:  # else they may yet be changed, or it undone
            self._synced = feeds, version

    def _configure(self, db: sqlite3.Connection, feeds: Sequence[Feed], now: datetime) -> None:
        rows = ((feed.url, *_configured(feed, position)) for position, feed in enumerate(feeds))
        if all(row == known for row, known in zip_longest(rows, db.execute(_CONFIGURED))):
            return  # as nearly always: found without holding all of them
        wanted = {feed.url: _configured(feed, position) for position, feed in enumerate(feeds)}
        stored = {row[0]: row[1:] for row in db.execute(_CONFIGURED)}
        changed = [(url, values) for url, values in wanted.items() if stored.get(url) != values]
        gone = [(url,) for url in stored.keys() - wanted.keys()]
        db.executemany("UPDATE feeds SET present = 0 WHERE url = ?", gone)
        self._follow(db, wanted.keys() - stored.keys())
        for url, values in changed:
            if not db.execute(_TAKE_OVER, (*values, url)).rowcount:
                db.execute(_ADD, (*values, url, url, stamp(now)))

    def _follow(self, db: sqlite3.Connection, added: Set[str]) -> None:
        """Give the record of a feed that has moved, and left the config, to the ``added`` address it was led to."""
        if added:
            rows = db.execute(_SUCCESSORS).fetchall()
            db.executemany(_RENAME, [{"url": url, "old": old} for url, old in moved_to(rows, added)])

    def claim_due(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        every: bool = False,
        urls: Sequence[str] = (),
        shard: tuple[int, int] | None = None,
    ) -> Sequence[FeedRecord]:
        """Lease up to ``limit`` feeds that are due, longest due first, each under a new fence."""
        with self._write() as db:
            first, end = slots_of(*shard) if shard else (None, None)
            asked: dict[str, int | None] = {
                "now": stamp(now),
                "limit": limit,
                "every": every,
                "first": first,
                "end": end,
            }
            asked["generation"] = fact(db, "generation")
            if urls:
                named = [db.execute(_NAMED, asked | {"url": url}).fetchone() for url in dict.fromkeys(urls)]
                rows = [row for row in named if row][:limit]
            else:
                rows = db.execute(_EVERY if every else _DUE, asked).fetchall()
            until = stamp(now + lease)
            db.executemany(
                _LEASE, [(row[_FENCE] + 1, until, asked["generation"], asked["now"], row[0]) for row in rows]
            )
            return [self._claimed(row) for row in rows]

    def _claimed(self, row: Row) -> FeedRecord:
        record = to_record((*row[:_FENCE], row[_FENCE] + 1, *row[_FENCE + 1 :]))
        self._memories[record.id] = record.memory, row[_MEMORY]
        return record

    def next_due(self) -> datetime | None:
        """The earliest moment at which a feed is to be polled or a delivery to be tried; None when there is neither.

        What is leased is not to be done before its lease ends.
        """
        with self._read() as db:
            current = fact(db, "generation")
            due = [_earliest(db.execute(query), current) for query in (_NEXT_POLLS, _NEXT_ATTEMPTS)]
        return moment_or_none(min((at for at in due if at is not None), default=None))

    def release_claims(self) -> None:
        """End every lease of feeds and deliveries at once."""
        with self._write() as db:
            # A lease counts only while it carries this number.
            set_fact(db, "generation", fact(db, "generation") + 1)

    def _save(self, db: sqlite3.Connection, record: FeedRecord) -> bool:
        """Write a record back and end its lease; False when its fence is stale."""
        memory, text = self._memories.pop(record.id, (None, ""))
        if memory is not record.memory:
            text = memory_to_json(record.memory)
        values = (record.address, *polled_values(record, text), record.id, record.fence)
        return db.execute(_SAVE, values).rowcount == 1

    def feeds(self, *, include_removed: bool = False) -> Sequence[FeedRecord]:
        """All configured feeds in the order of the config, then the removed ones when asked for."""
        with self._read() as db:
            return [to_record(row) for row in db.execute(_ALL if include_removed else _LISTED)]

    def fleet(self, *, worst: int = 0) -> Fleet:
        """How the watched feeds do, with up to ``worst`` of those in trouble."""
        with self._read() as db:
            ((watched,),) = db.execute(f"SELECT count(*) FROM feeds WHERE {_WATCHED}")
            ill = dict(db.execute(_ILL))
            return Fleet(watched, ill, tuple(map(to_record, db.execute(_WORST, (worst,)))) if ill else ())

    def set_paused(self, url: str, paused: bool) -> bool:
        """Pause or resume a feed; a retired one becomes due again when it is resumed. False when it is not known."""
        with self._write() as db:
            if paused:
                return db.execute("UPDATE feeds SET paused = 1 WHERE url = ?", (url,)).rowcount == 1
            db.execute(
                "UPDATE feeds SET next_poll = last_poll, state = ? WHERE url = ? AND next_poll IS NULL",
                (FeedState.DEGRADED, url),
            )
            return db.execute("UPDATE feeds SET paused = 0 WHERE url = ?", (url,)).rowcount == 1

    def entry_counts(self) -> Mapping[str, int]:
        """Stored entries by the URL of every configured feed."""
        with self._read() as db:
            return dict(db.execute("SELECT url, entries FROM feeds WHERE present = 1 ORDER BY position"))


def clock_limits(now: datetime) -> dict[str, int]:
    """The times beyond which a plan, an attempt or a poll was made under a wrong clock, as the statements name them."""
    limits = {"now": now, "ahead": now + CLOCK_SKEW, "pause": now + LONGEST_PAUSE, "latest": now + LONGEST_WAIT}
    return {name: stamp(limit) for name, limit in limits.items()}


def moved_to(rows: Iterable[Row], added: Set[str]) -> list[tuple[str, str]]:
    """Which of the ``added`` addresses a feed was led to that is not among them: each with its old address.

    ``rows``: old address, the one it was polled at, and memory as JSON.
    """
    found: dict[str, str] = {}
    for old, address, memory in rows:
        led = (url for url in (address, memory_from_json(memory).redirect_to) if url in added and url not in found)
        if old not in added and (url := next(led, None)):
            found[url] = old
    return list(found.items())


def _earliest(rows: Iterable[Row], current: int) -> int | None:
    """The earliest of ascending times, each not before the end of its lease."""
    earliest: int | None = None
    for due, lease_until, lease_of in rows:
        free: int = max(due, lease_until if lease_of == current else 0)
        earliest = free if earliest is None else min(earliest, free)
        if free == due:
            break
    return earliest


def _configured(feed: Feed, position: int) -> Row:
    return (feed.title, feed.lang, span(feed.interval), int(feed.enabled), position)
