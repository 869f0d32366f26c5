"""Mend what most often keeps a feed from being XML, without touching what it says.

Junk before the document, a DOCTYPE, control characters, character references to nothing (``&#0;``, ``&#xD800;``,
``&#99999999999;``), HTML's names for characters, a bare ``&``. Short entities that the document declares are put in
their place; long, nested and external ones never are. CDATA and comments lose nothing but control characters.
A document that stops before its end, or goes on after it, is ended where it should.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from html.entities import html5
from typing import Final
from xml.parsers import expat

_CONTROLS: Final = bytes([*range(9), 11, 12, *range(14, 32)])
_NONCHARACTER: Final = re.compile(rb"\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")
_START: Final = re.compile(rb"<\?xml[\s?]|<!DOCTYPE|<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_START_WITHIN: Final = 16_384  # bytes of junk that are skipped
_DECLARATION: Final = re.compile(rb"<\?xml[^>]{0,500}>")
# One whose bracket has no end ends there.
_DOCTYPE: Final = re.compile(
    rb"<!DOCTYPE[^\[>]*+(?:\[(?:(?!<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]).)*?\]\s*>|\[|>)",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY: Final = re.compile(rb"<!ENTITY\s+(\w{1,40})\s+(?:\"([^\"&%<]{0,200})\"|'([^'&%<]{0,200})')\s*>")
_REFERENCE: Final = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|<!--(?:.*?-->|.*)"
    r"|&(?!(?:amp|lt|gt|quot|apos);)(?:#(?:(?P<decimal>[0-9]+)|[xX](?P<hex>[0-9a-fA-F]+));|(?P<name>\w{1,40});)?",
    re.DOTALL,
)
_HUGE_TAG: Final = re.compile(rb"<[\w:.-]{1,100}+\s[^<>]{65536,}+>")
_FLOOD: Final = re.compile(rb"<{64,}+")
_FIRST_ATTRIBUTES: Final = re.compile(
    rb"""<[\w:.-]+(?:\s+[\w:.-]{1,100}\s*=\s*(?:"[^"<>]{0,2048}"|'[^'<>]{0,2048}')(?=\s)){0,50}"""
)
_PLAIN_NAMES: Final = rb"title|link|guid|id|description|summary|author|pubDate|published|updated|dc:date|dc:creator"
_UNENDED: Final = re.compile(
    rb"<(%s)((?:\s[^<>]*[^<>/])?)>([^<]*)(?=<(?:%s|category)[\s/>])" % (_PLAIN_NAMES, _PLAIN_NAMES), re.IGNORECASE
)
_TEXT: Final = re.compile(
    rb"<(title|description|summary|content:encoded)>((?:[^<]*+<(?!/?\1[\s>]))*+[^<]*+)</\1>"  # not XHTML, which says so
)
_LARGE_ENTRY: Final = 131_072  # bytes; in a larger one there is something else than fields
_HUGE: Final = 1_048_576  # bytes of a text, or of an entry
_MOST_FIELDS: Final = 10_000  # tags of fields in an entry
_LARGE_FIELD: Final = 262_144  # bytes of one of its fields
_FIELDS: Final = (
    rb"(?:\w+:)?(?:item|entry|title|link|guid|id|description|summary|content|encoded|pubdate|date|updated|published|"
    rb"issued|modified|creator|author|name|source)"
)
_FIELD_TAG: Final = re.compile(rb"(</?%s(?:[\s/][^<>]*)?>)" % _FIELDS, re.IGNORECASE)
_OTHER_TAG: Final = re.compile(rb"</?(?!%s[\s/>])\w[\w:.-]*(?:\s[^<>]*)?/?>" % _FIELDS, re.IGNORECASE)
_CUT_OFF: Final = frozenset((3, 5, 6, 20))  # codes of expat: no element, unclosed token, partial character, open CDATA
_ENTRY: Final = re.compile(rb"</?(?:[\w.-]+:)?(?:item|entry)[\s/>]", re.IGNORECASE)
_OPEN_ENTRY: Final = re.compile(rb"<(item|entry)(?:\s[^<>]*[^<>/])?>")
_ENDED_ENTRY: Final = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>|<!\[CDATA\[", re.IGNORECASE)
_FIRST_TAG: Final = re.compile(rb"<([\w.:-]+)([^<>]*)>")
_CAPITALS: Final = re.compile(rb"</?[A-Z:]+(?=[\s/>])")
_OWN_SPACE: Final = re.compile(rb"""\sxmlns\s*=\s*(?:"[^"<>]*"|'[^'<>]*')""")
_REPLACEMENT: Final = "\ufffd"


def mend(body: bytes) -> bytes:
    """``body`` (UTF-8) with its common faults mended; well-formed or not is for the caller to see."""
    body = _NONCHARACTER.sub(b"", body.translate(None, _CONTROLS))
    start = _START.search(body, 0, _START_WITHIN)
    junk = start.start() if start and not _ENTRY.search(body, 0, start.start()) else 0
    body = _DECLARATION.sub(b"", body[junk:], count=1)
    own: dict[str, str] = {}
    doctype = _DOCTYPE.search(body, 0, _START_WITHIN)
    if doctype:
        own = {name.decode(): (double or single).decode() for name, double, single in _ENTITY.findall(doctype[0])}
        body = body[: doctype.start()] + body[doctype.end() :]
    if b"<!" not in body:  # nor CDATA or comments, which keep theirs; mostly there are no others
        body = body.replace(b"& ", b"&amp; ")
    if b"&" not in body:
        return body
    return _REFERENCE.sub(partial(_mend_reference, own), body.decode(errors="replace")).encode(errors="replace")


def shorten_tags(body: bytes) -> bytes:
    """Drop all but the first attributes of tags that are longer than any feed needs, and all but one of many "<".

    Parsers take quadratic time over them.
    """
    return _HUGE_TAG.sub(_shortened, _FLOOD.sub(b"<", body))


def shorten_texts(body: bytes) -> bytes:
    """Cut texts that are longer than anybody reads: to mend them takes seconds."""
    kept, done, at = [], 0, 0
    while at + _HUGE < len(body):
        last = body.rfind(b"<", at + 1, at + _HUGE)
        if last > 0:
            at = last
            continue
        kept.append(body[done : at + _HUGE].decode(errors="ignore").encode())
        at = body.find(b"<", at + _HUGE)
        done = at = at if at >= 0 else len(body)
    kept.append(body[done:])
    return b"".join(kept)


def thin_out(entry: bytes) -> bytes:
    """``entry`` with the beginnings of its fields, and without other tags, where it is longer than anybody reads."""
    if len(entry) <= _HUGE:
        return entry
    parts = _FIELD_TAG.split(entry, _MOST_FIELDS)
    end = entry[entry.rfind(b"<") :] if len(parts) > 2 * _MOST_FIELDS else b""
    parts[::2] = [_OTHER_TAG.sub(b" ", _beginning(text)) for text in parts[::2]]
    return b"".join(parts) + end


def _beginning(text: bytes) -> bytes:
    """What is looked at of a field's markup."""
    if len(text) <= _LARGE_FIELD:
        return text
    end = max(text.rfind(b"<", 0, _LARGE_FIELD), text.rfind(b">", 0, _LARGE_FIELD) + 1)  # not within a tag
    text = text[: end or _LARGE_FIELD].decode(errors="ignore").encode()
    return text + b"]]>" if text.rfind(b"<![CDATA[") > text.rfind(b"]]>") else text


def _shortened(match: re.Match[bytes]) -> bytes:
    first = _FIRST_ATTRIBUTES.match(match[0])
    return (first[0] if first else b"<x") + (b"/>" if match[0].endswith(b"/>") else b">")


def end_fields(entry: bytes) -> bytes:
    """``entry`` with its fields that hold nothing but text ended where the next one begins."""
    return entry if len(entry) > _LARGE_ENTRY else _UNENDED.sub(rb"<\1\2>\3</\1>", entry)


def in_known_root(body: bytes) -> bytes:
    """``body`` as Atom where its namespace is none or unknown, as RSS where it is a channel alone or in capitals."""
    root = _FIRST_TAG.search(body, 0, _START_WITHIN)
    if root and root[1] == b"RSS":
        return _CAPITALS.sub(lambda match: match[0].lower(), body).replace(b"pubdate>", b"pubDate>")
    if root and root[1] == b"feed" and b'w3.org/2005/Atom"' not in root[2] and b"purl.org/atom/" not in root[2]:
        spaces = _OWN_SPACE.sub(b"", root[2])
        return b'%s<feed xmlns="http://www.w3.org/2005/Atom"%s>%s' % (body[: root.start()], spaces, body[root.end() :])
    if root and root[1] == b"channel" and b"<link>" in body:
        return b'%s<rss version="2.0">%s</rss>' % (body[: root.start()], body[root.start() :])
    return body


def end_entries(body: bytes) -> bytes:
    """``body`` with each entry ended where the next one begins, where none has an end."""
    first = _OPEN_ENTRY.search(body)
    if first is None or _ENDED_ENTRY.search(body):
        return body
    end, start = b"</%s>" % first[1], first.end()
    after = max(body.rfind(b"</channel", start), body.rfind(b"</feed", start))
    after = after if after > start else len(body)
    return body[:start] + _OPEN_ENTRY.sub(rb"%s\g<0>" % end, body[start:after]) + end + body[after:]


def quote_markup(entry: bytes) -> bytes:
    """``entry`` with markup in its texts, which may be no XML, as text."""
    return entry if len(entry) > _LARGE_ENTRY else _TEXT.sub(_quoted, entry)


def _quoted(match: re.Match[bytes]) -> bytes:
    name, text = match.groups()
    if b"<" not in text or b"<![CDATA[" in text or b"]]>" in text:
        return match[0]
    return b"<%s><![CDATA[%s]]></%s>" % (name, text, name)


def end_properly(body: bytes) -> bytes:
    """``body`` cut where it stops being XML, its open elements closed; as it was when more than its end is wrong."""
    tracker = _Tracker(body)
    code = tracker.run()
    entry = _ENTRY.search(body, tracker.safe_end)
    if not tracker.safe_end or (entry and body.find(b">", entry.start()) >= 0):  # else its tag was cut off, too
        return body
    return tracker.closed() if code in _CUT_OFF or not tracker.open else body


class _Tracker:
    """Follows expat through a document and remembers where it could be ended."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.open: list[str] = []
        self.safe_end = 0
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._on_start
        self._parser.EndElementHandler = self._on_end

    def run(self) -> int:
        """Read on to the first error; its code, or 0."""
        try:
            self._parser.Parse(self.body, True)
        except expat.ExpatError as error:
            return error.code
        return 0

    def closed(self) -> bytes:
        """The document up to its last complete tag; a text that was cut off goes."""
        return self.body[: self.safe_end] + "".join(f"</{name}>" for name in reversed(self.open)).encode()

    def _on_start(self, name: str, _attributes: object) -> None:
        self.open.append(name)
        self._remember(b"<")

    def _on_end(self, _name: str) -> None:
        self.open.pop()
        self._remember(b"</")

    def _remember(self, opening: bytes) -> None:
        """Expat stands before the tag; but for the end of an empty element, which it reports behind its tag."""
        at = self._parser.CurrentByteIndex
        end = self.body.find(b">", at) + 1 if self.body.startswith(opening, at) else 0
        self.safe_end = end or at


def _mend_reference(own: Mapping[str, str], match: re.Match[str]) -> str:
    text, name = match[0], match["name"]
    if text[0] != "&":
        return text
    if match["decimal"] or match["hex"]:  # XML knows only the small x
        return text.lower() if _is_character(match["decimal"], match["hex"]) else _REPLACEMENT
    character = own.get(name) or html5.get(f"{name};") if name else None
    if character is None or "<" in character or "&" in character:
        return f"&amp;{text[1:]}"
    return character


def _is_character(decimal: str | None, hexadecimal: str | None) -> bool:
    """Whether this number may stand in XML 1.0 (section 2.2)."""
    digits = (decimal or hexadecimal or "").lstrip("0")
    if len(digits) > 7:
        return False
    code = int(digits or "0", 10 if decimal else 16)
    return code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF
