"""A document in, its feed out. Pure.

Entries whose bytes were in the last document are hashed and passed over; the others are decoded (``encodings``), parsed
(``readers``), known by keys (``identity``), and cleaned (``monitor.text.clean``).
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from monitor.errors import ParseError
from monitor.model import FINGERPRINT_BYTES, Document, Entry, ParsedFeed
from monitor.parse import encodings, identity, pieces, readers
from monitor.parse.dates import from_iso
from monitor.parse.pieces import MARK_BYTES, Pieces
from monitor.parse.raw import RawEntry
from monitor.text import clean

_FINGERPRINT: Final = struct.Struct(f"{MARK_BYTES}s{FINGERPRINT_BYTES - MARK_BYTES}s")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")


class _Found(NamedTuple):
    """What was read, the fingerprints of all entries, the entries to hand over, and what was odd before all that."""

    reading: readers.Reading
    fingerprints: bytes
    entries: Sequence[Entry]
    warning: str = ""
    loss: str = ""


def parse_document(document: Document) -> ParsedFeed:
    """Read ``document``; raises ``ParseError`` when it is no feed. Hostile bytes take long: see ``parse.pool``."""
    if not document.body.strip():
        raise ParseError(document.url, "the answer was empty")
    known = dict(_FINGERPRINT.iter_unpack(document.known))
    found = _read_changed(document, known) if known else None
    reading, fingerprints, entries, warning, loss = found or _read_all(document, known)
    head = reading.head
    return ParsedFeed(
        title=clean.plain_text(head.title, clean.TITLE_LIMIT),
        link=clean.safe_link(head.link, document.url),
        lang=_language(head.lang),
        entries=tuple(entries),
        fingerprints=fingerprints,
        hints=head.hints,
        dialect=head.dialect,
        warnings=(*filter(None, (warning,)), *reading.warnings),
        previous=clean.safe_link(head.previous, document.url),
        loss="; ".join(filter(None, (loss, reading.loss))),
    )


def _read_changed(document: Document, known: Mapping[bytes, bytes]) -> _Found | None:
    """Only the entries that are not ``known``; None when most are not, or when reading the rest is needed to tell.

    It is when an unchanged entry has the id or the link of a changed one: then they share it. What is known was UTF-8
    when it was hashed, so only the rest has to be decoded; where its entries are not UTF-8 as they are, all is read.
    """
    cut = pieces.cut(document.body, readers.MAX_ENTRIES)
    marks = cut.marks() if cut else []
    fresh = [at for at, mark in enumerate(marks) if mark not in known]
    if cut is None or 2 * len(fresh) > len(marks):
        return None
    rest = cut.keep(fresh)
    decoded = encodings.decode(rest.whole(), document.content_type)
    changed = pieces.cut(readers.tamed(decoded.utf8)[0]) if fresh else Pieces(decoded.utf8, [], cut.end_tag, b"")
    if decoded.encoding != "utf-8" or changed is None or changed.entries != rest.entries or changed.hold_more():
        return None
    try:
        reading = readers.read_some(document.url, changed)
    except ParseError:
        return None  # the first entry may have begun in a comment, of which only a half is left
    if len(reading.entries) != len(fresh):
        return None
    lang = _language(reading.head.lang)
    entries = [entry_of(document, raw, marks[at], lang) for raw, at in zip(reading.entries, fresh, strict=True)]
    taken = b"".join([known[mark] for mark in marks if mark in known])
    if any(half in taken for entry in entries for half in identity.halves(entry.fingerprint)):
        return None
    prints = {entry.fingerprint[:MARK_BYTES]: entry.fingerprint for entry in entries}
    fingerprints = b"".join([prints[mark] if mark in prints else mark + known[mark] for mark in marks])
    return _Found(reading, fingerprints, entries, decoded.warning)


def _read_all(document: Document, known: Mapping[bytes, bytes]) -> _Found:
    """Every entry is parsed; handed over are those not ``known`` and all that share an id or a link with another.

    (Those identify nothing here, which can only be seen while they are together.)
    """
    decoded = encodings.decode(document.body, document.content_type)
    body, loss = readers.tamed(decoded.utf8)
    cut = None if readers.is_json(body) else pieces.cut(body)
    if cut and cut.hold_more():
        cut = None
    reading = readers.read(document.url, body, cut)
    lang = _language(reading.head.lang)
    matching = cut is not None and len(cut.entries) == len(reading.entries)
    marks = cut.marks() if cut and matching else [identity.fingerprint(raw) for raw in reading.entries]
    marked = list(zip(reading.entries, marks, strict=True))
    made = {mark: entry_of(document, raw, mark, lang) for raw, mark in marked if mark not in known}
    prints = {mark: made[mark].fingerprint if mark in made else mark + known[mark] for mark in marks}
    if known:
        uses = Counter(half for each in prints.values() for half in identity.halves(each))
        for raw, mark in marked:
            if mark not in made and any(uses[half] > 1 for half in identity.halves(prints[mark])):
                made[mark] = entry_of(document, raw, mark, lang)
    entries = [made[mark] for mark in marks if mark in made]
    return _Found(reading, b"".join([prints[mark] for mark in marks]), entries, decoded.warning, loss)


def entry_of(document: Document, raw: RawEntry, mark: bytes, feed_lang: str | None) -> Entry:
    """The clean entry of ``raw``, whose fingerprint begins with ``mark``, with its keys; it has no id yet."""
    title = clean.plain_text(raw.title, clean.TITLE_LIMIT)
    link = clean.safe_link(raw.link, document.url)
    summary, content = _texts(raw)
    keys = identity.entry_keys(raw, link or raw.link, title, content or summary)
    # By place: naming the fields takes two and a half times as long.
    return Entry(
        document.url,
        keys,
        title,
        link,
        summary,
        content,
        clean.plain_text(raw.author, clean.NAME_LIMIT),
        clean.plain_text(raw.source, clean.NAME_LIMIT),
        from_iso(raw.published),
        from_iso(raw.updated),
        (raw.lang and _language(raw.lang)) or document.lang or feed_lang,
        mark + identity.tag(keys),
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
