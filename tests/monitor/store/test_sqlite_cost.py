"""What the SQLite store does costs by what is new, not by what is stored: counted in steps, not in time."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.model import Decided, Feed, PassReport, PollOutcome, SeenEntry
from monitor.store.sqlite import SqliteStore
from tests.alerts.outbox_contract import message, receipt
from tests.monitor.store.samples import DAY, HOUR, LEASE, NOW, A, a_match, an_entry, claim, learn, polled

# Tables whose whole content is meant, or that hold a handful of rows.
_WHOLE = {"words", "unindexed", "VIRTUAL", "reports"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "newsbell.db", NOW, alone=True)
    yield store
    store.close()


def use_everything(store: SqliteStore) -> None:
    """Every query that a store ever asks, once."""
    entry, match = an_entry(), a_match(an_entry())
    record = learn(store, entry, an_entry(1), matches=(match,))
    store.seen(record.id, entry.keys.present())
    edited = replace(entry, title="Edited")
    for at, decided in enumerate([Decided(edited=(edited,)), Decided(touched=(SeenEntry(entry.id, entry.keys),))]):
        store.index_text()
        (record,) = claim(store, NOW + (at + 1) * HOUR)
        store.record([PollOutcome(polled(record, NOW + (at + 1) * HOUR), decided)])
    store.claim_due(NOW + DAY, limit=1, lease=LEASE, every=True)
    store.index_text()
    store.next_due()
    store.release_claims()
    for query in ("edited story", "ed"):
        store.search(query)
    store.entry(entry.id)
    list(store.entries(since=NOW))
    store.count_entries(NOW, NOW + DAY)
    store.matches("japan", waiting=True)
    store.matches("japan", since=NOW)
    store.close_window(store.profile_state("japan"), [entry.id], "d1", [message()], NOW)
    (delivery,) = store.claim(NOW, limit=9, lease=LEASE)
    store.settle(receipt(delivery, delivery.state))
    store.deliveries(states=["sent", "dead"])
    store.deliveries()
    store.delivery("a1")
    store.retry(["a1"], NOW)
    store.drop(["a1"])
    store.add_label("japan", entry.id, "on", NOW)
    store.labels("japan")
    store.save_report(PassReport(NOW, NOW))
    store.last_report()
    store.add_notice("a", "text", NOW)
    store.notices()
    store.mark_told(["a"])
    store.set_paused(A.url, True)
    store.set_paused(A.url, False)
    store.entry_counts()
    store.feeds()
    store.purge(entries_before=NOW + DAY, seen_before=NOW + DAY)


def test_no_query_walks_over_a_table(store: SqliteStore) -> None:
    asked: set[str] = set()
    store._db.set_trace_callback(asked.add)  # the only way to see what is asked
    use_everything(store)
    store._db.set_trace_callback(None)

    plans = {query: _plan(store._db, query) for query in asked if re.match("(SELECT|UPDATE|DELETE|INSERT)", query)}

    walks = {line: query for query, plan in plans.items() for line in plan if _walks(line)}
    assert walks == {}
    assert len(plans) > 60


def _plan(connection: sqlite3.Connection, query: str) -> list[str]:
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]


def _walks(line: str) -> bool:
    """Whether a step of a plan reads a whole table; reading an index in order, up to a limit, is none."""
    return (
        line.startswith("SCAN")
        and not re.search("USING (COVERING )?INDEX|SCAN CONSTANT", line)
        and not any(name in line for name in _WHOLE)
    )


def steps(store: SqliteStore, work: Callable[[], object]) -> int:
    """How many instructions SQLite's machine runs for ``work``."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    store._db.set_progress_handler(tick, 1)
    work()
    store._db.set_progress_handler(None, 0)
    return count


def a_pass(store: SqliteStore, at: int) -> None:
    """Ten feeds are polled, one of them has something new, and a digest window is closed."""
    now = NOW + at * DAY
    outcomes = []
    for number, record in enumerate(store.claim_due(now, limit=10, lease=LEASE)):
        entry = an_entry(at * 1_000_000, record.feed, found=now)
        store.seen(record.id, entry.keys.present())
        decided = Decided() if number else Decided(new=(entry,))
        matches = () if number else (a_match(entry, at=now),)
        outcomes.append(PollOutcome(polled(record, now), decided, matches))
    store.record(outcomes)
    waiting = store.matches("japan", waiting=True)
    store.close_window(store.profile_state("japan"), [match.entry.id for match in waiting], f"d{at}", [], now)
    store.count_entries(now, now + HOUR)


def test_a_pass_costs_the_same_however_much_is_stored(store: SqliteStore) -> None:
    feeds = [Feed(f"https://{number}.example/") for number in range(10)]
    store.sync_feeds(feeds, NOW)
    a_pass(store, 0)
    before = steps(store, lambda: a_pass(store, 1))
    for feed in feeds:
        entries = tuple(an_entry(number, feed) for number in range(100))
        learn(store, *entries, matches=tuple(map(a_match, entries)), feed=feed, at=NOW + DAY + HOUR)
    a_pass(store, 2)

    after = steps(store, lambda: a_pass(store, 3))

    assert after < before * 1.2
    store.purge(entries_before=NOW - DAY, seen_before=NOW - DAY)
    assert steps(store, lambda: store.purge(entries_before=NOW - DAY, seen_before=NOW - DAY)) < 1_000


def test_a_search_by_index_costs_by_its_hits(store: SqliteStore) -> None:
    learn(store, *(an_entry(number, text=f"word{number:04}") for number in range(2_000)))
    while store.index_text():
        pass

    assert steps(store, lambda: store.search("word0042")) < 2_000


def test_feeds_that_stand_in_the_store_already_are_not_compared_again(store: SqliteStore) -> None:
    feeds = (A,)
    store.sync_feeds(feeds, NOW)
    asked: list[str] = []
    store._db.set_trace_callback(asked.append)

    store.sync_feeds(feeds, NOW)
    assert not any("FROM feeds" in query for query in asked)
    store.sync_feeds((A, Feed("https://b.example/")), NOW)
    assert any("FROM feeds" in query for query in asked)


def test_what_another_process_made_of_the_feeds_is_seen(store: SqliteStore, tmp_path: Path) -> None:
    feeds = (A,)
    store.sync_feeds(feeds, NOW)
    other = SqliteStore(tmp_path / "newsbell.db", NOW)
    other.sync_feeds((), NOW)
    other.close()
    assert store.feeds() == []

    store.sync_feeds(feeds, NOW)
    assert [record.feed for record in store.feeds()] == [A]
