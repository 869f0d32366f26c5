"""The way to the server: addresses, connections, and the tables brought to this program's version."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper
from psycopg_pool import ConnectionPool

from monitor.errors import StoreError
from monitor.store.postgres.failures import as_store_errors
from monitor.store.postgres.schema import FACTS, MIGRATIONS, SCHEMA

SCHEMES = ("postgresql://", "postgres://")
OLDEST_SERVER = 14_00_00
MOST_CONNECTIONS = 4  # of one store: one a thread that works at the same time
_PATIENCE = 10.0  # seconds to wait for a free or a new connection
_MIGRATING = 0x4E657762  # "Newb": the advisory lock of the one who changes the tables
# A worker whose machine went dark loses its connections, and with them its shards, after half a minute.
_ALIVE = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4"
# The connection of a lock has nothing to say for as long as the lock is held; the server may not take that amiss.
_LASTING = "-c idle_session_timeout=0"

# Nobody waits for ever for a row that a stopped worker holds, and no stopped worker holds one for ever.
_BOUNDED = "-c lock_timeout=300s -c idle_in_transaction_session_timeout=300s"
# The same from this side, for a server whose machine went dark.
_ALIVE_HERE = {
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}

Connection = psycopg.Connection[tuple[Any, ...]]


class _Adapted:
    """What connections are made with."""

    connection = None

    def __init__(self) -> None:
        self.adapters = _adapted()


def _adapted() -> AdaptersMap:
    """As psycopg does it, but each whole number has one type, however small: one plan for a statement, not several."""
    adapters = AdaptersMap(psycopg.adapters)
    adapters.register_dumper(int, Int8Dumper)
    adapters.register_dumper(int, Int8BinaryDumper)
    return adapters


class StoreTooNewError(StoreError):
    """The tables were made by a newer program; this one must not touch them."""


def conninfo(url: str) -> str:
    """``url`` with what every connection of ours sets. Raises ``StoreError``, without the address, when it is none."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        raise StoreError("the store's address is not one of PostgreSQL: postgresql://user@host/database") from None
    options = f"{_BOUNDED} {given.pop('options', None) or ''} -c search_path={SCHEMA} {_ALIVE} {_LASTING}"
    ours: dict[str, Any] = {"connect_timeout": "5", "application_name": "newsbell", **_ALIVE_HERE}
    ours |= given | {"options": options}
    return make_conninfo(**ours)


def display_name(url: str) -> str:
    """How to speak of the database at ``url``: without user and password."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        return "PostgreSQL"
    port = f":{given['port']}" if given.get("port") else ""
    return f"PostgreSQL database {given.get('dbname') or 'of the user'} at {given.get('host') or 'localhost'}{port}"


def connect(url: str, **parameters: Any) -> Connection:
    """One connection of its own, with libpq's ``parameters``. Raises ``StoreError`` when there is none to be had."""
    with as_store_errors(display_name(url)):
        return psycopg.connect(conninfo(url), autocommit=True, context=_Adapted(), **parameters)


def open_pool(url: str) -> ConnectionPool[Connection]:
    """Connections to share; new ones are made, and broken ones replaced, when they are asked for."""
    return ConnectionPool(
        conninfo(url),
        min_size=1,
        max_size=MOST_CONNECTIONS,
        timeout=_PATIENCE,
        num_workers=1,
        reconnect_timeout=_PATIENCE,
        kwargs={"autocommit": True, "context": _Adapted()},
        open=True,
        name="newsbell",
    )


def version(db: Connection) -> int:
    """How many migrations the tables have behind them; 0 when there are none yet."""
    row = db.execute("SELECT to_regclass('facts') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return 0
    found = db.execute("SELECT value FROM facts WHERE name = 'version'").fetchone()
    return found[0] if found else 0


def refuse_newer(found: int, name: str, known: int = len(MIGRATIONS)) -> None:
    """Raise ``StoreTooNewError`` when the tables were made by a newer program."""
    if found > known:
        raise StoreTooNewError(
            f"{name}: was written by a newer Newsbell (tables of version {found}, this program knows {known}): "
            "upgrade this program too; until then it changes nothing"
        )


def migrate(url: str, migrations: Sequence[str] = MIGRATIONS) -> int:
    """Make the tables, or take them to the newest version, whole or not at all; returns the version they had.

    Several at once do it once. Raises ``StoreError`` when the tables are newer than this program, or the server is
    older than PostgreSQL 14.
    """
    name = display_name(url)
    with closing(connect(url)) as db, as_store_errors(name):
        if db.info.server_version < OLDEST_SERVER:
            raise StoreError(f"{name}: is PostgreSQL {db.info.server_version // 10_000}, but 14 or newer is needed")
        found = version(db)
        refuse_newer(found, name, len(migrations))
        if found == len(migrations):
            return found
        with db.transaction():
            db.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
            db.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            db.execute(FACTS)
            found = version(db)
            refuse_newer(found, name, len(migrations))
            for step in migrations[found:]:
                db.execute(step)
            db.execute(
                "INSERT INTO facts (name, value) VALUES ('version', %s) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (len(migrations),),
            )
        return found
