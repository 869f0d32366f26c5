"""What hangs in a thread does not keep the program from ending."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from alerts.threads import DaemonThreads

HANGS = """
import asyncio, threading
from monitor.cli.invocation import run_async

async def work():
    hanging = asyncio.to_thread(threading.Event().wait)
    try:
        await asyncio.wait_for(hanging, 0.01)
    except TimeoutError:
        return "gave up"

print(run_async(work()))
"""


@pytest.mark.processes
def test_a_thread_that_never_ends_does_not_hold_the_program() -> None:
    """As a name server, a disk on the network or a receiver may never answer."""
    ended = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=30, check=True)
    assert ended.stdout == "gave up\n"


async def test_it_gives_results_and_errors() -> None:
    threads, loop = DaemonThreads(), asyncio.get_running_loop()
    assert await loop.run_in_executor(threads, divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await loop.run_in_executor(threads, divmod, 7, 0)


async def test_nobody_need_wait_for_a_call_and_it_goes_on() -> None:
    """A deadline gives up waiting; what was begun is not called back."""
    threads, go, went = DaemonThreads(), threading.Event(), threading.Event()

    def work() -> None:
        go.wait()
        went.set()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(threads, work), 0.01)
    go.set()
    assert await asyncio.get_running_loop().run_in_executor(threads, went.wait, 30)


def test_each_call_has_a_thread_of_its_own() -> None:
    """So that one that hangs delays no other."""
    threads, hold = DaemonThreads(), threading.Event()
    hanging = [threads.submit(hold.wait) for _ in range(64)]
    assert threads.submit(int, "3").result() == 3
    hold.set()
    assert all(each.result() for each in hanging)
    threads.shutdown()
