"""The contract on the fake and on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.ports import Store
from monitor.store.memory import MemoryStore
from monitor.store.sqlite import SqliteStore
from tests.monitor.store.contract import StoreContract
from tests.monitor.store.samples import NOW


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = SqliteStore(tmp_path / "newsbell.db", NOW, alone=True)
        yield store
        store.close()
