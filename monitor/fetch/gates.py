"""How many requests run at a time, overall and for each host, and which connections stay open between them.

And how many large bodies are held at a time: fifty that are read in slow motion, or wait to be parsed, would fill the
memory.
"""

from __future__ import annotations

from asyncio import CancelledError, Semaphore, Task, Timeout, current_task, get_running_loop
from collections import OrderedDict
from collections.abc import Hashable
from types import TracebackType
from typing import Any, Self


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
    """Places for bodies of more than ``large`` bytes. Small ones never wait for one.

    A complete body keeps its place until the task that fetched it ends: until then it waits to be parsed, and many of
    them would fill the memory. A task has one place at most. While any complete body has a place, those who wait for
    one wait for this program and not for their servers, so their deadlines stand still; parsing comes to an end.
    """

    def __init__(self, places: int, large: int) -> None:
        self.large = large
        self._free = Semaphore(places)
        self._holders: set[Task[Any]] = set()
        self._complete = 0
        self._waiting: dict[Timeout, float | None] = {}  # with what is left to those that stand still

    def place(self, deadline: Timeout) -> Place:
        """For ``async with``, around the reading of one body."""
        return Place(self, deadline)

    async def take(self, deadline: Timeout) -> Task[Any] | None:
        """Wait for a place for the running task; None when it has one."""
        task = current_task()
        if task is None or task in self._holders:
            return None
        self._waiting[deadline] = None
        self._pause()
        try:
            await self._free.acquire()
        finally:
            self._resume(deadline)
            del self._waiting[deadline]
        self._holders.add(task)
        return task

    def give_back(self, task: Task[Any]) -> None:
        """A body could not be read: its task's place is free."""
        self._holders.discard(task)
        self._free.release()

    def keep(self, task: Task[Any]) -> None:
        """A body is complete: its place is free when its task ends."""
        self._complete += 1
        self._pause()
        task.add_done_callback(self._done)

    def _done(self, task: Task[Any]) -> None:
        self._complete -= 1
        self.give_back(task)
        if not self._complete:
            for deadline in self._waiting:
                self._resume(deadline)

    def _pause(self) -> None:
        now = get_running_loop().time()
        for deadline, left in self._waiting.items():
            when = deadline.when()
            if self._complete and left is None and when is not None and not deadline.expired():
                self._waiting[deadline] = when - now
                deadline.reschedule(None)

    def _resume(self, deadline: Timeout) -> None:
        left, self._waiting[deadline] = self._waiting[deadline], None
        if left is not None:
            deadline.reschedule(get_running_loop().time() + left)


class Place:
    """One body's place, taken once it is large."""

    __slots__ = ("_bodies", "_deadline", "_large", "_task")

    def __init__(self, bodies: LargeBodies, deadline: Timeout) -> None:
        self._bodies = bodies
        self._deadline = deadline
        self._large = False
        self._task: Task[Any] | None = None

    async def hold(self, size: int) -> None:
        """Go on at once with a body that is small so far, or has its place; else wait until a place is free."""
        if size > self._bodies.large and not self._large:
            self._task = await self._bodies.take(self._deadline)
            self._large = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            (self._bodies.keep if error is None else self._bodies.give_back)(self._task)
