"""How many requests run at a time, overall and for each host, and which connections stay open between them.

And how many large bodies are read at a time: fifty that are read in slow motion would fill the memory.
"""

from __future__ import annotations

from asyncio import CancelledError, Semaphore
from collections import OrderedDict
from collections.abc import Hashable
from types import TracebackType
from typing import Self


class HostGates:
    """Hands out slots. Those who wait for their host hold no overall slot, so a slow host holds up only itself."""

    def __init__(self, total: int, per_host: int) -> None:
        self._total = Semaphore(total)
        self._per_host = per_host
        self._gates: dict[Hashable, Gate] = {}

    def slot(self, host: Hashable) -> Gate:
        """For ``async with``: waits for a slot of ``host``, then for one of all, and holds both."""
        gate = self._gates.get(host)
        if gate is None:
            gate = self._gates[host] = Gate(self._gates, host, self._total, self._per_host)
        return gate

    def __len__(self) -> int:
        """How many hosts are in use."""
        return len(self._gates)


class Gate:
    """One host's slots; forgotten when nobody uses or awaits one."""

    __slots__ = ("_gates", "_host", "_own", "_total", "_users")

    def __init__(self, gates: dict[Hashable, Gate], host: Hashable, total: Semaphore, per_host: int) -> None:
        self._gates = gates
        self._host = host
        self._total = total
        self._own = Semaphore(per_host)
        self._users = 0

    async def __aenter__(self) -> None:
        self._users += 1
        try:
            await self._own.acquire()
        except CancelledError:
            self._leave()
            raise
        try:
            await self._total.acquire()
        except CancelledError:
            self._own.release()
            self._leave()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._total.release()
        self._own.release()
        self._leave()

    def _leave(self) -> None:
        self._users -= 1
        if not self._users:
            del self._gates[self._host]


class WarmHosts:
    """Which connections stay open after a request: those to hosts that are asked again within ``seconds``.

    At most ``limit`` hosts at a time: without a bound, a pass over thousands of hosts would hold as many sockets.
    """

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._until: OrderedDict[Hashable, float] = OrderedDict()  # when each host is forgotten, soonest first
        self._warm: set[Hashable] = set()

    def keep(self, host: Hashable, now: float) -> bool:
        """True when the connection of a request that starts at ``now`` is to stay open after it."""
        while self._until and next(iter(self._until.values())) <= now:
            forgotten, _ = self._until.popitem(last=False)
            self._warm.discard(forgotten)
        if host in self._until and len(self._warm) < self._limit:
            self._warm.add(host)
        self._until[host] = now + self._seconds
        self._until.move_to_end(host)
        return host in self._warm


class LargeBodies:
    """Places for bodies of more than ``large`` bytes. Small ones never wait for one."""

    def __init__(self, places: int, large: int) -> None:
        self._free = Semaphore(places)
        self._large = large

    def place(self) -> Place:
        """For ``async with``: gives the place back at the end if one was taken."""
        return Place(self._free, self._large)


class Place:
    """One body's place, taken once it is large."""

    __slots__ = ("_free", "_large", "_taken")

    def __init__(self, free: Semaphore, large: int) -> None:
        self._free = free
        self._large = large
        self._taken = False

    async def hold(self, size: int) -> None:
        """Go on at once with a body that is small so far, or has its place; else wait until a place is free."""
        if size > self._large and not self._taken:
            await self._free.acquire()
            self._taken = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._taken:
            self._free.release()
