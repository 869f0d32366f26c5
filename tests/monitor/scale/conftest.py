"""A database for the workers of a test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.servers.postgres import any_server, database


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server where databases may be made."""
    with any_server() as url:
        yield url


@pytest.fixture
def url(postgres: str) -> Iterator[str]:
    """The address of a database without tables."""
    with database(postgres, f"newsbell_scale_{os.getpid()}") as address:
        yield address
