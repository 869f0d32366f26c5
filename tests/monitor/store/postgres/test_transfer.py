"""Copying a store: everything arrives, in either direction, or nothing does."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.model import DeliveryState
from monitor.errors import StoreError
from monitor.model import Decided, PassReport, PollOutcome
from monitor.ports import Store
from monitor.store.postgres.side import PostgresSide
from monitor.store.postgres.store import PostgresStore
from monitor.store.rows import Row
from monitor.store.sqlite import SqliteStore
from monitor.store.transfer import TABLES, Copied, Table, copy_store
from tests.alerts.outbox_contract import receipt
from tests.monitor.store.contract import a_message
from tests.monitor.store.samples import DAY, HOUR, LEASE, NOW, SECOND, A, B, a_match, an_entry, learn, polled


def fill(store: Store) -> None:
    """One of everything, also what is forgotten, paused, removed or sent."""
    store.sync_feeds([A, B], NOW)
    old, new = an_entry(1, title="Ancient", found=NOW), an_entry(2, title="日本との協定", found=NOW + DAY)
    learn(store, old, new, matches=(a_match(old), a_match(new)))
    store.purge(entries_before=NOW + HOUR, seen_before=NOW)
    store.set_paused(B.url, True)
    store.close_window(store.profile_state("japan"), [new.id], "d1", [a_message("sent"), a_message("open")], NOW)
    (first, _) = store.claim(NOW, limit=2, lease=LEASE)
    store.settle(receipt(first, DeliveryState.SENT))
    store.add_label("japan", new.id, "on", NOW)
    store.save_report(PassReport(NOW, NOW + SECOND, polled=2))
    store.add_notice("a", "A feed is silent", NOW)
    store.count({"polls.changed": 2, "polls_odd": 3, "Digests": 1, "cpu.store": 5})


def everything(store: Store) -> object:
    """What a store answers when it is asked for all it knows."""
    return (
        store.feeds(include_removed=True),
        list(store.entries()),
        store.matches("japan"),
        store.profile_state("japan"),
        store.labels("japan"),
        store.deliveries(),
        store.last_report(),
        store.notices(untold=False),
        store.entry_counts(),
        store.seen(store.feeds()[0].id, an_entry(1).keys.present()),
        store.search("協定"),
        store.tally().totals,
        store.fleet(worst=9),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A filled SQLite store, closed."""
    path = tmp_path / "newsbell.db"
    with closing(SqliteStore(path, NOW)) as store:
        fill(store)
    return path


def test_everything_arrives_and_comes_back(file: Path, url: str, tmp_path: Path) -> None:
    back = tmp_path / "back.db"

    there, here = copy_store(str(file), url), copy_store(url, str(back))

    assert there == here
    assert {copied.table: copied.rows for copied in there} == {
        "feeds": 2, "entries": 2, "seen": 6, "matches": 1, "profiles": 1, "labels": 1, "outbox": 2, "reports": 1,
        "notices": 1, "facts": 4,
    }  # fmt: skip
    with (
        closing(SqliteStore(file, NOW)) as first,
        closing(PostgresStore(url)) as second,
        closing(SqliteStore(back, NOW)) as third,
    ):
        assert everything(first) == everything(second) == everything(third)


def test_the_copy_goes_on_where_the_original_stood(file: Path, url: str) -> None:
    copy_store(str(file), url)

    with closing(PostgresStore(url)) as store:
        (record,) = store.claim_due(NOW + DAY, limit=9, lease=LEASE)
        entry = an_entry(3)
        outcome = PollOutcome(polled(record, NOW + DAY), Decided(new=(entry,)))
        assert (record.feed, store.record([outcome]), store.entry(entry.id)) == (A, 1, entry)
        while store.index_text():
            pass
        assert len(store.search("story")) == 2
        assert store.enqueue([a_message("sent"), a_message("next")], NOW) == 1


def test_a_store_that_holds_something_is_left_alone(file: Path, url: str) -> None:
    copy_store(str(file), url)

    with pytest.raises(StoreError, match="already holds feeds: copy into an empty store"):
        copy_store(str(file), url)


def test_a_source_that_is_missing_is_not_made(tmp_path: Path, url: str) -> None:
    missing = tmp_path / "none.db"

    with pytest.raises(StoreError, match="no such file"):
        copy_store(str(missing), url)

    assert not missing.exists()


def test_what_arrives_altered_is_taken_back(file: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = PostgresSide.write

    def careless(side: PostgresSide, table: Table, rows: Iterable[Row]) -> None:
        honest(side, table, ((*row[:1], "x" if table.name == "notices" else row[1], *row[2:]) for row in rows))

    monkeypatch.setattr(PostgresSide, "write", careless)
    with pytest.raises(StoreError, match="notices did not arrive as it was sent"):
        copy_store(str(file), url)

    with closing(PostgresStore(url)) as store:
        assert store.feeds(include_removed=True) == []


def test_each_table_is_told_of_when_it_has_arrived(file: Path, tmp_path: Path) -> None:
    heard: list[Copied] = []

    copied = copy_store(str(file), str(tmp_path / "other.db"), heard.append)

    assert (heard, [table.table for table in heard]) == (copied, [table.name for table in TABLES])


def test_a_lease_is_not_copied(tmp_path: Path, url: str) -> None:
    path = tmp_path / "newsbell.db"
    with closing(SqliteStore(path, NOW)) as store:
        store.sync_feeds([A], NOW)
        (claimed,) = store.claim_due(NOW, limit=1, lease=LEASE)

    copy_store(str(path), url)

    with closing(PostgresStore(url)) as store:
        (again,) = store.claim_due(NOW, limit=1, lease=LEASE)
        assert again == replace(claimed, fence=claimed.fence + 1)
