"""Small answers over HTTP: the metrics for Prometheus, and whether a worker lives for whoever looks after it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200


@asynccontextmanager
async def serving(listen: str | None, text: Callable[[], str]) -> AsyncIterator[None]:
    """Answer ``GET /metrics`` at ``listen`` (host:port) with what ``text`` gives, until the end; None: do nothing.

    An address that is taken is logged: the daemon works on without it.
    """
    from monitor.metrics import CONTENT_TYPE

    async with answering(listen, {"/metrics": lambda: Page(text().encode(), CONTENT_TYPE)}, "metrics"):
        yield


@asynccontextmanager
async def answering(listen: str | None, pages: Mapping[str, Callable[[], Page]], what: str) -> AsyncIterator[None]:
    """Answer GET for each path of ``pages`` at ``listen`` (host:port), until the end; None: do nothing."""
    if listen is None:
        yield
        return
    from aiohttp import web

    async def answer(request: web.Request) -> web.Response:
        page = pages[request.path]()
        return web.Response(body=page.body, status=page.status, headers={"Content-Type": page.content_type})

    server = web.Application()
    for path in pages:
        server.router.add_get(path, answer)
    runner = web.AppRunner(server, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    host, _, port = listen.rpartition(":")
    try:
        await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        log.info("%s: http://%s%s", what, listen, f" http://{listen}".join(pages))
    except OSError as error:
        log.error("%s cannot be served at %s: %s", what, listen, error.strerror)
    try:
        yield
    finally:
        await runner.cleanup()
