"""What every Fetcher does: one set of tests for the fake and for the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Protocol

import pytest

from monitor.fetch.client import HttpFetcher
from monitor.fetch.fake import FakeFetcher
from monitor.model import Fetched, FetchFailed, FetchRequest, FetchResult, NotModified, Redirect, Validators
from monitor.ports import Fetcher
from tests.servers.web import WebServer, answer

DATE = "Wed, 22 Jan 2025 03:00:00 GMT"
HOUR = timedelta(hours=1)
NOTHING_KNOWN = Validators()
FEED = b"<rss version='2.0'><channel><title>A feed</title></channel></rss>"


class World(Protocol):
    """A web of pages and a fetcher that sees it."""

    fetcher: Fetcher

    def url(self, path: str) -> str: ...
    def serve(
        self, path: str, body: bytes, *, etag: str = "", date: str = "", fresh: timedelta | None = None
    ) -> None: ...
    def fail(self, path: str, status: int, *, retry_after: timedelta | None = None) -> None: ...
    def redirect(self, path: str, to: str, status: int = 302) -> None: ...
    def break_off(self, path: str) -> None: ...


class FakeWorld:
    def __init__(self) -> None:
        self.fetcher = self.fake = FakeFetcher()

    def url(self, path: str) -> str:
        return f"http://feeds.example{path}"

    def serve(self, path: str, body: bytes, *, etag: str = "", date: str = "", fresh: timedelta | None = None) -> None:
        self.fake.serve(self.url(path), body, etag=etag or None, last_modified=date or None, freshness=fresh)

    def fail(self, path: str, status: int, *, retry_after: timedelta | None = None) -> None:
        self.fake.fail(self.url(path), status, retry_after=retry_after)

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.fake.redirect(self.url(path), self.url(to), status)

    def break_off(self, path: str) -> None:
        self.fake.break_off(self.url(path))


class RealWorld:
    def __init__(self, web: WebServer, fetcher: HttpFetcher) -> None:
        self.fetcher = fetcher
        self.web = web
        self.url = web.url

    def serve(self, path: str, body: bytes, *, etag: str = "", date: str = "", fresh: timedelta | None = None) -> None:
        fields = [("Cache-Control", f"max-age={fresh.seconds}")] if fresh else []
        self.web.serve(path, body, fields, etag=etag, last_modified=date)

    def fail(self, path: str, status: int, *, retry_after: timedelta | None = None) -> None:
        self.web.status(path, status, b"no", [("Retry-After", str(retry_after.seconds))] if retry_after else [])

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.web.raw(path, answer(status, b"", [("Location", to)]))

    def break_off(self, path: str) -> None:
        self.web.raw(path, b"")


@pytest.fixture(params=["fake", "http"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    async with WebServer() as web:
        limits = {"timeout": timedelta(seconds=10), "max_bytes": 1 << 20, "concurrency": 5, "per_host": 2}
        fetcher = HttpFetcher("https://example.org/", "1", allow=[web.authority], **limits)
        yield RealWorld(web, fetcher)
        await fetcher.aclose()


class TestFetcherContract:
    async def get(self, world: World, path: str, validators: Validators = NOTHING_KNOWN) -> FetchResult:
        return await world.fetcher.fetch(FetchRequest(world.url(path), validators))

    async def test_a_page_comes_with_its_address_type_and_validators(self, world: World) -> None:
        world.serve("/feed", FEED, etag='"1"', date=DATE, fresh=HOUR)
        assert await self.get(world, "/feed") == Fetched(
            world.url("/feed"), 200, FEED, "application/rss+xml", Validators('"1"', DATE), HOUR
        )

    async def test_a_page_without_validators_has_none(self, world: World) -> None:
        world.serve("/feed", FEED)
        result = await self.get(world, "/feed")
        assert isinstance(result, Fetched)
        assert (result.validators, result.freshness) == (Validators(), None)

    @pytest.mark.parametrize("known", [Validators('"1"', DATE), Validators('"1"'), Validators('"1"', "another date")])
    async def test_its_etag_brings_not_modified(self, world: World, known: Validators) -> None:
        world.serve("/feed", FEED, etag='"1"', date=DATE, fresh=HOUR)
        assert await self.get(world, "/feed", known) == NotModified(world.url("/feed"), Validators('"1"', DATE), HOUR)

    async def test_its_date_alone_brings_not_modified(self, world: World) -> None:
        world.serve("/feed", FEED, date=DATE)
        assert isinstance(await self.get(world, "/feed", Validators(None, DATE)), NotModified)

    @pytest.mark.parametrize("known", [Validators('"0"'), Validators('"0"', DATE), Validators(None, "another date")])
    async def test_other_validators_bring_the_page(self, world: World, known: Validators) -> None:
        world.serve("/feed", FEED, etag='"1"', date=DATE)
        assert isinstance(await self.get(world, "/feed", known), Fetched)

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 429, 451, 500, 503, 520])
    async def test_an_error_status_is_a_failure_that_may_pass(self, world: World, status: int) -> None:
        world.fail("/feed", status)
        result = await self.get(world, "/feed")
        assert isinstance(result, FetchFailed)
        assert (result.url, result.status, result.permanent) == (world.url("/feed"), status, False)
        assert str(status) in result.reason

    async def test_gone_is_a_failure_for_good(self, world: World) -> None:
        world.fail("/feed", 410)
        result = await self.get(world, "/feed")
        assert isinstance(result, FetchFailed)
        assert result.permanent

    @pytest.mark.parametrize("status", [429, 503])
    async def test_a_wish_to_wait_is_told(self, world: World, status: int) -> None:
        world.fail("/feed", status, retry_after=HOUR)
        result = await self.get(world, "/feed")
        assert isinstance(result, FetchFailed)
        assert result.retry_after == HOUR

    async def test_an_unknown_address_is_a_404(self, world: World) -> None:
        result = await self.get(world, "/nothing")
        assert isinstance(result, FetchFailed)
        assert result.status == 404

    async def test_an_empty_page_is_a_failure(self, world: World) -> None:
        world.serve("/feed", b"", etag='"1"')
        assert isinstance(await self.get(world, "/feed"), FetchFailed)

    async def test_no_answer_is_a_failure_without_status(self, world: World) -> None:
        world.break_off("/feed")
        result = await self.get(world, "/feed")
        assert isinstance(result, FetchFailed)
        assert (result.status, result.permanent) == (None, False)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    async def test_a_redirect_is_followed_and_told(self, world: World, status: int) -> None:
        world.redirect("/old", "/new", status)
        world.serve("/new", FEED)
        result = await self.get(world, "/old")
        assert isinstance(result, Fetched)
        assert result.url == world.url("/new")
        assert result.redirects == (Redirect(status, world.url("/new")),)

    async def test_validators_go_along_with_a_redirect(self, world: World) -> None:
        world.redirect("/old", "/new")
        world.serve("/new", FEED, etag='"1"')
        result = await self.get(world, "/old", Validators('"1"'))
        assert isinstance(result, NotModified)
        assert len(result.redirects) == 1

    async def test_five_redirects_are_followed_and_six_are_not(self, world: World) -> None:
        for number in range(6):
            world.redirect(f"/{number}", f"/{number + 1}")
        world.serve("/6", FEED)
        assert isinstance(await self.get(world, "/1"), Fetched)
        result = await self.get(world, "/0")
        assert isinstance(result, FetchFailed)
        assert len(result.redirects) == 5

    async def test_a_circle_of_redirects_is_a_failure(self, world: World) -> None:
        world.redirect("/a", "/b")
        world.redirect("/b", "/a")
        for path in ("/a", "/b"):
            result = await self.get(world, path)
            assert isinstance(result, FetchFailed)
            assert "circle" in result.reason

    async def test_a_failure_behind_a_redirect_tells_the_way(self, world: World) -> None:
        world.redirect("/old", "/new")
        world.fail("/new", 500)
        result = await self.get(world, "/old")
        assert isinstance(result, FetchFailed)
        assert result.redirects == (Redirect(302, world.url("/new")),)

    async def test_closing_twice_is_well(self, world: World) -> None:
        world.serve("/feed", FEED)
        await self.get(world, "/feed")
        await world.fetcher.aclose()
        await world.fetcher.aclose()


async def test_the_fake_remembers_what_it_was_asked() -> None:
    fake = FakeFetcher()
    request = FetchRequest("http://feeds.example/", Validators('"1"'))
    await fake.fetch(request)
    assert fake.requests == [request]
