"""Starts worker processes in milliseconds: forks of one process that has loaded what reading needs and reads nothing.

A fresh interpreter takes a third of a second of processor time to load it, which every document behind a hostile one
would wait for; a fork shares its memory, too. Orders and news cross a socket that keeps messages apart: ``FORK`` comes
with the worker's own socket, over which documents and answers go without passing through the nursery.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from monitor.parse.orders import BORN, ENDED, FORK, KILL, NEWS, READY

log = logging.getLogger(__name__)

_SOURCE_ROOT: Final = Path(__file__).resolve().parents[2]


class Child(Protocol):
    """What is told of the end of a worker."""

    def ended(self, returncode: int) -> None:
        """The process has ended: negative for a signal, as ``subprocess`` has it."""
        ...

    def abandon(self) -> None:
        """Nobody can tell how the process is any more: let it go."""
        ...


class Nursery:
    """The process, started when it is first asked for a worker and again should it have ended. For one event loop.

    ``arguments``: those of ``monitor.parse.worker``. ``deadline``: seconds that a start, or its end, may take.
    """

    def __init__(self, arguments: Sequence[str], deadline: float) -> None:
        self._arguments = arguments
        self._deadline = deadline
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._ready: asyncio.Future[None] | None = None
        self._expected: tuple[asyncio.Future[int], Child] | None = None
        self._children: dict[int, Child] = {}

    async def bear(self, child: Child, theirs: socket.socket) -> int:
        """Start a worker at the other end of ``theirs``; returns its process number. One at a time.

        Raises ``OSError`` when there can be none.
        """
        try:
            async with asyncio.timeout(self._deadline):
                if self._control is None:
                    await self._open()
                assert self._control is not None
                born: asyncio.Future[int] = asyncio.get_running_loop().create_future()
                socket.send_fds(self._control, [FORK], [theirs.fileno()])
                self._expected = (born, child)
                return await born
        except TimeoutError:
            raise TimeoutError(f"it took more than {self._deadline:g} s") from None

    def kill(self, pid: int) -> None:
        """End a worker now; one that has ended already is left alone."""
        if self._control is not None and pid in self._children:
            with contextlib.suppress(OSError):  # it has ended with all its workers: that is being told
                self._control.send(KILL.pack(pid))

    async def aclose(self) -> None:
        """End the process and all workers."""
        self._lost()
        process, self._process = self._process, None
        if process is None:
            return
        try:
            async with asyncio.timeout(self._deadline):
                await process.wait()  # the end of its orders ends it
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _open(self) -> None:
        if self._process is not None:
            await self.aclose()  # what is left of one that ended
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            self._control, self._ready = ours, loop.create_future()
            loop.add_reader(ours.fileno(), self._heard)
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-S", "-m", "monitor.parse.worker", str(theirs.fileno())),
                    *self._arguments,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    env={"PYTHONPATH": os.pathsep.join((str(_SOURCE_ROOT), *filter(None, sys.path)))},
                )
            except BaseException:
                self._ready = None  # nobody has waited for it yet
                self._lost()
                raise
        await self._ready

    def _heard(self) -> None:
        """Take in the news."""
        while self._control is not None:
            try:
                message = self._control.recv(NEWS.size)
            except BlockingIOError:
                return
            except OSError:
                message = b""
            if not message:
                self._lost()
            elif message == READY:
                _settle(self._ready, None)
            else:
                self._note(*NEWS.unpack(message))

    def _note(self, what: int, pid: int, code: int) -> None:
        if what == ENDED:
            if child := self._children.pop(pid, None):
                child.ended(code)
            return
        if self._expected is not None:
            (born, child), self._expected = self._expected, None
            if what == BORN:
                self._children[pid] = child
                _settle(born, pid)
            else:
                _settle(born, OSError(code, os.strerror(code)))

    def _lost(self) -> None:
        """The process has ended or is to end, and with it every worker."""
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        gone = OSError(errno.ECHILD, "the process that starts the others has ended")
        _settle(self._ready, gone)
        expected, self._expected = self._expected, None
        _settle(expected[0] if expected else None, gone)
        children, self._children = self._children, {}
        for child in children.values():
            child.abandon()
            child.ended(-signal.SIGKILL)


def _settle(future: asyncio.Future[Any] | None, result: object) -> None:
    """Give ``future`` its result or error, unless nobody waits for it any more."""
    if future is not None and not future.done():
        if isinstance(result, OSError):
            future.set_exception(result)
        else:
            future.set_result(result)
