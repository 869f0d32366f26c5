"""The fast path: fastfeedparser, for well-formed RSS and Atom, and only where it is to be believed.

It is not believed when it refuses the document, finds no entry, or leaves an entry without id, link or title; nor
when titles or summaries hold elements, of which it reads only the text before the first; nor with relative links under
``xml:base``. It does not read ``<source>`` and the languages of entries: they are looked up in the tree where the
document has any. A summary that it made up from the content is left out.
"""

from __future__ import annotations

import re
from typing import Any, Final

import fastfeedparser
from lxml import etree

from monitor.parse.dates import from_iso
from monitor.parse.raw import RawEntry

# An element inside a title or a summary: markup that was not escaped.
_MARKUP_INSIDE: Final = tuple(
    re.compile(rb"<%s\b[^<>]*>[^<]*<[a-zA-Z]" % name) for name in (b"title", b"description", b"summary")
)
_DATE: Final = re.compile(rb"<(?:[\w.-]+:)?(?:pubdate|published|issued|date|updated|modified)[\s>]", re.IGNORECASE)
_CONTENT_TAGS: Final = re.compile(r"\A\s*<content\b[^<>]*>|</content>\s*\Z")
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_DC_LANGUAGE: Final = "{http://purl.org/dc/elements/1.1/}language"


def read(body: bytes, items_at: int) -> list[RawEntry] | None:
    """The entries of ``body`` (UTF-8, well-formed, items from byte ``items_at`` on); None when not to be believed."""
    if any(pattern.search(body, items_at) for pattern in _MARKUP_INSIDE):
        return None
    try:
        parsed = fastfeedparser.parse(body, include_tags=False, include_media=False, include_enclosures=False)
    except Exception:  # noqa: BLE001 - whatever it stumbles over, the tolerant parser takes over
        return None
    dated = _DATE.search(body, items_at) is not None
    summed_up = body.find(b"summary", items_at) >= 0 or body.find(b"description", items_at) >= 0
    entries = [_entry(found, dated=dated, summed_up=summed_up) for found in parsed["entries"]]
    if not entries or not all(entry.id and entry.link and entry.title for entry in entries):
        return None
    if b"xml:base" in body and not all(entry.link.startswith(("http://", "https://")) for entry in entries):
        return None
    if _has_details(body, items_at) and not _add_details(entries, body):
        return None
    return entries


def _entry(found: dict[str, Any], *, dated: bool, summed_up: bool) -> RawEntry:
    """``dated``, ``summed_up``: the document has dates, summaries; else what looks like one is a guess."""
    contents = found.get("content")
    content: str = (contents[0]["value"] or "") if contents else ""
    summary: str = found["description"]
    if content.strip() == summary:
        content = ""
    elif content.startswith("<content"):
        content = _CONTENT_TAGS.sub("", content)
    if content and not summed_up:
        content, summary = "", content
    published, updated = found.get("published"), found.get("updated")
    return RawEntry(
        id=found.get("id") or "",
        link=found.get("link") or "",
        title=found["title"],
        summary=summary,
        content=content,
        author=found.get("author") or "",
        published=from_iso(published) if dated and published else None,
        updated=from_iso(updated) if dated and updated else None,
    )


def _has_details(body: bytes, items_at: int) -> bool:
    return any(body.find(sign, items_at) >= 0 for sign in (b"<source", b"xml:lang", b"dc:language"))


def _add_details(entries: list[RawEntry], body: bytes) -> bool:
    """Fill in sources and languages from the tree; False when its entries cannot be matched with ``entries``."""
    root = etree.fromstring(body, etree.XMLParser(recover=True, resolve_entities=False, no_network=True))
    elements = [] if root is None else list(root.iter("{*}item", "{*}entry"))
    if len(elements) != len(entries):
        return False
    for entry, element in zip(entries, elements, strict=True):
        source = element.find("{*}source")
        if source is not None:
            entry.source = source.findtext("{*}title") or source.text or ""
        entry.lang = element.get(_XML_LANG) or element.findtext(_DC_LANGUAGE) or ""
    return True
