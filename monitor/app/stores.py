"""Opens what the configuration remembers in: a SQLite file or a PostgreSQL database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.model import Secret
from monitor.config.settings import Settings
from monitor.errors import StoreError
from monitor.ports import Store

if TYPE_CHECKING:
    from monitor.store.postgres.store import PostgresStore


def open_store(settings: Settings, now: datetime, *, alone: bool = False) -> Store:
    """The store that the configuration names. Raises ``StoreError`` when it cannot be opened."""
    if settings.database is not None:
        return open_database(settings.database)
    from monitor.store.sqlite import SqliteStore

    return SqliteStore(settings.store, now, alone=alone)


def open_database(address: Secret) -> PostgresStore:
    """The PostgreSQL store at ``address``. Raises ``StoreError`` when it, or the program's part for it, is missing."""
    try:
        from monitor.store.postgres.store import PostgresStore
    except ImportError as missing:
        raise StoreError(
            f"the store is a PostgreSQL database, but {missing.name} is not installed: pip install 'newsbell[postgres]'"
        ) from missing
    return PostgresStore(address.reveal())


def open_copy(settings: Settings, path: Path, now: datetime) -> Store:
    """A SQLite copy, made at ``path``, of everything that the configured store remembers."""
    from monitor.store.sqlite import SqliteStore

    if settings.database is not None:
        from monitor.store.transfer import copy_store

        copy_store(settings.database.reveal(), str(path))
    elif settings.store.exists():
        original = SqliteStore(settings.store, now)
        try:
            original.backup(path)
        finally:
            original.close()
    return SqliteStore(path, now)
