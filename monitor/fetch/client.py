"""Fetches feeds: conditional GET, redirects by hand, bounded bodies, one deadline, politeness to hosts."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import httpx

from alerts.record import replace
from monitor.addresses import AllowList
from monitor.fetch import failures, headers, redirects, statuses
from monitor.fetch.body import Body, BodyError
from monitor.fetch.door import KEEP_ALIVE, NETWORK_ERRORS, Door, Get, user_agent
from monitor.fetch.gates import HostGates, LargeBodies, WarmHosts
from monitor.fetch.guard import AddressError, Target, check_url
from monitor.model import Fetched, FetchRequest, FetchResult, NotModified, Redirect

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
_CLOSE = {"Connection": "close"}
_GOOD = frozenset({200, 203})
LARGE = 512 * 1024  # bytes from which on a body counts as large: most feeds are a tenth of that
MOST_LARGE = 4  # of which so many are held at a time, and the others wait, unread


class HttpFetcher:
    """The Fetcher port over HTTP. Usable for the life of one event loop, which must be the same for every call.

    ``now`` is for dates in answers that do not say when they were sent; without it those say nothing.
    """

    def __init__(
        self,
        contact: str,
        version: str,
        *,
        timeout: timedelta,
        max_bytes: int,
        concurrency: int,
        per_host: int,
        allow: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._door = Door(AllowList.parse(allow), connections=concurrency, tls=tls)
        self._gates = HostGates(concurrency, per_host)
        self._large = LargeBodies(MOST_LARGE, LARGE)
        self._warm = WarmHosts(concurrency, KEEP_ALIVE)
        self._now = now or _no_time
        self._timeout = timeout.total_seconds()
        self._max_bytes = max_bytes
        self._fields = {"User-Agent": user_agent(contact, version), "Accept": ACCEPT, "Accept-Encoding": "gzip"}

    async def fetch(self, request: FetchRequest) -> FetchResult:
        """GET ``request.url``; every failure of the address, the network or the server is a ``FetchFailed``.

        The deadline counts from the moment a slot is free and covers look-ups, redirects and the body.
        """
        hops: list[Redirect] = []
        url, left = request.url, self._timeout
        while True:
            try:
                target = check_url(url, self._door.allow)
                answer, left = await self._within(target, request, left)
            except AddressError as error:
                answer = redirects.refused(error, hops).at(url)
            except NETWORK_ERRORS as error:
                answer = failures.of_error(error, self._timeout).at(url)
            if not isinstance(answer, Redirect):
                return replace(answer, redirects=tuple(hops)) if hops else answer
            problem = redirects.problem(answer, request.url, hops)
            if problem is not None:
                return replace(problem.at(url, answer.status), redirects=tuple(hops))
            hops.append(answer)
            url = answer.url

    async def aclose(self) -> None:
        """Close every connection."""
        await self._door.aclose()

    async def _within(self, target: Target, request: FetchRequest, left: float) -> tuple[FetchResult | Redirect, float]:
        """One exchange within ``left`` seconds, not counting the wait for a slot; with what remains of them."""
        clock = asyncio.get_running_loop().time
        async with self._gates.slot(target.authority):
            started = clock()
            keep = self._warm.keep(target.authority, started)
            async with asyncio.timeout(left) as deadline:
                answer = await self._exchange(target, request, keep, deadline)
            return answer, (deadline.when() or started + left) - clock()

    async def _exchange(
        self, target: Target, request: FetchRequest, keep: bool, deadline: asyncio.Timeout
    ) -> FetchResult | Redirect:
        asked = headers.conditions(request.validators)
        response = await self._door.send(
            Get(target.url, {**self._fields, **asked, **({} if keep else _CLOSE)}),
            bytewise=not all(map(str.isascii, asked.values())),
        )
        try:
            found = headers.fields(response.headers.raw)
            if response.status_code in _GOOD:
                return await self._fetched(target, response, found, deadline)
            if response.status_code == 304 and asked:
                return NotModified(target.url, headers.validators(found), headers.freshness(found, self._now()))
            if response.status_code in redirects.STATUSES:
                return Redirect(response.status_code, redirects.location(target.url, found.get(b"location", b"")))
            failed = statuses.of_status(response.status_code).at(target.url, response.status_code)
            return replace(failed, retry_after=headers.retry_after(found, self._now()))
        finally:
            await _stream(response).aclose()

    async def _fetched(
        self, target: Target, response: httpx.Response, found: headers.Fields, deadline: asyncio.Timeout
    ) -> FetchResult:
        try:
            content = await self._read(response, headers.text(found, b"content-encoding"), deadline)
        except BodyError as error:
            return failures.of_error(error, self._timeout).at(target.url, response.status_code)
        return Fetched(
            target.url,
            response.status_code,
            content,
            headers.text(found, b"content-type"),
            headers.validators(found),
            headers.freshness(found, self._now()),
        )

    async def _read(self, response: httpx.Response, coding: str, deadline: asyncio.Timeout) -> bytes:
        body = Body(coding, self._max_bytes)
        async with self._large.place(deadline) as place:
            async for chunk in _stream(response):
                for piece in body.pieces(chunk):
                    body.feed(piece)
                    await place.hold(body.size)
            return body.finish()


def _stream(response: httpx.Response) -> httpx.AsyncByteStream:
    """What the answer's body is read from: the response's own ways to it do the same in twice as many steps."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    return response.stream


def _no_time() -> None:
    """What a fetcher without a clock knows of the present."""
