"""What the store counts for the metrics: by indexes, without reading what is stored."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.model import Tally
from monitor.store.postgres.session import Session
from monitor.store.rows import moment, moment_or_none

_PREFIX = "total."
_FEEDS = """SELECT CASE WHEN paused OR NOT enabled THEN 'paused' ELSE state END, count(*), sum(entries)::bigint
    FROM feeds WHERE present GROUP BY 1"""
_MATCHES = "SELECT profile, count(*) FROM matches GROUP BY profile"
_WAITING = "SELECT profile, count(*) FROM matches WHERE digest = '' GROUP BY profile"
_DELIVERIES = "SELECT state, count(*) FROM outbox GROUP BY state"
_LAST_SENT = "SELECT profile, last_sent FROM profiles WHERE last_sent IS NOT NULL"
_NEXT = """SELECT
    (SELECT min(next_poll) FROM feeds WHERE present AND enabled AND NOT paused AND next_poll IS NOT NULL),
    (SELECT min(next_attempt) FROM outbox WHERE next_attempt IS NOT NULL)"""
_TOTALS = "SELECT substr(name, 7), value FROM facts WHERE starts_with(name, 'total.')"
# In the order of their names, so that two workers never wait for each other.
_COUNT = """INSERT INTO facts (name, value) SELECT * FROM unnest(%s::text[], %s::bigint[])
    ON CONFLICT (name) DO UPDATE SET value = facts.value + excluded.value"""


class TallyTable(Session):
    """Numbers about the store's content, and totals that only grow."""

    def count(self, amounts: Mapping[str, int]) -> None:
        """Add ``amounts`` to the totals of the same names."""
        wanted = sorted(name for name, amount in amounts.items() if amount)
        with self._write() as db:
            db.execute(_COUNT, ([_PREFIX + name for name in wanted], [amounts[name] for name in wanted]))

    def tally(self) -> Tally:
        """How much there is of everything, and the totals."""
        with self._read() as db:
            feeds = db.execute(_FEEDS).fetchall()
            next_poll, next_attempt = db.execute(_NEXT).fetchone() or (None, None)
            return Tally(
                feeds={state: count for state, count, _ in feeds},
                entries=sum(entries for _, _, entries in feeds),
                matches=dict(db.execute(_MATCHES).fetchall()),
                waiting=dict(db.execute(_WAITING).fetchall()),
                deliveries=dict(db.execute(_DELIVERIES).fetchall()),
                last_sent={profile: moment(at) for profile, at in db.execute(_LAST_SENT).fetchall()},
                next_poll=moment_or_none(next_poll),
                next_attempt=moment_or_none(next_attempt),
                totals=dict(db.execute(_TOTALS).fetchall()),
            )
