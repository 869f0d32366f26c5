"""A document cut into its entries by their bytes, so that the unchanged ones are hashed and never parsed.

Only documents whose entries follow one another plainly can be cut: each ``</item>`` (or ``</entry>``) is followed by
the next ``<item`` or by the end. All others, such as those that quote ``</item>`` in a text, are read whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

MARK_BYTES: Final = 8
_FIRST: Final = re.compile(rb"<(item|entry)[\s>]")
_ROOT: Final = re.compile(rb"<(rss|feed|(?:[\w.-]+:)?RDF)\b([^<>]*)>")
_CHANNEL: Final = re.compile(rb"<channel\b((?:[^<>]*[^<>/])?)>")
# Texts that may quote an entry, then what begins one, in whatever case.
_OPENING: Final = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(?:[\w.-]+:)?(item|entry)(?=[\s/<>])", re.IGNORECASE | re.DOTALL
)
_TRACES: Final = (b"tem>", b"try>", b"TEM>", b"TRY>")  # of tags of entries: their own end tags are cut off
_DEFAULT_SPACE: Final = re.compile(rb"""\s(?:xmlns|version)\s*=\s*(?:"[^"]*"|'[^']*')""")
_OWN_SPACE: Final = re.compile(rb"""(\A<item\b[^<>]*?)\sxmlns\s*=\s*(?:"[^"<>]*"|'[^'<>]*')""")
_MUCH: Final = 8_192  # bytes of attributes, which would be read with each entry


@dataclass(frozen=True, slots=True)
class Pieces:
    """What stands before the entries, the entries up to their end tag, and what follows."""

    before: bytes
    entries: Sequence[bytes]
    end_tag: bytes
    after: bytes

    @property
    def around(self) -> bytes:
        """The document without its entries."""
        return self.before + self.after

    def marks(self) -> list[bytes]:
        """A hash of each entry: its fingerprint."""
        return [sha256(entry).digest()[:MARK_BYTES] for entry in self.entries]

    def keep(self, chosen: Iterable[int]) -> Pieces:
        """The document with only the ``chosen`` entries (their positions)."""
        return Pieces(self.before, [self.entries[at] for at in chosen], self.end_tag, self.after)

    def singly(self) -> Iterator[Pieces]:
        """A document for each entry, with that entry alone."""
        return (self.keep((at,)) for at in range(len(self.entries)))

    def document(self) -> bytes:
        """The ``whole``, but RSS 1.0 as RSS 2.0: the same names, but in no namespace."""
        root = _ROOT.search(self.before)
        rdf = root is not None and root[1].endswith(b"RDF")
        return (self._bare(root) if root and rdf else self).whole()

    def whole(self) -> bytes:
        """The document, put together again."""
        return self.before + b"".join([entry + self.end_tag for entry in self.entries]) + self.after

    def bare(self) -> Pieces:
        """The entries in a document that has nothing else; what is wrong around them is left behind."""
        root = _ROOT.search(self.before)
        return self._bare(root) if root else self

    def _bare(self, root: re.Match[bytes]) -> Pieces:
        if root[1] == b"feed" and self.end_tag != b"</item>":
            opening = root[0] if len(root[0]) < _MUCH else b'<feed xmlns="http://www.w3.org/2005/Atom">'
            return Pieces(opening, self.entries, self.end_tag, b"</feed>")
        channel = _CHANNEL.search(self.before)
        given = (root[2], channel[1] if channel else b"")
        attributes = [_DEFAULT_SPACE.sub(b"", each) if len(each) < _MUCH else b"" for each in given]
        before = b'<rss version="2.0"%s><channel%s>' % tuple(attributes)
        entries = self.entries
        if entries and b"xmlns=" in entries[0].partition(b">")[0]:  # each says anew that it is of RSS 1.0
            entries = [_OWN_SPACE.sub(rb"\1", entry, 1) for entry in entries]
        return Pieces(before, entries, self.end_tag, b"</channel></rss>")

    def hold_more(self) -> bool:
        """Whether more entries begin in it than it was cut into: some in capitals, or one within another."""
        inside, bare = b"".join(self.entries), self.end_tag.replace(b"/", b"")
        expected = sum([entry.startswith(bare) for entry in self.entries])
        if sum([inside.count(trace) for trace in _TRACES]) != expected and openings(inside) != len(self.entries):
            return True
        return openings(self.around) > 0


def openings(markup: bytes) -> int:
    """How many entries begin in ``markup``, in whatever case; those that a text quotes are not counted."""
    return sum(map(bool, _OPENING.findall(markup)))


def cut(body: bytes, most: int = -1) -> Pieces | None:
    """Cut ``body`` (UTF-8 XML); None when it cannot be cut safely, or has no entries, or more than ``most``."""
    first = _FIRST.search(body)
    if first is None:
        return None
    name = first[1]
    end_tag = b"</%s>" % name
    *entries, after = body[first.start() :].split(end_tag, most)
    opening = (b"<%s>" % name, b"<%s " % name, b"<%s\n" % name)
    entries = [entry.lstrip() for entry in entries]
    if not entries or not all(entry.startswith(opening) for entry in entries) or b"<" + name in after:
        return None
    return Pieces(body[: first.start()], entries, end_tag, after)
