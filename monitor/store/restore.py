"""A backup taken back: checked first, put in place whole, what was there kept beside it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from monitor.errors import StoreError
from monitor.store import database
from monitor.store.schema import MIGRATIONS

KEPT = ".before-restore"


def restore(backup: Path, path: Path) -> Path | None:
    """Put ``backup`` in the place of the database ``path``; returns where the old one was kept, None without one.

    The caller holds the folder's ``StateLock``. Raises ``StoreError`` when the backup is damaged, no database of
    Newsbell's or newer than this program; then nothing has changed.
    """
    if backup.resolve() == path.resolve():
        raise StoreError(f"{backup}: is the database itself, not a backup of it")
    if database.was_left_open(backup):
        raise StoreError(f"{backup}: is in use, or was copied while it was: take a backup with 'newsbell backup'")
    fresh = path.with_name(f"{path.name}.restored")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(backup, fresh)
        _check(fresh)
        _give_to_owner(fresh, path.parent)
        kept = _set_aside(path)
        _put_in_place(fresh, path)
    except OSError as error:
        raise StoreError(f"{backup}: cannot be put in place ({error.strerror}: {error.filename})") from error
    finally:
        fresh.unlink(missing_ok=True)
    return kept


def _check(fresh: Path) -> None:
    connection = database.connect(fresh)
    try:
        database.verify(connection, str(fresh))
        if database.version(connection) > len(MIGRATIONS):
            raise StoreError(f"{fresh}: was written by a newer Newsbell: install that version first")
    finally:
        connection.close()


def _give_to_owner(fresh: Path, folder: Path) -> None:
    """What root restores belongs to whom the folder belongs, else the service could not write it."""
    owner = folder.stat()
    if os.geteuid() == 0:
        os.chown(fresh, owner.st_uid, owner.st_gid)


def _set_aside(path: Path) -> Path | None:
    """Rename the database with its journal files, so that none of them is applied to the restored one."""
    kept = path.with_name(path.name + KEPT)
    for ending in ("-wal", "-shm", ""):
        present, target = path.with_name(path.name + ending), kept.with_name(kept.name + ending)
        target.unlink(missing_ok=True)
        if present.exists():
            present.replace(target)
    return kept if kept.exists() else None


def _put_in_place(fresh: Path, path: Path) -> None:
    """Rename so that a power cut leaves either nothing there or the whole database."""
    _sync(fresh)
    fresh.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
