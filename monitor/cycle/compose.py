"""Composing for several channels, each by itself: one that cannot be composed for keeps nothing from the others."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from alerts.deliver import compose_all
from alerts.errors import DeliveryError
from alerts.model import Digest, Message
from monitor.cycle.tools import Tools
from monitor.notices import Told, uncomposed

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Composed:
    """The messages of a digest; ``failed``: why there is none for a channel, by its name."""

    messages: list[Message] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def problems(self, profile: str) -> list[str]:
        """One line for each channel without a message."""
        return [f"{name}: no message of {profile} could be composed: {why}" for name, why in self.failed.items()]


def compose_each(tools: Tools, digest: Digest, channels: Iterable[str]) -> Composed:
    """``digest`` for every recipient of ``channels``, as far as that can be done."""
    composed = Composed()
    for name in channels:
        try:
            composed.messages += compose_all(digest, [tools.channels[name]])
        except DeliveryError as error:
            composed.failed[name] = error.reason
        except Exception as bug:
            log.exception("nothing could be composed for channel %s", name)
            composed.failed[name] = f"unexpected {type(bug).__name__}: {bug}"
    return composed


def note_uncomposed(tools: Tools, profile: str, composed: Composed) -> None:
    """Notice the channels that nothing could be composed for, so that it is told on the others."""
    told = Told(key for key, _ in tools.store.notices(untold=False)) if composed.failed else Told(())
    for name, why in composed.failed.items():
        if told.channel(name) != "dead":
            notice = uncomposed(name, profile, why, told)
            tools.store.add_notice(notice.key, notice.text, tools.clock.now())
