"""What every channel must do. A subclass gives the fixture ``channel``; the tests run on it unchanged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.deliver import compose_all
from alerts.errors import DeliveryError
from alerts.ports import Channel
from alerts.retry import POLICIES
from tests.alerts.samples import END, digest


class ChannelContract:
    """Subclass it, call the subclass ``Test...``, and give it a fixture ``channel`` whose receiver accepts."""

    @pytest.fixture
    def channel(self) -> Channel:
        raise NotImplementedError

    def test_it_says_what_it_is(self, channel: Channel) -> None:
        assert channel.name
        assert channel.kind in POLICIES
        assert channel.on_unknown in {"resend", "hold"}
        assert channel.timeout > 0
        assert len(channel.recipients) == len(set(channel.recipients)) > 0

    def test_composing_is_pure(self, channel: Channel) -> None:
        """The same digest gives the same bytes: a message composed again is the message of before."""
        assert compose_all(digest(3), [channel]) == compose_all(digest(3), [channel])

    def test_each_recipient_has_a_message_of_its_own(self, channel: Channel) -> None:
        messages = compose_all(digest(3), [channel])

        assert [message.recipient for message in messages] == list(channel.recipients)
        assert len({message.key for message in messages}) == len(messages)
        assert {(message.channel, message.profile) for message in messages} == {(channel.name, "japan-mekong")}
        assert all(message.body and message.content_type and message.subject for message in messages)

    def test_it_composes_whatever_a_digest_holds(self, channel: Channel) -> None:
        for each in (digest(0), digest(0, kind="notice", notices=("Feed down",)), digest(40), digest(1, kind="test")):
            assert compose_all(each, [channel])

    async def test_a_message_is_taken_as_often_as_it_is_sent(self, channel: Channel) -> None:
        """A repeat after a lost answer is a success, too."""
        (message, *_) = compose_all(digest(3), [channel])

        await channel.send(message, 1, END)
        await channel.send(message, 2, END)

    async def test_it_can_be_opened_any_number_of_times(self, channel: Channel) -> None:
        await channel.open()
        await channel.open()

    async def test_what_is_sent_was_composed_by_an_earlier_process(self, channel: Channel) -> None:
        (message, *_) = compose_all(digest(3), [channel])

        await channel.send(replace(message, subject="read back from the outbox"), 1, END)

    async def test_what_another_type_of_channel_composed_is_never_sent(self, channel: Channel) -> None:
        """A channel's type was changed while messages waited: they are kept as dead letters that say why."""
        (message, *_) = compose_all(digest(3), [channel])
        types = {"message/rfc822", "application/json", "application/vnd.newsbell.files+json", "text/plain"}
        assert message.content_type in types

        for other in sorted(types - {message.content_type}):
            with pytest.raises(DeliveryError, match=r"the channel's type has changed.* outbox retry") as caught:
                await channel.send(replace(message, content_type=other), 1, END)
            assert caught.value.permanent
