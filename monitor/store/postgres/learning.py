"""What polls learned, in one statement: records, new entries and their keys, and the counts of their feeds.

A statement of its own for each would cost a round trip and a plan for each, most of what one feed's commit takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.lanes import slot_of
from monitor.model import Entry, FeedRecord, PollOutcome, SeenEntry
from monitor.store.postgres.entries import TEXTS
from monitor.store.postgres.server import Connection
from monitor.store.postgres.session import Row, columns, table
from monitor.store.rows import entry_texts, memory_to_json, polled_values, stamp

_RECORD = {
    "id": "bigint", "fence": "bigint", "address": "text", "slot": "smallint", "state": "text", "title": "text",
    "etag": "text", "last_modified": "text", "body_hash": "bytea", "fingerprints": "bytea", "last_poll": "bigint",
    "last_ok": "bigint", "last_new": "bigint", "last_status": "bigint", "next_poll": "bigint", "failures": "bigint",
    "error": "text", "baseline": "boolean", "memory": "text",
}  # fmt: skip
_ENTRY = {"id": "text", "feed": "bigint", "found": "bigint", **TEXTS}
_SET = ", ".join(f"{name} = v.{name}" for name in _RECORD if name not in ("id", "fence"))

# Locked in one order, so that a late writer and the one who has taken over cannot wait for each other.
_HELD = f"""v AS (SELECT * FROM {table("v", **_RECORD)}),
    held AS (SELECT f.id FROM feeds f JOIN v ON v.id = f.id AND v.fence = f.fence ORDER BY f.id FOR UPDATE OF f)"""
_SAVE = f"""WITH {_HELD} UPDATE feeds f SET {_SET}, lease_until = 0
    FROM v JOIN held USING (id) WHERE f.id = v.id RETURNING f.id, 0"""
_LEARN = f"""WITH {_HELD},
    added AS (INSERT INTO entries ({", ".join(_ENTRY)}) SELECT {", ".join(f"n.{name}" for name in _ENTRY)}
        FROM {table("n", **_ENTRY)} JOIN held ON held.id = n.feed ORDER BY n.ord
        ON CONFLICT (id) DO NOTHING RETURNING number, feed, guid, link_key, content_key),
    waiting AS (INSERT INTO unindexed (entry) SELECT number FROM added),
    remembered AS (INSERT INTO seen (feed, key, entry, met)
        SELECT a.feed, k.key, a.number, coalesce(v.last_poll, 0) FROM added a JOIN v ON v.id = a.feed,
            LATERAL (VALUES (1, a.guid), (2, a.link_key), (3, a.content_key)) AS k (ord, key)
        WHERE k.key <> '' ORDER BY a.number, k.ord ON CONFLICT (feed, key) DO NOTHING RETURNING feed),
    counts AS (SELECT feed, sum(entries)::bigint AS entries, sum(keys)::bigint AS keys FROM (
        SELECT feed, 1 AS entries, 0 AS keys FROM added UNION ALL SELECT feed, 0, 1 FROM remembered) AS c GROUP BY feed)
    UPDATE feeds f SET {_SET}, lease_until = 0,
        entries = f.entries + coalesce(c.entries, 0), keys = f.keys + coalesce(c.keys, 0)
    FROM v JOIN held USING (id) LEFT JOIN counts c ON c.feed = id WHERE f.id = v.id
    RETURNING f.id, coalesce(c.entries, 0)"""
# Of entries that were stored before: edited ones, those that gained a key, those whose feed shows them anew.
_KEY = {"feed": "bigint", "key": "bytea", "id": "text", "met": "bigint"}
_REMEMBER = f"""WITH remembered AS (INSERT INTO seen (feed, key, entry, met) SELECT k.feed, k.key, e.number, k.met
        FROM {table("k", **_KEY)} JOIN entries e ON e.id = k.id ORDER BY k.feed, k.ord
        ON CONFLICT (feed, key) DO NOTHING RETURNING feed)
    UPDATE feeds f SET keys = f.keys + c.keys
    FROM (SELECT feed, count(*) AS keys FROM remembered GROUP BY feed) AS c WHERE f.id = c.feed"""


def learn(db: Connection, outcomes: Sequence[PollOutcome]) -> Mapping[int, int]:
    """Write ``outcomes`` and end their leases; returns the feeds whose fence was the newest, with their new entries.

    The others change nothing. What they learned of entries that were stored before is not written here.
    """
    records = columns([_record(outcome.record) for outcome in outcomes], len(_RECORD))
    entries = [row for outcome in outcomes for row in _entries(outcome)]
    if entries:
        return dict(db.execute(_LEARN, [*records, *columns(entries, len(_ENTRY))]).fetchall())
    return dict(db.execute(_SAVE, records).fetchall())


def remember(db: Connection, outcomes: Sequence[PollOutcome]) -> None:
    """Store the keys of entries that were stored before ``outcomes``."""
    keys = [row for outcome in outcomes for row in _keys(outcome)]
    if keys:
        db.execute(_REMEMBER, columns(keys, len(_KEY)))


def _entries(outcome: PollOutcome) -> Iterator[Row]:
    for entry in (*outcome.decided.baseline, *outcome.decided.new):
        found = stamp(entry.found) if entry.found else _at(outcome)
        yield (entry.id, outcome.record.id, found, *entry_texts(entry))


def _keys(outcome: PollOutcome) -> Iterator[Row]:
    decided, feed, at = outcome.decided, outcome.record.id, _at(outcome)
    met: Iterator[Entry | SeenEntry] = iter((*decided.baseline, *decided.new, *decided.edited, *decided.touched))
    return ((feed, key, entry.id, at) for entry in met for key in entry.keys.present())


def _at(outcome: PollOutcome) -> int:
    return stamp(outcome.record.last_poll) if outcome.record.last_poll else 0


def _record(record: FeedRecord) -> tuple[Any, ...]:
    values = polled_values(record, memory_to_json(record.memory))
    return (record.id, record.fence, record.address, slot_of(record.address), *values)
