"""A profile's matches as an Atom feed (RFC 4287) and a JSON Feed 1.1. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from alerts.clean import clean, clean_fragments, safe_lang, safe_link
from alerts.model import Digest, DigestEntry
from alerts.payload import timestamp
from alerts.view import MAX_EXCERPT, MAX_TITLE
from alerts.why import why

MAX_ITEMS = 100
_ATOM = "http://www.w3.org/2005/Atom"
_NEVER = "1970-01-01T00:00:00Z"


def feed_items(digest: Digest) -> list[dict[str, Any]]:
    """The entries of ``digest``, also those beyond its limit, as items of a JSON Feed."""
    stories = (*digest.stories, *digest.overflow)
    return [_item(digest.profile, entry) for story in stories for entry in story.entries]


def merge(known: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Both, the newest found first, each id once (the new one counts), at most 100."""
    items = {str(item.get("id", "")): item for items in (known, new) for item in items}
    return sorted(items.values(), key=lambda item: (_found(item), str(item.get("id", ""))), reverse=True)[:MAX_ITEMS]


def json_feed(title: str, items: Sequence[Mapping[str, Any]]) -> str:
    """A JSON Feed 1.1 document (https://www.jsonfeed.org/version/1.1/)."""
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": clean(title, 120), "items": list(items)}
    return json.dumps(feed, ensure_ascii=False, indent=2) + "\n"


def atom(profile: str, title: str, items: Sequence[Mapping[str, Any]]) -> bytes:
    """The same as an Atom document."""
    root = ElementTree.Element("feed", {"xmlns": _ATOM})
    _text(root, "id", f"urn:uuid:{_uuid(profile, '')}")
    _text(root, "title", clean(title, 120))
    _text(root, "updated", max(map(_found, items), default=_NEVER))
    _text(root, "generator", "Newsbell")
    for item in items:
        entry = ElementTree.SubElement(root, "entry")
        if item.get("language"):
            entry.set("xml:lang", str(item["language"]))
        _text(entry, "id", str(item.get("id", "")))
        _text(entry, "title", str(item.get("title", "")))
        if item.get("url"):
            ElementTree.SubElement(entry, "link", {"href": str(item["url"])})
        _text(entry, "updated", _found(item))
        _text(entry, "published", str(item.get("date_published") or _found(item)))
        _text(ElementTree.SubElement(entry, "author"), "name", _author(item))
        _text(entry, "summary", str(item.get("content_text", "")))
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _item(profile: str, entry: DigestEntry) -> dict[str, Any]:
    excerpt = "".join(part.text for part in clean_fragments(entry.highlight, MAX_EXCERPT)).strip()
    reason = f"Score {entry.score:.1f}: {why(entry.parts)}"
    item: dict[str, Any] = {
        "id": f"urn:uuid:{_uuid(profile, entry.id)}",
        "title": clean(entry.title, MAX_TITLE) or "(no title)",
        "content_text": f"{excerpt}\n\n{reason}" if excerpt else reason,
        "date_published": timestamp(entry.published or entry.found),
        "authors": [{"name": clean(entry.source, 80) or "Unknown source"}],
        "_newsbell": {"entry": entry.id, "found": timestamp(entry.found), "score": round(entry.score, 4)},
    }
    link, lang = safe_link(entry.link), safe_lang(entry.lang)
    return item | ({"url": link} if link else {}) | ({"language": lang} if lang else {})


def _uuid(profile: str, entry_id: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"newsbell:{profile}:{entry_id}")


def _found(item: Mapping[str, Any]) -> str:
    own = item.get("_newsbell")
    return str(own.get("found", _NEVER)) if isinstance(own, Mapping) else _NEVER


def _author(item: Mapping[str, Any]) -> str:
    authors = item.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else {}
    return str(first.get("name", "Unknown source")) if isinstance(first, Mapping) else "Unknown source"


def _text(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = text
