"""A store that forgets everything when the program ends: for tests, and for trying things out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.fakes import MemoryOutbox
from alerts.model import DeliveryState, Message
from monitor.errors import StoreError
from monitor.lanes import slot_of, slots_of
from monitor.model import (
    TROUBLED,
    Decided,
    Entry,
    EntryKeys,
    Feed,
    FeedRecord,
    FeedState,
    Fleet,
    Match,
    PassReport,
    PollOutcome,
    ProfileState,
    SeenEntry,
    Tally,
)
from monitor.store.feeds import moved_to
from monitor.store.memory_rows import (
    NEVER,
    FeedRow,
    Known,
    Tables,
    due_of,
    is_active,
    is_ahead,
    is_claimable,
    is_put_off,
    merged,
    renamed,
    seen_of,
)
from monitor.store.rows import host, memory_to_json
from monitor.store.search import Query, best
from monitor.store.upkeep import MANY_KEYS, NEWEST_REMEMBERED

_END = datetime.max.replace(tzinfo=UTC)


class MemoryStore(MemoryOutbox):
    """The Store port without a file; behaves as ``SqliteStore`` does."""

    def __init__(self) -> None:
        super().__init__()
        self._tables = Tables()
        self._grouped = False
        self._broken = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Group calls: all or nothing. Not nested."""
        if self._grouped:
            raise StoreError("a transaction cannot begin inside another one")
        tables, outbox = self._tables.snapshot(), {key: copy(row) for key, row in self._rows.items()}
        self._grouped, self._broken = True, False
        try:
            yield
            if self._broken:
                raise StoreError("a part of the transaction failed; nothing of it was stored")
        except BaseException:
            self._tables, self._rows = tables, outbox
            raise
        finally:
            self._grouped = False

    # feeds --------------------------------------------------------------------------------------
    def sync_feeds(self, feeds: Sequence[Feed], now: datetime) -> None:
        """Make the stored feeds equal to the configured ones: new ones are due at ``now``, missing ones rest.

        Polls and attempts that a clock planned that was ahead are due at ``now`` too. A new address that a feed which
        has left the config was led to is that feed.
        """
        self._follow({feed.url for feed in feeds})
        before = self._tables.feeds
        rows = {feed.url: self._configured(before.get(feed.url), feed, now) for feed in feeds}
        resting = {url: replace(row, present=False) for url, row in before.items() if url not in rows}
        self._tables.feeds = rows | resting
        wrong = [row for row in rows.values() if is_ahead(row, now)]
        for row in wrong:
            self._put(replace(row, record=replace(row.record, next_poll=now)))
        for waiting in self._rows.values():
            if is_put_off(waiting.delivery, now, wrong=bool(wrong)):
                waiting.delivery = replace(waiting.delivery, next_attempt=now)

    def _follow(self, wanted: Set[str]) -> None:
        """Give the record of a feed that has moved, and left the config, to the new address it was led to."""
        tables = self._tables
        leaving = [row.record for url, row in tables.feeds.items() if url not in wanted]
        rows = [(record.feed.url, record.address, memory_to_json(record.memory)) for record in leaving]
        for url, old in moved_to(rows, wanted - tables.feeds.keys()):
            tables.feeds = {url if at == old else at: row for at, row in tables.feeds.items()}
            row = tables.feeds[url] = renamed(tables.feeds[url], url)
            for known in [known for known in tables.entries.values() if known.feed == row.record.id]:
                entry = known.entry and replace(known.entry, feed_url=url)
                tables.entries[known.seen.id] = replace(known, entry=entry)

    def _configured(self, row: FeedRow | None, feed: Feed, now: datetime) -> FeedRow:
        if row is None:
            self._tables.numbers += 1
            title = feed.title or host(feed.url)
            return FeedRow(FeedRecord(self._tables.numbers, feed, feed.url, title=title, next_poll=now))
        stale = row.record.title == row.record.feed.title
        title = feed.title or (host(feed.url) if stale else row.record.title)
        return replace(row, record=replace(row.record, feed=feed, title=title), present=True)

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
        """Lease up to ``limit`` feeds that are due, longest due first, each under a new fence."""
        first, end = slots_of(*shard or (0, 1))
        rows = [row for row in self._tables.feeds.values() if is_claimable(row, now)]
        rows = [row for row in rows if first <= slot_of(row.record.address) < end]
        chosen = [
            row for row in rows if (every or due_of(row.record) <= now) and (not urls or row.record.feed.url in urls)
        ]
        claimed = []
        for row in sorted(chosen, key=lambda row: due_of(row.record))[:limit]:
            record = replace(row.record, fence=row.record.fence + 1)
            self._put(replace(row, record=record, leased_until=now + lease, claimed_at=now))
            claimed.append(record)
        return claimed

    def next_due(self) -> datetime | None:
        """The earliest moment at which a feed is to be polled or a delivery to be tried; None when there is neither."""
        polls = [max(due_of(row.record), row.leased_until) for row in self._tables.feeds.values() if is_active(row)]
        rows = [(row.delivery.next_attempt, row.leased_until or NEVER) for row in self._rows.values()]
        return min([*polls, *(max(due, leased) for due, leased in rows if due is not None)], default=None)

    def release_claims(self) -> None:
        """End every lease of feeds and deliveries at once."""
        for row in list(self._tables.feeds.values()):
            self._put(replace(row, leased_until=NEVER))
        for delivery in self._rows.values():
            delivery.leased_until = None

    def feeds(self, *, include_removed: bool = False) -> Sequence[FeedRecord]:
        """All configured feeds in the order of the config, then the removed ones when asked for."""
        rows = [row for row in self._tables.feeds.values() if row.present or include_removed]
        return [replace(row.record, state=FeedState.PAUSED) if row.paused else row.record for row in rows]

    def fleet(self, *, worst: int = 0) -> Fleet:
        """How the watched feeds do, with up to ``worst`` of those in trouble."""
        rows = [row for row in self._tables.feeds.values() if row.present and not row.paused]
        watched = [row.record for row in rows if row.record.feed.enabled]
        ill = [record for record in watched if record.state in TROUBLED]
        ill.sort(key=lambda record: (-TROUBLED.index(record.state), record.feed.url))
        return Fleet(len(watched), Counter(record.state.value for record in ill), tuple(ill[:worst]))

    def set_paused(self, url: str, paused: bool) -> bool:
        """Pause or resume a feed; a retired one becomes due again when it is resumed. False when it is not known."""
        row = self._tables.feeds.get(url)
        if row is None:
            return False
        record = row.record
        if not paused and record.next_poll is None:
            record = replace(record, next_poll=record.last_poll, state=FeedState.DEGRADED)
        self._put(replace(row, record=record, paused=paused))
        return True

    def entry_counts(self) -> Mapping[str, int]:
        """Stored entries by the URL of every configured feed."""
        counts = {url: 0 for url, row in self._tables.feeds.items() if row.present}
        for entry in self._kept():
            if entry.feed_url in counts:
                counts[entry.feed_url] += 1
        return counts

    def _put(self, row: FeedRow) -> None:
        self._tables.feeds[row.record.feed.url] = row

    # what polls learned ---------------------------------------------------------------------------
    def seen(self, feed_id: int, keys: Iterable[bytes]) -> Mapping[bytes, SeenEntry]:
        """Which of ``keys`` this feed has shown before, and the entry each belongs to."""
        known = {key: self._tables.seen[feed_id, key] for key in keys if (feed_id, key) in self._tables.seen}
        return {key: self._tables.entries[entry_id].seen for key, (entry_id, _) in known.items()}

    def record(self, outcomes: Sequence[PollOutcome]) -> int:
        """Commit what polls learned and end their leases; returns how many had the newest fence."""
        before = self._tables.snapshot()
        try:
            return sum(self._record(outcome) for outcome in outcomes)
        except BaseException:
            self._tables, self._broken = before, True
            raise

    def _record(self, outcome: PollOutcome) -> bool:
        record = outcome.record
        row = self._tables.feeds.get(record.feed.url)
        if row is None or row.record.fence != record.fence:
            return False
        title = row.record.feed.title or record.title or host(record.feed.url)
        self._put(replace(row, record=replace(record, feed=row.record.feed, title=title), leased_until=NEVER))
        self._learn(record.id, outcome.decided, record.last_poll or NEVER)
        for match in outcome.matches:
            if match.entry.id not in self._tables.entries:
                raise StoreError(f"a match of the unknown entry {match.entry.id} cannot be stored")
            known = self._tables.matches.setdefault((match.profile, match.entry.id), match)
            if not known.digest:
                again = replace(known, score=match.score, source=match.source)
                self._tables.matches[match.profile, match.entry.id] = again
        return True

    def _learn(self, feed: int, decided: Decided, now: datetime) -> None:
        entries = self._tables.entries
        for entry in (*decided.baseline, *decided.new):
            if entry.id not in entries:
                self._tables.numbers += 1
                stored = replace(entry, found=entry.found or now)
                entries[entry.id] = Known(self._tables.numbers, feed, seen_of(stored), stored.found or now, stored)
            self._remember(feed, entry.id, entry.keys, now)
        for entry in decided.edited:
            if known := entries.get(entry.id):
                edited = replace(entry, found=known.found)
                entries[entry.id] = replace(known, entry=edited, seen=seen_of(edited))
                self._remember(feed, entry.id, entry.keys, now)
        for touched in decided.touched:
            if known := entries.get(touched.id):
                keys = merged(known.seen.keys, touched.keys)
                kept = replace(known.entry, keys=keys) if known.entry else None
                entries[touched.id] = replace(known, seen=replace(known.seen, keys=keys), entry=kept)
                self._remember(feed, touched.id, touched.keys, now)

    def _remember(self, feed: int, entry_id: str, keys: EntryKeys, now: datetime) -> None:
        for key in keys.present():
            self._tables.seen.setdefault((feed, key), (entry_id, now))

    # entries and matches ----------------------------------------------------------------------------
    def _kept(self) -> list[Entry]:
        known = sorted(self._tables.entries.values(), key=lambda known: (known.found, known.number), reverse=True)
        return [row.entry for row in known if row.entry]

    def entry(self, entry_id: str) -> Entry | None:
        """One entry by its id or an unambiguous beginning of it."""
        found = [entry for entry in self._kept() if entry_id and entry.id.startswith(entry_id)]
        exact = [entry for entry in found if entry.id == entry_id]
        return exact[0] if exact else found[0] if len(found) == 1 else None

    def entries(self, *, since: datetime | None = None, limit: int = 10_000) -> Sequence[Entry]:
        """Stored entries, newest found first."""
        return [entry for entry in self._kept() if (entry.found or NEVER) >= (since or NEVER)][:limit]

    def search(self, query: str, *, limit: int = 50) -> Sequence[Entry]:
        """Entries that hold every word and "quoted phrase" of ``query``, hits in the title first, then the newest."""
        parsed = Query.parse(query)
        return best(parsed, iter(self._kept()), limit) if parsed.needles else []

    def index_text(self, *, limit: int = 1_000) -> int:
        """Nothing to do: there is no index."""
        return 0

    def count_entries(self, since: datetime, until: datetime) -> int:
        """Entries found in [since, until)."""
        return sum(since <= (entry.found or NEVER) < until for entry in self._kept())

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
        found = [
            replace(match, entry=entry)
            for match in self._tables.matches.values()
            if match.profile == profile
            and (since or NEVER) <= match.at < (until or _END)
            and not (waiting and match.digest)
            and (entry := self._tables.entries[match.entry.id].entry)
        ]
        return sorted(found, key=lambda match: match.at)[:limit]

    def match_times(self, profile: str, since: datetime) -> Sequence[datetime]:
        """When the matches since then were found, oldest first."""
        return [match.at for match in self.matches(profile, since=since)]

    # digests ----------------------------------------------------------------------------------------
    def profile_state(self, profile: str) -> ProfileState:
        """Where a profile's digests stand; a fresh state when it is new."""
        return self._tables.states.get(profile, ProfileState(profile))

    def profile_states(self) -> Mapping[str, ProfileState]:
        """Where the digests of every profile stand that is not new."""
        return dict(self._tables.states)

    def waiting_profiles(self) -> frozenset[str]:
        """The profiles with matches that no digest has told."""
        return frozenset(match.profile for match in self._tables.matches.values() if not match.digest)

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
        """End a window in one commit; False when somebody else has changed the profile's state since it was read."""
        if self.profile_state(state.profile).fence != state.fence:
            return False
        self._tables.states[state.profile] = replace(state, fence=state.fence + 1)
        for entry_id in entry_ids:
            match = self._tables.matches.get((state.profile, entry_id))
            if match and not match.digest:
                story = (stories or {}).get(entry_id, match.story)
                self._tables.matches[state.profile, entry_id] = replace(match, digest=digest, story=story)
        self.enqueue(messages, now)
        return True

    # upkeep -----------------------------------------------------------------------------------------
    def add_label(self, profile: str, entry_id: str, label: str, now: datetime) -> None:
        """Remember a user's judgement (``on`` or ``off``) of an entry for a profile; the newest counts."""
        self._tables.labels[profile, entry_id] = label

    def labels(self, profile: str) -> Mapping[str, str]:
        """The user's judgements, by entry id."""
        return {entry: label for (name, entry), label in sorted(self._tables.labels.items()) if name == profile}

    def save_report(self, report: PassReport) -> None:
        """Remember how a pass ended."""
        self._tables.reports.append(report)

    def count(self, amounts: Mapping[str, int]) -> None:
        """Add ``amounts`` to the totals of the same names."""
        self._tables.totals.update({name: amount for name, amount in amounts.items() if amount})

    def tally(self) -> Tally:
        """How much there is of everything, and the totals."""
        tables, deliveries = self._tables, [row.delivery for row in self._rows.values()]
        rows = [row for row in tables.feeds.values() if row.present]
        watched = {row.record.feed.url for row in rows}
        states = ["paused" if row.paused or not row.record.feed.enabled else row.record.state.value for row in rows]
        polls = [row.record.next_poll for row in rows if is_active(row) and row.record.next_poll]
        sent = {name: state.last_sent for name, state in tables.states.items()}
        return Tally(
            feeds=Counter(states),
            entries=sum(
                known.entry is not None and known.entry.feed_url in watched for known in tables.entries.values()
            ),
            matches=Counter(match.profile for match in tables.matches.values()),
            waiting=Counter(match.profile for match in tables.matches.values() if not match.digest),
            deliveries=Counter(delivery.state.value for delivery in deliveries),
            last_sent={name: at for name, at in sent.items() if at},
            next_poll=min(polls, default=None),
            next_attempt=min((d.next_attempt for d in deliveries if d.next_attempt), default=None),
            totals=dict(tables.totals),
        )

    def last_report(self) -> PassReport | None:
        """The newest pass."""
        return self._tables.reports[-1] if self._tables.reports else None

    def add_notice(self, key: str, text: str, now: datetime) -> bool:
        """Remember one notice until a digest tells it; False when ``key`` was already noticed."""
        if key in self._tables.notices:
            return False
        self._tables.notices[key] = (text, False, now)
        return True

    def notices(self, *, untold: bool = True, before: datetime | None = None) -> Sequence[tuple[str, str]]:
        """Notices as (key, text), oldest first; ``before``: only those made by then."""
        return [
            (key, text)
            for key, (text, told, at) in self._tables.notices.items()
            if not (untold and told) and (before is None or at <= before)
        ]

    def mark_told(self, keys: Sequence[str]) -> int:
        """Notices that a digest has told; returns how many of them nobody had told before."""
        notices = self._tables.notices
        untold = [key for key in dict.fromkeys(keys) if key in notices and not notices[key][1]]
        notices.update({key: (notices[key][0], True, notices[key][2]) for key in untold})
        return len(untold)

    def purge(self, *, entries_before: datetime, seen_before: datetime, limit: int = 5_000) -> int:
        """Forget old entries, matches, sent deliveries and seen-keys, about ``limit`` rows a call."""
        gone = self._forget_entries(entries_before, limit) + self._forget_deliveries(entries_before, limit)
        return gone + sum(self._forget_keys(row.record.id, seen_before, limit) for row in self._tables.feeds.values())

    def _forget_entries(self, before: datetime, limit: int) -> int:
        old = [entry.id for entry in reversed(self._kept()) if (entry.found or NEVER) < before][:limit]
        for entry_id in old:
            known = self._tables.entries[entry_id]
            self._tables.entries[entry_id] = replace(known, entry=None, seen=replace(known.seen, published=None))
        self._tables.matches = {at: match for at, match in self._tables.matches.items() if at[1] not in set(old)}
        return len(old)

    def _forget_deliveries(self, before: datetime, limit: int) -> int:
        rows = ((key, row.delivery) for key, row in self._rows.items())
        old = [key for key, sent in rows if sent.state == DeliveryState.SENT and sent.created < before][:limit]
        for key in old:
            del self._rows[key]
        return len(old)

    def _forget_keys(self, feed: int, before: datetime, limit: int) -> int:
        keys = {key: known for (owner, key), known in self._tables.seen.items() if owner == feed}
        if len(keys) <= MANY_KEYS:
            return 0
        numbers = sorted(known.number for known in self._tables.entries.values() if known.feed == feed)
        newest = numbers[-NEWEST_REMEMBERED] if len(numbers) > NEWEST_REMEMBERED else 0
        old = []
        for key, (entry_id, met) in keys.items():
            known = self._tables.entries[entry_id]
            if met < before and (known.number < newest or key not in known.seen.keys.present()):
                old.append(key)
        for key in old[:limit]:
            del self._tables.seen[feed, key]
        return len(old[:limit])

    def close(self) -> None:
        """Nothing to release."""
