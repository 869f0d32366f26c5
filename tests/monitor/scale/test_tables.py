"""Procrastinate's tables: made once, brought up to date, never touched when they are newer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from monitor.scale.tables import STATE, migrations, prepare
from monitor.store.postgres.server import StoreTooNewError, conninfo, migrate
from tests.servers.postgres import database

_CATALOG = {
    "columns": "SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns "
    "WHERE table_schema = 'newsbell' AND table_name LIKE 'procrastinate%'",
    "functions": "SELECT proname, pg_get_function_identity_arguments(oid) FROM pg_proc "
    "WHERE proname LIKE 'procrastinate%'",
    "triggers": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'procrastinate%'",
    "values": "SELECT enumtypid::regtype::text, enumlabel FROM pg_enum",
    "indexes": "SELECT indexname FROM pg_indexes WHERE schemaname = 'newsbell' AND tablename LIKE 'procrastinate%'",
}
_OLD = 3_03_00_01  # the state of Procrastinate 3.3


def catalog(url: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(conninfo(url)) as db:
        return {what: sorted(db.execute(query).fetchall(), key=repr) for what, query in _CATALOG.items()}


def state(url: str) -> int:
    with psycopg.connect(conninfo(url)) as db:
        row = db.execute(STATE).fetchone()
    assert row is not None
    number: int = row[0]
    return number


@pytest.fixture
def store(url: str) -> str:
    """A database with the store's tables alone."""
    migrate(url)
    return url


@pytest.fixture
def old(postgres: str) -> Iterator[str]:
    """A database whose tables of jobs an older Procrastinate has made."""
    with database(postgres, f"newsbell_old_{os.getpid()}") as address:
        migrate(address)
        with psycopg.connect(conninfo(address), autocommit=True) as db:
            for number, path in migrations().items():
                if number <= _OLD:
                    db.execute(path.read_bytes())
            db.execute("INSERT INTO facts (name, value) VALUES ('procrastinate', %s)", (_OLD,))
        yield address


def test_tables_are_made_once(store: str) -> None:
    assert (prepare(store), prepare(store)) == (0, 0)
    assert state(store) == max(migrations())


def test_older_tables_become_what_is_made_today(store: str, old: str) -> None:
    prepare(store)
    assert catalog(old) != catalog(store)

    assert prepare(old) == sum(number > _OLD for number in migrations())
    assert (catalog(old), state(old)) == (catalog(store), state(store))


def test_a_migration_of_a_release_to_come_is_done_once(store: str, tmp_path: Path) -> None:
    prepare(store)
    for path in migrations().values():
        shutil.copy(path, tmp_path)
    (tmp_path / "99.00.00_01_pre_marvel.sql").write_text("CREATE TABLE procrastinate_marvels (n INT);")

    assert (prepare(store, tmp_path), prepare(store, tmp_path)) == (1, 0)
    with pytest.raises(StoreTooNewError, match="newer Procrastinate"):
        prepare(store)


def test_tables_of_unknown_state_are_those_of_the_oldest_release_that_was_used(store: str) -> None:
    prepare(store)
    with psycopg.connect(conninfo(store), autocommit=True) as db:
        db.execute("DELETE FROM facts WHERE name = 'procrastinate'")

    assert prepare(store) == sum(number > 3_04_00_50 for number in migrations())
