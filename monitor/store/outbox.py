"""The outbox: one row for each message, recipient and channel, with the bytes that every attempt sends."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.model import Delivery, Message, Receipt
from monitor.store.rows import DELIVERY_COLUMNS, stamp, stamp_or_none, to_delivery
from monitor.store.session import Session, fact

_ADD = """INSERT INTO outbox (key, profile, channel, recipient, subject, body, content_type, state, attempts, created,
    next_attempt) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', 0, ?, ?) ON CONFLICT (key) DO NOTHING"""
_DUE = f"""SELECT number, {DELIVERY_COLUMNS} FROM outbox
    WHERE next_attempt <= :now AND (lease_until <= :now OR lease_of <> :generation)
    ORDER BY created, number LIMIT :limit"""
_LEASE = "UPDATE outbox SET fence = ?, lease_until = ?, lease_of = ? WHERE number = ?"
_SETTLE = """UPDATE outbox SET state = ?, attempts = ?, next_attempt = ?, error = ?, mark = ?, lease_until = 0
    WHERE key = ? AND fence = ?"""
_BEGIN = "UPDATE outbox SET mark = 'begun' WHERE key = ? AND fence = ?"
_GONE = "SELECT DISTINCT channel, recipient FROM outbox WHERE mark = 'gone'"
_LISTED = f"SELECT {DELIVERY_COLUMNS} FROM outbox {{}} ORDER BY created DESC, number DESC LIMIT ?"
_BY_KEY = f"SELECT {DELIVERY_COLUMNS} FROM outbox WHERE key >= ? AND key < ? ORDER BY key LIMIT 2"
_ASK_AGAIN = """UPDATE outbox SET mark = '' WHERE mark = 'gone' AND (channel, recipient) IN
    (SELECT channel, recipient FROM outbox WHERE key = ? AND state IN ('failed', 'dead'))"""
_RETRY = """UPDATE outbox SET state = 'pending', mark = '', attempts = 0, next_attempt = ?
    WHERE key = ? AND state IN ('failed', 'dead')"""
_DROP = "DELETE FROM outbox WHERE key = ? AND state <> 'sent'"
_AFTER_ALL_KEYS = "\U0010ffff"


class OutboxTable(Session):
    """Remembers every message until it is sent or dead."""

    def enqueue(self, messages: Sequence[Message], now: datetime) -> int:
        """Add messages, due at ``now``; a key that is already known changes nothing. Returns how many were added."""
        with self._write() as db:
            return self._enqueue(db, messages, now)

    def _enqueue(self, db: sqlite3.Connection, messages: Sequence[Message], now: datetime) -> int:
        at = stamp(now)
        rows = [(m.key, m.profile, m.channel, m.recipient, m.subject, m.body, m.content_type, at, at) for m in messages]
        return db.executemany(_ADD, rows).rowcount if rows else 0

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> Sequence[Delivery]:
        """Lease up to ``limit`` due deliveries, oldest first, each under a new fence."""
        with self._write() as db:
            asked = {"now": stamp(now), "generation": fact(db, "generation"), "limit": limit}
            rows = db.execute(_DUE, asked).fetchall()
            until = stamp(now + lease)
            db.executemany(_LEASE, [(row[-1] + 1, until, asked["generation"], row[0]) for row in rows])
            return [to_delivery((*row[1:-1], row[-1] + 1)) for row in rows]

    def deliveries_due(self, now: datetime) -> bool:
        """Whether a delivery waits to be tried that nobody has taken up."""
        with self._read() as db:
            asked = {"now": stamp(now), "generation": fact(db, "generation"), "limit": 1}
            return db.execute(_DUE, asked).fetchone() is not None

    def begin(self, delivery: Delivery) -> bool:
        """Mark that an attempt begins, until its receipt comes. False when the fence was stale: do not send."""
        with self._write() as db:
            return db.execute(_BEGIN, (delivery.message.key, delivery.fence)).rowcount == 1

    def gone(self) -> frozenset[tuple[str, str]]:
        """Who wants nothing any more, as (channel, recipient)."""
        with self._read() as db:
            return frozenset(db.execute(_GONE).fetchall())

    def settle(self, receipt: Receipt) -> bool:
        """Write down how an attempt ended and end the lease. False when the fence was stale: nothing changed."""
        values = (
            receipt.state,
            receipt.attempts,
            stamp_or_none(receipt.next_attempt),
            receipt.error,
            receipt.mark,
            receipt.key,
            receipt.fence,
        )
        with self._write() as db:
            return db.execute(_SETTLE, values).rowcount == 1

    def deliveries(self, *, states: Sequence[str] = (), limit: int = 1000) -> Sequence[Delivery]:
        """Deliveries, newest first, of the given states (all when empty)."""
        where = f"WHERE state IN ({','.join('?' * len(states))})" if states else ""
        with self._read() as db:
            rows = db.execute(_LISTED.format(where), (*states, limit)).fetchall()
        return [to_delivery(row) for row in rows]

    def delivery(self, key: str) -> Delivery | None:
        """One delivery by its key or by an unambiguous beginning of it."""
        with self._read() as db:
            rows = db.execute(_BY_KEY, (key, key + _AFTER_ALL_KEYS)).fetchall()
        if key and rows and (len(rows) == 1 or rows[0][0] == key):
            return to_delivery(rows[0])
        return None

    def retry(self, keys: Sequence[str], now: datetime) -> int:
        """Make failed or dead deliveries due at ``now`` with their attempts counted from 0. Returns how many."""
        with self._write() as db:
            db.executemany(_ASK_AGAIN, [(key,) for key in keys])
            return db.executemany(_RETRY, [(stamp(now), key) for key in keys]).rowcount if keys else 0

    def drop(self, keys: Sequence[str]) -> int:
        """Forget deliveries that are not sent. Returns how many."""
        with self._write() as db:
            return db.executemany(_DROP, [(key,) for key in keys]).rowcount if keys else 0
