"""A document in, its feed out. Pure.

Entries whose bytes were in the last document are hashed and passed over; the others are parsed (``readers``), known
by keys (``identity``), and cleaned (``monitor.text.clean``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from typing import Final, NamedTuple

from monitor.errors import ParseError
from monitor.model import Document, Entry, ParsedFeed
from monitor.parse import encodings, identity, pieces, readers
from monitor.parse.dates import from_iso
from monitor.parse.raw import RawEntry
from monitor.text import clean

_MARK_BYTES: Final = pieces.MARK_BYTES
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")


class _Found(NamedTuple):
    """What was read, the marks (fingerprints) of all entries, and those to hand over, each with its mark."""

    reading: readers.Reading
    marks: Sequence[bytes]
    chosen: Sequence[tuple[RawEntry, bytes]]


def parse_document(document: Document) -> ParsedFeed:
    """Read ``document``; raises ``ParseError`` when it is no feed. Hostile bytes take long: see ``parse.pool``."""
    if not document.body.strip():
        raise ParseError(document.url, "the answer was empty")
    decoded = encodings.decode(document.body, document.content_type)
    body, warnings = readers.tamed(decoded.utf8)
    known = {document.known[at : at + _MARK_BYTES] for at in range(0, len(document.known), _MARK_BYTES)}
    cut = pieces.cut(body)
    found = _read_changed(document.url, cut, known) if cut and known else None
    reading, marks, chosen = found or _read_all(document.url, body, cut, known)
    head = reading.head
    lang = _language(head.lang)
    return ParsedFeed(
        title=clean.plain_text(head.title, clean.TITLE_LIMIT),
        link=clean.safe_link(head.link, document.url),
        lang=lang,
        entries=tuple(entry_of(document, raw, mark, lang) for raw, mark in chosen),
        fingerprints=b"".join(marks),
        hints=head.hints,
        dialect=head.dialect,
        warnings=(*filter(None, (decoded.warning,)), *warnings, *reading.warnings),
        previous=clean.safe_link(head.previous, document.url),
    )


def _read_changed(url: str, cut: pieces.Pieces, known: Set[bytes]) -> _Found | None:
    """Only the entries that are not ``known``; None when most are not, or when reading the rest is needed to tell.

    It is when an unchanged entry mentions the id or link of a changed one: then they may share it.
    """
    marks = cut.marks()
    fresh = [at for at, mark in enumerate(marks) if mark not in known]
    if 2 * len(fresh) > len(marks):
        return None
    reading = readers.read_some(url, cut.keep(fresh))
    if len(reading.entries) != len(fresh):
        return None
    names = {name.strip() for raw in reading.entries for name in (raw.id, raw.link) if name}
    if cut.mention(names, outside=fresh):
        return None
    return _Found(reading, marks, [(raw, marks[at]) for raw, at in zip(reading.entries, fresh, strict=True)])


def _read_all(url: str, body: bytes, cut: pieces.Pieces | None, known: Set[bytes]) -> _Found:
    """Every entry is parsed; handed over are those not ``known`` and all that share an id or a link with another.

    (Those identify nothing here, which can only be seen while they are together.)
    """
    reading = readers.read(url, body, cut)
    entries = reading.entries
    matching = cut is not None and len(cut.entries) == len(entries)
    marks = cut.marks() if cut and matching else [identity.fingerprint(raw) for raw in entries]
    marked = list(zip(entries, marks, strict=True))
    if known:
        different = {mark: raw for raw, mark in marked}.values()
        ids = Counter(raw.id for raw in different if raw.id)
        links = Counter(raw.link for raw in different if raw.link)
        marked = [(raw, mark) for raw, mark in marked if mark not in known or ids[raw.id] > 1 or links[raw.link] > 1]
    return _Found(reading, marks, marked)


def entry_of(document: Document, raw: RawEntry, mark: bytes, feed_lang: str | None) -> Entry:
    """The clean entry of ``raw``, whose fingerprint is ``mark``, with its keys; it has no id yet."""
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
        published=from_iso(raw.published),
        updated=from_iso(raw.updated),
        lang=(raw.lang and _language(raw.lang)) or document.lang or feed_lang,
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
