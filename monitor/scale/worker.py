"""A worker: does jobs until it is told to stop, through breakdowns of the database and changes of the configuration."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress

import psycopg
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout

from monitor.errors import StoreError, StoreInUseError
from monitor.ports import Store
from monitor.scale.crew import Crew
from monitor.scale.jobs import HEARTBEAT, LOOK, STALLED_AFTER, build_app
from monitor.scale.tables import STATE, prepare, refuse_newer
from monitor.store.postgres.server import StoreTooNewError, conninfo, display_name

log = logging.getLogger(__name__)

CONFIG_CHANNEL = "newsbell_config"  # NOTIFY: a worker has seen a changed configuration
_PAUSE = 2.0  # seconds between attempts to reach a database that is away
_LOOK = 10.0  # seconds between looks around
_DRAIN = 8.0  # what running jobs get to end by themselves
_AWAY = (ConnectorException, StoreError, psycopg.Error, PoolTimeout, OSError)


async def when_there(open_store: Callable[[], Store], pause: float = _PAUSE) -> Store:
    """The store, as soon as its database can be reached: tried every ``pause`` seconds. Raises ``StoreTooNewError``."""
    while True:
        try:
            return open_store()
        except StoreTooNewError:
            raise
        except StoreError as error:
            log.warning("waiting for the database: %s", error)
        await asyncio.sleep(pause)


class Worker:
    """Works for ``crew`` on the jobs in the database at ``url``, ``jobs`` at a time."""

    def __init__(self, url: str, crew: Crew, *, jobs: int, notify: Callable[[str], None]) -> None:
        self._url = url
        self._crew = crew
        self._jobs = jobs
        self._notify = notify
        self._stop = asyncio.Event()
        self._at_work = False
        self._refusal: StoreTooNewError | None = None

    async def run(self) -> None:
        """Work until SIGTERM, SIGINT or ``stop``.

        Raises ``StoreTooNewError`` when a newer program has taken over, ``NewsbellError`` when the other workers divide
        hosts otherwise.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        follower = asyncio.create_task(self._look_around())
        try:
            while not self._stop.is_set():
                await self._shift()
        finally:
            follower.cancel()
            await asyncio.wait({follower})
            await self._report_at_last()
            await self._crew.aclose()
            log.info("stopped")
        if self._refusal is not None:
            raise self._refusal

    @property
    def at_work(self) -> bool:
        """Whether it takes jobs now: it does not while it waits for the database or ends."""
        return self._at_work and not self._stop.is_set()

    def stop(self) -> None:
        """Ask the worker to end, as SIGTERM does."""
        self._stop.set()

    async def _shift(self) -> None:
        """Work until told to stop or until the database goes away; in that case wait a little."""
        try:
            prepare(self._url)
            await asyncio.to_thread(self._crew.sync)
            app = build_app(self._url, self._crew, self._refuse)
            with self._crew.agreed() as grip:
                async with app.open_async():
                    self._notify("READY=1")
                    log.info("working")
                    await grip.guard(self._work(app), "the number of shards")
        except StoreTooNewError as newer:
            self._refuse(newer)
        except StoreInUseError as used:
            log.warning("this worker waits: %s", used)
        except _AWAY as error:
            log.warning("the database is away, work goes on when it is back: %s", error)
        if not self._stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _PAUSE)

    async def _work(self, app: App) -> None:
        working = asyncio.create_task(
            app.run_worker_async(
                concurrency=self._jobs,
                delete_jobs="always",
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED_AFTER,
                fetch_job_polling_interval=LOOK,
                shutdown_graceful_timeout=_DRAIN,
                install_signal_handlers=False,
            )
        )
        stopping = asyncio.create_task(self._stop.wait())
        self._at_work = True
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._at_work = False
            stopping.cancel()
            working.cancel()
            await asyncio.wait({working})
        if not working.cancelled() and (failure := working.exception()):
            raise failure

    async def _look_around(self) -> None:
        """See to what no job does for every worker: newer tables, its own report, a changed configuration."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(conninfo(self._url), autocommit=True) as connection:
                    await self._listen(connection)
            except StoreTooNewError as newer:
                self._refuse(newer)
                return
            except _AWAY as error:
                log.debug("no look around: %s", error)
            except Exception:
                log.exception("a look around failed; the next one tries again")
            await asyncio.sleep(_PAUSE)

    async def _listen(self, connection: psycopg.AsyncConnection) -> None:
        """Look now and then, and as soon as another worker speaks of a changed configuration."""
        await connection.execute(f"LISTEN {CONFIG_CHANNEL}")
        while True:
            async for _ in connection.notifies(timeout=_LOOK, stop_after=1):
                log.debug("another worker has seen a changed configuration")
            self._crew.store.check_version()
            if jobs := await (await connection.execute(STATE)).fetchone():
                refuse_newer(jobs[0], display_name(self._url))
            await self._crew.report()
            if await self._crew.follow_config():
                await connection.execute(f"NOTIFY {CONFIG_CHANNEL}")

    async def _report_at_last(self) -> None:
        if self._refusal is not None:
            return
        try:
            await self._crew.report(last=True)
        except _AWAY as error:
            log.warning("what was done at last could not be counted: %s", error)

    def _refuse(self, newer: StoreTooNewError) -> None:
        self._refusal = newer
        self.stop()
