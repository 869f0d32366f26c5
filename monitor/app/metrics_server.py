"""The daemon's address for Prometheus on this machine, when the configuration names one."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

log = logging.getLogger(__name__)


@asynccontextmanager
async def serving(listen: str | None, text: Callable[[], str]) -> AsyncIterator[None]:
    """Answer ``GET /metrics`` at ``listen`` (host:port) with what ``text`` gives, until the end; None: do nothing.

    An address that is taken is logged: the daemon works on without it.
    """
    if listen is None:
        yield
        return
    from aiohttp import web

    from monitor.metrics import CONTENT_TYPE

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=text().encode(), headers={"Content-Type": CONTENT_TYPE})

    server = web.Application()
    server.router.add_get("/metrics", metrics)
    runner = web.AppRunner(server, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    host, _, port = listen.rpartition(":")
    try:
        await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        log.info("metrics are served at http://%s/metrics", listen)
    except OSError as error:
        log.error("metrics cannot be served at %s: %s", listen, error.strerror)
    try:
        yield
    finally:
        await runner.cleanup()
