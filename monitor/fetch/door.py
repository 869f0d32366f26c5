"""The one door to the network: a guarded, bounded connection pool behind httpx's transport interface.

httpx-aiohttp's transport is called directly. ``httpx.Client`` would add cookies and redirects, which this project
does by hand or not at all, and its own pool costs ten times the CPU (docs/performance.md).
"""

from __future__ import annotations

import functools
import ssl

import aiohttp
import certifi
import httpx
from httpx_aiohttp import AiohttpTransport

from monitor.fetch.guard import AllowList
from monitor.fetch.resolver import GuardedResolver, Lookup, system_lookup

MAX_FIELD = 128 * 1024  # bytes of one header field
MAX_FIELDS = 512
KEEP_ALIVE = 15.0  # seconds
DNS_TTL = 60  # seconds

# Whatever a server, a name server or a certificate can make the libraries below raise.
NETWORK_ERRORS = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, UnicodeError)


@functools.cache
def tls_context() -> ssl.SSLContext:
    """The one TLS context: the machine's certificate authorities and certifi's, so that either suffices."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class Door:
    """Sends requests to addresses that the guard lets pass. Opens its pool inside the running loop, at first use."""

    def __init__(
        self,
        allow: AllowList,
        *,
        connections: int,
        tls: ssl.SSLContext | None = None,
        lookup: Lookup = system_lookup,
    ) -> None:
        self.allow = allow
        self._connections = connections
        self._tls = tls
        self._lookup = lookup
        self._transport: AiohttpTransport | None = None

    async def send(self, request: httpx.Request) -> httpx.Response:
        """One exchange, up to the end of the answer's header. The caller reads and closes the response's stream."""
        transport = self._transport or self._open()
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._transport is not None:
            await self._transport.aclose()
            self._transport = None

    def _open(self) -> AiohttpTransport:
        tls = self._tls or tls_context()
        connector = aiohttp.TCPConnector(
            limit=self._connections,
            ssl=tls,
            resolver=GuardedResolver(self.allow, self._lookup),
            ttl_dns_cache=DNS_TTL,
            keepalive_timeout=KEEP_ALIVE,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(),
            max_line_size=MAX_FIELD,
            max_field_size=MAX_FIELD,
            max_headers=MAX_FIELDS,
        )
        self._transport = AiohttpTransport(verify=tls, client=session)
        return self._transport
