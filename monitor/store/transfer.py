"""Moves everything that is remembered from one store to another, SQLite or PostgreSQL, and proves that it arrived.

Rows are copied as they are, in the order of their keys, inside one transaction of the target; what the target then
holds is read back and must have the same number of rows and the same hash, table by table. Leases are not copied, and
the search index is made anew by the target.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from monitor.errors import StoreError
from monitor.store.rows import Row


@dataclass(frozen=True, slots=True)
class Table:
    """A table that both kinds of store have: its columns, those that are flags, and what its rows are sorted by.

    ``where``: which of its rows are copied.
    """

    name: str
    columns: tuple[str, ...]
    key: str
    flags: frozenset[str] = frozenset()
    where: str = "TRUE"

    @property
    def query(self) -> str:
        """SQL for its rows."""
        return f"SELECT {', '.join(self.columns)} FROM {self.name} WHERE {self.where} ORDER BY {self.key}"

    def plain(self, row: Row) -> Row:
        """``row`` with flags as 0 and 1, as both stores agree on."""
        return tuple(int(value) if name in self.flags else value for name, value in zip(self.columns, row, strict=True))


@dataclass(frozen=True, slots=True)
class Copied:
    """What arrived of a table: how many rows, and the hash of all of them."""

    table: str
    rows: int
    digest: str


class Side(Protocol):
    """A store as rows."""

    name: str

    def read(self, table: Table) -> Iterator[Row]:
        """All rows of ``table``, sorted, flags as numbers; within ``whole`` always the same ones."""
        ...

    def write(self, table: Table, rows: Iterable[Row]) -> None:
        """Add rows to ``table``."""
        ...

    def finish(self) -> None:
        """Make what belongs to the copied rows: number givers, the search index."""
        ...

    def whole(self) -> AbstractContextManager[None]:
        """Read one consistent state, write all or nothing."""
        ...

    def close(self) -> None:
        """Release it."""
        ...


def _table(name: str, columns: str, key: str, flags: str = "", where: str = "TRUE") -> Table:
    return Table(name, tuple(columns.split()), key, frozenset(flags.split()), where)


TABLES: Sequence[Table] = (
    _table(
        "feeds",
        "id url position present enabled paused config_title lang interval address state title etag last_modified "
        "body_hash fingerprints last_poll last_ok last_new last_status next_poll failures error baseline memory fence "
        "entries keys",
        "id",
        "present enabled paused baseline",
    ),
    _table(
        "entries",
        "number id feed guid link_key content_key kept found published updated lang fingerprint title link author "
        "source summary content",
        "number",
        "kept",
    ),
    _table("seen", "feed key entry met", "feed, key"),
    _table("matches", "number entry profile score source at story digest", "number"),
    _table("profiles", "profile window_end last_sent instant_sent fence", "profile"),
    _table("labels", "profile entry label at", "profile, entry"),
    _table(
        "outbox",
        "number key profile channel recipient state attempts created next_attempt fence error mark content_type "
        "subject body",
        "number",
    ),
    _table("reports", "number report", "number"),
    _table("notices", "number key text at told", "number", "told"),
    _table("facts", "name value", "name", where="name LIKE 'total.%'"),  # of the metrics
)


def copy_store(source: str, target: str, progress: Callable[[Copied], None] = lambda copied: None) -> Sequence[Copied]:
    """Copy everything from ``source`` to ``target``, each a SQLite file or the URL of a PostgreSQL database.

    The target is made when it is missing, and must be empty. ``progress`` hears of each table that has arrived.
    Raises ``StoreError`` when the source is missing, the target holds something, or what arrived is not what was sent;
    then nothing arrived.
    """
    origin = _open(source, make=False)
    try:
        destination = _open(target, make=True)
        try:
            with origin.whole(), destination.whole():
                return [_copy(table, origin, destination, progress) for table in TABLES]
        finally:
            destination.close()
    finally:
        origin.close()


def is_address(store: str) -> bool:
    """Whether ``store`` is the URL of a PostgreSQL database rather than a path."""
    return store.startswith(("postgresql://", "postgres://"))


def _open(store: str, *, make: bool) -> Side:
    if is_address(store):
        from monitor.store.postgres.side import PostgresSide

        return PostgresSide(store)
    from monitor.store.sqlite_side import SqliteSide

    return SqliteSide(Path(store), make=make)


def _copy(table: Table, origin: Side, destination: Side, progress: Callable[[Copied], None]) -> Copied:
    for _ in destination.read(table):
        raise StoreError(f"{destination.name}: already holds {table.name}: copy into an empty store")
    sent = _Tally()
    destination.write(table, sent.counting(origin.read(table)))
    arrived = _Tally()
    for _ in arrived.counting(destination.read(table)):
        pass
    if (sent.rows, sent.digest) != (arrived.rows, arrived.digest):
        raise StoreError(
            f"{destination.name}: {table.name} did not arrive as it was sent ({sent.rows} rows were sent, "
            f"{arrived.rows} arrived): nothing was changed"
        )
    if table is TABLES[-1]:
        destination.finish()
    copied = Copied(table.name, arrived.rows, arrived.digest)
    progress(copied)
    return copied


class _Tally:
    """Counts and hashes the rows that pass."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = hashlib.blake2b(digest_size=16)

    def counting(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.rows += 1
            self._hash.update(repr(row).encode("utf-8", "surrogatepass"))
            yield row

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()
