"""The first half of a pass: claim what is due, fetch, parse, decide, score, and commit in batches."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.record import replace
from monitor.cycle.paging import with_older_pages
from monitor.cycle.tools import Failed, Matched, PollTotals, Tools
from monitor.decide import decide
from monitor.errors import ParseError, StoreBusyError
from monitor.lanes import HostLanes
from monitor.model import (
    Decided,
    Document,
    Entry,
    FeedRecord,
    Fetched,
    FetchFailed,
    FetchRequest,
    FetchResult,
    Match,
    NotModified,
    ParsedFeed,
    PollOutcome,
    SeenEntry,
)
from monitor.schedule import after_failure, after_success, after_unchanged, notice_for, postponed
from monitor.waiting import event_loop

log = logging.getLogger(__name__)

BATCH = 64  # polls that share a commit
HEAVY = 8 * 1_048_576  # bytes of documents from which on fewer do: what they say waits in memory
_CLAIM = 32  # feeds leased at a time: while more are looked up, answers gather, which then come in bursts for ever
_HEAD_START = 4  # turns of the loop: about so many take a request from its poll to the socket
_WAITING = 4096  # leased feeds that wait for their hosts at most: so many of slow hosts hold up nobody else
_TRIES = 5  # at a commit that gave way to another worker's
_NO_DOCUMENT = "its address answered, but what it served could not be read"


@dataclass(slots=True)
class _Answer:
    """One feed's poll before anything is decided: what was fetched and, if it was new, what it says."""

    record: FeedRecord
    result: FetchResult | None  # None: put off, as the feed asks not to be polled at this hour
    parsed: ParsedFeed | None = None
    body_hash: bytes = b""
    size: int = 0  # of the document
    wait: timedelta = timedelta()  # which the host of its older pages wants
    outcome: PollOutcome | None = None  # of one without a document, which nothing has to be decided about


class Poller:
    """Polls what is due, at most ``concurrency`` at once and ``per_host`` of a host.

    ``every``: due or not. ``backlog``: a first poll takes this many of its newest entries as new.
    Outcomes are committed in batches of up to 64; what is not committed yet when the process dies is polled again.
    """

    def __init__(self, tools: Tools, *, every: bool = False, backlog: int | None = None) -> None:
        self._tools = tools
        self._every = every
        self._backlog = backlog
        self._lanes = HostLanes(tools.per_host)
        self._running = 0
        self._claimed = 0
        self._batch: list[_Answer] = []
        self._weight = 0  # of its documents
        self._turn = asyncio.Event()
        self._started = tools.clock.now()
        self._ends = self._started + tools.time_slice if tools.time_slice else None
        self.totals = PollTotals()

    async def run(self) -> PollTotals:
        """Poll until nothing is due any more, or for the time slice that there is."""
        try:
            async with asyncio.TaskGroup() as group:
                await self._fill(group)
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None  # the store's: the feeds' own stay with them
        self._commit()
        self._tools.progress.finished()
        return self.totals

    async def _fill(self, group: asyncio.TaskGroup) -> None:
        """Keep as many polls under way as may be, until there is nothing left to start."""
        exhausted = False
        while True:
            await self._begin(group)
            while self._has_room() and not exhausted and len(self._lanes) < _WAITING:
                exhausted = not self._claim()
                await self._begin(group)
            if not self._running:
                return
            self._turn.clear()
            await self._turn.wait()

    async def _begin(self, group: asyncio.TaskGroup) -> None:
        """Start the polls that there is room for, here and at their hosts, one behind the other.

        Those begun at one stroke would share the processor, be asked late and all together, and answered and worked
        off together for the rest of the pass, the processor idle in between. So each has turns of the loop to itself in
        which its request goes out; one is enough where answers come so fast that most slots are free.
        """
        crowd = self._tools.concurrency // 2
        while self._has_room() and (record := self._lanes.take()):
            self._running += 1
            group.create_task(self._poll_guarded(record))
            for _ in range(_HEAD_START if self._running > crowd else 1):
                await event_loop()

    def _has_room(self) -> bool:
        """Whether one more poll may be begun now."""
        if self._ends is not None and self._tools.clock.now() >= self._ends:
            return False
        return self._running < self._tools.concurrency

    def _claim(self) -> bool:
        """Lease more feeds; False when nothing more is due."""
        start = self._tools.cpu()
        tools = self._tools
        records = tools.store.claim_due(
            self._started, limit=_CLAIM, lease=tools.lease, every=self._every, shard=tools.shard
        )
        self._lanes.add(records)
        self._claimed += len(records)
        if records:
            self._tools.progress.polling(self._claimed)
        self._spend("store", start)
        return bool(records)

    async def _poll_guarded(self, record: FeedRecord) -> None:
        """Poll one feed; whatever goes wrong with it stays with it."""
        try:
            answer = await self._poll(record)
        except Exception:
            log.exception("poll of %s failed", record.feed.url)
            reason = "an error of Newsbell's own, see the log"
            answer = _Answer(record, FetchFailed(record.address, reason))
        finally:
            self._lanes.done(record)
            self._running -= 1
            self._turn.set()
        answer.outcome = self._settled(answer)  # with the others' at the commit, it would hold them up
        self._batch.append(answer)
        self._weight += answer.size
        if len(self._batch) >= BATCH or self._weight >= HEAVY:
            self._commit()

    async def _poll(self, record: FeedRecord) -> _Answer:
        if not self._every and (later := postponed(record, self._tools.clock.now())):
            return _Answer(later, None)
        result = await self._tools.fetcher.fetch(FetchRequest(record.address, record.validators))
        if not isinstance(result, Fetched):
            return _Answer(record, result)
        body_hash = hashlib.sha256(result.body).digest()[:16]  # twice as fast as blake2b where the processor helps
        if body_hash == record.body_hash:
            return _Answer(record, replace(result, body=b""), body_hash=body_hash)
        document = Document(
            result.url, result.body, result.content_type, known=record.fingerprints, lang=record.feed.lang
        )
        try:
            async with asyncio.timeout(self._tools.parse_deadline):
                parsed = await self._tools.parser.parse(document)
        except (ParseError, TimeoutError) as error:
            return _Answer(record, FetchFailed(result.url, str(error) or _NO_DOCUMENT, result.status))
        wait = timedelta()
        if parsed.previous:
            parsed, wait = await with_older_pages(self._tools, record, result.url, parsed)
        # The body is not needed any more: what waits for the commit stays small.
        return _Answer(record, replace(result, body=b""), parsed, body_hash, len(result.body), wait)

    def _commit(self) -> None:
        """Decide, score and store what has been answered so far."""
        batch, self._batch, self._weight = self._batch, [], 0
        if batch:
            self._count(self._stored(batch))

    def _stored(self, batch: Sequence[_Answer]) -> Sequence[PollOutcome]:
        """What became of ``batch``, stored: at another try where another worker stood in the way."""
        for _ in range(_TRIES - 1):
            try:
                return self._store(batch)
            except StoreBusyError as busy:
                log.debug("once more: %s", busy)
        return self._store(batch)

    def _store(self, batch: Sequence[_Answer]) -> Sequence[PollOutcome]:
        """Decide, score and store ``batch`` in one transaction."""
        now = self._tools.clock.now()
        with self._tools.store.transaction():
            # Stage by stage, not feed by feed: reading the processor's clock takes longer than to decide a feed.
            start = self._tools.cpu()
            seen = [self._seen(answer) for answer in batch]
            start = self._spend("store", start)
            decided = [self._decided(answer, known, now) for answer, known in zip(batch, seen, strict=True)]
            start = self._spend("decide", start)
            outcomes = [self._outcome(answer, found, now) for answer, found in zip(batch, decided, strict=True)]
            start = self._spend("score", start)
            self._tools.store.record(outcomes)
            for answer, outcome in zip(batch, outcomes, strict=True):
                if notice := notice_for(answer.record, outcome.record):
                    self._tools.store.add_notice(*notice, now)
        self._spend("store", start)
        return outcomes

    def _seen(self, answer: _Answer) -> Mapping[bytes, SeenEntry]:
        """What is remembered of the keys of a document that was read; a feed's first one cannot hold any of them."""
        if answer.parsed is None or answer.record.last_ok is None:
            return {}
        keys = [key for entry in answer.parsed.entries for key in entry.keys.present()]
        return self._tools.store.seen(answer.record.id, keys) if keys else {}

    def _decided(self, answer: _Answer, seen: Mapping[bytes, SeenEntry], now: datetime) -> Decided:
        """What is new in a document that was read; nothing where none was."""
        if answer.parsed is None:
            return _NOTHING
        return decide(answer.record, answer.parsed, seen, now, backlog=self._backlog)

    def _settled(self, answer: _Answer) -> PollOutcome | None:
        """What became of a poll that brought nothing to read; None for one that did."""
        record, result, now, policy = answer.record, answer.result, self._tools.clock.now(), self._tools.policy
        if result is None:
            return PollOutcome(record)
        if isinstance(result, FetchFailed):
            return PollOutcome(after_failure(record, result, now, policy))
        if answer.parsed is None or isinstance(result, NotModified):
            return PollOutcome(after_unchanged(record, result, now, policy))
        return None

    def _outcome(self, answer: _Answer, decided: Decided, now: datetime) -> PollOutcome:
        if answer.outcome is not None:
            return answer.outcome
        assert answer.parsed is not None
        assert isinstance(answer.result, Fetched)
        after = after_success(
            answer.record,
            answer.result,
            answer.parsed,
            decided,
            now,
            self._tools.policy,
            body_hash=answer.body_hash,
            wait=answer.wait,
        )
        return PollOutcome(after, decided, self._matches(after, (*decided.new, *decided.edited), now))

    def _matches(self, record: FeedRecord, entries: Sequence[Entry], now: datetime) -> tuple[Match, ...]:
        return tuple(
            Match(score.profile, entry, score, entry.source or record.title, now)
            for entry in entries
            for score in self._tools.scorer.matches(
                title=entry.title,
                summary=entry.summary,
                content=entry.content,
                source=entry.source or record.title,
                lang=entry.lang,
                feed_url=record.feed.url,
            )
        )

    def _count(self, outcomes: Sequence[PollOutcome]) -> None:
        totals, progress = self.totals, self._tools.progress
        for outcome in outcomes:
            failed = bool(outcome.record.error)
            totals.polled += 1
            totals.failed += failed
            totals.unchanged += not failed and outcome.decided == _NOTHING
            totals.new += len(outcome.decided.new)
            totals.matches += [
                Matched(match.profile, match.score.value, match.source, match.entry.title) for match in outcome.matches
            ]
            if failed:
                totals.failures.append(Failed(outcome.record.feed.url, outcome.record.error, outcome.record.state))
            progress.polled(outcome.record, not failed)
            if outcome.matches:
                progress.matched(outcome.matches)

    def _spend(self, stage: str, start: float) -> float:
        now = self._tools.cpu()
        self.totals.cpu[stage] = self.totals.cpu.get(stage, 0.0) + now - start
        return now


_NOTHING = Decided()
