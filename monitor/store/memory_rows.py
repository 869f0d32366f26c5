"""What the store in memory keeps, and the rules of its rows. Pure."""

from __future__ import annotations

from collections import Counter
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from alerts.model import Delivery
from monitor.model import Entry, EntryKeys, Feed, FeedRecord, FeedState, Match, PassReport, ProfileState, SeenEntry
from monitor.store.feeds import CLOCK_SKEW, LONGEST_PAUSE, LONGEST_WAIT

NEVER = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A record with what the configuration and the claims say of it."""

    record: FeedRecord
    present: bool = True
    paused: bool = False
    leased_until: datetime = NEVER
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that was met: ``entry`` is None once it is forgotten."""

    number: int
    feed: int
    seen: SeenEntry
    found: datetime
    entry: Entry | None


@dataclass(slots=True)
class Tables:
    """Everything that a transaction may have to take back. The values are immutable."""

    feeds: dict[str, FeedRow] = field(default_factory=dict)
    entries: dict[str, Known] = field(default_factory=dict)
    seen: dict[tuple[int, bytes], tuple[str, datetime]] = field(default_factory=dict)
    matches: dict[tuple[str, str], Match] = field(default_factory=dict)
    states: dict[str, ProfileState] = field(default_factory=dict)
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    reports: list[PassReport] = field(default_factory=list)
    notices: dict[str, tuple[str, bool, datetime]] = field(default_factory=dict)
    totals: Counter[str] = field(default_factory=Counter)
    numbers: int = 0

    def snapshot(self) -> Tables:
        """A copy that later changes do not reach."""
        return Tables(*(copy(getattr(self, name)) for name in self.__slots__))


def due_of(record: FeedRecord) -> datetime:
    """When a feed is due; the end of time for a retired one."""
    return record.next_poll or _END


def is_claimable(row: FeedRow, now: datetime) -> bool:
    """Whether a feed may be handed out, due or not."""
    return is_active(row) and row.claimed_at != now and row.leased_until <= now


def is_active(row: FeedRow) -> bool:
    """Whether a feed is polled at all."""
    return row.present and row.record.feed.enabled and not row.paused and row.record.next_poll is not None


def is_ahead(row: FeedRow, now: datetime) -> bool:
    """Whether a feed's next poll was planned under a clock that was ahead."""
    ahead, planned = now + CLOCK_SKEW, due_of(row.record)
    if not is_active(row) or planned <= ahead:
        return False
    return planned > now + LONGEST_WAIT or (row.record.last_poll or NEVER) > ahead


def is_put_off(delivery: Delivery, now: datetime, *, wrong: bool) -> bool:
    """Whether a delivery's next attempt was planned under a clock that was ahead; ``wrong``: feeds tell that it was."""
    planned = delivery.next_attempt or NEVER
    if planned <= now + LONGEST_PAUSE:
        return False
    return wrong or planned > now + LONGEST_WAIT or delivery.created > now + CLOCK_SKEW


def renamed(row: FeedRow, url: str) -> FeedRow:
    """The row of a feed that the configuration names by its new address; a poll under way is not taken any more."""
    record = row.record
    state = FeedState.OK if record.state == FeedState.MOVED else record.state
    feed = Feed(url, record.feed.title)
    moved = replace(record, feed=feed, address=url, state=state, fence=record.fence + 1)
    return replace(row, record=moved, leased_until=NEVER)


def merged(old: EntryKeys, new: EntryKeys) -> EntryKeys:
    """``new`` with what it lacks from ``old``."""
    return EntryKeys(new.guid or old.guid, new.link or old.link, new.content or old.content)


def seen_of(entry: Entry) -> SeenEntry:
    """What is remembered of an entry when it is forgotten itself."""
    return SeenEntry(entry.id, entry.keys, entry.title, entry.published)
