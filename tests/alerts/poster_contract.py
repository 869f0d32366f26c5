"""What every ``HttpPoster`` must do. A subclass gives the fixture ``poster`` and an address that behaves."""

from __future__ import annotations

import pytest

from alerts.errors import PostError
from alerts.ports import HttpPoster
from tests.alerts.receivers import HookReceiver


class PosterContract:
    """Subclass it, call the subclass ``Test...``, and give it a fixture ``poster`` that may reach 127.0.0.1."""

    @pytest.fixture
    async def poster(self) -> HttpPoster:
        raise NotImplementedError

    async def test_it_posts_the_bytes_and_headers_it_is_given(self, poster: HttpPoster, hook: HookReceiver) -> None:
        body = "{“ສະບາຍດີ”}".encode()

        answer = await poster.post(hook.url, body, {"webhook-id": "k1", "content-type": "application/json"}, 5)

        assert answer.status == 200
        (request,) = hook.requests
        assert (request.method, request.body) == ("POST", body)
        assert (request.headers["webhook-id"], request.headers["content-type"]) == ("k1", "application/json")
        assert "cookie" not in request.headers

    @pytest.mark.parametrize("status", [204, 302, 400, 410, 429, 500, 503])
    async def test_every_status_is_an_answer(self, poster: HttpPoster, hook: HookReceiver, status: int) -> None:
        hook.script = [f"{status}"]

        assert (await poster.post(hook.url, b"{}", {}, 5)).status == status
        assert len(hook.requests) == 1

    async def test_header_names_are_in_lower_case(self, poster: HttpPoster, hook: HookReceiver) -> None:
        hook.script = ["429:17"]

        assert (await poster.post(hook.url, b"{}", {}, 5)).headers["retry-after"] == "17"

    async def test_a_redirect_is_not_followed(self, poster: HttpPoster, hook: HookReceiver) -> None:
        hook.script = [f"redirect:{hook.url}/elsewhere"]

        answer = await poster.post(hook.url, b"{}", {}, 5)

        assert (answer.status, len(hook.requests)) == (302, 1)
        assert answer.headers["location"] == f"{hook.url}/elsewhere"

    @pytest.mark.parametrize("mode", ["big", "slow"])
    async def test_an_endless_answer_is_not_read(self, poster: HttpPoster, hook: HookReceiver, mode: str) -> None:
        hook.script = [mode]

        assert (await poster.post(hook.url, b"{}", {}, 5)).status == 200

    @pytest.mark.parametrize("mode", ["drop", "junk"])
    async def test_no_answer_means_it_may_have_arrived(self, poster: HttpPoster, hook: HookReceiver, mode: str) -> None:
        hook.script = [mode]

        with pytest.raises(PostError) as caught:
            await poster.post(hook.url, b"{}", {}, 5)
        assert caught.value.sent

    async def test_silence_ends_at_the_deadline(self, poster: HttpPoster, hook: HookReceiver) -> None:
        """On a busy machine a short deadline may end before the request is out: then a longer one is tried."""
        for deadline in (0.2, 1, 5):
            hook.script = ["hang"] * 3  # a request that came too late for its deadline takes one
            with pytest.raises(PostError) as caught:
                await poster.post(hook.url, b"{}", {}, deadline)
            if hook.requests:
                break
        assert hook.requests
        assert caught.value.sent

    async def test_nobody_there_means_it_was_not_sent(self, poster: HttpPoster, closed_port: int) -> None:
        with pytest.raises(PostError) as caught:
            await poster.post(f"http://127.0.0.1:{closed_port}/", b"{}", {}, 5)
        assert not caught.value.sent
