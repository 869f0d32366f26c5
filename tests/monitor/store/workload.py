"""A program that is killed: ``python -m tests.monitor.store.workload PATH ROUND`` works until somebody ends it.

Each step is one transaction that stores an entry, its match and a message, and is named on standard output when it
is committed. With ``claim`` in place of the round it claims all feeds, names them, and ends.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from alerts.model import Message
from monitor.model import Decided, PollOutcome
from monitor.store.sqlite import SqliteStore
from tests.monitor.store.samples import LEASE, NOW, SECOND, A, a_match, an_entry, claim, polled

MESSAGE = Message("", "japan", "desk", "desk@example.org", "Subject", b"body " * 500, "text/plain")


def say(line: str) -> None:
    """Write one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def work(path: Path, start: int) -> None:
    """Commit steps for ever, from number ``start`` on."""
    store = SqliteStore(path, NOW, alone=True)
    store.sync_feeds([A], NOW)
    for number in range(start, start + 1_000_000):
        at = NOW + number * SECOND
        entry = an_entry(number, text="text " * 300, found=at)
        (record,) = claim(store, at)
        with store.transaction():
            outcome = PollOutcome(polled(record, at, wait=SECOND), Decided(new=(entry,)), (a_match(entry, at=at),))
            store.record([outcome])
            state = store.profile_state("japan")
            message = replace(MESSAGE, key=entry.id)
            store.close_window(replace(state, window_end=at), [entry.id], entry.id, [message], at)
        say(entry.id)


def claim_all(path: Path) -> None:
    """Claim and name feeds, a few at a time, until none is left."""
    store = SqliteStore(path, NOW)
    say("ready")
    sys.stdin.readline()
    while records := store.claim_due(NOW, limit=7, lease=LEASE):
        say(" ".join(record.feed.url for record in records))
        store.record([PollOutcome(polled(record)) for record in records])
    store.close()


if __name__ == "__main__":
    if sys.argv[2] == "claim":
        claim_all(Path(sys.argv[1]))
    else:
        work(Path(sys.argv[1]), int(sys.argv[2]))
