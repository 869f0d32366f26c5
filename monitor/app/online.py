"""Asks a feed once, for ``check --online``: nothing is remembered."""

from __future__ import annotations

from monitor.errors import ParseError
from monitor.model import Document, Feed, Fetched, FetchFailed, FetchRequest
from monitor.ports import Fetcher, Parser


async def check_feed(fetcher: Fetcher, parser: Parser, feed: Feed) -> str:
    """What is wrong with ``feed``, in one line; "" when it can be fetched and read."""
    result = await fetcher.fetch(FetchRequest(feed.url))
    if isinstance(result, FetchFailed):
        advice = f" ({result.advice})" if result.advice else ""
        return f"{feed.url}: {result.reason}{advice}"
    if isinstance(result, Fetched):
        try:
            await parser.parse(Document(result.url, result.body, result.content_type))
        except ParseError as error:
            return f"{feed.url}: {error}"
    return ""
