"""What a store needs over months: reports, notices, and forgetting in small steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from monitor.model import PassReport
from monitor.store.postgres.server import Connection
from monitor.store.postgres.session import Session, again
from monitor.store.rows import FOREVER, report_from_json, report_to_json, stamp
from monitor.store.upkeep import MANY_KEYS, NEWEST_REMEMBERED, REPORTS_KEPT

_FORGET = """UPDATE entries SET kept = FALSE, published = NULL, updated = NULL, fingerprint = '', link = '',
    author = '', source = '', summary = '', content = '' WHERE number = ANY (ARRAY (SELECT number FROM entries
    WHERE kept AND found < %s ORDER BY found LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING number, feed"""
_UNCOUNT = """UPDATE feeds f SET entries = f.entries - v.gone
    FROM (SELECT feed, count(*) AS gone FROM unnest(%s::bigint[]) AS v (feed) GROUP BY feed) AS v WHERE f.id = v.feed"""
_FORGET_SENT = """DELETE FROM outbox WHERE number = ANY (ARRAY (
    SELECT number FROM outbox WHERE state = 'sent' AND created < %s ORDER BY number LIMIT %s))"""
_FULL_FEEDS = f"SELECT id FROM feeds WHERE keys > {MANY_KEYS} AND id > %s ORDER BY id LIMIT %s"
_FEEDS_A_CALL = 100
_NEWEST = "SELECT DISTINCT entry FROM seen WHERE feed = %s ORDER BY entry DESC LIMIT 1 OFFSET %s"
# Keys of old entries, and keys that a newer one of the same kind has replaced (a feed that changes them at every poll).
_DROP_KEYS = """DELETE FROM seen WHERE feed = %(feed)s AND key = ANY (ARRAY (
    SELECT s.key FROM seen s LEFT JOIN entries e ON e.number = s.entry WHERE s.feed = %(feed)s AND s.met < %(before)s
    AND (s.entry <= %(oldest)s OR e.number IS NULL OR s.key NOT IN (e.guid, e.link_key, e.content_key))
    LIMIT %(limit)s)) RETURNING entry"""
_DROP_SHELLS = """DELETE FROM entries e WHERE number = ANY (%s) AND NOT kept
    AND NOT EXISTS (SELECT FROM seen s WHERE s.feed = e.feed AND s.entry = e.number)"""


class UpkeepTable(Session):
    """Reports, notices, retention."""

    def save_report(self, report: PassReport) -> None:
        """Remember how a pass ended."""
        old = "DELETE FROM reports WHERE number <= (SELECT max(number) FROM reports) - %s"
        with self._write() as db:
            db.execute("INSERT INTO reports (report) VALUES (%s)", (report_to_json(report),))
            db.execute(old, (REPORTS_KEPT,))

    def last_report(self) -> PassReport | None:
        """The newest pass."""
        rows = self._all("SELECT report FROM reports ORDER BY number DESC LIMIT 1")
        return report_from_json(rows[0][0]) if rows else None

    def add_notice(self, key: str, text: str, now: datetime) -> bool:
        """Remember one notice until a digest tells it; False when ``key`` was already noticed."""
        query = "INSERT INTO notices (key, text, at) VALUES (%s, %s, %s) ON CONFLICT (key) DO NOTHING"
        with self._write() as db:
            return db.execute(query, (key, text, stamp(now))).rowcount == 1

    def notices(self, *, untold: bool = True, before: datetime | None = None) -> Sequence[tuple[str, str]]:
        """Notices as (key, text), oldest first; ``before``: only those made by then."""
        query = f"SELECT key, text FROM notices WHERE at <= %s {'AND NOT told' if untold else ''} ORDER BY number"
        rows = self._all(query, (stamp(before or FOREVER),))
        return [(key, text) for key, text in rows]

    def mark_told(self, keys: Sequence[str]) -> int:
        """Notices that a digest has told; returns how many of them nobody had told before."""
        query = "UPDATE notices SET told = TRUE WHERE key = ANY (%s) AND NOT told"
        with self._write() as db:
            return db.execute(query, (list(keys),)).rowcount

    @again
    def purge(self, *, entries_before: datetime, seen_before: datetime, limit: int = 5_000) -> int:
        """Forget old entries, matches, sent deliveries and seen-keys, about ``limit`` rows a call."""
        with self._write() as db:
            gone = self._forget_entries(db, stamp(entries_before), limit)
            gone += db.execute(_FORGET_SENT, (stamp(entries_before), limit)).rowcount
            return gone + self._forget_keys(db, stamp(seen_before), limit)

    def _forget_entries(self, db: Connection, before: int, limit: int) -> int:
        rows = db.execute(_FORGET, (before, limit)).fetchall()
        numbers = [number for number, _ in rows]
        for table in ("matches", "unindexed", "words"):
            db.execute(f"DELETE FROM {table} WHERE entry = ANY (%s)", (numbers,))
        db.execute(_UNCOUNT, ([feed for _, feed in rows],))
        return len(rows)

    def _forget_keys(self, db: Connection, before: int, limit: int) -> int:
        """Go on through the feeds with many keys where the last call ended, a few feeds a call."""
        row = db.execute("SELECT value FROM facts WHERE name = 'purged'").fetchone()
        gone, done = 0, row[0] if row else 0
        full = [feed for (feed,) in db.execute(_FULL_FEEDS, (done, _FEEDS_A_CALL))]
        for feed in full:
            gone += self._forget_keys_of(db, feed, before, limit - gone)
            if gone >= limit:
                break
            done = feed
        reached = done if gone >= limit or len(full) == _FEEDS_A_CALL else 0
        query = "INSERT INTO facts VALUES ('purged', %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        db.execute(query, (reached,))
        return gone

    def _forget_keys_of(self, db: Connection, feed: int, before: int, limit: int) -> int:
        row = db.execute(_NEWEST, (feed, NEWEST_REMEMBERED)).fetchone()
        asked = {"feed": feed, "before": before, "oldest": row[0] if row else -1, "limit": limit}
        entries = [entry for (entry,) in db.execute(_DROP_KEYS, asked)]
        db.execute("UPDATE feeds SET keys = keys - %s WHERE id = %s", (len(entries), feed))
        db.execute(_DROP_SHELLS, (list(set(entries)),))
        return len(entries)
