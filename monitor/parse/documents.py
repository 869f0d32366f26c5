"""A document in, its feed out: decide the encoding, choose the parser, clean what it found. Pure.

The order, and why: a well-formed document without a DOCTYPE goes to the fast parser as it is; any other is mended
first and goes there if that made it well-formed; what the fast parser is not to be believed about goes to the
tolerant parser. Whichever path is taken, an entry has the same keys.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from monitor.errors import ParseError
from monitor.model import Document, Entry, ParsedFeed
from monitor.parse import encodings, fast, head, identity, jsonfeed
from monitor.parse.raw import RawEntry
from monitor.parse.repair import end_properly, mend, shorten_tags
from monitor.parse.wellformed import Survey, survey
from monitor.text import clean

MAX_ENTRIES: Final = 5_000  # of one document; a feed's newest come first
_LARGE: Final = 1_048_576  # bytes; a smaller document hardly holds more entries than that
_FINGERPRINT: Final = 8  # bytes

_FEED_SIGN: Final = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)[\s/>:]", re.IGNORECASE)
_FEED_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_PAGE: Final = re.compile(
    rb"\s*+(?:<\?xml[^>]{0,200}>\s*+)?(?:<!--.{0,2000}?-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_DIALECTS: Final = {
    "http://www.w3.org/2005/Atom": "atom10",
    "https://www.w3.org/2005/Atom": "atom10",
    "http://purl.org/atom/ns#": "atom03",
    "http://purl.org/rss/1.0/": "rss10",
    "http://my.netscape.com/rdf/simple/0.9/": "rss090",
}


class _Reading(NamedTuple):
    """What a parser made of a document."""

    head: head.Head
    entries: Sequence[RawEntry]
    dialect: str
    warnings: tuple[str, ...] = ()


def parse_document(document: Document) -> ParsedFeed:
    """Read ``document``; raises ``ParseError`` when it is no feed. Hostile bytes take long: see ``parse.pool``."""
    if not document.body.strip():
        raise ParseError(document.url, "the answer was empty")
    decoded = encodings.decode(document.body, document.content_type)
    body = decoded.utf8
    reading = (_read_json if body.startswith(b"{") else _read_xml)(document.url, body)
    warnings = ((decoded.warning,) if decoded.warning else ()) + reading.warnings
    found = reading.entries
    if len(found) > MAX_ENTRIES:
        warnings += (_too_many(len(found)),)
        found = found[:MAX_ENTRIES]
    fingerprints = [identity.fingerprint(raw) for raw in found]
    lang = _language(reading.head.lang)
    return ParsedFeed(
        title=clean.plain_text(reading.head.title, clean.TITLE_LIMIT),
        link=clean.safe_link(reading.head.link, document.url),
        lang=lang,
        entries=tuple(_entry(document, raw, mark, lang) for raw, mark in _changed(found, fingerprints, document.known)),
        fingerprints=b"".join(fingerprints),
        hints=reading.head.hints,
        dialect=reading.dialect,
        warnings=warnings,
        previous=clean.safe_link(reading.head.previous, document.url),
    )


def _read_json(url: str, body: bytes) -> _Reading:
    try:
        return _Reading(*jsonfeed.read(body))
    except jsonfeed.NotAFeedError as error:
        raise ParseError(url, str(error)) from error


def _read_xml(url: str, body: bytes) -> _Reading:
    if _PAGE.match(body) and not _FEED_ROOT.search(body):
        raise ParseError(url, f"this is a web page, not a feed; look for its feeds with: newsbell feeds discover {url}")
    if not _FEED_SIGN.search(body):
        raise ParseError(url, "this is not a feed: no RSS, Atom, CDF or JSON Feed was found in it")
    body, warnings = _limited(shorten_tags(body))
    report = survey(body)
    if report.bomb:
        raise ParseError(url, "this feed declares entities that grow without end, so it was not read")
    warnings += (report.error,) if report.error else ()
    if report.error or report.doctype:
        body = mend(body)
        report = survey(body)
    if report.error:
        body = end_properly(body)
        report = survey(body)
    start = head.items_at(body)
    top = head.read(body, start)
    entries = None if report.error else fast.read(body, start)
    if entries is not None:
        return _Reading(top, entries, _dialect(report), warnings)
    return _read_tolerantly(url, body, top, report, warnings)


def _limited(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    """A large document cut after its first ``MAX_ENTRIES`` entries, and a warning if it was."""
    if len(body) < _LARGE:
        return body, ()
    ends = [match.end() for match in head.ITEM_END.finditer(body)]
    if len(ends) <= MAX_ENTRIES:
        return body, ()
    return end_properly(body[: ends[MAX_ENTRIES - 1]]), (_too_many(len(ends)),)


def _too_many(entries: int) -> str:
    return f"{entries:,} entries: only the first {MAX_ENTRIES:,} are read"


def _read_tolerantly(url: str, body: bytes, top: head.Head, report: Survey, warnings: tuple[str, ...]) -> _Reading:
    from monitor.parse import tolerant  # loads feedparser, which most documents do not need

    try:
        raw = tolerant.read(body)
    except Exception as error:
        raise ParseError(url, f"this feed cannot be read: {type(error).__name__}: {error}"[:300]) from error
    if not raw.entries and not raw.dialect and not report.root:
        raise ParseError(url, "this is not a feed: nothing in it could be read as one")
    top.title = top.title or raw.title
    top.link = top.link or raw.link
    top.lang = top.lang or raw.lang
    return _Reading(top, raw.entries, raw.dialect or _dialect(report), warnings)


def _dialect(report: Survey) -> str:
    """Such as rss20, rss091, rss10, atom10; "" when unknown."""
    attributes = report.attributes
    if report.root.lower() == "rss":
        return f"rss{attributes.get('version', '').replace('.', '')[:4]}"
    spaces = [value for name, value in attributes.items() if name.startswith("xmlns")]
    return next((_DIALECTS[space] for space in spaces if space in _DIALECTS), "")


def _changed(found: Sequence[RawEntry], fingerprints: Sequence[bytes], known: bytes) -> list[tuple[RawEntry, bytes]]:
    """The entries that were not in the last document, and all that share an id or a link with a different one.

    (Those identify nothing here, which can only be seen while they are together.)
    """
    old = {known[at : at + _FINGERPRINT] for at in range(0, len(known), _FINGERPRINT)}
    if not old:
        return list(zip(found, fingerprints, strict=True))
    different = {mark: raw for raw, mark in zip(found, fingerprints, strict=True)}.values()
    ids = Counter(raw.id for raw in different if raw.id)
    links = Counter(raw.link for raw in different if raw.link)
    return [
        (raw, mark)
        for raw, mark in zip(found, fingerprints, strict=True)
        if mark not in old or ids[raw.id] > 1 or links[raw.link] > 1
    ]


def _entry(document: Document, raw: RawEntry, mark: bytes, feed_lang: str | None) -> Entry:
    title = clean.plain_text(raw.title, clean.TITLE_LIMIT)
    link = clean.safe_link(raw.link, document.url)
    summary, content = _texts(raw)
    return Entry(
        feed_url=document.url,
        keys=identity.entry_keys(raw, link or raw.link, title, content or summary),
        title=title,
        link=link,
        summary=summary,
        content=content,
        author=clean.plain_text(raw.author, clean.NAME_LIMIT),
        source=clean.plain_text(raw.source, clean.NAME_LIMIT),
        published=raw.published,
        updated=raw.updated,
        lang=_language(raw.lang) or document.lang or feed_lang,
        fingerprint=mark,
    )


def _texts(raw: RawEntry) -> tuple[str, str]:
    """Summary and content. A text that stands alone is the summary if it is short enough for one, else the content.

    Parsers disagree about which is which when there is only one, and some make a summary of the content's beginning.
    """
    summary = clean.plain_paragraphs(raw.summary, clean.CONTENT_LIMIT)
    content = clean.plain_paragraphs(raw.content, clean.CONTENT_LIMIT) if raw.content else ""
    if content and _begins_with(content, summary):
        summary, content = content, ""
    if not content and len(summary) > clean.SUMMARY_LIMIT:
        return "", summary
    return summary[: clean.SUMMARY_LIMIT].rstrip(), content


def _begins_with(content: str, summary: str) -> bool:
    beginning = "".join(summary.split())
    return "".join(content[: 2 * len(summary)].split()).startswith(beginning)


def _language(text: str) -> str | None:
    """A BCP 47 tag as it was written, with hyphens; None when it is none."""
    tag = text.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None
