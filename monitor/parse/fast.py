"""The fast path: fastfeedparser, for well-formed RSS and Atom, and only where it is to be believed.

It is not believed when it refuses the document, finds no entry or not as many as there are, or leaves one without id,
link or title; nor when titles or texts hold elements or comments, as it reads only what is before the first; nor with
relative links under ``xml:base``. It does not read ``<source>``, the languages of entries and the texts of Media RSS,
takes a title or link of another vocabulary for the entry's own, and of links the first although one behind it says no
``rel``: all that is looked up in the tree where the document has such. A summary that it made up from the content is
left out.

Most documents go straight to its native extractor: that takes half the time of ``parse``, and it refuses by itself
what is not well-formed. Documents that it refuses, and machines for which it is not built, take ``parse``. It is
loaded without its package, which loads half of what speaks HTTP: two fifths of a worker's start.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any, Final

from lxml import etree

from monitor.parse import head
from monitor.parse.dates import iso_date
from monitor.parse.pieces import Pieces
from monitor.parse.raw import RawEntry

# An element or a comment inside a title or a text: markup that was not escaped.
_MARKUP_INSIDE: Final = re.compile(
    rb"<(?:title|description|summary|content:encoded)(?: [^<>]*)?>[^<]*+<(?:[a-zA-Z?]|!--)"
)
_PREFIXED: Final = re.compile(rb"<[\w.-]+:")
_PREFIXED_MARKUP_INSIDE: Final = re.compile(
    rb"<[\w.-]+:(?:title|description|summary)(?: [^<>]*)?>[^<]*+<(?:[a-zA-Z?]|!--)"
)
_DATE_TAGS: Final = (b"pubDate>", b"updated>", b"date>", b"published>", b"issued>", b"pubdate>", b"modified>")
_DETAIL_TAGS: Final = (b"source>", b"xml:lang=")
_TEXT_TAGS: Final = (b":description", b"body")
_OTHER_TEXTS: Final = ("{http://search.yahoo.com/mrss/}description", "{http://www.w3.org/1999/xhtml}body")
_FOREIGN_TAG: Final = re.compile(rb":(?:title|link|language)\b")
_DECLARED_WITHIN: Final = 4_096  # bytes of the first entry that may declare other vocabularies
_UNRELATED_LINK: Final = re.compile(rb"<link\s(?![^<>]*\brel\s*=)")
_CONTENT_TAGS: Final = re.compile(r"\A\s*<content\b[^<>]*>|</content>\s*\Z")
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_DC_LANGUAGE: Final = "{http://purl.org/dc/elements/1.1/}language"


_PROBE: Final = (
    b'<rss version="2.0"><channel><item><title>a &amp; b</title><link>https://a.example/1</link><guid>g</guid>'
    b"<pubDate>Wed, 22 Jan 2025 03:00:00 GMT</pubDate><description>d</description></item></channel></rss>"
)
_PROBED: Final = {
    "id": "g",
    "title": "a & b",
    "link": "https://a.example/1",
    "published": "2025-01-22T03:00:00+00:00",
    "description": "d",
}


def find_native() -> Callable[..., Any] | None:
    """The native extractor; None when there is none, or one that does not answer a plain document as it should.

    It is no public interface: any release may take it away or want to be asked otherwise. Then ``read`` does its work.
    """
    try:
        extract: Callable[..., Any] = _native_part("fastfeedparser", "_core").parse_entries
        _, _, _, (entry,) = _ask(extract, _PROBE)
        return extract if all(entry[key] == value for key, value in _PROBED.items()) else None
    except Exception:  # noqa: BLE001 - whatever is wrong with it, there is another way
        return None


def _native_part(package: str, name: str) -> Any:
    """A module of ``package``, which is not loaded itself; should it be later, it finds that module there."""
    whole = f"{package}.{name}"
    if whole not in sys.modules:
        around = find_spec(package)
        spec = around and PathFinder.find_spec(whole, around.submodule_search_locations)
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(f"there is no {whole}")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[whole] = module
    return sys.modules[whole]


def _ask(extract: Callable[..., Any], body: bytes) -> Any:
    return extract(body, dict, iso_date, html.unescape, True, False, False, False)


_NATIVE: Final = find_native()


def read_native(cut: Pieces) -> list[RawEntry] | None:
    """The entries of a document that is ``cut``; None when it is not well-formed RSS or Atom, or not to be believed."""
    body = cut.document()
    found = _extract(body)
    if len(found) != len(cut.entries):
        return None
    return _believed(found, body, head.items_at(body), dated=True)


def read(body: bytes, items_at: int) -> list[RawEntry] | None:
    """The entries of ``body`` (UTF-8, well-formed, entries from byte ``items_at`` on); None when not to be believed."""
    found = _extract(body) or _parse(body)
    # Without any date it takes ids for dates, and completes them with today's.
    dated = any(body.find(tag, items_at) >= 0 for tag in _DATE_TAGS)
    return _believed(found, body, items_at, dated=dated) if found else None


def salvage(body: bytes) -> list[RawEntry]:
    """What the repairs of the parser find in ``body``, believed or not: for what no other parser can read in time."""
    return [_entry(each, dated=True, summed_up=True) for each in _extract(body) or _parse(body)]


def _extract(body: bytes) -> Sequence[Mapping[str, Any]]:
    """What the native extractor finds; nothing where there is none, or it refuses the document."""
    if _NATIVE is None:
        return ()
    try:
        found = _ask(_NATIVE, body)
    except (TypeError, ValueError):
        return ()
    entries: Sequence[Mapping[str, Any]] = () if isinstance(found, str) else found[3]
    return entries


def _parse(body: bytes) -> Sequence[Mapping[str, Any]]:
    import fastfeedparser  # hardly ever needed, see above

    try:
        parsed = fastfeedparser.parse(body, include_tags=False, include_media=False, include_enclosures=False)
    except Exception:  # noqa: BLE001 - whatever it stumbles over, the tolerant parser takes over
        return ()
    entries: Sequence[Mapping[str, Any]] = parsed["entries"]
    return entries


def _believed(found: Sequence[Mapping[str, Any]], body: bytes, items_at: int, *, dated: bool) -> list[RawEntry] | None:
    if _MARKUP_INSIDE.search(body, items_at) or _has_markup_behind_cdata(body):
        return None
    if _PREFIXED.match(body, items_at) and _PREFIXED_MARKUP_INSIDE.search(body, items_at):
        return None
    summed_up = body.find(b"description", items_at) >= 0 or body.find(b"summary", items_at) >= 0
    entries = [_entry(each, dated=dated, summed_up=summed_up) for each in found]
    if not entries or not all(entry.id and entry.link and entry.title for entry in entries):
        return None
    if (_has_details(body, items_at) or _lack_texts(entries, body, items_at)) and not _add_details(entries, body):
        return None
    if b"xml:base" in body and not all(entry.link.startswith(("http://", "https://")) for entry in entries):
        return None
    return entries


def _has_markup_behind_cdata(body: bytes) -> bool:
    """Whether a text goes on with an element or a comment. What is cheap to tell is asked first, here and below."""
    behind = body.split(b"]]><")[1:] if b"]" in body else ()
    return not all(part.startswith((b"/", b"![CDATA[")) for part in behind)


def _has_details(body: bytes, items_at: int) -> bool:
    if any(body.find(tag, items_at) >= 0 for tag in _DETAIL_TAGS):
        return True
    if body.find(b"xmlns:", 0, items_at + _DECLARED_WITHIN) >= 0 and _FOREIGN_TAG.search(body, items_at):
        return True
    related = body.startswith(b"<entry", items_at) and body.find(b" rel=", items_at) >= 0
    return related and _UNRELATED_LINK.search(body, items_at) is not None


def _lack_texts(entries: Sequence[RawEntry], body: bytes, items_at: int) -> bool:
    """Whether an entry has none of the usual texts, and perhaps one of another vocabulary in its place."""
    if all(entry.summary or entry.content for entry in entries):
        return False
    return any(body.find(tag, items_at) >= 0 for tag in _TEXT_TAGS)


def _entry(found: Mapping[str, Any], *, dated: bool, summed_up: bool) -> RawEntry:
    """``dated``, ``summed_up``: the document has dates, summaries; else what looks like one is a guess."""
    get = found.get
    contents = get("content")
    content: str = (contents[0]["value"] or "") if contents else ""
    summary: str = get("description") or ""
    if content.strip() == summary:
        content = ""
    elif content.startswith("<content"):
        content = _CONTENT_TAGS.sub("", content)
    if content and not summed_up:
        content, summary = "", content
    # By place: naming the fields takes two and a half times as long. Source and language: see ``_add_details``.
    return RawEntry(
        get("id") or "",
        get("link") or "",
        get("title") or "",
        summary,
        content,
        get("author") or "",
        "",
        "",
        (get("published") or "") if dated else "",
        (get("updated") or "") if dated else "",
    )


def _add_details(entries: list[RawEntry], body: bytes) -> bool:
    """Fill in from the tree what it knows better; False when its entries cannot be matched with ``entries``."""
    root = etree.fromstring(body, etree.XMLParser(recover=True, resolve_entities=False, no_network=True))
    elements = [] if root is None else list(root.iter("{*}item", "{*}entry"))
    if len(elements) != len(entries):
        return False
    for entry, element in zip(entries, elements, strict=True):
        source = element.find("{*}source")
        if source is not None:
            entry.source = source.findtext("{*}title") or source.text or ""
        entry.lang = element.get(_XML_LANG) or element.findtext(_DC_LANGUAGE) or ""
        entry.title = _own(element, "title") or entry.title
        entry.link = _own(element, "link") or _alternate(element) or entry.link
        if not entry.summary and not entry.content:
            entry.summary = next(filter(None, map(_markup, element.iter(*_OTHER_TEXTS))), "")
    return True


def _markup(element: Any) -> str:
    """What an element holds: its text, or XHTML."""
    return etree.tostring(element, encoding="unicode", with_tail=False) if len(element) else element.text or ""


def _own(element: Any, name: str) -> str:
    """The text of an entry's own element of that name where one of another namespace stands before it, else ""."""
    first = element.find(f"{{*}}{name}")
    own = element.find(_beside(element, name))
    return "" if own is None or own is first else own.text or ""


def _alternate(element: Any) -> str:
    """The address of an Atom entry's page: of its first link that has no other relation (RFC 4287, 4.2.7.2)."""
    links = element.iterfind(_beside(element, "link"))
    return next((link.get("href", "") for link in links if link.get("rel", "alternate") == "alternate"), "")


def _beside(element: Any, name: str) -> str:
    """``name`` in the namespace of ``element``."""
    return "".join((*element.tag.rpartition("}")[:2], name))
