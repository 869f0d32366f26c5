"""Webhooks: what is posted, how it is signed, and what each answer means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from alerts.channels.webhook import MAX_PAYLOAD, WebhookChannel
from alerts.deliver import compose_all
from alerts.errors import DeliveryError, PostError
from alerts.fakes import RecordingPoster
from alerts.http import HttpxPoster
from alerts.model import HttpAnswer, ScorePart, Secret, Story
from alerts.ports import Channel
from alerts.render import Renderer
from tests.alerts.channel_contract import ChannelContract
from tests.alerts.receivers import HookReceiver
from tests.alerts.samples import END, digest, entry

SECRET = "whsec_bmV3c2JlbGwgdGVzdCBzZWNyZXQgMTIzNA=="
RENDERER = Renderer()


def channel_with(poster: Any = None, **changes: Any) -> WebhookChannel:
    settings: dict[str, Any] = {
        "name": "hook",
        "url": "https://hook.example/in",
        "secret": Secret(SECRET),
        "timeout": 5.0,
        "renderer": RENDERER,
        "poster": poster or RecordingPoster(),
    }
    return WebhookChannel(**(settings | changes))


async def refusal(*script: HttpAnswer | PostError | int) -> DeliveryError:
    channel = channel_with(RecordingPoster(script))
    with pytest.raises(DeliveryError) as caught:
        await channel.send(compose_all(digest(1), [channel])[0], 1, END)
    return caught.value


class TestWebhookChannel(ChannelContract):
    @pytest.fixture
    def channel(self) -> Channel:
        return channel_with()


async def test_the_signature_covers_id_time_and_body() -> None:
    poster = RecordingPoster()
    channel = channel_with(poster)
    (message,) = compose_all(digest(2), [channel])

    await channel.send(message, 1, END)

    ((url, body, headers),) = poster.requests
    assert (url, body) == ("https://hook.example/in", message.body)
    assert headers["webhook-id"] == message.key
    assert headers["webhook-timestamp"] == str(int(END.timestamp()))
    assert headers["webhook-signature"] == Webhook(SECRET).sign(message.key, END, body.decode())
    assert headers["content-type"] == "application/json"


async def test_a_receiver_with_the_library_accepts_it() -> None:
    """The specification's own library verifies a message that is sent now."""
    poster, now = RecordingPoster(), datetime.now(UTC)
    channel = channel_with(poster)
    await channel.send(compose_all(digest(2), [channel])[0], 1, now)

    (_, body, headers) = poster.requests[0]
    assert Webhook(SECRET).verify(body, dict(headers))["type"] == "digest"


async def test_a_retry_keeps_the_id_and_body_and_renews_the_time() -> None:
    poster = RecordingPoster([500])
    channel = channel_with(poster)
    (message,) = compose_all(digest(2), [channel])
    with pytest.raises(DeliveryError):
        await channel.send(message, 1, END)
    await channel.send(message, 2, END + timedelta(hours=5))

    (_, first_body, first), (_, second_body, second) = poster.requests
    assert (first["webhook-id"], first_body) == (second["webhook-id"], second_body)
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 5 * 3600


async def test_without_a_secret_it_is_not_signed_but_still_named() -> None:
    poster = RecordingPoster()
    channel = channel_with(poster, secret=None)
    await channel.send(compose_all(digest(1), [channel])[0], 1, END)

    headers: Mapping[str, str] = poster.requests[0][2]
    assert "webhook-signature" not in headers
    assert {"webhook-id", "webhook-timestamp"} <= set(headers)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_2xx_is_a_success(status: int) -> None:
    channel = channel_with(RecordingPoster([status]))

    await channel.send(compose_all(digest(1), [channel])[0], 1, END)


@pytest.mark.parametrize("status", [100, 301, 302, 307, 304, 400, 401, 404, 429, 500, 502, 503, 504])
async def test_other_statuses_are_tried_again(status: int) -> None:
    error = await refusal(status)

    assert (error.permanent, error.unknown, error.unreachable) == (False, False, False)
    assert str(status) in str(error)


async def test_410_ends_it() -> None:
    assert (await refusal(410)).permanent


async def test_a_redirect_is_named_and_not_followed() -> None:
    error = await refusal(HttpAnswer(302, {"location": "https://other.example/in"}))

    assert "a redirect to https://other.example/in" in str(error)


async def test_a_redirect_to_something_odd_is_not_quoted() -> None:
    error = await refusal(HttpAnswer(302, {"location": "javascript:alert(1)"}))

    assert "javascript" not in str(error)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("Tue, 03 Mar 2026 00:10:00 GMT", 600),
        ("Tue, 03 Mar 2026 00:10:00 -0000", 600),
        ("Mon, 02 Mar 2026 00:00:00 GMT", 0),
        ("99999999999999999999", 10**9),
    ],
)
async def test_retry_after_is_understood(status: int, value: str, seconds: int) -> None:
    error = await refusal(HttpAnswer(status, {"retry-after": value}))

    assert error.retry_after == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "²", "Tue, 99 Foo"])
async def test_a_senseless_retry_after_is_ignored(value: str) -> None:
    assert (await refusal(HttpAnswer(503, {"retry-after": value}))).retry_after is None


async def test_retry_after_counts_only_for_an_overloaded_receiver() -> None:
    assert (await refusal(HttpAnswer(500, {"retry-after": "120"}))).retry_after is None


async def test_what_never_left_is_told_from_what_may_have_arrived() -> None:
    before, after = await refusal(PostError("refused", sent=False)), await refusal(PostError("reset", sent=True))

    assert [before.unknown, before.unreachable] == [False, True]
    assert [after.unknown, after.unreachable] == [True, False]


async def test_a_silent_receiver_is_left_at_the_deadline() -> None:
    class Silent(RecordingPoster):
        async def post(self, *_: object) -> HttpAnswer:
            await asyncio.Event().wait()
            raise AssertionError("unreachable")

    channel = channel_with(Silent(), timeout=0.05)

    with pytest.raises(DeliveryError, match=r"no answer within 0\.05 s") as caught:
        await channel.send(compose_all(digest(1), [channel])[0], 1, END)
    assert caught.value.unknown


async def test_it_works_over_a_real_connection(hook: HookReceiver) -> None:
    poster = HttpxPoster()
    channel = channel_with(poster, url=hook.url)
    (message,) = compose_all(digest(5), [channel])

    await channel.send(message, 1, END)
    await poster.aclose()

    (request,) = hook.requests
    assert (request.method, request.body, request.headers["user-agent"]) == ("POST", message.body, "Newsbell-Webhook/1")


def test_a_large_digest_is_cut_and_says_so() -> None:
    channel = channel_with(archive="https://news.example/archive")
    stories = [Story((entry(n), entry(n + 1)), update=False) for n in range(60)]
    (message,) = compose_all(digest(stories, more=5), [channel])

    sent = json.loads(message.body)
    assert MAX_PAYLOAD * 0.9 < len(message.body) <= MAX_PAYLOAD
    assert len(sent["stories"]) + sent["more"] == 65
    assert sent["archive"] == "https://news.example/archive"
    assert sent["stories"][0]["entries"][0]["id"] == "entry-0"


def test_a_digest_of_monsters_still_keeps_to_the_limit() -> None:
    """What cannot be cut to 20 kB is left out whole, and the archive is named."""
    part = ScorePart("term", "ຍ" * 200, "title", 1, 1.0, 1.0)
    monster = entry(0, parts=(part,) * 200)
    (message,) = compose_all(digest([Story((monster,))]), [channel_with(archive="https://news.example/archive")])

    sent = json.loads(message.body)
    assert len(message.body) <= MAX_PAYLOAD
    assert (sent["stories"], sent["more"], sent["archive"]) == ([], 1, "https://news.example/archive")


def test_the_stored_recipient_holds_no_token_of_the_path() -> None:
    addresses = [f"https://hooks.example/services/T0/B0/{token}" for token in ("S3cret", "An0ther")]
    shown = [WebhookChannel("hook", url, None, 5, Renderer(), RecordingPoster()).recipients[0] for url in addresses]

    assert all(each.startswith("https://hooks.example/services/… (") for each in shown)
    assert len(set(shown)) == 2
    assert not any(part in each for each in shown for part in ("T0", "B0", "S3cret", "An0ther"))


def test_nor_does_one_whose_path_is_the_token() -> None:
    channel = channel_with(url="https://hooks.example/h7fk29dkqPz01mmWq8")

    assert channel.recipients[0].startswith("https://hooks.example/… (")


def test_the_stored_recipient_holds_no_password() -> None:
    channel = channel_with(url="https://user:hunter2@hook.example:8443/in?token=abc#x")

    assert channel.recipients == ("https://hook.example:8443/in",)


@pytest.mark.parametrize("url", ["", "hook.example/in", "ftp://hook.example/", "https://", "https://a b/"])
def test_an_address_that_cannot_be_posted_to_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url: a webhook needs an http or https address"):
        channel_with(url=url)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_!", "whsec_a"])
def test_a_broken_secret_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(ValueError, match=r"secret: .* is whsec_ and base64") as caught:
        channel_with(secret=Secret(secret))
    assert caught.value.__cause__ is None
