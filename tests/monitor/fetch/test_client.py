"""The real fetcher against a web that is rude, broken or out to harm."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from monitor.addresses import AllowList
from monitor.fetch.client import HttpFetcher
from monitor.fetch.door import Door, Get
from monitor.fetch.guard import AddressError
from monitor.model import Fetched, FetchFailed, FetchRequest, FetchResult, NotModified, Validators
from tests.servers.web import Request, WebServer, answer, chunked, web_servers

FEED = b"<rss version='2.0'><channel><title>A feed</title></channel></rss>"
OK = b"HTTP/1.1 200 OK\r\n"
LIMIT = 100_000
NOTHING_KNOWN = Validators()


def http_fetcher(
    *allow: str,
    timeout: float = 10,
    concurrency: int = 10,
    per_host: int = 4,
    max_bytes: int = LIMIT,
    now: Callable[[], datetime] | None = None,
) -> HttpFetcher:
    return HttpFetcher(
        "https://example.org/contact",
        "1.2.3",
        timeout=timedelta(seconds=timeout),
        max_bytes=max_bytes,
        concurrency=concurrency,
        per_host=per_host,
        allow=allow,
        now=now,
    )


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with WebServer() as server:
        yield server


@pytest.fixture
async def fetcher(web: WebServer) -> AsyncIterator[HttpFetcher]:
    fetcher = http_fetcher(web.authority)
    yield fetcher
    await fetcher.aclose()


@pytest.fixture
async def hasty(web: WebServer) -> AsyncIterator[HttpFetcher]:
    """A fetcher whose patience ends soon."""
    fetcher = http_fetcher(web.authority, timeout=0.15, per_host=1)
    yield fetcher
    await fetcher.aclose()


async def get(fetcher: HttpFetcher, url: str, validators: Validators = NOTHING_KNOWN) -> FetchResult:
    return await fetcher.fetch(FetchRequest(url, validators))


async def page(fetcher: HttpFetcher, url: str, validators: Validators = NOTHING_KNOWN) -> Fetched:
    result = await get(fetcher, url, validators)
    assert isinstance(result, Fetched), result
    return result


async def failure(fetcher: HttpFetcher, url: str, validators: Validators = NOTHING_KNOWN) -> FetchFailed:
    result = await get(fetcher, url, validators)
    assert isinstance(result, FetchFailed), result
    return result


# ------------------------------------------------------------------------------ what is sent


async def test_a_request_says_who_asks_and_nothing_more(web: WebServer, fetcher: HttpFetcher) -> None:
    web.serve("/feed", FEED)
    await page(fetcher, web.url("/feed?format=rss&x=%26"))
    (request,) = web.requests
    assert (request.method, request.target, request.body) == ("GET", "/feed?format=rss&x=%26", b"")
    assert sorted((name.lower(), value) for name, value in request.fields) == [
        ("accept", request.header("accept")),
        ("accept-encoding", "gzip"),
        ("connection", "close"),
        ("host", web.authority),
        ("user-agent", "Newsbell/1.2.3 (+https://example.org/contact)"),
    ]


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"', "bare", '"a,b c-gzip"', '"\u00c3\u00a9"', '"\u00e9\u00ff"'])
async def test_validators_make_the_round_trip_byte_for_byte(web: WebServer, fetcher: HttpFetcher, etag: str) -> None:
    web.serve("/feed", FEED, etag=etag, last_modified="Wednesday, 22-Jan-25 03:00:00 GMT")
    first = await page(fetcher, web.url("/feed"))
    assert isinstance(await get(fetcher, web.url("/feed"), first.validators), NotModified)
    assert web.requests[1].header("if-none-match") == etag
    assert web.requests[1].header("if-modified-since") == "Wednesday, 22-Jan-25 03:00:00 GMT"


async def test_a_cookie_is_never_sent_back(web: WebServer, fetcher: HttpFetcher) -> None:
    web.serve("/feed", FEED, [("Set-Cookie", f"c{n}={'x' * 40}; Path=/") for n in range(200)])
    await page(fetcher, web.url("/feed"))
    await page(fetcher, web.url("/feed"))
    assert web.requests[1].header("cookie") is None


@pytest.mark.parametrize("contact", ["https://example.org/\r\nX-Header: 1", "https://例え.example/"])
def test_a_contact_that_no_header_can_hold_is_an_error(contact: str) -> None:
    with pytest.raises(ValueError, match="contact"):
        HttpFetcher(contact, "1", timeout=timedelta(seconds=1), max_bytes=1, concurrency=1, per_host=1)


# ------------------------------------------------------------------------------ what comes back


async def test_a_gzip_body_is_inflated(web: WebServer, fetcher: HttpFetcher) -> None:
    web.serve("/feed", gzip.compress(FEED, mtime=0), [("Content-Encoding", "gzip")])
    assert (await page(fetcher, web.url("/feed"))).body == FEED


async def test_a_body_may_end_with_the_connection_or_come_in_chunks(web: WebServer, fetcher: HttpFetcher) -> None:
    web.raw("/close", answer(200, FEED, length=None))
    web.raw("/chunks", OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(FEED[:9], FEED[9:]))
    for path in ("/close", "/chunks"):
        assert (await page(fetcher, web.url(path))).body == FEED


async def test_odd_fields_do_no_harm(web: WebServer, fetcher: HttpFetcher) -> None:
    odd = [
        ("X-Name", "caf\u00e9"),
        ("ETag", '"' + "e" * 60_000 + '"'),
        ("Refresh", "0; url=/elsewhere"),
        ("X-Fold", "a\r\n  b"),
    ]
    web.raw("/feed", answer(200, FEED, odd))
    result = await page(fetcher, web.url("/feed"))
    assert (result.body, result.validators, len(web.requests)) == (FEED, NOTHING_KNOWN, 1)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "closed the connection without an answer"),
        (b"<rss><channel/></rss>", "not valid HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not valid HTTP"),
        (b"\x16\x03\x01\x02\x00" * 50, "not valid HTTP"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "not valid HTTP"),
        (b"HTTP/1.1 0 X\r\n\r\n", "not valid HTTP"),
        (b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", "(999)"),
        (OK + b"Content-Length: -5\r\n\r\n" + FEED, "not valid HTTP"),
        (OK + b"Content-Length: 10\r\nContent-Length: 20\r\n\r\n" + FEED, "not valid HTTP"),
        (OK + b"Content-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(FEED), "not valid HTTP"),
        (OK + b"Content-Length: 999999999999999999999999999999\r\n\r\n" + FEED, "not valid HTTP"),
        (answer(200, FEED, length=len(FEED) + 1), "cut off"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(FEED, end=False), "cut off"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzzz\r\nabc", "not valid HTTP"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nabc", "cut off"),
        (answer(200, FEED, [("X-Big", "a" * 1_000_000)]), "not valid HTTP"),
        (answer(200, FEED, [(f"X-{n}", "v") for n in range(5_000)]), "not valid HTTP"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-T: y\r\n" * 5_000, "not valid HTTP"),
        (answer(200, FEED, [("Content-Encoding", "gzip")]), "damaged"),
        (answer(200, gzip.compress(FEED, mtime=0)[:40], [("Content-Encoding", "gzip")]), "cut off"),
        (answer(200, zlib.compress(FEED), [("Content-Encoding", "deflate")]), "not asked for, “deflate”"),
        (
            answer(
                200,
                gzip.compress(gzip.compress(FEED, mtime=0), mtime=0),
                [("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")],
            ),
            "not asked for, “gzip, gzip”",
        ),
        (answer(200, b""), "empty answer"),
        (b"HTTP/1.1 404 P\xe1gina n\xe3o encontrada\r\n\r\n", "not valid HTTP"),
        (answer(200, b"#" + FEED, [("Content-Encoding", "\x9b31m\u00e9")]), "not asked for, “?31mé”"),
        (answer(202, FEED), "(202)"),
        (answer(204), "no feed (204"),
        (answer(206, FEED, [("Content-Range", "bytes 0-62/9999")]), "only a part of the feed (206)"),
        (answer(300, FEED, [("Location", "/other")]), "(300)"),
        (answer(304), "although nothing is known"),
        (answer(302), "redirects to nowhere"),
        (answer(302, b"", [("Location", "")]), "redirects to nowhere"),
        (answer(302, b"", [("Location", "/\x9b31m")]), "redirects to nowhere"),
        (answer(302, b"", [("Location", "/" + "x" * 9_000)]), "redirects to nowhere"),
    ],
)
async def test_a_broken_answer_is_a_failure_with_a_reason(
    web: WebServer, fetcher: HttpFetcher, sent: bytes, reason: str
) -> None:
    web.raw("/feed", sent)
    result = await failure(fetcher, web.url("/feed"))
    assert reason in result.reason
    assert not result.permanent


async def test_a_connection_that_is_reset_is_a_failure(web: WebServer, fetcher: HttpFetcher) -> None:
    async def reset(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, FEED, length=500))
        await writer.drain()
        writer.transport.abort()

    web.handle("/feed", reset)
    assert "cut off" in (await failure(fetcher, web.url("/feed"))).reason


async def test_a_refused_connection_and_an_unknown_host_are_told_apart(web: WebServer) -> None:
    async with WebServer() as short_lived:
        dead = short_lived.authority
    fetcher = http_fetcher(dead)
    assert (await failure(fetcher, f"http://{dead}/")).reason == "the host refuses connections"
    await fetcher.aclose()


@pytest.mark.parametrize("url", ["ftp://example.org/", "feed", "http://user@example.org/", "http://10.0.0.1/"])
async def test_an_address_that_can_never_be_asked_is_a_failure_for_good(fetcher: HttpFetcher, url: str) -> None:
    assert (await failure(fetcher, url)).permanent


# ------------------------------------------------------------------------------ bounds


def bomb(mib: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(mib)) + packer.flush()


async def test_a_body_beyond_the_limit_is_refused(web: WebServer, fetcher: HttpFetcher) -> None:
    web.hang("/endless", answer(200, length=None), b" " * 65_536, every=0)
    web.serve("/bomb", bomb(4), [("Content-Encoding", "gzip")])
    web.serve("/large", b"x" * (LIMIT + 1))
    for path in ("/endless", "/bomb", "/large"):
        result = await failure(fetcher, web.url(path))
        assert result.reason == "the answer is larger than 100,000 bytes"
        assert (result.status, "fetch.max_bytes" in result.advice) == (200, True)


MIB = 1 << 20


@pytest.fixture
async def roomy(web: WebServer) -> AsyncIterator[HttpFetcher]:
    """A fetcher that reads bodies of up to 4 MiB, twenty at a time."""
    fetcher = http_fetcher(web.authority, timeout=20, concurrency=20, per_host=20, max_bytes=4 * MIB)
    yield fetcher
    await fetcher.aclose()


def gushing(web: WebServer) -> list[str]:
    """Sixteen bodies that never end, some of them packed."""
    packed = zlib.compressobj(1, zlib.DEFLATED, 31)
    begun = packed.compress(b" ") + packed.flush(zlib.Z_SYNC_FLUSH)
    more = packed.compress(bytes(40 * MIB)) + packed.flush(zlib.Z_SYNC_FLUSH)
    for number in range(16):
        if number % 4:
            web.hang(f"/{number}", answer(200, length=None), b" " * 65_536, every=0)
        else:
            head = answer(200, fields=[("Content-Encoding", "gzip")], length=None)
            web.hang(f"/{number}", head + begun, more[:60_000], every=0)
    return [web.url(f"/{number}") for number in range(16)]


async def test_many_large_bodies_at_a_time_do_not_fill_the_memory(web: WebServer, roomy: HttpFetcher) -> None:
    """Read side by side they would take 16 times 4 MiB; one that is small waits for none of them."""
    web.serve("/feed", FEED)
    urls = gushing(web)
    tracemalloc.start()
    try:
        reading = [asyncio.create_task(failure(roomy, url)) for url in urls]
        await seen(web, len(urls))
        ordinary = await page(roomy, web.url("/feed"))
        assert not all(task.done() for task in reading)
        results = await asyncio.gather(*reading)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert ordinary.body == FEED
    assert {result.reason for result in results} == {"the answer is larger than 4 MiB"}
    assert peak < 40 * MIB


async def test_large_bodies_that_stall_end_with_their_own_deadline(web: WebServer) -> None:
    fetcher = http_fetcher(web.authority, timeout=0.5, concurrency=20, per_host=20, max_bytes=4 * MIB)
    head = answer(200, length=3 * MIB)
    for number in range(6):
        web.hang(f"/{number}", head + b" " * MIB, b"")

    results = await asyncio.gather(*(failure(fetcher, web.url(f"/{number}")) for number in range(6)))

    assert {result.reason for result in results} == {"no complete answer within 0.5 seconds"}
    web.serve("/large", b"x" * 3 * MIB)
    assert len((await page(fetcher, web.url("/large"))).body) == 3 * MIB
    await fetcher.aclose()


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        (b"", b""),
        (b"", b"x"),
        (OK + b"X-Pad: ", b"x"),
        (OK + b"Content-Length: 5000\r\n\r\n<rss>", b""),
        (OK + b"Content-Length: 5000\r\n\r\n<rss>", b"x"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
    ],
    ids=["silence", "noise", "slow header", "half a body", "slow body", "endless hints", "endless trailers"],
)
async def test_one_deadline_ends_every_kind_of_waiting(
    web: WebServer, hasty: HttpFetcher, first: bytes, drip: bytes
) -> None:
    web.hang("/feed", first, drip)
    async with asyncio.timeout(5):
        result = await failure(hasty, web.url("/feed"))
    assert result.reason in ("no complete answer within 0.15 seconds", "the site's answer is not valid HTTP")


async def test_redirects_share_the_deadline(web: WebServer, hasty: HttpFetcher) -> None:
    async def slowly(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.08)
        writer.write(answer(302, b"", [("Location", f"{request.target}x")]))

    for hops in range(6):
        web.handle("/" + "x" * hops, slowly)
    result = await failure(hasty, web.url("/"))
    assert "0.15 seconds" in result.reason
    assert len(web.requests) < 4


async def test_waiting_for_a_slot_does_not_count(web: WebServer, hasty: HttpFetcher) -> None:
    web.hang("/feed")
    results = await asyncio.gather(*[failure(hasty, web.url("/feed")) for _ in range(3)])
    assert len(web.requests) == 3
    assert {result.reason for result in results} == {"no complete answer within 0.15 seconds"}


async def test_a_fetch_that_is_cancelled_leaves_its_slot(web: WebServer) -> None:
    fetcher = http_fetcher(web.authority, concurrency=1)
    web.hang("/slow")
    web.serve("/feed", FEED)
    task = asyncio.create_task(get(fetcher, web.url("/slow")))
    await seen(web, 1)
    task.cancel()
    assert (await page(fetcher, web.url("/feed"))).body == FEED
    await fetcher.aclose()


async def test_dates_of_an_answer_without_a_date_are_read_on_our_own_clock(web: WebServer) -> None:
    fetcher = http_fetcher(web.authority, now=lambda: datetime(2025, 1, 22, 3, tzinfo=UTC))
    web.raw("/late", answer(503, b"", [("Retry-After", "Wed, 22 Jan 2025 09:00:00 GMT")]))
    web.raw("/feed", answer(200, FEED, [("Expires", "Wed, 22 Jan 2025 04:00:00 GMT")]))

    assert (await failure(fetcher, web.url("/late"))).retry_after == timedelta(hours=6)
    assert (await page(fetcher, web.url("/feed"))).freshness == timedelta(hours=1)
    await fetcher.aclose()


async def seen(web: WebServer, count: int) -> None:
    """Wait until the server has got this many requests."""
    async with asyncio.timeout(5):
        while len(web.requests) < count:
            await asyncio.sleep(0)


# ------------------------------------------------------------------------------ redirects


@pytest.mark.parametrize(
    "location",
    ["/new", "new", "./x/../new", "?to", "{base}/new", "//{authority}/new", "/new#part", "{base}/n%65w", "  /new  "],
)
async def test_every_form_of_location_is_understood(web: WebServer, fetcher: HttpFetcher, location: str) -> None:
    web.serve("/new", FEED)
    web.serve("/n%65w", FEED)
    where = location.format(base=web.url(""), authority=web.authority)

    async def lead(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, FEED) if "?" in request.target else answer(302, b"", [("Location", where)]))

    web.handle("/old", lead)
    result = await page(fetcher, web.url("/old"))
    assert result.body == FEED
    assert "#" not in result.url


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("/日本".encode(), "/%E6%97%A5%E6%9C%AC"),
        ("/caf\u00e9".encode("latin-1"), "/caf%C3%A9"),
        (b"/a b", "/a%20b"),
        (b"/x%0d%0aX-Header:%201", "/x%0D%0AX-Header:%201"),
    ],
)
async def test_a_location_with_odd_letters_is_encoded(
    web: WebServer, fetcher: HttpFetcher, location: bytes, asked: str
) -> None:
    web.raw("/old", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")
    assert (await failure(fetcher, web.url("/old"))).status == 404
    assert web.requests[1].target == asked


async def test_a_location_that_is_sent_twice_is_followed_once(web: WebServer, fetcher: HttpFetcher) -> None:
    web.serve("/new", FEED)
    web.raw("/old", answer(302, b"", [("Location", "/new"), ("Location", "/new")]))
    assert (await page(fetcher, web.url("/old"))).url == web.url("/new")


@pytest.mark.parametrize("other", ["/other", "https://b.example/"])
async def test_two_locations_that_differ_are_followed_nowhere(web: WebServer, fetcher: HttpFetcher, other: str) -> None:
    web.raw("/old", answer(302, b"", [("Location", "/new"), ("Location", other)]))
    assert "redirects to nowhere" in (await failure(fetcher, web.url("/old"))).reason


FORBIDDEN = [
    "http://127.0.0.2:{port}/",
    "http://localhost:{port}/",
    "http://localhost.:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://0.0.0.0:{port}/",
    "http://example.com@127.0.0.1:{port}/",
    "http:\\\\127.0.0.1:{port}\\",
    "//127.0.0.1:{port}/",
    "http://１２７.０.０.１:{port}/",
    "file:///etc/passwd",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/",
    "data:application/rss+xml,<rss/>",
    "javascript:alert(1)",
    "http://169.254.169.254/latest/meta-data/",
    "http://[",
    "http://:{port}/",
]


@pytest.mark.parametrize("location", FORBIDDEN)
async def test_no_redirect_leads_where_nobody_may_go(web: WebServer, fetcher: HttpFetcher, location: str) -> None:
    async with WebServer() as private:
        target = location.format(port=private.port)
        web.raw("/feed", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target.encode() + b"\r\n\r\n")
        result = await failure(fetcher, web.url("/feed"))
        assert not result.permanent
        assert "allow_addresses" not in result.advice
        assert (private.connections, len(web.requests)) == (0, 1)


async def test_a_name_that_turns_to_another_address_is_refused_then() -> None:
    """DNS rebinding: the second answer of a name server is judged like the first."""
    answers = iter(["127.0.0.1", "127.0.0.2"])
    async with WebServer() as web:
        web.serve("/", FEED)
        allow = AllowList.parse([web.authority])
        for refused in (False, True):
            door = Door(allow, connections=1, lookup=lambda host, port, family: [(2, next(answers))])
            if refused:
                with pytest.raises(AddressError, match=r"turning\.example is not a public address"):
                    await door.send(Get(f"http://turning.example:{web.port}/", {}))
            else:
                response = await door.send(Get(f"http://turning.example:{web.port}/", {}))
                await response.aclose()
            await door.aclose()
        assert [request.header("host") for request in web.requests] == [f"turning.example:{web.port}"]


async def test_a_listed_name_is_fetched(web: WebServer) -> None:
    fetcher = http_fetcher(f"localhost:{web.port}")
    web.serve("/feed", FEED)
    assert (await page(fetcher, f"http://localhost:{web.port}/feed")).body == FEED
    refused = await failure(fetcher, web.url("/feed"))
    assert f'"{web.authority}"' in refused.advice
    await fetcher.aclose()


# ------------------------------------------------------------------------------ manners


async def test_a_slow_host_gets_few_requests_and_holds_up_no_other() -> None:
    async with web_servers(2) as (slow, quick):
        fetcher = http_fetcher(slow.authority, quick.authority, concurrency=3, per_host=2)
        slow.hang("/feed")
        quick.serve("/feed", FEED)
        waiting = [asyncio.create_task(get(fetcher, slow.url("/feed"))) for _ in range(10)]
        await seen(slow, 2)
        for _ in range(3):
            assert (await page(fetcher, quick.url("/feed"))).body == FEED
        assert (len(slow.requests), slow.connections) == (2, 2)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await fetcher.aclose()


async def test_many_feeds_of_one_host_share_its_connections(web: WebServer) -> None:
    fetcher = http_fetcher(web.authority, per_host=2)
    web.serve("/feed", FEED)
    await asyncio.gather(*[page(fetcher, web.url("/feed")) for _ in range(30)])
    assert len(web.requests) == 30
    assert web.connections <= 3  # the last one asks to close
    await fetcher.aclose()


def hosts_kept_open(servers: Sequence[WebServer]) -> int:
    """How many of the servers were asked to keep a connection open."""
    return sum(any(request.header("connection") != "close" for request in web.requests) for web in servers)


async def test_open_connections_do_not_grow_with_the_number_of_hosts() -> None:
    async with web_servers(8) as servers:
        fetcher = http_fetcher(*[web.authority for web in servers], concurrency=3, per_host=2)
        for web in servers:
            web.serve("/feed", FEED)
        await asyncio.gather(*[page(fetcher, web.url("/feed")) for web in servers for _ in range(4)])
        assert hosts_kept_open(servers) == 3
        await fetcher.aclose()
