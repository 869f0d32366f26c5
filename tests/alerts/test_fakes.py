"""The fakes keep the contracts of the real adapters."""

from __future__ import annotations

import pytest

from alerts.errors import PostError
from alerts.fakes import MemoryOutbox, RecordingChannel, RecordingPoster
from alerts.model import HttpAnswer
from alerts.ports import Channel, Outbox
from tests.alerts.channel_contract import ChannelContract
from tests.alerts.outbox_contract import OutboxContract


class TestMemoryOutbox(OutboxContract):
    @pytest.fixture
    def outbox(self) -> Outbox:
        return MemoryOutbox()


class TestRecordingChannel(ChannelContract):
    @pytest.fixture
    def channel(self) -> Channel:
        return RecordingChannel(recipients=("a@example.org", "b@example.org"))


async def test_the_recording_poster_plays_its_script() -> None:
    poster = RecordingPoster([503, HttpAnswer(429, {"retry-after": "7"}), PostError("gone", sent=True)])

    first = await poster.post("https://a.example/", b"1", {}, 5)
    second = await poster.post("https://a.example/", b"2", {"webhook-id": "k"}, 5)
    with pytest.raises(PostError):
        await poster.post("https://a.example/", b"3", {}, 5)
    last = await poster.post("https://a.example/", b"4", {}, 5)
    await poster.aclose()

    assert [first.status, second.headers, last.status] == [503, {"retry-after": "7"}, 200]
    assert [body for _, body, _ in poster.requests] == [b"1", b"2", b"3", b"4"]
    assert poster.closed
