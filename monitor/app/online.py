"""Asks a feed and opens a channel once, for ``check --online``: nothing is remembered, nothing sent."""

from __future__ import annotations

from alerts.errors import DeliveryError
from alerts.ports import Channel
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


async def check_channel(channel: Channel) -> str:
    """Why ``channel`` cannot be opened, in one line; "" when it can."""
    try:
        await channel.open()
    except DeliveryError as error:
        return f"channel {channel.name}: {error.reason}"
    return ""
