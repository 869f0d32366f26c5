"""What every outbox must do. A subclass gives the fixture ``outbox``; the tests run on it unchanged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.model import Delivery, DeliveryState, Mark, Message, Receipt
from alerts.ports import Outbox

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
SECOND = timedelta(seconds=1)


def message(
    key: str = "a1",
    body: bytes = b"\x00\xff bytes as they are\r\n",
    channel: str = "desk",
    to: str = "desk@example.org",
) -> Message:
    return Message(key, "japan", channel, to, "Subject ສະບາຍດີ", body, "message/rfc822")


def receipt(
    delivery: Delivery, state: DeliveryState, *, after: timedelta | None = None, error: str = "", mark: Mark = Mark.NONE
) -> Receipt:
    """How an attempt at ``NOW`` ended; ``after``: the pause before the next one."""
    return Receipt(
        key=delivery.message.key,
        at=NOW,
        state=state,
        attempts=delivery.attempts + 1,
        next_attempt=None if after is None else NOW + after,
        error=error,
        fence=delivery.fence,
        mark=mark,
    )


class OutboxContract:
    """Subclass it, call the subclass ``Test...``, and give it a fixture ``outbox``: an empty one."""

    @pytest.fixture
    def outbox(self) -> Outbox:
        raise NotImplementedError

    def claim(self, outbox: Outbox, now: datetime = NOW, limit: int = 10) -> list[Delivery]:
        return list(outbox.claim(now, limit=limit, lease=LEASE))

    def test_a_message_comes_back_byte_for_byte(self, outbox: Outbox) -> None:
        outbox.enqueue([message()], NOW)

        (delivery,) = self.claim(outbox)

        assert delivery.message == message()
        assert (delivery.state, delivery.attempts, delivery.created) == (DeliveryState.PENDING, 0, NOW)

    def test_a_known_key_changes_nothing(self, outbox: Outbox) -> None:
        first = outbox.enqueue([message("a1"), message("a1")], NOW)
        second = outbox.enqueue([message("a1", b"other"), message("b2")], NOW)

        assert [first, second] == [1, 1]
        assert outbox.delivery("a1").message.body == message().body  # type: ignore[union-attr]

    def test_what_is_due_is_told_beforehand(self, outbox: Outbox) -> None:
        assert not outbox.deliveries_due(NOW)
        outbox.enqueue([message()], NOW)

        assert [outbox.deliveries_due(NOW - SECOND), outbox.deliveries_due(NOW)] == [False, True]

        self.claim(outbox)

        assert not outbox.deliveries_due(NOW)
        assert outbox.deliveries_due(NOW + LEASE)

    def test_what_is_sent_stays_known(self, outbox: Outbox) -> None:
        """The same digest composed again after a crash must not go out twice."""
        outbox.enqueue([message()], NOW)
        outbox.settle(receipt(self.claim(outbox)[0], DeliveryState.SENT))

        assert outbox.enqueue([message()], NOW + SECOND) == 0
        assert self.claim(outbox, NOW + timedelta(days=1)) == []

    def test_the_oldest_is_claimed_first_and_no_more_than_asked(self, outbox: Outbox) -> None:
        for number in (2, 0, 1):
            outbox.enqueue([message(f"k{number}")], NOW + number * SECOND)

        claimed = self.claim(outbox, NOW + 9 * SECOND, limit=2)

        assert [delivery.message.key for delivery in claimed] == ["k0", "k1"]

    def test_nothing_is_claimed_before_it_is_due(self, outbox: Outbox) -> None:
        outbox.enqueue([message()], NOW)

        assert self.claim(outbox, NOW - SECOND) == []

    def test_a_claimed_delivery_is_nobody_elses(self, outbox: Outbox) -> None:
        outbox.enqueue([message()], NOW)
        self.claim(outbox)

        assert self.claim(outbox, NOW + LEASE - SECOND) == []

    def test_an_expired_lease_hands_it_out_under_a_new_fence(self, outbox: Outbox) -> None:
        """A sender that died does not keep a delivery; should it come back late, it changes nothing."""
        outbox.enqueue([message()], NOW)
        (late,) = self.claim(outbox)
        (fresh,) = self.claim(outbox, NOW + LEASE)

        assert fresh.fence > late.fence
        assert outbox.settle(receipt(late, DeliveryState.DEAD)) is False
        assert outbox.delivery("a1").state == DeliveryState.PENDING  # type: ignore[union-attr]
        assert outbox.settle(receipt(fresh, DeliveryState.SENT)) is True
        assert outbox.delivery("a1").state == DeliveryState.SENT  # type: ignore[union-attr]

    def test_that_an_attempt_began_is_known_until_its_receipt(self, outbox: Outbox) -> None:
        """Also to whoever takes it up after the program was killed in between."""
        outbox.enqueue([message()], NOW)
        (first,) = self.claim(outbox)
        assert (first.mark, outbox.begin(first)) == (Mark.NONE, True)

        (second,) = self.claim(outbox, NOW + LEASE)
        assert second.mark == Mark.BEGUN
        outbox.settle(receipt(second, DeliveryState.FAILED, after=LEASE))

        (third,) = self.claim(outbox, NOW + 2 * LEASE)
        assert third.mark == Mark.NONE

    def test_no_attempt_begins_under_a_stale_fence(self, outbox: Outbox) -> None:
        outbox.enqueue([message()], NOW)
        (late,) = self.claim(outbox)
        self.claim(outbox, NOW + LEASE)
        nothing = Delivery(message("zz"), DeliveryState.PENDING, 0, NOW, NOW, fence=1)

        assert [outbox.begin(late), outbox.begin(nothing)] == [False, False]
        assert outbox.delivery("a1").mark == Mark.NONE  # type: ignore[union-attr]

    def test_a_retry_forgets_that_an_attempt_began(self, outbox: Outbox) -> None:
        outbox.enqueue([message()], NOW)
        outbox.settle(receipt(self.claim(outbox)[0], DeliveryState.FAILED, after=LEASE))
        outbox.begin(self.claim(outbox, NOW + LEASE)[0])

        outbox.retry(["a1"], NOW + LEASE)

        assert [each.mark for each in self.claim(outbox, NOW + 2 * LEASE)] == [Mark.NONE]

    def test_who_wants_nothing_more_is_known_until_asked_again(self, outbox: Outbox) -> None:
        """A retry of any of their deliveries asks them; those of others do not."""
        outbox.enqueue([message(key, channel="hook", to=key[0]) for key in ("a1", "a2", "a3", "b1")], NOW)
        outbox.enqueue([message("c1", to="a")], NOW)
        assert outbox.gone() == frozenset()
        for each in self.claim(outbox):
            mark = Mark.NONE if each.message.key in {"a3", "c1"} else Mark.GONE
            outbox.settle(receipt(each, DeliveryState.DEAD, mark=mark))
        assert outbox.gone() == {("hook", "a"), ("hook", "b")}

        outbox.retry(["c1"], NOW)
        assert outbox.gone() == {("hook", "a"), ("hook", "b")}
        outbox.retry(["a3"], NOW)
        assert outbox.gone() == {("hook", "b")}
        outbox.drop(["b1"])
        assert outbox.gone() == frozenset()

    def test_a_receipt_for_nothing_is_refused(self, outbox: Outbox) -> None:
        nothing = Delivery(message("zz"), DeliveryState.PENDING, 0, NOW, NOW, fence=1)

        assert outbox.settle(receipt(nothing, DeliveryState.SENT)) is False

    def test_a_failure_is_due_again_when_its_pause_is_over(self, outbox: Outbox) -> None:
        outbox.enqueue([message()], NOW)
        (first,) = self.claim(outbox)
        outbox.settle(receipt(first, DeliveryState.FAILED, after=timedelta(minutes=30), error="451 later"))

        assert self.claim(outbox, NOW + timedelta(minutes=29)) == []
        (again,) = self.claim(outbox, NOW + timedelta(minutes=30))
        assert (again.attempts, again.error, again.message) == (1, "451 later", message())

    @pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.DEAD, DeliveryState.SENT])
    def test_without_a_next_attempt_it_rests(self, outbox: Outbox, state: DeliveryState) -> None:
        """Sent, dead, or held until the user decides."""
        outbox.enqueue([message()], NOW)
        outbox.settle(receipt(self.claim(outbox)[0], state))

        assert self.claim(outbox, NOW + timedelta(days=400)) == []
        resting = outbox.delivery("a1")
        assert resting is not None
        assert (resting.state, resting.next_attempt) == (state, None)

    @pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.DEAD])
    def test_retry_makes_it_due_from_the_beginning(self, outbox: Outbox, state: DeliveryState) -> None:
        outbox.enqueue([message()], NOW)
        outbox.settle(receipt(self.claim(outbox)[0], state))

        assert outbox.retry(["a1"], NOW + LEASE) == 1
        (again,) = self.claim(outbox, NOW + LEASE)
        assert again.attempts == 0

    def test_retry_leaves_sent_waiting_and_unknown_ones_alone(self, outbox: Outbox) -> None:
        outbox.enqueue([message("a1")], NOW)
        outbox.settle(receipt(self.claim(outbox)[0], DeliveryState.SENT))
        outbox.enqueue([message("b2")], NOW + SECOND)

        assert outbox.retry(["a1", "b2", "zz"], NOW) == 0
        assert self.claim(outbox, NOW) == []

    def test_drop_forgets_what_is_not_sent(self, outbox: Outbox) -> None:
        outbox.enqueue([message("a1")], NOW)
        outbox.settle(receipt(self.claim(outbox)[0], DeliveryState.SENT))
        outbox.enqueue([message("b2")], NOW)

        assert outbox.drop(["a1", "b2", "zz"]) == 1
        assert [delivery.message.key for delivery in outbox.deliveries()] == ["a1"]

    def test_deliveries_are_listed_newest_first(self, outbox: Outbox) -> None:
        for number in range(3):
            outbox.enqueue([message(f"k{number}")], NOW + number * SECOND)

        keys = [delivery.message.key for delivery in outbox.deliveries(limit=2)]

        assert keys == ["k2", "k1"]

    def test_deliveries_are_listed_by_state(self, outbox: Outbox) -> None:
        outbox.enqueue([message("a1"), message("b2")], NOW)
        for delivery in self.claim(outbox):
            state = DeliveryState.SENT if delivery.message.key == "a1" else DeliveryState.DEAD
            outbox.settle(receipt(delivery, state))

        assert [delivery.message.key for delivery in outbox.deliveries(states=["dead"])] == ["b2"]
        assert len(outbox.deliveries(states=["dead", "sent"])) == 2
        assert outbox.deliveries(states=["pending"]) == []

    def test_a_delivery_is_found_by_the_beginning_of_its_key(self, outbox: Outbox) -> None:
        outbox.enqueue([message("abc1"), message("abd2")], NOW)

        found = outbox.delivery("abc")
        assert found is not None
        assert found.message.key == "abc1"
        assert [outbox.delivery(text) for text in ("ab", "zz", "", "%", "abc_")] == [None] * 5
