"""The older pages of a feed that has moved on too far: what came and went between two polls (RFC 5005).

Asked for only when a document shows nothing that is known, on the feed's own host, and at most four at a time.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from monitor.cycle.tools import Tools
from monitor.errors import ParseError
from monitor.lanes import host_of
from monitor.model import Document, Entry, FeedRecord, Fetched, FetchRequest, ParsedFeed, Validators

MAX_PAGES: Final = 4
_MARK: Final = 8  # bytes of a fingerprint


async def with_older_pages(tools: Tools, record: FeedRecord, url: str, newest: ParsedFeed) -> ParsedFeed:
    """``newest``, the document at ``url``, with the entries of older pages up to one that shows something known.

    As it is when nothing was known, when it shows something known itself, or names no older page of its host. When no
    page does, or one cannot be had, only entries that are dated since the last poll are taken from the others: a feed
    whose entries all have new names must not bring its whole past again. The gap is then told like any other.
    """
    if not record.fingerprints or not newest.previous or _meets(tools, record, newest):
        return newest
    older: list[Entry] = []
    page, asked, met = newest, {url}, False
    while not met and len(asked) <= MAX_PAGES and page.previous not in asked and host_of(page.previous) == host_of(url):
        asked.add(page.previous)
        found = await _page(tools, page.previous, record.feed.lang)
        if found is None:
            break
        older += found.entries
        page, met = found, _meets(tools, record, found)
    kept = older if met else [entry for entry in older if _is_since(entry, record)]
    return replace(newest, entries=(*newest.entries, *kept))


def _meets(tools: Tools, record: FeedRecord, page: ParsedFeed) -> bool:
    """Whether ``page`` shows an entry of the last document, or one that is known by its id, link or text."""
    if not _marks(record.fingerprints).isdisjoint(_marks(page.fingerprints)):
        return True
    keys = [key for entry in page.entries for key in entry.keys.present()]
    return bool(keys and tools.store.seen(record.id, keys))


def _is_since(entry: Entry, record: FeedRecord) -> bool:
    published = entry.published or entry.updated
    return published is not None and record.last_ok is not None and published >= record.last_ok


async def _page(tools: Tools, url: str, lang: str | None) -> ParsedFeed | None:
    """One page, None when there is no address, no answer or no feed."""
    result = await tools.fetcher.fetch(FetchRequest(url, Validators())) if url else None
    if not isinstance(result, Fetched):
        return None
    try:
        async with asyncio.timeout(tools.parse_deadline):
            return await tools.parser.parse(Document(result.url, result.body, result.content_type, lang=lang))
    except (ParseError, TimeoutError):
        return None


def _marks(fingerprints: bytes) -> set[bytes]:
    return {fingerprints[at : at + _MARK] for at in range(0, len(fingerprints), _MARK)}
