"""A small web server on loopback that does exactly what a test tells it, polite or hostile.

    async with WebServer() as web:
        web.serve("/feed", b"<rss/>", etag='"1"')
        web.raw("/broken", b"HTTP/1.1 200 OK\\r\\nContent-Length: 99\\r\\n\\r\\nhalf")
        ...
        assert web.requests[0].header("user-agent") == ...

It writes its own bytes, so that it can also be wrong on purpose. Requests are remembered with their header fields in
order and as sent; ``connections`` counts those opened, ``open_now`` those open.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The first field of this name."""
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)


Handler = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


def answer(status: int, body: bytes = b"", fields: Fields = (), *, length: int | None = -1) -> bytes:
    """The bytes of an answer. ``length``: what Content-Length says; -1 the truth, None leaves it out."""
    head = [f"HTTP/1.1 {status} Reason"] + [f"{name}: {value}" for name, value in fields]
    if length is not None and status not in (204, 304):
        head.append(f"Content-Length: {len(body) if length == -1 else length}")
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body


def chunked(*chunks: bytes, end: bool = True) -> bytes:
    """A body in chunked coding; without ``end`` the last chunk is missing."""
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return framed + (b"0\r\n\r\n" if end else b"")


@dataclass
class WebServer:
    """See the module's text. An unknown path is a 404."""

    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    port: int = 0
    _handlers: dict[str, Handler] = field(default_factory=dict)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> WebServer:
        self._server = await asyncio.start_server(self._connected, self.host, 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    # ------------------------------------------------------------------------------ what tests say

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"

    def url(self, path: str) -> str:
        """The absolute address of ``path``."""
        return f"{'https' if self.tls else 'http'}://{self.authority}{path}"

    def handle(self, path: str, handler: Handler) -> None:
        """``handler`` answers requests for ``path``."""
        self._handlers[path] = handler

    def raw(self, path: str, data: bytes) -> None:
        """``path`` answers with these very bytes and hangs up."""

        async def write(request: Request, writer: asyncio.StreamWriter) -> None:
            writer.write(data)
            await writer.drain()
            writer.close()

        self.handle(path, write)

    def status(self, path: str, status: int, body: bytes = b"", fields: Fields = ()) -> None:
        """``path`` answers with this status."""

        async def write(request: Request, writer: asyncio.StreamWriter) -> None:
            writer.write(answer(status, body, fields))

        self.handle(path, write)

    def serve(self, path: str, body: bytes, fields: Fields = (), *, etag: str = "", last_modified: str = "") -> None:
        """A well-behaved page: 304 on its validators, an ETag before a date."""
        own = [pair for pair in (("ETag", etag), ("Last-Modified", last_modified)) if pair[1]]
        sent = [("Content-Type", "application/rss+xml"), *own, *fields]

        async def write(request: Request, writer: asyncio.StreamWriter) -> None:
            tag, date = request.header("if-none-match"), request.header("if-modified-since")
            known = tag == etag if tag is not None else date is not None and date == last_modified
            writer.write(answer(304, b"", sent) if known else answer(200, body, sent))

        self.handle(path, write)

    def hang(self, path: str, first: bytes = b"", drip: bytes = b"", every: float = 0.01) -> None:
        """``path`` sends ``first``, then ``drip`` for ever (silence when empty)."""

        async def write(request: Request, writer: asyncio.StreamWriter) -> None:
            writer.write(first)
            while True:
                await writer.drain()
                await asyncio.sleep(every)
                writer.write(drip)

        self.handle(path, write)

    # ------------------------------------------------------------------------------ the wire

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            async for request in _requests(reader):
                self.requests.append(request)
                await self._handlers.get(request.path, _not_found)(request, writer)
                await writer.drain()
                if writer.is_closing() or (request.header("connection") or "").lower() == "close":
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client went away, or the test is over
        finally:
            self.open_now -= 1
            self._tasks.discard(task)
            writer.close()


async def _not_found(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(404))


async def _requests(reader: asyncio.StreamReader) -> AsyncIterator[Request]:
    """The requests of one connection, until the client hangs up."""
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        fields = tuple((name, value.strip(" ")) for name, _, value in (line.partition(":") for line in lines if line))
        length = int(Request(method, target, fields).header("content-length") or 0)
        yield Request(method, target, fields, await reader.readexactly(length) if length else b"")


@asynccontextmanager
async def web_servers(count: int) -> AsyncIterator[list[WebServer]]:
    """Several servers, each a host of its own."""
    servers: list[WebServer] = []
    try:
        for _ in range(count):
            servers.append(await WebServer().__aenter__())
        yield servers
    finally:
        for server in servers:
            await server.__aexit__(None, None, None)
