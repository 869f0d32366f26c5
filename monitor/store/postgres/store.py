"""The store on PostgreSQL: for several workers, and for more feeds than one machine polls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

from psycopg.errors import LockNotAvailable

from monitor.errors import StoreInUseError
from monitor.model import PollOutcome
from monitor.store.postgres.entries import EntryTable
from monitor.store.postgres.failures import as_store_errors
from monitor.store.postgres.feeds import FeedTable
from monitor.store.postgres.grip import WATCHED, Agreement, Grip
from monitor.store.postgres.learning import learn, remember
from monitor.store.postgres.matches import MatchTable
from monitor.store.postgres.schema import MIGRATIONS
from monitor.store.postgres.server import (
    Connection,
    connect,
    display_name,
    migrate,
    open_pool,
    refuse_newer,
    version,
)
from monitor.store.postgres.session import again
from monitor.store.postgres.tally import TallyTable
from monitor.store.postgres.upkeep import UpkeepTable

SHARDS = "shards"  # workers agree on it; whoever polls without shards holds it alone
_STATE = "INSERT INTO facts (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_HOLDING = "hashtextextended('newsbell ' || %s, 0)"


class PostgresStore(FeedTable, EntryTable, MatchTable, UpkeepTable, TallyTable):
    """The Store port on the database at ``url`` (``postgresql://user:password@host/database``).

    Its tables are made, or brought up to date, when they are not. Raises ``StoreError`` when the server cannot be
    reached or the tables are newer than this program; no error speaks of the password.
    """

    def __init__(self, url: str) -> None:
        migrate(url)
        super().__init__(open_pool(url), display_name(url))
        self._url = url

    @again
    def record(self, outcomes: Sequence[PollOutcome]) -> int:
        """Commit what polls learned and end their leases; returns how many had the newest fence."""
        if not outcomes:
            return 0
        if any(outcome.matches or _corrects(outcome) for outcome in outcomes):
            with self._write() as db:
                current = learn(db, outcomes)
                taken = [outcome for outcome in outcomes if outcome.record.id in current]
                self._correct(db, taken)
                remember(db, [outcome for outcome in taken if _corrects(outcome) or _known(outcome, current)])
                self._match(db, taken)
                return len(taken)
        with self._read() as db:  # one statement is a transaction of its own
            current = learn(db, outcomes)
            remember(db, [outcome for outcome in outcomes if _known(outcome, current)])
            return len(current)

    def check_version(self) -> None:
        """Raise ``StoreError`` when a newer program has changed the tables meanwhile."""
        with self._read() as db:
            refuse_newer(version(db), self._name, len(MIGRATIONS))

    @contextmanager
    def hold(self, name: str) -> Iterator[Grip | None]:
        """Be the only one who holds ``name``, until the end or until the grip is lost; None when somebody else does.

        The server itself keeps this lock for a connection of ours, so no clock and no lease is needed to trust it.
        """
        with closing(connect(self._url, **WATCHED)) as db:
            with as_store_errors(self._name):
                mine = _try_lock(db, name)
            yield Grip(db) if mine else None

    @contextmanager
    def agree(self, name: str, value: int) -> Iterator[Agreement]:
        """Go by one ``value`` of ``name`` together with others, until the end or until the grip is lost.

        Gives the value in force: that of the first who came, for as long as anybody goes by it. Raises
        ``StoreInUseError`` when somebody holds ``name`` alone.
        """
        with closing(connect(self._url, **WATCHED)) as db:
            with as_store_errors(self._name):
                first = _try_lock(db, name)
                if first:
                    db.execute(_STATE, (name, value))
                _share_lock(db, name)
                if first:
                    db.execute(f"SELECT pg_advisory_unlock({_HOLDING})", (name,))
                found = db.execute("SELECT value FROM facts WHERE name = %s", (name,)).fetchone()
            yield Agreement(found[0] if found else value, Grip(db))

    @contextmanager
    def alone(self) -> Iterator[Grip]:
        """Be the only one who polls, without workers, until the end or until the grip is lost.

        Raises ``StoreInUseError`` when workers are at work, or another pass is.
        """
        with self.hold(SHARDS) as grip:
            if grip is None:
                raise StoreInUseError(
                    f"{self._name}: workers are at work on this store, or a pass is: newsbell run and newsbell daemon "
                    "are for one machine without workers"
                )
            yield grip

    def close(self) -> None:
        """Release the connections."""
        self._pool.close()


def _try_lock(db: Connection, name: str) -> bool:
    row = db.execute(f"SELECT pg_try_advisory_lock({_HOLDING})", (name,)).fetchone()
    return bool(row and row[0])


def _share_lock(db: Connection, name: str) -> None:
    """Share the lock, and wait for whoever is only about to share it, too."""
    db.execute("SET lock_timeout = '1s'")
    try:
        db.execute(f"SELECT pg_advisory_lock_shared({_HOLDING})", (name,))
    except LockNotAvailable:
        raise StoreInUseError("newsbell run or newsbell daemon is at work on this store") from None


def _corrects(outcome: PollOutcome) -> bool:
    return bool(outcome.decided.edited or outcome.decided.touched)


def _known(outcome: PollOutcome, added: Mapping[int, int]) -> bool:
    """Whether some of what came as new was stored before; ``added``: how many were not, by feed."""
    shown = len(outcome.decided.new) + len(outcome.decided.baseline)
    return added.get(outcome.record.id, shown) < shown
