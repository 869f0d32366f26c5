"""What the daemon does at each look: one pass at a time, a watchdog that is fed only while all is well."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import daemon
from monitor.daemon import Daemon
from monitor.waiting import event_loop


class Job:
    """Work that does as it is told, and remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_due = False
        self.changed = False
        self.fault: Exception | None = None
        self.gate: asyncio.Event | None = None  # a pass waits for it

    def due(self) -> bool:
        self.asked.append("due")
        if isinstance(self.fault, LookupError):
            raise self.fault
        return self.is_due

    async def run_pass(self) -> object:
        self.asked.append("pass")
        if self.gate is not None:
            await self.gate.wait()
        return self._ended("passed")

    async def upkeep(self) -> object:
        return self._ended("upkeep")

    def config_changed(self) -> bool:
        return self.changed

    def reload(self) -> None:
        self._ended("reload")

    def _ended(self, what: str) -> None:
        if self.fault is not None:
            raise self.fault
        self.asked.append(what)


class Manager:
    """What the service manager is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self, state: str) -> None:
        self.told.append(state)


@pytest.fixture
def job() -> Job:
    return Job()


@pytest.fixture
def manager() -> Manager:
    return Manager()


@pytest.fixture
def watching(job: Job, manager: Manager) -> Daemon:
    return Daemon(job, manager, lambda: 12.5)


async def settle() -> None:
    """Let whatever can go on go on."""
    for _ in range(5):
        await event_loop()


async def look(watching: Daemon, times: int = 1) -> None:
    for _ in range(times):
        await watching._look()
        await settle()


async def test_with_nothing_due_each_look_feeds_the_watchdog(job: Job, manager: Manager, watching: Daemon) -> None:
    await look(watching, 3)
    assert (job.asked, manager.told) == (["due"] * 3, ["WATCHDOG=1"] * 3)


async def test_what_is_due_is_done_and_the_next_look_feeds_the_watchdog(
    job: Job, manager: Manager, watching: Daemon
) -> None:
    job.is_due = True
    await look(watching)
    job.is_due = False
    await look(watching)
    assert (job.asked, manager.told) == (["due", "pass", "passed", "due"], ["WATCHDOG=1"])


async def test_while_a_pass_is_under_way_no_other_begins_and_nothing_is_asked(
    job: Job, manager: Manager, watching: Daemon
) -> None:
    """A pass that hangs lets the watchdog bite: it is fed by nobody else."""
    job.is_due, job.gate = True, asyncio.Event()
    await look(watching, 4)
    assert (job.asked, manager.told) == (["due", "pass"], [])
    job.gate.set()
    await settle()
    job.is_due = False
    await look(watching)
    assert manager.told == ["WATCHDOG=1"]


async def test_after_a_pass_that_failed_the_watchdog_waits_for_one_that_does_not(
    job: Job, manager: Manager, watching: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    job.is_due, job.fault = True, RuntimeError("the disk is full")
    await look(watching)
    job.is_due = False
    await look(watching, 2)
    assert manager.told == []
    assert "the pass failed; the next one tries again" in caplog.text
    assert "the disk is full" in caplog.text
    job.is_due, job.fault = True, None
    await look(watching)
    job.is_due = False
    await look(watching)
    assert manager.told == ["WATCHDOG=1"]


async def test_when_what_is_due_cannot_be_told_the_next_look_asks_again(
    job: Job, manager: Manager, watching: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    job.fault = LookupError("locked")
    await look(watching)
    assert (job.asked, manager.told) == (["due"], [])
    assert "what is due cannot be told; the next look tries again" in caplog.text
    job.fault = None
    await look(watching)
    assert manager.told == ["WATCHDOG=1"]


@pytest.mark.parametrize("changed", [False, True])
async def test_a_changed_configuration_is_read_anew(
    job: Job, manager: Manager, watching: Daemon, changed: bool
) -> None:
    job.changed = changed
    await watching._look_at_config()
    assert job.asked == (["reload"] if changed else [])
    assert manager.told == (["RELOADING=1\nMONOTONIC_USEC=12500000", "READY=1"] if changed else [])


async def test_a_reload_that_fails_is_logged_and_the_service_is_ready_all_the_same(
    job: Job, manager: Manager, watching: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    job.changed, job.fault = True, RuntimeError("no such folder")
    await watching._look_at_config()
    assert manager.told[-1] == "READY=1"
    assert "the configuration could not be taken over" in caplog.text


@pytest.mark.parametrize("passes", [True, False])
async def test_upkeep_says_nothing_of_whether_passes_succeed(
    job: Job, manager: Manager, watching: Daemon, passes: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """That old entries could be forgotten is no sign of life, and that they could not no reason to restart."""
    job.is_due, job.fault = True, None if passes else RuntimeError("the disk is full")
    await look(watching)
    job.is_due, job.fault = False, RuntimeError("locked") if passes else None
    await watching._upkeep()
    await look(watching)
    assert manager.told == (["WATCHDOG=1"] if passes else [])
    assert ("the upkeep failed; the next one tries again" in caplog.text) is passes


def stopped_by(number: signal.Signals) -> Callable[[Daemon], None]:
    return lambda watching: os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    "stop",
    [Daemon.stop, stopped_by(signal.SIGTERM), stopped_by(signal.SIGINT)],
    ids=["told", "SIGTERM", "SIGINT"],
)
async def test_it_works_from_ready_to_stopping(
    job: Job, manager: Manager, watching: Daemon, stop: Callable[[Daemon], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "monitor.daemon")
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(watching.run())
    await settle()
    assert manager.told == ["READY=1"]
    stop(watching)
    async with asyncio.timeout(10):
        await running
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.remove_signal_handler(number)
    assert manager.told == ["READY=1", "STOPPING=1"]
    assert [record.getMessage() for record in caplog.records] == ["watching", "stopped"]


async def test_a_hangup_reloads(job: Job, manager: Manager, watching: Daemon) -> None:
    running = asyncio.create_task(watching.run())
    await settle()
    os.kill(os.getpid(), signal.SIGHUP)
    async with asyncio.timeout(10):
        while "reload" not in job.asked:
            await event_loop()
    watching.stop()
    await running
    assert manager.told[1:3] == ["RELOADING=1\nMONOTONIC_USEC=12500000", "READY=1"]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().remove_signal_handler(number)


@pytest.mark.parametrize("ends", [True, False])
async def test_a_pass_under_way_may_end_by_itself_and_is_cancelled_after_a_while(
    job: Job, watching: Daemon, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon, "DRAIN", daemon.LOOK / 100)
    job.is_due, job.gate = True, asyncio.Event()
    await look(watching)
    begun = watching._pass
    assert begun is not None
    if ends:
        job.gate.set()
    await watching._drain()
    assert (begun.done(), begun.cancelled()) == (True, not ends)
    assert ("passed" in job.asked) is ends


async def test_without_a_pass_there_is_nothing_to_wait_for(job: Job, watching: Daemon) -> None:
    await watching._drain()
    job.is_due = True
    await look(watching)
    await watching._drain()
    assert job.asked == ["due", "pass", "passed"]


async def test_how_often_it_looks(watching: Daemon) -> None:
    """A look that was missed, in a machine that slept, is made once and late; none is begun beside another."""
    scheduler = watching._scheduler()
    scheduler.start(paused=True)
    try:
        jobs = {job.id: job for job in scheduler.get_jobs()}
        every = {name: job.trigger.interval for name, job in jobs.items()}
        assert every == {
            "_look": timedelta(seconds=1),
            "_upkeep": timedelta(hours=1),
            "_look_at_config": timedelta(seconds=10),
        }
        assert {(job.misfire_grace_time, job.coalesce, job.max_instances) for job in jobs.values()} == {(None, True, 1)}
    finally:
        scheduler.shutdown(wait=False)


def test_a_pass_may_end_by_itself_before_the_service_manager_loses_patience() -> None:
    unit = (Path(__file__).parents[2] / "deploy" / "systemd" / "newsbell.service").read_text(encoding="utf-8")
    [patience] = re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
    assert timedelta(seconds=1) < daemon.DRAIN < timedelta(seconds=10) < timedelta(seconds=int(patience))
