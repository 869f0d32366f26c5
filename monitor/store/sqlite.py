"""The store on SQLite: one file in the state folder, one commit for everything that a batch of polls learned."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from monitor.model import PollOutcome
from monitor.store import database
from monitor.store.entries import EntryTable
from monitor.store.feeds import FeedTable
from monitor.store.matches import MatchTable
from monitor.store.rows import moment, stamp
from monitor.store.session import fact, set_fact
from monitor.store.tally import TallyTable
from monitor.store.upkeep import UpkeepTable

SMALL = 16 * 2**20  # bytes: a database up to this size is read through at every start
VERIFY_EVERY = timedelta(days=1)


class SqliteStore(FeedTable, EntryTable, MatchTable, UpkeepTable, TallyTable):
    """The Store port on the SQLite file ``path``, which is made, with its folders, when there is none.

    ``alone``: the caller holds the folder's ``StateLock``. Then leases that a killed program left are ended, and the
    database is read through: always while it is small, else after an unclean end and once a day. An older one is
    brought up to date, after a backup of it; without ``alone`` it is refused, for an older program may be using it.
    Raises ``StoreError`` when the database is damaged, unreadable, read-only or newer than this program.
    """

    def __init__(self, path: Path, now: datetime, *, alone: bool = False) -> None:
        if not path.exists():
            database.create(path)
        unclean = database.was_left_open(path)
        super().__init__(database.connect(path), str(path))
        try:
            if not database.check_version(self._db, path, exact=not alone):
                database.migrate(self._db, path)
            if alone:
                self._take_over(now, verify=unclean or path.stat().st_size <= SMALL)
        except BaseException:
            self.close()
            raise

    def _take_over(self, now: datetime, *, verify: bool) -> None:
        with self.transaction():
            self.release_claims()
            last = moment(fact(self._db, "verified"))
            if verify or not timedelta(0) <= now - last < VERIFY_EVERY:
                self.verify(now)

    def record(self, outcomes: Sequence[PollOutcome]) -> int:
        """Commit what polls learned and end their leases; returns how many had the newest fence."""
        with self._write() as db:
            return sum(self._record(db, outcome) for outcome in outcomes)

    def _record(self, db: sqlite3.Connection, outcome: PollOutcome) -> bool:
        if not self._save(db, outcome.record):
            return False
        decided = outcome.decided
        if decided.new or decided.baseline or decided.edited or decided.touched:
            feed, at = outcome.record.id, outcome.record.last_poll
            added, keys = self._store(db, feed, decided, stamp(at) if at else 0)
            db.execute("UPDATE feeds SET entries = entries + ?, keys = keys + ? WHERE id = ?", (added, keys, feed))
        for match in outcome.matches:
            self._match(db, match)
        return True

    def backup(self, target: Path) -> None:
        """Write a consistent copy to ``target``, also while the store is in use."""
        with self._lock:
            database.copy(self._db, target)

    def verify(self, now: datetime) -> None:
        """Read the whole database; raises ``StoreError`` when it is damaged."""
        with self._write() as db:
            database.verify(db, self._name)
            set_fact(db, "verified", stamp(now))

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()
