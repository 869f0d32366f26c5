"""The pass, from due feeds to receipts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from alerts.errors import DeliveryError
from alerts.fakes import RecordingChannel
from alerts.model import Digest, Message
from monitor.cycle import poll
from monitor.cycle.digests import preview, send_now
from monitor.cycle.run import deliver_due, run_pass
from monitor.cycle.tools import Silent
from monitor.errors import StoreBusyError, StoreError
from monitor.model import (
    Document,
    FeedRecord,
    FeedState,
    FetchFailed,
    FetchRequest,
    FetchResult,
    Match,
    ParsedFeed,
    PollOutcome,
)
from monitor.parse.inline import InlineParser
from monitor.store.memory import MemoryStore
from tests.monitor.cycle.desk import MORE, OFF, ON, START, Desk, item, rss
from tests.monitor.cycle.test_notices import Listening

LAOS_JAPAN = "Laos and Japan agree on partnership"
TEACHERS = "Japan trains teachers of Laos"


def test_the_first_poll_is_a_baseline_and_later_entries_are_told_once() -> None:
    desk = Desk()
    desk.serve(ON, OFF)
    first = desk.run()
    assert (first.report.new, first.report.matched, desk.told) == (0, 0, [])
    desk.serve(MORE, ON, OFF)
    second = desk.run()
    assert (second.report.new, second.report.matched, second.report.sent) == (1, 1, 2)
    desk.run()
    assert desk.told == [[TEACHERS]]


def test_a_backlog_is_told_by_the_first_pass_whatever_the_schedule() -> None:
    desk = Desk(schedule="0 7 * * *")
    desk.serve(ON, MORE, OFF)
    desk.run(backlog=20)
    assert desk.told == [sorted([LAOS_JAPAN, TEACHERS])]


def test_an_unchanged_feed_is_counted_as_such() -> None:
    desk = Desk()
    desk.serve(ON)
    desk.run()
    assert desk.run().report.unchanged == 1


def test_what_is_found_waits_for_the_digest_time() -> None:
    desk = Desk(schedule="0 7 * * *")  # 07:00 in Vientiane is 00:00 UTC
    desk.serve(OFF)
    desk.run()
    desk.serve(ON, OFF)
    desk.run()
    assert desk.told == []
    desk.clock.advance(timedelta(hours=15))
    desk.run(every=False)
    assert desk.told == [[LAOS_JAPAN]]


def test_an_urgent_entry_does_not_wait() -> None:
    desk = Desk(schedule="0 7 * * *")
    desk.serve(OFF)
    desk.run()
    desk.serve(item(9, "urgent: Laos and Japan"), ON, OFF)
    desk.run()
    assert desk.told == [["urgent: Laos and Japan"]]
    desk.clock.advance(timedelta(hours=15))
    desk.run(every=False)
    assert desk.told[1:] == [[LAOS_JAPAN]]


def test_a_match_knows_its_source_and_the_digest_or_alert_that_told_it() -> None:
    """An entry of an aggregator names its own source; the others have that of their feed."""
    desk = Desk(schedule="0 7 * * *")
    desk.serve(OFF)
    desk.run()
    quoted = item(9, "urgent: Laos and Japan").replace("</item>", "<source url='https://b.example/'>B</source></item>")
    desk.serve(quoted, ON, OFF)
    desk.run()
    desk.clock.advance(timedelta(hours=15))
    desk.run(every=False)
    found = {match.entry.title: match for match in desk.store.matches("pair")}
    assert (found["urgent: Laos and Japan"].source, found[LAOS_JAPAN].source) == ("B", "A")
    assert (
        found["urgent: Laos and Japan"].digest == f"pair@{START + timedelta(minutes=1):%Y-%m-%dT%H:%M:%S+00:00} instant"
    )
    assert found[LAOS_JAPAN].digest == f"pair@{START + timedelta(hours=15, minutes=2):%Y-%m-%dT%H:%M:%S+00:00}"


def test_a_feed_counts_as_failing_only_when_its_failures_have_lasted() -> None:
    good, bad = "https://a.example/feed", "https://b.example/feed"
    desk = Desk(urls=(good, bad))
    desk.serve(OFF)
    desk.web.serve(bad, rss(OFF))
    desk.run()
    desk.web.fail(bad, 503)
    for hours in (1, 2, 30):
        early = desk.run()
        desk.clock.advance(timedelta(hours=hours))
    assert (len(early.report.problems), early.failing) == (1, ())
    late = desk.run()
    assert [problem.partition(": ")[0] for problem in late.failing] == [bad]
    assert late.report.problems == late.failing


def test_a_pass_is_one_line_of_the_log_and_tells_what_its_stages_cost(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "monitor.cycle.run")
    desk, ticks = Desk(), count()
    desk.serve(ON, OFF)
    spent = desk.run(backlog=9, cpu=lambda: float(next(ticks))).report.durations
    assert [record.getMessage() for record in caplog.records if record.name == "monitor.cycle.run"] == [
        "polled 1 feed (0 unchanged, 0 failed), 2 new entries, 1 matched, 1 digest, 2 messages sent, 0 failed"
    ]
    assert spent["deliver"] == 1
    assert spent["all"] == next(ticks) - 1


class Watching(Silent):
    """A person who watches a pass."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, object]] = []

    def polling(self, total: int) -> None:
        self.seen.append(("polling", total))

    def polled(self, record: FeedRecord, ok: bool) -> None:
        self.seen.append((record.feed.url, ok))

    def matched(self, matches: Sequence[Match]) -> None:
        self.seen.append(("matched", [match.entry.title for match in matches]))

    def finished(self) -> None:
        self.seen.append(("finished", None))


def test_who_watches_a_pass_sees_every_feed_and_what_matched() -> None:
    good, bad = "https://a.example/feed", "https://b.example/feed"
    desk = Desk(urls=(good, bad))
    desk.web.fail(bad, 404)
    desk.serve(OFF)
    desk.run()
    desk.serve(ON, OFF)
    watching = Watching()
    desk.run(progress=watching)
    assert watching.seen[0] == ("polling", 2)
    assert sorted(watching.seen[1:-1], key=str) == [(good, True), (bad, False), ("matched", [LAOS_JAPAN])]
    assert watching.seen[-1] == ("finished", None)


def test_urgent_entries_beyond_the_cap_are_told_together_later() -> None:
    desk = Desk(schedule="0 7 * * *", stories=False)
    desk.serve(OFF)
    desk.run()
    shown = [OFF]
    for number in range(20, 26):
        shown.append(item(number, f"urgent: Laos and Japan, part {number}"))
        desk.serve(*shown)
        desk.run()
    assert [len(titles) for titles in desk.told] == [1, 1, 1, 1]
    desk.clock.advance(timedelta(hours=1))
    desk.run(every=False)
    assert [len(titles) for titles in desk.told] == [1, 1, 1, 1, 2]


def test_quiet_hours_hold_and_never_drop() -> None:
    desk = Desk(quiet="15:00-20:00")  # it is 16:00 in Vientiane
    desk.serve(OFF)
    desk.run()
    desk.serve(ON, OFF)
    desk.run()
    assert desk.told == []
    desk.clock.advance(timedelta(hours=4))
    desk.run()
    assert desk.told == [[LAOS_JAPAN]]


def test_too_few_entries_keep_waiting_for_the_next_digest() -> None:
    desk = Desk(min_items=2)
    desk.serve(OFF)
    desk.run()
    desk.serve(ON, OFF)
    desk.run()
    assert desk.told == []
    desk.serve(MORE, ON, OFF)
    desk.run()
    assert desk.told == [sorted([LAOS_JAPAN, TEACHERS])]


def test_a_digest_begins_where_the_first_of_its_entries_was_found() -> None:
    """What waited for more to come was found before the last window's end."""
    channel = Listening("desk")
    desk = Desk(schedule="0 * * * *", min_items=2, channel=channel)
    for items in ((OFF,), (ON, OFF)):
        desk.serve(*items)
        desk.run()
    first = desk.clock.now() - timedelta(minutes=1)
    for items in ((ON, OFF), (ON, OFF), (MORE, ON, OFF)):
        desk.clock.advance(timedelta(hours=1))
        desk.serve(*items)
        desk.run()
    [digest] = channel.digests
    assert (digest.start, digest.end) == (first, desk.clock.now() - timedelta(minutes=1))


def dated(entry: str, date: str) -> str:
    return entry.replace("</item>", f"<pubDate>{date}</pubDate></item>")


def test_a_feed_that_is_empty_at_first_tells_what_was_published_since() -> None:
    """It was under repair when it was added: its past is no news when it is back."""
    desk = Desk()
    desk.serve()
    desk.run()
    desk.clock.advance(timedelta(hours=2))
    desk.serve(dated(MORE, "Wed, 22 Jan 2025 10:30:00 GMT"), dated(ON, "Tue, 21 Jan 2025 10:30:00 GMT"), OFF)

    assert [match.title for match in desk.run().matches] == [TEACHERS]
    assert desk.run().report.new == 0


@pytest.mark.parametrize(("hours", "shown", "new"), [(2, 3, 3), (2, 4, 0), (25, 4, 4)])
def test_what_has_no_date_is_news_where_it_is_little_or_the_feed_was_empty_for_a_day(
    hours: int, shown: int, new: int
) -> None:
    """Such as the feed of a search that finds nothing at first. A site that was repaired shows more, and sooner."""
    desk = Desk()
    desk.serve()
    desk.run()
    desk.clock.advance(timedelta(hours=hours))
    desk.serve(*(item(number, f"Laos and Japan agree on partnership {number}") for number in range(shown)))

    assert desk.run().report.new == new


def test_whoever_changes_the_address_of_a_moved_feed_as_the_notice_asks_misses_nothing() -> None:
    old, new = "https://a.example/feed", "https://new.example/feed"
    desk = Desk(urls=(old,))
    desk.serve(ON, url=new)
    desk.web.redirect(old, new, 301)
    for _ in range(4):
        desk.run()
        desk.clock.advance(timedelta(days=1))
    assert any(f"has moved to {new}" in text for _, text in desk.store.notices(untold=False))
    desk.serve(MORE, ON, url=new)
    desk.urls = (new,)

    assert [match.title for match in desk.run().matches] == [TEACHERS]
    assert desk.store.notices(untold=False)[-1][1] == "A: is read at the address in the config"
    (feed,) = desk.store.feeds(include_removed=True)
    assert (feed.feed.url, feed.state) == (new, FeedState.OK)


def test_a_clock_that_was_a_month_ahead_for_one_pass_holds_nothing_up() -> None:
    desk = Desk()
    desk.serve(ON)
    desk.run()
    desk.clock.advance(timedelta(days=30))
    desk.run()
    desk.clock.advance(timedelta(days=-30))
    desk.serve(MORE, ON)

    assert [match.title for match in desk.run(every=False).matches] == [TEACHERS]


def test_an_empty_digest_is_sent_where_it_is_wanted() -> None:
    desk = Desk(schedule="0 * * * *", send_empty=True)
    desk.serve(OFF)
    desk.run()
    desk.clock.advance(timedelta(hours=1))
    assert desk.run().report.sent == 2


def test_an_edit_that_brings_the_topic_in_is_told_once() -> None:
    desk = Desk()
    for title in ("Rice prices steady", "Rice: Japan buys from Laos", "Rice: Japan buys more from Laos"):
        desk.serve(item(3, title))
        desk.run()
    assert len(desk.told) == 1


def test_an_edit_that_makes_an_untold_entry_urgent_is_told_at_once() -> None:
    desk = Desk(schedule="0 7 * * *")
    for items in ((OFF,), (ON, OFF), (item(1, "urgent: Laos and Japan agree on partnership"), OFF)):
        assert desk.told == []
        desk.serve(*items)
        desk.run()
    assert desk.told == [["urgent: Laos and Japan agree on partnership"]]


def test_a_repeat_of_a_told_story_is_held_back_and_marked_as_told() -> None:
    desk = Desk()
    desk.serve(OFF)
    desk.run()
    desk.serve(ON, OFF)
    desk.run()
    desk.serve(item(7, "Japan and Laos agree on partnership"), ON, OFF)
    desk.run()
    assert desk.told == [[LAOS_JAPAN]]
    assert desk.store.matches("pair", waiting=True) == []


def test_a_window_of_nothing_but_repeats_sends_nothing_and_the_next_digest_lists_them_once() -> None:
    composed: list[Digest] = []

    class Keeping(RecordingChannel):
        def compose(self, digest: Digest, recipient: str, key: str) -> Message:
            composed.append(digest)
            return super().compose(digest, recipient, key)

    desk = Desk(channel=Keeping("desk"))
    shown: list[str] = []
    repeats = [item(7, "Japan and Laos agree on partnership"), item(8, "Japan, Laos agree on partnership")]
    for new in (OFF, ON, *repeats, MORE, item(9, "Laos thanks Japan for school partnership")):
        shown.insert(0, new)
        desk.serve(*shown)
        desk.run()
    titles = [[story.lead.title for story in digest.stories] for digest in composed]
    held = [[entry.title for entry in digest.held] for digest in composed]
    assert titles == [
        [LAOS_JAPAN],
        ["Japan trains teachers of Laos"],
        ["Laos thanks Japan for school partnership"],
    ]
    assert held == [[], ["Japan and Laos agree on partnership", "Japan, Laos agree on partnership"], []]
    assert [digest.notices for digest in composed] == [()] * 3


def test_a_dead_channel_holds_up_no_other_and_goes_on_later() -> None:
    desk = Desk()
    desk.channel.script = [DeliveryError("desk", "greylisted")]
    desk.serve(ON)
    result = desk.run(backlog=5)
    assert (result.report.sent, result.report.undelivered) == (1, 1)
    assert len(desk.other.accepted) == 1
    desk.clock.advance(timedelta(minutes=5))
    desk.run()
    assert desk.told == [[LAOS_JAPAN]]
    assert desk.channel.attempts[0][0] == desk.channel.attempts[1][0]


def test_one_broken_feed_leaves_the_others_alone() -> None:
    desk = Desk(urls=("https://a.example/feed", "https://b.example/feed", "https://c.example/feed"))
    desk.serve(ON)
    desk.web.fail("https://b.example/feed", 503)
    desk.web.serve("https://c.example/feed", b"<html><body>Welcome</body></html>")
    result = desk.run(backlog=5)
    assert (result.report.polled, result.report.failed) == (3, 2)
    assert len(result.failing) == 2
    assert desk.told == [[LAOS_JAPAN]]


class _Buggy(InlineParser):
    async def parse(self, document: Document) -> ParsedFeed:
        raise RuntimeError("a bug")


def test_a_bug_met_by_one_feed_is_logged_and_is_that_feeds_failure(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    desk.serve(ON)
    with caplog.at_level(logging.ERROR, "monitor.cycle.poll"):
        result = desk.run(parser=_Buggy())
    assert result.report.failed == 1
    assert "a bug" in caplog.text
    assert desk.store.feeds()[0].state == FeedState.FAILING


class _Mute(InlineParser):
    async def parse(self, document: Document) -> ParsedFeed:
        return await asyncio.Future()


def test_a_parser_that_never_answers_does_not_hold_up_the_pass() -> None:
    desk = Desk()
    desk.serve(ON)
    result = desk.run(parser=_Mute(), parse_deadline=0.01)
    assert "could not be read" in result.failing[0]


class _Full(MemoryStore):
    def record(self, outcomes: object) -> int:
        raise StoreError("the disk is full")


def test_nothing_is_sent_that_cannot_be_remembered() -> None:
    desk = Desk(store=_Full())
    desk.serve(ON)
    with pytest.raises(StoreError, match="disk is full"):
        desk.run(backlog=5)
    assert desk.channel.attempts == []


def test_what_is_sent_by_hand_is_not_told_again_by_the_schedule() -> None:
    desk = Desk(schedule="0 7 * * *")
    for items in ((OFF,), (ON, OFF)):
        desk.serve(*items)
        desk.run()
    assert send_now(desk.tools, desk.tools.watches[0], START) == []
    asyncio.run(deliver_due(desk.tools))
    desk.clock.advance(timedelta(days=1))
    desk.run()
    assert len(desk.channel.accepted) == 1
    assert desk.store.matches("pair", waiting=True) == []


def test_sent_by_hand_everything_is_told_once_more() -> None:
    desk = Desk()
    for items in ((OFF,), (ON, OFF)):
        desk.serve(*items)
        desk.run()
    [told] = desk.store.matches("pair")
    send_now(desk.tools, desk.tools.watches[0], START)
    asyncio.run(deliver_due(desk.tools))
    assert desk.told == [["Laos and Japan agree on partnership"]] * 2
    assert desk.store.matches("pair") == [told]


def test_a_dead_letter_of_a_digest_by_hand_is_told() -> None:
    desk = Desk()
    for items in ((OFF,), (ON, OFF)):
        desk.serve(*items)
        desk.run()
    desk.channel.script = [DeliveryError("desk", "550 no", permanent=True)]
    send_now(desk.tools, desk.tools.watches[0], START)
    report = asyncio.run(deliver_due(desk.tools))
    assert len(report.dead) == 1
    assert "was given up" in desk.other.accepted[-1].subject


def test_alerts_that_only_repeat_what_is_known_do_not_count_against_the_cap() -> None:
    desk = Desk(schedule="0 7 * * *")
    desk.serve(OFF)
    desk.run()
    title = "Laos and Japan sign urgent partnership pact on river ports"
    shown = [item(10, title)]
    desk.serve(*shown)
    desk.run()
    for number, outlet in enumerate(("Nikkei", "Vientiane Times", "Mekong Post", "Asahi"), 11):
        shown.insert(0, item(number, title, f"As {outlet} writes."))
        desk.serve(*shown)
        desk.run()
    assert len(desk.channel.accepted) == 1
    desk.serve(item(99, "Japan evacuates citizens from Laos: urgent partnership airlift begins Sunday"), *shown)
    desk.run()
    assert len(desk.channel.accepted) == 2


def test_a_profile_whose_digest_cannot_be_made_keeps_its_matches(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    desk.serve(ON)
    desk.channel.compose = desk.other.compose = None  # type: ignore[assignment]
    with caplog.at_level(logging.ERROR):
        desk.run(backlog=5)
    assert "nothing could be composed for channel desk" in caplog.text
    assert len(desk.store.matches("pair", waiting=True)) == 1


def test_a_change_of_a_feeds_state_is_told_once_in_the_next_digest() -> None:
    desk = Desk(urls=("https://a.example/feed", "https://b.example/feed"))
    desk.serve(ON)
    desk.web.fail("https://b.example/feed", 404)
    desk.run(backlog=5)
    assert desk.store.notices() == []  # told with the digest
    desk.run()
    assert desk.store.notices() == []


def test_the_report_says_how_far_apart_passes_are() -> None:
    desk = Desk()
    desk.serve(ON)
    assert desk.run().report.gap is None
    assert desk.run().report.gap == timedelta(minutes=1)


def test_two_articles_under_one_id_are_both_told() -> None:
    desk = Desk(stories=False)
    desk.serve(OFF)
    desk.run()
    twins = item(5, "Laos opens bridge with Japan").replace("/5<", "/5a<") + item(5, "Japan lends Laos trains")
    desk.serve(twins, OFF)
    desk.run()
    assert [len(titles) for titles in desk.told] == [2]


def test_a_thousand_old_entries_at_once_are_one_digest_and_none_is_lost() -> None:
    desk = Desk(stories=False)
    desk.serve(OFF)
    desk.run()
    desk.serve(*(item(1000 + number, f"Laos and Japan: partnership paper {number}") for number in range(1000)))
    result = desk.run()
    assert (result.report.new, result.report.digests, result.report.sent) == (1000, 1, 2)
    [message] = desk.channel.accepted
    assert message.subject.startswith("Pair (1000)")
    assert len(message.body.split()) == 20  # as many as max_items; a file's .json has the rest
    assert desk.store.matches("pair", waiting=True) == []


def test_a_preview_is_not_cut_and_what_is_sent_now_is() -> None:
    desk = Desk(stories=False)
    desk.serve(*(item(1000 + number, f"Laos and Japan: partnership paper {number}") for number in range(50)))
    desk.run(backlog=50)
    tools, since = desk.tools, desk.clock.now() - timedelta(days=1)
    shown = preview(tools, tools.watches[0], since)
    assert (len(shown.stories), shown.more) == (50, 0)
    send_now(tools, tools.watches[0], since)
    [sent, *_] = [row.message for row in desk.store.deliveries(states=["pending"]) if row.message.channel == "desk"]
    assert len(sent.body.split()) == 20


class OneHostHangs:
    """A web where nothing of one host arrives before the only feed of another was asked for."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()

    async def fetch(self, request: FetchRequest) -> FetchResult:
        if "slow.example" in request.url:
            await self._asked.wait()
        self._asked.set()
        return FetchFailed(request.url, "no")

    async def aclose(self) -> None:
        pass


async def test_hundreds_of_feeds_of_a_host_that_hangs_delay_no_other() -> None:
    desk = Desk(urls=(*(f"https://slow.example/{number}" for number in range(600)), "https://b.example/feed"))
    async with asyncio.timeout(20):
        result = await run_pass(replace(desk.tools, fetcher=OneHostHangs()))
    assert result.report.polled == 601


def test_a_time_slice_bounds_what_is_begun() -> None:
    """What is left over is due as before."""
    desk = Desk(urls=[f"https://a.example/{number}" for number in range(5)])

    class Slow:
        async def fetch(self, request: FetchRequest) -> FetchResult:
            desk.clock.advance(timedelta(seconds=10))
            return await desk.web.fetch(request)

        async def aclose(self) -> None:
            """Nothing to close."""

    first = desk.run(every=False, fetcher=Slow(), concurrency=1, time_slice=timedelta(seconds=20))
    desk.store.release_claims()

    assert (first.report.polled, desk.run(every=False).report.polled) == (2, 3)


class Crowded(MemoryStore):
    """A store in which another worker stands in the way of the first ``times`` commits."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def record(self, outcomes: Sequence[PollOutcome]) -> int:
        if self.times:
            self.times -= 1
            raise StoreBusyError("deadlock detected")
        return super().record(outcomes)


def test_a_commit_that_gave_way_to_another_worker_is_done_again() -> None:
    desk = Desk(store=Crowded(4))
    desk.serve(ON)

    assert desk.run(backlog=9).report.matched == 1
    assert len(desk.store.matches("pair")) == 1


def test_a_store_that_is_always_in_the_way_is_given_up() -> None:
    desk = Desk(store=Crowded(5))
    with pytest.raises(StoreBusyError):
        desk.run()


class Counting(MemoryStore):
    """Remembers how many polls share a commit."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[int] = []

    def record(self, outcomes: Sequence[PollOutcome]) -> int:
        self.commits.append(len(outcomes))
        return super().record(outcomes)


@pytest.mark.parametrize(("heavy", "commits"), [(1_000_000, [5]), (2_000, [2, 2, 1])])
def test_large_documents_do_not_wait_for_others(
    monkeypatch: pytest.MonkeyPatch, heavy: int, commits: list[int]
) -> None:
    """What they say is held in memory until then."""
    monkeypatch.setattr(poll, "HEAVY", heavy)
    store = Counting()
    desk = Desk(store=store, urls=[f"https://{name}.example/feed" for name in "abcde"])
    for url in desk.urls:
        desk.serve(item(1, "Rice", "prices " * 200), url=url)
    desk.run()
    assert store.commits == commits
