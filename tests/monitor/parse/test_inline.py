"""The parser port, on the adapter that needs no process."""

import pytest

from monitor.errors import ParseError
from monitor.model import Document
from monitor.parse.inline import InlineParser

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour news</title>
<item><title>Ferry returns</title><link>https://harbour.example/1</link><guid>h-1</guid></item>
</channel></rss>"""


async def test_a_document_becomes_a_feed() -> None:
    parser = InlineParser()
    feed = await parser.parse(Document("https://harbour.example/feed", RSS))
    assert feed.title == "Harbour news"
    assert [entry.title for entry in feed.entries] == ["Ferry returns"]
    await parser.aclose()


async def test_a_web_page_is_refused_with_advice() -> None:
    with pytest.raises(ParseError, match="web page.*feeds discover https://harbour.example/"):
        await InlineParser().parse(Document("https://harbour.example/", b"<!doctype html><html><body>Hello"))
