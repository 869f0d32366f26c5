"""What a document says of itself, outside its entries: title, link, language, polling hints, older pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from lxml import etree

from monitor.model import FeedHints

_ITEM: Final = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s/>]", re.IGNORECASE)
ITEM_END: Final = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_HEAD_LIMIT: Final = 262_144  # bytes before, and after, the entries
_PERIODS: Final = {  # http://web.resource.org/rss/1.0/modules/syndication/
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBER: Final = re.compile(r"\s*(\d{1,9})(?:\.\d+)?\s*")
_PARSER: Final = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, encoding="utf-8")
_DIALECTS: Final = {
    "http://www.w3.org/2005/Atom": "atom10",
    "https://www.w3.org/2005/Atom": "atom10",
    "http://purl.org/atom/ns#": "atom03",
    "http://purl.org/rss/1.0/": "rss10",
    "http://my.netscape.com/rdf/simple/0.9/": "rss090",
}
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(slots=True)
class Head:
    """The raw texts of a document's head; "" where it says nothing. ``previous`` is RFC 5005's older page."""

    title: str = ""
    link: str = ""
    lang: str = ""
    hints: FeedHints = field(default_factory=FeedHints)
    previous: str = ""
    dialect: str = ""


def items_at(body: bytes) -> int:
    """The byte where the first entry begins; the length of ``body`` when there is none."""
    match = _ITEM.search(body)
    return match.start() if match else len(body)


def around(body: bytes) -> bytes:
    """``body`` without its entries: what stands before the first and after the last."""
    start = items_at(body)
    tail = body[max(start, len(body) - _HEAD_LIMIT) :]
    return body[: min(start, _HEAD_LIMIT)] + ITEM_END.split(tail)[-1]


def read(markup: bytes) -> Head:
    """The head in ``markup`` (UTF-8 XML, well-formed or not): a document without its entries."""
    try:
        root = etree.fromstring(markup, _PARSER)
        channel = None if root is None else _channel(root)
        return Head() if channel is None else _head(root, channel)
    except (etree.XMLSyntaxError, UnicodeDecodeError):  # names that recovery made up from broken bytes
        return Head()


def _head(root: Any, channel: Any) -> Head:
    fields: dict[str, str] = {}
    head = Head(lang=channel.get(_XML_LANG) or root.get(_XML_LANG) or "", dialect=_dialect(root))
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    for child in channel:
        if not isinstance(child.tag, str):
            continue
        name = _local(child.tag)
        if name == "link":
            _take_link(head, child)
        elif name == "skiphours":
            hours = frozenset(hour % 24 for text in child.itertext() if (hour := _number(text)) is not None)
        elif name == "skipdays":
            days = frozenset(
                _DAYS.index(day) for text in child.itertext() if (day := text.strip().lower()[:3]) in _DAYS
            )
        elif child.text and (name != "title" or _same_space(child, channel)):
            fields.setdefault(name, child.text)
    head.title = fields.get("title", "")
    head.lang = fields.get("language", "") or head.lang
    head.hints = FeedHints(_minutes(fields.get("ttl", "")), _period(fields), hours, days)
    return head


def _channel(root: Any) -> Any:
    if _local(root.tag) == "feed":
        return root
    return next((child for child in root.iter() if isinstance(child.tag, str) and _local(child.tag) == "channel"), None)


def _dialect(root: Any) -> str:
    """Such as rss20, rss091, rss10, atom10; "" when unknown."""
    if _local(root.tag) == "rss":
        return f"rss{root.get('version', '').strip().replace('.', '')[:4]}"
    if _local(root.tag) == "channel":
        return "cdf"
    return next((_DIALECTS[space] for space in root.nsmap.values() if space in _DIALECTS), "")


def _take_link(head: Head, element: Any) -> None:
    """RSS writes the address as text, Atom as ``href`` with a relation."""
    address = element.get("href") or element.text or ""
    relation = element.get("rel", "alternate")
    if relation == "prev-archive":
        head.previous = address
    elif relation == "next":
        head.previous = head.previous or address
    elif relation == "alternate" and not head.link:
        head.link = address


def _minutes(text: str) -> timedelta | None:
    minutes = _number(text)
    return timedelta(minutes=minutes) if minutes else None


def _period(fields: dict[str, str]) -> timedelta | None:
    """``sy:updatePeriod`` by ``sy:updateFrequency``; daily when only that is there, None when it says nothing."""
    period = fields.get("updateperiod", "").strip().lower()
    if not period and "updatefrequency" not in fields:
        return None
    length, frequency = _PERIODS.get(period or "daily"), _number(fields.get("updatefrequency", "1"))
    return length / frequency if length and frequency else length


def _number(text: str) -> int | None:
    match = _NUMBER.fullmatch(text)
    return int(match[1]) if match else None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def _same_space(child: Any, parent: Any) -> bool:
    return str(child.tag).rpartition("}")[0] == str(parent.tag).rpartition("}")[0]
