"""A PostgreSQL store as rows, for ``monitor.store.transfer``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from psycopg import IsolationLevel

from monitor.lanes import slot_of
from monitor.store.postgres.failures import as_store_errors
from monitor.store.postgres.schema import RECOUNT
from monitor.store.postgres.server import connect, display_name, migrate
from monitor.store.rows import Row
from monitor.store.transfer import Table

_NUMBERED = {
    "feeds": "id", "entries": "number", "matches": "number", "outbox": "number", "reports": "number",
    "notices": "number",
}  # fmt: skip
_GO_ON = "SELECT setval(pg_get_serial_sequence('{0}', '{1}'), max({1})) FROM {0}"
_PAGE = 1_000


class PostgresSide:
    """The database at ``url``, its tables made when they are missing."""

    def __init__(self, url: str) -> None:
        migrate(url)
        self.name = display_name(url)
        self._db = connect(url)
        self._db.isolation_level = IsolationLevel.REPEATABLE_READ

    def read(self, table: Table) -> Iterator[Row]:
        """All rows of ``table``, sorted."""
        with as_store_errors(self.name), self._db.cursor(f"read_{table.name}") as cursor:
            cursor.itersize = _PAGE
            cursor.execute(table.query)
            yield from map(table.plain, cursor)

    def write(self, table: Table, rows: Iterable[Row]) -> None:
        """Add rows to ``table``."""
        columns, address = table.columns, None
        if table.name == "feeds":
            columns, address = (*table.columns, "slot"), table.columns.index("address")
        flags = [at for at, name in enumerate(table.columns) if name in table.flags]
        command = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
        with as_store_errors(self.name), self._db.cursor() as cursor, cursor.copy(command) as copy:
            for row in rows:
                values = list(row)
                for at in flags:
                    values[at] = bool(row[at])
                copy.write_row(values if address is None else [*values, slot_of(row[address])])

    def finish(self) -> None:
        """New rows are numbered after the copied ones; the texts wait for the search index."""
        with as_store_errors(self.name):
            for table, column in _NUMBERED.items():
                self._db.execute(_GO_ON.format(table, column))
            self._db.execute(RECOUNT)
            self._db.execute("INSERT INTO unindexed (entry) SELECT number FROM entries WHERE kept")

    @contextmanager
    def whole(self) -> Iterator[None]:
        """One transaction that sees one state."""
        with as_store_errors(self.name), self._db.transaction():
            yield

    def close(self) -> None:
        """Release the connection."""
        self._db.close()
