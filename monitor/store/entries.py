"""The entries, and what is remembered of them after they are forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from monitor.model import Decided, Entry, EntryKeys, SeenEntry
from monitor.store.rows import ENTRY_COLUMNS, Row, entry_texts, stamp, to_entry
from monitor.store.search import SearchIndex

_ADD = """INSERT INTO entries (number, id, feed, found, guid, link_key, content_key, published, updated, lang,
    fingerprint, title, link, author, source, summary, content)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"""
_EDIT = """UPDATE entries SET guid = ?, link_key = ?, content_key = ?, published = ?, updated = ?, lang = ?,
    fingerprint = ?, title = ?, link = ?, author = ?, source = ?, summary = ?, content = ? WHERE number = ?"""
_TOUCH = "UPDATE entries SET guid = ?, link_key = ?, content_key = ? WHERE number = ?"
_REMEMBER = "INSERT INTO seen (feed, key, entry, met) VALUES (?, ?, ?, ?) ON CONFLICT (feed, key) DO NOTHING"
_SEEN = """SELECT s.key, e.id, e.guid, e.link_key, e.content_key, e.title
    FROM seen s JOIN entries e ON e.number = s.entry WHERE s.feed = ? AND s.key IN ({})"""
_KEPT = f"SELECT {ENTRY_COLUMNS} FROM entries e JOIN feeds f ON f.id = e.feed WHERE e.kept = 1 AND "
_BY_ID = _KEPT + "e.id >= ? AND e.id < ? ORDER BY e.id LIMIT 2"
_SINCE = _KEPT + "e.found >= ? ORDER BY e.found DESC, e.number DESC LIMIT ?"
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
                query = _SEEN.format(",".join("?" * len(batch)))
                for key, entry_id, guid, link, content, title in db.execute(query, (feed_id, *batch)):
                    found[key] = SeenEntry(entry_id, EntryKeys(guid, link, content), title)
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
        rows, keys = [], []
        for number, entry in enumerate(fresh, last + 1):
            found = stamp(entry.found) if entry.found else now
            rows.append((number, entry.id, feed_id, found, *entry_texts(entry)))
            keys += [(feed_id, key, number, now) for key in entry.keys.present()]
        added = db.executemany(_ADD, rows).rowcount if rows else 0
        if added < len(rows):
            keys = self._renumbered(db, fresh, feed_id, now)
        for edited in decided.edited:
            keys += self._edit(db, feed_id, edited, now)
        for touched in decided.touched:
            keys += self._touch(db, feed_id, touched, now)
        return added, db.executemany(_REMEMBER, keys).rowcount if keys else 0

    def _renumbered(self, db: sqlite3.Connection, entries: Sequence[Entry], feed_id: int, now: int) -> list[Row]:
        """The keys of entries of which some were stored before, under the numbers they have."""
        keys: list[Row] = []
        for entry in entries:
            number = self._number(db, entry.id)
            keys += [(feed_id, key, number, now) for key in entry.keys.present()]
        return keys

    def _edit(self, db: sqlite3.Connection, feed_id: int, entry: Entry, now: int) -> list[Row]:
        number = self._number(db, entry.id)
        if number is None:
            return []
        self._outdate(db, number)
        db.execute(_EDIT, (*entry_texts(entry), number))
        return [(feed_id, key, number, now) for key in entry.keys.present()]

    def _touch(self, db: sqlite3.Connection, feed_id: int, entry: SeenEntry, now: int) -> list[Row]:
        number = self._number(db, entry.id)
        if number is None:
            return []
        db.execute(_TOUCH, (entry.keys.guid, entry.keys.link, entry.keys.content, number))
        return [(feed_id, key, number, now) for key in entry.keys.present()]

    def _number(self, db: sqlite3.Connection, entry_id: str) -> int | None:
        row = db.execute("SELECT number FROM entries WHERE id = ?", (entry_id,)).fetchone()
        return row[0] if row else None
