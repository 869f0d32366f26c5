"""One connection and its transactions: what every part of the SQLite store works with."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from monitor.errors import StoreError
from monitor.store.failures import AsStoreErrors


def fact(db: sqlite3.Connection, name: str) -> int:
    """A number that the store keeps about itself; 0 when it was never set."""
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return row[0] if row else 0


def set_fact(db: sqlite3.Connection, name: str, value: int) -> None:
    """Keep ``value`` under ``name``."""
    db.execute(
        "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


class _Reading(AsStoreErrors):
    """For ``with``: the connection for one call. No generator, which takes six times as long, once for each feed."""

    def __init__(self, connection: sqlite3.Connection, name: str, lock: threading.RLock) -> None:
        super().__init__(name)
        self._db = connection
        self._lock = lock

    def __enter__(self) -> sqlite3.Connection:
        self._lock.acquire()
        return self._db

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        super().__exit__(kind, error, trace)


class Session:
    """A connection that may be used from several threads, one call at a time.

    Each public method of the store is one transaction; between the beginning and the end of ``transaction()`` they
    all belong to that one.
    """

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._db = connection
        self._name = name
        self._lock = threading.RLock()
        self._reading = _Reading(connection, name, self._lock)
        self._grouped = False
        self._broken = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Group calls: all or nothing, also when one of them failed and its error was caught. Not nested."""
        with self._lock:
            if self._grouped:
                raise StoreError("a transaction cannot begin inside another one")
            with self._write():
                self._grouped, self._broken = True, False
                try:
                    yield
                finally:
                    self._grouped = False
                if self._broken:
                    raise StoreError(f"{self._name}: a part of the transaction failed; nothing of it was stored")

    def _read(self) -> _Reading:
        return self._reading

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._lock, AsStoreErrors(self._name):
            if self._grouped:
                with self._part():
                    yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _part(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._broken = True
            raise
