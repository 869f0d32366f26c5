"""Records, answers and documents for the tests of the schedule."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.model import (
    FINGERPRINT_BYTES,
    Decided,
    Entry,
    EntryKeys,
    Feed,
    FeedHints,
    FeedRecord,
    Fetched,
    FetchFailed,
    NotModified,
    ParsedFeed,
    Redirect,
    Validators,
)
from monitor.schedule import PollPolicy, after_failure, after_success, after_unchanged

NOW = datetime(2025, 3, 3, 6, 0, tzinfo=UTC)  # a Monday
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
URL = "https://a.example/feed"
POLICY = PollPolicy(interval=30 * MINUTE, max_interval=12 * HOUR, failing_after=DAY)
NO_VALIDATORS, NO_HINTS = Validators(), FeedHints()
EXACT = replace(POLICY, jitter=0.0)


def a_record(url: str = URL, **known: object) -> FeedRecord:
    """A feed that was never polled."""
    return replace(FeedRecord(1, Feed(url), url, title="A News"), **known)


def fetched(
    url: str = URL,
    *,
    validators: Validators = NO_VALIDATORS,
    freshness: timedelta | None = None,
    redirects: tuple[Redirect, ...] = (),
) -> Fetched:
    return Fetched(url, 200, b"<rss/>", "text/xml", validators, freshness, redirects)


def not_modified(validators: Validators = NO_VALIDATORS, *, redirects: tuple[Redirect, ...] = ()) -> NotModified:
    return NotModified(URL, validators, None, redirects)


def an_entry(name: object, published: datetime | None = None) -> Entry:
    digest = hashlib.blake2b(str(name).encode(), digest_size=FINGERPRINT_BYTES).digest()
    keys = EntryKeys(b"g" + digest[1:8], b"l" + digest[1:8], b"c" + digest[1:8])
    return Entry(URL, keys, str(name), "", published=published, fingerprint=digest, id=digest[:8].hex())


def a_document(*entries: Entry, known: bytes = b"", title: str = "", hints: FeedHints = NO_HINTS) -> ParsedFeed:
    """A document of ``entries``; those whose fingerprint is in ``known`` are not sent back, as a parser does."""
    marks = {known[at : at + FINGERPRINT_BYTES] for at in range(0, len(known), FINGERPRINT_BYTES)}
    fresh = tuple(entry for entry in entries if entry.fingerprint not in marks)
    return ParsedFeed(title, "", None, fresh, b"".join(entry.fingerprint for entry in entries), hints)


def succeed(
    record: FeedRecord,
    *entries: Entry,
    at: datetime = NOW,
    new: tuple[Entry, ...] | None = None,
    policy: PollPolicy = EXACT,
    answer: Fetched | None = None,
    hints: FeedHints = NO_HINTS,
    title: str = "",
    loss: str = "",
) -> FeedRecord:
    """A poll that brings a document of ``entries``, of which ``new`` are new (all that the last one did not hold)."""
    document = replace(a_document(*entries, known=record.fingerprints, hints=hints, title=title), loss=loss)
    found = document.entries if new is None else new
    decided = Decided(new=found) if record.baseline else Decided(baseline=found)
    return after_success(record, answer or fetched(), document, decided, at, policy, body_hash=b"h" * 16)


def stay(record: FeedRecord, at: datetime, policy: PollPolicy = EXACT) -> FeedRecord:
    """A poll that is answered 304."""
    return after_unchanged(record, not_modified(), at, policy)


def fail(
    record: FeedRecord,
    at: datetime = NOW,
    *,
    status: int | None = 503,
    retry_after: timedelta | None = None,
    policy: PollPolicy = EXACT,
    advice: str = "",
) -> FeedRecord:
    """A poll that brings nothing."""
    failure = FetchFailed(URL, "no answer", status, retry_after=retry_after, advice=advice)
    return after_failure(record, failure, at, policy)


def well(every: timedelta = HOUR, count: int = 20, at: datetime = NOW) -> FeedRecord:
    """A feed whose first poll at ``at`` showed ``count`` entries, one ``every`` so often, the newest just published."""
    return succeed(a_record(), *(an_entry(number, at - number * every) for number in range(count)), at=at)
