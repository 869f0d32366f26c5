"""When things are due: polls, digests, instant alerts; and how a feed is doing. Pure functions of data and ``now``."""

from __future__ import annotations

from monitor.schedule.evolve import after_failure, after_success, after_unchanged, permanent_target
from monitor.schedule.health import notice_for
from monitor.schedule.polls import PollPolicy, postponed, turnover
from monitor.schedule.windows import DigestClock, Window, due_window, instant_due, is_quiet, opens, quiet_end, upcoming

__all__ = [
    "DigestClock",
    "PollPolicy",
    "Window",
    "after_failure",
    "after_success",
    "after_unchanged",
    "due_window",
    "instant_due",
    "is_quiet",
    "notice_for",
    "opens",
    "permanent_target",
    "postponed",
    "quiet_end",
    "turnover",
    "upcoming",
]
