"""SQLite and the fake do the same, whatever is asked of them in whatever order."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from alerts.model import DeliveryState, Mark
from monitor.model import Decided, Feed, FeedRecord, PollOutcome, SeenEntry
from monitor.ports import Store
from monitor.store.memory import MemoryStore
from monitor.store.sqlite import SqliteStore
from tests.alerts.outbox_contract import message, receipt
from tests.examples import examples
from tests.monitor.store.samples import HOUR, LEASE, NOW, a_match, an_entry, polled

FEEDS = [Feed(f"https://{name}.example/feed") for name in "abc"]
entry_numbers = st.lists(st.integers(0, 6), max_size=3, unique=True)


class Twins(RuleBasedStateMachine):
    """Two stores that are asked the same; after every step they must know the same."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.sqlite = SqliteStore(Path(self.folder.name) / "newsbell.db", NOW)
        self.memory = MemoryStore()
        self.now = NOW
        self.claimed: list[tuple[FeedRecord, FeedRecord]] = []
        for store in self.stores:
            store.sync_feeds(FEEDS, NOW)

    @property
    def stores(self) -> tuple[Store, Store]:
        return self.sqlite, self.memory

    @rule(step=st.sampled_from([timedelta(0), timedelta(minutes=1), LEASE, HOUR, -HOUR]))
    def time_passes(self, step: timedelta) -> None:
        self.now += step

    @rule(feeds=st.lists(st.sampled_from(FEEDS), unique=True))
    def sync(self, feeds: list[Feed]) -> None:
        for store in self.stores:
            store.sync_feeds(feeds, self.now)

    @rule(limit=st.integers(1, 3), every=st.booleans())
    def claim(self, limit: int, every: bool) -> None:
        # The order among feeds that are due since the same moment is free, so all of them are asked for, or named.
        claims = [store.claim_due(self.now, limit=9, lease=LEASE, every=every) for store in self.stores]
        by_url = [{record.feed.url: record for record in claim} for claim in claims]
        assert by_url[0].keys() == by_url[1].keys()
        self.claimed += [(by_url[0][url], by_url[1][url]) for url in sorted(by_url[0])]

    @rule(numbers=entry_numbers, edited=entry_numbers, touched=entry_numbers, wait=st.sampled_from([LEASE, HOUR]))
    def record(self, numbers: list[int], edited: list[int], touched: list[int], wait: timedelta) -> None:
        if not self.claimed:
            return
        pair = self.claimed.pop(0)
        taken = []
        for store, claimed in zip(self.stores, pair, strict=True):
            decided = _decided(claimed.feed, self.now, numbers, edited, touched)
            matches = tuple(a_match(entry, at=self.now) for entry in decided.new)
            outcome = PollOutcome(polled(claimed, self.now, wait=wait), decided, matches)
            taken.append(store.record([outcome]))
        assert taken[0] == taken[1]

    @rule(paused=st.booleans(), feed=st.sampled_from(FEEDS))
    def pause(self, paused: bool, feed: Feed) -> None:
        assert self.sqlite.set_paused(feed.url, paused) == self.memory.set_paused(feed.url, paused)

    @rule(numbers=entry_numbers)
    def close_window(self, numbers: list[int]) -> None:
        told = [an_entry(number, FEEDS[0]).id for number in numbers]
        for store in self.stores:
            state = replace(store.profile_state("japan"), window_end=self.now)
            assert store.close_window(state, told, f"d{self.now}", [message(f"k{self.now}")], self.now)

    @rule(
        state=st.sampled_from([None, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DEAD]),
        mark=st.sampled_from([Mark.NONE, Mark.GONE]),
    )
    def deliver(self, state: DeliveryState | None, mark: Mark) -> None:
        claims = [store.claim(self.now, limit=9, lease=LEASE) for store in self.stores]
        assert claims[0] == claims[1]
        for delivery in claims[0][:1]:
            assert {store.begin(delivery) for store in self.stores} == {True}
            if state is None:
                return
            pause = HOUR if state == DeliveryState.FAILED else None
            assert {store.settle(receipt(delivery, state, after=pause, mark=mark)) for store in self.stores} == {True}

    @rule()
    def retry(self) -> None:
        keys = [each.message.key for each in self.memory.deliveries(states=["failed", "dead"])][:1]
        assert self.sqlite.retry(keys, self.now) == self.memory.retry(keys, self.now)

    @rule(age=st.sampled_from([timedelta(0), HOUR]), limit=st.integers(1, 5))
    def purge(self, age: timedelta, limit: int) -> None:
        before = self.now - age
        gone = [store.purge(entries_before=before, seen_before=before, limit=limit) for store in self.stores]
        assert gone[0] == gone[1]

    @rule()
    def release(self) -> None:
        for store in self.stores:
            store.release_claims()

    @rule(query=st.sampled_from(["story", "edited", "story 3", "1"]))
    def search(self, query: str) -> None:
        assert list(self.sqlite.search(query)) == list(self.memory.search(query))
        self.sqlite.index_text(limit=3)

    def teardown(self) -> None:
        """Everything they know is the same."""
        if not hasattr(self, "folder"):
            return
        assert _known(self.sqlite) == _known(self.memory)
        self.sqlite.close()
        self.folder.cleanup()


def _decided(feed: Feed, now: datetime, new: list[int], edited: list[int], touched: list[int]) -> Decided:
    changed = [an_entry(number, feed, title=f"Edited {number}", found=now) for number in edited]
    twins = [an_entry(number, feed) for number in touched]
    return Decided(
        new=tuple(an_entry(number, feed, found=now) for number in new),
        edited=tuple(replace(entry, keys=replace(entry.keys, content=b"c%07d" % n)) for n, entry in enumerate(changed)),
        touched=tuple(SeenEntry(twin.id, replace(twin.keys, guid=b"g%07d" % n)) for n, twin in enumerate(twins)),
    )


def _known(store: Store) -> tuple[object, ...]:
    records = [replace(record, id=0) for record in store.feeds()]
    return (
        records,
        store.next_due(),
        store.entry_counts(),
        list(store.entries()),
        list(store.matches("japan")),
        list(store.matches("japan", waiting=True)),
        store.profile_state("japan"),
        list(store.deliveries()),
        store.gone(),
    )


TestTwins = Twins.TestCase
TestTwins.settings = settings(examples(0.25), stateful_step_count=25)
