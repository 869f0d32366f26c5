"""A whole pass on fakes: a scripted web, a store in memory, channels that keep what they get, a clock that stands."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from alerts.fakes import RecordingChannel
from alerts.model import Fragment
from monitor.clock import FixedClock
from monitor.cycle.run import run_pass
from monitor.cycle.tools import PassResult, Tools, Watch
from monitor.digest import Layout
from monitor.fetch.fake import FakeFetcher
from monitor.model import Feed
from monitor.parse.inline import InlineParser
from monitor.ports import Store
from monitor.profiles import Matcher, load_profile
from monitor.schedule import DigestClock, PollPolicy
from monitor.store.memory import MemoryStore
from monitor.waiting import run

START = datetime(2025, 1, 22, 9, 0, tzinfo=UTC)
PROFILE = """
name: pair
threshold: 1.0
instant: 50.0
concepts:
  japan: {country: JP}
  laos: {country: LA}
require: [japan, laos]
terms:
  - {term: partnership, weight: 3.0}
  - {term: urgent, weight: 100.0}
"""


# Every pass of every test scores by it: it is built once.
SCORER = Matcher([load_profile(PROFILE, name="pair")])


def plain(text: str) -> tuple[Fragment, ...]:
    return (Fragment(text),)


def item(number: int, title: str, text: str = "") -> str:
    return (
        f"<item><title>{title}</title><link>https://a.example/{number}</link><guid>{number}</guid>"
        f"<description>{text}</description></item>"
    )


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>A</title>{''.join(items)}</channel></rss>".encode()


ON = item(1, "Laos and Japan agree on partnership")
MORE = item(2, "Japan trains teachers of Laos")
OFF = item(3, "Rice prices steady")


@dataclass
class Desk:
    """Everything a pass uses, and handles to steer it."""

    schedule: str = "@run"
    quiet: str | None = None
    min_items: int = 1
    send_empty: bool = False
    stories: bool = True
    store: Store = field(default_factory=MemoryStore)
    web: FakeFetcher = field(default_factory=FakeFetcher)
    clock: FixedClock = field(default_factory=lambda: FixedClock(START))
    channel: RecordingChannel = field(default_factory=lambda: RecordingChannel("desk"))
    other: RecordingChannel = field(default_factory=lambda: RecordingChannel("other", ["x@example.org"]))
    urls: Sequence[str] = ("https://a.example/feed",)

    @property
    def tools(self) -> Tools:
        """The tools of the next pass."""
        layout = Layout("pair", "Pair", "Asia/Vientiane", 1.0, plain, plain, instant=50.0)
        watch = Watch(
            layout,
            DigestClock(self.schedule, "Asia/Vientiane", self.quiet),
            ("desk", "other"),
            min_items=self.min_items,
            send_empty=self.send_empty,
            stories=self.stories,
        )
        return Tools(
            store=self.store,
            fetcher=self.web,
            parser=InlineParser(),
            clock=self.clock,
            scorer=SCORER,
            policy=PollPolicy(),
            feeds=tuple(Feed(url) for url in self.urls),
            watches=(watch,),
            channels={"desk": self.channel, "other": self.other},
        )

    def serve(self, *items: str, url: str = "https://a.example/feed") -> None:
        """What the feed shows from now on."""
        self.web.serve(url, rss(*items))

    def run(self, *, every: bool = True, backlog: int | None = None, **changes: object) -> PassResult:
        """One pass, after which a minute has gone by."""
        tools = replace(self.tools, **changes)  # type: ignore[arg-type]
        result = run(run_pass(tools, every=every, backlog=backlog), asyncio.run)
        self.clock.advance(timedelta(minutes=1))
        return result

    @property
    def told(self) -> list[list[str]]:
        """The entries of each message that the first channel accepted, by title."""
        return [
            sorted(entry.title for key in message.body.decode().split() if (entry := self.store.entry(key)))
            for message in self.channel.accepted
        ]
