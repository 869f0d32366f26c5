"""OPML in and out (http://opml.org/spec2.opml, subscription lists). Pure: bytes to feeds and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from monitor.config.feeds import normal_url
from monitor.config.values import check_url
from monitor.errors import ConfigError, Problem
from monitor.model import Feed
from monitor.yamldoc import InvalidValueError

MAX_BYTES = 20_000_000
_NAMES = frozenset({"type", "xmlurl", "url", "title", "text"})  # of attributes; to read all takes quadratic time
_FEED_TYPES = ("rss", "atom", "feed", "rdf")
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML cannot hold
_NO_ENTITIES = "an OPML file needs no entities of its own; export it anew"


def read_opml(raw: bytes, file: str, skipped: list[str] | None = None) -> tuple[Feed, ...]:
    """The feeds of a subscription list, in order, each address once; folders are flattened.

    Names of elements and attributes are read in any case. ``skipped`` takes up the addresses that are none of the web.
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
    name = etree.QName(root).localname
    if name.lower() != "opml":
        raise _mistake(file, 1, f"this is <{name}>, not OPML", "export the subscriptions as OPML")
    feeds: dict[str, Feed] = {}
    for outline in root.iter("{*}*"):
        given = outline.attrib
        said = {name.lower(): given[name] for name in given if name.lower() in _NAMES}
        written = _address(said) if etree.QName(outline).localname.lower() == "outline" else ""
        url = _web_address(written)
        if url:
            title = " ".join((said.get("title") or said.get("text") or "").split())[:200]
            feeds.setdefault(normal_url(url), Feed(url, "" if title == url else title))
        elif written and skipped is not None:
            skipped.append(written)
    return tuple(feeds.values())


def _address(said: Mapping[str, str]) -> str:
    """The address of an outline's feed as it is written, "" when it has none; in ``url`` that of a page may stand."""
    if said.get("type", "").lower() in _FEED_TYPES:
        return (said.get("xmlurl") or said.get("url") or "").strip()
    return said.get("xmlurl", "").strip()


def _web_address(written: str) -> str:
    """``written`` as an http(s) address, "" when it is none: ``feed:`` stands before one, or for http."""
    scheme, _, rest = written.partition(":")
    if scheme.lower() == "feed":
        return _web_address(rest if not rest.startswith("//") else f"http:{rest}")
    if scheme.lower() not in ("http", "https") or not rest.startswith("//"):
        return ""
    try:
        return check_url(f"{scheme.lower()}:{rest}".replace(" ", "%20"))
    except InvalidValueError:
        return ""


def write_opml(feeds: Iterable[Feed], title: str = "Newsbell") -> bytes:
    """A subscription list (OPML 2.0) of ``feeds``, in UTF-8."""
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _UNWRITABLE.sub(" ", title)
    body = etree.SubElement(root, "body")
    for feed in feeds:
        name = _UNWRITABLE.sub(" ", feed.title).strip() or feed.url
        outline = etree.SubElement(body, "outline", type="rss", text=name, title=name, xmlUrl=feed.url)
        if feed.lang:
            outline.set("language", feed.lang)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _mistake(file: str, line: int, message: str, hint: str = "") -> ConfigError:
    return ConfigError([Problem(file, line, 1, "", message, hint)])
