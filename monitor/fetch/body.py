"""A body taken in chunk by chunk, inflated in bounded steps and complete at its end. Pure.

HTTP libraries inflate without a bound and take half a gzip stream for a whole one; both matter to a program that
reads what strangers serve.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Sequence

from monitor.text.quote import quoted

GZIP_NAMES = frozenset({"gzip", "x-gzip"})  # RFC 9110, 8.4.1.3
_COMPRESSED = frozenset({"br", "zstd", "deflate", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"})
_TEXT = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*[<{]")  # how XML and JSON begin
_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib: gzip framing only, with its checksum and length verified at the end
_STEP = 1 << 16
_PIECE = 1 << 10


class BodyError(Exception):
    """A body that cannot be used; the text says why, in a user's words, and ``advice`` what to do, "" when nothing."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.advice = advice


class Body:
    """Collects one body of at most ``limit`` bytes, as sent and as inflated.

    ``coding`` is the Content-Encoding. Without one, a body that starts like gzip is inflated too (a common
    misconfiguration); the result is never inflated a second time. One that is none, such as ``UTF-8``, or several, mean
    nothing more as long as the body begins as a feed does.
    """

    def __init__(self, coding: str, limit: int) -> None:
        named = [name for name in map(str.strip, coding.lower().split(",")) if name not in ("", "identity")]
        names = set(named)
        self._coding = quoted(coding)
        if names & _COMPRESSED:
            raise self._unwanted()
        self._gzip: _Gunzip | None = _Gunzip(limit) if names & GZIP_NAMES else None
        self._doubtful = len(named) > 1 or bool(names - GZIP_NAMES)
        self._sniff = self._gzip is None and (self._doubtful or not coding)
        self._plain = io.BytesIO()
        self._limit = limit
        self._taken = 0

    @property
    def size(self) -> int:
        """How many bytes are held."""
        return self._plain.tell() if self._gzip is None else self._gzip.size

    def pieces(self, chunk: bytes) -> Sequence[bytes]:
        """``chunk`` in pieces none of which makes the body grow by more than about 1 MiB: gzip packs 1,032 to 1."""
        if self._gzip is None and not (self._sniff and chunk.startswith(_MAGIC)):
            return (chunk,)
        return [chunk[at : at + _PIECE] for at in range(0, len(chunk), _PIECE)]

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; raises ``BodyError`` when they cannot belong to a usable body."""
        self._taken += len(chunk)
        if self._taken > self._limit:
            raise too_large(self._limit)
        if self._sniff and chunk:
            self._sniff = False
            self._gzip = _Gunzip(self._limit) if chunk.startswith(_MAGIC) else None
        if self._gzip is None:
            self._plain.write(chunk)
        else:
            self._gzip.feed(chunk)

    def finish(self) -> bytes:
        """The whole body; raises ``BodyError`` when it is empty or a compressed one has not ended."""
        content = self._plain.getvalue() if self._gzip is None else self._gzip.finish()
        if not content:
            raise BodyError("the site sent an empty answer")
        if self._doubtful and not _TEXT.match(content):
            raise self._unwanted()
        return content

    def _unwanted(self) -> BodyError:
        return BodyError(f"the answer is compressed in a way that was not asked for, {self._coding}")


class _Gunzip:
    """A gzip stream of one or more members (RFC 1952, 2.2). What follows the last member is ignored."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._out = io.BytesIO()
        self._member: zlib._Decompress | None = None
        self._between = b""  # bytes after a member, not yet enough to tell whether another one starts
        self._members = 0
        self._ended = False

    @property
    def size(self) -> int:
        return self._out.tell()

    def feed(self, chunk: bytes) -> None:
        while chunk and not self._ended:
            if self._member is None:
                chunk = self._start(chunk)
            if self._member is not None:
                chunk = self._inflate(self._member, chunk)

    def finish(self) -> bytes:
        if self._member is not None or self._between or not self._members:
            raise BodyError("the answer was cut off: its compressed body has no end")
        return self._out.getvalue()

    def _start(self, chunk: bytes) -> bytes:
        """Begin the next member when its first two bytes are there; anything else after a member is padding."""
        head = self._between + chunk
        if self._members and not _MAGIC.startswith(head[:2]):
            self._ended, self._between = True, b""
            return b""
        if len(head) < len(_MAGIC):
            self._between = head
            return b""
        self._member, self._between = zlib.decompressobj(_GZIP_WINDOW), b""
        return head

    def _inflate(self, member: zlib._Decompress, chunk: bytes) -> bytes:
        """Inflate in steps, so that no chunk can take more memory than the limit; returns what follows the member."""
        while True:
            try:
                self._out.write(member.decompress(chunk, _STEP))
            except zlib.error:
                raise BodyError("the answer's compressed body is damaged") from None
            if self._out.tell() > self._limit:
                raise too_large(self._limit)
            if member.eof:
                self._member = None
                self._members += 1
                return member.unused_data
            chunk = member.unconsumed_tail
            if not chunk:
                return b""


def too_large(limit: int) -> BodyError:
    """The refusal of a body beyond ``limit`` bytes."""
    size = f"{limit / 2**20:.3g} MiB" if limit >= 2**20 else f"{limit:,} bytes"
    return BodyError(f"the answer is larger than {size}", "raise fetch.max_bytes if this feed really is that large")
