"""Workers on a real PostgreSQL: the jobs, what happens when one dies, and what a newer release does to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from procrastinate import App

from monitor.app import Application
from monitor.app.service import Service
from monitor.config import load_settings
from monitor.errors import NewsbellError, StoreError
from monitor.model import FeedState
from monitor.scale.crew import Crew
from monitor.scale.jobs import build_app, requeue_stalled
from monitor.scale.tables import prepare
from monitor.scale.worker import CONFIG_CHANNEL, Worker, when_there
from monitor.store.postgres.grip import LockLostError
from monitor.store.postgres.schema import MIGRATIONS
from monitor.store.postgres.server import StoreTooNewError, migrate
from monitor.store.postgres.store import PostgresStore
from tests.monitor.cycle.desk import MORE, OFF, ON, rss
from tests.monitor.store.postgres.test_server import end_lock_holders
from tests.servers.web import Request, WebServer

PROFILE = """
name: pair
title: Pair
threshold: 1.0
concepts:
  japan: {country: JP}
  laos: {country: LA}
require: [japan, laos]
terms:
  - {term: partnership, weight: 3.0}
  - {term: teachers, weight: 3.0}
digest: {schedule: "@run", timezone: UTC, channels: [files], stories: false}
"""


@dataclass
class Place:
    """A configuration on disk, a web server, and what a worker makes of them."""

    folder: Path
    url: str
    web: WebServer

    def configure(self, *paths: str) -> None:
        (self.folder / "profiles").mkdir(exist_ok=True)
        (self.folder / "profiles" / "pair.yaml").write_text(PROFILE)
        feeds = "".join(f"\n  - {{url: '{self.web.url(path)}', interval: 1m}}" for path in paths)
        (self.folder / "newsbell.yaml").write_text(
            f"fetch: {{allow_addresses: ['127.0.0.1/32']}}\nfeeds:{feeds}\n"
            f"channels:\n  files: {{type: file, dir: digests, formats: [txt]}}\nstore: '{self.url}'\n"
        )

    def application(self) -> Application:
        read = load_settings(self.folder / "newsbell.yaml", {}, state_dir=str(self.folder))
        return Application(read, service=True)

    def crew(self, application: Application) -> Crew:
        store = application.store
        assert isinstance(store, PostgresStore)
        return Crew(
            application,
            store,
            lambda: load_settings(self.folder / "newsbell.yaml", {}, state_dir=str(self.folder)),
            shards=4,
        )

    def digests(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("digests/*.txt")))


@pytest.fixture
async def place(tmp_path: Path, url: str) -> AsyncIterator[Place]:
    async with WebServer() as web:
        web.serve("/a", rss(OFF))
        made = Place(tmp_path, url, web)
        made.configure("/a")
        yield made


@pytest.fixture
def application(place: Place) -> Iterator[Application]:
    built = place.application()
    yield built
    built.close()


@pytest.fixture
async def crew(place: Place, application: Application) -> AsyncIterator[Crew]:
    made = place.crew(application)
    made.sync()
    yield made
    await made.aclose()


@pytest.fixture
async def jobs(url: str, crew: Crew) -> AsyncIterator[App]:
    def refuse(newer: StoreTooNewError) -> None:
        raise newer

    prepare(url)
    prepare(url)  # once is enough, twice does no harm
    app = build_app(url, crew, refuse)
    async with app.open_async():
        yield app


async def work(app: App) -> None:
    """Plan, then do every job that there is."""
    await app.configure_task("plan", queueing_lock=None).defer_async(timestamp=0)
    await app.run_worker_async(wait=False, delete_jobs="always", install_signal_handlers=False)


def make_due(url: str) -> None:
    with psycopg.connect(url, autocommit=True, options="-c search_path=newsbell") as db:
        db.execute("UPDATE feeds SET next_poll = 1, claimed_at = 0")


class TestJobs:
    async def test_what_is_due_is_polled_told_and_delivered(self, place: Place, jobs: App, crew: Crew) -> None:
        await work(jobs)
        assert [record.state for record in crew.store.feeds()] == [FeedState.OK]
        place.web.serve("/a", rss(ON, OFF))
        make_due(place.url)

        await work(jobs)
        await work(jobs)

        assert [delivery.state.value for delivery in crew.store.deliveries()] == ["sent"]
        assert "Laos and Japan agree on partnership" in place.digests()
        await work(jobs)
        assert len(crew.store.deliveries()) == 1

    async def test_polls_wait_for_everything_else(self, jobs: App) -> None:
        """There may be many of them, and a reader waits for the others."""
        for index in range(4):
            await jobs.configure_task("poll_shard").defer_async(index=index, count=4)
        for name, arguments in (
            ("build_digest", {"profile": "pair", "window": "first"}),
            ("deliver", {}),
            ("plan", {"timestamp": 0}),
            ("requeue", {"timestamp": 0}),
        ):
            await jobs.configure_task(name).defer_async(**arguments)

        worker, order = await jobs.job_manager.register_worker(), []
        while job := await jobs.job_manager.fetch_job(queues=None, worker_id=worker):
            order.append(job.task_name)
        assert order == ["requeue", "plan", "deliver", "build_digest", *4 * ["poll_shard"]]

    async def test_a_shard_with_much_to_do_lets_others_have_their_turn(
        self, place: Place, crew: Crew, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And the next turn goes on where this one ended, though its feeds are leased."""
        monkeypatch.setattr("monitor.scale.crew.POLL_FOR", timedelta(microseconds=1))
        (shard,) = crew.due_shards()
        assert await crew.poll_shard(shard, 4) == 0
        crew.store.claim_due(crew.application.clock.now(), limit=9, lease=crew.application.tools.lease)

        monkeypatch.setattr("monitor.scale.crew.POLL_FOR", timedelta(minutes=1))
        assert crew.due_shards() == [shard]
        assert await crew.poll_shard(shard, 4) == 1

    async def test_nothing_due_makes_no_jobs(self, jobs: App, crew: Crew) -> None:
        await work(jobs)
        await work(jobs)

        assert (crew.due_shards(), crew.due_profiles(), crew.deliveries_due()) == ([], {}, False)

    async def test_a_shard_that_another_worker_holds_is_left_to_it(self, crew: Crew) -> None:
        (shard,) = crew.due_shards()
        with crew.store.hold(f"shard {shard}/4"):
            assert await crew.poll_shard(shard, 4) == 0

        assert await crew.poll_shard(shard, 4) == 1

    async def test_a_shard_that_is_lost_is_polled_no_longer(self, place: Place, crew: Crew) -> None:
        """Its lock's connection was ended, so another worker may be at its hosts any moment."""
        asked, gone = asyncio.Event(), asyncio.Event()

        async def never(request: Request, writer: asyncio.StreamWriter) -> None:
            asked.set()
            writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            try:
                while True:
                    writer.write(b"y")
                    await writer.drain()
                    await asyncio.sleep(0.01)
            finally:
                gone.set()

        place.web.handle("/a", never)
        (shard,) = crew.due_shards()
        polling = asyncio.create_task(crew.poll_shard(shard, 4))
        await asyncio.wait_for(asked.wait(), 10)
        with psycopg.connect(place.url, autocommit=True) as administrator:
            end_lock_holders(administrator)

        with pytest.raises(LockLostError, match=f"held shard {shard}/4"):
            await asyncio.wait_for(polling, 10)
        await asyncio.wait_for(gone.wait(), 10)
        place.web.serve("/a", rss())
        assert await crew.poll_shard(shard, 4) == 1

    async def test_what_a_dead_worker_had_leased_is_polled_by_the_next(
        self, crew: Crew, application: Application
    ) -> None:
        (shard,) = crew.due_shards()
        crew.store.claim_due(application.clock.now(), limit=9, lease=application.tools.lease)

        assert crew.due_shards() == [shard]
        assert await crew.poll_shard(shard, 4) == 1

    async def test_a_digest_reads_neither_all_feeds_nor_all_profiles(
        self, place: Place, crew: Crew, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """There may be a million of the ones and ten thousand of the others."""
        (shard,) = crew.due_shards()
        await crew.poll_shard(shard, 4)
        await crew.build_digest("pair")
        place.web.serve("/a", rss(ON, OFF))
        make_due(place.url)
        await crew.poll_shard(shard, 4)

        def forbidden(**_: object) -> None:
            raise AssertionError("too much is read")

        for name in ("feeds", "profile_states", "waiting_profiles", "tally"):
            monkeypatch.setattr(crew.store, name, forbidden)
        assert await crew.build_digest("pair") == 1
        assert await crew.build_digest("another") == 0

    async def test_texts_are_indexed_and_old_ones_forgotten(self, place: Place, crew: Crew) -> None:
        place.web.serve("/a", rss(ON, MORE))
        (shard,) = crew.due_shards()
        await crew.poll_shard(shard, 4)
        await crew.retain()

        assert crew.store.index_text() == 0
        assert len(crew.store.search("japan")) == 2

    async def test_the_first_poll_is_reported_at_once(self, crew: Crew) -> None:
        """Whoever asks whether it is well need not wait for the second."""
        (shard,) = crew.due_shards()
        await crew.poll_shard(shard, 4)

        assert crew.store.last_report() is not None

    async def test_what_is_told_and_delivered_is_reported_at_the_latest_at_the_end(
        self, place: Place, crew: Crew
    ) -> None:
        (shard,) = crew.due_shards()
        await crew.poll_shard(shard, 4)
        await crew.build_digest("pair")
        first = crew.store.last_report()
        place.web.serve("/a", rss(ON, OFF))
        make_due(place.url)
        await crew.poll_shard(shard, 4)
        await crew.build_digest("pair")
        await crew.deliver()
        assert crew.store.last_report() == first

        worker = Worker(place.url, crew, jobs=1, notify=lambda state: worker.stop())
        await asyncio.wait_for(worker.run(), 20)

        report, totals = crew.store.last_report(), crew.store.tally().totals
        assert report is not None
        assert (report.polled, report.new, report.matched, report.digests, report.sent) == (1, 1, 1, 1, 1)
        assert report.gap is not None
        assert {"store", "score", "all"} <= report.durations.keys()
        assert [totals[name] for name in ("passes", "polls.changed", "digests", "attempts.sent")] == [2, 2, 1, 1]

    async def test_no_job_is_done_for_a_newer_release(self, place: Place, crew: Crew) -> None:
        """Also when it was planned by another worker."""
        (shard,) = crew.due_shards()
        migrate(place.url, [*MIGRATIONS, "SELECT 1"])

        for job in (crew.poll_shard(shard, 4), crew.build_digest("pair"), crew.deliver(), crew.retain()):
            with pytest.raises(StoreTooNewError):
                await job

    async def test_what_was_polled_is_reported_as_a_pass_is(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = place.folder / "newsbell.yaml"
        config.write_text(
            config.read_text() + f"metrics: {{file: newsbell.prom}}\nping: {{url: '{place.web.url('/up')}'}}\n"
        )
        place.web.serve("/up", b"OK")
        application = place.application()
        crew = place.crew(application)
        crew.sync()
        monkeypatch.setattr("monitor.scale.crew.REPORT_EVERY", timedelta(0))

        await crew.poll_shard(crew.due_shards()[0], 4)

        report = crew.store.last_report()
        assert report is not None
        assert report.polled == 1
        assert 'newsbell_polls_total{outcome="changed"} 1' in (place.folder / "newsbell.prom").read_text()
        assert "/up" in [request.path for request in place.web.requests]
        assert [key for key, _ in crew.store.notices(untold=False)]  # the profile is watched from now on
        await crew.aclose()
        application.close()


class TestDeath:
    async def doing(self, jobs: App) -> int:
        """A job that a worker took up before it died; returns the job."""
        manager = jobs.job_manager
        worker = await manager.register_worker()
        await jobs.configure_task("deliver", queueing_lock="deliver").defer_async()
        job = await manager.fetch_job(queues=None, worker_id=worker)
        assert job is not None
        assert job.id is not None
        await jobs.connector.execute_query_async("UPDATE procrastinate_workers SET last_heartbeat = 'epoch'")
        return job.id

    async def test_its_job_is_done_again(self, jobs: App) -> None:
        number = await self.doing(jobs)

        assert await requeue_stalled(jobs) == 1
        assert (await jobs.job_manager.get_job_status_async(number)).value == "todo"
        assert await requeue_stalled(jobs) == 0

    async def test_its_poll_is_done_again_before_those_that_nobody_has_begun(self, jobs: App) -> None:
        manager = jobs.job_manager
        poll = jobs.configure_task("poll_shard")
        number = await poll.defer_async(index=3, count=4)
        await manager.fetch_job(queues=None, worker_id=await manager.register_worker())
        other = await poll.defer_async(index=0, count=4)
        await jobs.connector.execute_query_async("UPDATE procrastinate_workers SET last_heartbeat = 'epoch'")

        assert await requeue_stalled(jobs) == 1
        waiting = {job.id: job.priority for job in await manager.list_jobs_async()}
        assert waiting.pop(number) > waiting[other]

    async def test_its_job_is_dropped_when_the_same_waits_already(self, jobs: App) -> None:
        await self.doing(jobs)
        await jobs.configure_task("deliver", queueing_lock="deliver").defer_async()

        assert await requeue_stalled(jobs) == 1
        assert [job.status for job in await jobs.job_manager.list_jobs_async()] == ["todo"]


class TestConfiguration:
    async def test_a_changed_configuration_is_taken_over(self, place: Place, crew: Crew) -> None:
        assert await crew.follow_config() is False
        place.configure("/a", "/b")

        assert await crew.follow_config() is True
        assert len(crew.store.feeds()) == 2

    async def test_it_waits_for_no_slow_host(self, place: Place, crew: Crew) -> None:
        """A poll under way goes on, and its connections end with it."""
        asked, answer = asyncio.Event(), asyncio.Event()

        async def slowly(request: Request, writer: asyncio.StreamWriter) -> None:
            asked.set()
            await answer.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(rss()), rss()))

        place.web.handle("/a", slowly)
        polling = asyncio.create_task(crew.poll_shard(crew.due_shards()[0], 4))
        await asyncio.wait_for(asked.wait(), 10)
        before = crew.application.fetcher
        place.configure("/a", "/b")

        assert await asyncio.wait_for(crew.follow_config(), 10) is True
        assert len(crew.store.feeds()) == 2
        assert not polling.done()
        answer.set()
        assert await asyncio.wait_for(polling, 20) >= 1
        assert crew.store.feeds()[0].state == FeedState.OK
        assert crew.application.fetcher is not before

    async def test_a_broken_one_changes_nothing(self, place: Place, crew: Crew) -> None:
        (place.folder / "newsbell.yaml").write_text("feeds: 5\n")

        await crew.follow_config()

        assert len(crew.store.feeds()) == 1
        assert await crew.follow_config() is False


class TestWorker:
    async def test_it_waits_for_a_database_that_is_away_when_it_starts(self, place: Place, crew: Crew) -> None:
        answers: list[Exception | None] = [StoreError("away"), None]

        def opened() -> PostgresStore:
            if error := answers.pop(0):
                raise error
            return crew.store

        assert await when_there(opened, pause=0) is crew.store

    async def test_it_does_not_wait_for_an_older_schema(self) -> None:
        def opened() -> PostgresStore:
            raise StoreTooNewError("newer")

        with pytest.raises(StoreTooNewError):
            await when_there(opened)

    async def test_it_polls_until_it_is_stopped(self, place: Place, crew: Crew) -> None:
        worker = Worker(place.url, crew, jobs=2, notify=lambda state: worker.stop() if state == "READY=1" else None)

        await asyncio.wait_for(worker.run(), 20)

        with closing(PostgresStore(place.url)) as store:
            assert len(store.feeds()) == 1

    async def test_it_ends_when_a_newer_release_has_taken_over(self, place: Place, crew: Crew) -> None:
        prepare(place.url)
        migrate(place.url, [*MIGRATIONS, "SELECT 1"])
        app = build_app(place.url, crew, lambda newer: None)
        worker = Worker(place.url, crew, jobs=1, notify=lambda state: None)
        async with app.open_async():
            await app.configure_task("plan", queueing_lock=None).defer_async(timestamp=0)

        with pytest.raises(StoreTooNewError, match="upgrade this program too"):
            await asyncio.wait_for(worker.run(), 20)

    async def test_it_refuses_to_divide_hosts_otherwise_than_those_that_work(self, place: Place, crew: Crew) -> None:
        crew.sync()
        worker = Worker(place.url, crew, jobs=1, notify=lambda state: None)
        with closing(PostgresStore(place.url)) as store, store.agree("shards", 5) as agreed:
            assert agreed.value == 5
            with pytest.raises(NewsbellError, match="start it with --shards 5"):
                await asyncio.wait_for(worker.run(), 20)

        with crew.agreed(), crew.store.agree("shards", 7) as agreed:  # with the others gone its own number counts
            assert agreed.value == 4

    async def test_it_agrees_anew_when_it_has_lost_the_agreement(self, place: Place, crew: Crew) -> None:
        """Else workers with another number of shards could begin beside it."""
        ready: asyncio.Queue[str] = asyncio.Queue()
        worker = Worker(place.url, crew, jobs=1, notify=ready.put_nowait)
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(ready.get(), 20)
        with psycopg.connect(place.url, autocommit=True) as administrator:
            end_lock_holders(administrator)

        await asyncio.wait_for(ready.get(), 20)
        with crew.store.agree("shards", 5) as agreed:
            assert agreed.value == 4
        worker.stop()
        await asyncio.wait_for(running, 20)

    async def test_it_waits_until_a_pass_has_ended(
        self, place: Place, crew: Crew, caplog: pytest.LogCaptureFixture
    ) -> None:
        ready: asyncio.Queue[str] = asyncio.Queue()
        worker = Worker(place.url, crew, jobs=1, notify=ready.put_nowait)
        with crew.store.alone():
            running = asyncio.create_task(worker.run())
            async with asyncio.timeout(20):
                while "newsbell run or newsbell daemon is at work" not in caplog.text:
                    await asyncio.sleep(0)
            assert not worker.at_work

        await asyncio.wait_for(ready.get(), 20)
        worker.stop()
        await asyncio.wait_for(running, 20)

    async def test_a_daemon_does_nothing_while_workers_are_at_work(
        self, place: Place, application: Application
    ) -> None:
        """They were started beside it: it looks again after a minute."""
        service = Service(application, lambda: application.settings)
        with application.database.agree("shards", 4):
            assert service.due()
            assert await service.run_pass() is None
            assert not service.due()
        assert application.store.feeds() == []
        assert await service.run_pass() is not None
        assert len(application.store.feeds()) == 1
        await service.aclose()

    async def test_it_ends_so_also_when_it_gets_no_job(self, place: Place, crew: Crew) -> None:
        """Plans go to one worker at a time, perhaps always to another."""

        async def retain() -> None:
            """Nothing to do."""

        crew.due_shards, crew.due_profiles = list, dict  # type: ignore[method-assign]
        crew.deliveries_due, crew.retain = bool, retain  # type: ignore[method-assign]
        worker = Worker(place.url, crew, jobs=1, notify=lambda state: None)
        running = asyncio.create_task(worker.run())
        migrate(place.url, [*MIGRATIONS, "SELECT 1"])
        with psycopg.connect(place.url, autocommit=True) as db:
            async with asyncio.timeout(20):
                while not running.done():
                    db.execute(f"NOTIFY {CONFIG_CHANNEL}")
                    await asyncio.wait([running], timeout=0.2)

        with pytest.raises(StoreTooNewError):
            await running

    async def test_it_ends_when_a_newer_procrastinate_has_changed_the_tables_of_the_jobs(
        self, place: Place, crew: Crew
    ) -> None:
        worker = Worker(place.url, crew, jobs=1, notify=lambda state: None)
        running = asyncio.create_task(worker.run())
        with psycopg.connect(place.url, autocommit=True, options="-c search_path=newsbell") as db:
            async with asyncio.timeout(20):
                while not running.done():
                    db.execute("UPDATE facts SET value = 99000000 WHERE name = 'procrastinate'")
                    db.execute(f"NOTIFY {CONFIG_CHANNEL}")
                    await asyncio.wait([running], timeout=0.2)

        with pytest.raises(StoreTooNewError, match="newer Procrastinate"):
            await running

    async def test_it_takes_over_a_configuration_that_another_worker_speaks_of(self, place: Place, crew: Crew) -> None:
        """Ten seconds pass before it would look by itself."""
        taken = asyncio.Event()
        follow = crew.follow_config

        async def follow_config() -> bool:
            if changed := await follow():
                taken.set()
            return changed

        crew.follow_config = follow_config  # type: ignore[method-assign]
        worker = Worker(place.url, crew, jobs=1, notify=lambda state: None)
        running = asyncio.create_task(worker.run())
        place.configure("/a", "/b")
        with psycopg.connect(place.url, autocommit=True) as db:
            while not taken.is_set():
                db.execute(f"NOTIFY {CONFIG_CHANNEL}")
                await asyncio.wait([asyncio.ensure_future(taken.wait())], timeout=0.2)
        worker.stop()
        await asyncio.wait_for(running, 20)

        assert len(crew.store.feeds()) == 2
