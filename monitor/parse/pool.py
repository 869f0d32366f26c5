"""The parser port on worker processes that can be killed: what a document does stays in there.

One worker serves all while documents behave. It takes small documents in batches, to spare both sides system calls,
and large ones when no small one waits. A document that holds its worker for longer than ``patience`` loses the queue
behind it to another worker, of which there are at most ``workers``; the held one goes on with that document alone, at
a lower priority, and ends with it. Large and slow documents may have all workers but one. When the last one is held
too, its document is put off until another is free. So an ordinary document waits for a hostile one no longer than
``patience`` and a fork (see ``nursery``). When nothing waits any more, all workers but one end.

``patience`` means processor time that the worker had: on a busy machine one that is kept from running is not taken
for one that is stuck, or each would call for another. A worker ends itself when a document takes more than
``cpu_seconds``, and after a document that made it big; the pool kills one that has had no processor time at all for
``deadline`` seconds, for it gets no further.
When the pool's process ends, however it ends, so do the workers' sockets, and they with them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from monitor.errors import ParseError
from monitor.model import Document, ParsedFeed
from monitor.parse import frames
from monitor.parse.nursery import Nursery

log = logging.getLogger(__name__)

_MEBIBYTE: Final = 1_048_576
_BATCH_DOCUMENTS: Final = 16
_BATCH_BYTES: Final = 262_144
_LARGE: Final = 262_144  # bytes of a document that has to let smaller ones pass
_NICE: Final = 5  # a held worker lets the others go first
_STARTING: Final = 60.0  # seconds: where others keep the processors busy, imports alone may take ten
_STUCK: Final = 0.8  # a document that had this share of ``patience`` to itself is held
_PROCESS_CLOCK: Final = 2  # CPUCLOCK_SCHED of Linux: with a process number, the clock of what that process has used
_CLOSED: Final = "the program stopped before it was read"


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one document may cost, and how many workers there may be."""

    workers: int = 4  # at least 2, so that a hostile document never holds the only one
    cpu_seconds: float = 1.9
    memory: int = 256 * _MEBIBYTE  # a worker's address space, in bytes
    recycle: int = 96 * _MEBIBYTE  # a worker that ever held more ends after its batch
    patience: float = 0.1  # seconds
    deadline: float = 30.0  # seconds without any progress


@dataclass(slots=True, eq=False)
class _Task:
    """A document on its way. ``slow``: it is large, or was put off because it held the last worker."""

    document: Document
    answer: asyncio.Future[ParsedFeed]
    slow: bool
    put_off: bool = False

    def settle(self, answer: ParsedFeed | str) -> None:
        """Hand over a feed, or say what is wrong; nothing when the caller has gone or was answered."""
        if self.answer.done():
            return
        if isinstance(answer, str):
            self.answer.set_exception(ParseError(self.document.url, answer))
        else:
            self.answer.set_result(answer)


class ProcessParser:
    """The ``Parser`` port. Starts its first worker with the first document; belongs to one event loop."""

    def __init__(self, limits: ParseLimits | None = None) -> None:
        self._limits = limits or ParseLimits()
        self._waiting: deque[_Task] = deque()
        self._slow: deque[_Task] = deque()
        self._workers: list[_Worker] = []
        self._leaving: set[_Worker] = set()
        self._starting: asyncio.Task[None] | None = None
        self._closed = False
        bounds = (self._limits.cpu_seconds, self._limits.memory, self._limits.recycle)
        self._nursery = Nursery([str(bound) for bound in bounds], _STARTING)

    async def parse(self, document: Document) -> ParsedFeed:
        """Read ``document``; raises ``ParseError`` when it is no feed or could not be read within the limits."""
        if self._closed:
            raise ParseError(document.url, _CLOSED)
        task = _Task(document, asyncio.get_running_loop().create_future(), slow=len(document.body) > _LARGE)
        (self._slow if task.slow else self._waiting).append(task)
        self._dispatch()
        return await task.answer

    async def aclose(self) -> None:
        """End every worker; documents still on their way fail with ``ParseError``."""
        self._closed = True
        for task in (*self._waiting, *self._slow):
            task.settle(_CLOSED)
        if self._starting:
            await self._starting
        await asyncio.gather(*(worker.end() for worker in (*self._workers, *self._leaving)))
        await self._nursery.aclose()

    def _dispatch(self) -> None:
        """Give waiting documents to idle workers; start one more when all are held."""
        while self._waiting or self._slow:
            worker = next((worker for worker in self._workers if worker.idle), None)
            if worker is None:
                self._grow()
                return
            batch = self._next_batch()
            if not batch:
                return
            worker.take(batch)

    def _grow(self) -> None:
        room = self._limits.workers if self._waiting else self._limits.workers - 1  # the last is for small documents
        if self._starting is None and len(self._workers) < room and all(worker.held for worker in self._workers):
            self._starting = asyncio.get_running_loop().create_task(self._start())

    def _next_batch(self) -> list[_Task]:
        """Small documents; when there is none a slow one, if that leaves a worker for small ones to come."""
        batch: list[_Task] = []
        size = 0
        while self._waiting and len(batch) < _BATCH_DOCUMENTS and size < _BATCH_BYTES:
            task = self._waiting.popleft()
            if not task.answer.done():
                batch.append(task)
                size += len(task.document.body)
        while not batch and self._slow and sum(worker.slow for worker in self._workers) < self._limits.workers - 1:
            task = self._slow.popleft()
            if not task.answer.done():
                batch.append(task)
        return batch

    def _put_back(self, tasks: Iterable[_Task]) -> None:
        for task in reversed(tuple(tasks)):
            if not task.answer.done():
                (self._slow if task.slow else self._waiting).appendleft(task)

    async def _start(self) -> None:
        worker: _Worker | None = None
        try:
            worker = await self._bear()
        except Exception as error:
            log.exception("no process could be started to read feeds")
            self._refuse(f"no process could be started to read it: {error}")
        self._starting = None
        if worker is not None and worker.gone.done():
            self._refuse("the process that was to read it ended at once")
        elif worker is not None:
            self._workers.append(worker)
            self._dispatch()

    async def _bear(self) -> _Worker:
        loop, worker = asyncio.get_running_loop(), _Worker(self, self._nursery, self._limits)
        ours, theirs = socket.socketpair()
        with theirs:
            await loop.create_unix_connection(lambda: worker, sock=ours)
            try:
                worker.pid = await self._nursery.bear(worker, theirs)
            except BaseException:
                worker.abandon()
                raise
        return worker

    def _refuse(self, reason: str) -> None:
        while self._waiting or self._slow:
            (self._waiting or self._slow).popleft().settle(reason)

    # What workers report ------------------------------------------------------------------------

    def is_free(self, worker: _Worker) -> None:
        """``worker`` has answered everything."""
        if not worker.released:
            self._dispatch()
        others = any(not other.held for other in self._workers if other is not worker)
        if worker.released or (not worker.tasks and others):
            self._workers.remove(worker)
            self._leaving.add(worker)
            worker.retire()
            self._dispatch()

    def is_held(self, worker: _Worker) -> None:
        """``worker`` has been busy with one document for longer than ``patience``."""
        self._put_back(worker.release())
        first = worker.tasks[0]
        if not first.put_off and sum(other.held for other in self._workers) >= self._limits.workers:
            first.slow = first.put_off = worker.putting_off = True
            worker.kill()
        self._dispatch()

    def is_gone(self, worker: _Worker, returncode: int) -> None:
        """``worker`` has ended. Its first document is to blame, unless it ended by itself or was to make room."""
        self._leaving.discard(worker)
        if worker not in self._workers:
            return
        self._workers.remove(worker)
        behind = worker.release()
        if worker.tasks:
            first = worker.tasks[0]
            if worker.putting_off or (returncode == 0 and worker.answered):
                behind.insert(0, first)
            else:
                first.settle(_cause(returncode, self._limits))
        self._put_back(behind)
        if self._closed:
            self._refuse(_CLOSED)
        self._dispatch()


class _Worker(asyncio.Protocol):
    """One process and the documents that it has been given, in the order of its answers."""

    def __init__(self, pool: ProcessParser, nursery: Nursery, limits: ParseLimits) -> None:
        self.pid = 0
        self.tasks: deque[_Task] = deque()
        self._turn = 0  # the number of the first of them
        self._given = 0  # how many it was ever given
        self.held = False
        self.released = False
        self.answered = False  # anything at all: a process that ends before it does must not be started for ever
        self.putting_off = False  # killed to make room, not for what its document did
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pool = pool
        self._nursery = nursery
        self._limits = limits
        self._buffer = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._since = self._spent = 0.0  # when the first document's turn came, and the CPU seconds used by then
        self._returncode: int | None = None
        self._drained = False

    def take(self, tasks: list[_Task]) -> None:
        """Send documents to the process, which is idle."""
        self.tasks.extend(tasks)
        self._turn = self._given
        self._given += len(tasks)
        self._transport.write(frames.pack_documents([task.document for task in tasks], self._turn))
        self._watch()

    def release(self) -> list[_Task]:
        """The documents behind the first, to be read elsewhere; this process goes slow and ends with the first."""
        behind = list(self.tasks)[1:]
        self.tasks = deque(list(self.tasks)[:1])
        self.released = True
        with contextlib.suppress(OSError):  # it has just ended, or the service manager forbids it
            os.setpriority(os.PRIO_PROCESS, self.pid, _NICE)
        return behind

    @property
    def idle(self) -> bool:
        """Whether it can be given documents."""
        return not self.tasks and not self.released

    @property
    def slow(self) -> bool:
        """Whether it is busy with a document that may take long."""
        return bool(self.tasks) and (self.held or self.tasks[0].slow)

    def retire(self) -> None:
        """Let the process end as soon as it has nothing to do: its input ends."""
        if self.released:
            self.kill()  # it may be reading what another one reads
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()

    def kill(self) -> None:
        """End the process now."""
        self._nursery.kill(self.pid)

    def abandon(self) -> None:
        """The process is out of reach, or there will be none."""
        self._transport.abort()

    async def end(self) -> None:
        """End the process: when it is idle by ending its input, which it waits for."""
        self.retire()
        if self.tasks:
            self.kill()
        done, _ = await asyncio.wait([self.gone], timeout=self._limits.deadline)
        if not done:
            self.kill()
            await self.gone

    # What asyncio and the nursery report --------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a way to the process."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers, or a part of one."""
        self._buffer += data
        waiting = len(self.tasks)
        try:
            for number, payload in frames.split_frames(self._buffer):
                if number != self._turn or not self.tasks:
                    continue  # about what was given to another worker since
                task = self.tasks[0]
                task.settle(frames.unpack_answer(payload, task.document.url))
                self.tasks.popleft()
                self._turn += 1
        except Exception:
            # A process of another version, after an upgrade under a running program: whatever it says means nothing.
            log.exception("a parse worker's answer could not be read")
            self.kill()
            return
        if len(self.tasks) == waiting:
            return
        self.answered = True
        self._watch()
        if not self.tasks:
            self._pool.is_free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Everything that the process wrote was read."""
        self._drained = True
        self._end()

    def ended(self, returncode: int) -> None:
        """The process has ended."""
        self._returncode = returncode
        self._end()

    def _end(self) -> None:
        self._unwatch()
        if self._drained and self._returncode is not None and not self.gone.done():
            self.gone.set_result(None)
            self._pool.is_gone(self, self._returncode)

    def _watch(self) -> None:
        """From now on the first document counts as being read."""
        self._unwatch()
        self.held = False
        if self.tasks:
            loop = asyncio.get_running_loop()
            self._since, self._spent = loop.time(), _processor_seconds(self.pid)
            self._timer = loop.call_later(self._limits.patience, self._hold)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _hold(self) -> None:
        loop, patience = asyncio.get_running_loop(), self._limits.patience
        missing = patience - (_processor_seconds(self.pid) - self._spent)
        if missing > (1 - _STUCK) * patience and loop.time() - self._since < self._limits.deadline:
            self._timer = loop.call_later(missing, self._hold)
            return
        self.held = True
        self._bear_with(-1.0)
        self._pool.is_held(self)

    def _bear_with(self, spent: float) -> None:
        """Let the held process go on as long as it gets any processor time: with that it comes to an end by itself."""
        now = _processor_seconds(self.pid)
        if now > spent:
            self._timer = asyncio.get_running_loop().call_later(self._limits.deadline, self._bear_with, now)
        else:
            self.kill()


def _processor_seconds(pid: int) -> float:
    """The processor time that a process has used so far; 0 when it is gone."""
    try:
        return time.clock_gettime(~pid << 3 | _PROCESS_CLOCK)
    except OSError:
        return 0.0


def _cause(returncode: int, limits: ParseLimits) -> str:
    """Why a worker's end is its document's fault, in a user's words."""
    if returncode == -signal.SIGPROF:
        return f"reading this feed took more than {limits.cpu_seconds:g} s of processor time, so it was stopped"
    if returncode == -signal.SIGKILL:
        return "reading this feed took too long or too much memory, so it was stopped"
    return f"reading this feed ended its process (status {returncode})"
