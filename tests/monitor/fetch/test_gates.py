"""Slots for hosts, and the connections that are kept."""

from __future__ import annotations

import asyncio

import pytest

from monitor.fetch.gates import HostGates, WarmHosts


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
