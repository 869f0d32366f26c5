"""What ``check --online`` says of a feed and of a channel: one line where something is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alerts.errors import DeliveryError
from alerts.fakes import RecordingChannel
from monitor.app.online import check_channel, check_feed
from monitor.fetch.fake import FakeFetcher
from monitor.model import Feed, FetchFailed, FetchRequest, FetchResult, NotModified, Validators
from monitor.parse.inline import InlineParser
from tests.monitor.cycle.desk import OFF, rss

URL, OTHER = "https://a.example/feed", "https://b.example/feed"


class Saying(FakeFetcher):
    """Answers with one result."""

    def __init__(self, result: FetchResult) -> None:
        super().__init__()
        self.result = result

    async def fetch(self, request: FetchRequest) -> FetchResult:
        self.requests.append(request)
        return self.result


def served(body: bytes) -> FakeFetcher:
    web = FakeFetcher()
    web.serve(URL, body)
    return web


def moved() -> FakeFetcher:
    web = FakeFetcher()
    web.redirect(URL, OTHER, 301)
    web.serve(OTHER, rss(OFF))
    return web


@pytest.mark.parametrize(
    ("web", "line"),
    [
        (lambda: served(rss(OFF)), ""),
        (lambda: served(rss()), ""),
        (moved, ""),
        (lambda: Saying(NotModified(URL, Validators())), ""),
        (lambda: Saying(FetchFailed(URL, "the site is gone", 410, advice="remove it")), "the site is gone (remove it)"),
        (lambda: Saying(FetchFailed(URL, "the connection failed")), "the connection failed"),
        (lambda: served(b"<html><body>Welcome</body></html>"), "this is a web page, not a feed"),
        (lambda: served(b"\x89PNG"), "not a feed"),
    ],
    ids=["well", "empty", "moved", "304", "gone", "no answer", "page", "picture"],
)
async def test_a_feed_is_asked_once_without_what_is_remembered_of_it(web: Callable[[], FakeFetcher], line: str) -> None:
    fetcher = web()
    found = await check_feed(fetcher, InlineParser(), Feed(URL, "A"))
    assert (bool(found), found.startswith(f"{URL}: ")) == (bool(line), bool(line))
    assert line in found
    assert fetcher.requests == [FetchRequest(URL)]


class Closed(RecordingChannel):
    async def open(self) -> None:
        raise DeliveryError(self.name, "535 wrong password", unreachable=True)


async def test_a_channel_that_opens_is_passed_over_and_one_that_does_not_is_named() -> None:
    assert await check_channel(RecordingChannel("desk")) == ""
    assert await check_channel(Closed("desk")) == "channel desk: 535 wrong password"
