"""OPML in and out (http://opml.org/spec2.opml, subscription lists). Pure: bytes to feeds and back."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.errors import ConfigError, Problem
from monitor.model import Feed

MAX_BYTES = 20_000_000
_NO_ENTITIES = "an OPML file needs no entities of its own; export it anew"


def read_opml(raw: bytes, file: str) -> tuple[Feed, ...]:
    """The feeds of a subscription list, in order, each address once; folders are flattened.

    Raises ``ConfigError`` when ``raw`` (``file`` in messages) is no OPML. Entities are never resolved.
    """
    from lxml import etree

    if len(raw) > MAX_BYTES:
        raise _mistake(file, 1, f"the file is larger than {MAX_BYTES // 10**6} MB")
    if b"<!entity" in raw.replace(b"\0", b"").lower():
        raise _mistake(file, 1, "the file defines entities", _NO_ENTITIES)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise _mistake(file, error.lineno or 1, f"not well-formed XML: {error.msg}") from None
    if root.tag != "opml":
        raise _mistake(file, 1, f"this is <{root.tag}>, not OPML", "export the subscriptions as OPML")
    feeds: dict[str, Feed] = {}
    for outline in root.iter("outline"):
        url = (outline.get("xmlUrl") or outline.get("xmlurl") or "").strip()
        if url.startswith(("http://", "https://")):
            title = " ".join((outline.get("title") or outline.get("text") or "").split())[:200]
            feeds.setdefault(url, Feed(url, "" if title == url else title))
    return tuple(feeds.values())


def write_opml(feeds: Iterable[Feed], title: str = "Newsbell") -> bytes:
    """A subscription list (OPML 2.0) of ``feeds``, in UTF-8."""
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for feed in feeds:
        name = feed.title or feed.url
        outline = etree.SubElement(body, "outline", type="rss", text=name, title=name, xmlUrl=feed.url)
        if feed.lang:
            outline.set("language", feed.lang)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _mistake(file: str, line: int, message: str, hint: str = "") -> ConfigError:
    return ConfigError([Problem(file, line, 1, "", message, hint)])
