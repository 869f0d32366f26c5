"""What the jobs of a worker do: each is short, may be done twice, and finds all it needs in the store."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.app import Application
from monitor.app.service import Service
from monitor.config.settings import Settings
from monitor.cycle.digests import close_due_window
from monitor.cycle.notices import note_profiles, send_notices
from monitor.cycle.poll import Poller
from monitor.cycle.run import deliver_due
from monitor.errors import NewsbellError
from monitor.scale.ledger import Ledger
from monitor.scale.plan import due_profiles, due_shards
from monitor.store.postgres.grip import Grip
from monitor.store.postgres.store import SHARDS, PostgresStore

log = logging.getLogger(__name__)

REPORT_EVERY = timedelta(seconds=30)
# What is left of a shard after it is planned again, behind what has waited meanwhile.
POLL_FOR = timedelta(seconds=20)


class Crew:
    """The jobs of one worker over ``store``, which is the application's own.

    ``shards``: into how many the hosts are divided; the same for all workers.
    """

    def __init__(
        self, application: Application, store: PostgresStore, read: Callable[[], Settings], *, shards: int
    ) -> None:
        self.application = application
        self.store = store
        self.shards = shards
        self._service = Service(application, read)
        self._generation = 0  # of the configuration
        self._busy: Counter[int] = Counter()  # jobs under way, by the generation in which they began
        self._outlived: list[tuple[int, Callable[[], Coroutine[Any, Any, None]]]] = []
        self._done = self._ledger()
        self._reports = True  # the first poll at once: whoever asks whether all is well need not wait for more

    # jobs -----------------------------------------------------------------------------------------
    async def poll_shard(self, index: int, count: int) -> int:
        """Poll what is due of a shard for 20 seconds; returns how many feeds. Nothing when another worker is at it.

        Whoever holds the shard is alone with its hosts, so what a killed worker had leased is free again. Raises
        ``LockLostError`` when the shard is lost on the way: then nobody is asked any more.
        """
        async with self._at_work():
            name = f"shard {index}/{count}"
            with self.store.hold(name) as grip:
                if grip is None:
                    return 0
                self.store.release_shard((index, count), self._now())
                poller = Poller(replace(self.application.tools, shard=(index, count), time_slice=POLL_FOR))
                try:
                    await grip.guard(poller.run(), name)
                finally:
                    self._done.polled(poller.totals)
        await self.report()
        return poller.totals.polled

    async def build_digest(self, profile: str) -> int:
        """Close the window of a profile that is due; returns how many digests it made."""
        async with self._at_work():
            tools, problems = self.application.tools, list[str]()
            made = sum(close_due_window(tools, watch, problems) for watch in tools.watches if watch.name == profile)
            self._done.told(made, problems)
            return made

    async def deliver(self) -> int:
        """Send what is due; returns how many messages went out."""
        async with self._at_work():
            report = await deliver_due(self.application.tools)
            self._done.delivered(report)
            return len(report.sent)

    async def retain(self) -> None:
        """Forget what has been kept long enough, and index new texts."""
        async with self._at_work():
            await self._service.upkeep()

    # planning -------------------------------------------------------------------------------------
    def due_shards(self) -> list[int]:
        """The shards with feeds to poll. Raises ``StoreTooNewError`` when a newer program has taken over."""
        self.store.check_version()
        return due_shards(self.store.due_slots(self._now()), self.shards)

    def due_profiles(self) -> dict[str, str]:
        """The profiles with something to close or to send, each with the window it stands at."""
        states, waiting = self.store.profile_states(), self.store.waiting_profiles()
        return due_profiles(self.application.watches, states, waiting, self._now())

    def deliveries_due(self) -> bool:
        """Whether messages wait to be sent."""
        return self.store.deliveries_due(self._now())

    # the configuration ------------------------------------------------------------------------------
    @contextmanager
    def agreed(self) -> Iterator[Grip]:
        """Divide hosts as all other workers do, until the end. Raises ``NewsbellError`` when they do it otherwise."""
        with self.store.agree(SHARDS, self.shards) as agreed:
            if agreed.value != self.shards:
                raise NewsbellError(
                    f"the workers that run divide hosts into {agreed.value} shards, this one was to make "
                    f"{self.shards}: start it with --shards {agreed.value}, or stop the others first"
                )
            yield agreed.grip

    def sync(self) -> None:
        """Make the stored feeds equal to the configured ones."""
        self.store.sync_feeds(self.application.settings.feeds, self._now())

    async def follow_config(self) -> bool:
        """Take over a changed configuration; whether there was one. Jobs under way go on, from now on by the new one.

        It is read in a thread of its own: with many feeds that takes longer than a worker may give no sign of life.
        """
        if self._service.clock_was_set_back():
            await asyncio.to_thread(self.sync)
        if not self._service.config_changed():
            return False
        settings = await asyncio.to_thread(self._service.read_anew)
        if settings is not None:
            self._service.take_over(settings)
            self._outlived.append((self._generation, self.application.let_go()))
            self._generation += 1
            await self._end_outlived()
            await asyncio.to_thread(self.sync)
        return True

    async def aclose(self) -> None:
        """End connections and workers, once no job uses them any more."""
        self._busy.clear()
        await self._end_outlived()
        await self.application.aclose()

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        self.store.check_version()  # since the job was planned, perhaps by a newer program
        began = self._generation
        self._busy[began] += 1
        try:
            yield
        finally:
            self._busy[began] -= 1
            await self._end_outlived()

    async def _end_outlived(self) -> None:
        """End connections and workers of earlier configurations that no job under way can still be using."""
        oldest = min((generation for generation, jobs in self._busy.items() if jobs > 0), default=self._generation)
        over = [end for generation, end in self._outlived if generation < oldest]
        self._outlived = [each for each in self._outlived if each[0] >= oldest]
        for end in over:
            await end()

    # the report -----------------------------------------------------------------------------------
    async def report(self, *, last: bool = False) -> None:
        """Save what was done since the last report, when there is any: at first, every 30 seconds, and at the end."""
        done, now = self._done, self._now()
        if not done or not (last or self._reports or now - done.since >= REPORT_EVERY):
            return
        report = done.report(now, self.application.clock.cpu(), self.store.last_report())
        self.store.save_report(report)
        self._reports, self._done = False, self._ledger()
        async with self._at_work():
            note_profiles(self.application.tools, done.polls)
            send_notices(self.application.tools)  # the next plan delivers them
            await self.application.announce(report)

    def _ledger(self) -> Ledger:
        return Ledger(self._now(), self.application.clock.cpu())

    def _now(self) -> datetime:
        return self.application.clock.now()
