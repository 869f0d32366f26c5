"""What a store needs over months: reports, notices, and forgetting in small steps."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from monitor.model import PassReport
from monitor.store.rows import FOREVER, report_from_json, report_to_json, stamp
from monitor.store.session import Session, fact, set_fact

REPORTS_KEPT = 500
NEWEST_REMEMBERED = 1_000  # entries of a feed whose keys stay, however old
MANY_KEYS = 3_000  # a feed with no more keys keeps them all
_OLD_ENTRIES = "SELECT number, feed FROM entries WHERE kept = 1 AND found < ? ORDER BY found LIMIT ?"
# One statement for all: the index writes itself out at the beginning of each.
_UNINDEX = """INSERT INTO words (words, rowid, title, summary, content)
    SELECT 'delete', number, title, summary, content FROM entries WHERE kept = 1 AND number IN
    (SELECT number FROM entries WHERE kept = 1 AND found < ? ORDER BY found LIMIT ?)
    AND number <= ? AND number NOT IN (SELECT entry FROM unindexed)"""
_FORGET = """UPDATE entries SET kept = 0, published = NULL, updated = NULL, fingerprint = x'', link = '', author = '',
    source = '', summary = '', content = '' WHERE number = :number"""
_FORGET_SENT = """DELETE FROM outbox WHERE number IN
    (SELECT number FROM outbox WHERE state = 'sent' AND created < ? ORDER BY number LIMIT ?)"""
_FULL_FEEDS = f"SELECT id FROM feeds WHERE keys > {MANY_KEYS} AND id > ? ORDER BY id LIMIT ?"
_FEEDS_A_CALL = 100
_NEWEST = "SELECT DISTINCT entry FROM seen WHERE feed = ? ORDER BY entry DESC LIMIT 1 OFFSET ?"
# Keys of old entries, and keys that a newer one of the same kind has replaced (a feed that changes them at every poll).
_OLD_KEYS = """SELECT s.key, s.entry FROM seen s LEFT JOIN entries e ON e.number = s.entry
    WHERE s.feed = ? AND s.met < ? AND (s.entry <= ? OR s.key NOT IN (e.guid, e.link_key, e.content_key)) LIMIT ?"""
_KEYS_LEFT = "SELECT DISTINCT entry FROM seen WHERE feed = ?"
# The newest of all entries stays, so that no number is given out twice.
_DROP_SHELL = "DELETE FROM entries WHERE number = ? AND kept = 0 AND number < (SELECT max(number) FROM entries)"


class UpkeepTable(Session):
    """Reports, notices, retention."""

    def save_report(self, report: PassReport) -> None:
        """Remember how a pass ended."""
        with self._write() as db:
            number = db.execute("INSERT INTO reports (report) VALUES (?)", (report_to_json(report),)).lastrowid or 0
            db.execute("DELETE FROM reports WHERE number <= ?", (number - REPORTS_KEPT,))

    def last_report(self) -> PassReport | None:
        """The newest pass."""
        with self._read() as db:
            row = db.execute("SELECT report FROM reports ORDER BY number DESC LIMIT 1").fetchone()
        return report_from_json(row[0]) if row else None

    def add_notice(self, key: str, text: str, now: datetime) -> bool:
        """Remember one notice until a digest tells it; False when ``key`` was already noticed."""
        query = "INSERT INTO notices (key, text, at) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING"
        with self._write() as db:
            return db.execute(query, (key, text, stamp(now))).rowcount == 1

    def notices(self, *, untold: bool = True, before: datetime | None = None) -> Sequence[tuple[str, str]]:
        """Notices as (key, text), oldest first; ``before``: only those made by then."""
        query = f"SELECT key, text FROM notices WHERE at <= ? {'AND told = 0' if untold else ''} ORDER BY number"
        with self._read() as db:
            return db.execute(query, (stamp(before or FOREVER),)).fetchall()

    def mark_told(self, keys: Sequence[str]) -> int:
        """Notices that a digest has told; returns how many of them nobody had told before."""
        query = "UPDATE notices SET told = 1 WHERE key = ? AND told = 0"
        with self._write() as db:
            return db.executemany(query, [(key,) for key in keys]).rowcount if keys else 0

    def purge(self, *, entries_before: datetime, seen_before: datetime, limit: int = 5_000) -> int:
        """Forget old entries, matches, sent deliveries and seen-keys, about ``limit`` rows a call."""
        with self._write() as db:
            gone = self._forget_entries(db, stamp(entries_before), limit)
            gone += self._forget_deliveries(db, stamp(entries_before), limit)
            return gone + self._forget_keys(db, stamp(seen_before), limit)

    def _forget_entries(self, db: sqlite3.Connection, before: int, limit: int) -> int:
        rows = db.execute(_OLD_ENTRIES, (before, limit)).fetchall()
        numbers = [{"number": number} for number, _ in rows]
        db.execute(_UNINDEX, (before, limit, fact(db, "indexed")))
        db.executemany("DELETE FROM matches WHERE entry = :number", numbers)
        db.executemany("DELETE FROM unindexed WHERE entry = :number", numbers)
        db.executemany(_FORGET, numbers)
        db.executemany("UPDATE feeds SET entries = entries - 1 WHERE id = ?", [(feed,) for _, feed in rows])
        return len(rows)

    def _forget_deliveries(self, db: sqlite3.Connection, before: int, limit: int) -> int:
        return db.execute(_FORGET_SENT, (before, limit)).rowcount

    def _forget_keys(self, db: sqlite3.Connection, before: int, limit: int) -> int:
        """Go on through the feeds with many keys where the last call ended, a few feeds a call."""
        gone, done = 0, fact(db, "purged")
        full = [feed for (feed,) in db.execute(_FULL_FEEDS, (done, _FEEDS_A_CALL))]
        for feed in full:
            gone += self._forget_keys_of(db, feed, before, limit - gone)
            if gone >= limit:
                break
            done = feed
        set_fact(db, "purged", done if gone >= limit or len(full) == _FEEDS_A_CALL else 0)
        return gone

    def _forget_keys_of(self, db: sqlite3.Connection, feed: int, before: int, limit: int) -> int:
        row = db.execute(_NEWEST, (feed, NEWEST_REMEMBERED)).fetchone()
        oldest = row[0] if row else -1
        keys = db.execute(_OLD_KEYS, (feed, before, oldest, limit)).fetchall()
        db.executemany("DELETE FROM seen WHERE feed = ? AND key = ?", [(feed, key) for key, _ in keys])
        db.execute("UPDATE feeds SET keys = keys - ? WHERE id = ?", (len(keys), feed))
        left = {entry for (entry,) in db.execute(_KEYS_LEFT, (feed,))}
        db.executemany(_DROP_SHELL, [(entry,) for entry in {entry for _, entry in keys} - left])
        return len(keys)
