"""Posts webhooks through the same guarded door that feeds are fetched through."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence

import httpx

from alerts.errors import PostError
from alerts.model import HttpAnswer
from monitor.fetch import failures
from monitor.fetch.door import NETWORK_ERRORS, Door, user_agent
from monitor.fetch.guard import AddressError, AllowList, check_url

_CONNECTIONS = 10


class GuardedPoster:
    """The ``HttpPoster`` port: no redirects, no cookies, public addresses only; every POST on its own connection.

    A connection that was kept open may be closed by the receiver just when it is used again, which would leave it
    unknown whether the message arrived.
    """

    def __init__(
        self, contact: str, version: str, *, allow: Sequence[str] = (), tls: ssl.SSLContext | None = None
    ) -> None:
        self._door = Door(AllowList.parse(allow), connections=_CONNECTIONS, tls=tls)
        self._fields = {"user-agent": user_agent(contact, version), "accept": "*/*", "connection": "close"}

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> HttpAnswer:
        """POST ``body`` within ``deadline`` seconds; the answer's body is not read, its field names are lower-case.

        Raises ``PostError`` when no status came back; its ``sent`` is False only when no byte can have arrived.
        """
        content = _Content(body)
        try:
            target = check_url(url, self._door.allow)
            fields = httpx.Headers({**self._fields, **headers, "content-length": str(len(body))})
            async with asyncio.timeout(deadline):
                answer = await self._door.send(httpx.Request("POST", target.url, headers=fields, stream=content))
        except (AddressError, *NETWORK_ERRORS) as error:
            raise PostError(failures.of_error(error, deadline).reason, sent=content.started) from error
        await answer.aclose()
        return HttpAnswer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()})

    async def aclose(self) -> None:
        """Close every connection."""
        await self._door.aclose()


class _Content(httpx.AsyncByteStream):
    """A body that knows whether its sending has begun: it is asked for only once the connection stands."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.started = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.started = True
        yield self._body
