"""Sample documents: those in ``tests/data/feeds``, each with its expected values beside it, and small ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from monitor.model import Document, ParsedFeed
from monitor.parse.documents import parse_document

FOLDER = Path(__file__).parents[2] / "data" / "feeds"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".expected")
URL = "https://feeds.example/dir/feed"


def expected(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(path.with_name(f"{path.name}.expected").read_text(encoding="utf-8"))
    return values


def item(number: int, **fields: str) -> str:
    """An RSS item; ``fields`` replace its elements, "" leaves one out."""
    elements = {
        "title": f"Lesson {number} of the workshop",
        "link": f"https://workshop.example/{number}",
        "guid": f"w-{number}",
        "pubDate": f"{1 + number % 28:02d} Jan 2025 10:00:00 GMT",
        "description": f"What was learnt in lesson {number}: to measure twice and to cut once, and never to hurry.",
    } | fields
    return f"<item>{''.join(f'<{name}>{text}</{name}>' for name, text in elements.items() if text)}</item>\n"


def rss(*items: str, head: str = "") -> bytes:
    text = f'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Workshop</title>{head}\n{"".join(items)}'
    return f"{text}</channel></rss>".encode()


def parse(body: bytes, content_type: str = "", known: bytes = b"", lang: str | None = None) -> ParsedFeed:
    return parse_document(Document(URL, body, content_type, known, lang))


def titles(feed: ParsedFeed) -> list[str]:
    return [entry.title for entry in feed.entries]
