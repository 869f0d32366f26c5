"""What is due, as jobs. Pure: from what the store says and the time to what has to be done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from monitor.cycle.tools import Watch
from monitor.lanes import SLOTS
from monitor.model import ProfileState
from monitor.schedule import due_window, instant_due, opens


def due_shards(slots: Iterable[int], count: int) -> list[int]:
    """The shards, of ``count``, that the ``slots`` with due feeds belong to."""
    return sorted({shard_of(slot, count) for slot in slots})


def shard_of(slot: int, count: int) -> int:
    """The shard, of ``count``, whose ``slots_of`` hold ``slot``."""
    return ((slot + 1) * count - 1) // SLOTS


def due_profiles(
    watches: Iterable[Watch], states: Mapping[str, ProfileState], waiting: Collection[str], now: datetime
) -> dict[str, str]:
    """The profiles with a window to open or to close or an alert to send, each with the window it stands at."""
    due = {}
    for watch in watches:
        state = states.get(watch.name, ProfileState(watch.name))
        if _is_due(watch, state, watch.name in waiting, now):
            due[watch.name] = state.window_end.isoformat() if state.window_end else "first"
    return due


def _is_due(watch: Watch, state: ProfileState, waits: bool, now: datetime) -> bool:
    if opens(state, now) or due_window(watch.clock, state, now, found_something=waits):
        return True
    return waits and watch.layout.instant is not None and instant_due(watch.clock, state, now)
