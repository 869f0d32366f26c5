"""What a pass works with: the seams, and what the configuration says. Built by ``app``, read by the pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from alerts.deliver import DeliverReport
from alerts.ports import Channel
from alerts.record import record
from monitor.digest import Layout
from monitor.model import Feed, FeedRecord, FeedState, Match, PassReport, ProfileState, Score
from monitor.notices import NoticePlan
from monitor.ports import Clock, Fetcher, Parser, Store
from monitor.schedule import DigestClock, PollPolicy, due_window, instant_due, opens


class Scorer(Protocol):
    """All watch profiles as one: which of them an entry matches."""

    def matches(
        self, *, title: str, summary: str, content: str, source: str, lang: str | None, feed_url: str
    ) -> Sequence[Score]:
        """The scores of the profiles that the entry matches."""
        ...


class Progress(Protocol):
    """Follows a pass, for a person who watches."""

    def polling(self, total: int) -> None:
        """``total`` feeds have been taken up so far."""
        ...

    def polled(self, record: FeedRecord, ok: bool) -> None:
        """One feed is done."""
        ...

    def matched(self, matches: Sequence[Match]) -> None:
        """Entries matched and are stored."""
        ...

    def finished(self) -> None:
        """No more feeds are polled in this pass."""
        ...


class Silent:
    """The progress of a pass that nobody watches."""

    def polling(self, total: int) -> None:
        """Say nothing."""

    def polled(self, record: FeedRecord, ok: bool) -> None:
        """Say nothing."""

    def matched(self, matches: Sequence[Match]) -> None:
        """Say nothing."""

    def finished(self) -> None:
        """Say nothing."""


@record
class Watch:
    """A watch profile as the pass needs it."""

    layout: Layout
    clock: DigestClock
    channels: tuple[str, ...]
    min_items: int = 1
    send_empty: bool = False
    stories: bool = True
    feeds: frozenset[str] = frozenset()  # the addresses it looks at; empty: all

    @property
    def name(self) -> str:
        """The profile's name."""
        return self.layout.profile

    def is_due(self, state: ProfileState, now: datetime, *, waits: bool, backlog: bool = False) -> bool:
        """Whether there is a window to open or to close, or an alert to send; ``waits``: matches wait to be told."""
        if opens(state, now) or due_window(self.clock, state, now, found_something=waits, first_backlog=backlog):
            return True
        return waits and self.layout.instant is not None and instant_due(self.clock, state, now)


@record
class Tools:
    """Everything a pass uses."""

    store: Store
    fetcher: Fetcher
    parser: Parser
    clock: Clock
    scorer: Scorer
    policy: PollPolicy
    feeds: tuple[Feed, ...]
    watches: tuple[Watch, ...]
    channels: Mapping[str, Channel]
    concurrency: int = 50
    per_host: int = 2
    lease: timedelta = timedelta(minutes=15)
    parse_deadline: float = 120.0  # seconds: no pass waits for ever, whatever a parser does
    shard: tuple[int, int] | None = None  # poll only feeds of this shard; None: all
    time_slice: timedelta | None = None  # after it no more polls are begun, though feeds may be due; None: no end
    notices: NoticePlan = field(default_factory=NoticePlan)
    progress: Progress = field(default_factory=Silent)
    cpu: Callable[[], float] = lambda: 0.0  # CPU seconds so far, for the stage times


@record
class Matched:
    """What there is to say of a match in a pass: without the entry's text, as there may be ten thousand."""

    profile: str
    value: float  # points
    source: str
    title: str


@record
class Failed:
    """What there is to say of a poll that failed: without the feed's record, as in an outage all fail."""

    url: str
    error: str
    state: FeedState

    @property
    def line(self) -> str:
        """In one line."""
        return f"{self.url}: {self.error}"


@dataclass(slots=True)
class PollTotals:
    """What the polls of a pass came to."""

    polled: int = 0
    unchanged: int = 0
    failed: int = 0
    new: int = 0
    matches: list[Matched] = field(default_factory=list)
    failures: list[Failed] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)  # CPU seconds by stage


@record
class PassResult:
    """What a pass came to, in full; ``report`` is what is remembered of it."""

    report: PassReport
    matches: tuple[Matched, ...] = ()
    failing: tuple[str, ...] = ()  # feeds that failed in this pass and have failed beyond their limit, one line each
    deliveries: DeliverReport = field(default_factory=DeliverReport)
    uncomposed: tuple[str, ...] = ()  # what could not be made a message, one line each
