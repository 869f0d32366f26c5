"""The plain poster against a real receiver."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from alerts.http import HttpxPoster
from alerts.ports import HttpPoster
from tests.alerts.poster_contract import PosterContract
from tests.alerts.receivers import HookReceiver


class TestHttpxPoster(PosterContract):
    @pytest.fixture
    async def poster(self) -> AsyncIterator[HttpPoster]:
        poster = HttpxPoster()
        yield poster
        await poster.aclose()


async def test_proxies_of_the_environment_are_not_asked(hook: HookReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    poster = HttpxPoster()

    assert (await poster.post(hook.url, b"{}", {}, 5)).status == 200
    await poster.aclose()


async def test_cookies_are_not_kept(hook: HookReceiver) -> None:
    poster = HttpxPoster()
    for _ in range(2):
        await poster.post(hook.url, b"{}", {}, 5)
    await poster.aclose()

    assert ["cookie" in request.headers for request in hook.requests] == [False, False]
