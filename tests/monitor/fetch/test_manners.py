"""What a host learns of its guest is the same whatever the way: who asks and with which contact, and nothing more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.fetch.client import HttpFetcher
from monitor.model import Fetched, FetchRequest, NotModified, Validators
from tests.servers.web import WebServer

FEED = b"<rss version='2.0'><channel><title>A feed</title></channel></rss>"
TOLD = {"host", "accept", "accept-encoding", "user-agent"}


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with WebServer() as server:
        yield server


def guest(web: WebServer) -> HttpFetcher:
    return HttpFetcher(
        "https://example.org/contact",
        "1.2.3",
        timeout=timedelta(seconds=10),
        max_bytes=100_000,
        concurrency=4,
        per_host=2,
        allow=(web.authority,),
    )


def names(web: WebServer) -> list[set[str]]:
    """The names of the header fields of each request so far, but for what concerns the connection alone."""
    return [{name.lower() for name, _ in request.fields} - {"connection"} for request in web.requests]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_where_it_comes_from_is_told_to_nobody(web: WebServer, status: int) -> None:
    fetcher = guest(web)
    web.status("/old", status, fields=[("Location", "/new"), ("Set-Cookie", "a=b")])
    web.serve("/new", FEED)
    result = await fetcher.fetch(FetchRequest(web.url("/old?secret=1")))
    await fetcher.aclose()
    assert isinstance(result, Fetched)
    assert [request.method for request in web.requests] == ["GET", "GET"]
    assert names(web) == [TOLD, TOLD]
    assert not any("secret" in value for _, value in web.requests[1].fields)


async def test_what_the_machine_knows_of_proxies_and_passwords_is_not_used(
    web: WebServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login desk password secret\ndefault login desk password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    web.serve("/feed", FEED)
    fetcher = guest(web)
    result = await fetcher.fetch(FetchRequest(web.url("/feed")))
    await fetcher.aclose()
    assert isinstance(result, Fetched)
    assert names(web) == [TOLD]


@pytest.mark.parametrize(
    ("validators", "sent"),
    [
        (Validators(), set()),
        (Validators(etag='"1"'), {"if-none-match"}),
        (Validators(last_modified="yesterday"), {"if-modified-since"}),
        (Validators('"1"', "yesterday"), {"if-none-match", "if-modified-since"}),
    ],
)
async def test_only_what_the_host_itself_has_given_is_given_back(
    web: WebServer, validators: Validators, sent: set[str]
) -> None:
    """No date is ever made up, such as that of the last poll."""
    web.serve("/feed", FEED, etag=validators.etag or "", last_modified=validators.last_modified or "")
    fetcher = guest(web)
    result = await fetcher.fetch(FetchRequest(web.url("/feed"), validators))
    await fetcher.aclose()
    assert isinstance(result, NotModified if sent else Fetched)
    assert names(web) == [TOLD | sent]
