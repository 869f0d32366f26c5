"""The older pages of a feed that has moved on too far: what came and went between two polls (RFC 5005).

Asked for only when a document shares nothing with the last one, on the feed's own host, and at most four at a time.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from monitor.cycle.tools import Tools
from monitor.errors import ParseError
from monitor.lanes import host_of
from monitor.model import Document, Fetched, FetchRequest, ParsedFeed, Validators

MAX_PAGES: Final = 4
_MARK: Final = 8  # bytes of a fingerprint


def meets(known: bytes, page: ParsedFeed) -> bool:
    """Whether ``page`` shows an entry of the last document, whose fingerprints are ``known``."""
    return not _marks(known).isdisjoint(_marks(page.fingerprints))


async def with_older_pages(tools: Tools, known: bytes, url: str, newest: ParsedFeed, lang: str | None) -> ParsedFeed:
    """``newest``, the document at ``url``, with the entries of older pages up to one that meets what is ``known``.

    As it is when nothing was known, when it meets it itself, or names no older page of its host. A page that cannot be
    had ends the search: the gap is then told like any other.
    """
    if not known or not newest.previous or meets(known, newest):
        return newest
    entries, page, asked = list(newest.entries), newest, {url}
    while len(asked) <= MAX_PAGES and page.previous not in asked and host_of(page.previous) == host_of(url):
        asked.add(page.previous)
        older = await _page(tools, page.previous, lang)
        if older is None:
            break
        entries += older.entries
        if meets(known, older):
            break
        page = older
    return replace(newest, entries=tuple(entries))


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
