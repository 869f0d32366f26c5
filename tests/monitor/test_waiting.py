"""Work that begins without an event loop, and gets one when it asks."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Coroutine
from typing import Any

import pytest

from monitor.waiting import event_loop, run


def no_loop(work: Coroutine[Any, Any, int]) -> int:
    raise AssertionError("nobody asked for a loop")


async def sum_of(*numbers: int, slowly: bool) -> int:
    total = 0
    for number in numbers:
        if slowly:
            await event_loop()
            async with asyncio.timeout(5):
                await asyncio.sleep(0)
        total += number
    return total


def test_work_that_waits_for_nothing_needs_none() -> None:
    assert run(sum_of(1, 2, slowly=False), no_loop) == 3


def test_work_that_waits_is_brought_to_its_end_in_one() -> None:
    assert run(sum_of(1, 2, slowly=True), asyncio.run) == 3


async def test_where_a_loop_runs_asking_is_a_turn_for_others() -> None:
    assert await asyncio.gather(sum_of(1, slowly=True), sum_of(2, slowly=True)) == [1, 2]


@pytest.mark.parametrize("slowly", [False, True])
def test_what_goes_wrong_is_told_and_what_ends_it_is_done(slowly: bool) -> None:
    ended = []

    async def work() -> int:
        try:
            return await sum_of(1, slowly=slowly) // 0
        finally:
            ended.append(slowly)

    with pytest.raises(ZeroDivisionError):
        run(work(), asyncio.run)
    assert ended == [slowly]


@pytest.mark.processes
def test_asyncio_is_not_imported_before() -> None:
    program = "import sys; from monitor.waiting import event_loop, run; print('asyncio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"
