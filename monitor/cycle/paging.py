"""The older pages of a feed that has moved on too far: what came and went between two polls (RFC 5005).

Asked for only when a document shows nothing that is known, on the feed's own host, and at most four at a time: one
after they did not lead to anything known, until the feed has shown something known again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from monitor.cycle.tools import Tools
from monitor.errors import ParseError
from monitor.lanes import host_of
from monitor.model import (
    FINGERPRINT_BYTES,
    Document,
    Entry,
    FeedRecord,
    Fetched,
    FetchFailed,
    FetchRequest,
    FetchResult,
    ParsedFeed,
    Validators,
)

MAX_PAGES: Final = 4
_NO_TIME: Final = timedelta()


async def with_older_pages(
    tools: Tools, record: FeedRecord, url: str, newest: ParsedFeed
) -> tuple[ParsedFeed, timedelta]:
    """``newest``, the document at ``url``, with the entries of older pages up to and with the first known one.

    And how long the host then wants to be left alone.

    As it is when nothing was known, when it shows something known itself, or names no older page of its host. An entry
    with a date is taken when it is as young as the last poll or as what is known of that page, one without when it
    stands before what is known: a long page, or a feed whose entries all have new names, must not bring its whole past
    again; nor must an older version of an entry that a younger page shows (RFC 5005, 4). When no page shows anything
    known, or one cannot be had, the gap is told like any other.
    """
    wait = _NO_TIME
    if not record.fingerprints or not newest.previous or _meets(tools, record, newest):
        return newest, wait
    shown = {_name(entry) for entry in newest.entries if entry.keys.own_id}
    older: list[Entry] = []
    known: list[Entry] = []
    page, asked = newest, {url}
    most = 1 if record.memory.rolled_over else MAX_PAGES
    while not known and len(asked) <= most and page.previous not in asked and host_of(page.previous) == host_of(url):
        asked.add(page.previous)
        result = await tools.fetcher.fetch(FetchRequest(page.previous, Validators()))
        if isinstance(result, FetchFailed):
            wait = result.retry_after or _NO_TIME
        found = await _parsed(tools, result, record.feed.lang)
        if found is None:
            break
        known = _known(tools, record, found)
        older += [entry for entry in _before(known, found.entries) if _name(entry) not in shown]
        shown |= {_name(entry) for entry in found.entries if entry.keys.own_id}
        page = found
    since = min((moment for moment in (record.last_ok, _latest(known)) if moment), default=None)
    kept = [entry for entry in older if _is_since(entry, since, undated=bool(known))]
    return replace(newest, entries=(*newest.entries, *kept, *known[:1])), wait


def _name(entry: Entry) -> tuple[bytes, bytes]:
    """What versions of an entry have in common."""
    return entry.keys.own_id, entry.keys.link


def _known(tools: Tools, record: FeedRecord, page: ParsedFeed) -> list[Entry]:
    """The entries of ``page`` that stood in the last document, or are known by their id, link or text."""
    marks, keys = _marks(record.fingerprints), [key for entry in page.entries for key in entry.keys.present()]
    seen = tools.store.seen(record.id, keys) if keys else {}
    return [
        entry
        for entry in page.entries
        if entry.fingerprint in marks or not seen.keys().isdisjoint(entry.keys.present())
    ]


def _before(known: Sequence[Entry], entries: Sequence[Entry]) -> Sequence[Entry]:
    """Those of ``entries`` that stand before the first known one, and the others that have a date to judge them by."""
    if not known:
        return entries
    first = entries.index(known[0])
    return [*entries[:first], *(entry for entry in entries[first:] if _date(entry) and entry not in known)]


def _latest(entries: Iterable[Entry]) -> datetime | None:
    return max(filter(None, map(_date, entries)), default=None)


def _meets(tools: Tools, record: FeedRecord, page: ParsedFeed) -> bool:
    """Whether ``page`` shows an entry of the last document, or one that is known by its id, link or text."""
    if not _marks(record.fingerprints).isdisjoint(_marks(page.fingerprints)):
        return True
    keys = [key for entry in page.entries for key in entry.keys.present()]
    return bool(keys and tools.store.seen(record.id, keys))


def _date(entry: Entry) -> datetime | None:
    return entry.published or entry.updated


def _is_since(entry: Entry, since: datetime | None, *, undated: bool) -> bool:
    published = _date(entry)
    return undated if published is None else since is not None and published >= since


async def _parsed(tools: Tools, result: FetchResult, lang: str | None) -> ParsedFeed | None:
    """One page, None when there is no document or no feed."""
    if not isinstance(result, Fetched):
        return None
    try:
        async with asyncio.timeout(tools.parse_deadline):
            return await tools.parser.parse(Document(result.url, result.body, result.content_type, lang=lang))
    except (ParseError, TimeoutError):
        return None


def _marks(fingerprints: bytes) -> set[bytes]:
    return {fingerprints[at : at + FINGERPRINT_BYTES] for at in range(0, len(fingerprints), FINGERPRINT_BYTES)}
