"""A SQLite store as rows, for ``monitor.store.transfer``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import StoreError
from monitor.store import database
from monitor.store.failures import AsStoreErrors
from monitor.store.rows import Row
from monitor.store.transfer import Table


class SqliteSide:
    """The file at ``path``; made when it is missing and ``make`` is set, else that is a ``StoreError``."""

    def __init__(self, path: Path, *, make: bool) -> None:
        if not path.exists():
            if not make:
                raise StoreError(f"{path}: there is no such file")
            database.create(path)
        self.name = str(path)
        self._db = database.connect(path)
        database.migrate(self._db, path)

    def read(self, table: Table) -> Iterator[Row]:
        """All rows of ``table``, sorted."""
        with AsStoreErrors(self.name):
            yield from map(table.plain, self._db.execute(table.query))

    def write(self, table: Table, rows: Iterable[Row]) -> None:
        """Add rows to ``table``."""
        marks = ", ".join("?" * len(table.columns))
        with AsStoreErrors(self.name):
            self._db.executemany(f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks})", rows)

    def finish(self) -> None:
        """Nothing to do: numbers follow the highest, and what is not indexed yet is found without the index."""

    @contextmanager
    def whole(self) -> Iterator[None]:
        """One transaction."""
        with AsStoreErrors(self.name):
            self._db.execute("BEGIN")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Release the file."""
        self._db.close()
