"""Composes messages for every recipient, and sends what is due: claim, send, settle, one delivery at a time."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from alerts.errors import DeliveryError
from alerts.model import Delivery, DeliveryState, Digest, Mark, Message, Receipt
from alerts.ports import Channel, Clock, Deliveries
from alerts.record import record
from alerts.retry import (
    EMAIL,
    POLICIES,
    after_failure,
    after_success,
    interrupted,
    orphaned,
    put_off,
    settled,
    unwanted,
)

LEASE = timedelta(minutes=5)
BREAKER = 3  # failures in a row to reach a channel, after which a pass does not try it again
_LEVELS = {
    DeliveryState.SENT: logging.INFO,
    DeliveryState.FAILED: logging.WARNING,
    DeliveryState.DEAD: logging.ERROR,
}
_log = logging.getLogger(__name__)


@record
class DeliverReport:
    """What became of the deliveries that were due."""

    sent: tuple[Delivery, ...] = ()
    failed: tuple[Delivery, ...] = ()  # tried again later, or held
    dead: tuple[Delivery, ...] = ()

    def plus(self, later: DeliverReport) -> DeliverReport:
        """Both: what became of the first deliveries, and of those sent after them."""
        return DeliverReport(self.sent + later.sent, self.failed + later.failed, self.dead + later.dead)

    @property
    def problems(self) -> tuple[str, ...]:
        """One line for each delivery that did not go out."""
        return tuple(
            f"{delivery.message.channel} to {delivery.message.recipient}: {delivery.reason}"
            for delivery in (*self.dead, *self.failed)
        )


def delivery_key(
    profile: str, channel: str, recipient: str, start: datetime, end: datetime, entry_ids: Iterable[str]
) -> str:
    """The idempotency key of a message: 32 hex digits, the same for the same profile, receiver, window and entries."""
    window = [moment.astimezone(UTC).isoformat() for moment in (start, end)]
    parts = json.dumps([profile, channel, recipient, window, sorted(set(entry_ids))], ensure_ascii=False)
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def compose_all(digest: Digest, channels: Iterable[Channel]) -> list[Message]:
    """``digest`` as one message for each recipient of each channel, under its key."""
    entry_ids = [entry.id for story in (*digest.stories, *digest.overflow) for entry in story.entries]
    told = entry_ids if digest.kind != "notice" else digest.notices
    return [
        channel.compose(
            digest,
            recipient,
            delivery_key(digest.profile, channel.name, recipient, digest.start, digest.end, told),
        )
        for channel in channels
        for recipient in channel.recipients
    ]


async def deliver(
    outbox: Deliveries,
    channels: Mapping[str, Channel],
    clock: Clock,
    *,
    limit: int = 200,
    concurrency: int = 4,
) -> DeliverReport:
    """Send everything that is due, ``limit`` deliveries at a time, at most ``concurrency`` at once for each channel.

    Channels run beside each other, so a dead one delays no other. Each attempt is settled as soon as it has ended.
    Raises what the outbox raises, after the attempts under way have ended: nothing is sent that cannot be recorded.
    """
    import asyncio

    lease = max(LEASE, timedelta(seconds=2 * max((channel.timeout for channel in channels.values()), default=0)))
    run = _Run(outbox, clock, {name: _Lane(channel, concurrency) for name, channel in channels.items()})
    while True:
        now = clock.now()
        batch = outbox.claim(now, limit=limit, lease=lease)
        if batch:
            run.gone |= outbox.gone()
        results = await asyncio.gather(*(run.handle(each, now + lease) for each in batch), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        if len(batch) < limit:
            return run.report()


class _Lane:
    """One channel during one pass."""

    def __init__(self, channel: Channel, concurrency: int) -> None:
        import asyncio

        self.channel = channel
        self.slots = asyncio.Semaphore(concurrency)
        self.unreachable = 0  # failures in a row
        self.last_error = ""
        self.next_attempt: datetime | None = None  # when one of those that failed is tried again

    def receipt(self, delivery: Delivery, error: DeliveryError | None, now: datetime) -> Receipt:
        """What comes of an attempt that has ended; None: it was accepted."""
        self.unreachable = self.unreachable + 1 if error and error.unreachable else 0
        if error is None:
            return after_success(delivery, now)
        policy = POLICIES.get(self.channel.kind, EMAIL)
        receipt = after_failure(delivery, error, now, policy, self.channel.on_unknown)
        self.last_error, self.next_attempt = error.reason, receipt.next_attempt or self.next_attempt
        return receipt

    def put_off(self, delivery: Delivery, now: datetime) -> Receipt | None:
        """The receipt of a delivery that is not tried, as the channel cannot be reached; None when it is tried."""
        if self.unreachable < BREAKER:
            return None
        reason = f"{self.channel.name}: not tried, as the channel cannot be reached: {self.last_error}"
        return put_off(delivery, now, POLICIES.get(self.channel.kind, EMAIL), self.next_attempt, reason)


@dataclass
class _Run:
    """One call of ``deliver``."""

    outbox: Deliveries
    clock: Clock
    lanes: Mapping[str, _Lane]
    ended: dict[DeliveryState, list[Delivery]] = field(default_factory=dict)
    gone: set[tuple[str, str]] = field(default_factory=set)  # channels and recipients that want nothing any more
    broken: bool = False  # the outbox has failed: send nothing more

    async def handle(self, delivery: Delivery, expires: datetime) -> None:
        """Bring one delivery to a receipt, unless its lease would end before it can be written."""
        lane = self.lanes.get(delivery.message.channel)
        if lane is None:
            self._settle(delivery, orphaned(delivery, self.clock.now()))
            return
        async with lane.slots:
            if self.broken or self.clock.now() + timedelta(seconds=lane.channel.timeout) > expires:
                return
            receipt = self._untried(lane, delivery)
            if receipt is None and self._begun(lane, delivery):
                error = await self._attempt(lane, delivery)
                receipt = lane.receipt(delivery, error, self.clock.now())
            if receipt is not None:
                self._settle(delivery, receipt)

    def _untried(self, lane: _Lane, delivery: Delivery) -> Receipt | None:
        """The receipt of a delivery that is not to be sent now; None when it is."""
        now, recipient = self.clock.now(), delivery.message.recipient
        if delivery.mark == Mark.BEGUN and lane.channel.on_unknown == "hold":
            return lane.receipt(delivery, interrupted(delivery), now)
        if (lane.channel.name, recipient) in self.gone and recipient in lane.channel.recipients:
            return unwanted(delivery, now)
        return lane.put_off(delivery, now)

    def _begun(self, lane: _Lane, delivery: Delivery) -> bool:
        """Whether an attempt may begin. A channel that holds needs to know of it, should the program end meanwhile."""
        if lane.channel.on_unknown != "hold":
            return True
        try:
            return self.outbox.begin(delivery)
        except BaseException:
            self.broken = True
            raise

    async def _attempt(self, lane: _Lane, delivery: Delivery) -> DeliveryError | None:
        """Send it; None when it was accepted."""
        try:
            await lane.channel.send(delivery.message, delivery.attempts + 1, self.clock.now())
        except DeliveryError as refusal:
            return refusal
        except Exception as bug:  # noqa: BLE001 - one delivery must not end the others
            _log.exception("channel %s failed in an unexpected way", lane.channel.name)
            return DeliveryError(lane.channel.name, f"unexpected {type(bug).__name__}: {bug}", unknown=True)
        return None

    def _settle(self, delivery: Delivery, receipt: Receipt) -> None:
        try:
            taken = self.outbox.settle(receipt)
        except BaseException:
            self.broken = True
            raise
        if not taken:
            _log.warning("delivery %s was settled by somebody else meanwhile", receipt.key)
            return
        if receipt.mark == Mark.GONE:
            self.gone.add((delivery.message.channel, delivery.message.recipient))
        how = receipt.error or f"through {delivery.message.channel}"
        _log.log(_LEVELS[receipt.state], "%s: %s %s", receipt.key, receipt.state.value, how)
        self.ended.setdefault(receipt.state, []).append(settled(delivery, receipt))

    def report(self) -> DeliverReport:
        """Everything that has ended so far."""
        sent, failed, dead = (tuple(self.ended.get(state, ())) for state in _LEVELS)
        return DeliverReport(sent, failed, dead)
