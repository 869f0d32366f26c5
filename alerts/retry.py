"""From how an attempt ended to what comes next: sent, tried again later, held, or dead letter. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.clean import clean
from alerts.errors import DeliveryError
from alerts.model import Delivery, DeliveryState, Mark, Receipt
from alerts.record import record

MAX_RETRY_AFTER = timedelta(days=31)
MAX_ERROR = 500  # characters of an error that are kept
ORPHAN_PAUSE = timedelta(hours=6)


@record
class RetryPolicy:
    """The pauses after the first, second, ... failed attempt; after the last one the delivery is dead.

    Each pause is stretched or shortened by up to ``jitter`` (a share of it), by an amount that the key decides.
    """

    pauses: tuple[timedelta, ...]
    jitter: float = 0.05

    def pause(self, key: str, attempts: int) -> timedelta | None:
        """How long to wait after ``attempts`` failed ones; None when there is none left."""
        if attempts > len(self.pauses):
            return None
        digest = hashlib.sha256(f"{key}/{attempts}".encode()).digest()
        share = int.from_bytes(digest[:4], "big") / 0xFFFFFFFF  # 0 to 1
        return self.pauses[attempts - 1] * (1 + self.jitter * (2 * share - 1))


def _pauses(*seconds: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=value) for value in seconds)


_MINUTE, _HOUR = 60, 3_600

# As a mail server would (RFC 5321, 4.5.4.1): quick at first, for greylisting, then patient. 112 h in all: with its
# jitter, and a pass that comes late now and then, it ends within 5 days.
EMAIL = RetryPolicy(
    _pauses(30, 2 * _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR, *[8 * _HOUR] * 13)
)
# The schedule that the Standard Webhooks specification suggests: 75 h 35 min 5 s in all.
WEBHOOK = RetryPolicy(
    _pauses(5, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
)
POLICIES: Mapping[str, RetryPolicy] = {"email": EMAIL, "webhook": WEBHOOK, "file": EMAIL, "apprise": WEBHOOK}


def after_success(delivery: Delivery, now: datetime) -> Receipt:
    """The receipt of an attempt that was accepted."""
    return _receipt(delivery, now, DeliveryState.SENT, None, "")


def after_failure(
    delivery: Delivery, error: DeliveryError, now: datetime, policy: RetryPolicy, on_unknown: str = "resend"
) -> Receipt:
    """The receipt of an attempt that failed with ``error``.

    Permanent: dead at once. Partial, or unknown and ``on_unknown="hold"``: failed without a next attempt, until the
    user says so. Otherwise the policy's pause, or the receiver's Retry-After when that is longer; dead when the
    policy has ended.
    """
    text = str(error)
    if error.permanent:
        receipt = _receipt(delivery, now, DeliveryState.DEAD, None, text)
        return replace(receipt, mark=Mark.GONE) if error.gone else receipt
    if error.partial or (error.unknown and on_unknown == "hold"):
        return _receipt(delivery, now, DeliveryState.FAILED, None, f"{text}; held until `newsbell outbox retry`")
    pause = policy.pause(delivery.message.key, delivery.attempts + 1)
    if pause is None:
        receipt = _receipt(delivery, now, DeliveryState.DEAD, None, f"{text}; gave up after the last attempt")
        return replace(receipt, mark=Mark.SPENT)
    wish = min(error.retry_after or timedelta(0), MAX_RETRY_AFTER)
    return _receipt(delivery, now, DeliveryState.FAILED, now + max(pause, wish), text)


def orphaned(delivery: Delivery, now: datetime) -> Receipt:
    """The receipt of a delivery whose channel is not configured any more: kept, no attempt is counted."""
    channel = delivery.message.channel
    text = f"{channel}: no such channel in the configuration; add it again, or `newsbell outbox drop` this delivery"
    key, attempts = delivery.message.key, delivery.attempts
    return Receipt(key, now, DeliveryState.FAILED, attempts, now + ORPHAN_PAUSE, text, delivery.fence)


def unwanted(delivery: Delivery, now: datetime) -> Receipt:
    """The receipt of a delivery to somebody who wants nothing any more: given up without an attempt."""
    text = f"{delivery.message.channel}: not sent, as the receiver answered 410 before: it wants no more"
    error = f"{text}; change the url, or `newsbell outbox retry`"
    return Receipt(
        delivery.message.key, now, DeliveryState.DEAD, delivery.attempts, None, clean(error, MAX_ERROR), delivery.fence
    )


def interrupted(delivery: Delivery) -> DeliveryError:
    """What became of an attempt that began and of which no receipt came."""
    text = "the program ended during an attempt, so it may have arrived"
    return DeliveryError(delivery.message.channel, text, unknown=True)


def put_off(
    delivery: Delivery, now: datetime, policy: RetryPolicy, next_attempt: datetime | None, reason: str
) -> Receipt:
    """The receipt of a delivery that was not tried: due with the next attempt of its channel, none is counted."""
    attempts = delivery.attempts
    pause = policy.pause(delivery.message.key, attempts + 1) or policy.pauses[-1]
    due = now + pause if next_attempt is None else max(next_attempt, now)
    error = clean(reason, MAX_ERROR)
    return Receipt(delivery.message.key, now, DeliveryState.FAILED, attempts, due, error, delivery.fence)


def settled(delivery: Delivery, receipt: Receipt) -> Delivery:
    """``delivery`` after the attempt that ``receipt`` tells of."""
    return replace(
        delivery,
        state=receipt.state,
        attempts=receipt.attempts,
        next_attempt=receipt.next_attempt,
        error=receipt.error,
        mark=receipt.mark,
    )


def _receipt(
    delivery: Delivery, now: datetime, state: DeliveryState, next_attempt: datetime | None, error: str
) -> Receipt:
    return Receipt(
        key=delivery.message.key,
        at=now,
        state=state,
        attempts=delivery.attempts + 1,
        next_attempt=next_attempt,
        error=clean(error, MAX_ERROR),
        fence=delivery.fence,
    )
