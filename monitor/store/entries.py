"""The entries, and what is remembered of them after they are forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from monitor.model import Decided, Entry, EntryKeys, SeenEntry
from monitor.store.rows import ENTRY_COLUMNS, Row, entry_texts, moment_or_none, stamp, to_entry
from monitor.store.search import SearchIndex

_ADD = """INSERT INTO entries (number, id, feed, found, guid, link_key, content_key, published, updated, lang,
    fingerprint, title, link, author, source, summary, content)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"""
_EDIT = """UPDATE entries SET guid = ?, link_key = ?, content_key = ?, published = ?, updated = ?, lang = ?,
    fingerprint = ?, title = ?, link = ?, author = ?, source = ?, summary = ?, content = ? WHERE number = ?"""
_TOUCH = """UPDATE entries SET guid = CASE ?1 WHEN x'' THEN guid ELSE ?1 END,
    link_key = CASE ?2 WHEN x'' THEN link_key ELSE ?2 END,
    content_key = CASE ?3 WHEN x'' THEN content_key ELSE ?3 END WHERE number = ?4"""
_REMEMBER = "INSERT INTO seen (feed, key, entry, met) VALUES (?, ?, ?, ?) ON CONFLICT (feed, key) DO NOTHING"
# Half of what IN (...) takes, which fills a table with the keys first.
_SEEN = """WITH asked (key) AS (VALUES {}) SELECT s.key, e.id, e.guid, e.link_key, e.content_key, e.title, e.published
    FROM asked CROSS JOIN seen s ON s.feed = ? AND s.key = asked.key JOIN entries e ON e.number = s.entry"""
_KEPT = f"SELECT {ENTRY_COLUMNS} FROM entries e JOIN feeds f ON f.id = e.feed WHERE e.kept = 1 AND "
_BY_ID = _KEPT + "e.id >= ? AND e.id < ? ORDER BY e.id LIMIT 2"
_SINCE = _KEPT + "e.found >= ? ORDER BY e.found DESC, e.number DESC LIMIT ?"
_Known = TypeVar("_Known", Entry, SeenEntry)
_BATCH = 64  # keys a query
_AFTER_ALL_IDS = "\U0010ffff"


class EntryTable(SearchIndex):
    """What feeds have shown."""

    def seen(self, feed_id: int, keys: Iterable[bytes]) -> Mapping[bytes, SeenEntry]:
        """Which of ``keys`` this feed has shown before, and the entry each belongs to."""
        asked = list(dict.fromkeys(keys))
        found: dict[bytes, SeenEntry] = {}
        with self._read() as db:
            for start in range(0, len(asked), _BATCH):
                batch = asked[start : start + _BATCH]
                query = _SEEN.format(", ".join(["(?)"] * len(batch)))
                for key, entry_id, guid, link, content, title, date in db.execute(query, (*batch, feed_id)):
                    found[key] = SeenEntry(entry_id, EntryKeys(guid, link, content), title, moment_or_none(date))
        return found

    def entry(self, entry_id: str) -> Entry | None:
        """One entry by its id or an unambiguous beginning of it."""
        with self._read() as db:
            rows = db.execute(_BY_ID, (entry_id, entry_id + _AFTER_ALL_IDS)).fetchall()
        if entry_id and rows and (len(rows) == 1 or rows[0][0] == entry_id):
            return to_entry(rows[0])
        return None

    def entries(self, *, since: datetime | None = None, limit: int = 10_000) -> Sequence[Entry]:
        """Stored entries, newest found first."""
        with self._read() as db:
            return [to_entry(row) for row in db.execute(_SINCE, (stamp(since) if since else 0, limit))]

    def count_entries(self, since: datetime, until: datetime) -> int:
        """Entries found in [since, until)."""
        query = "SELECT count(*) FROM entries WHERE kept = 1 AND found >= ? AND found < ?"
        with self._read() as db:
            count: int = db.execute(query, (stamp(since), stamp(until))).fetchone()[0]
        return count

    def _store(self, db: sqlite3.Connection, feed_id: int, decided: Decided, now: int) -> tuple[int, int]:
        """Write what a poll brought; returns how many entries and how many keys are new."""
        last: int = db.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()[0]
        fresh = [*decided.baseline, *decided.new]
        numbered = list(enumerate(fresh, last + 1))
        rows = [(n, e.id, feed_id, stamp(e.found) if e.found else now, *entry_texts(e)) for n, e in numbered]
        added = db.executemany(_ADD, rows).rowcount if rows else 0
        # Some may have been stored before, under other numbers.
        keys = _keys(feed_id, numbered if added == len(rows) else _numbered(db, fresh), now)
        if decided.edited:
            keys += self._edit(db, feed_id, decided.edited, now)
        if decided.touched:
            keys += self._touch(db, feed_id, decided.touched, now)
        return added, db.executemany(_REMEMBER, keys).rowcount if keys else 0

    def _edit(self, db: sqlite3.Connection, feed_id: int, entries: Sequence[Entry], now: int) -> list[Row]:
        numbered = list(_numbered(db, entries))
        self._outdate(db, [number for number, _ in numbered])
        db.executemany(_EDIT, [(*entry_texts(entry), number) for number, entry in numbered])
        return _keys(feed_id, numbered, now)

    def _touch(self, db: sqlite3.Connection, feed_id: int, entries: Sequence[SeenEntry], now: int) -> list[Row]:
        numbered = list(_numbered(db, entries))
        db.executemany(_TOUCH, [(e.keys.guid, e.keys.link, e.keys.content, number) for number, e in numbered])
        return _keys(feed_id, numbered, now)


def _numbered(db: sqlite3.Connection, entries: Iterable[_Known]) -> Iterator[tuple[int, _Known]]:
    """The entries that are stored, each under its number."""
    for entry in entries:
        if row := db.execute("SELECT number FROM entries WHERE id = ?", (entry.id,)).fetchone():
            yield row[0], entry


def _keys(feed_id: int, numbered: Iterable[tuple[int, Entry | SeenEntry]], now: int) -> list[Row]:
    return [(feed_id, key, number, now) for number, entry in numbered for key in entry.keys.present()]
