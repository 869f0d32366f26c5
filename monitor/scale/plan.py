"""What is due, as jobs. Pure: from what the store says and the time to what has to be done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from monitor.cycle.tools import Watch
from monitor.lanes import SLOTS
from monitor.model import ProfileState


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
        if watch.is_due(state, now, waits=watch.name in waiting):
            due[watch.name] = state.window_end.isoformat() if state.window_end else "first"
    return due
