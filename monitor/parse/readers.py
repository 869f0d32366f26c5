"""Which parser reads a document.

A well-formed document without a DOCTYPE goes to the fast parser as it is; any other is mended first and goes there if
that made it well-formed; what the fast parser is not to be believed about goes to the tolerant parser. JSON Feed has
a reader of its own. Whichever reads it, an entry has the same id and link.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from monitor.errors import ParseError
from monitor.parse import fast, head, jsonfeed, pieces
from monitor.parse.pieces import Pieces
from monitor.parse.raw import RawEntry, UnreadableError
from monitor.parse.repair import end_properly, mend, shorten_tags
from monitor.parse.wellformed import survey

MAX_ENTRIES: Final = 5_000  # of one document; a feed's newest come first
_LARGE: Final = 131_072  # bytes; in a smaller document neither attributes nor entries can do harm

_FEED_SIGN: Final = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)[\s/>:]", re.IGNORECASE)
_FEED_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_PAGE: Final = re.compile(
    rb"\s*+(?:<\?xml[^>]{0,200}>\s*+)?(?:<!--.{0,2000}?-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a parser made of a document. At most ``MAX_ENTRIES`` entries, in its order."""

    head: head.Head
    entries: Sequence[RawEntry]
    warnings: tuple[str, ...] = ()


def tamed(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    """A large document without what only costs time: attributes without end, entries beyond the first 5,000.

    The second value warns of entries that went.
    """
    if len(body) < _LARGE:
        return body, ()
    body = shorten_tags(body)
    ends = [match.end() for match in head.ITEM_END.finditer(body)]
    if len(ends) <= MAX_ENTRIES:
        return body, ()
    return end_properly(body[: ends[MAX_ENTRIES - 1]]), (_too_many(len(ends)),)


def read(url: str, body: bytes, cut: Pieces | None) -> Reading:
    """Read ``body`` (UTF-8), ``cut`` if it can be; raises ``ParseError`` about ``url`` when it is no feed."""
    if body.startswith(b"{"):
        return _capped(_read_json(url, body))
    return _read_pieces(cut) or _capped(_read_xml(url, body))


def read_some(url: str, cut: Pieces) -> Reading:
    """Read what is left of a document that was cut; without any entry, only its head."""
    if not cut.entries:
        return Reading(head.read(cut.around), ())
    return read(url, cut.document(), cut)


def _read_pieces(cut: Pieces | None) -> Reading | None:
    """The short way, for a document that is cut and well-formed: almost every one."""
    if cut is None:
        return None
    entries = fast.read_native(cut)
    return None if entries is None else Reading(head.read(cut.around), entries)


def _read_json(url: str, body: bytes) -> Reading:
    try:
        top, entries = jsonfeed.read(body)
    except UnreadableError as error:
        raise ParseError(url, str(error)) from error
    return Reading(top, entries)


def _read_xml(url: str, body: bytes) -> Reading:
    if _PAGE.match(body) and not _FEED_ROOT.search(body):
        raise ParseError(url, f"this is a web page, not a feed; look for its feeds with: newsbell feeds discover {url}")
    if not _FEED_SIGN.search(body):
        raise ParseError(url, "this is not a feed: no RSS, Atom, CDF or JSON Feed was found in it")
    report = survey(body)
    if report.bomb:
        raise ParseError(url, "this feed declares entities that grow without end, so it was not read")
    warnings = (report.error,) if report.error else ()
    for step in (end_properly, mend, end_properly):
        if report.error or report.doctype:
            body = step(body)
            report = survey(body)
    top = head.read(head.around(body))
    entries = None if report.error else fast.read(body, head.items_at(body))
    return Reading(top, entries or _read_tolerantly(url, body, top), warnings)


def _read_tolerantly(url: str, body: bytes, top: head.Head) -> Sequence[RawEntry]:
    """The entries one by one, so that a bad one does not spoil the next, and feedparser is asked about bad ones only.

    When they cannot be told apart, or one gives nothing, feedparser may find more in the whole.
    """
    apart = _read_apart(pieces.cut(body))
    if apart and all(apart):
        return [entry for found in apart for entry in found]
    try:
        whole = _read_whole(url, body, top)
    except ParseError:
        if not any(apart):
            raise
        whole = ()
    return max(whole, [entry for found in apart for entry in found], key=len)


def _read_apart(cut: Pieces | None) -> list[Sequence[RawEntry]]:
    """What each piece gives; nothing for those that no parser can read."""
    from monitor.parse import tolerant  # loads feedparser, which most documents do not need

    found: list[Sequence[RawEntry]] = []
    for piece in cut.singly() if cut else ():
        try:
            found.append(fast.read_native(piece) or tolerant.read(piece.bare()).entries)
        except UnreadableError:  # the fast parser repairs in its own way, which loses more, but not everything
            found.append(fast.read(piece.bare(), 0) or ())
    return found


def _read_whole(url: str, body: bytes, top: head.Head) -> Sequence[RawEntry]:
    """The entries, as feedparser sees them; what the head did not say is filled in."""
    from monitor.parse import tolerant

    try:
        raw = tolerant.read(body)
    except UnreadableError as error:
        raise ParseError(url, str(error)) from error
    if not raw.entries and not raw.dialect and not top.dialect:
        raise ParseError(url, "this is not a feed: nothing in it could be read as one")
    top.dialect = raw.dialect or top.dialect
    top.title = top.title or raw.title
    top.link = top.link or raw.link
    top.lang = top.lang or raw.lang
    return raw.entries


def _capped(reading: Reading) -> Reading:
    if len(reading.entries) <= MAX_ENTRIES:
        return reading
    warnings = (*reading.warnings, _too_many(len(reading.entries)))
    return Reading(reading.head, reading.entries[:MAX_ENTRIES], warnings)


def _too_many(entries: int) -> str:
    return f"{entries:,} entries: only the first {MAX_ENTRIES:,} are read"
