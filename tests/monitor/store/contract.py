"""What every store must do. A subclass gives the fixture ``store``; the tests run on it unchanged."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from alerts.model import DeliveryState, Message
from alerts.ports import Outbox
from monitor.errors import StoreError
from monitor.lanes import SLOTS, slot_of
from monitor.model import (
    Decided,
    EntryKeys,
    Feed,
    FeedHints,
    FeedState,
    PassReport,
    PollMemory,
    PollOutcome,
    ProfileState,
    SeenEntry,
    Validators,
)
from monitor.ports import Store
from tests.alerts.outbox_contract import OutboxContract, receipt
from tests.monitor.store.samples import (
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    NOW,
    SECOND,
    A,
    B,
    a_match,
    an_entry,
    claim,
    learn,
    polled,
)
from tests.monitor.store.tally_contract import TallyContract


def a_message(key: str = "k1") -> Message:
    return Message(key, "japan", "desk", "desk@example.org", "Subject", b"body", "text/plain")


NEW = Feed("https://new.example/feed", title="Moved")


def waits(store: Store) -> set[datetime | None]:
    """When deliveries are tried next."""
    return {delivery.next_attempt for delivery in store.deliveries()}


class FeedContract:
    """Feeds: their configuration, their leases, what a poll gives back."""

    def test_a_new_feed_is_due_at_once_and_knows_nothing(self, store: Store) -> None:
        store.sync_feeds([A, B], NOW)

        first, second = store.feeds()

        assert (first.feed, first.address, first.state, first.next_poll) == (A, A.url, FeedState.NEW, NOW)
        assert (first.memory, first.validators, first.baseline) == (PollMemory(), Validators(), False)
        assert [first.title, second.title] == ["a.example", "The B Times"]

    def test_everything_a_poll_learned_comes_back(self, store: Store) -> None:
        store.sync_feeds([A], NOW)
        (record,) = claim(store)
        memory = PollMemory(
            hints=FeedHints(MINUTE * 90, HOUR * 2, frozenset({0, 23}), frozenset({5, 6})),
            freshness=MINUTE,
            arrivals=(1741000000, 1740000000),
            redirect_to="https://new.example/ຂ່າວ",
            redirect_since=NOW,
            redirect_polls=2,
            failing_since=NOW - DAY,
            state_since=NOW - HOUR,
            announced="silent",
            window=40,
            rolled_over=True,
            loss="it shows 5,010 entries",
            loss_since=NOW,
        )
        learned = replace(
            polled(record),
            address="https://moved.example/",
            state=FeedState.MOVED,
            title="ລາວ",
            validators=Validators('W/"a,b"', "yesterday-ish"),
            body_hash=b"\x00" * 16,
            fingerprints=b"\xff" * 16,
            last_new=NOW,
            failures=3,
            error="no",
            baseline=True,
            memory=memory,
        )

        assert store.record([PollOutcome(learned)]) == 1
        assert store.feeds() == [learned]

    def test_a_retired_feed_is_never_due_until_it_is_resumed(self, store: Store) -> None:
        store.sync_feeds([A], NOW)
        (record,) = claim(store)
        store.record([PollOutcome(replace(polled(record), state=FeedState.GONE, next_poll=None))])

        assert claim(store, NOW + DAY * 400) == []
        assert store.claim_due(NOW + DAY, limit=9, lease=LEASE, every=True) == []
        assert store.set_paused(A.url, False)
        assert [feed.state for feed in store.feeds()] == [FeedState.DEGRADED]
        assert len(claim(store, NOW + SECOND)) == 1

    def test_the_watched_feeds_are_counted_and_the_worst_come_first(self, store: Store) -> None:
        """Neither paused nor removed ones are watched, nor those that are switched off."""
        feeds = [Feed(f"https://{name}.example/") for name in "abcdefgh"]
        states = dict(zip(feeds[:6], ["ok", "gone", "degraded", "moved", "silent", "degraded"], strict=True))
        store.sync_feeds(feeds, NOW)
        claimed = {record.feed: record for record in claim(store)}
        store.record(
            [PollOutcome(replace(polled(claimed[feed]), state=FeedState(state))) for feed, state in states.items()]
        )
        assert (store.fleet().watched, store.fleet().healthy, store.fleet().worst) == (8, 4, ())

        store.set_paused(feeds[4].url, True)
        store.sync_feeds([*feeds[:6], replace(feeds[6], enabled=False)], NOW)

        fleet = store.fleet(worst=2)
        assert (fleet.watched, fleet.healthy, dict(fleet.ill)) == (5, 2, {"gone": 1, "degraded": 2})
        assert [record.feed for record in fleet.worst] == [feeds[1], feeds[2]]

    def test_the_order_of_the_config_is_kept(self, store: Store) -> None:
        store.sync_feeds([B, A], NOW)
        store.sync_feeds([A, B], NOW)

        assert [record.feed for record in store.feeds()] == [A, B]

    def test_a_removed_feed_rests_and_goes_on_when_it_comes_back(self, store: Store) -> None:
        learn(store, an_entry())
        store.sync_feeds([B], NOW)

        assert [record.feed for record in store.feeds()] == [B]
        assert [record.feed for record in claim(store, NOW + DAY)] == [B]
        assert {record.feed for record in store.feeds(include_removed=True)} == {A, B}
        store.sync_feeds([A, B], NOW + DAY)
        assert store.feeds()[0].last_ok == NOW
        assert store.entry_counts() == {A.url: 1, B.url: 0}

    def test_a_changed_feed_keeps_what_it_knows(self, store: Store) -> None:
        before = learn(store, an_entry())
        changed = Feed(A.url, title="A News", lang="lo", interval=HOUR)

        store.sync_feeds([changed], NOW + DAY)

        assert store.feeds() == [replace(before, feed=changed, title="A News")]

    def test_a_title_taken_out_of_the_config_is_forgotten(self, store: Store) -> None:
        store.sync_feeds([B], NOW)
        (record,) = claim(store)
        store.record([PollOutcome(polled(record))])

        store.sync_feeds([Feed(B.url)], NOW)

        assert [record.title for record in store.feeds()] == ["b.example"]

    def test_a_title_changed_during_a_poll_stays(self, store: Store) -> None:
        store.sync_feeds([A], NOW)
        (record,) = claim(store)
        store.sync_feeds([replace(A, title="Changed")], NOW)
        store.record([PollOutcome(replace(polled(record), title="What the document says"))])

        assert [(record.title, record.feed.title) for record in store.feeds()] == [("Changed", "Changed")]

    @pytest.mark.parametrize("enabled", [True, False])
    def test_a_disabled_feed_is_not_polled(self, store: Store, enabled: bool) -> None:
        store.sync_feeds([replace(A, enabled=enabled)], NOW)

        assert len(claim(store)) == enabled
        assert [record.feed.enabled for record in store.feeds()] == [enabled]

    def test_a_paused_feed_says_so_and_goes_on_as_it_was(self, store: Store) -> None:
        learn(store, an_entry())

        assert store.set_paused(A.url, True)
        assert [record.state for record in store.feeds()] == [FeedState.PAUSED]
        assert claim(store, NOW + DAY) == []
        assert store.set_paused(A.url, False)
        assert [record.state for record in store.feeds()] == [FeedState.OK]
        assert len(claim(store, NOW + DAY)) == 1

    def test_a_pause_during_a_poll_stays(self, store: Store) -> None:
        store.sync_feeds([A], NOW)
        (record,) = claim(store)
        store.set_paused(A.url, True)

        store.record([PollOutcome(polled(record))])

        assert [record.state for record in store.feeds()] == [FeedState.PAUSED]

    def test_an_unknown_feed_cannot_be_paused(self, store: Store) -> None:
        assert store.set_paused("https://nobody.example/", True) is False

    def test_a_poll_planned_under_a_wrong_clock_is_brought_back(self, store: Store) -> None:
        """Without this a feed polled while the clock stood in 2099 would rest until then."""
        store.sync_feeds([A, B], NOW)
        wrong, right = claim(store)
        late = NOW + DAY * 35
        store.record([PollOutcome(polled(wrong, wait=DAY * 9000)), PollOutcome(polled(right, wait=DAY * 35))])

        store.sync_feeds([A, B], NOW)

        assert [record.next_poll for record in store.feeds()] == [NOW, late]

    def test_what_a_clock_planned_that_was_days_ahead_is_due_when_it_is_right_again(self, store: Store) -> None:
        """Without this a feed polled once under a clock 30 days ahead would rest for 30 days, and say it is well."""
        store.sync_feeds([A, B], NOW)
        wrong, right = claim(store)
        store.record([PollOutcome(polled(wrong, NOW + DAY * 30)), PollOutcome(polled(right, NOW + MINUTE))])
        store.enqueue([a_message("ahead")], NOW + DAY * 30)

        store.sync_feeds([A, B], NOW + HOUR)

        assert [record.next_poll for record in store.feeds()] == [NOW + HOUR, NOW + MINUTE + HOUR]
        assert [delivery.message.key for delivery in store.claim(NOW + HOUR, limit=9, lease=LEASE)] == ["ahead"]

    def test_an_attempt_that_a_wrong_clock_put_off_is_made_when_it_is_right_again(self, store: Store) -> None:
        store.sync_feeds([A], NOW)
        store.enqueue([a_message("later"), a_message("soon")], NOW)
        pauses = {"later": DAY * 30, "soon": MINUTE}
        for delivery in store.claim(NOW, limit=9, lease=LEASE):
            failed = receipt(delivery, DeliveryState.FAILED)
            store.settle(replace(failed, next_attempt=NOW + pauses[delivery.message.key]))
        store.sync_feeds([A], NOW)
        assert waits(store) == {NOW + MINUTE, NOW + DAY * 30}, "a receiver may ask for a month"
        store.record([PollOutcome(polled(record, NOW + DAY * 30)) for record in claim(store)])

        store.sync_feeds([A], NOW + HOUR)

        assert waits(store) == {NOW + MINUTE, NOW + HOUR}

    def test_clocks_that_differ_a_little_bring_nothing_forward(self, store: Store) -> None:
        store.sync_feeds([A], NOW)
        (record,) = claim(store)
        store.record([PollOutcome(polled(record, NOW + MINUTE * 50, wait=DAY))])

        store.sync_feeds([A], NOW)

        assert [record.next_poll for record in store.feeds()] == [NOW + MINUTE * 50 + DAY]

    @pytest.mark.parametrize("learned", [{"address": NEW.url}, {"memory": PollMemory(redirect_to=NEW.url)}])
    def test_a_feed_that_the_config_names_by_its_new_address_stays_the_same(
        self, store: Store, learned: dict[str, Any]
    ) -> None:
        """Without this whoever does what the notice asks for would lose what appeared since the last poll."""
        entry = an_entry()
        learn(store, entry, matches=(a_match(entry),))
        (record,) = claim(store, NOW + DAY)
        moved = replace(polled(record, NOW + DAY), state=FeedState.MOVED, baseline=True, **learned)
        store.record([PollOutcome(moved)])

        store.sync_feeds([B, NEW], NOW + DAY)

        other, after = store.feeds(include_removed=True)
        assert (other.feed, after.feed, after.address) == (B, NEW, NEW.url)
        assert (after.id, after.state, after.next_poll) == (record.id, FeedState.OK, moved.next_poll)
        assert after.baseline
        assert {known.id for known in store.seen(record.id, entry.keys.present()).values()} == {entry.id}
        assert [known.feed_url for known in store.entries()] == [NEW.url]
        assert [match.entry.feed_url for match in store.matches("japan")] == [NEW.url]
        assert store.entry_counts()[NEW.url] == 1

    def test_a_poll_under_the_old_address_is_not_taken_any_more(self, store: Store) -> None:
        learn(store, an_entry())
        (record,) = claim(store, NOW + DAY)
        store.record([PollOutcome(replace(polled(record, NOW + DAY), address=NEW.url))])
        (late,) = claim(store, NOW + DAY * 2)

        store.sync_feeds([NEW], NOW + DAY * 2)

        assert store.record([PollOutcome(replace(polled(late), address=A.url))]) == 0
        assert [feed.feed.url for feed in claim(store, NOW + DAY * 2 + SECOND)] == [NEW.url]

    @pytest.mark.parametrize("config", [(A, NEW), (B, A, NEW)])
    def test_an_address_beside_the_old_one_is_a_feed_of_its_own(self, store: Store, config: tuple[Feed, ...]) -> None:
        learn(store, an_entry())
        (record,) = claim(store, NOW + DAY)
        store.record([PollOutcome(replace(polled(record, NOW + DAY), address=NEW.url))])
        store.sync_feeds([B], NOW + DAY)

        store.sync_feeds(config, NOW + DAY)

        assert {each.feed.url: each.state for each in store.feeds()}[NEW.url] == FeedState.NEW
        assert {each.feed.url: each.id for each in store.feeds()}[A.url] == record.id

    def test_an_address_that_is_known_by_itself_takes_over_nothing(self, store: Store) -> None:
        store.sync_feeds([A, NEW], NOW)
        ids = {record.feed.url: record.id for record in store.feeds()}
        store.record([PollOutcome(replace(polled(record), address=NEW.url)) for record in claim(store)])
        store.sync_feeds([], NOW)

        store.sync_feeds([NEW], NOW)

        assert [record.id for record in store.feeds()] == [ids[NEW.url]]


class ClaimContract:
    """Leases: no feed is polled by two at once, none is lost with its worker."""

    def test_a_claim_leases_the_longest_due_first_and_no_more_than_asked(self, store: Store) -> None:
        feeds = [Feed(f"https://{number}.example/") for number in range(4)]
        store.sync_feeds(feeds[:1], NOW + 2 * SECOND)
        store.sync_feeds(feeds[:2], NOW)
        store.sync_feeds(feeds, NOW + SECOND)

        claimed = claim(store, NOW + HOUR, limit=3)

        assert claimed[0].feed == feeds[1]
        assert {record.feed for record in claimed[1:]} == {feeds[2], feeds[3]}

    def test_what_is_leased_is_handed_to_nobody_else(self, store: Store) -> None:
        store.sync_feeds([A], NOW)
        claim(store)

        assert claim(store, NOW + SECOND) == []
        assert store.claim_due(NOW + SECOND, limit=9, lease=LEASE, every=True) == []

    def test_a_lease_ends_when_the_poll_is_recorded(self, store: Store) -> None:
        store.sync_feeds([A], NOW)
        (record,) = claim(store)
        store.record([PollOutcome(polled(record, wait=SECOND))])

        assert len(claim(store, NOW + SECOND)) == 1

    def test_a_late_writer_changes_nothing(self, store: Store) -> None:
        """Its lease ran out and another worker has the feed: nothing of what the first one learned may be stored."""
        store.sync_feeds([A], NOW)
        (late,) = claim(store)
        (fresh,) = claim(store, NOW + LEASE)
        entry = an_entry()

        assert fresh.fence > late.fence
        assert store.record([PollOutcome(polled(late), Decided(new=(entry,)), (a_match(entry),))]) == 0
        assert store.entry(entry.id) is None
        assert store.feeds()[0].state == FeedState.NEW
        assert store.record([PollOutcome(polled(fresh, NOW + LEASE))]) == 1

    def test_the_next_due_time_is_the_earliest_of_polls_and_deliveries(self, store: Store) -> None:
        assert store.next_due() is None
        store.sync_feeds([A, B], NOW)
        assert store.next_due() == NOW
        first, second = claim(store)
        assert store.next_due() == NOW + LEASE
        store.record([PollOutcome(polled(first, wait=HOUR)), PollOutcome(polled(second, wait=2 * HOUR))])
        assert store.next_due() == NOW + HOUR
        store.enqueue([a_message()], NOW + MINUTE)
        assert store.next_due() == NOW + MINUTE
        store.claim(NOW + MINUTE, limit=1, lease=LEASE)
        assert store.next_due() == NOW + MINUTE + LEASE
        store.release_claims()
        assert store.next_due() == NOW + MINUTE
        store.drop([a_message().key])
        store.set_paused(A.url, True)
        assert store.next_due() == NOW + 2 * HOUR

    def test_released_claims_are_due_again_at_once(self, store: Store) -> None:
        store.sync_feeds([A], NOW)
        store.enqueue([a_message()], NOW)
        (killed,) = claim(store)
        store.claim(NOW, limit=1, lease=LEASE)

        store.release_claims()

        (fresh,) = claim(store, NOW + SECOND)
        assert fresh.fence > killed.fence
        assert len(store.claim(NOW + SECOND, limit=1, lease=LEASE)) == 1

    def test_every_means_also_what_is_not_due_but_each_once(self, store: Store) -> None:
        feeds = [Feed(f"https://{number}.example/") for number in range(5)]
        store.sync_feeds(feeds, NOW + DAY)
        seen = []
        while page := store.claim_due(NOW, limit=2, lease=LEASE, every=True):
            seen += [record.feed for record in page]
            store.record([PollOutcome(polled(record, wait=-SECOND)) for record in page])

        assert sorted(seen, key=lambda feed: feed.url) == feeds
        assert len(store.claim_due(NOW - HOUR, limit=9, lease=LEASE, every=True)) == 5

    @pytest.mark.parametrize("every", [True, False])
    def test_only_the_named_feeds(self, store: Store, every: bool) -> None:
        store.sync_feeds([A, B], NOW)
        urls = [B.url, "https://nobody.example/"]

        claimed = store.claim_due(NOW, limit=9, lease=LEASE, every=every, urls=urls)

        assert [record.feed for record in claimed] == [B]
        assert store.claim_due(NOW, limit=9, lease=LEASE, every=every, urls=urls) == []

    @pytest.mark.parametrize("every", [True, False])
    def test_shards_share_out_all_feeds_and_keep_a_host_together(self, store: Store, every: bool) -> None:
        feeds = [Feed(f"https://{host}.example/{path}") for host in range(12) for path in "ab"]
        store.sync_feeds(feeds, NOW)

        shards = [store.claim_due(NOW, limit=99, lease=LEASE, every=every, shard=(index, 3)) for index in range(3)]

        hosts = [{record.feed.url[:-1] for record in shard} for shard in shards]
        assert sorted(record.feed.url for shard in shards for record in shard) == sorted(feed.url for feed in feeds)
        assert sum(map(len, hosts)) == 12

    def test_a_feed_that_moves_to_another_host_moves_to_its_shard(self, store: Store) -> None:
        store.sync_feeds([A], NOW)
        (record,) = claim(store)
        store.record([PollOutcome(replace(polled(record), address=B.url))])

        slot = slot_of(B.url)

        assert len(store.claim_due(NOW + DAY, limit=9, lease=LEASE, shard=(slot, SLOTS))) == 1


class EntryContract:
    """Entries: stored whole, known again, found."""

    def test_an_entry_comes_back_as_it_was(self, store: Store) -> None:
        entry = an_entry(title="ຍີ່ປຸ່ນ – 日本", text="\u200bx\n" * 3)
        learn(store, entry)

        assert store.entry(entry.id) == entry

    def test_an_entry_is_found_by_the_beginning_of_its_id(self, store: Store) -> None:
        first, second = replace(an_entry(1), id="abc1"), replace(an_entry(2), id="abd2")
        learn(store, first, second)

        assert store.entry("abc") == first
        assert [store.entry(text) for text in ("ab", "x", "", "%", "abc_")] == [None] * 5

    def test_an_id_that_begins_another_one_is_exact(self, store: Store) -> None:
        first, second = replace(an_entry(1), id="abc"), replace(an_entry(2), id="abcd")
        learn(store, first, second)

        assert store.entry("abc") == first

    def test_what_was_seen_is_known_by_each_of_its_keys(self, store: Store) -> None:
        entry, other = an_entry(1), an_entry(2)
        record = learn(store, entry)
        known = SeenEntry(entry.id, entry.keys, entry.title, entry.published)

        seen = store.seen(record.id, [*entry.keys.present(), *other.keys.present()])

        assert seen == dict.fromkeys(entry.keys.present(), known)
        assert store.seen(record.id + 1, entry.keys.present()) == {}
        assert store.seen(record.id, []) == {}

    def test_many_keys_can_be_asked_for(self, store: Store) -> None:
        entries = [an_entry(number) for number in range(100)]
        record = learn(store, *entries)

        keys = [key for entry in entries for key in entry.keys.present()]

        assert len(store.seen(record.id, keys)) == 300

    def test_baseline_entries_are_stored_and_known(self, store: Store) -> None:
        store.sync_feeds([A], NOW)
        (record,) = claim(store)
        entry = an_entry()
        store.record([PollOutcome(polled(record), Decided(baseline=(entry,)))])

        assert store.entry(entry.id) == entry
        assert entry.keys.guid in store.seen(record.id, [entry.keys.guid])

    def test_an_edited_entry_is_known_by_old_and_new_keys(self, store: Store) -> None:
        entry = an_entry()
        learn(store, entry)
        edited = replace(entry, title="Corrected", keys=replace(entry.keys, content=b"c_edited"))
        (record,) = claim(store, NOW + HOUR)
        store.record([PollOutcome(polled(record, NOW + HOUR), Decided(edited=(edited,)))])

        assert store.entry(entry.id) == edited
        seen = store.seen(record.id, [entry.keys.content, b"c_edited"])
        assert [known.title for known in seen.values()] == ["Corrected", "Corrected"]
        assert store.entry_counts() == {A.url: 1}

    def test_a_gained_key_is_remembered(self, store: Store) -> None:
        entry = an_entry()
        learn(store, entry)
        (record,) = claim(store, NOW + HOUR)
        touched = SeenEntry(entry.id, EntryKeys(guid=b"g_gained"), "A twin's title")
        store.record([PollOutcome(polled(record, NOW + HOUR), Decided(touched=(touched,)))])

        known = SeenEntry(entry.id, replace(entry.keys, guid=b"g_gained"), entry.title, entry.published)
        assert store.seen(record.id, [b"g_gained", entry.keys.guid]) == {b"g_gained": known, entry.keys.guid: known}

    def test_of_two_entries_with_one_key_the_first_keeps_it(self, store: Store) -> None:
        """Two articles under one guid."""
        first, second = an_entry(1), replace(an_entry(2), keys=replace(an_entry(2).keys, guid=an_entry(1).keys.guid))
        record = learn(store, first, second)

        seen = store.seen(record.id, [first.keys.guid, second.keys.link])

        assert {key: known.id for key, known in seen.items()} == {
            first.keys.guid: first.id,
            second.keys.link: second.id,
        }
        assert store.entry_counts() == {A.url: 2}

    def test_an_entry_without_keys_but_one(self, store: Store) -> None:
        entry = replace(an_entry(), keys=EntryKeys(content=b"c_only__"))
        record = learn(store, entry)

        assert store.seen(record.id, [b"", b"c_only__"]).keys() == {b"c_only__"}

    def test_an_id_that_is_known_stays_as_it_was(self, store: Store) -> None:
        entry = an_entry()
        learn(store, entry)
        again = replace(entry, title="Other", keys=replace(entry.keys, link=b"l_other_"))
        record = learn(store, again, an_entry(2), at=NOW + HOUR)

        assert store.entry(entry.id) == entry
        assert store.seen(record.id, [b"l_other_"])[b"l_other_"].id == entry.id
        assert store.entry_counts() == {A.url: 2}

    def test_entries_come_newest_found_first(self, store: Store) -> None:
        entries = [an_entry(number, found=NOW + number * HOUR) for number in range(4)]
        learn(store, *entries)

        assert list(store.entries(limit=3)) == [entries[3], entries[2], entries[1]]
        assert list(store.entries(since=NOW + 2 * HOUR)) == [entries[3], entries[2]]
        assert store.count_entries(NOW + HOUR, NOW + 3 * HOUR) == 2


class SearchContract:
    """Search: every word, every script, best first."""

    @pytest.mark.parametrize(
        "query",
        [
            "treaty",
            "TREATY laos",
            '"signed a treaty"',
            "ສະບາຍດີ",
            "ບາຍ",
            "協定",
            "日本 協定",
            "សន្ធិ",
            "สนธิ",
            "Straße",
            "eaty",
            "ດີ",
        ],
    )
    @pytest.mark.parametrize("prepared", [True, False])
    def test_words_of_every_script_are_found(self, store: Store, query: str, prepared: bool) -> None:
        text = "Laos and 日本 signed a treaty: 日本との協定 ສະບາຍດີ សន្ធិសញ្ញា สนธิสัญญา an der Straße."
        wanted = an_entry(1, text=text)
        learn(store, an_entry(0), wanted, an_entry(2))
        if prepared:
            store.index_text()

        assert list(store.search(query)) == [wanted]

    @pytest.mark.parametrize(
        "query", ["", "  ", '""', "nowhere", "treaty nowhere", '"treaty signed"', "x%", "tre*", "NEAR("]
    )
    @pytest.mark.parametrize("prepared", [True, False])
    def test_what_does_not_stand_there_is_not_found(self, store: Store, query: str, prepared: bool) -> None:
        learn(store, an_entry(text="They signed a treaty"))
        if prepared:
            store.index_text()

        assert list(store.search(query)) == []

    def test_hits_in_the_title_come_first_then_the_newest(self, store: Store) -> None:
        old, titled, new = an_entry(1, text="treaty"), an_entry(2, title="A Treaty"), an_entry(3, text="treaty")
        learn(store, old, titled, new)

        assert list(store.search("treaty")) == [titled, new, old]
        assert list(store.search("treaty", limit=2)) == [titled, new]

    def test_an_edited_entry_is_found_by_its_new_words_only(self, store: Store) -> None:
        entry = an_entry(title="Before", text="x")
        learn(store, entry)
        store.index_text()
        edited = replace(entry, title="Afterwards")
        (record,) = claim(store, NOW + HOUR)
        store.record([PollOutcome(polled(record, NOW + HOUR), Decided(edited=(edited,)))])

        for _ in range(2):
            assert list(store.search("before")) == []
            assert list(store.search("afterwards")) == [edited]
            store.index_text()

    def test_preparing_ends(self, store: Store) -> None:
        learn(store, *(an_entry(number) for number in range(5)))
        while store.index_text(limit=2):
            pass

        assert len(store.search("story", limit=9)) == 5


class MatchContract:
    """Matches, the windows that tell them, and judgements."""

    def test_matches_come_back_oldest_first_within_their_time(self, store: Store) -> None:
        entries = [an_entry(number) for number in range(3)]
        matches = tuple(a_match(entry, at=NOW + n * HOUR) for n, entry in enumerate(entries))
        learn(store, *entries, matches=(matches[2], matches[0], matches[1], a_match(entries[0], "other")))

        assert list(store.matches("japan")) == list(matches)
        assert list(store.matches("japan", since=NOW + HOUR)) == list(matches[1:])
        assert list(store.matches("japan", until=NOW + HOUR)) == [matches[0]]
        assert list(store.matches("japan", limit=1)) == [matches[0]]
        assert list(store.matches("nobody")) == []
        assert list(store.match_times("japan", NOW)) == [NOW, NOW + HOUR, NOW + 2 * HOUR]
        assert list(store.match_times("japan", NOW + HOUR)) == [NOW + HOUR, NOW + 2 * HOUR]
        assert list(store.match_times("nobody", NOW)) == []

    def test_a_match_of_an_edited_entry_keeps_its_time_and_is_scored_anew_until_it_is_told(self, store: Store) -> None:
        entry = an_entry()
        learn(store, entry, matches=(a_match(entry),))
        learn(store, matches=(a_match(entry, value=99.0, at=NOW + HOUR),), at=NOW + HOUR)
        assert list(store.matches("japan")) == [a_match(entry, value=99.0)]

        store.close_window(store.profile_state("japan"), [entry.id], "d1", [], NOW)
        learn(store, matches=(a_match(entry, value=1.0),), at=NOW + 2 * HOUR)
        assert list(store.matches("japan")) == [replace(a_match(entry, value=99.0), digest="d1")]

    def test_a_match_of_an_unknown_entry_stores_nothing_of_its_batch(self, store: Store) -> None:
        store.sync_feeds([A, B], NOW)
        first, second = claim(store)
        entry = an_entry()
        outcomes = [
            PollOutcome(polled(first), Decided(new=(entry,))),
            PollOutcome(polled(second), matches=(a_match(an_entry(9)),)),
        ]

        with pytest.raises(StoreError):
            store.record(outcomes)

        assert store.entry(entry.id) is None
        assert [record.state for record in store.feeds()] == [FeedState.NEW, FeedState.NEW]

    def test_a_window_is_closed_in_one_commit(self, store: Store) -> None:
        first, second = an_entry(1), an_entry(2)
        learn(store, first, second, matches=(a_match(first), a_match(second), a_match(first, "other")))
        state = replace(store.profile_state("japan"), window_end=NOW, last_sent=NOW, instant_sent=(NOW,))

        assert store.close_window(state, [first.id], "d1", [a_message()], NOW, stories={first.id: "s1"})

        told, waiting = store.matches("japan")
        assert (told.digest, told.story, waiting.digest) == ("d1", "s1", "")
        assert list(store.matches("japan", waiting=True)) == [waiting]
        assert len(store.matches("other", waiting=True)) == 1
        assert store.profile_state("japan") == replace(state, fence=1)
        assert [delivery.message for delivery in store.deliveries()] == [a_message()]

    def test_what_was_told_stays_told_by_the_first(self, store: Store) -> None:
        entry = an_entry()
        learn(store, entry, matches=(a_match(entry),))
        store.close_window(store.profile_state("japan"), [entry.id], "d1", [], NOW)
        store.close_window(store.profile_state("japan"), [entry.id], "d2", [], NOW, stories={entry.id: "s2"})

        assert [(match.digest, match.story) for match in store.matches("japan")] == [("d1", "")]

    def test_of_two_that_close_one_window_one_does(self, store: Store) -> None:
        entry = an_entry()
        learn(store, entry, matches=(a_match(entry),))
        state = store.profile_state("japan")

        first = store.close_window(replace(state, window_end=NOW), [entry.id], "d1", [a_message("k1")], NOW)
        second = store.close_window(replace(state, window_end=NOW + SECOND), [entry.id], "d2", [a_message("k2")], NOW)

        assert (first, second) == (True, False)
        assert store.profile_state("japan").window_end == NOW
        assert [delivery.message.key for delivery in store.deliveries()] == ["k1"]

    def test_a_new_profile_has_a_fresh_state(self, store: Store) -> None:
        assert store.profile_state("new") == ProfileState("new")
        assert store.profile_states() == {}

    def test_what_may_be_due_is_told_at_once(self, store: Store) -> None:
        first, second = an_entry(1), an_entry(2)
        learn(store, first, second, matches=(a_match(first), a_match(second), a_match(first, "other")))
        assert store.waiting_profiles() == {"japan", "other"}

        store.close_window(replace(store.profile_state("other"), window_end=NOW), [first.id], "d1", [], NOW)

        assert store.waiting_profiles() == {"japan"}
        assert store.profile_states() == {"other": ProfileState("other", NOW, fence=1)}

    def test_the_newest_judgement_counts(self, store: Store) -> None:
        store.add_label("japan", "e1", "on", NOW)
        store.add_label("japan", "e2", "on", NOW)
        store.add_label("japan", "e1", "off", NOW + SECOND)
        store.add_label("other", "e3", "on", NOW)

        assert store.labels("japan") == {"e1": "off", "e2": "on"}


class UpkeepContract:
    """Reports, notices, transactions and forgetting."""

    def test_the_last_report_is_the_newest(self, store: Store) -> None:
        assert store.last_report() is None
        store.save_report(PassReport(NOW, NOW + SECOND))
        newest = PassReport(NOW, NOW + MINUTE, polled=3, problems=("a: no",), gap=HOUR, durations={"fetch": 0.25})
        store.save_report(newest)

        assert store.last_report() == newest

    def test_a_notice_is_told_once(self, store: Store) -> None:
        assert [store.add_notice(key, f"{key}!", NOW) for key in ("b", "a", "b")] == [True, True, False]
        assert list(store.notices()) == [("b", "b!"), ("a", "a!")]

        assert store.mark_told(["b", "unknown"]) == 1

        assert list(store.notices()) == [("a", "a!")]
        assert list(store.notices(untold=False)) == [("b", "b!"), ("a", "a!")]
        assert (store.mark_told(["b", "a"]), store.mark_told(["a", "b"]), store.mark_told([])) == (1, 0, 0)
        assert store.add_notice("b", "again", NOW) is False

    def test_notices_that_wait_for_long_can_be_asked_for(self, store: Store) -> None:
        for key, at in (("old", NOW), ("new", NOW + HOUR)):
            store.add_notice(key, f"{key}!", at)

        assert list(store.notices(before=NOW)) == [("old", "old!")]
        assert len(store.notices(before=NOW + HOUR)) == 2
        store.mark_told(["old"])
        assert list(store.notices(before=NOW)) == []
        assert list(store.notices(untold=False, before=NOW)) == [("old", "old!")]

    def test_a_transaction_is_all_or_nothing(self, store: Store) -> None:
        store.sync_feeds([A], NOW)

        def crash() -> None:
            with store.transaction():
                store.add_notice("a", "text", NOW)
                store.enqueue([a_message()], NOW)
                claim(store)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            crash()

        assert (list(store.notices()), list(store.deliveries()), len(claim(store))) == ([], [], 1)

    def test_a_transaction_holds_what_its_calls_wrote(self, store: Store) -> None:
        with store.transaction():
            store.add_notice("a", "text", NOW)
            assert list(store.notices()) == [("a", "text")]

        assert list(store.notices()) == [("a", "text")]

    def test_a_failure_inside_a_transaction_cannot_be_swallowed(self, store: Store) -> None:
        def careless() -> None:
            with store.transaction():
                store.add_notice("a", "text", NOW)
                with pytest.raises(StoreError):
                    store.record([PollOutcome(record, matches=(a_match(an_entry()),))])

        store.sync_feeds([A], NOW)
        (record,) = claim(store)
        with pytest.raises(StoreError):
            careless()

        assert list(store.notices()) == []

    def test_transactions_do_not_nest(self, store: Store) -> None:
        with store.transaction(), pytest.raises(StoreError), store.transaction():
            raise AssertionError

        store.add_notice("a", "text", NOW)
        assert len(store.notices()) == 1

    def test_old_entries_are_forgotten_with_their_matches_but_not_their_keys(self, store: Store) -> None:
        old, new = an_entry(1, title="Ancient", found=NOW), an_entry(2, found=NOW + DAY)
        record = learn(store, old, new, matches=(a_match(old), a_match(new)))
        store.index_text()

        gone = store.purge(entries_before=NOW + HOUR, seen_before=NOW + DAY * 99)

        assert gone == 1
        assert (store.entry(old.id), store.entry(new.id)) == (None, new)
        assert [match.entry for match in store.matches("japan")] == [new]
        assert list(store.search("ancient")) == []
        assert store.entry_counts() == {A.url: 1}
        assert store.count_entries(NOW, NOW + 2 * DAY) == 1
        assert store.seen(record.id, [old.keys.guid]) == {old.keys.guid: SeenEntry(old.id, old.keys, "Ancient")}

    def test_a_forgotten_entry_that_comes_back_is_still_known(self, store: Store) -> None:
        entry = an_entry()
        learn(store, entry)
        store.purge(entries_before=NOW + HOUR, seen_before=NOW)
        record = learn(store, entry, at=NOW + HOUR)

        assert store.entry(entry.id) is None
        assert len(store.seen(record.id, entry.keys.present())) == 3

    def test_sent_deliveries_are_forgotten_others_never(self, store: Store) -> None:
        store.enqueue([a_message("sent"), a_message("open")], NOW)
        claimed = {delivery.message.key: delivery for delivery in store.claim(NOW, limit=9, lease=LEASE)}
        store.settle(receipt(claimed["sent"], DeliveryState.SENT))

        store.purge(entries_before=NOW, seen_before=NOW)
        assert len(store.deliveries()) == 2
        store.purge(entries_before=NOW + SECOND, seen_before=NOW)
        assert [delivery.message.key for delivery in store.deliveries()] == ["open"]

    def test_forgetting_goes_in_steps(self, store: Store) -> None:
        learn(store, *(an_entry(number) for number in range(5)))

        steps = [store.purge(entries_before=NOW + HOUR, seen_before=NOW, limit=2) for _ in range(4)]

        assert steps == [2, 2, 1, 0]

    def test_the_keys_of_the_newest_thousand_entries_stay(self, store: Store) -> None:
        entries = [an_entry(number, found=NOW + number * SECOND) for number in range(1_010)]
        record = learn(store, *entries)
        later = NOW + DAY
        store.purge(entries_before=later, seen_before=NOW)
        while store.purge(entries_before=later, seen_before=later, limit=20):
            pass

        known = store.seen(record.id, [key for entry in entries for key in entry.keys.present()])

        assert {seen.id for seen in known.values()} == {entry.id for entry in entries[10:]}
        assert len(known) == 3_000

    def test_replaced_keys_of_a_feed_that_changes_them_at_every_poll_are_forgotten(self, store: Store) -> None:
        entries = [an_entry(number) for number in range(20)]
        record = learn(store, *entries)
        with store.transaction():
            for poll in range(1, 152):
                touched = tuple(
                    SeenEntry(entry.id, replace(entry.keys, guid=b"g%03d%04d" % (poll, number)), entry.title)
                    for number, entry in enumerate(entries)
                )
                (claimed,) = store.claim_due(NOW + poll * HOUR, limit=1, lease=LEASE, every=True)
                store.record([PollOutcome(polled(claimed, NOW + poll * HOUR), Decided(touched=touched))])

        store.purge(entries_before=NOW - DAY, seen_before=NOW + 151 * HOUR)

        kept = store.seen(record.id, [b"g1500000", b"g1510000", entries[0].keys.content, entries[0].keys.guid])
        assert kept.keys() == {b"g1510000", entries[0].keys.content}


class StoreContract(
    FeedContract,
    ClaimContract,
    EntryContract,
    SearchContract,
    MatchContract,
    UpkeepContract,
    TallyContract,
    OutboxContract,
):
    """All of it. Subclass it, call the subclass ``Test...``, and give it a fixture ``store``: an empty one."""

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    @pytest.fixture
    def outbox(self, store: Store) -> Outbox:
        return store
