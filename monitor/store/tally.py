"""What the store counts for the metrics: by indexes, without reading what is stored."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.model import Tally
from monitor.store.rows import moment, moment_or_none
from monitor.store.session import Session

_PREFIX = "total."
_FEEDS = """SELECT CASE WHEN enabled = 0 OR paused = 1 THEN 'paused' ELSE state END, count(*), sum(entries)
    FROM feeds WHERE present = 1 GROUP BY 1"""
_MATCHES = "SELECT profile, count(*) FROM matches GROUP BY profile"
_WAITING = "SELECT profile, count(*) FROM matches WHERE digest = '' GROUP BY profile"
_DELIVERIES = "SELECT state, count(*) FROM outbox GROUP BY state"
_LAST_SENT = "SELECT profile, last_sent FROM profiles WHERE last_sent IS NOT NULL"
_NEXT_POLL = """SELECT min(next_poll) FROM feeds
    WHERE present = 1 AND enabled = 1 AND paused = 0 AND next_poll IS NOT NULL"""
_NEXT_ATTEMPT = "SELECT min(next_attempt) FROM outbox WHERE next_attempt IS NOT NULL"
_TOTALS = "SELECT name, value FROM facts WHERE name >= 'total.' AND name < 'total/'"
_COUNT = """INSERT INTO facts (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"""


class TallyTable(Session):
    """Numbers about the store's content, and totals that only grow."""

    def count(self, amounts: Mapping[str, int]) -> None:
        """Add ``amounts`` to the totals of the same names."""
        with self._write() as db:
            db.executemany(_COUNT, [(_PREFIX + name, amount) for name, amount in amounts.items() if amount])

    def tally(self) -> Tally:
        """How much there is of everything, and the totals."""
        with self._read() as db:
            feeds = db.execute(_FEEDS).fetchall()
            return Tally(
                feeds={state: count for state, count, _ in feeds},
                entries=sum(entries for _, _, entries in feeds),
                matches=dict(db.execute(_MATCHES)),
                waiting=dict(db.execute(_WAITING)),
                deliveries=dict(db.execute(_DELIVERIES)),
                last_sent={profile: moment(at) for profile, at in db.execute(_LAST_SENT)},
                next_poll=moment_or_none(db.execute(_NEXT_POLL).fetchone()[0]),
                next_attempt=moment_or_none(db.execute(_NEXT_ATTEMPT).fetchone()[0]),
                totals={name.removeprefix(_PREFIX): value for name, value in db.execute(_TOTALS)},
            )
