"""The tolerant path: feedparser, which finds entries in almost anything."""

from __future__ import annotations

import io
import re
from typing import Any, Final

import feedparser

from monitor.parse.dates import iso_date
from monitor.parse.raw import RawEntry, RawFeed, UnreadableError

_HEADERS: Final = {"content-type": "application/xml; charset=utf-8"}
_NOT_XML: Final = b"?"  # before a document, it sends feedparser to its loose parser at once
# What nobody reads here; feedparser raises KeyError where such an element ends that did not begin in its entry.
_NEEDLESS: Final = re.compile(
    rb"</?(?:category|keywords|(?!\w+:(?:rss|feed|rdf|channel|item|entry|title|link|guid|id|description|summary|content|"
    rb"encoded|pubdate|date|updated|published|issued|modified|created|author|creator|name|source|language)[\s/>])"
    rb"\w+:[\w:.-]+)(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)


def read(body: bytes, begun: int = 0) -> RawFeed:
    """The entries of ``body`` (UTF-8). Raises ``UnreadableError`` when it is made to break feedparser.

    When its strict parser finds fewer than the ``begun`` ones, the loose one is asked too: namespaces are all the same
    to it, and so is what stands between entries.

    Markup is left alone (it becomes plain text later) and addresses are not resolved, but for ``xml:base``.
    """
    try:
        parsed = _parse(body)
    except Exception:  # noqa: BLE001 - of its two parsers the strict one stumbles over names that the loose one takes
        parsed = _parse_loosely(body)
    if len(parsed.entries) < begun:
        parsed = max(parsed, _parse_loosely(body), key=lambda found: len(found.entries))
    head = parsed.feed
    language = _text(head.get("language"))
    return RawFeed(
        entries=[_entry(found, language) for found in parsed.entries],
        dialect=parsed.get("version") or "",
        title=_text(head.get("title")),
        link=_text(head.get("link")),
        lang=language,
    )


def _parse_loosely(body: bytes) -> Any:
    try:
        return _parse(_NOT_XML + body)
    except Exception:  # noqa: BLE001 - once more without what it stumbles over
        body = _NEEDLESS.sub(b"", body)
    try:
        return _parse(_NOT_XML + body)
    except Exception as error:
        raise UnreadableError(f"this feed cannot be read ({type(error).__name__} in feedparser)") from error


def _parse(body: bytes) -> Any:
    return feedparser.parse(
        io.BytesIO(body), response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
    )


def _entry(found: Any, feed_language: str) -> RawEntry:
    contents = found.get("content") or [{}]
    content = _text(contents[0].get("value"))
    summary = _text(found.get("summary"))
    identifier = _text(found.get("id"))
    published = _moment(found, "published") or _moment(found, "created")
    updated = _moment(found, "updated") if "updated" in found else ""
    language = _text((found.get("title_detail") or {}).get("language"))
    return RawEntry(
        id=identifier or _link(found),
        link=_link(found) or (identifier if _is_address(identifier) else ""),
        title=_text(found.get("title")),
        summary=summary or content,
        content="" if content == summary else content,
        author=_text(found.get("author")),
        source=_text((found.get("source") or {}).get("title")),
        lang="" if language == feed_language else language,
        published=published or updated,
        updated=updated,
    )


def _link(found: Any) -> str:
    """The first alternate link, else what feedparser chose, which may be an id: then only if it is an address."""
    links = [link for link in found.get("links") or () if link.get("href")]
    alternate = next((link["href"] for link in links if link.get("rel", "alternate") == "alternate"), "")
    chosen = _text(found.get("link"))
    return _text(alternate) or (chosen if _is_address(chosen) else "")


def _is_address(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def _moment(found: Any, field: str) -> str:
    """Read as the fast path reads it, not as feedparser does, so that an entry has the same date on both."""
    return iso_date(_text(found.get(field)))


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
