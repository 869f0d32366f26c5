"""The name resolver of every connection: looks up in a thread of its own and lets only reachable addresses through.

aiohttp asks it at the moment of connecting and connects to exactly what it answers, so that a second answer of a
name server (DNS rebinding) cannot slip past the guard. Literal addresses are never resolved; ``guard.check_url``
judges those.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import TypeVar

from alerts.threads import DaemonThreads
from monitor.addresses import AllowList
from monitor.fetch.engine import aiohttp
from monitor.fetch.guard import may_reach, not_public

T = TypeVar("T")
_THREADS = DaemonThreads()
Lookup = Callable[[str, int, int], list[tuple[int, str]]]  # (host, port, family) to (family, address) pairs


def system_lookup(host: str, port: int, family: int) -> list[tuple[int, str]]:
    """The addresses of ``host`` as this machine knows them; raises ``socket.gaierror``."""
    found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    return [(int(kind), str(address[0])) for kind, _, _, _, address in found]


class GuardedResolver(aiohttp.abc.AbstractResolver):
    """Resolves names to the addresses that may be reached; raises ``AddressError`` when none is left."""

    def __init__(self, allow: AllowList, lookup: Lookup = system_lookup) -> None:
        self._allow = allow
        self._lookup = lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[aiohttp.abc.ResolveResult]:
        """The reachable addresses of ``host``."""
        found = await in_thread(lambda: self._lookup(host, port, family))
        if not self._allow.names(host, port):
            found = [(kind, address) for kind, address in found if may_reach(address, port, self._allow)]
        if not found:
            raise not_public(f"{host}:{port}", host, port, permanent=False)
        return [
            aiohttp.abc.ResolveResult(
                hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
            for kind, address in found
        ]

    async def close(self) -> None:
        """Nothing to release."""


async def in_thread(work: Callable[[], T]) -> T:
    """Run ``work`` in a daemon thread of its own.

    A look-up cannot be interrupted and may take half a minute: in a shared pool a few dead name servers would hold
    up every other host, and the end of the program would wait for them.
    """
    try:
        return await asyncio.get_running_loop().run_in_executor(_THREADS, work)
    except UnicodeError as error:  # a label that no name can have
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from error
