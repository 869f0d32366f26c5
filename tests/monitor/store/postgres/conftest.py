"""One server and one database for the session; each test finds the tables empty."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest

from monitor.store.postgres.server import migrate
from monitor.store.postgres.store import PostgresStore
from tests.servers.postgres import any_server, database

# The few rows of a test are gone sooner by DELETE than by TRUNCATE, which makes new files.
_EMPTY = "; ".join(
    f"DELETE FROM {table}"
    for table in "matches words unindexed seen entries feeds profiles labels outbox reports notices".split()
)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server where databases may be made."""
    with any_server() as url:
        yield url


@pytest.fixture(scope="session")
def _tables(postgres: str) -> Iterator[str]:
    with database(postgres, f"newsbell_test_{os.getpid()}") as url:
        migrate(url)
        yield url


@pytest.fixture(scope="session")
def _shared(_tables: str) -> Iterator[PostgresStore]:
    store = PostgresStore(_tables)
    yield store
    store.close()


@pytest.fixture
def store(_shared: PostgresStore, url: str) -> PostgresStore:
    """A store whose tables are empty."""
    return _shared


@pytest.fixture
def url(_tables: str) -> str:
    """The address of a database whose tables are empty."""
    with psycopg.connect(_tables, autocommit=True, options="-c search_path=newsbell") as connection:
        connection.execute(f"{_EMPTY}; DELETE FROM facts WHERE name <> 'version'")
    return _tables
