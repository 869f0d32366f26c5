"""The seams of ``alerts``: a channel that takes messages, the outbox that remembers them, a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from alerts.model import Delivery, Digest, HttpAnswer, Message, Receipt


class Clock(Protocol):
    """Tells the time; the only source of ``now``."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class Channel(Protocol):
    """One way out: composes a message for each recipient and hands it over."""

    @property
    def name(self) -> str:
        """The channel's name in the config."""
        ...

    @property
    def kind(self) -> str:
        """Email | webhook | file | apprise: chooses the schedule of its retries."""
        ...

    @property
    def on_unknown(self) -> str:
        """What to do when no answer came: ``resend`` (the same message again) or ``hold`` (wait for the user)."""
        ...

    @property
    def timeout(self) -> float:
        """The deadline of one attempt, in seconds."""
        ...

    @property
    def recipients(self) -> Sequence[str]:
        """Whom it reaches; each gets an outbox row of its own."""
        ...

    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        """Render ``digest`` for ``recipient``: pure, the same bytes for the same arguments."""
        ...

    async def send(self, message: Message, attempt: int, now: datetime) -> None:
        """Hand the message over within the channel's deadline.

        Returns when it was accepted; raises ``DeliveryError`` (permanent, transient or unknown) otherwise.
        """
        ...

    async def open(self) -> None:
        """Go as far as can be gone without handing anything over; raises ``DeliveryError`` where that ends early."""
        ...


class HttpPoster(Protocol):
    """The one door to the network for webhooks; it decides which addresses may be reached."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> HttpAnswer:
        """POST ``body`` within ``deadline`` seconds and follow no redirect; the answer's body is not read.

        Raises ``PostError`` when no status came back.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class HostGuard(Protocol):
    """Decides which hosts may be reached, for libraries that open their connections themselves."""

    async def check(self, host: str, port: int) -> None:
        """Return when all that ``host`` resolves to may be reached; raises ``PostError`` otherwise."""
        ...


class Deliveries(Protocol):
    """What a sender needs of an outbox: something to send, and somebody to tell how that ended."""

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> Sequence[Delivery]:
        """Lease up to ``limit`` due deliveries, oldest first; nobody else is handed them until the lease ends.

        Each comes with a new ``fence``; ``settle`` ignores a receipt whose fence is no longer the newest.
        """
        ...

    def begin(self, delivery: Delivery) -> bool:
        """Mark that an attempt begins, until its receipt comes. False when the fence was stale: do not send."""
        ...

    def gone(self) -> frozenset[tuple[str, str]]:
        """Who wants nothing any more, as (channel, recipient), until one of their deliveries is retried or dropped."""
        ...

    def settle(self, receipt: Receipt) -> bool:
        """Write down how an attempt ended and end the lease. False when the fence was stale: nothing changed."""
        ...


class Outbox(Deliveries, Protocol):
    """Remembers every message until it is sent or dead. Senders read nothing else."""

    def enqueue(self, messages: Sequence[Message], now: datetime) -> int:
        """Add messages, due at ``now``; a key that is already known changes nothing. Returns how many were added."""
        ...

    def deliveries_due(self, now: datetime) -> bool:
        """Whether a delivery waits to be tried that nobody has taken up."""
        ...

    def deliveries(self, *, states: Sequence[str] = (), limit: int = 1000) -> Sequence[Delivery]:
        """Deliveries, newest first, of the given states (all when empty)."""
        ...

    def delivery(self, key: str) -> Delivery | None:
        """One delivery by its key or by an unambiguous beginning of it."""
        ...

    def retry(self, keys: Sequence[str], now: datetime) -> int:
        """Make failed or dead deliveries due at ``now`` with their attempts counted from 0. Returns how many.

        Who did not want anything any more is asked again.
        """
        ...

    def drop(self, keys: Sequence[str]) -> int:
        """Forget deliveries that are not sent. Returns how many."""
        ...
