"""What a daemon costs that stands by: memory, CPU with nothing due and at its pace, and how late its polls begin."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.programs import newsbell_command

INTERVAL = 1800  # seconds; each feed is polled once in it
_SETTLED = 5.0  # seconds that a daemon gets for its first pass, in which nothing is due
_LOOK = 0.1


class Standing(NamedTuple):
    """MiB over all processes, shared ones by their share; CPU in percent of a core; seconds from due to polled."""

    first_pass: float
    unchanged_pass: float
    at_rest: float
    idle: float
    paced: float
    polled: int
    late_p50: float
    late_p99: float


def stand(folder: Path, seconds: float) -> Standing:
    """Measure newsbell as it is set up in ``folder``: two passes, then its daemon, idle and at its pace."""
    first = one_pass(folder)
    unchanged = one_pass(folder)
    planned = plan(folder / "var" / "newsbell.db", _SETTLED + seconds)
    daemon = subprocess.Popen([*newsbell_command(folder), "daemon"], stdin=subprocess.DEVNULL)
    try:
        time.sleep(_SETTLED)
        idle = load(daemon.pid, seconds - 1)
        resting = memory(daemon.pid)
        time.sleep(max(0.0, min(planned.values()) - time.time()))
        paced = load(daemon.pid, seconds)
    finally:
        daemon.terminate()
        daemon.wait()
    late = delays(folder / "var" / "newsbell.db", planned)
    return Standing(
        first, unchanged, resting, idle, paced, len(late), late[len(late) // 2], late[len(late) * 99 // 100]
    )


def lines(told: Standing, feeds: int) -> Iterator[str]:
    """What was measured, for a reader."""
    yield f"{feeds} feeds at {INTERVAL // 60} min"
    yield f"memory, MiB: first poll {told.first_pass:.0f}, all 304 {told.unchanged_pass:.0f}, daemon {told.at_rest:.0f}"
    yield f"CPU of the daemon, % of a core: nothing due {told.idle:.2f}, at its pace {told.paced:.1f}"
    yield f"from due to polled, s: p50 {told.late_p50:.2f}, p99 {told.late_p99:.2f} ({told.polled} polls)"


def one_pass(folder: Path) -> float:
    """Poll every feed once; the most memory that was held."""
    process = subprocess.Popen([*newsbell_command(folder), "-q", "run", "--force"])
    most = 0.0
    while process.poll() is None:
        most = max(most, memory(process.pid))
        time.sleep(_LOOK)
    return most


def plan(database: Path, wait: float) -> dict[int, float]:
    """Spread the next polls evenly over an interval that begins in ``wait`` seconds; when each feed is due."""
    begin = time.time() + wait
    with sqlite3.connect(database) as store:
        feeds = [number for (number,) in store.execute("SELECT id FROM feeds")]
        planned = {feed: begin + INTERVAL * place / len(feeds) for place, feed in enumerate(feeds)}
        rows = [(int(due * 1e6), feed) for feed, due in planned.items()]
        store.executemany("UPDATE feeds SET next_poll = ? WHERE id = ?", rows)
    store.close()
    return planned


def delays(database: Path, planned: dict[int, float]) -> Sequence[float]:
    """How long after it was due each poll was done that has been made since, shortest first."""
    store = sqlite3.connect(database)
    last = store.execute("SELECT id, last_poll FROM feeds WHERE last_poll IS NOT NULL").fetchall()
    store.close()
    return sorted(polled / 1e6 - planned[feed] for feed, polled in last if polled / 1e6 >= planned[feed])


def load(root: int, seconds: float) -> float:
    """CPU of a process and what it has started, in percent of a core, over the next ``seconds``."""
    before, started = _cpu(root), time.monotonic()
    time.sleep(seconds)
    return 100 * (_cpu(root) - before) / (time.monotonic() - started)


def _cpu(root: int) -> float:
    total = 0.0
    for number in _family(root):
        try:
            schedule = Path(f"/proc/{number}/schedstat").read_text()
        except OSError:
            continue
        total += int(schedule.split()[0]) / 1e9
    return total


def memory(root: int) -> float:
    total = 0
    for number in _family(root):
        try:
            rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
    return total / 1024


def _family(root: int) -> Iterator[int]:
    """A process and its descendants."""
    yield root
    try:
        children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))
