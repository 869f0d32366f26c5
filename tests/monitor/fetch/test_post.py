"""Webhooks leave through the same guarded door, and it is known whether they left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from alerts.errors import PostError
from alerts.model import HttpAnswer
from alerts.ports import HttpPoster
from monitor.fetch.post import GuardedPoster
from tests.servers.web import Request, WebServer, answer

BODY = '{"title": "ສະບາຍດີ"}'.encode()
HEADERS = {"content-type": "application/json", "webhook-id": "msg_1"}


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with WebServer() as server:
        yield server


@pytest.fixture
async def poster(web: WebServer) -> AsyncIterator[HttpPoster]:
    poster = GuardedPoster("https://example.org/", "1.2.3", allow=[web.authority])
    yield poster
    await poster.aclose()


async def unanswered(poster: HttpPoster, url: str, deadline: float = 10) -> PostError:
    with pytest.raises(PostError) as caught:
        await poster.post(url, BODY, HEADERS, deadline)
    return caught.value


async def test_the_body_and_its_headers_arrive_as_they_are(web: WebServer, poster: HttpPoster) -> None:
    web.status("/hook", 200, b"thanks", [("X-Answer", "Yes")])
    result = await poster.post(web.url("/hook"), BODY, HEADERS, 10)
    assert result == HttpAnswer(200, {"x-answer": "Yes", "content-length": "6"})
    (request,) = web.requests
    assert (request.method, request.body) == ("POST", BODY)
    assert sorted((name.lower(), value) for name, value in request.fields) == [
        ("accept", "*/*"),
        ("accept-encoding", "identity"),
        ("connection", "close"),
        ("content-length", str(len(BODY))),
        ("content-type", "application/json"),
        ("host", web.authority),
        ("user-agent", "Newsbell/1.2.3 (+https://example.org/)"),
        ("webhook-id", "msg_1"),
    ]


async def test_the_callers_own_user_agent_wins(web: WebServer, poster: HttpPoster) -> None:
    await poster.post(web.url("/hook"), BODY, {"User-Agent": "Hook/1"}, 10)
    assert [value for name, value in web.requests[0].fields if name.lower() == "user-agent"] == ["Hook/1"]


@pytest.mark.parametrize("status", [204, 302, 400, 404, 410, 429, 500])
async def test_every_status_is_an_answer_and_no_redirect_is_followed(
    web: WebServer, poster: HttpPoster, status: int
) -> None:
    web.status("/hook", status, b"", [("Location", "/elsewhere")])
    result = await poster.post(web.url("/hook"), BODY, HEADERS, 10)
    assert (result.status, result.headers["location"], len(web.requests)) == (status, "/elsewhere", 1)


async def test_an_endless_answer_is_not_read(web: WebServer, poster: HttpPoster) -> None:
    web.hang("/hook", answer(200, length=None), b"x" * 65_536, every=0)
    assert (await poster.post(web.url("/hook"), BODY, HEADERS, 10)).status == 200


async def test_every_post_has_its_own_connection(web: WebServer, poster: HttpPoster) -> None:
    for _ in range(3):
        await poster.post(web.url("/hook"), BODY, HEADERS, 10)
    assert web.connections == 3


# ------------------------------------------------------------------------------ was it sent?


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.2:9/hook", "127.0.0.2 is not a public address"),
        ("http://localhost:9/hook", "localhost is not a public address"),
        ("http://user:word@example.org/", "user name or password"),
        ("ftp://example.org/", "only http and https"),
    ],
)
async def test_what_may_not_be_reached_was_not_sent(poster: HttpPoster, url: str, reason: str) -> None:
    error = await unanswered(poster, url)
    assert reason in str(error)
    assert not error.sent


async def test_what_was_refused_was_not_sent() -> None:
    async with WebServer() as short_lived:
        url, authority = short_lived.url("/hook"), short_lived.authority
    poster = GuardedPoster("https://example.org/", "1", allow=[authority])
    error = await unanswered(poster, url)
    assert (str(error), error.sent) == ("the host refuses connections", False)
    await poster.aclose()


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 abc\r\n\r\n"])
async def test_what_got_no_readable_answer_may_have_arrived(web: WebServer, poster: HttpPoster, reply: bytes) -> None:
    web.raw("/hook", reply)
    error = await unanswered(poster, web.url("/hook"))
    assert error.sent
    assert web.requests[0].body == BODY


async def test_what_got_no_answer_in_time_may_have_arrived(web: WebServer, poster: HttpPoster) -> None:
    web.hang("/hook")
    error = await unanswered(poster, web.url("/hook"), deadline=0.1)
    assert (str(error), error.sent) == ("no complete answer within 0.1 seconds", True)


async def test_a_post_is_never_sent_twice_by_itself(web: WebServer, poster: HttpPoster) -> None:
    async def reset(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    web.handle("/hook", reset)
    assert (await unanswered(poster, web.url("/hook"))).sent
    assert len(web.requests) == 1
