"""Work that may be done only while a lock is held."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from monitor.errors import StoreError
from monitor.store.postgres.grip import Grip

R = TypeVar("R")


class LockLostError(StoreError):
    """The connection that held a lock is gone, and with it the lock: what it guarded has been broken off."""


async def while_held(grip: Grip, what: str, work: Coroutine[Any, Any, R]) -> R:
    """Do ``work``; break it off as soon as ``grip`` is lost, and raise ``LockLostError`` that speaks of ``what``."""
    working, losing = asyncio.create_task(work), asyncio.create_task(grip.lost())
    try:
        await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise LockLostError(f"the database has ended the connection that held {what}: others may be at it now")
    finally:
        working.cancel()
        losing.cancel()
        await asyncio.gather(working, losing, return_exceptions=True)
