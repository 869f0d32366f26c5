"""Locks that the server keeps for one connection of ours: whoever has lost the connection has lost the lock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg

from monitor.errors import StoreError
from monitor.store.postgres.server import Connection

R = TypeVar("R")

log = logging.getLogger(__name__)

# Sooner than the server gives up a machine that went dark: who has lost the lock knows it before somebody else gets it.
WATCHED = {"keepalives_idle": 3, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 9_000}


class LockLostError(StoreError):
    """The connection that held a lock is gone, and with it the lock: what it guarded has been broken off."""


class Grip:
    """A lock that is ours for as long as ``db`` lives. The connection does nothing else."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    async def lost(self) -> None:
        """Return when the lock is ours no more: at once when the server ends the connection."""
        loop, heard = asyncio.get_running_loop(), asyncio.Event()
        number = self._db.fileno()
        loop.add_reader(number, heard.set)
        try:
            while True:
                await heard.wait()
                heard.clear()
                self._db.pgconn.consume_input()
        except psycopg.Error as error:
            log.debug("the connection of a lock has ended: %s", error)
        finally:
            loop.remove_reader(number)

    async def guard(self, work: Coroutine[Any, Any, R], what: str) -> R:
        """Do ``work``; break it off when the lock of ``what`` is lost, and raise ``LockLostError``."""
        working, losing = asyncio.create_task(work), asyncio.create_task(self.lost())
        try:
            await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise LockLostError(f"the database has ended the connection that held {what}: others may be at it now")
        finally:
            working.cancel()
            losing.cancel()
            await asyncio.gather(working, losing, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A value that everybody goes by, for as long as ``grip`` holds."""

    value: int
    grip: Grip
