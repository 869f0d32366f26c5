"""Fakes of the seams, for tests here and in programs that use this library. They keep everything in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.channels.own import check_recipient, check_type
from alerts.errors import DeliveryError, PostError
from alerts.model import Delivery, DeliveryState, Digest, HttpAnswer, Mark, Message, Receipt
from alerts.retry import settled
from alerts.view import headline

_TYPE = "message/rfc822"
_FINAL = frozenset({DeliveryState.SENT, DeliveryState.DEAD})


class RecordingChannel:
    """A channel that keeps what it is given, as one for e-mail does.

    ``script`` holds the errors of the next attempts, None for success.
    """

    kind = "email"
    timeout = 30.0

    def __init__(
        self,
        name: str = "recording",
        recipients: Sequence[str] = ("desk@example.org",),
        script: Iterable[DeliveryError | Exception | None] = (),
        on_unknown: str = "resend",
    ) -> None:
        self.name = name
        self.recipients = tuple(recipients)
        self.on_unknown = on_unknown
        self.script = list(script)
        self.attempts: list[tuple[Message, int, datetime]] = []
        self.accepted: list[Message] = []

    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        """A message whose body is the digest's entry ids, one a line."""
        body = "\n".join(entry.id for entry in digest.entries).encode()
        return Message(key, digest.profile, self.name, recipient, headline(digest), body, _TYPE)

    async def open(self) -> None:
        """Nothing is in the way."""

    async def send(self, message: Message, attempt: int, now: datetime) -> None:
        """Accept ``message``, or raise the next error of the script."""
        check_type(message, _TYPE, self.kind)
        check_recipient(message, self.recipients)
        self.attempts.append((message, attempt, now))
        error = self.script.pop(0) if self.script else None
        if error is not None:
            raise error
        self.accepted.append(message)


class RecordingPoster:
    """An ``HttpPoster`` that keeps requests. ``script`` holds the next answers or errors; then it answers 200."""

    def __init__(self, script: Iterable[HttpAnswer | PostError | int] = ()) -> None:
        self.script = list(script)
        self.requests: list[tuple[str, bytes, Mapping[str, str]]] = []
        self.closed = False

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> HttpAnswer:
        """Keep the request and give the next answer of the script."""
        self.requests.append((url, body, dict(headers)))
        answer = self.script.pop(0) if self.script else 200
        if isinstance(answer, PostError):
            raise answer
        return HttpAnswer(answer, {}) if isinstance(answer, int) else answer

    async def aclose(self) -> None:
        """Remember that it was closed."""
        self.closed = True


@dataclass
class _Row:
    delivery: Delivery
    leased_until: datetime | None = None


class MemoryOutbox:
    """An outbox that forgets everything when the program ends."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}

    def enqueue(self, messages: Sequence[Message], now: datetime) -> int:
        """Add messages, due at ``now``; a key that is already known changes nothing. Returns how many were added."""
        new = {message.key: message for message in messages if message.key not in self._rows}
        for message in new.values():
            self._rows[message.key] = _Row(Delivery(message, DeliveryState.PENDING, 0, now, now))
        return len(new)

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> Sequence[Delivery]:
        """Lease up to ``limit`` due deliveries, oldest first, each under a new fence."""
        due = [row for row in self._rows.values() if _due(row, now)]
        for row in sorted(due, key=lambda row: row.delivery.created)[:limit]:
            row.leased_until = now + lease
            row.delivery = replace(row.delivery, fence=row.delivery.fence + 1)
        return [row.delivery for row in sorted(due, key=lambda row: row.delivery.created)[:limit]]

    def deliveries_due(self, now: datetime) -> bool:
        """Whether a delivery waits to be tried that nobody has taken up."""
        return any(_due(row, now) for row in self._rows.values())

    def begin(self, delivery: Delivery) -> bool:
        """Mark that an attempt begins, until its receipt comes. False when the fence was stale: do not send."""
        row = self._rows.get(delivery.message.key)
        if row is None or row.delivery.fence != delivery.fence:
            return False
        row.delivery = replace(row.delivery, mark=Mark.BEGUN)
        return True

    def gone(self) -> frozenset[tuple[str, str]]:
        """Who wants nothing any more, as (channel, recipient)."""
        return frozenset(_receiver(row) for row in self._rows.values() if row.delivery.mark == Mark.GONE)

    def settle(self, receipt: Receipt) -> bool:
        """Write down how an attempt ended and end the lease. False when the fence was stale: nothing changed."""
        row = self._rows.get(receipt.key)
        if row is None or row.delivery.fence != receipt.fence:
            return False
        row.leased_until = None
        row.delivery = settled(row.delivery, receipt)
        return True

    def deliveries(self, *, states: Sequence[str] = (), limit: int = 1000) -> Sequence[Delivery]:
        """Deliveries, newest first, of the given states (all when empty)."""
        found = [row.delivery for row in self._rows.values() if not states or row.delivery.state in states]
        return sorted(found, key=lambda delivery: delivery.created, reverse=True)[:limit]

    def delivery(self, key: str) -> Delivery | None:
        """One delivery by its key or by an unambiguous beginning of it."""
        if key in self._rows:
            return self._rows[key].delivery
        found = [row.delivery for known, row in self._rows.items() if key and known.startswith(key)]
        return found[0] if len(found) == 1 else None

    def retry(self, keys: Sequence[str], now: datetime) -> int:
        """Make failed or dead deliveries due at ``now`` with their attempts counted from 0. Returns how many."""
        rows = [self._rows[key] for key in dict.fromkeys(keys) if key in self._rows]
        chosen = [row for row in rows if row.delivery.state in {DeliveryState.FAILED, DeliveryState.DEAD}]
        receivers = {_receiver(row) for row in chosen}
        for row in self._rows.values():
            if row.delivery.mark == Mark.GONE and _receiver(row) in receivers:
                row.delivery = replace(row.delivery, mark=Mark.NONE)
        for row in chosen:
            pending = replace(row.delivery, state=DeliveryState.PENDING, mark=Mark.NONE)
            row.delivery = replace(pending, attempts=0, next_attempt=now)
        return len(chosen)

    def drop(self, keys: Sequence[str]) -> int:
        """Forget deliveries that are not sent. Returns how many."""
        chosen = [key for key in dict.fromkeys(keys) if key in self._rows]
        gone = [key for key in chosen if self._rows[key].delivery.state != DeliveryState.SENT]
        for key in gone:
            del self._rows[key]
        return len(gone)


def _receiver(row: _Row) -> tuple[str, str]:
    return row.delivery.message.channel, row.delivery.message.recipient


def _due(row: _Row, now: datetime) -> bool:
    delivery = row.delivery
    if delivery.state in _FINAL or delivery.next_attempt is None or delivery.next_attempt > now:
        return False
    return row.leased_until is None or row.leased_until <= now
