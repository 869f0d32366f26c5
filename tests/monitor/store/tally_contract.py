"""What every store counts for the metrics."""

from __future__ import annotations

from dataclasses import replace

from monitor.ports import Store
from tests.alerts.outbox_contract import message
from tests.monitor.store.samples import NOW, A, B, a_match, an_entry, learn


class TallyContract:
    """How much there is of everything, and totals that only grow."""

    def test_an_empty_store_counts_nothing(self, store: Store) -> None:
        tally = store.tally()
        assert (tally.entries, dict(tally.feeds), dict(tally.deliveries), dict(tally.totals)) == (0, {}, {}, {})
        assert (tally.next_poll, tally.next_attempt) == (None, None)

    def test_it_counts_what_it_holds(self, store: Store) -> None:
        entry, other = an_entry(), an_entry(1)
        learn(store, entry, other, an_entry(2), matches=(a_match(entry), a_match(other)))
        state = replace(store.profile_state("japan"), last_sent=NOW)
        store.close_window(state, [entry.id], "d1", [message()], NOW)
        tally = store.tally()
        assert (tally.entries, dict(tally.matches), dict(tally.waiting)) == (3, {"japan": 2}, {"japan": 1})
        assert sum(tally.feeds.values()) == len(store.feeds())
        assert (dict(tally.deliveries), tally.next_attempt) == ({"pending": 1}, NOW)
        assert dict(tally.last_sent) == {"japan": NOW}
        assert tally.next_poll == min(feed.next_poll for feed in store.feeds() if feed.next_poll)

    def test_paused_and_switched_off_feeds_are_never_late(self, store: Store) -> None:
        store.sync_feeds([A, replace(B, enabled=False)], NOW)
        store.set_paused(A.url, True)
        assert (dict(store.tally().feeds), store.tally().next_poll) == ({"paused": 2}, None)

    def test_a_removed_feed_is_not_counted(self, store: Store) -> None:
        store.sync_feeds([A, B], NOW)
        store.sync_feeds([A], NOW)
        assert dict(store.tally().feeds) == {"new": 1}

    def test_totals_add_up(self, store: Store) -> None:
        store.count({"passes": 1, "entries": 5, "nothing": 0})
        store.count({"passes": 1})
        store.count({})
        assert dict(store.tally().totals) == {"passes": 2, "entries": 5}
