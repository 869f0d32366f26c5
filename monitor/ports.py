"""The seams of the monitor. Adapters live in ``fetch``, ``parse``, ``store`` and ``clock``; fakes beside them.

The Store port speaks of claiming due work under a lease, never of a file or a lock, so that several workers on
several machines can share one store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from alerts.model import Message
from alerts.ports import Clock, Outbox
from monitor.model import (
    Document,
    Entry,
    Feed,
    FeedRecord,
    FetchRequest,
    FetchResult,
    Fleet,
    Match,
    ParsedFeed,
    PassReport,
    PollOutcome,
    ProfileState,
    SeenEntry,
    Tally,
)

__all__ = ["Clock", "Fetcher", "Outbox", "Parser", "Store"]


class Fetcher(Protocol):
    """The one door to the network for reading."""

    async def fetch(self, request: FetchRequest) -> FetchResult:
        """GET ``request.url`` politely and within bounds. Never raises for what the network does: that is a value."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class Parser(Protocol):
    """Turns bytes into entries, out of reach of what the bytes may do."""

    async def parse(self, document: Document) -> ParsedFeed:
        """Read ``document``; raises ``ParseError`` when it is no feed or could not be read within its limits."""
        ...

    async def aclose(self) -> None:
        """End every worker."""
        ...


class Store(Outbox, Protocol):
    """Remembers feeds, entries, matches, windows and (as ``Outbox``) messages.

    Every method is one transaction; within ``transaction()`` several are one.
    Raises ``StoreError`` when the storage itself fails; then nothing of the call was written.
    """

    def transaction(self) -> AbstractContextManager[None]:
        """Group calls: all or nothing. Not nested."""
        ...

    # feeds ------------------------------------------------------------------------------------
    def sync_feeds(self, feeds: Sequence[Feed], now: datetime) -> None:
        """Make the stored feeds equal to the configured ones: new ones are due at ``now``, missing ones rest.

        A feed that comes back goes on with all it knew. A changed title, language or interval is taken over.
        """
        ...

    def claim_due(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        every: bool = False,
        urls: Sequence[str] = (),
        shard: tuple[int, int] | None = None,
    ) -> Sequence[FeedRecord]:
        """Lease up to ``limit`` enabled feeds with ``next_poll <= now``, longest due first, each under a new fence.

        ``every``: due or not, but each at most once for one ``now``. ``urls``: only these. ``shard``: only feeds whose
        host falls into shard ``index`` of ``count`` (``monitor.lanes.slots_of``).
        A feed that is leased by somebody else is not handed out.
        """
        ...

    def next_due(self) -> datetime | None:
        """The earliest moment at which a feed is to be polled or a delivery to be tried; None when there is neither."""
        ...

    def release_claims(self) -> None:
        """End every lease of feeds and deliveries: for the only user of a store, after a program was killed."""
        ...

    def seen(self, feed_id: int, keys: Iterable[bytes]) -> Mapping[bytes, SeenEntry]:
        """Which of ``keys`` (of ``EntryKeys``) this feed has shown before, and the entry each belongs to."""
        ...

    def record(self, outcomes: Sequence[PollOutcome]) -> int:
        """Commit what polls learned: records, entries, seen-keys, matches; ends their leases.

        An outcome with a stale fence changes nothing. A match of a profile and entry that exists is kept as it was.
        Returns how many outcomes were taken.
        """
        ...

    def feeds(self, *, include_removed: bool = False) -> Sequence[FeedRecord]:
        """All configured feeds, in the order of the config."""
        ...

    def fleet(self, *, worst: int = 0) -> Fleet:
        """How the watched feeds do, with up to ``worst`` of those in trouble; those that are well are not read."""
        ...

    def set_paused(self, url: str, paused: bool) -> bool:
        """Pause or resume a feed; False when it is not known."""
        ...

    def entry_counts(self) -> Mapping[str, int]:
        """Stored entries by feed URL."""
        ...

    # entries and matches ------------------------------------------------------------------------
    def entry(self, entry_id: str) -> Entry | None:
        """One entry by its id or an unambiguous beginning of it."""
        ...

    def entries(self, *, since: datetime | None = None, limit: int = 10_000) -> Iterable[Entry]:
        """Stored entries, newest found first."""
        ...

    def search(self, query: str, *, limit: int = 50) -> Sequence[Entry]:
        """Full-text search, best first; every script, also those without blanks between words."""
        ...

    def count_entries(self, since: datetime, until: datetime) -> int:
        """Entries found in [since, until)."""
        ...

    def matches(
        self,
        profile: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        waiting: bool = False,
        limit: int = 100_000,
    ) -> Sequence[Match]:
        """Matches found in [since, until), oldest first; ``waiting``: only those no digest has told."""
        ...

    def match_times(self, profile: str, since: datetime) -> Sequence[datetime]:
        """When the matches since then were found, oldest first: a fraction of the work of reading them."""
        ...

    # digests ------------------------------------------------------------------------------------
    def profile_state(self, profile: str) -> ProfileState:
        """Where a profile's digests stand; a fresh state when it is new."""
        ...

    def profile_states(self) -> Mapping[str, ProfileState]:
        """Where the digests of every profile stand that is not new."""
        ...

    def waiting_profiles(self) -> frozenset[str]:
        """The profiles with matches that no digest has told."""
        ...

    def close_window(
        self,
        state: ProfileState,
        entry_ids: Sequence[str],
        digest: str,
        messages: Sequence[Message],
        now: datetime,
        *,
        stories: Mapping[str, str] | None = None,
    ) -> bool:
        """End a window: save ``state``, mark the matches as told by ``digest``, enqueue the messages; one commit.

        ``stories``: the story that each told entry belongs to, by entry id.
        False when somebody else wrote the profile's state since ``state`` was read: then nothing was changed.
        """
        ...

    # upkeep -------------------------------------------------------------------------------------
    def add_label(self, profile: str, entry_id: str, label: str, now: datetime) -> None:
        """Remember a user's judgement (``on`` or ``off``) of an entry for a profile; the newest counts."""
        ...

    def labels(self, profile: str) -> Mapping[str, str]:
        """The user's judgements, by entry id."""
        ...

    def save_report(self, report: PassReport) -> None:
        """Remember how a pass ended (for ``status`` and ``healthcheck``)."""
        ...

    def last_report(self) -> PassReport | None:
        """The newest pass."""
        ...

    def count(self, amounts: Mapping[str, int]) -> None:
        """Add ``amounts`` to the totals of the same names, which only grow."""
        ...

    def tally(self) -> Tally:
        """How much there is of everything, and the totals: by indexes, for the metrics of each pass."""
        ...

    def add_notice(self, key: str, text: str, now: datetime) -> bool:
        """Remember one notice until a digest tells it; False when ``key`` was already noticed."""
        ...

    def notices(self, *, untold: bool = True, before: datetime | None = None) -> Sequence[tuple[str, str]]:
        """Notices as (key, text), oldest first; ``before``: only those made by then."""
        ...

    def mark_told(self, keys: Sequence[str]) -> int:
        """Notices that a digest has told; returns how many of them nobody had told before."""
        ...

    def purge(self, *, entries_before: datetime, seen_before: datetime, limit: int = 5_000) -> int:
        """Forget old entries, matches, sent deliveries and seen-keys, at most ``limit`` rows a call.

        The seen-keys of a feed's newest 1,000 entries stay, however old. Returns the number of rows that went.
        """
        ...

    def index_text(self, *, limit: int = 1_000) -> int:
        """Prepare up to ``limit`` entries for a fast search: work that a poll leaves for quiet times.

        ``search`` finds the others too, only slower. Returns how many were prepared; 0 when there is nothing to do.
        """
        ...

    def close(self) -> None:
        """Release the storage."""
        ...
