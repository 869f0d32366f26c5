"""What only a server can do: several workers at once, breakdowns, upgrades, secrets in its address."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest

from monitor.errors import StoreError
from monitor.model import Feed, PollOutcome
from monitor.store.postgres.schema import MIGRATIONS
from monitor.store.postgres.server import conninfo, display_name, migrate
from monitor.store.postgres.store import PostgresStore
from tests.monitor.store.contract import a_message
from tests.monitor.store.samples import HOUR, LEASE, NOW, A, B, a_match, an_entry, claim, learn, polled
from tests.servers.postgres import database, server


@pytest.fixture
def fresh(postgres: str) -> Iterator[str]:
    """A database without tables."""
    with database(postgres, f"newsbell_fresh_{os.getpid()}") as url:
        yield url


class TestMigrations:
    def test_tables_are_made_once(self, fresh: str) -> None:
        assert [migrate(fresh), migrate(fresh)] == [0, len(MIGRATIONS)]

    def test_several_workers_that_start_at_once_make_them_once(self, fresh: str) -> None:
        found: list[int] = []
        workers = [threading.Thread(target=lambda: found.append(migrate(fresh))) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert found.count(0) >= 1
        assert len(found) == 4

    def test_missing_steps_are_done_in_order(self, fresh: str) -> None:
        migrate(fresh, ["CREATE TABLE a (n INT)"])

        assert migrate(fresh, ["CREATE TABLE a (n INT)", "ALTER TABLE a RENAME TO b", "DROP TABLE b"]) == 1

    def test_a_failing_step_leaves_everything_as_it_was(self, fresh: str) -> None:
        migrate(fresh, ["CREATE TABLE a (n INT)"])

        with pytest.raises(StoreError):
            migrate(fresh, ["", "DROP TABLE a", "nonsense"])

        assert migrate(fresh, ["", "DROP TABLE a"]) == 1

    def test_newer_tables_are_refused(self, fresh: str) -> None:
        known = len(MIGRATIONS)
        migrate(fresh, [*MIGRATIONS, "SELECT 1"])

        with pytest.raises(StoreError, match=rf"tables of version {known + 1}, this program knows {known}\)"):
            PostgresStore(fresh)

    def test_an_older_worker_notices_an_upgrade_under_way(self, fresh: str) -> None:
        with closing(PostgresStore(fresh)) as store:
            store.check_version()
            migrate(fresh, [*MIGRATIONS, "SELECT 1"])

            with pytest.raises(StoreError, match="newer Newsbell"):
                store.check_version()


class TestWorkers:
    def test_workers_that_claim_at_once_share_the_feeds(self, store: PostgresStore) -> None:
        feeds = [Feed(f"https://{number}.example/") for number in range(200)]
        store.sync_feeds(feeds, NOW)
        claimed: list[str] = []

        def work() -> None:
            while page := store.claim_due(NOW, limit=7, lease=LEASE):
                claimed.extend(record.feed.url for record in page)
                store.record([PollOutcome(polled(record)) for record in page])

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert sorted(claimed) == sorted(feed.url for feed in feeds)

    def test_what_another_worker_is_about_to_claim_is_passed_over(self, store: PostgresStore) -> None:
        store.sync_feeds([A], NOW)
        found: list[int] = []
        with store.transaction():
            claim(store)
            other = threading.Thread(target=lambda: found.append(len(claim(store))))
            other.start()
            other.join()

        assert found == [0]

    def test_of_workers_that_close_one_window_one_does(self, store: PostgresStore) -> None:
        state, done = store.profile_state("japan"), list[bool]()
        workers = [
            threading.Thread(
                target=lambda key: done.append(store.close_window(state, [], "d", [a_message(key)], NOW)),
                args=(f"k{number}",),
            )
            for number in range(4)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert sorted(done) == [False, False, False, True]
        assert len(store.deliveries()) == 1

    def test_a_name_is_held_by_one_until_he_lets_go(self, store: PostgresStore) -> None:
        with store.hold("shard 1") as first, store.hold("shard 1") as second, store.hold("shard 2") as other:
            held = [bool(grip) for grip in (first, second, other)]

        with store.hold("shard 1") as again:
            assert [*held, bool(again)] == [True, False, True, True]

    async def test_whoever_loses_the_connection_of_a_lock_hears_of_it(self, store: PostgresStore, url: str) -> None:
        with store.hold("shard 1") as grip, psycopg.connect(url, autocommit=True) as administrator:
            assert grip is not None
            losing = asyncio.create_task(grip.lost())
            await asyncio.sleep(0)
            assert not losing.done()
            end_lock_holders(administrator)

            await asyncio.wait_for(losing, 10)
            with store.hold("shard 1") as other:
                assert other is not None

    def test_a_connection_may_be_idle_for_as_long_as_it_likes(self, url: str) -> None:
        impatient = psycopg.conninfo.make_conninfo(url, options="-c idle_session_timeout=50ms")
        with closing(psycopg.connect(conninfo(impatient))) as db:
            assert db.execute("SHOW idle_session_timeout").fetchone() == ("0",)

    def test_the_leases_of_a_shard_end_with_its_worker(self, store: PostgresStore) -> None:
        store.sync_feeds([A], NOW)
        claim(store)

        assert store.release_shard((0, 1), NOW) == 1
        assert len(store.claim_due(NOW + HOUR, limit=1, lease=LEASE)) == 1

    def test_due_slots_are_those_with_feeds_to_poll(self, store: PostgresStore) -> None:
        store.sync_feeds([A], NOW)
        before = store.due_slots(NOW)
        claim(store)

        assert len(before) == 1
        assert store.due_slots(NOW) == before  # whoever leased it may be dead
        assert store.due_slots(NOW - HOUR) == frozenset()

    def test_profiles_with_something_to_tell(self, store: PostgresStore) -> None:
        store.close_window(store.profile_state("japan"), [], "", [], NOW)

        assert list(store.profile_states()) == ["japan"]
        assert store.waiting_profiles() == frozenset()
        entries = [an_entry(number) for number in range(3)]
        matches = tuple(a_match(entry, name) for entry in entries for name in ("japan", "laos", "a"))
        learn(store, *entries, matches=matches)
        assert store.waiting_profiles() == {"a", "japan", "laos"}


class TestCollisions:
    def test_taking_over_a_configuration_never_waits_in_a_circle_with_a_poll(
        self, store: PostgresStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The configuration names the feeds in another order than their numbers."""
        caplog.set_level(logging.DEBUG)
        store.sync_feeds([A, B], NOW)
        first, second = claim(store)
        changed = [replace(B, title="Second"), replace(A, title="First")]
        syncing = threading.Thread(target=lambda: store.sync_feeds(changed, NOW))
        with store.transaction():
            store.record([PollOutcome(polled(first))])
            syncing.start()
            until_somebody_waits(store)
            store.record([PollOutcome(polled(second))])
        syncing.join()

        assert [record.title for record in store.feeds()] == ["Second", "First"]
        assert "once more" not in caplog.text  # it did not need to try again

    def test_who_gave_way_to_another_worker_tries_again(self, store: PostgresStore, url: str) -> None:
        store.sync_feeds([A, B], NOW)
        outcomes = [PollOutcome(polled(record)) for record in claim(store)]
        first, second = sorted(outcome.record.id for outcome in outcomes)
        impatient = psycopg.conninfo.make_conninfo(url, options="-c deadlock_timeout=300ms")
        taken = list[int]()
        with psycopg.connect(conninfo(url)) as other, closing(PostgresStore(impatient)) as worker:
            other.execute("SET deadlock_timeout = '5s'")
            other.execute("SELECT FROM feeds WHERE id = %s FOR UPDATE", (second,))
            recording = threading.Thread(target=lambda: taken.append(worker.record(outcomes)))
            recording.start()
            until_somebody_waits(store)
            other.execute("SELECT FROM feeds WHERE id = %s FOR UPDATE", (first,))
            other.rollback()
            recording.join()

        assert taken == [2]


def until_somebody_waits(store: PostgresStore) -> None:
    """Return once a connection of the store's database waits for a row."""
    query = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())"
    )
    with store._pool.connection() as db:
        while db.execute(query).fetchone() != (True,):
            pass


class TestSearch:
    def test_pairs_of_a_script_without_blanks_are_found_in_the_index(self, store: PostgresStore) -> None:
        entry = an_entry(title="日本との協定に署名")
        learn(store, an_entry(1), entry)
        while store.index_text():
            pass

        assert list(store.search("協定")) == [entry]
        assert store.index_text() == 0


@pytest.mark.processes
class TestBreakdown:
    def test_a_store_goes_on_when_the_server_is_back(self) -> None:
        with server({"synchronous_commit": "on"}) as machine, closing(PostgresStore(machine.url)) as store:
            store.sync_feeds([A], NOW)
            machine.stop(signal.SIGQUIT)
            with pytest.raises(StoreError, match="cannot be reached"):
                store.feeds()
            machine.start()

            assert _patiently(store) == [A]

    def test_a_server_that_is_not_there(self, tmp_path: os.PathLike[str]) -> None:
        with pytest.raises(StoreError, match="cannot be reached"):
            PostgresStore(f"postgresql://user:hush@/db?host={tmp_path}")

    def test_a_database_that_is_not_there(self, postgres: str) -> None:
        with pytest.raises(StoreError, match="does not exist"):
            PostgresStore(psycopg.conninfo.make_conninfo(postgres, dbname="nobody_made_it"))


def end_lock_holders(administrator: psycopg.Connection) -> None:
    """End the connections that hold an advisory lock in this database, as an administrator may."""
    administrator.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid() "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )


def _patiently(store: PostgresStore) -> list[Feed]:
    """The feeds, once the broken connections have been replaced: each failing call drops one."""
    for _ in range(8):
        try:
            return [record.feed for record in store.feeds()]
        except StoreError:
            continue
    raise AssertionError("the server is back, but the store does not see it")


class TestAddress:
    @pytest.mark.parametrize("url", ["postgresql://user:hush@db.example:6432/news", "host=db.example password=hush"])
    def test_a_password_is_never_shown(self, url: str) -> None:
        assert "hush" not in display_name(url)
        assert "db.example" in display_name(url)

    @pytest.mark.parametrize("url", ["postgresql://user:hush@[x", "postgresql://user:hush@host/db?nonsense=1"])
    def test_an_address_that_is_none_is_not_repeated(self, url: str) -> None:
        with pytest.raises(StoreError) as caught:
            conninfo(url)

        assert "hush" not in f"{caught.value}{caught.value.__cause__}"

    def test_what_the_user_sets_wins(self) -> None:
        assert "application_name=mine" in conninfo("postgresql:///db?application_name=mine")


def test_nobody_waits_for_ever_for_what_another_worker_holds(url: str) -> None:
    with closing(psycopg.connect(conninfo(url))) as db:
        shown = [
            db.execute(f"SHOW {name}").fetchone() for name in ("lock_timeout", "idle_in_transaction_session_timeout")
        ]
    assert shown == [("5min",), ("5min",)]
    impatient = psycopg.conninfo.make_conninfo(url, options="-c lock_timeout=50ms")
    with closing(PostgresStore(url)) as one, closing(PostgresStore(impatient)) as other:
        one.add_notice("a", "text", NOW)
        with one.transaction():
            one.mark_told(["a"])
            with pytest.raises(StoreError):
                other.mark_told(["a"])
        assert list(other.notices()) == []


def rows_walked_over(db: psycopg.Connection[tuple[int]]) -> int:
    """How many feeds a connection has read without an index; what it did in transactions before may be among them."""
    query = "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'feeds' AND schemaname = 'newsbell'"
    [(rows,)] = db.execute(query).fetchall()
    return rows


def test_what_is_due_next_is_found_without_reading_all_feeds(store: PostgresStore, url: str) -> None:
    """A wrong guess of the planner's costs a second where there are a million."""
    with psycopg.connect(conninfo(url), autocommit=True) as db:
        db.execute(
            "INSERT INTO feeds (url, address, slot, position, present, enabled, config_title, state, next_poll) "
            "SELECT n::text, n::text, n % 4096, n, TRUE, TRUE, '', 'ok', n FROM generate_series(1, 20000) AS n"
        )
        db.execute("VACUUM ANALYZE feeds")
    with store.transaction(), store._read() as db:
        before = rows_walked_over(db)
        assert store.next_due() is not None
        assert rows_walked_over(db) - before < 100  # none by an index, or those few with which a walk ends
