"""Mend what most often keeps a feed from being XML, without touching what it says.

Junk before the document, a DOCTYPE, control characters, character references to nothing (``&#0;``, ``&#xD800;``,
``&#99999999999;``), HTML's names for characters, a bare ``&``. Short entities that the document declares are put in
their place; long, nested and external ones never are. CDATA and comments lose nothing but control characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from html.entities import html5
from typing import Final

_CONTROLS: Final = bytes([*range(9), 11, 12, *range(14, 32)])
_NONCHARACTER: Final = re.compile(rb"\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")
_START: Final = re.compile(rb"<\?xml[\s?]|<!DOCTYPE|<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_START_WITHIN: Final = 16_384  # bytes of junk that are skipped
_DECLARATION: Final = re.compile(rb"\s*<\?xml[^>]{0,500}>")
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE[^\[>]*+(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_ENTITY: Final = re.compile(rb"<!ENTITY\s+(\w{1,40})\s+(?:\"([^\"&%<]{0,200})\"|'([^'&%<]{0,200})')\s*>")
_REFERENCE: Final = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|<!--(?:.*?-->|.*)"
    r"|&(?:#(?:(?P<decimal>[0-9]+)|[xX](?P<hex>[0-9a-fA-F]+));|(?P<name>\w{1,40});)?",
    re.DOTALL,
)
_XML_NAMES: Final = frozenset(("amp", "lt", "gt", "quot", "apos"))
_REPLACEMENT: Final = "\ufffd"


def mend(body: bytes) -> bytes:
    """``body`` (UTF-8) with its common faults mended; well-formed or not is for the caller to see."""
    body = _NONCHARACTER.sub(b"", body.translate(None, _CONTROLS))
    start = _START.search(body, 0, _START_WITHIN)
    body = _DECLARATION.sub(b"", body[start.start() if start else 0 :], count=1)
    own: dict[str, str] = {}
    doctype = _DOCTYPE.search(body, 0, _START_WITHIN)
    if doctype:
        own = {name.decode(): (double or single).decode() for name, double, single in _ENTITY.findall(doctype[0])}
        body = body[: doctype.start()] + body[doctype.end() :]
    if b"&" not in body:
        return body
    return _REFERENCE.sub(partial(_mend_reference, own), body.decode(errors="replace")).encode(errors="replace")


def _mend_reference(own: Mapping[str, str], match: re.Match[str]) -> str:
    text, name = match[0], match["name"]
    if text[0] != "&" or name in _XML_NAMES:
        return text
    if match["decimal"] or match["hex"]:
        return text if _is_character(match["decimal"], match["hex"]) else _REPLACEMENT
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
