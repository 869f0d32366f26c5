"""The program put together, and what commands do with it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor import __version__
from monitor.app.ondemand import on_demand
from monitor.clock import SystemClock
from monitor.config.settings import Settings
from monitor.errors import StoreInUseError

if TYPE_CHECKING:
    from alerts.deliver import DeliverReport
    from alerts.ports import Channel
    from alerts.render import Renderer
    from monitor.config.model import Config
    from monitor.cycle.tools import PassResult, Progress, Tools, Watch
    from monitor.fetch.client import HttpFetcher
    from monitor.fetch.discover import FeedLink
    from monitor.fetch.post import GuardedPoster
    from monitor.model import FeedRecord, PassReport
    from monitor.parse.pool import ProcessParser
    from monitor.ports import Store
    from monitor.profiles import Matcher, Profile
    from monitor.store.postgres.store import PostgresStore

log = logging.getLogger(__name__)

_NO_CONTACT = "no contact given"


class Application:
    """The program put together from ``settings``. Every part is built when it is first used.

    ``alone``: the caller holds the state folder's lock, so whatever a killed program left behind may be taken over.
    ``service``: passes follow each other by themselves, not by cron.
    """

    def __init__(
        self, settings: Settings, *, progress: Progress | None = None, alone: bool = False, service: bool = False
    ) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self._progress = progress
        self._alone = alone
        self._service = service

    # parts --------------------------------------------------------------------------------------
    @property
    def config(self) -> Config:
        """The configuration file's content."""
        return self.settings.config

    @cached_property
    def store(self) -> Store:
        """What Newsbell remembers. Raises ``StoreError`` when it cannot be opened."""
        from monitor.app.stores import open_store

        return open_store(self.settings, self.clock.now(), alone=self._alone)

    @property
    def database(self) -> PostgresStore:
        """The same, where it is a database."""
        from monitor.store.postgres.store import PostgresStore

        assert isinstance(self.store, PostgresStore)
        return self.store

    @cached_property
    def fetcher(self) -> HttpFetcher:
        """The door to the network."""
        from monitor.fetch.client import HttpFetcher

        fetch = self.config.fetch
        return HttpFetcher(
            self.config.contact or _NO_CONTACT,
            __version__,
            timeout=fetch.timeout,
            max_bytes=fetch.max_bytes,
            concurrency=fetch.concurrency,
            per_host=fetch.per_host,
            allow=fetch.allow_addresses,
            now=self.clock.now,
        )

    @cached_property
    def poster(self) -> GuardedPoster:
        """The same door, for webhooks."""
        from monitor.fetch.post import GuardedPoster

        return GuardedPoster(self.config.contact or _NO_CONTACT, __version__, allow=self.config.fetch.allow_addresses)

    @cached_property
    def parser(self) -> ProcessParser:
        """Parsing out of reach."""
        from monitor.parse.pool import ProcessParser

        return ProcessParser()

    @cached_property
    def profiles(self) -> Sequence[Profile]:
        """The watch profiles, in the order of their files."""
        return [loaded.profile for loaded in self.settings.profiles]

    @cached_property
    def matcher(self) -> Matcher:
        """All profiles as one."""
        from monitor.profiles import Matcher

        return Matcher(self.profiles)

    @cached_property
    def renderer(self) -> Renderer:
        """The templates."""
        from alerts.apart import renderer

        return renderer(self.settings.templates)

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """The ways out, by name. Raises ``ConfigError`` when one cannot work as it is configured."""
        from monitor.app.channels import build_channels

        return build_channels(self.settings, on_demand(lambda: self.renderer), on_demand(lambda: self.poster))

    @cached_property
    def watches(self) -> tuple[Watch, ...]:
        """The profiles as a pass needs them."""
        from monitor.app.watches import build_watch

        matcher = on_demand(lambda: self.matcher)
        return tuple(build_watch(profile, matcher) for profile in self.profiles)

    @cached_property
    def tools(self) -> Tools:
        """Everything a pass uses."""
        from monitor.app.watches import notice_plan, poll_policy
        from monitor.cycle.tools import Silent, Tools

        fetch = self.config.fetch
        return Tools(
            store=self.store,
            fetcher=on_demand(lambda: self.fetcher),
            parser=on_demand(lambda: self.parser),
            clock=self.clock,
            scorer=on_demand(lambda: self.matcher),
            policy=poll_policy(self.config, service=self._service),
            notices=notice_plan(self.config),
            feeds=self.settings.feeds,
            watches=self.watches,
            channels=self.channels,
            concurrency=fetch.concurrency,
            per_host=fetch.per_host,
            progress=self._progress or Silent(),
            cpu=self.clock.cpu,
        )

    # what a command does ---------------------------------------------------------------------------
    async def run_once(self, *, every: bool = False, backlog: int | None = None) -> PassResult:
        """One pass, its connections and workers ended with it."""
        try:
            return await self.run_pass(every=every, backlog=backlog)
        finally:
            await self.aclose()

    async def run_pass(self, *, every: bool = False, backlog: int | None = None) -> PassResult:
        """One pass, told to the monitor that the configuration names; ``aclose`` ends what it leaves open."""
        from monitor.cycle.run import run_pass

        try:
            result = await self._undisturbed(lambda: run_pass(self.tools, every=every, backlog=backlog))
        except StoreInUseError:
            raise
        except Exception:
            await self._ping(well=False)
            raise
        await self.announce(result.report)
        return result

    async def _undisturbed(self, work: Callable[[], Coroutine[Any, Any, PassResult]]) -> PassResult:
        """Do ``work`` while nobody else polls: the lock of the state folder sees to that, but not for a database."""
        if self.settings.database is None:
            return await work()
        from monitor.waiting import event_loop

        await event_loop()
        with self.database.alone() as grip:
            return await grip.guard(work(), "the store")

    def check_alone(self) -> None:
        """Raise ``StoreInUseError`` when workers, or a pass on another machine, work on the same database."""
        if self.settings.database is not None:
            with self.database.alone():
                """It could be had; each pass asks anew."""

    async def announce(self, report: PassReport) -> None:
        """Count a pass, write its metrics and tell the monitor that the configuration names how it went."""
        from monitor.app.metrics import publish

        publish(self, report)
        await self._ping(well=not report.dead and not self._reads_nothing(report))

    def _reads_nothing(self, report: PassReport) -> bool:
        """Whether every feed that was polled failed, and none of the others is well either."""
        if self.config.ping is None or report.polled > report.failed:
            return False
        from monitor.cycle.outage import nothing_works

        return nothing_works(self.store.tally())

    async def _ping(self, *, well: bool) -> None:
        if self.config.ping is not None:
            from monitor.app.ping import ping
            from monitor.waiting import event_loop

            await event_loop()
            await ping(
                self.config.ping, self.config.contact or _NO_CONTACT, self.config.fetch.allow_addresses, well=well
            )

    async def rehearse(self, *, every: bool = False, backlog: int | None = None) -> PassResult:
        """A pass on a copy of what is remembered, with nothing delivered: it shows what would be told."""
        import tempfile

        from monitor.app.stores import open_copy
        from monitor.cycle.run import run_pass

        with tempfile.TemporaryDirectory(prefix="newsbell-") as folder:
            store = open_copy(self.settings, Path(folder) / "newsbell.db", self.clock.now())
            self.store = store  # the real one is not even opened: a first rehearsal would make it
            watches = tuple(replace(watch, channels=()) for watch in self.watches)
            self.tools = replace(self.tools, store=store, watches=watches, channels={})
            try:
                return await run_pass(self.tools, every=every, backlog=backlog)
            finally:
                await self.aclose()
                store.close()

    async def send_now(self, watch: Watch, span: timedelta) -> tuple[DeliverReport, Sequence[str]]:
        """Deliver what ``watch`` found within ``span`` now, whatever its schedule says, and all that is due by then.

        The second part tells what could not be composed, one line each.
        """
        from monitor.cycle.digests import send_now
        from monitor.cycle.run import deliver_due

        try:
            problems = send_now(self.tools, watch, self.clock.now() - span)
            return await deliver_due(self.tools), problems
        finally:
            await self.aclose()

    def preview(self, watch: Watch, span: timedelta, form: str) -> bytes:
        """The digest of what ``watch`` found within ``span``, as ``text``, ``html``, ``json`` or ``eml``."""
        from monitor.cycle.digests import preview

        digest = preview(self.tools, watch, self.clock.now() - span)
        rest = f"newsbell digest {watch.name} --since {round(span.total_seconds())}s --format json"
        if form == "eml":
            from alerts.mail import Envelope, compose_mail, mail_address

            nobody = mail_address("Newsbell <newsbell@localhost>")
            text, html = self.renderer.mail(digest, rest)
            return compose_mail(digest, text, html, Envelope(nobody, nobody, "preview"))
        if form == "html":
            return self.renderer.html(digest, rest).encode()
        return (self.renderer.json(digest) if form == "json" else self.renderer.text(digest, rest)).encode()

    async def discover(self, url: str) -> Sequence[FeedLink]:
        """The feeds found at ``url``: itself, or those that its page names. Raises ``FetchError``."""
        from monitor.fetch.discover import discover

        try:
            return await discover(self.fetcher, url, self.parser)
        finally:
            await self.aclose()

    async def test_channel(self, name: str) -> tuple[str, ...]:
        """Send a marked test message through a channel, past the outbox; returns what went wrong, one line each."""
        from alerts.deliver import compose_all
        from alerts.errors import DeliveryError
        from alerts.sample import sample_digest

        problems = []
        channel, now = self.channels[name], self.clock.now()
        try:
            for message in compose_all(sample_digest(kind="test", end=now), [channel]):
                try:
                    await channel.send(message, 1, now)
                except DeliveryError as error:
                    problems.append(f"{name} to {message.recipient}: {error.reason}")
        finally:
            await self.aclose()
        return tuple(problems)

    def check_channels(self) -> None:
        """Compose a sample for every channel. Raises ``ConfigError`` with those that nothing can be composed for."""
        from alerts.deliver import compose_all
        from alerts.errors import DeliveryError
        from alerts.sample import sample_digest
        from monitor.config.model import FileChannel
        from monitor.config.read import read_document
        from monitor.errors import ConfigError

        problems, document = [], None
        for name, configured in self.config.channels.items():
            if isinstance(configured, FileChannel):  # nothing of it enters a message, and templates are slow to load
                continue
            try:
                compose_all(sample_digest(), [self.channels[name]])
            except DeliveryError as error:
                document = document or read_document(self.settings.path)
                problems.append(document.problem(("channels", name), f"no message can be composed: {error.reason}"))
        if problems:
            raise ConfigError(problems)

    async def check_online(self) -> tuple[Sequence[str], Sequence[str]]:
        """Ask every enabled feed and open every channel once; what went wrong with feeds, and with channels, by line.

        Nothing is remembered, and nothing sent.
        """
        import asyncio

        from monitor.app.online import check_channel, check_feed

        enabled = [feed for feed in self.settings.feeds if feed.enabled]
        try:
            feeds = await asyncio.gather(*(check_feed(self.fetcher, self.parser, feed) for feed in enabled))
            channels = await asyncio.gather(*map(check_channel, self.channels.values()))
        finally:
            await self.aclose()
        return list(filter(None, feeds)), list(filter(None, channels))

    def adopt(self, settings: Settings) -> None:
        """Work with other settings from the next pass on; ``aclose`` before it, so that connections follow them too."""
        self.settings = settings
        for built in ("tools", "channels", "watches", "matcher", "profiles", "renderer"):
            self.__dict__.pop(built, None)

    # what a command shows --------------------------------------------------------------------------
    def feeds(self) -> Sequence[FeedRecord]:
        """The configured feeds with what is remembered of each, as they are shown."""
        self.store.sync_feeds(self.settings.feeds, self.clock.now())
        return [feed.as_shown() for feed in self.store.feeds()]

    def ailment(self, feed: FeedRecord) -> str:
        """What is wrong with ``feed``, in a user's words; "" when nothing is."""
        from monitor.digest import ailment

        return ailment(feed)

    def upcoming(self, watch: Watch, count: int) -> Sequence[datetime]:
        """When the next digests of ``watch`` are due."""
        from monitor.schedule import upcoming

        return upcoming(watch.clock, self.store.profile_state(watch.name), self.clock.now(), count)

    def overdue(self) -> timedelta:
        """For how long a poll or a delivery has been due that nobody is at; nothing when none is."""
        due = self.store.next_due()
        return max(timedelta(0), self.clock.now() - due) if due else timedelta(0)

    def advice(self) -> tuple[str, ...]:
        """What the user would do well to change, one line each."""
        from monitor.app.advice import advice

        return tuple(advice(self.store.feeds, self.store.last_report()))

    # the end ---------------------------------------------------------------------------------------
    async def aclose(self) -> None:
        """End connections and workers; a later use begins anew. What is remembered stays open."""
        await self.let_go()()

    def let_go(self) -> Callable[[], Coroutine[Any, Any, None]]:
        """Part with connections and workers, so that a later use begins anew; what this gives ends the old ones."""
        parts = [self.__dict__.pop(part) for part in ("fetcher", "poster", "parser") if part in self.__dict__]
        for built in ("tools", "channels"):
            self.__dict__.pop(built, None)

        async def end() -> None:
            for part in parts:
                await part.aclose()

        return end

    def close(self) -> None:
        """Release the store."""
        if "store" in self.__dict__:
            self.store.close()
