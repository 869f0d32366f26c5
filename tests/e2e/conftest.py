"""Whole runs: the real command against real servers on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import Desk, FeedHost, MailHost, feed_host, mail_host


@pytest.fixture
def feeds() -> Iterator[FeedHost]:
    with feed_host() as host:
        yield host


@pytest.fixture
def mail() -> Iterator[MailHost]:
    with mail_host() as host:
        yield host


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
