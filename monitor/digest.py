"""From stories to a Digest: what the reader will see, in what order, within which bounds. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from alerts.model import DayCount, Digest, DigestEntry, FeedHealth, FeedProblem, Fragment, Story
from alerts.record import record
from monitor.model import FeedRecord, FeedState, Fleet, Match

if TYPE_CHECKING:
    from monitor.stories import Thread, Threads

Mark = Callable[[str], tuple[Fragment, ...]]

ACTIVITY_DAYS = 14
NAMED_FEEDS = 1_000  # in trouble, that a digest names at most


@record
class Layout:
    """What a profile says of its digests' looks. ``headline`` and ``excerpt`` mark the matched words of a text."""

    profile: str
    title: str
    timezone: str
    threshold: float
    headline: Mark
    excerpt: Mark
    instant: float | None = None
    max_items: int = 20
    template: str = "digest"

    @property
    def full_score(self) -> float:
        """The score that fills a bar: what would be sent at once, else twice what it takes to be told."""
        return self.instant or 2 * self.threshold


def build_digest(
    layout: Layout,
    threads: Threads,
    start: datetime,
    end: datetime,
    *,
    kind: str = "digest",
    health: FeedHealth,
    notices: Sequence[str] = (),
    activity: Sequence[DayCount] = (),
) -> Digest:
    """The digest of the window (start, end]; stories beyond ``max_items`` go to ``overflow`` and are counted."""
    stories = tuple(_story(layout, thread) for thread in threads.stories)
    shown = stories[: layout.max_items]
    return Digest(
        profile=layout.profile,
        title=layout.title,
        start=start,
        end=end,
        timezone=layout.timezone,
        stories=shown,
        overflow=stories[layout.max_items :],
        more=len(stories) - len(shown),
        health=health,
        kind=kind,
        full_score=layout.full_score,
        notices=tuple(notices),
        activity=tuple(activity),
        template=layout.template,
        held=tuple(_entry(layout, match) for match in threads.held),
    )


def _story(layout: Layout, thread: Thread) -> Story:
    return Story(tuple(_entry(layout, match) for match in thread.fresh), update=thread.update)


def _entry(layout: Layout, match: Match) -> DigestEntry:
    entry = match.entry
    return DigestEntry(
        id=entry.id,
        title=entry.title,
        link=entry.link,
        source=match.source,
        published=entry.published,
        found=entry.found or match.at,
        score=match.score.value,
        threshold=match.score.threshold,
        parts=match.score.parts,
        headline=layout.headline(entry.title),
        highlight=layout.excerpt(entry.summary or entry.content),
        lang=entry.lang or "",
    )


def feed_health(fleet: Fleet, entries: int, told: Collection[str] = ()) -> FeedHealth:
    """How the watched feeds are doing, the worst by name; ``entries`` were read in the window.

    ``told``: addresses of feeds whose trouble a notice of the same digest tells.
    """
    return FeedHealth(
        feeds=fleet.watched,
        healthy=fleet.healthy,
        entries=entries,
        problems=tuple(
            FeedProblem(
                feed.title,
                feed.feed.url,
                feed.state.value,
                ailment(feed),
                feed.memory.state_since,
                told=feed.feed.url in told,
            )
            for feed in fleet.worst
        ),
    )


def ailment(feed: FeedRecord) -> str:
    """What is wrong with a feed, in a user's words: also with one that is well, but not read whole; "" for nothing."""
    if feed.error or feed.state is not FeedState.SILENT:
        return feed.error or feed.memory.loss
    newest = max(feed.memory.arrivals, default=None)
    return f"nothing new since {datetime.fromtimestamp(newest, UTC):%Y-%m-%d}" if newest else "nothing new for long"


def activity(
    times: Iterable[datetime], now: datetime, timezone: str, days: int = ACTIVITY_DAYS
) -> tuple[DayCount, ...]:
    """Matches of each of the last ``days`` local days up to ``now``, oldest first, days without any included."""
    zone = ZoneInfo(timezone)
    counts = Counter(time.astimezone(zone).date() for time in times)
    today = now.astimezone(zone).date()
    span = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    return tuple(DayCount(day.isoformat(), counts[day]) for day in span)
