"""Hosts of services that open their connections themselves are judged before."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest

from alerts.errors import PostError
from monitor.fetch.hosts import CheckedHosts

KNOWN = {
    "site.example": ["8.8.8.8", "2606:4700::1111"],
    "inside.example": ["10.2.0.1"],
    "half.example": ["8.8.8.8", "127.0.0.1"],
    "listed.example": ["10.3.0.1"],
    "covered.example": ["10.1.0.9"],
}


def look_up(host: str, port: int, family: int) -> list[tuple[int, str]]:
    if host not in KNOWN:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return [(0, address) for address in KNOWN[host]]


def guard(allow: Sequence[str] = ("listed.example:80", "10.1.0.0/16", "127.0.0.1:9000")) -> CheckedHosts:
    return CheckedHosts(allow, look_up)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("site.example", 443),
        ("listed.example", 80),
        ("covered.example", 25),
        ("8.8.8.8", 80),
        ("127.0.0.1", 9000),
        ("[2606:4700::1111]", 80),
        ("2606:4700::1111", 80),
    ],
)
async def test_public_and_listed_hosts_pass(host: str, port: int) -> None:
    await guard().check(host, port)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("inside.example", 80),
        ("half.example", 80),
        ("listed.example", 81),
        ("127.0.0.1", 80),
        ("127.1", 80),
        ("0x7f000001", 80),
        ("[::1]", 80),
        ("::ffff:127.0.0.1", 80),
        ("unknown.example", 80),
        ("a b", 80),
        ("site.example", 0),
    ],
)
async def test_others_are_refused_in_words_before_anything_is_sent(host: str, port: int) -> None:
    with pytest.raises(PostError) as caught:
        await guard().check(host, port)
    assert not caught.value.sent
    assert str(caught.value)
