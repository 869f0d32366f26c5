"""Slots for hosts, and the connections that are kept."""

from __future__ import annotations

import asyncio

import pytest

from monitor.fetch.gates import HostGates, LargeBodies, WarmHosts


class Visitors:
    """Tasks that enter a gate and stay until they are let go."""

    def __init__(self, gates: HostGates) -> None:
        self.gates = gates
        self.inside: list[str] = []
        self.most: dict[str, int] = {}
        self.go = asyncio.Event()

    async def visit(self, host: str) -> None:
        async with self.gates.slot(host):
            self.inside.append(host)
            self.most[host] = max(self.most.get(host, 0), self.inside.count(host))
            await self.go.wait()
            self.inside.remove(host)


async def settled() -> None:
    """Let every task run as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_host_gets_no_more_than_its_slots() -> None:
    visitors = Visitors(HostGates(total=10, per_host=2))
    tasks = [asyncio.create_task(visitors.visit("slow")) for _ in range(6)]
    await settled()
    assert visitors.inside == ["slow", "slow"]
    visitors.go.set()
    await asyncio.gather(*tasks)
    assert visitors.most == {"slow": 2}


async def test_those_who_wait_for_a_slow_host_hold_up_no_other() -> None:
    visitors = Visitors(HostGates(total=3, per_host=2))
    tasks = [asyncio.create_task(visitors.visit(host)) for host in ["slow"] * 6 + ["quick"]]
    await settled()
    assert sorted(visitors.inside) == ["quick", "slow", "slow"]
    visitors.go.set()
    await asyncio.gather(*tasks)


async def test_the_total_is_kept() -> None:
    visitors = Visitors(HostGates(total=3, per_host=2))
    tasks = [asyncio.create_task(visitors.visit(f"host{n}")) for n in range(9)]
    await settled()
    assert len(visitors.inside) == 3
    visitors.go.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("cancelled", range(5))
async def test_one_that_is_cancelled_gives_everything_back(cancelled: int) -> None:
    gates = HostGates(total=2, per_host=1)
    visitors = Visitors(gates)
    tasks = [asyncio.create_task(visitors.visit(host)) for host in ["a", "a", "b", "b", "c"]]
    await settled()
    tasks[cancelled].cancel()
    await settled()
    visitors.go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(gates) == 0
    async with gates.slot("a"), gates.slot("b"):
        assert len(gates) == 2


def test_a_host_that_is_asked_once_is_not_kept_open() -> None:
    warm = WarmHosts(limit=5, seconds=15)
    assert not any(warm.keep(host, 0) for host in "abc")


def test_a_host_that_is_asked_again_soon_is_kept_open() -> None:
    warm = WarmHosts(limit=5, seconds=15)
    assert [warm.keep("a", now) for now in (0, 1, 15.9, 30)] == [False, True, True, True]
    assert not warm.keep("a", 45)


def test_only_so_many_hosts_are_kept_open() -> None:
    warm = WarmHosts(limit=2, seconds=15)
    assert [warm.keep(host, 0) for host in "aabbcc"] == [False, True, False, True, False, False]


def test_a_host_that_is_not_asked_any_more_makes_room() -> None:
    warm = WarmHosts(limit=1, seconds=15)
    assert [warm.keep(host, 0) for host in "aabb"] == [False, True, False, False]
    assert warm.keep("b", 14) is False
    assert warm.keep("b", 15) is True
    assert warm.keep("a", 15) is False


class Readers:
    """Tasks that read a large body each, and then wait until it has been parsed."""

    def __init__(self, bodies: LargeBodies) -> None:
        self.bodies = bodies
        self.reading: list[str] = []
        self.whole: list[str] = []
        self.deadlines: dict[str, asyncio.Timeout] = {}
        self.arrives = asyncio.Event()
        self.parsed = {name: asyncio.Event() for name in "abc"}

    async def read(self, name: str, *, breaks: bool = False) -> None:
        async with asyncio.timeout(60) as deadline, self.bodies.place(deadline) as place:
            self.deadlines[name] = deadline
            await place.hold(11)
            self.reading.append(name)
            await place.hold(12)
            await self.arrives.wait()
            if breaks:
                raise ValueError
        self.whole.append(name)
        await self.parsed[name].wait()


async def test_a_small_body_waits_for_no_place() -> None:
    readers = Readers(LargeBodies(places=1, large=11))
    tasks = [asyncio.create_task(readers.read(name)) for name in "ab"]
    await settled()
    assert readers.reading == ["a", "b"]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_complete_body_keeps_its_place_until_its_task_ends() -> None:
    readers = Readers(LargeBodies(places=1, large=10))
    readers.arrives.set()
    tasks = [asyncio.create_task(readers.read(name)) for name in "abc"]
    for held in ("a", "ab", "abc"):
        await settled()
        assert "".join(readers.whole) == held
        readers.parsed[held[-1]].set()
    await asyncio.gather(*tasks)


async def test_deadlines_stand_still_while_complete_bodies_are_waited_for() -> None:
    readers = Readers(LargeBodies(places=1, large=10))
    tasks = [asyncio.create_task(readers.read(name)) for name in "ab"]
    await settled()
    assert readers.deadlines["b"].when() is not None  # it is the server of the first that is waited for
    readers.arrives.set()
    await settled()
    tasks.append(asyncio.create_task(readers.read("c")))
    await settled()
    assert [readers.deadlines[name].when() for name in "bc"] == [None, None]
    readers.parsed["a"].set()
    readers.parsed["b"].clear()
    await settled()
    assert readers.whole == ["a", "b"]
    assert readers.deadlines["b"].when() is not None
    readers.parsed["b"].set()
    readers.parsed["c"].set()
    await asyncio.gather(*tasks)


async def test_a_deadline_goes_on_when_the_last_complete_body_is_parsed() -> None:
    bodies = LargeBodies(places=2, large=10)
    readers = Readers(bodies)
    readers.arrives.set()
    done = asyncio.create_task(readers.read("a"))
    await settled()
    stalling = Readers(bodies)
    tasks = [asyncio.create_task(stalling.read(name)) for name in "bc"]
    await settled()
    assert (stalling.reading, stalling.deadlines["c"].when()) == (["b"], None)
    readers.parsed["a"].set()
    await done
    await settled()
    assert stalling.reading == ["b", "c"]
    stalling.arrives.set()
    for event in stalling.parsed.values():
        event.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("ends", ["broken", "cancelled"])
async def test_a_body_that_does_not_come_gives_its_place_back(ends: str) -> None:
    readers = Readers(LargeBodies(places=1, large=10))
    first = asyncio.create_task(readers.read("a", breaks=ends == "broken"))
    tasks = [asyncio.create_task(readers.read(name)) for name in "bc"]
    await settled()
    if ends == "cancelled":
        first.cancel()
        tasks[0].cancel()
    for event in (readers.arrives, *readers.parsed.values()):
        event.set()
    await asyncio.gather(first, *tasks, return_exceptions=True)
    assert readers.whole == (["c"] if ends == "cancelled" else ["b", "c"])


async def test_a_task_has_one_place_at_most() -> None:
    bodies = LargeBodies(places=1, large=10)

    async def pages() -> None:
        for _ in range(3):
            async with asyncio.timeout(60) as deadline, bodies.place(deadline) as place:
                await place.hold(11)

    await asyncio.create_task(pages())
    await asyncio.create_task(pages())
