"""The store's contract on a real PostgreSQL."""

from __future__ import annotations

import pytest

from monitor.ports import Store
from monitor.store.postgres.store import PostgresStore
from tests.monitor.store.contract import StoreContract


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def store(self, _shared: PostgresStore, url: str) -> Store:
        return _shared
