"""Exit codes: a contract with cron lines, units and scripts."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the exit code of ``newsbell`` means."""

    OK = 0
    FAILED = 1  # a delivery or the store failed
    USAGE = 2
    CONFIG = 3  # configuration invalid: nothing was requested or sent
    FEEDS = 4  # feeds failing beyond their limit
    LOCKED = 75  # another pass holds the lock: nothing done
    INTERRUPTED = 130
