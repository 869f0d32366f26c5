"""Feeds in line by host: hands out the next one whose host has room, so that no slow host holds up the others. Pure."""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Iterable
from urllib.parse import urlsplit

from monitor.model import FeedRecord

# Nearly every address: taking it apart in full costs four times as much, twice for each poll.
_PLAIN = re.compile(r"https?://([a-z0-9.-]+(?::[0-9]+)?)/")
SLOTS = 4096  # hosts fall into so many slots; a shard is a range of them, so there are at most as many shards


class HostLanes:
    """A queue with one lane for each host and at most ``per_host`` feeds of a host handed out at a time.

    Hosts take turns; within a host the order of arrival holds.
    """

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._waiting: dict[str, deque[FeedRecord]] = {}
        self._busy: dict[str, int] = {}
        self._open: deque[str] = deque()  # hosts that have something waiting and room, each once

    def add(self, records: Iterable[FeedRecord]) -> None:
        """Put ``records`` in line."""
        for record in records:
            host = host_of(record.address)
            lane = self._waiting.setdefault(host, deque())
            lane.append(record)
            if len(lane) == 1 and self._busy.get(host, 0) < self._per_host:
                self._open.append(host)

    def take(self) -> FeedRecord | None:
        """The next feed whose host has room; None when there is none now."""
        if not self._open:
            return None
        host = self._open.popleft()
        lane = self._waiting[host]
        record = lane.popleft()
        self._busy[host] = self._busy.get(host, 0) + 1
        if not lane:
            del self._waiting[host]
        elif self._busy[host] < self._per_host:
            self._open.append(host)
        return record

    def done(self, record: FeedRecord) -> None:
        """Give back the room that ``record`` took."""
        host = host_of(record.address)
        was_full = self._busy[host] >= self._per_host
        self._busy[host] -= 1
        if not self._busy[host]:
            del self._busy[host]
        if was_full and host in self._waiting:
            self._open.append(host)

    def __len__(self) -> int:
        """How many feeds wait."""
        return sum(map(len, self._waiting.values()))


def host_of(url: str) -> str:
    """The host and port of an address, the unit of politeness; the address itself when it has none."""
    plain = _PLAIN.match(url)
    if plain is not None:
        return plain[1]
    return urlsplit(url).netloc.rpartition("@")[2].casefold() or url


def slot_of(address: str) -> int:
    """The slot of an address's host, from 0 to ``SLOTS`` - 1: the same for ever, on every machine."""
    return zlib.crc32(host_of(address).encode("utf-8", "surrogatepass")) % SLOTS


def slots_of(index: int, count: int) -> tuple[int, int]:
    """The slots [first, end) of shard ``index`` (from 0) of ``count`` equal ones."""
    return SLOTS * index // count, SLOTS * (index + 1) // count
