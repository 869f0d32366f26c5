"""The polls of a pass: how many at once, what the scorer is given, and what is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from monitor.cycle.tools import Matched
from monitor.lanes import host_of
from monitor.model import FeedState, FetchFailed, FetchRequest, FetchResult, PollOutcome, Score
from monitor.store.memory import MemoryStore
from monitor.waiting import event_loop
from tests.monitor.cycle.desk import MORE, OFF, ON, START, Desk, item, rss

FEED = "https://a.example/feed"


class Crowd:
    """A web that notes how many requests are under way, in all and at each host, and answers after a few turns."""

    def __init__(self) -> None:
        self.under_way: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    async def fetch(self, request: FetchRequest) -> FetchResult:
        host = host_of(request.url)
        for name in ("all", host):
            self.under_way[name] += 1
            self.most[name] = max(self.most[name], self.under_way[name])
        for _ in range(20):
            await event_loop()
        self.under_way.subtract(["all", host])
        return FetchFailed(request.url, "no")

    async def aclose(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    ("concurrency", "per_host", "hosts", "at_once", "at_a_host"),
    [
        (1, 2, 4, 1, 1),
        (3, 2, 4, 3, 1),  # hosts take turns
        (6, 2, 4, 6, 2),
        (50, 1, 4, 4, 1),
        (50, 3, 4, 12, 3),
        (50, 99, 1, 8, 8),
    ],
)
def test_no_more_polls_are_under_way_than_may_be_and_no_fewer(
    concurrency: int, per_host: int, hosts: int, at_once: int, at_a_host: int
) -> None:
    crowd = Crowd()
    desk = Desk(urls=[f"https://{host}.example/{number}" for host in range(hosts) for number in range(8)])
    result = desk.run(fetcher=crowd, concurrency=concurrency, per_host=per_host)
    assert result.report.polled == 8 * hosts
    assert crowd.most.pop("all") == at_once
    assert max(crowd.most.values()) == at_a_host


class Slow(Crowd):
    """A web to which requests go out after three turns; it notes how many are about to while most slots are taken."""

    def __init__(self, crowd: int) -> None:
        super().__init__()
        self.crowd = crowd
        self.going_out = 0
        self.together: list[int] = []

    async def fetch(self, request: FetchRequest) -> FetchResult:
        self.going_out += 1
        if self.under_way["all"] > self.crowd:
            self.together.append(self.going_out)
        for _ in range(3):
            await event_loop()
        self.going_out -= 1
        return await super().fetch(request)


def test_where_most_slots_are_taken_requests_go_out_one_behind_the_other() -> None:
    web = Slow(crowd=4)
    desk = Desk(urls=[f"https://host-{number}.example/" for number in range(40)])
    assert desk.run(fetcher=web, concurrency=8).report.polled == 40
    assert len(web.together) > 8
    assert set(web.together) == {1}


class Reading:
    """A scorer that keeps what it is asked, and finds everything worth two points."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []

    def matches(self, **said: object) -> Sequence[Score]:
        self.asked.append(said)
        return [Score("pair", 2.0, 1.0, True, True)]


AGGREGATED = (
    "<item><title>Bridge opens</title><guid>7</guid><link>https://a.example/7</link>"
    "<description>In short.</description>"
    "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>At length.</content:encoded>"
    "<source url='https://b.example/'>B Times</source></item>"
)


def test_a_scorer_is_given_all_that_an_entry_says_and_whose_it_is() -> None:
    """The entry's own source where it names one, else what the feed is called."""
    desk, scorer = Desk(), Reading()
    desk.serve(AGGREGATED, OFF)
    result = desk.run(backlog=5, scorer=scorer)
    told = {"title": "Bridge opens", "summary": "In short.", "content": "At length.", "source": "B Times"}
    assert scorer.asked[0] == {**told, "lang": None, "feed_url": FEED}
    assert (scorer.asked[1]["source"], scorer.asked[1]["title"]) == ("A", "Rice prices steady")
    assert result.matches == (
        Matched("pair", 2.0, "B Times", "Bridge opens"),
        Matched("pair", 2.0, "A", "Rice prices steady"),
    )
    assert {match.at for match in desk.store.matches("pair")} == {START}


def test_a_baseline_is_not_even_scored_and_an_unchanged_document_is_not_read_again() -> None:
    desk, scorer = Desk(), Reading()
    desk.serve(ON, OFF)
    desk.run(scorer=scorer)
    desk.run(scorer=scorer)
    assert scorer.asked == []
    desk.serve(MORE, ON, OFF)
    desk.run(scorer=scorer)
    assert [asked["title"] for asked in scorer.asked] == ["Japan trains teachers of Laos"]


@pytest.mark.parametrize(
    ("url", "serve", "counted"),
    [
        ("https://ok.example/", rss(ON, OFF), (1, 0, 0, 2, 1)),
        ("https://empty.example/", rss(), (1, 1, 0, 0, 0)),
        ("https://page.example/", b"<html>Welcome</html>", (1, 0, 1, 0, 0)),
        ("https://gone.example/", None, (1, 0, 1, 0, 0)),
    ],
)
def test_each_poll_is_counted_as_what_it_came_to(
    url: str, serve: bytes | None, counted: tuple[int, int, int, int, int]
) -> None:
    desk = Desk(urls=(url,))
    if serve is not None:
        desk.web.serve(url, serve)
    report = desk.run(backlog=9).report
    assert (report.polled, report.unchanged, report.failed, report.new, report.matched) == counted


def test_the_time_of_a_pass_is_split_into_its_stages() -> None:
    """Deciding and scoring by themselves; all that asks the store as one."""
    ticks = count()
    desk = Desk()
    desk.serve(ON, OFF)
    spent = desk.run(backlog=9, cpu=lambda: float(next(ticks))).report.durations
    assert list(spent) == ["store", "decide", "score", "deliver", "all"]
    assert (spent["decide"], spent["score"]) == (1, 1)
    assert spent["store"] > 2
    assert sum(spent.values()) - spent["all"] <= spent["all"]


def test_a_feed_with_nothing_new_is_not_among_the_failures_nor_one_that_is_put_off() -> None:
    desk = Desk(urls=(FEED, "https://b.example/feed"))
    quiet = (START + timedelta(hours=2)).hour
    asks = f"<title>A</title><skipHours><hour>{quiet}</hour></skipHours>"
    desk.serve(ON)
    desk.web.serve("https://b.example/feed", rss(OFF).replace(b"<title>A</title>", asks.encode()))
    desk.run()
    desk.clock.advance(timedelta(hours=2))
    result = desk.run(every=False)
    assert (result.report.polled, result.report.unchanged, result.report.failed) == (2, 2, 0)
    assert len(desk.web.requests) == 3
    put_off = {feed.feed.url: feed.next_poll for feed in desk.store.feeds()}["https://b.example/feed"]
    assert put_off == datetime(2025, 1, 22, 12, tzinfo=UTC)


class Leased(MemoryStore):
    """Keeps how feeds were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[datetime, timedelta, bool, object]] = []

    def claim_due(self, now, *, limit, lease, every=False, urls=(), shard=None):  # type: ignore[no-untyped-def]
        self.asked.append((now, lease, every, shard))
        return super().claim_due(now, limit=limit, lease=lease, every=every, urls=urls, shard=shard)


def test_feeds_are_leased_as_of_the_start_of_the_pass_for_its_shard() -> None:
    """All claims of a pass name one moment: what became due meanwhile belongs to the next."""
    store = Leased()
    desk = Desk(store=store, urls=[f"https://{number}.example/" for number in range(257)])
    lease, shard = timedelta(minutes=7), (0, 1)
    desk.run(every=True, lease=lease, shard=shard)
    assert len(store.asked) == 10  # 32 at a time, so that answers need not wait for long
    assert set(store.asked) == {(START, lease, True, shard)}
    store.asked.clear()
    desk.clock.advance(timedelta(days=1))
    desk.run(every=False)
    assert {(every, shard) for _, _, every, shard in store.asked} == {(False, None)}


class Recording(MemoryStore):
    """Keeps the size of each commit."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[int] = []

    def record(self, outcomes: Sequence[PollOutcome]) -> int:
        self.commits.append(len(outcomes))
        return super().record(outcomes)


@pytest.mark.parametrize(("feeds", "commits"), [(1, [1]), (63, [63]), (64, [64]), (65, [64, 1]), (130, [64, 64, 2])])
def test_sixty_four_polls_share_a_commit(feeds: int, commits: list[int]) -> None:
    store = Recording()
    Desk(store=store, urls=[f"https://{number}.example/" for number in range(feeds)]).run()
    assert store.commits == commits


def test_a_pass_without_anything_due_asks_for_no_feed_and_writes_none() -> None:
    store = Recording()
    desk = Desk(store=store)
    desk.serve(ON)
    desk.run()
    desk.run(every=False)
    assert store.commits == [1]
    assert [feed.state for feed in desk.store.feeds()] == [FeedState.OK]


def test_more_than_a_claim_of_feeds_are_all_polled_once() -> None:
    urls = [f"https://{number % 7}.example/{number}" for number in range(520)]
    desk = Desk(urls=urls)
    assert desk.run().report.polled == 520
    assert Counter(request.url for request in desk.web.requests) == Counter(urls)


def test_an_entry_that_is_scored_under_the_feeds_new_name() -> None:
    """The feed's title is taken from the document that brings the entry."""
    desk, scorer = Desk(), Reading()
    desk.serve(OFF)
    desk.run(scorer=scorer)
    desk.web.serve(
        FEED, rss(item(3, "Rice prices rise"), OFF).replace(b"<title>A</title>", b"<title>Rice News</title>")
    )
    desk.run(scorer=scorer)
    assert {asked["source"] for asked in scorer.asked} == {"Rice News"}
