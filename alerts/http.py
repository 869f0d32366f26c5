"""Webhook posting with plain httpx, for programs that have no guarded door of their own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache

import httpx

from alerts.errors import PostError
from alerts.model import HttpAnswer

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


@cache
def _trust() -> ssl.SSLContext:
    """The authorities that are believed: read once, for that takes longer than to post."""
    return httpx.create_ssl_context(trust_env=False)


class HttpxPoster:
    """Posts to any address: no redirects, no proxies from the environment, no cookies, the answer's body unread."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(verify=_trust(), trust_env=False, follow_redirects=False)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> HttpAnswer:
        """POST ``body`` within ``deadline`` seconds; raises ``PostError`` when no status came back."""
        # Half the time for connecting, so that a host that cannot be reached is told from one that does not answer.
        limits = httpx.Timeout(deadline, connect=deadline / 2, pool=deadline / 2)
        try:
            async with (
                asyncio.timeout(deadline),
                self._client.stream("POST", url, content=body, headers=dict(headers), timeout=limits) as answer,
            ):
                return HttpAnswer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()})
        except _NOT_SENT as error:
            raise PostError(f"cannot connect: {error}", sent=False) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise PostError(f"no answer: {error or type(error).__name__}", sent=True) from error
        finally:
            self._client.cookies.clear()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()
