"""The process that workers are born of."""

from __future__ import annotations

import socket

import pytest

from monitor.parse.nursery import Nursery


class Unborn:
    """A worker that there will be none of."""

    pid = 0

    def abandon(self) -> None:
        """Nothing is held."""


@pytest.mark.processes
async def test_a_start_that_takes_too_long_says_so() -> None:
    nursery = Nursery(["1.9", "268435456", "100663296"], 0.0)
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(OSError, match="it took more than 0 s"):
        await nursery.bear(Unborn(), theirs)  # type: ignore[arg-type]
    await nursery.aclose()
