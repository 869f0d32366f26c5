"""A feed server on loopback that costs little itself: documents made beforehand, validators, 304s, latency.

``/feed/N.xml`` is a feed; ``/round/N`` sets how many further entries each has; ``/counts`` tells what was answered.
Run with ``python -m tests.bench.server FEEDS ENTRIES``; it prints its port.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter
from hashlib import blake2b

from tests.bench.corpus import document

_REQUEST = re.compile(rb"[A-Z]+ /(\w+)/?([0-9]*)\S* HTTP/1\.([01])\r\n(.*?\r\n)??\r\n", re.DOTALL)
_CONDITION = re.compile(rb"\r?\nif-none-match: *([^\r]*)", re.IGNORECASE)
_CLOSING = re.compile(rb"\r?\nconnection: *close", re.IGNORECASE)


class Site:
    """What all connections share."""

    def __init__(self, feeds: int, entries: int) -> None:
        self.entries = entries
        self.round = 0
        self.latency = 0.0
        self.counts: Counter[str] = Counter()
        self._made: dict[tuple[int, int], tuple[bytes, bytes]] = {}
        for feed in range(feeds):
            for number in (0, 1):
                self._made[feed, number] = _with_tag(document(feed, number, entries))

    def answer(self, name: bytes, number: int, head: bytes) -> bytes:
        """The whole answer to a GET of ``/name/number``."""
        if name == b"feed" and (number, self.round) in self._made:
            return self._feed(number, head)
        if name == b"round":
            self.round, self.counts = number, Counter()
        elif name == b"latency":
            self.latency = number / 1000
        elif name != b"counts":
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        body = json.dumps(self.counts).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    def _feed(self, number: int, head: bytes) -> bytes:
        tag, body = self._made[number, self.round]
        asked = _CONDITION.search(head)
        if asked and asked[1].strip() == tag:
            self.counts["304"] += 1
            return b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % tag
        self.counts["200"] += 1
        fields = b"Content-Type: application/xml; charset=utf-8\r\nETag: %s\r\nContent-Length: %d" % (tag, len(body))
        return b"HTTP/1.1 200 OK\r\n%s\r\n\r\n%s" % (fields, body)


def _with_tag(body: bytes) -> tuple[bytes, bytes]:
    return b'"%s"' % blake2b(body, digest_size=8).hexdigest().encode(), body


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._site.counts["connections"] += 1

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while found := _REQUEST.match(self._pending):
            self._pending = self._pending[found.end() :]
            head = b"\n" + (found[4] or b"")
            answer = self._site.answer(found[1], int(found[2] or 0), head)
            closing = found[3] == b"0" or _CLOSING.search(head) is not None
            late = self._site.latency if found[1] == b"feed" else 0
            if late:
                asyncio.get_running_loop().call_later(late, self._send, answer, closing)
            else:
                self._send(answer, closing)

    def _send(self, answer: bytes, closing: bool) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)
            if closing:
                self._transport.close()


async def serve(feeds: int, entries: int) -> None:
    """Serve on a free port of loopback until stopped."""
    site = Site(feeds, entries)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(site), "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
