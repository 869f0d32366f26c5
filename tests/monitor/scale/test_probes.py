"""What a worker says of itself over HTTP."""

from __future__ import annotations

import socket

import aiohttp

from monitor.app.metrics_server import answering
from monitor.scale.probes import pages


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_a_worker_lives_and_is_ready_only_when_it_takes_jobs() -> None:
    takes_jobs, port = [False], free_port()

    async with answering(f"127.0.0.1:{port}", pages(lambda: takes_jobs[0]), "probes"), aiohttp.ClientSession() as web:

        async def status(path: str) -> int:
            async with web.get(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.status

        waiting = await status("/live"), await status("/ready")
        takes_jobs[0] = True
        assert (waiting, await status("/ready"), await status("/")) == ((200, 503), 200, 404)
