"""What SQLite's errors mean to a user: every one leaves the store as a ``StoreError`` that says what to do."""

from __future__ import annotations

import sqlite3
from types import TracebackType

from monitor.errors import StoreError

RESTORE = "move it away with its -wal and -shm files, then put a backup in its place or start anew"
# By the beginning of SQLite's own error names (https://www.sqlite.org/rescode.html), first match wins.
_MEANINGS = (
    ("SQLITE_FULL", "there is no room left on its disk: make room, then run again; nothing was sent without a record"),
    ("SQLITE_READONLY", "it cannot be written: check the owner and the permissions of the file and its folder"),
    ("SQLITE_CANTOPEN", "it cannot be opened: check that its folder exists and may be written"),
    ("SQLITE_PERM", "it cannot be opened: check the owner and the permissions of the file"),
    ("SQLITE_CORRUPT", f"it is damaged: {RESTORE}"),
    ("SQLITE_NOTADB", f"it is no database or damaged: {RESTORE}"),
    ("SQLITE_BUSY", "another program keeps it busy: try again when that has ended"),
    ("SQLITE_LOCKED", "another program keeps it busy: try again when that has ended"),
    ("SQLITE_IOERR", "its disk does not read or write: check the disk and its free space"),
    ("SQLITE_CONSTRAINT", "it was given contradictory data; nothing of it was stored"),
)


def explain(error: sqlite3.Error, name: str) -> StoreError:
    """The error of the database called ``name`` in a user's words."""
    code = getattr(error, "sqlite_errorname", None) or ""
    meaning = next((text for start, text in _MEANINGS if code.startswith(start)), "it failed")
    return StoreError(f"{name}: {meaning} ({error})")


class AsStoreErrors:
    """For ``with``: turns what SQLite raises inside into a ``StoreError`` about the database called ``name``."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> object:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, sqlite3.Error):
            raise explain(error, self._name) from error
        if isinstance(error, OverflowError | UnicodeEncodeError):  # a number beyond 64 bits, half a surrogate pair
            raise StoreError(f"{self._name}: a value cannot be stored ({error})") from error
