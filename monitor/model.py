"""What flows through a pass: Feed → FetchResult → ParsedFeed → Entry → Score → Match. Data only, no I/O.

Times are aware datetimes in UTC. Texts of an entry are plain text, cleaned and cut; a link is http(s) or empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.model import ScorePart
from alerts.record import record

__all__ = ["ScorePart"]


# ---------------------------------------------------------------------------------------------- feeds


@record
class Feed:
    """A feed as the configuration names it. ``url`` is its name for ever, wherever it may move."""

    url: str
    title: str = ""
    lang: str | None = None
    interval: timedelta | None = None  # None: the default of ``fetch.interval``
    enabled: bool = True


class FeedState(StrEnum):
    """How a feed is doing."""

    NEW = "new"  # never polled
    OK = "ok"
    DEGRADED = "degraded"  # the last polls failed, not yet for long
    FAILING = "failing"  # has failed beyond its limit
    SILENT = "silent"  # answers, but nothing new for much longer than its own rhythm
    MOVED = "moved"  # answers under another address, which is used now
    GONE = "gone"  # 410: retired
    PAUSED = "paused"


@record
class Validators:
    """What a conditional GET sends back, byte for byte (RFC 9110, 8.8). Latin-1 text; None when never served."""

    etag: str | None = None
    last_modified: str | None = None


@record
class FeedHints:
    """What a document asks of its readers. Bounds are applied where the next poll is decided, not here."""

    ttl: timedelta | None = None  # RSS <ttl>
    update_period: timedelta | None = None  # sy:updatePeriod divided by sy:updateFrequency
    skip_hours: frozenset[int] = frozenset()  # 0 to 23, GMT
    skip_days: frozenset[int] = frozenset()  # Monday is 0, GMT


@record
class PollMemory:
    """What the decisions about a feed remember from poll to poll; stored as one JSON value.

    Only pure functions of ``monitor.schedule`` and ``monitor.decide`` change it.
    """

    hints: FeedHints = FeedHints()
    freshness: timedelta | None = None  # of the last answer: Cache-Control, Expires
    # When the newest entries were first seen or dated: seconds since 1970, newest first, at most 32.
    arrivals: tuple[int, ...] = ()
    redirect_to: str = ""  # a permanent redirect that is not believed yet
    redirect_since: datetime | None = None
    redirect_polls: int = 0  # how often in a row it was met
    failing_since: datetime | None = None
    state_since: datetime | None = None
    empty_since: datetime | None = None  # the first good poll of a feed that has never shown an entry
    announced: str = ""  # the state that the user was last told of
    window: int = 0  # entries in the last document
    rolled_over: bool = False  # the last two documents shared no entry: some may have been missed
    loss: str = ""  # what of the last document could not be read
    loss_since: datetime | None = None


@record
class FeedRecord:
    """A feed with everything the store remembers of it: claimed for a poll, and given back with what it learned."""

    id: int
    feed: Feed
    address: str  # where it is polled now; differs from ``feed.url`` after a believed permanent redirect
    state: FeedState = FeedState.NEW
    title: str = ""  # the config's title, else what the document says, else the host
    validators: Validators = Validators()
    body_hash: bytes = b""  # of the last document that was parsed (16 bytes)
    fingerprints: bytes = b""  # of its entries, ``FINGERPRINT_BYTES`` each, in document order
    last_poll: datetime | None = None
    last_ok: datetime | None = None
    last_new: datetime | None = None
    last_status: int | None = None
    next_poll: datetime | None = None
    failures: int = 0  # in a row
    error: str = ""
    baseline: bool = False  # the first poll that showed entries is behind it
    memory: PollMemory = PollMemory()
    fence: int = 0  # the claim's number: a late writer with an older one changes nothing

    def as_shown(self) -> FeedRecord:
        """The record as a user sees it: a feed that is switched off is paused, however it did before."""
        if self.feed.enabled and self.state is not FeedState.PAUSED:
            return self
        return replace(self, state=FeedState.PAUSED, next_poll=None, error="")


# ---------------------------------------------------------------------------------------------- fetching


@record
class FetchRequest:
    """One conditional GET. ``unconditional`` is the one request of a feed's life that sends no validators."""

    url: str
    validators: Validators = Validators()


@record
class Redirect:
    """One hop that was followed by hand."""

    status: int
    url: str  # absolute address that it led to


@record
class Fetched:
    """A complete body. ``url`` is the address that served it."""

    url: str
    status: int
    body: bytes  # inflated, at most ``max_bytes``
    content_type: str  # the header as it came, "" when missing
    validators: Validators
    freshness: timedelta | None = None
    redirects: tuple[Redirect, ...] = ()
    truncated: bool = False


@record
class NotModified:
    """304. ``validators`` holds what this answer carried; a missing one keeps the stored one."""

    url: str
    validators: Validators
    freshness: timedelta | None = None
    redirects: tuple[Redirect, ...] = ()


@record
class FetchFailed:
    """No usable answer. ``reason`` says in a user's words what is wrong; ``advice`` what to do, "" when nothing."""

    url: str
    reason: str
    status: int | None = None
    permanent: bool = False
    retry_after: timedelta | None = None
    advice: str = ""
    redirects: tuple[Redirect, ...] = ()


FetchResult = Fetched | NotModified | FetchFailed


# ---------------------------------------------------------------------------------------------- entries


FINGERPRINT_BYTES = 14
"""Of an entry's fingerprint: 8 over all that the document says of it, then 3 each of its id and link (0: none)."""


PAGE = b"p"
"""The kind of a ``guid`` that stands for an entry's page and title, for want of an id."""


@record
class EntryKeys:
    """The three things an entry is known by, each a hash of 8 bytes that starts with its kind; b"" when missing.

    ``guid`` hashes the trimmed id, ``link`` the normalised link, ``content`` the folded title and text. Of an entry
    without an id whose link may change, ``guid`` begins with ``PAGE`` and hashes what of it stays, and the title.
    """

    guid: bytes = b""
    link: bytes = b""
    content: bytes = b""

    @property
    def own_id(self) -> bytes:
        """The ``guid`` of an entry that has an id; else b""."""
        return b"" if self.guid[:1] == PAGE else self.guid

    def present(self) -> tuple[bytes, ...]:
        """The keys that exist."""
        guid, link, content = self.guid, self.link, self.content
        if guid and link and content:  # nearly always
            return guid, link, content
        return tuple(key for key in (guid, link, content) if key)


@record
class Entry:
    """One entry of a feed. ``id`` is stable: derived from the feed and the keys it had when first seen."""

    feed_url: str
    keys: EntryKeys
    title: str  # "" when the feed gave none
    link: str
    summary: str = ""
    content: str = ""
    author: str = ""
    source: str = ""  # the publisher that the entry itself names, such as <source> in an aggregator's feed
    published: datetime | None = None
    updated: datetime | None = None
    lang: str | None = None
    fingerprint: bytes = b""  # of the raw entry: equal means nothing changed
    id: str = ""
    found: datetime | None = None


@record
class Document:
    """A body to be parsed. ``known`` holds the fingerprints of the last document: those entries are not sent back."""

    url: str
    body: bytes
    content_type: str = ""
    known: bytes = b""
    lang: str | None = None


@record
class ParsedFeed:
    """What a document says. ``entries`` leaves out those whose fingerprint is in ``Document.known``."""

    title: str
    link: str
    lang: str | None
    entries: tuple[Entry, ...]
    fingerprints: bytes  # of all its entries, ``FINGERPRINT_BYTES`` each, in document order
    hints: FeedHints = FeedHints()
    dialect: str = ""  # such as rss20, atom10, rss10, cdf, json11
    warnings: tuple[str, ...] = ()  # such as "not well formed: line 3"
    previous: str = ""  # RFC 5005: the address of the page with older entries
    loss: str = ""  # which of its entries could not be read, in a user's words

    @property
    def total(self) -> int:
        """How many entries the document holds."""
        return len(self.fingerprints) // FINGERPRINT_BYTES


@record
class SeenEntry:
    """An entry that was met before: what the seen-set remembers after the entry itself has been forgotten."""

    id: str
    keys: EntryKeys
    title: str = ""
    published: datetime | None = None  # None: it had no date, or the entry itself has been forgotten


@record
class Decided:
    """What a document brought. New entries have ``id`` and ``found`` set; edited ones the id they had."""

    new: tuple[Entry, ...] = ()
    edited: tuple[Entry, ...] = ()
    baseline: tuple[Entry, ...] = ()  # met at a feed's first poll: remembered, not alerted
    touched: tuple[SeenEntry, ...] = ()  # known entries that gained a key (a new guid or link): to be remembered


# ---------------------------------------------------------------------------------------------- matching


@record
class Score:
    """What one profile thinks of one text. The points of ``parts`` sum to ``value``."""

    profile: str
    value: float
    threshold: float
    eligible: bool  # every ``require`` line met, nothing excluded, in scope
    matched: bool  # eligible and value >= threshold
    parts: tuple[ScorePart, ...] = ()
    missing: tuple[str, ...] = ()  # why it is not eligible, one line each, in a user's words
    concepts: tuple[str, ...] = ()  # required concepts that were found, sorted: two of a story must agree in them
    instant: bool = False  # matched and at or above the profile's instant threshold


@record
class Match:
    """A profile's score for a stored entry, as it will be told to the reader."""

    profile: str
    entry: Entry
    score: Score
    source: str  # the publisher's name to show: the entry's own, else the feed's title
    at: datetime
    story: str = ""  # the id of the story it belongs to: the entry id of its first member
    digest: str = ""  # the key of the window that told it; "" while it waits


@record
class PastItem:
    """An entry to test a profile on. ``at``: None when it has no date. ``text``: its summary, or all that there is."""

    id: str
    title: str
    text: str = ""
    source: str = ""
    lang: str | None = None
    at: datetime | None = None
    content: str = ""
    feed_url: str = ""


# ---------------------------------------------------------------------------------------------- the store


@record
class PollOutcome:
    """Everything one poll learned; the store commits it whole or not at all."""

    record: FeedRecord
    decided: Decided = Decided()
    matches: tuple[Match, ...] = ()


@record
class ProfileState:
    """Where a profile's digests stand."""

    profile: str
    window_end: datetime | None = None  # the end of the last window; None before the first pass
    last_sent: datetime | None = None
    instant_sent: tuple[datetime, ...] = ()  # of the last hour, for the rate cap
    fence: int = 0  # how often the state was written: who read an older one changes nothing


@record
class PassReport:
    """What a pass did, for the log line, the table, the exit code and the status page."""

    started: datetime
    finished: datetime
    polled: int = 0
    unchanged: int = 0
    failed: int = 0
    new: int = 0
    matched: int = 0
    digests: int = 0
    sent: int = 0
    undelivered: int = 0  # attempts that failed
    dead: int = 0
    problems: tuple[str, ...] = ()
    gap: timedelta | None = None  # since the pass before this one
    durations: dict[str, float] = field(default_factory=dict)  # CPU seconds by stage


TROUBLED = (FeedState.DEGRADED, FeedState.FAILING, FeedState.SILENT, FeedState.GONE)
"""The states of feeds that are not well, the worst last."""


@record
class Fleet:
    """How the watched feeds do: those neither paused nor switched off."""

    watched: int = 0
    ill: Mapping[str, int] = field(default_factory=dict)  # by state of ``TROUBLED``, where there are any
    worst: tuple[FeedRecord, ...] = ()  # the worst of them first

    @property
    def healthy(self) -> int:
        """How many are well."""
        return self.watched - sum(self.ill.values())


@record
class Tally:
    """What a store counts. ``totals`` only ever grow: what passes did, by name."""

    feeds: Mapping[str, int] = field(default_factory=dict)  # by state; those switched off are paused
    entries: int = 0
    matches: Mapping[str, int] = field(default_factory=dict)  # by profile
    waiting: Mapping[str, int] = field(default_factory=dict)  # by profile: not told yet
    deliveries: Mapping[str, int] = field(default_factory=dict)  # by state
    last_sent: Mapping[str, datetime] = field(default_factory=dict)  # by profile
    next_poll: datetime | None = None  # the earliest of all feeds
    next_attempt: datetime | None = None  # the earliest of all deliveries
    totals: Mapping[str, int] = field(default_factory=dict)
