"""How many requests run at a time: overall and for each host, so that a slow host holds up nobody but itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class _Gate:
    slots: asyncio.Semaphore
    users: int = 0  # running and waiting


class HostGates:
    """Hands out slots. Those who wait for their host hold no overall slot. Remembers only hosts in use."""

    def __init__(self, total: int, per_host: int) -> None:
        self._total = asyncio.Semaphore(total)
        self._per_host = per_host
        self._gates: dict[Hashable, _Gate] = {}

    @asynccontextmanager
    async def slot(self, host: Hashable) -> AsyncIterator[None]:
        """Wait for a slot of ``host``, then for one of all, and hold both."""
        gate = self._gates.setdefault(host, _Gate(asyncio.Semaphore(self._per_host)))
        gate.users += 1
        try:
            async with gate.slots, self._total:
                yield
        finally:
            gate.users -= 1
            if not gate.users:
                del self._gates[host]
