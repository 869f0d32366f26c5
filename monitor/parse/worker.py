"""The nursery process and its workers: documents in and feeds out over a socket, until it ends.

A worker limits itself before it reads a byte: memory, processor time for each document (the kernel ends the process,
in whatever library it is stuck), no files, no core dumps. Its environment holds no secrets: the pool gives it none.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import select
import signal
import socket
import sys
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from monitor.errors import ParseError
from monitor.model import Document, ParsedFeed
from monitor.parse import frames, orders
from monitor.parse.documents import parse_document


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a worker may use: CPU seconds for a document, bytes of memory, and how big it may stay."""

    cpu_seconds: float
    memory: int
    recycle: int


def main(arguments: list[str]) -> int:
    """Fork a worker for each order until orders end. Arguments: the socket's number, CPU seconds, memory, recycling."""
    for number in (signal.SIGINT, signal.SIGTERM):  # who asks the whole program to stop means the one that gives orders
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=int(arguments[0]))
    bounds = Bounds(float(arguments[1]), int(arguments[2]), int(arguments[3]))
    gc.freeze()  # what was imported stays: the collector need not look at it, nor write to memory that forks share
    children: set[int] = set()
    woken = _wake_on_ends()
    try:
        control.send(orders.READY)
        while _obey(control, children, bounds):
            select.select([control, woken], [], [])
            _drain(woken)
            _report_ends(control, children)
    except BrokenPipeError:  # the pool is gone
        pass
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    return 0


def _wake_on_ends() -> socket.socket:
    """A socket that can be read when a child has ended."""
    woken, wakes = socket.socketpair()
    woken.setblocking(False)
    wakes.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes.detach(), warn_on_full_buffer=False)
    return woken


def _drain(woken: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        woken.recv(4096)


def _obey(control: socket.socket, children: set[int], bounds: Bounds) -> bool:
    """Carry out the orders that have come; False when there will be no more."""
    while select.select([control], [], [], 0)[0]:
        order, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        if not order:
            return False
        if descriptors:
            _fork(control, descriptors[0], children, bounds)
            if len(children) > 1:  # there is trouble, and where it is others are asked too
                import fastfeedparser  # noqa: F401

                import monitor.parse.tolerant  # noqa: F401
        elif (pid := orders.KILL.unpack(order)[0]) in children:
            os.kill(pid, signal.SIGKILL)
    return True


def _report_ends(control: socket.socket, children: set[int]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        children.discard(pid)
        control.send(orders.NEWS.pack(orders.ENDED, pid, os.waitstatus_to_exitcode(status)))


def _fork(control: socket.socket, descriptor: int, children: set[int], bounds: Bounds) -> None:
    try:
        pid = os.fork()
    except OSError as error:
        control.send(orders.NEWS.pack(orders.FAILED, 0, error.errno or 0))
        return
    if pid == 0:
        control.close()
        _work(descriptor, bounds)
    os.close(descriptor)
    children.add(pid)
    control.send(orders.NEWS.pack(orders.BORN, pid, 0))


def _work(descriptor: int, bounds: Bounds) -> NoReturn:
    """A worker's life."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _limit(bounds.memory)
        with socket.socket(fileno=descriptor) as channel, channel.makefile("rb") as documents:
            _serve(documents, channel, bounds)
        code = 0
    except (BrokenPipeError, ConnectionResetError):  # the pool is gone
        code = 0
    finally:
        os._exit(code)


def _serve(source: BinaryIO, answers: socket.socket, bounds: Bounds) -> None:
    """Answer until the documents end or the process has grown."""
    while batch := _next_batch(source):
        for number, document in batch:
            signal.setitimer(signal.ITIMER_PROF, bounds.cpu_seconds)  # its signal's default action ends the process
            answer = frames.pack_answer(_parse(document), number)
            signal.setitimer(signal.ITIMER_PROF, 0)
            answers.sendall(answer)
        if _held() >= bounds.recycle:
            return


def _parse(document: Document) -> ParsedFeed | str:
    try:
        return parse_document(document)
    except ParseError as error:
        return str(error)
    except MemoryError:
        return "this feed needs more memory than it is allowed"
    except RecursionError:
        return "this feed is nested too deeply"
    except Exception as error:  # noqa: BLE001 - a mistake of ours costs one document; its place goes to whoever logs it
        import traceback  # a start is felt at every pass, and this is hardly ever needed
        from pathlib import Path

        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"this feed cannot be read: {type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def _next_batch(source: BinaryIO) -> list[tuple[int, Document]]:
    """The documents of the next frame, each with its number; none at the end of the input."""
    header = source.read(frames.HEADER_BYTES)
    if len(header) < frames.HEADER_BYTES:
        return []
    length, first = frames.read_header(header)
    return list(enumerate(frames.unpack_documents(source.read(length)), first))


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _held() -> int:
    """The most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # there is nothing to tidy up, which would take 20 ms
