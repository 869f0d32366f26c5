"""Several processes on one database, and processes that are killed."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.model import Feed
from monitor.store.sqlite import SqliteStore
from tests.monitor.store.samples import NOW

pytestmark = pytest.mark.processes

ROUNDS, STEP = 5, 1_000_000


def start(path: Path, what: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.monitor.store.workload", str(path), what]
    return subprocess.Popen(command, stdin=-1, stdout=-1, text=True)


def test_a_killed_program_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    """Killed again and again in the middle of its commits: each step is there whole or not at all."""
    path = tmp_path / "newsbell.db"
    committed: set[str] = set()
    chance = random.Random(20250303)
    for number in range(ROUNDS):
        with start(path, str(number * STEP)) as program:
            assert program.stdout is not None
            committed |= {program.stdout.readline().strip() for _ in range(chance.randint(1, 60))}
            program.kill()
            committed |= {line.strip() for line in program.stdout if line.endswith("\n")}

    store = SqliteStore(path, NOW, alone=True)
    entries = {entry.id for entry in store.entries()}
    told = {match.entry.id: match.digest for match in store.matches("japan")}
    messages = {delivery.message.key for delivery in store.deliveries(limit=100_000)}
    store.close()
    assert committed <= entries
    assert told == {entry: entry for entry in entries}
    assert messages == entries
    assert len(entries) <= len(committed) + ROUNDS


def test_two_processes_never_claim_the_same_feed(tmp_path: Path) -> None:
    path = tmp_path / "newsbell.db"
    feeds = [Feed(f"https://{number}.example/") for number in range(300)]
    store = SqliteStore(path, NOW)
    store.sync_feeds(feeds, NOW)

    with start(path, "claim") as first, start(path, "claim") as second:
        for program in (first, second):
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
        shares = [program.communicate("go\n")[0].split() for program in _let_go(first, second)]

    assert sorted(shares[0] + shares[1]) == sorted(feed.url for feed in feeds)
    assert {record.fence for record in store.feeds()} == {1}
    store.close()


def _let_go(*programs: subprocess.Popen[str]) -> tuple[subprocess.Popen[str], ...]:
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
    return programs
