"""What waits in the outbox may be older than the configuration: a channel sends only what it could have composed."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.errors import DeliveryError
from alerts.model import Message

_AS_BEFORE = "as before, then `newsbell outbox retry`, or `newsbell outbox drop`"


def check_type(message: Message, expected: str, kind: str) -> None:
    """Raise a permanent ``DeliveryError`` when ``message`` was composed for another type of channel."""
    if message.content_type != expected:
        text = (
            f"the channel's type has changed: this message is {message.content_type}, which a channel of type {kind} "
            f"cannot send; set the type {_AS_BEFORE}"
        )
        raise DeliveryError(message.channel, text, permanent=True)


def check_recipient(message: Message, recipients: Sequence[str]) -> None:
    """Raise a permanent ``DeliveryError`` when ``message`` waited for somebody who was taken off the list."""
    if message.recipient not in recipients:
        text = f"{message.recipient} is no longer a recipient of this channel; add the address {_AS_BEFORE}"
        raise DeliveryError(message.channel, text, permanent=True)
