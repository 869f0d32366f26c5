"""The outbox: one row for each message, recipient and channel, with the bytes that every attempt sends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.model import Delivery, Message, Receipt
from monitor.store.postgres.server import Connection
from monitor.store.postgres.session import Session
from monitor.store.rows import DELIVERY_COLUMNS, stamp, stamp_or_none, to_delivery

_ADD = """INSERT INTO outbox (key, profile, channel, recipient, subject, body, content_type, state, attempts, created,
    next_attempt) VALUES (%s, %s, %s, %s, %s, %s, %s, 'pending', 0, %s, %s) ON CONFLICT (key) DO NOTHING"""
_CLAIM = f"""UPDATE outbox SET fence = fence + 1, lease_until = %(until)s WHERE number = ANY (ARRAY (
    SELECT number FROM outbox WHERE next_attempt <= %(now)s AND lease_until <= %(now)s
    ORDER BY created, number LIMIT %(limit)s FOR UPDATE SKIP LOCKED)) RETURNING {DELIVERY_COLUMNS}, number"""
_SETTLE = """UPDATE outbox SET state = %s, attempts = %s, next_attempt = %s, error = %s, mark = %s, lease_until = 0
    WHERE key = %s AND fence = %s"""
_BEGIN = "UPDATE outbox SET mark = 'begun' WHERE key = %s AND fence = %s"
_GONE = "SELECT DISTINCT channel, recipient FROM outbox WHERE mark = 'gone'"
_LISTED = f"SELECT {DELIVERY_COLUMNS} FROM outbox {{}} ORDER BY created DESC, number DESC LIMIT %s"
_BY_KEY = f"SELECT {DELIVERY_COLUMNS} FROM outbox WHERE key >= %s AND key < %s ORDER BY key LIMIT 2"
_ASK_AGAIN = """UPDATE outbox SET mark = '' WHERE mark = 'gone' AND (channel, recipient) IN
    (SELECT channel, recipient FROM outbox WHERE key = ANY (%s) AND state IN ('failed', 'dead'))"""
_RETRY = """UPDATE outbox SET state = 'pending', mark = '', attempts = 0, next_attempt = %s
    WHERE key = ANY (%s) AND state IN ('failed', 'dead')"""
_DROP = "DELETE FROM outbox WHERE key = ANY (%s) AND state <> 'sent'"
_AFTER_ALL_KEYS = "\U0010ffff"
_CREATED, _NUMBER = 9, 14  # their places in what a claim returns


class OutboxTable(Session):
    """Remembers every message until it is sent or dead."""

    def enqueue(self, messages: Sequence[Message], now: datetime) -> int:
        """Add messages, due at ``now``; a key that is already known changes nothing. Returns how many were added."""
        with self._write() as db:
            return self._enqueue(db, messages, now)

    def _enqueue(self, db: Connection, messages: Sequence[Message], now: datetime) -> int:
        at = stamp(now)
        rows = [(m.key, m.profile, m.channel, m.recipient, m.subject, m.body, m.content_type, at, at) for m in messages]
        with db.cursor() as cursor:
            cursor.executemany(_ADD, rows)
            return cursor.rowcount if rows else 0

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> Sequence[Delivery]:
        """Lease up to ``limit`` due deliveries, oldest first, each under a new fence."""
        asked = {"now": stamp(now), "until": stamp(now + lease), "limit": limit}
        with self._write() as db:
            rows = db.execute(_CLAIM, asked).fetchall()
        return [to_delivery(row[:_NUMBER]) for row in sorted(rows, key=lambda row: (row[_CREATED], row[_NUMBER]))]

    def deliveries_due(self, now: datetime) -> bool:
        """Whether a delivery waits to be tried that nobody has taken up."""
        query = "SELECT EXISTS (SELECT FROM outbox WHERE next_attempt <= %s AND lease_until <= %s)"
        return bool(self._all(query, (stamp(now), stamp(now)))[0][0])

    def begin(self, delivery: Delivery) -> bool:
        """Mark that an attempt begins, until its receipt comes. False when the fence was stale: do not send."""
        with self._write() as db:
            return db.execute(_BEGIN, (delivery.message.key, delivery.fence)).rowcount == 1

    def gone(self) -> frozenset[tuple[str, str]]:
        """Who wants nothing any more, as (channel, recipient)."""
        return frozenset((channel, recipient) for channel, recipient in self._all(_GONE))

    def settle(self, receipt: Receipt) -> bool:
        """Write down how an attempt ended and end the lease. False when the fence was stale: nothing changed."""
        values = (
            receipt.state.value,
            receipt.attempts,
            stamp_or_none(receipt.next_attempt),
            receipt.error,
            receipt.mark.value,
            receipt.key,
            receipt.fence,
        )
        with self._write() as db:
            return db.execute(_SETTLE, values).rowcount == 1

    def deliveries(self, *, states: Sequence[str] = (), limit: int = 1000) -> Sequence[Delivery]:
        """Deliveries, newest first, of the given states (all when empty)."""
        query, wanted = _LISTED.format("WHERE state = ANY (%s)" if states else ""), [str(state) for state in states]
        return [to_delivery(row) for row in self._all(query, (wanted, limit) if states else (limit,))]

    def delivery(self, key: str) -> Delivery | None:
        """One delivery by its key or by an unambiguous beginning of it."""
        rows = self._all(_BY_KEY, (key, key + _AFTER_ALL_KEYS))
        if key and rows and (len(rows) == 1 or rows[0][0] == key):
            return to_delivery(rows[0])
        return None

    def retry(self, keys: Sequence[str], now: datetime) -> int:
        """Make failed or dead deliveries due at ``now`` with their attempts counted from 0. Returns how many."""
        with self._write() as db:
            db.execute(_ASK_AGAIN, (list(keys),))
            return db.execute(_RETRY, (stamp(now), list(keys))).rowcount

    def drop(self, keys: Sequence[str]) -> int:
        """Forget deliveries that are not sent. Returns how many."""
        with self._write() as db:
            return db.execute(_DROP, (list(keys),)).rowcount
