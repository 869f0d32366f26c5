"""aiohttp behind httpx's transport interface, imported without what it would read for nothing.

It makes two TLS contexts when it is imported, and each reads every certificate authority of the machine: 70 ms of a
start, needed or not. Here it finds none, so its own contexts trust nobody; ``door`` makes the one that is used.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import httpx

from monitor.environment import overridden

__all__ = ["Answer", "Transport", "aiohttp"]

with overridden({"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}):
    import aiohttp


class Transport(httpx.AsyncBaseTransport):
    """Sends httpx's requests through a session of aiohttp, which it closes at its end.

    The errors are aiohttp's own: ``failures`` knows what they mean. To give them httpx's names, as httpx-aiohttp does,
    with timeouts and a body reader that nobody asked for, takes 7 % of all that a 304 does.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange, up to the end of the answer's header. Follows no redirect."""
        return Answer(
            await self._session.request(
                request.method,
                str(request.url),
                headers=request.headers,
                data=request.content or None,
                allow_redirects=False,
            )
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._session.close()


class Answer(httpx.Response):
    """A status, the fields, and a body in the pieces in which it comes: 16 kB at a time would take thrice as long."""

    def __init__(self, received: aiohttp.ClientResponse) -> None:
        self.status_code = received.status
        self.headers = httpx.Headers(received.raw_headers)
        self._received = received

    async def aiter_raw(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The body as it was sent; ``chunk_size`` is not heeded."""
        async for piece in self._received.content.iter_any():
            yield piece

    async def aclose(self) -> None:
        """Let the connection go: to the next request if the body was read to its end."""
        self._received.release()
        await self._received.wait_for_close()
