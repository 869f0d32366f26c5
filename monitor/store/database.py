"""The database file: how it is made, opened, checked, migrated and copied. Nothing here knows what is in it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from monitor.errors import StoreError
from monitor.store.failures import RESTORE, AsStoreErrors
from monitor.store.schema import APPLICATION_ID, MIGRATIONS

OLDEST_SQLITE = (3, 34, 0)  # the trigram tokenizer
BUSY_SECONDS = 15.0
PAGE_SIZE = 8192  # four entries fit, where two would fit in SQLite's usual 4096: a tenth less CPU for each
_SETTINGS = (
    "PRAGMA synchronous = FULL",  # what was committed survives a power cut: nothing is sent before that
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -2000",  # KiB: four times as much saves no instruction, and is full at 10,000 feeds only
    "PRAGMA wal_autocheckpoint = 2000",
    "PRAGMA journal_size_limit = 33554432",
)

# For each value that is neither a number nor a text, sqlite3 looks for an adapter; it takes long to find that there is
# none: an eighth of storing an entry.
sqlite3.register_adapter(bytes, bytes)
sqlite3.register_adapter(type(None), lambda nothing: nothing)


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing database file. Raises ``StoreError`` when it is missing, empty, cut off or no database."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError(f"Python brings SQLite {sqlite3.sqlite_version}, but 3.34 or newer is needed")
    _look_at_header(path)
    with AsStoreErrors(str(path)):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            for setting in _SETTINGS:
                connection.execute(setting)
        except BaseException:
            connection.close()
            raise
    return connection


def create(path: Path, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Make a new database at ``path``, whole or not at all; one that exists by then is left as it is."""
    leftover = path.with_name(path.name + "-wal")
    if leftover.exists():
        raise StoreError(f"{path}: the database is missing, but {leftover.name} is there: restore a backup of both")
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        with AsStoreErrors(str(path)):
            _fill(fresh, migrations)
        _put_in_place(fresh, path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be made ({error.strerror}): check the folder's permissions") from error
    finally:
        with suppress(OSError):  # what a full disk leaves; a folder that cannot be written holds nothing of it
            for suffix in ("", "-journal"):
                fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)


def _fill(fresh: Path, migrations: Sequence[str]) -> None:
    connection = sqlite3.connect(fresh, isolation_level=None)
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        # Without a write-ahead log: a full disk is met before the file is put in its place, not when it closes.
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        with _transaction(connection):
            _apply(connection, migrations)
    finally:
        connection.close()


def _put_in_place(fresh: Path, path: Path) -> None:
    try:
        os.link(fresh, path)  # unlike a rename it never replaces a file
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def version(connection: sqlite3.Connection) -> int:
    """How many migrations the database has behind it."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[str] = MIGRATIONS) -> Path | None:
    """Bring an older database up to date after a backup beside it; returns the backup's path, None without need.

    All steps are one transaction; of two programs at once one does them.
    """
    with AsStoreErrors(str(path)), _transaction(connection):
        found = version(connection)
        if found >= len(migrations):
            return None
        backup = path.with_name(f"{path.name}.v{found}.backup")
        with closing(sqlite3.connect(path)) as before:
            copy(before, backup)
        _apply(connection, migrations)
        return backup


def check_version(connection: sqlite3.Connection, path: Path, *, exact: bool) -> bool:
    """Whether the tables are up to date. Raises ``StoreError`` when they are newer, or ``exact`` and older."""
    found, known = version(connection), len(MIGRATIONS)
    if found > known:
        raise StoreError(
            f"{path}: was written by a newer Newsbell (tables of version {found}, this program knows {known}): "
            "install that version again, or use another state folder"
        )
    if found < known and exact:
        raise StoreError(f"{path}: was written by an older Newsbell: 'newsbell run' brings it up to date")
    return found == known


def _apply(connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
    for step in migrations[version(connection) :]:
        for statement in _statements(step):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(migrations)}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have ended it already
            connection.execute("ROLLBACK")
        raise


def copy(connection: sqlite3.Connection, target: Path) -> None:
    """Write a consistent copy of a database that may be in use; ``target`` appears whole or not at all."""
    partial = target.with_name(target.name + ".part")
    try:
        partial.unlink(missing_ok=True)
        with AsStoreErrors(str(target)):
            out = sqlite3.connect(partial)
            try:
                connection.backup(out)
                out.execute("PRAGMA journal_mode = DELETE")  # one file, without a -wal beside it
            finally:
                out.close()
        partial.replace(target)
    except OSError as error:
        raise StoreError(f"{target}: the backup cannot be written ({error.strerror})") from error


def verify(connection: sqlite3.Connection, name: str) -> None:
    """Read every page of the database and raise ``StoreError`` when one of them is damaged."""
    with AsStoreErrors(name):
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(f"{name}: it is damaged: {RESTORE} ({found})")


def was_left_open(path: Path) -> bool:
    """Whether the last program that used the database did not close it (or one uses it now)."""
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def _look_at_header(path: Path) -> None:
    """Refuse what SQLite would silently take for an empty database, or not notice before it is too late."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
        size = path.stat().st_size
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened ({error.strerror})") from error
    # https://www.sqlite.org/fileformat.html, 1.3
    page = int.from_bytes(header[16:18], "big")
    page = 65536 if page == 1 else page
    pages = int.from_bytes(header[28:32], "big")
    if header[:16] != b"SQLite format 3\0" or (size < page * pages and not was_left_open(path)):
        what = "is empty" if not size else "is cut off" if header.startswith(b"SQLite") else "is no database"
        raise StoreError(f"{path}: {what}: {RESTORE}")
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise StoreError(f"{path}: is a database of another program: choose another state folder")


def _statements(script: str) -> list[str]:
    """The statements of a migration; ``executescript`` would commit before the first one."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    return statements
