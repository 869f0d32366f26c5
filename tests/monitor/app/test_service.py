"""When the daemon's work is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.app import Application
from monitor.app.service import Service
from monitor.clock import FixedClock
from monitor.config import load_settings

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
CONFIG = """
contact: desk@example.org
fetch: {allow_addresses: ["127.0.0.1:9"]}
feeds: [{url: "http://127.0.0.1:9/feed"}]
"""


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    path = tmp_path / "newsbell.yaml"
    path.write_text(CONFIG)
    built = Application(load_settings(path, {}, state_dir=str(tmp_path)), alone=True, service=True)
    yield built
    built.close()


async def test_a_clock_that_is_set_back_is_seen_at_once(application: Application) -> None:
    """Otherwise the daemon would sleep until what it planned under the clock that was ahead."""
    clock = FixedClock(NOW + timedelta(days=30))
    application.clock = clock  # type: ignore[assignment] # the one that stands
    service = Service(application, lambda: application.settings)
    await service.run_pass()
    assert not service.due()

    clock.advance(timedelta(days=-30))

    assert service.due()
    await service.run_pass()
    (feed,) = application.store.feeds()
    assert feed.last_poll == NOW
    assert not service.due()
    await service.aclose()


async def test_a_clock_that_is_corrected_a_little_changes_nothing(application: Application) -> None:
    clock = FixedClock(NOW)
    application.clock = clock  # type: ignore[assignment] # the one that stands
    service = Service(application, lambda: application.settings)
    await service.run_pass()

    clock.advance(timedelta(seconds=-30))

    assert not service.due()
    await service.aclose()
