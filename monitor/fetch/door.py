"""The one door to the network: a guarded, bounded connection pool behind httpx's transport interface.

httpx-aiohttp's transport is called directly. ``httpx.Client`` would add cookies and redirects, which this project
does by hand or not at all, and its own pool costs ten times the CPU (docs/performance.md).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import httpx

from monitor.addresses import AllowList
from monitor.fetch.engine import AiohttpTransport, aiohttp
from monitor.fetch.resolver import GuardedResolver, Lookup, system_lookup
from monitor.text.quote import quoted

MAX_FIELD = 128 * 1024  # bytes of one header field
MAX_FIELDS = 512
KEEP_ALIVE = 15.0  # seconds
DNS_TTL = 60  # seconds

# Whatever a server, a name server or a certificate can make the libraries below raise.
NETWORK_ERRORS = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, UnicodeError)


def user_agent(contact: str, version: str) -> str:
    """The one identifying User-Agent: program, version, and where its owner can be reached. ASCII, else ValueError."""
    agent = f"Newsbell/{version} (+{contact})"
    if not (agent.isascii() and agent.isprintable()):
        raise ValueError(f"the contact {quoted(contact)} has characters that a User-Agent cannot hold")
    return agent


class Get(httpx.Request):
    """A GET of an address that ``guard.check_url`` has taken apart and put together again, with ``fields``.

    httpx would parse the address once more, which costs a third of the CPU time of a whole 304 exchange, and bring the
    fields into a form of its own, which costs a tenth: the transport asks for no more than names and values.
    """

    content = b""
    stream = httpx.ByteStream(b"")

    def __init__(self, url: str, fields: Mapping[str, str]) -> None:
        self.method = "GET"
        self.url = _Checked(url)
        self.headers = fields  # type: ignore[assignment]
        self.extensions = {}


class _Checked(httpx.URL):
    """An address that needs no parsing: the transport asks for its text only."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


class Door:
    """Sends requests to addresses that the guard lets pass. Opens its pool inside the running loop, at first use."""

    def __init__(
        self,
        allow: AllowList,
        *,
        connections: int,
        tls: ssl.SSLContext | None = None,
        lookup: Lookup = system_lookup,
        traces: Sequence[aiohttp.TraceConfig] = (),
    ) -> None:
        self.allow = allow
        self._connections = connections
        self._tls = tls
        self._lookup = lookup
        self._traces = traces
        self._transports: dict[tuple[bool, bool], AiohttpTransport] = {}  # by what ``_open`` is asked for

    async def send(self, request: httpx.Request, *, bytewise: bool = False) -> httpx.Response:
        """One exchange, up to the end of the answer's header. The caller reads and closes the response's stream.

        ``bytewise``: some of its fields are not ASCII (``fetch.bytewise``).
        """
        kind = (str(request.url).startswith("https:"), bytewise)
        transport = self._transports.get(kind) or self._open(*kind)
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        while self._transports:
            _, transport = self._transports.popitem()
            await transport.aclose()

    def _open(self, secure: bool, bytewise: bool) -> AiohttpTransport:
        """A pool; certificate authorities are read only for one that needs them."""
        request_class = aiohttp.ClientRequest
        if bytewise:
            from monitor.fetch.bytewise import BytewiseRequest  # hardly ever needed

            request_class = BytewiseRequest
        connector = aiohttp.TCPConnector(
            limit=self._connections,
            ssl=(self._tls or _machine_tls()) if secure else False,
            resolver=GuardedResolver(self.allow, self._lookup),
            ttl_dns_cache=DNS_TTL,
            keepalive_timeout=KEEP_ALIVE,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            request_class=request_class,
            trace_configs=list(self._traces),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(),
            max_line_size=MAX_FIELD,
            max_field_size=MAX_FIELD,
            max_headers=MAX_FIELDS,
        )
        made = self._transports[secure, bytewise] = AiohttpTransport(
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), client=session
        )
        return made


def tls_context() -> ssl.SSLContext:
    """A context that trusts the machine's certificate authorities, or certifi's where it has none."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())):
        context = ssl.create_default_context()
    else:
        import certifi  # only machines without ca-certificates need it

        context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


@cache
def _machine_tls() -> ssl.SSLContext:
    """One for all doors: webhooks open a door for each message."""
    return tls_context()
