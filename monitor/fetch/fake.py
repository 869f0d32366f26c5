"""A scripted web behind the Fetcher port, for tests and simulations: no network, no clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from monitor.fetch.redirects import problem
from monitor.fetch.statuses import of_status
from monitor.model import Fetched, FetchFailed, FetchRequest, FetchResult, NotModified, Redirect, Validators


@dataclass(frozen=True, slots=True)
class _Page:
    body: bytes
    content_type: str
    validators: Validators
    freshness: timedelta | None

    def answer(self, request: FetchRequest) -> FetchResult:
        """200, or 304 when the request's validators are this page's; an ETag outranks a date (RFC 9110, 13.2.2)."""
        asked, own = request.validators, self.validators
        known = asked.etag == own.etag if asked.etag else asked.last_modified == own.last_modified
        if known and asked != Validators():
            return NotModified(request.url, own, self.freshness)
        if not self.body:
            return FetchFailed(request.url, "the site sent an empty answer", 200)
        return Fetched(request.url, 200, self.body, self.content_type, own, self.freshness)


class FakeFetcher:
    """Answers as it was told to; an address it was not told of is a 404. ``requests`` holds all it was asked."""

    def __init__(self) -> None:
        self.requests: list[FetchRequest] = []
        self._web: dict[str, _Page | FetchFailed | Redirect] = {}

    def serve(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str = "application/rss+xml",
        etag: str | None = None,
        last_modified: str | None = None,
        freshness: timedelta | None = None,
    ) -> None:
        """From now on ``url`` has this body and these validators."""
        self._web[url] = _Page(body, content_type, Validators(etag, last_modified), freshness)

    def fail(self, url: str, status: int, *, retry_after: timedelta | None = None) -> None:
        """From now on ``url`` answers with an error status."""
        self._web[url] = replace(of_status(status).at(url, status), retry_after=retry_after)

    def break_off(self, url: str, reason: str = "the connection failed") -> None:
        """From now on ``url`` gives no answer at all."""
        self._web[url] = FetchFailed(url, reason)

    def redirect(self, url: str, to: str, status: int = 302) -> None:
        """From now on ``url`` leads to ``to``."""
        self._web[url] = Redirect(status, to)

    async def fetch(self, request: FetchRequest) -> FetchResult:
        """The scripted answer; redirects are followed as the real fetcher follows them."""
        self.requests.append(request)
        hops: list[Redirect] = []
        url = request.url
        while True:
            answer = self._web.get(url) or of_status(404).at(url, 404)
            if isinstance(answer, _Page):
                return replace(answer.answer(replace(request, url=url)), redirects=tuple(hops))
            if isinstance(answer, FetchFailed):
                return replace(answer, redirects=tuple(hops))
            failure = problem(answer, request.url, hops)
            if failure is not None:
                return replace(failure.at(url, answer.status), redirects=tuple(hops))
            hops.append(answer)
            url = answer.url

    async def aclose(self) -> None:
        """Nothing to close."""
