"""From an attempt's end to what comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.errors import DeliveryError
from alerts.model import Delivery, DeliveryState, Mark, Receipt
from alerts.retry import (
    EMAIL,
    ORPHAN_PAUSE,
    POLICIES,
    WEBHOOK,
    RetryPolicy,
    after_failure,
    after_success,
    interrupted,
    orphaned,
    put_off,
    unwanted,
)
from tests.alerts.outbox_contract import NOW, message
from tests.examples import examples

LATER = DeliveryError("desk", "451 later")
PATIENT = RetryPolicy((timedelta(minutes=1), timedelta(hours=1)), jitter=0)


def delivery(attempts: int = 0, key: str = "a1") -> Delivery:
    return Delivery(message(key), DeliveryState.PENDING, attempts, NOW, NOW, fence=7)


def through(policy: RetryPolicy, key: str = "a1") -> list[Receipt]:
    """Every receipt of a delivery that never succeeds, tried exactly when it is due."""
    current, now, receipts = delivery(key=key), NOW, list[Receipt]()
    while True:
        receipt = after_failure(current, LATER, now, policy)
        receipts.append(receipt)
        if receipt.next_attempt is None:
            return receipts
        now = receipt.next_attempt
        current = replace(current, attempts=receipt.attempts)


def test_success_is_final() -> None:
    assert after_success(delivery(2), NOW) == Receipt("a1", NOW, DeliveryState.SENT, 3, None, "", 7)


def test_a_failure_waits_for_its_pause() -> None:
    first = after_failure(delivery(0), LATER, NOW, PATIENT)
    second = after_failure(delivery(1), LATER, NOW, PATIENT)

    assert first == Receipt("a1", NOW, DeliveryState.FAILED, 1, NOW + timedelta(minutes=1), "desk: 451 later", 7)
    assert second.next_attempt == NOW + timedelta(hours=1)


def test_after_the_last_pause_it_is_dead() -> None:
    receipt = after_failure(delivery(2), LATER, NOW, PATIENT)

    assert (receipt.state, receipt.attempts, receipt.next_attempt) == (DeliveryState.DEAD, 3, None)
    assert receipt.mark == Mark.SPENT
    assert receipt.error == "desk: 451 later; gave up after the last attempt"


def test_a_permanent_refusal_is_dead_at_once() -> None:
    receipt = after_failure(delivery(0), DeliveryError("desk", "550 no", permanent=True), NOW, EMAIL)

    assert (receipt.state, receipt.attempts, receipt.next_attempt) == (DeliveryState.DEAD, 1, None)


def test_an_unknown_outcome_is_sent_again_or_held() -> None:
    lost = DeliveryError("desk", "no answer", unknown=True)
    resent, held = (after_failure(delivery(), lost, NOW, PATIENT, choice) for choice in ("resend", "hold"))

    assert (resent.state, resent.next_attempt) == (DeliveryState.FAILED, NOW + timedelta(minutes=1))
    assert (held.state, held.next_attempt) == (DeliveryState.FAILED, None)
    assert "newsbell outbox retry" in held.error


@pytest.mark.parametrize("unknown", [False, True])
def test_what_some_targets_may_have_waits_for_the_user(unknown: bool) -> None:
    receipt = after_failure(delivery(), DeliveryError("chat", "some", partial=True, unknown=unknown), NOW, PATIENT)

    assert (receipt.state, receipt.next_attempt) == (DeliveryState.FAILED, None)
    assert receipt.error == "chat: some; held until `newsbell outbox retry`"


def test_hold_is_only_for_unknown_outcomes() -> None:
    assert after_failure(delivery(), LATER, NOW, PATIENT, "hold").next_attempt is not None


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (timedelta(seconds=5), timedelta(minutes=1)),
        (timedelta(hours=3), timedelta(hours=3)),
        (timedelta(days=900), timedelta(days=31)),
    ],
)
def test_retry_after_lengthens_a_pause_within_bounds(wish: timedelta, expected: timedelta) -> None:
    error = DeliveryError("hook", "429", retry_after=wish)

    assert after_failure(delivery(), error, NOW, PATIENT).next_attempt == NOW + expected


def test_a_missing_channel_keeps_the_delivery_and_counts_no_attempt() -> None:
    receipt = orphaned(delivery(3), NOW)

    assert (receipt.state, receipt.attempts, receipt.fence) == (DeliveryState.FAILED, 3, 7)
    assert receipt.next_attempt == NOW + ORPHAN_PAUSE > NOW
    assert "desk: no such channel" in receipt.error


def test_an_error_is_kept_as_one_short_line() -> None:
    receipt = after_failure(delivery(), DeliveryError("desk", "bad\r\nthing \x1b[31m" + "x" * 900), NOW, PATIENT)

    assert receipt.error.startswith("desk: bad thing [31mxxx")
    assert (len(receipt.error), receipt.error.isprintable()) == (500, True)


def test_email_is_retried_like_an_mta_would() -> None:
    receipts = through(EMAIL)
    pauses = [after.at - before.at for before, after in pairwise(receipts)]

    assert pauses[0] < timedelta(minutes=1)
    assert timedelta(hours=7) < max(pauses) < timedelta(hours=9)
    assert timedelta(days=4) < receipts[-1].at - NOW <= timedelta(days=5)
    assert receipts[-1].state == DeliveryState.DEAD


def test_webhooks_keep_the_standard_schedule() -> None:
    """5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h: about 76 h in all."""
    receipts = through(WEBHOOK)

    assert len(receipts) == 10
    assert abs((receipts[-1].at - NOW) - timedelta(hours=75.6)) < timedelta(hours=4)


@given(key=st.text(min_size=1, max_size=40), kind=st.sampled_from(sorted(POLICIES)))
@examples(0.4)
def test_every_schedule_ends_and_moves_forward(key: str, kind: str) -> None:
    receipts = through(POLICIES[kind], key)
    times = [receipt.at for receipt in receipts]

    assert times == sorted(set(times))
    assert [receipt.attempts for receipt in receipts] == list(range(1, len(receipts) + 1))
    assert [receipt.state for receipt in receipts[:-1]] == [DeliveryState.FAILED] * (len(receipts) - 1)
    assert receipts[-1].at - NOW <= timedelta(days=5)


def test_jitter_is_decided_by_the_key() -> None:
    """Many deliveries that failed together do not come back together, and none depends on chance."""

    def second_try(key: str) -> datetime | None:
        return after_failure(delivery(key=key), LATER, NOW, EMAIL).next_attempt

    assert len({second_try(f"k{number}") for number in range(50)}) == 50
    assert second_try("k1") == second_try("k1")


def test_the_pauses_are_those_of_the_two_standards() -> None:
    minutes, hours = timedelta(minutes=1), timedelta(hours=1)

    assert list(EMAIL.pauses[:8]) == [minutes / 2, *(n * minutes for n in (2, 5, 15, 30, 60, 120, 240))]
    assert list(EMAIL.pauses[8:]) == [8 * hours] * 13
    assert [pause / hours for pause in WEBHOOK.pauses[3:]] == [2, 5, 10, 14, 20, 24]
    assert [pause / minutes for pause in WEBHOOK.pauses[:3]] == [pytest.approx(5 / 60), 5, 30]


@given(st.text(max_size=40), st.integers(1, 21))
def test_a_pause_is_stretched_or_shortened_by_a_twentieth_at_most(key: str, attempts: int) -> None:
    pause = EMAIL.pause(key, attempts)

    assert pause is not None
    assert abs(pause / EMAIL.pauses[attempts - 1] - 1) < 0.0501


def test_jitter_goes_both_ways_and_differs_from_attempt_to_attempt() -> None:
    policy = RetryPolicy((timedelta(hours=1),) * 40)
    pauses = [policy.pause("a1", attempts) for attempts in range(1, 41)]

    assert len(set(pauses)) == 40
    assert {pause > timedelta(hours=1) for pause in pauses if pause} == {True, False}


class TestPutOff:
    """A delivery that was not tried because its channel has just failed for another."""

    def test_it_comes_with_the_next_attempt_of_its_channel_and_none_is_counted(self) -> None:
        later = NOW + timedelta(minutes=7)
        receipt = put_off(delivery(2), NOW, PATIENT, later, "desk:\nrefused")

        assert receipt == Receipt("a1", NOW, DeliveryState.FAILED, 2, later, "desk: refused", 7)

    def test_it_never_comes_before_now(self) -> None:
        assert put_off(delivery(), NOW, PATIENT, NOW - timedelta(hours=1), "").next_attempt == NOW

    @pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 60), (2, 60), (9, 60)])
    def test_without_one_it_waits_as_long_as_after_a_failure_of_its_own(self, attempts: int, minutes: int) -> None:
        receipt = put_off(delivery(attempts), NOW, PATIENT, None, "refused")

        assert receipt.next_attempt == NOW + timedelta(minutes=minutes)


def test_who_answered_410_gets_nothing_and_no_attempt_is_counted() -> None:
    receipt = unwanted(delivery(2), NOW)

    assert (receipt.state, receipt.attempts, receipt.next_attempt) == (DeliveryState.DEAD, 2, None)
    assert receipt.error.startswith("desk: not sent, as the receiver answered 410 before")


def test_an_attempt_that_nobody_saw_the_end_of_is_unknown() -> None:
    error = interrupted(delivery())

    assert (error.unknown, error.permanent, error.channel) == (True, False, "desk")
    assert after_failure(delivery(), error, NOW, PATIENT, "hold").next_attempt is None
