"""``python -m tests.bench.scale``: what a PostgreSQL store takes in, with workers in processes of their own.

Claims and completions of feeds in batches, and new entries, one feed a commit and many. No HTTP work is done. The
server is one that pip brings, on this machine, with everything on that keeps what it was given; or that of
``NEWSBELL_TEST_POSTGRES``.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

import psycopg

from monitor.lanes import slot_of
from monitor.model import Decided, Entry, EntryKeys, Feed, FeedRecord, PollOutcome
from monitor.store.postgres.schema import RECOUNT
from monitor.store.postgres.server import connect, migrate
from monitor.store.postgres.store import PostgresStore
from monitor.store.rows import stamp
from tests.bench.cpu import cpu_of
from tests.servers.postgres import any_server, database

NOW = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
INTERVAL = timedelta(minutes=30)
LEASE = timedelta(minutes=15)
CLAIM = 100  # feeds at a time
ENTRIES = 10  # of one feed that was polled
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
TEXT = "What was said at the meeting, and what the ministers did not say. " * 3


@dataclass(frozen=True)
class Share:
    """What one worker did: how much of it, from when to when, and its CPU seconds."""

    done: int
    began: float
    ended: float
    cpu: float


def complete_due(url: str, number: int) -> Iterator[int]:
    """Claim what is due, batch after batch, and write it back as unchanged; yields the size of each batch."""
    store = PostgresStore(url)
    while records := store.claim_due(NOW, limit=CLAIM, lease=LEASE):
        store.record([_unchanged(record) for record in records])
        yield len(records)
    store.close()


def insert(url: str, number: int, *, feeds: int, rounds: int) -> Iterator[int]:
    """Claim feeds and write back 10 new entries of each, ``feeds`` of them a commit; yields the entries of each."""
    store = PostgresStore(url)
    for turn in range(rounds):
        records = store.claim_due(NOW, limit=feeds, lease=LEASE)
        store.record([_brought(record, turn) for record in records])
        yield ENTRIES * len(records)
    store.close()


def _unchanged(record: FeedRecord) -> PollOutcome:
    return PollOutcome(replace(record, last_poll=NOW, last_ok=NOW, last_status=304, next_poll=NOW + INTERVAL))


def _brought(record: FeedRecord, turn: int) -> PollOutcome:
    new = tuple(_entry(record.feed.url, f"{record.id} {turn} {number}") for number in range(ENTRIES))
    return PollOutcome(replace(record, last_poll=NOW, last_ok=NOW, next_poll=NOW + INTERVAL), Decided(new=new))


def _entry(url: str, name: str) -> Entry:
    digest = hashlib.sha256(name.encode()).digest()
    return Entry(
        url,
        EntryKeys(b"g" + digest[:7], b"l" + digest[7:14], b"c" + digest[14:21]),
        f"Story {name} of the day",
        f"https://feeds.example/story/{digest.hex()}",
        summary=TEXT,
        fingerprint=digest[21:29],
        id=digest.hex()[:16],
        found=NOW,
    )


def _work(task: Callable[[str, int], Iterator[int]], url: str, number: int, start: object, answers: object) -> None:
    """Do ``task`` once everybody is ready; in a process of its own."""
    steps = task(url, number)
    start.wait()  # type: ignore[attr-defined]  # multiprocessing's barrier has no public type
    began, cpu = time.monotonic(), time.process_time()
    done = sum(steps)
    answers.put(Share(done, began, time.monotonic(), time.process_time() - cpu))  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Cost:
    """What ``workers`` did together: how much a second, and CPU µs of worker and of database for each."""

    rate: float
    worker: float
    database: float


def together(task: Callable[[str, int], Iterator[int]], url: str, workers: int) -> Cost:
    """``workers`` processes at ``task``."""
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(workers), context.Queue()
    processes = [context.Process(target=_work, args=(task, url, n, start, answers)) for n in range(workers)]
    for process in processes:
        process.start()
    used = database_cpu(url)
    shares = [answers.get(timeout=600) for _ in processes]
    for process in processes:
        process.join()
    done = sum(share.done for share in shares)
    wall = max(share.ended for share in shares) - min(share.began for share in shares)
    used = database_cpu(url) - used
    return Cost(done / wall, 1e6 * sum(share.cpu for share in shares) / done, 1e6 * used / done)


def database_cpu(url: str) -> float:
    """CPU seconds that all processes of the server have used so far; it must run on this machine."""
    with psycopg.connect(url) as db:
        row = db.execute("SHOW data_directory").fetchone()
    assert row is not None
    return cpu_of([int((Path(row[0]) / "postmaster.pid").read_text().split()[0])])


def fill(url: str, feeds: int, idle: int = 0) -> None:
    """A new database with ``feeds`` feeds, all of them due, and ``idle`` ones that are due within the half hour."""
    migrate(url)
    with closing(PostgresStore(url)) as store:
        store.sync_feeds([Feed(f"https://host{number // 5}.example/{number}") for number in range(feeds)], NOW)
    if not idle:
        return
    columns = "url, address, slot, position, present, enabled, config_title, state, next_poll"
    with closing(connect(url)) as db, db.cursor() as cursor:
        with cursor.copy(f"COPY feeds ({columns}) FROM STDIN") as copy:
            for number in range(feeds, feeds + idle):
                address = f"https://host{number // 5}.example/{number}"
                due = stamp(NOW + INTERVAL * (number - feeds + 1) / idle)
                copy.write_row((address, address, slot_of(address), number, True, True, "", "ok", due))
        cursor.execute(RECOUNT)
        cursor.execute("VACUUM ANALYZE feeds")


def plan(url: str) -> float:
    """Milliseconds of one look at what is due, as workers plan, the median of many."""
    took = []
    with closing(PostgresStore(url)) as store:
        for _ in range(25):
            began = time.monotonic()
            store.due_slots(NOW)
            store.waiting_profiles()
            store.next_due()
            store.fleet(worst=10)
            took.append(1000 * (time.monotonic() - began))
    return median(took)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("--feeds", type=int, default=20_000)
    parser.add_argument("--idle", type=int, default=0, help="feeds that are not due, beside them")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    rounds = chosen.feeds // (8 * chosen.workers)
    tasks: dict[str, tuple[str, Callable[[str, int], Iterator[int]]]] = {
        f"claim and complete, {CLAIM} at a time": ("feeds", complete_due),
        "new entries, one feed a commit": ("rows", partial(insert, feeds=1, rounds=rounds)),
        "new entries, 64 feeds a commit": ("rows", partial(insert, feeds=64, rounds=max(1, rounds // 16))),
    }
    found: dict[str, list[Cost]] = {name: [] for name in tasks}
    plans: list[float] = []
    with any_server(DURABLE) as server:
        for run in range(chosen.runs):
            for at, (name, (_, task)) in enumerate(tasks.items()):
                with database(server, f"bench_{run}_{at}") as url:
                    fill(url, chosen.feeds, chosen.idle)
                    plans.append(plan(url))
                    found[name].append(together(task, url, chosen.workers))
    everything = chosen.feeds + chosen.idle
    sys.stdout.write(
        f"{chosen.workers} workers, {chosen.feeds} due feeds of {everything}, medians of {chosen.runs}\n"
        f"a look at what is due: {median(plans):.1f} ms\n"
    )
    for name, runs in found.items():
        rate, worker, used = (median(getattr(run, part) for run in runs) for part in ("rate", "worker", "database"))
        sys.stdout.write(f"{name:36} {rate:8.0f} {tasks[name][0]} a second; CPU for each: ")
        sys.stdout.write(f"{worker:4.0f} µs of a worker, {used:4.0f} µs of the database\n")


if __name__ == "__main__":
    main()
