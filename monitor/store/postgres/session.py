"""The connections and their transactions: what every part of the PostgreSQL store works with."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

from psycopg_pool import ConnectionPool

from monitor.errors import StoreBusyError, StoreError
from monitor.store.postgres.failures import as_store_errors
from monitor.store.postgres.server import Connection

Row = tuple[Any, ...]
P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Session")

log = logging.getLogger(__name__)

_TRIES = 5


def table(alias: str, **columns: str) -> str:
    """SQL for rows that are given as one array a column: ``columns`` names each with its type, ``ord`` counts them.

    The arrays travel as bytes, not as text: that takes a quarter of the time, or less.
    """
    arrays = ", ".join(f"%b::{kind}[]" for kind in columns.values())
    return f"unnest({arrays}) WITH ORDINALITY AS {alias} ({', '.join(columns)}, ord)"


def arrays(rows: Sequence[Row]) -> list[list[Any]]:
    """``rows`` turned into columns, as ``table`` takes them. There must be a row."""
    return [list(column) for column in zip(*rows, strict=True)]


def again(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """A method of the store that does its work anew when another worker stood in its way.

    Within ``transaction()`` that is for whoever began it: what came before in it is undone, too.
    """

    @functools.wraps(method)
    def patient(self: S, /, *arguments: P.args, **options: P.kwargs) -> R:
        for _ in range(_TRIES - 1):
            try:
                return method(self, *arguments, **options)
            except StoreBusyError as busy:
                if self.grouped:
                    raise
                log.debug("once more: %s", busy)
        return method(self, *arguments, **options)

    return patient


def columns(rows: Sequence[Row], count: int) -> list[list[Any]]:
    """``rows`` turned into ``count`` columns, also when there are none."""
    return arrays(rows) if rows else [[] for _ in range(count)]


class _Group(threading.local):
    """The transaction that the calls of this thread belong to."""

    connection: Connection | None = None
    broken = False


class Session:
    """Connections that may be used from several threads; each public method of the store is one transaction.

    Between the beginning and the end of ``transaction()`` all calls of that thread belong to that one.
    """

    def __init__(self, pool: ConnectionPool[Connection], name: str) -> None:
        self._pool = pool
        self._name = name
        self._group = _Group()

    @property
    def grouped(self) -> bool:
        """Whether the calls of this thread belong to a ``transaction()`` now."""
        return self._group.connection is not None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Group calls: all or nothing, also when one of them failed and its error was caught. Not nested."""
        group = self._group
        if group.connection is not None:
            raise StoreError("a transaction cannot begin inside another one")
        with as_store_errors(self._name), self._pool.connection() as db, db.transaction():
            group.connection, group.broken = db, False
            try:
                yield
            finally:
                group.connection = None
            if group.broken:
                raise StoreError(f"{self._name}: a part of the transaction failed; nothing of it was stored")

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with as_store_errors(self._name):
            if self._group.connection is not None:
                with self._part():
                    yield self._group.connection
                return
            with self._pool.connection() as db:
                yield db

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with as_store_errors(self._name):
            if self._group.connection is not None:
                with self._part():
                    yield self._group.connection
                return
            with self._pool.connection() as db, db.transaction():
                yield db

    @contextmanager
    def _part(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._group.broken = True
            raise

    def _all(self, query: str, values: Iterable[Any] | dict[str, Any] = ()) -> list[Row]:
        with self._read() as db:
            return db.execute(query, values if isinstance(values, dict) else tuple(values)).fetchall()
