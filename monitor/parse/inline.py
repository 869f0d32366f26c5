"""A parser inside this process: for tests, previews and documents of one's own. Nothing stops a hostile document."""

from __future__ import annotations

from monitor.model import Document, ParsedFeed
from monitor.parse.documents import parse_document


class InlineParser:
    """The ``Parser`` port without a process of its own."""

    async def parse(self, document: Document) -> ParsedFeed:
        """Read ``document``; raises ``ParseError`` when it is no feed."""
        return parse_document(document)

    async def aclose(self) -> None:
        """Nothing to end."""
