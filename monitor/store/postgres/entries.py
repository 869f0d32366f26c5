"""The entries, and what is remembered of them after they are forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from monitor.model import Entry, EntryKeys, PollOutcome, SeenEntry
from monitor.store.postgres.search import SearchIndex
from monitor.store.postgres.server import Connection
from monitor.store.postgres.session import arrays, table
from monitor.store.rows import ENTRY_COLUMNS, entry_texts, moment_or_none, stamp, to_entry

TEXTS = {
    "guid": "bytea", "link_key": "bytea", "content_key": "bytea", "published": "bigint", "updated": "bigint",
    "lang": "text", "fingerprint": "bytea", "title": "text", "link": "text", "author": "text", "source": "text",
    "summary": "text", "content": "text",
}  # fmt: skip
_EDIT = f"""UPDATE entries e SET {", ".join(f"{name} = v.{name}" for name in TEXTS)}
    FROM {table("v", id="text", **TEXTS)} WHERE e.id = v.id RETURNING e.number"""
_TOUCH = f"""UPDATE entries e SET guid = coalesce(nullif(v.guid, ''), e.guid),
    link_key = coalesce(nullif(v.link_key, ''), e.link_key),
    content_key = coalesce(nullif(v.content_key, ''), e.content_key)
    FROM {table("v", id="text", guid="bytea", link_key="bytea", content_key="bytea")} WHERE e.id = v.id"""
_SEEN = """SELECT s.key, e.id, e.guid, e.link_key, e.content_key, e.title, e.published
    FROM seen s JOIN entries e ON e.number = s.entry WHERE s.feed = %s AND s.key = ANY (%s)"""
_KEPT = f"SELECT {ENTRY_COLUMNS} FROM entries e JOIN feeds f ON f.id = e.feed WHERE e.kept AND "
_BY_ID = _KEPT + "e.id >= %s AND e.id < %s ORDER BY e.id LIMIT 2"
_SINCE = _KEPT + "e.found >= %s ORDER BY e.found DESC, e.number DESC LIMIT %s"
_AFTER_ALL_IDS = "\U0010ffff"


class EntryTable(SearchIndex):
    """What feeds have shown."""

    def seen(self, feed_id: int, keys: Iterable[bytes]) -> Mapping[bytes, SeenEntry]:
        """Which of ``keys`` this feed has shown before, and the entry each belongs to."""
        asked = list(dict.fromkeys(keys))
        rows = self._all(_SEEN, (feed_id, asked)) if asked else []
        return {
            key: SeenEntry(entry_id, EntryKeys(guid, link, content), title, moment_or_none(date))
            for key, entry_id, guid, link, content, title, date in rows
        }

    def entry(self, entry_id: str) -> Entry | None:
        """One entry by its id or an unambiguous beginning of it."""
        rows = self._all(_BY_ID, (entry_id, entry_id + _AFTER_ALL_IDS))
        if entry_id and rows and (len(rows) == 1 or rows[0][0] == entry_id):
            return to_entry(rows[0])
        return None

    def entries(self, *, since: datetime | None = None, limit: int = 10_000) -> Sequence[Entry]:
        """Stored entries, newest found first."""
        return [to_entry(row) for row in self._all(_SINCE, (stamp(since) if since else 0, limit))]

    def count_entries(self, since: datetime, until: datetime) -> int:
        """Entries found in [since, until)."""
        query = "SELECT count(*) FROM entries WHERE kept AND found >= %s AND found < %s"
        count: int = self._all(query, (stamp(since), stamp(until)))[0][0]
        return count

    def _correct(self, db: Connection, outcomes: Sequence[PollOutcome]) -> None:
        """Write what polls learned of entries that are stored already: edits, and keys that were gained."""
        edited = [entry for outcome in outcomes for entry in outcome.decided.edited]
        if edited:
            numbers = db.execute(_EDIT, arrays([(entry.id, *entry_texts(entry)) for entry in edited])).fetchall()
            self._outdate(db, [number for (number,) in numbers])
        touched = [known for outcome in outcomes for known in outcome.decided.touched]
        if touched:
            keys = [(known.id, known.keys.guid, known.keys.link, known.keys.content) for known in touched]
            db.execute(_TOUCH, arrays(keys))
