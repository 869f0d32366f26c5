"""Names are judged by what they resolve to, each time a connection is made."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence

import pytest

from monitor.addresses import AllowList
from monitor.fetch.guard import AddressError
from monitor.fetch.resolver import GuardedResolver, system_lookup


def names(**known: Sequence[str]) -> GuardedResolver:
    """A resolver over a fixed set of names, which allows one endpoint and one network."""

    def lookup(host: str, port: int, family: int) -> list[tuple[int, str]]:
        return [(socket.AF_INET6 if ":" in found else socket.AF_INET, found) for found in known[host]]

    return GuardedResolver(AllowList.parse(["listed:80", "10.1.0.0/16"]), lookup)


async def resolved(resolver: GuardedResolver, host: str, port: int = 80) -> list[str]:
    return [found["host"] for found in await resolver.resolve(host, port)]


async def test_a_public_name_is_resolved() -> None:
    resolver = names(site=["8.8.8.8", "2606:4700::1111"])
    assert await resolved(resolver, "site") == ["8.8.8.8", "2606:4700::1111"]


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.2.0.1", "169.254.169.254", "::1", "::ffff:10.2.0.1", "fe80::1%lo"]
)
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(AddressError, match="site is not a public address") as caught:
        await resolved(names(site=[address]), "site")
    assert not caught.value.permanent  # another answer tomorrow may be right


async def test_only_the_reachable_addresses_of_a_name_are_used() -> None:
    assert await resolved(names(site=["127.0.0.1", "8.8.8.8", "10.2.0.1"]), "site") == ["8.8.8.8"]


async def test_a_listed_name_may_lead_anywhere_on_its_port_only() -> None:
    resolver = names(listed=["127.0.0.1"])
    assert await resolved(resolver, "listed") == ["127.0.0.1"]
    with pytest.raises(AddressError):
        await resolved(resolver, "listed", 81)


async def test_a_name_may_lead_into_a_listed_network() -> None:
    assert await resolved(names(site=["10.1.2.3"]), "site") == ["10.1.2.3"]


async def test_a_name_that_nobody_knows_is_an_error_of_the_system() -> None:
    def unknown(host: str, port: int, family: int) -> list[tuple[int, str]]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(socket.gaierror):
        await GuardedResolver(AllowList(), unknown).resolve("nowhere.example", 80)


async def test_a_name_that_cannot_be_asked_for_is_an_unknown_one() -> None:
    def unaskable(host: str, port: int, family: int) -> list[tuple[int, str]]:
        raise UnicodeError("label too long")

    with pytest.raises(socket.gaierror):
        await GuardedResolver(AllowList(), unaskable).resolve("nowhere.example", 80)


async def test_a_slow_look_up_holds_up_no_other_and_may_be_abandoned() -> None:
    release = threading.Event()

    def lookup(host: str, port: int, family: int) -> list[tuple[int, str]]:
        if host == "slow":
            release.wait(30)
        return [(socket.AF_INET, "8.8.8.8")]

    resolver = GuardedResolver(AllowList(), lookup)
    slow = [asyncio.create_task(resolver.resolve("slow", 80)) for _ in range(40)]
    assert await resolved(resolver, "quick") == ["8.8.8.8"]
    assert not any(task.done() for task in slow)
    for task in slow:
        task.cancel()
    release.set()
    await asyncio.gather(*slow, return_exceptions=True)
    await resolver.close()


def test_a_look_up_that_outlives_its_loop_is_no_error() -> None:
    """A warning of a thread that failed would be an error here."""
    release, began = threading.Event(), threading.Event()

    def lookup(host: str, port: int, family: int) -> list[tuple[int, str]]:
        began.set()
        release.wait(30)
        return [(socket.AF_INET, "8.8.8.8")]

    async def begin() -> None:
        task = asyncio.create_task(GuardedResolver(AllowList(), lookup).resolve("slow", 80))
        while not began.is_set():
            await asyncio.sleep(0)
        task.cancel()

    others = set(threading.enumerate())
    asyncio.run(begin())
    (thread,) = set(threading.enumerate()) - others
    assert thread.daemon
    release.set()
    thread.join(30)
    assert not thread.is_alive()


def test_the_machine_itself_is_asked() -> None:
    assert "127.0.0.1" in {address for _, address in system_lookup("localhost", 80, socket.AF_INET)}
