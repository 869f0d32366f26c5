"""The entries, and what is remembered of them after they are forgotten. Written many at a time, a statement a kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from monitor.model import Entry, EntryKeys, PollOutcome, SeenEntry
from monitor.store.postgres.search import SearchIndex
from monitor.store.postgres.server import Connection
from monitor.store.postgres.session import Row, arrays, table
from monitor.store.rows import ENTRY_COLUMNS, entry_texts, stamp, to_entry

_TEXTS = {
    "guid": "bytea", "link_key": "bytea", "content_key": "bytea", "published": "bigint", "updated": "bigint",
    "lang": "text", "fingerprint": "bytea", "title": "text", "link": "text", "author": "text", "source": "text",
    "summary": "text", "content": "text",
}  # fmt: skip
_COLUMNS = ", ".join(_TEXTS)
_ADD = f"""INSERT INTO entries (id, feed, found, {_COLUMNS}) SELECT id, feed, found, {_COLUMNS}
    FROM {table("v", id="text", feed="bigint", found="bigint", **_TEXTS)} ORDER BY ord
    ON CONFLICT (id) DO NOTHING RETURNING number, id, feed"""
_EDIT = f"""UPDATE entries e SET {", ".join(f"{name} = v.{name}" for name in _TEXTS)}
    FROM {table("v", id="text", **_TEXTS)} WHERE e.id = v.id"""
_TOUCH = f"""UPDATE entries e SET guid = coalesce(nullif(v.guid, ''), e.guid),
    link_key = coalesce(nullif(v.link_key, ''), e.link_key),
    content_key = coalesce(nullif(v.content_key, ''), e.content_key)
    FROM {table("v", id="text", guid="bytea", link_key="bytea", content_key="bytea")} WHERE e.id = v.id"""
_REMEMBER = f"""INSERT INTO seen (feed, key, entry, met) SELECT feed, key, entry, met
    FROM {table("v", feed="bigint", key="bytea", entry="bigint", met="bigint")} ORDER BY feed, ord
    ON CONFLICT (feed, key) DO NOTHING RETURNING feed"""
_COUNT = f"""UPDATE feeds f SET entries = f.entries + v.entries, keys = f.keys + v.keys
    FROM {table("v", id="bigint", entries="bigint", keys="bigint")} WHERE f.id = v.id"""
_NUMBERS = "SELECT id, number FROM entries WHERE id = ANY (%s)"
_SEEN = """SELECT s.key, e.id, e.guid, e.link_key, e.content_key, e.title
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
            key: SeenEntry(entry_id, EntryKeys(guid, link, content), title)
            for key, entry_id, guid, link, content, title in rows
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

    def _learn(self, db: Connection, outcomes: Sequence[PollOutcome]) -> None:
        """Write what polls brought: new entries, edits, keys, and the counts of their feeds."""
        added = self._add(db, outcomes)
        edited = [entry for outcome in outcomes for entry in outcome.decided.edited]
        if edited:
            db.execute(_EDIT, arrays([(entry.id, *entry_texts(entry)) for entry in edited]))
        touched = [known for outcome in outcomes for known in outcome.decided.touched]
        if touched:
            keys = [(known.id, known.keys.guid, known.keys.link, known.keys.content) for known in touched]
            db.execute(_TOUCH, arrays(keys))
        numbers = {entry_id: number for number, entry_id, _ in added} | _numbers_of(db, outcomes, added)
        self._outdate(db, [*(number for number, _, _ in added), *(numbers[e.id] for e in edited if e.id in numbers)])
        remembered = _remember(db, [row for outcome in outcomes for row in _keys(outcome, numbers)])
        counts = Counter(feed for _, _, feed in added)
        if counts or remembered:
            feeds = sorted(counts.keys() | remembered.keys())
            db.execute(_COUNT, arrays([(feed, counts[feed], remembered[feed]) for feed in feeds]))

    def _add(self, db: Connection, outcomes: Sequence[PollOutcome]) -> list[Row]:
        rows = [
            (entry.id, outcome.record.id, stamp(entry.found) if entry.found else _at(outcome), *entry_texts(entry))
            for outcome in outcomes
            for entry in (*outcome.decided.baseline, *outcome.decided.new)
        ]
        return db.execute(_ADD, arrays(rows)).fetchall() if rows else []


def _at(outcome: PollOutcome) -> int:
    return stamp(outcome.record.last_poll) if outcome.record.last_poll else 0


def _met(outcome: PollOutcome) -> list[Entry | SeenEntry]:
    decided = outcome.decided
    return [*decided.baseline, *decided.new, *decided.edited, *decided.touched]


def _numbers_of(db: Connection, outcomes: Sequence[PollOutcome], added: Sequence[Row]) -> dict[str, int]:
    """The numbers of the entries that were stored before."""
    fresh = {entry_id for _, entry_id, _ in added}
    known = [entry.id for outcome in outcomes for entry in _met(outcome) if entry.id not in fresh]
    return dict(db.execute(_NUMBERS, (known,)).fetchall()) if known else {}


def _keys(outcome: PollOutcome, numbers: Mapping[str, int]) -> list[Row]:
    return [
        (outcome.record.id, key, numbers[entry.id], _at(outcome))
        for entry in _met(outcome)
        if entry.id in numbers
        for key in entry.keys.present()
    ]


def _remember(db: Connection, keys: Sequence[Row]) -> Counter[int]:
    """Store seen keys; returns how many are new, by feed."""
    return Counter(feed for (feed,) in db.execute(_REMEMBER, arrays(keys))) if keys else Counter()
