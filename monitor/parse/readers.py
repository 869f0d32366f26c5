"""Which parser reads a document.

A well-formed document without a DOCTYPE goes to the fast parser as it is; any other is mended first and goes there if
that made it well-formed; what the fast parser is not to be believed about goes to the tolerant parser. JSON Feed has
a reader of its own. Whichever reads it, an entry has the same id and link.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from monitor.errors import ParseError
from monitor.parse import fast, head, jsonfeed, pieces
from monitor.parse.dates import iso_date
from monitor.parse.pieces import Pieces
from monitor.parse.raw import RawEntry, UnreadableError
from monitor.parse.repair import (
    end_entries,
    end_fields,
    end_properly,
    in_known_root,
    mend,
    quote_markup,
    shorten_tags,
    shorten_texts,
    thin_out,
)
from monitor.parse.wellformed import survey

MAX_ENTRIES: Final = 5_000  # of one document
_SINGLY: Final = 50  # of a document's bad entries, so many are read each by itself
_TOGETHER: Final = 50  # and so many of the others at a time
_THOROUGHLY: Final = 5_000  # tags of bad entries go to feedparser: half a second; the rest does not
_READINGS: Final = 120  # by feedparser, at most
_LARGE: Final = 131_072  # bytes; in a smaller document neither attributes nor entries can do harm

_FEED_SIGN: Final = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel|item|entry)[\s/>:]", re.IGNORECASE)
_FEED_ROOT: Final = re.compile(rb"</?(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_DATE: Final = re.compile(
    rb"<(?:[\w.-]+:)?(?:pubdate|published|updated|date|issued|modified)>([^<]{4,80})<", re.IGNORECASE
)
_PAGE: Final = re.compile(
    rb"\s*+(?:<\?xml[^>]{0,200}>\s*+)?(?:<!--.{0,2000}?-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a parser made of a document. At most ``MAX_ENTRIES`` entries, in the document's order."""

    head: head.Head
    entries: Sequence[RawEntry]
    warnings: tuple[str, ...] = ()
    loss: str = ""  # which entries could not be read, in a user's words


def tamed(body: bytes) -> tuple[bytes, str]:
    """A large document without what only costs time: attributes, texts and markup without end, entries beyond 5,000.

    The second value says which entries went, "" when all are there.
    """
    if len(body) < _LARGE or is_json(body):
        return body, ""
    body = shorten_texts(shorten_tags(body))
    ends = [match.end() for match in head.ITEM_END.finditer(body)]
    starts = [head.items_at(body), *ends[:-1]]
    if len(ends) <= MAX_ENTRIES:
        entries = b"".join([thin_out(body[start:end]) for start, end in zip(starts, ends, strict=False)])
        return body[: starts[0]] + entries + body[ends[-1] if ends else starts[0] :], ""
    found = [_DATE.search(body, start, end) for start, end in zip(starts, ends, strict=True)]
    dates = [iso_date(date[1].decode(errors="replace")) if date else "" for date in found]
    kept = _newest(dates)
    entries = b"".join([body[starts[at] : ends[at]] for at in kept])
    return end_properly(body[: starts[0]] + entries + body[ends[-1] :]), _too_many(dates)


def is_json(body: bytes) -> bool:
    """Whether ``body`` is read as JSON Feed; else as XML."""
    return body.startswith(b"{")


def read(url: str, body: bytes, cut: Pieces | None) -> Reading:
    """Read ``body`` (UTF-8), ``cut`` if it can be; raises ``ParseError`` about ``url`` when it is no feed."""
    if is_json(body):
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
        return Reading(*jsonfeed.read(body))
    except UnreadableError as error:
        with suppress(ParseError):  # a bracket may only be junk before what is XML
            found = _read_xml(url, body) if _FEED_SIGN.search(body) else None
            if found and found.entries:
                return found
        raise ParseError(url, str(error)) from error


def _read_xml(url: str, body: bytes) -> Reading:
    if _PAGE.match(body) and not _FEED_ROOT.search(body):
        raise ParseError(url, f"this is a web page, not a feed; look for its feeds with: newsbell feeds discover {url}")
    if not _FEED_SIGN.search(body):
        raise ParseError(url, "this is not a feed: no RSS, Atom, CDF or JSON Feed was found in it")
    report = survey(body)
    if report.bomb:
        raise ParseError(url, "this feed declares entities that grow without end, so it was not read")
    warnings: tuple[str, ...] = (report.error,) if report.error else ()
    for step in (end_properly, mend, end_entries, end_properly):
        if report.error or report.doctype:
            body = step(body)
            report = survey(body)
    top = head.read(head.around(body))
    body = in_known_root(body)
    entries: Sequence[RawEntry] = (() if report.error else fast.read(body, head.items_at(body))) or ()
    begun = pieces.openings(body)
    if not entries or len(entries) < begun:
        entries = _read_tolerantly(url, body, top, begun, entries)
    loss = f"{begun:,} entries begin in it, but {len(entries):,} could be read" if len(entries) < begun else ""
    return Reading(top, entries, warnings, loss)


def _read_tolerantly(
    url: str, body: bytes, top: head.Head, begun: int, fast_ones: Sequence[RawEntry]
) -> Sequence[RawEntry]:
    """The entries one by one, so that a bad one does not spoil the next, and feedparser is asked about bad ones only.

    When they cannot be told apart, or fewer are found than ``begun`` in it, feedparser may find more in the whole.
    """
    cut = pieces.cut(body)
    apart = _read_apart(None if cut and pieces.openings(cut.around) else cut)
    together = [entry for found in apart for entry in found]
    if apart and all(apart) and len(together) >= begun:
        return together
    if together and body.count(b"<") > _THOROUGHLY:
        return max(fast_ones, together, key=_telling)  # the whole would take longer than a document may
    try:
        whole = _read_whole(url, body, top, begun)
    except ParseError:
        if not together and not fast_ones:
            raise
        whole = ()
    return max(fast_ones, whole, together, key=_telling)


def _telling(entries: Sequence[RawEntry]) -> tuple[int, int]:
    """How many of ``entries`` say anything, and how many there are."""
    telling = sum(bool(entry.title or entry.link or entry.summary or entry.content) for entry in entries)
    return telling, len(entries)


def _read_apart(cut: Pieces | None) -> Sequence[Sequence[RawEntry]]:
    """What each piece gives; nothing for those that no parser can read.

    feedparser takes a millisecond even for the smallest document. So when many are bad, only the first are read by
    themselves, the others together as long as each gives its entry; and what would take seconds is left to the fast
    parser, which repairs in its own way: it loses texts behind stray tags, but no entry.
    """
    if cut is None:
        return ()
    cut = cut.bare()
    found = [_read_piece(piece) for piece in cut.singly()]
    mended = [entry if found[at] else quote_markup(end_fields(entry)) for at, entry in enumerate(cut.entries)]
    changed = [at for at, entry in enumerate(cut.entries) if entry != mended[at]]
    cut = Pieces(cut.before, mended, cut.end_tag, cut.after)
    for at in changed:
        found[at] = _read_piece(cut.keep((at,)))
    bad = [at for at, entries in enumerate(found) if not entries]
    tags = accumulate(cut.entries[at].count(b"<") for at in bad)
    thorough = next((at for at, count in zip(bad, tags, strict=True) if count > _THOROUGHLY), len(found))
    waiting = [bad[at : at + _TOGETHER] for at in range(_SINGLY, len(bad), _TOGETHER)]
    waiting += [[at] for at in bad[:_SINGLY]]
    patience = _Patience(_READINGS)
    while waiting:
        group = waiting.pop()
        entries = patience.read(cut.keep(group), thoroughly=group[0] < thorough)
        if len(entries) == len(group):
            for at, entry in zip(group, entries, strict=True):
                found[at] = (entry,)
        elif len(group) == 1:
            found[group[0]] = entries
        else:
            half = len(group) // 2
            waiting += [group[half:], group[:half]]
    return found


@dataclass(slots=True)
class _Patience:
    """Reads what native code refuses: with feedparser ``readings`` times, and with the fast parser's own repairs."""

    readings: int

    def read(self, piece: Pieces, *, thoroughly: bool) -> Sequence[RawEntry]:
        """The entries of ``piece``; ``thoroughly``: feedparser comes first, else it is asked about what is left."""
        found = self._by_feedparser(piece) if thoroughly else ()
        found = found or fast.salvage(piece.document())
        return found or (() if thoroughly else self._by_feedparser(piece))

    def _by_feedparser(self, piece: Pieces) -> Sequence[RawEntry]:
        self.readings -= 1
        found = _read_bare(piece) if self.readings >= 0 else ()
        if len(found) != len(piece.entries):
            return found
        return [_completed(entry, alone) for entry, alone in zip(found, piece.singly(), strict=True)]


def _read_piece(piece: Pieces) -> Sequence[RawEntry]:
    return () if piece.hold_more() else fast.read_native(piece) or ()


def _completed(entry: RawEntry, piece: Pieces) -> RawEntry:
    """``entry``, which feedparser read, with what only the fast parser sees: behind a title without end, for one."""
    if not (entry.title and entry.link and (entry.summary or entry.content)):
        for other in fast.salvage(piece.document())[:1]:
            entry.title = entry.title or other.title
            entry.link = entry.link or other.link
            entry.id = entry.id or other.id
            if not entry.summary and not entry.content:
                entry.summary, entry.content = other.summary, other.content
    return entry


def _read_bare(cut: Pieces) -> Sequence[RawEntry]:
    from monitor.parse import tolerant  # loads feedparser, which most documents do not need

    try:
        return tolerant.read(cut.document()).entries
    except UnreadableError:
        return ()


def _read_whole(url: str, body: bytes, top: head.Head, begun: int) -> Sequence[RawEntry]:
    """The entries, as feedparser sees them; what the head did not say is filled in."""
    from monitor.parse import tolerant

    try:
        raw = tolerant.read(body, begun)
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
    dates = [entry.published for entry in reading.entries]
    kept = [reading.entries[at] for at in _newest(dates)]
    return Reading(reading.head, kept, reading.warnings, reading.loss or _too_many(dates))


def _newest(dates: Sequence[str]) -> list[int]:
    """Where the newest ``MAX_ENTRIES`` of more stand, by their ``dates`` (ISO 8601, in UTC).

    One without a date counts as old as the one before it. Without any, the new ones may stand at either end.
    """
    if not any(dates):
        half = MAX_ENTRIES // 2
        return [*range(half), *range(len(dates) - (MAX_ENTRIES - half), len(dates))]
    last = ""
    filled = [last := date or last for date in dates]
    order = sorted(range(len(filled)), key=filled.__getitem__, reverse=True)
    return sorted(order[:MAX_ENTRIES])


def _too_many(dates: Sequence[str]) -> str:
    which = f"only the newest {MAX_ENTRIES:,}" if any(dates) else f"none is dated, and {MAX_ENTRIES:,} at both ends"
    return f"it shows {len(dates):,} entries: {which} are read"
