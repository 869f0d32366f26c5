"""Tells a monitor such as healthchecks.io that a pass ended, and how (https://healthchecks.io/docs/http_api/)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

from monitor import __version__
from monitor.config.model import PingConfig
from monitor.fetch.client import HttpFetcher
from monitor.model import FetchFailed, FetchRequest

log = logging.getLogger(__name__)

_ENOUGH = 64 * 1024  # bytes of an answer that nobody reads


async def ping(config: PingConfig, contact: str, allow: Sequence[str], *, well: bool) -> None:
    """Ask the monitor's address, with ``/fail`` behind its path when the pass failed. It is secret: no log names it.

    A ping that does not arrive is logged and changes nothing.
    """
    assert config.url is not None  # the configuration is not valid without it
    fetcher = HttpFetcher(
        contact, __version__, timeout=config.timeout, max_bytes=_ENOUGH, concurrency=1, per_host=1, allow=allow
    )
    try:
        result = await fetcher.fetch(FetchRequest(address(config.url.reveal(), well=well)))
    finally:
        await fetcher.aclose()
    if isinstance(result, FetchFailed) and (result.status or 0) // 100 != 2:  # a feed would not say 204, a monitor may
        reason = f"it answered {result.status}" if result.status else result.reason
        log.warning("the monitor was not told how the pass went: %s", reason)


def address(url: str, *, well: bool) -> str:
    """What to ask: ``url``, or its ``/fail``; a query stays at the end."""
    if well:
        return url
    parts = urlsplit(url)
    return parts._replace(path=parts.path.rstrip("/") + "/fail").geturl()
