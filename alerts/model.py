"""What flows through ``alerts``: Digest → Message → Delivery → Receipt. Data only, no behaviour, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from alerts.record import record


@record
class ScorePart:
    """One line of an explanation: what was found where, and the points it gave; a score is the sum of its parts."""

    kind: str  # concept | term | near | regex | facet | penalty ... : the rule that gave the points
    label: str  # what a reader recognises: the term as written in the profile, or the concept's name
    field: str  # title | summary | content | any
    hits: int  # how often it was found in that field
    weight: float  # the profile's weight for one hit
    points: float  # what it added to the score (negative for a penalty)


@record
class Fragment:
    """A stretch of plain text; ``marked`` when it is one of the words that matched."""

    text: str
    marked: bool = False


@record
class DigestEntry:
    """One entry as a reader sees it. All texts are plain text: never HTML."""

    id: str
    title: str
    link: str  # an http(s) address, or "" when the feed gave none that is safe
    source: str  # the publisher's name
    published: datetime | None  # UTC; None when the feed gave no date
    found: datetime  # UTC; when Newsbell first saw it
    score: float
    threshold: float
    parts: tuple[ScorePart, ...]
    headline: tuple[Fragment, ...] = ()  # the title, matched words marked
    highlight: tuple[Fragment, ...] = ()  # an excerpt, matched words marked
    lang: str = ""  # BCP 47, for the HTML lang attribute


@record
class Story:
    """One event: its entries, best first. ``update`` when it continues a story that was sent before."""

    entries: tuple[DigestEntry, ...]
    update: bool = False
    more: int = 0  # further entries that a message has no room for

    @property
    def lead(self) -> DigestEntry:
        """The entry that stands for the story."""
        return self.entries[0]


@record
class FeedProblem:
    """A feed that is not well, as the digest's footer names it."""

    title: str
    url: str
    state: str  # degraded | failing | silent | moved | gone
    reason: str
    since: datetime | None = None
    told: bool = False  # a notice of the same digest says it already


@record
class FeedHealth:
    """How the feeds did in a window."""

    feeds: int = 0  # feeds that are watched
    healthy: int = 0
    entries: int = 0  # entries read in the window
    problems: tuple[FeedProblem, ...] = ()


@record
class DayCount:
    """Matches of one local day, for the small activity plot."""

    day: str  # ISO date
    count: int


@record
class Digest:
    """Everything that one message tells. ``start`` < ``end`` is its window, in UTC; times are shown in ``timezone``."""

    profile: str
    title: str
    start: datetime
    end: datetime
    timezone: str  # IANA name
    stories: tuple[Story, ...]
    health: FeedHealth = FeedHealth()
    kind: str = "digest"  # digest | instant | notice | test
    more: int = 0  # stories beyond max_items, which are not in ``stories``
    full_score: float = 0.0  # the score that fills a score bar: "full means ..."
    notices: tuple[str, ...] = ()  # one line each: what the reader should know of Newsbell itself
    activity: tuple[DayCount, ...] = ()
    template: str = "digest"
    overflow: tuple[Story, ...] = ()  # the ``more`` stories, for channels without a limit (files)
    held: tuple[DigestEntry, ...] = ()  # held back: they repeat under the same title what was told before

    @property
    def entries(self) -> tuple[DigestEntry, ...]:
        """Every entry of the shown stories, in order."""
        return tuple(entry for story in self.stories for entry in story.entries)


@record
class Message:
    """A rendered digest for one recipient of one channel. Its bytes are stored and sent as they are, at every try."""

    key: str  # idempotency key: Message-ID and webhook-id derive from it
    profile: str
    channel: str
    recipient: str
    subject: str
    body: bytes
    content_type: str


class DeliveryState(StrEnum):
    """Where a delivery stands; ``sent`` and ``dead`` are final."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    DEAD = "dead"


class Mark(StrEnum):
    """What an outbox remembers of a delivery beside its state."""

    NONE = ""
    BEGUN = "begun"  # an attempt began, and no receipt of it has come
    GONE = "gone"  # the receiver answered that it wants nothing any more
    SPENT = "spent"  # given up after every attempt that its schedule allows


@record
class Delivery:
    """One row of the outbox: a message and how its delivery stands."""

    message: Message
    state: DeliveryState
    attempts: int
    created: datetime
    next_attempt: datetime | None  # None when the state is final
    error: str = ""
    fence: int = 0  # the claim's number: a sender whose claim has expired changes nothing
    mark: Mark = Mark.NONE

    @property
    def reason(self) -> str:
        """Why the last attempt failed, without the channel's name, which is said beside it."""
        return self.error.removeprefix(f"{self.message.channel}: ")


@record
class Receipt:
    """How one attempt ended."""

    key: str
    at: datetime
    state: DeliveryState
    attempts: int
    next_attempt: datetime | None
    error: str = ""
    fence: int = 0
    mark: Mark = Mark.NONE


@record
class HttpAnswer:
    """What a webhook's receiver answered. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]


class Secret:
    """A password or key whose text is ``***``, so that no log, error or repr can show it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself; call it only where it is used."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a Secret cannot be pickled")
