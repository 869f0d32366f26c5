"""CPU seconds of processes and all that they have started, by Linux's /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(roots: Iterable[int]) -> float:
    """What the processes ``roots`` and their descendants have used so far, those that have ended included."""
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended; its parent counts it
        number = int(path.parent.name)
        parents[number] = int(fields[1])
        used[number] = sum(map(int, fields[11:15]))  # its own, and of children that have ended
    wanted = set(roots)
    return sum(ticks for number, ticks in used.items() if _descends(number, wanted, parents)) / _TICKS


def _descends(number: int, roots: set[int], parents: dict[int, int]) -> bool:
    while number and number not in roots:
        number = parents.get(number, 0)
    return bool(number)
