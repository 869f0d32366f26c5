"""Posts webhooks through the same kind of door that feeds are fetched through."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence

import httpx

from alerts.errors import PostError
from alerts.model import HttpAnswer
from monitor.addresses import AllowList
from monitor.fetch import failures
from monitor.fetch.door import NETWORK_ERRORS, Door, user_agent
from monitor.fetch.engine import aiohttp
from monitor.fetch.guard import AddressError, check_url


class GuardedPoster:
    """The ``HttpPoster`` port: no redirects, no cookies, public addresses only; a connection for each POST.

    A connection that was kept open may be closed by the receiver just when it is used again, which would leave it
    unknown whether the message arrived.
    """

    def __init__(
        self, contact: str, version: str, *, allow: Sequence[str] = (), tls: ssl.SSLContext | None = None
    ) -> None:
        self._allow = AllowList.parse(allow)
        self._tls = tls
        self._fields = {
            "user-agent": user_agent(contact, version),
            "accept": "*/*",
            "accept-encoding": "identity",
            "connection": "close",
        }

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> HttpAnswer:
        """POST ``body`` within ``deadline`` seconds; the answer's body is not read, its field names are lower-case.

        Raises ``PostError`` when no status came back; its ``sent`` is False only when no byte can have arrived.
        """
        connected = _Connected()
        door = Door(self._allow, connections=1, tls=self._tls, traces=[connected.trace()])
        try:
            target = check_url(url, self._allow)
            fields = self._fields | {name.lower(): value for name, value in headers.items()}
            request = httpx.Request("POST", target.url, content=body, headers=fields)
            async with asyncio.timeout(deadline):
                answer = await door.send(request)
                await answer.aclose()
        except (AddressError, *NETWORK_ERRORS) as error:
            failure = failures.of_error(error, deadline)
            text = f"{failure.reason}; {failure.advice}" if failure.advice else failure.reason
            raise PostError(text, sent=connected.happened) from error
        finally:
            await door.aclose()
        return HttpAnswer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()})

    async def aclose(self) -> None:
        """Nothing stays open between posts."""


class _Connected:
    """Whether a connection stood: from then on a request may have reached somebody."""

    def __init__(self) -> None:
        self.happened = False

    def trace(self) -> aiohttp.TraceConfig:
        """What tells this object."""
        config = aiohttp.TraceConfig()
        config.on_connection_create_end.append(self._note)
        return config

    async def _note(self, session: aiohttp.ClientSession, context: object, event: object) -> None:
        self.happened = True
