"""The daemon: wakes the pass when something is due, and nothing more.

All times live in the store, so a missed wake-up, a restart or a changed clock costs nothing: the next look finds what
is due. APScheduler holds a handful of jobs, never one for each feed.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from datetime import UTC, timedelta
from typing import Any, Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.clock import SystemClock

log = logging.getLogger(__name__)

LOOK = timedelta(seconds=1)  # how often the daemon looks whether anything is due: one indexed query
UPKEEP = timedelta(hours=1)
CONFIG_LOOK = timedelta(seconds=10)
DRAIN = timedelta(seconds=8)  # what a running pass gets to end by itself; a container is killed after 10 s


class Work(Protocol):
    """What the daemon drives; the application is one."""

    def due(self) -> bool:
        """Whether a pass would find something to do."""
        ...

    async def run_pass(self) -> object:
        """One pass."""
        ...

    async def upkeep(self) -> object:
        """Retention and the like."""
        ...

    def config_changed(self) -> bool:
        """Whether a configuration file has changed since it was read."""
        ...

    def reload(self) -> None:
        """Read the configuration anew; a broken one leaves everything as it is and says so."""
        ...


class Daemon:
    """Runs ``work`` until SIGTERM or SIGINT; SIGHUP reloads. ``notify`` tells the service manager (sd_notify(3))."""

    def __init__(self, work: Work, notify: Callable[[str], None], monotonic: Callable[[], float] | None = None) -> None:
        self._work = work
        self._notify = notify
        self._monotonic = monotonic or SystemClock().monotonic
        self._stop = asyncio.Event()
        self._pass: asyncio.Task[None] | None = None
        self._healthy = True

    async def run(self) -> None:
        """Work until told to stop; a running pass is given 8 s to end, then it is cancelled: nothing is lost."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        scheduler = self._scheduler()
        scheduler.start()
        self._notify("READY=1")
        log.info("watching")
        try:
            await self._stop.wait()
        finally:
            self._notify("STOPPING=1")
            scheduler.shutdown(wait=False)
            await self._drain()
            log.info("stopped")

    def stop(self) -> None:
        """Ask the daemon to end, as SIGTERM does."""
        self._stop.set()

    def _scheduler(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for job, every in ((self._look, LOOK), (self._upkeep, UPKEEP), (self._look_at_config, CONFIG_LOOK)):
            scheduler.add_job(job, "interval", seconds=every.total_seconds(), id=job.__name__)
        return scheduler

    async def _look(self) -> None:
        if self._pass is not None and not self._pass.done():
            return
        try:
            due = self._work.due()
        except Exception:
            log.exception("what is due cannot be told; the next look tries again")
            return
        if due:
            self._pass = asyncio.create_task(self._run_pass())
        elif self._healthy:
            self._notify("WATCHDOG=1")

    async def _run_pass(self) -> None:
        """One pass; the watchdog is fed only while passes succeed."""
        self._healthy = await self._succeeds("pass", self._work.run_pass())

    async def _upkeep(self) -> None:
        await self._succeeds("upkeep", self._work.upkeep())

    async def _look_at_config(self) -> None:
        if self._work.config_changed():
            self._reload()

    def _reload(self) -> None:
        self._notify(f"RELOADING=1\nMONOTONIC_USEC={int(self._monotonic() * 1_000_000)}")
        try:
            self._work.reload()
        except Exception:
            log.exception("the configuration could not be taken over")
        self._notify("READY=1")

    async def _succeeds(self, what: str, work: Coroutine[Any, Any, object]) -> bool:
        try:
            await work
        except Exception:
            log.exception("the %s failed; the next one tries again", what)
            return False
        return True

    async def _drain(self) -> None:
        if self._pass is None or self._pass.done():
            return
        _, unfinished = await asyncio.wait({self._pass}, timeout=DRAIN.total_seconds())
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
