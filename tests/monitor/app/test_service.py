"""When the daemon's work is due."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.app import Application
from monitor.app.service import Service, notifier
from monitor.clock import FixedClock
from monitor.config import load_settings
from monitor.config.settings import Settings
from monitor.cycle.tools import Watch
from monitor.digest import Layout
from monitor.errors import StoreInUseError
from monitor.model import FeedState, PollOutcome, ProfileState
from monitor.schedule import DigestClock
from monitor.store.memory import MemoryStore
from monitor.waiting import event_loop

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


# with a store in memory -------------------------------------------------------------------------------


class Watched(MemoryStore):
    """A store that has ``piles`` of old rows left, and notes what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.piles = 0
        self.unread = 0
        self.purged: list[tuple[datetime, datetime]] = []
        self.states_read = 0

    def purge(self, *, entries_before: datetime, seen_before: datetime, limit: int = 5_000) -> int:
        self.purged.append((entries_before, seen_before))
        self.piles -= 1
        return max(0, self.piles + 1)

    def index_text(self, *, limit: int = 1_000) -> int:
        self.unread -= 1
        return max(0, self.unread + 1)

    def profile_state(self, profile: str) -> ProfileState:
        self.states_read += 1
        return super().profile_state(profile)


@pytest.fixture
def store(application: Application) -> Watched:
    """In place of the application's own."""
    application.clock = FixedClock(NOW)  # type: ignore[assignment] # the one that stands
    store = Watched()
    store.sync_feeds(application.settings.feeds, NOW)
    application.store = store
    return store


def clock_of(application: Application) -> FixedClock:
    clock: object = application.clock
    assert isinstance(clock, FixedClock)
    return clock


def polled(store: MemoryStore, again: datetime | None) -> None:
    """The only feed has been polled, and is due again at this moment."""
    [feed] = store.claim_due(NOW, limit=1, lease=timedelta(hours=1))
    store.record([PollOutcome(replace(feed, state=FeedState.OK, next_poll=again))])


def serving(application: Application, read: Callable[[], Settings] | None = None) -> Service:
    """A service that has done its first pass."""
    service = Service(application, read or (lambda: application.settings))
    service._fresh = False
    return service


def test_a_service_that_has_just_started_or_has_new_settings_has_something_to_do(
    application: Application, store: Watched
) -> None:
    """Whatever is due: what was removed from the configuration must rest at once."""
    polled(store, None)
    service = Service(application, lambda: application.settings)
    assert service.due()
    service._fresh = False
    assert not service.due()
    service.take_over(application.settings)
    assert service.due()


@pytest.mark.parametrize(("seconds", "due"), [(59, False), (60, True), (61, True)])
def test_a_feed_is_due_at_its_moment(application: Application, store: Watched, seconds: int, due: bool) -> None:
    polled(store, NOW + timedelta(minutes=1))
    service = serving(application)
    assert not service.due()
    clock_of(application).advance(timedelta(seconds=seconds))
    assert service.due() is due


def test_digests_are_looked_for_every_quarter_of_a_minute(
    application: Application, store: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Feeds at every look; for the digests of two hundred profiles that would be too much."""
    polled(store, None)
    layout = Layout("pair", "Pair", "UTC", 1.0, lambda text: (), lambda text: ())
    application.watches = (Watch(layout, DigestClock("5 12 * * *"), ()),)
    store.close_window(ProfileState("pair", NOW - timedelta(hours=1)), (), "", (), NOW)
    service, looks = serving(application), []
    for second in range(0, 301, 5):
        found = service.due()
        looks += [second] if store.states_read else []
        store.states_read = 0
        assert found is (second == 300)
        clock_of(application).advance(timedelta(seconds=5))
    assert looks == list(range(0, 301, 15))


async def test_a_store_that_others_work_on_is_left_to_them_for_a_minute(
    application: Application, store: Watched, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def in_use(**options: object) -> None:
        raise StoreInUseError("workers are at it")

    monkeypatch.setattr(application, "run_pass", in_use)
    service = serving(application)
    assert service.due()
    assert await service.run_pass() is None
    assert "nothing is done here: workers are at it" in caplog.text
    clock_of(application).advance(timedelta(seconds=59))
    assert not service.due()
    clock_of(application).advance(timedelta(seconds=1))
    assert service.due()


async def test_a_backlog_is_asked_for_by_every_pass_and_what_was_built_before_is_let_go(
    application: Application, store: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    async def once(**options: object) -> None:
        asked.append(options)

    async def let_go() -> None:
        asked.append("closed")

    monkeypatch.setattr(application, "run_pass", once)
    monkeypatch.setattr(application, "aclose", let_go)
    service = Service(application, lambda: application.settings, backlog=7)
    await service.run_pass()
    await service.run_pass()
    service.take_over(application.settings)
    await service.run_pass()
    assert asked == ["closed", {"backlog": 7}, {"backlog": 7}, "closed", {"backlog": 7}]


async def test_upkeep_goes_on_in_steps_until_nothing_is_left(application: Application, store: Watched) -> None:
    store.piles, store.unread = 3, 2
    await serving(application).upkeep()
    retention = application.config.retention
    assert store.purged == [(NOW - retention.entries, NOW - retention.seen)] * 4
    assert (store.piles, store.unread) == (-1, -1)


async def test_between_two_steps_of_the_upkeep_whatever_else_runs_gets_its_turn(
    application: Application, store: Watched
) -> None:
    """A pass that has begun, and the page of the metrics, wait for one step and not for a million rows."""
    store.piles, store.unread, seen = 3, 2, []

    async def others() -> None:
        while store.unread >= 0:
            seen.append((len(store.purged), store.unread))
            await event_loop()

    await asyncio.gather(others(), serving(application).upkeep())
    assert [done for done, _ in seen[:4]] == [0, 1, 2, 3]
    assert {unread for _, unread in seen} == {2, 1, 0}


@pytest.mark.parametrize(
    ("minutes", "seen"), [(-61, True), (-1.01, True), (-1, False), (-0.5, False), (0, False), (5, False)]
)
def test_a_clock_that_was_set_back_is_seen_once(
    application: Application, store: Watched, minutes: float, seen: bool, caplog: pytest.LogCaptureFixture
) -> None:
    service = serving(application)
    clock_of(application).advance(timedelta(minutes=minutes))
    assert service.clock_was_set_back() is seen
    assert not service.clock_was_set_back()
    assert ("the clock was set back" in caplog.text) is seen


# the configuration ------------------------------------------------------------------------------------


def rewrite(application: Application, text: str, number: int) -> None:
    """Another configuration, of another age."""
    application.settings.path.write_text(text, encoding="utf-8")
    os.utime(application.settings.path, ns=(number, number))


def test_a_changed_configuration_is_taken_over_and_a_broken_one_is_named_once(
    application: Application, store: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "monitor.app.service")
    path = application.settings.path
    service = serving(application, lambda: load_settings(path, {}, state_dir=str(path.parent)))
    assert not service.config_changed()

    rewrite(application, CONFIG.replace("feeds:", "feds:"), 1)
    assert service.config_changed()
    before = application.settings
    service.reload()
    assert application.settings is before
    assert "the configuration is broken, the last good one stays in force:\n" in caplog.text
    assert "feds: unknown key" in caplog.text
    assert not service.config_changed()

    rewrite(application, CONFIG + "fetch_more: 1\n", 2)
    assert service.config_changed()
    rewrite(application, CONFIG.replace("/feed", "/other"), 3)
    assert service.config_changed()
    service.reload()
    assert [feed.url for feed in application.settings.feeds] == ["http://127.0.0.1:9/other"]
    assert caplog.records[-1].getMessage() == "the configuration was read anew: 1 feed, 0 profiles"
    assert not service.config_changed()


def test_a_configuration_that_is_mended_to_what_it_was_is_no_change(application: Application, store: Watched) -> None:
    os.utime(application.settings.path, ns=(5, 5))
    path = application.settings.path
    application.settings = load_settings(path, {}, state_dir=str(path.parent))
    service = serving(application, lambda: load_settings(path, {}, state_dir=str(path.parent)))
    rewrite(application, "feeds: [", 1)
    service.reload()
    rewrite(application, CONFIG, 5)
    assert not service.config_changed()


@pytest.mark.parametrize("address", [None, ""])
def test_without_a_service_manager_nobody_is_told(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    notifier()("READY=1")
