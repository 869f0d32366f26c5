"""The process that workers are born of."""

from __future__ import annotations

import asyncio
import gc
import socket
from typing import Any

import pytest

from monitor.parse.nursery import Nursery


class Unborn:
    """A worker that there will be none of."""

    pid = 0

    def abandon(self) -> None:
        """Nothing is held."""


@pytest.mark.processes
async def test_a_start_that_takes_too_long_says_so_to_its_caller_alone() -> None:
    loose: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: loose.append(context))
    nursery = Nursery(["1.9", "268435456", "100663296"], 0.0)
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(OSError, match="it took more than 0 s"):
        await nursery.bear(Unborn(), theirs)  # type: ignore[arg-type]
    await nursery.aclose()
    del nursery
    gc.collect()
    assert not loose
