"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import Any, Final

from monitor.parse.dates import iso_date
from monitor.parse.head import Head
from monitor.parse.raw import RawEntry, UnreadableError

_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)  # numbers, as ids, stay as written


def read(body: bytes) -> tuple[Head, list[RawEntry]]:
    """Head and entries of ``body`` (UTF-8). Raises ``UnreadableError``.

    Like other readers it takes raw control characters in texts, and a comment behind the document.
    """
    try:
        document, _ = _DECODER.raw_decode(body.decode(errors="replace"))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"this is not valid JSON ({type(error).__name__})") from error
    items = document.get("items") if isinstance(document, dict) else None
    if items and isinstance(items, dict):  # a list that some program's gaps made a table of
        items = list(items.values())
    if not isinstance(items, list):
        raise UnreadableError("this is JSON, but not a JSON Feed: it has no list of items")
    head = Head(
        title=_text(document.get("title")),
        link=_text(document.get("home_page_url")),
        lang=_text(document.get("language")),
        previous=_text(document.get("next_url")),
        dialect="json11" if _text(document.get("version")).endswith("1.1") else "json1",
    )
    return head, [_entry(item) for item in items if isinstance(item, dict)]


def _entry(item: dict[str, Any]) -> RawEntry:
    link = _text(item.get("url")) or _text(item.get("external_url"))
    content = _text(item.get("content_html")) or _text(item.get("content_text"))
    summary = _text(item.get("summary"))
    published = iso_date(_text(item.get("date_published")))
    updated = iso_date(_text(item.get("date_modified")))
    return RawEntry(
        id=_text(item.get("id")) or link,
        link=link,
        title=_text(item.get("title")),
        summary=summary or content,
        content=content if summary else "",
        author=_author(item),
        lang=_text(item.get("language")),
        published=published or updated,
        updated=updated,
    )


def _author(item: dict[str, Any]) -> str:
    authors = item.get("authors")
    author = authors[0] if isinstance(authors, list) and authors else item.get("author")
    return _text(author.get("name")) if isinstance(author, dict) else ""


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
