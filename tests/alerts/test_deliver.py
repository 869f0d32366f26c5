"""Claim, send, settle: what a pass of deliveries does."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.webhook import WebhookChannel
from alerts.deliver import BREAKER, LEASE, DeliverReport, compose_all, deliver, delivery_key
from alerts.errors import DeliveryError
from alerts.fakes import MemoryOutbox, RecordingChannel, RecordingPoster
from alerts.model import Delivery, DeliveryState, Message, Receipt
from alerts.render import Renderer
from alerts.retry import EMAIL
from tests.alerts.outbox_contract import NOW, message
from tests.alerts.samples import END, START, digest
from tests.examples import examples

LATER = DeliveryError("desk", "451 later")
NEVER = DeliveryError("desk", "550 no", permanent=True)
AWAY = DeliveryError("desk", "cannot connect", unreachable=True)


class MovingClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


def outbox_with(*messages: Message) -> MemoryOutbox:
    outbox = MemoryOutbox()
    outbox.enqueue(messages, NOW)
    return outbox


async def run(outbox: MemoryOutbox, *channels: RecordingChannel, clock: MovingClock | None = None) -> DeliverReport:
    return await deliver(outbox, {channel.name: channel for channel in channels}, clock or MovingClock())


def states(outbox: MemoryOutbox) -> dict[str, str]:
    return {delivery.message.key: delivery.state.value for delivery in outbox.deliveries()}


# ---------------------------------------------------------------------------------------------- keys


def test_a_key_stands_for_profile_receiver_window_and_entries() -> None:
    base = ("japan", "desk", "a@example.org", START, END, ["e1", "e2"])
    others = [
        ("laos", *base[1:]),
        (base[0], "hook", *base[2:]),
        (*base[:2], "b@example.org", *base[3:]),
        (*base[:3], START - timedelta(days=1), *base[4:]),
        (*base[:4], END + timedelta(days=1), base[5]),
        (*base[:5], ["e1"]),
    ]

    keys = [delivery_key(*arguments) for arguments in (base, *others)]

    assert len(set(keys)) == len(keys)
    assert all(len(key) == 32 and key.isalnum() for key in keys)


def test_a_key_does_not_depend_on_order_or_zone() -> None:
    zone = END.astimezone().tzinfo

    assert delivery_key("p", "c", "r", START, END, ["b", "a", "b"]) == delivery_key(
        "p", "c", "r", START.astimezone(zone), END.astimezone(zone), ["a", "b"]
    )


@given(st.lists(st.tuples(*[st.text(max_size=5)] * 3), min_size=2, max_size=6, unique=True))
@examples(0.5)
def test_keys_never_run_into_each_other(names: list[tuple[str, str, str]]) -> None:
    """("ab", "c") is not ("a", "bc"), whatever the names hold."""
    assert len({delivery_key(*name, START, END, ()) for name in names}) == len(names)


def test_what_lies_beyond_the_limit_belongs_to_the_key() -> None:
    channel = RecordingChannel()
    (cut,) = compose_all(digest(2), [channel])
    (whole,) = compose_all(digest(2, overflow=digest(3).stories[2:]), [channel])

    assert cut.key != whole.key


# ---------------------------------------------------------------------------------------------- sending


async def test_every_due_delivery_is_sent_once() -> None:
    channel = RecordingChannel("desk")
    outbox = outbox_with(message("a1"), message("b2"))

    report = await run(outbox, channel)
    again = await run(outbox, channel)

    assert {sent.key for sent in channel.accepted} == {"a1", "b2"}
    assert states(outbox) == {"a1": "sent", "b2": "sent"}
    assert (len(report.sent), report.failed, report.dead, report.problems) == (2, (), (), ())
    assert again == DeliverReport()


async def test_reports_add_up_and_name_what_did_not_go_out() -> None:
    """A pass sends what was waiting, and once more what it has found."""
    a, b, c = (RecordingChannel(name, (f"{name}@example.org",)) for name in ("a", "b", "c"))
    (first,), (second,), (third,) = (compose_all(digest(1), [channel]) for channel in (a, b, c))
    b.script, c.script = [DeliveryError("b", "busy")], [DeliveryError("c", "no such box", permanent=True)]
    early = await run(outbox_with(first, third), a, c)
    late = await run(outbox_with(second), b)

    both = early.plus(late)

    assert [one.message.channel for one in (*both.sent, *both.failed, *both.dead)] == ["a", "b", "c"]
    assert both.problems == ("c to c@example.org: no such box", "b to b@example.org: busy")
    assert DeliverReport().plus(both) == both.plus(DeliverReport()) == both


async def test_more_than_one_batch_goes_out_in_one_pass() -> None:
    channel = RecordingChannel("desk")
    outbox = outbox_with(*(message(f"k{number}") for number in range(25)))

    report = await deliver(outbox, {"desk": channel}, MovingClock(), limit=10)

    assert len(report.sent) == len(channel.accepted) == 25


async def test_a_failure_is_tried_again_with_the_same_bytes_when_due() -> None:
    channel = RecordingChannel("desk", script=[LATER])
    outbox, clock = outbox_with(message("a1")), MovingClock()

    report = await run(outbox, channel, clock=clock)
    early = await run(outbox, channel, clock=clock)
    clock.time += timedelta(minutes=1)
    late = await run(outbox, channel, clock=clock)

    assert report.problems == ("desk to desk@example.org: 451 later",)
    assert [delivery.attempts for delivery in report.failed] == [1]
    assert early == DeliverReport()
    assert [delivery.attempts for delivery in late.sent] == [2]
    assert [(sent, attempt) for sent, attempt, _ in channel.attempts] == [(message("a1"), 1), (message("a1"), 2)]


async def test_partial_success_among_recipients_is_kept() -> None:
    """Each recipient has a row of its own: the one who was refused delays nobody and is not repeated to the others."""
    channel = RecordingChannel(
        "desk", recipients=("a@x.example", "b@x.example", "c@x.example"), script=[None, NEVER, None]
    )
    outbox = MemoryOutbox()
    outbox.enqueue(compose_all(digest(1), [channel]), NOW)

    report = await deliver(outbox, {"desk": channel}, MovingClock(), concurrency=1)

    assert sorted(states(outbox).values()) == ["dead", "sent", "sent"]
    assert [delivery.message.recipient for delivery in report.dead] == ["b@x.example"]


async def test_a_channel_that_is_gone_from_the_config_loses_nothing() -> None:
    outbox, clock = outbox_with(message("a1", channel="old")), MovingClock()

    report = await run(outbox, RecordingChannel("desk"), clock=clock)

    assert states(outbox) == {"a1": "failed"}
    assert "no such channel in the configuration" in report.problems[0]
    clock.time += timedelta(hours=6)
    assert len((await run(outbox, RecordingChannel("old"), clock=clock)).sent) == 1


async def test_what_was_composed_for_another_type_of_channel_waits_as_a_dead_letter() -> None:
    """Set the type back, and nothing is lost."""
    poster = RecordingPoster()
    hook = WebhookChannel("desk", "https://example.org/hook", None, 5, Renderer(), poster)
    outbox = outbox_with(message("a1"))

    report = await deliver(outbox, {"desk": hook}, MovingClock())

    assert (states(outbox), poster.requests) == ({"a1": "dead"}, [])
    assert "this message is message/rfc822, which a channel of type webhook cannot send" in report.problems[0]
    outbox.retry(["a1"], NOW)
    assert len((await run(outbox, RecordingChannel("desk"))).sent) == 1


async def test_who_was_taken_off_the_list_gets_nothing_more() -> None:
    outbox, clock = MemoryOutbox(), MovingClock()
    before = RecordingChannel("desk", ["gone@example.org", "desk@example.org"], script=[LATER, LATER])
    outbox.enqueue(compose_all(digest(1), [before]), NOW)
    await run(outbox, before, clock=clock)
    clock.time += timedelta(minutes=1)

    after = RecordingChannel("desk")
    report = await run(outbox, after, clock=clock)

    assert [sent.recipient for sent in after.accepted] == ["desk@example.org"]
    assert [delivery.message.recipient for delivery in report.dead] == ["gone@example.org"]


async def test_an_unknown_outcome_is_held_when_the_channel_says_so() -> None:
    lost = DeliveryError("desk", "no answer", unknown=True)
    outbox, clock = outbox_with(message("a1")), MovingClock()

    await run(outbox, RecordingChannel("desk", script=[lost], on_unknown="hold"), clock=clock)
    clock.time += timedelta(days=9)
    channel = RecordingChannel("desk")
    held = await run(outbox, channel, clock=clock)
    outbox.retry(["a1"], clock.time)
    released = await run(outbox, channel, clock=clock)

    assert (held, len(released.sent)) == (DeliverReport(), 1)


class KilledError(BaseException):
    """The program is gone."""


class Dying(RecordingChannel):
    """Hands the first message over, and then the program is killed."""

    async def send(self, message: Message, attempt: int, now: datetime) -> None:
        await super().send(message, attempt, now)
        if len(self.accepted) == 1:
            raise KilledError


@pytest.mark.parametrize(("on_unknown", "handed_over"), [("hold", 1), ("resend", 2)])
async def test_a_program_killed_before_the_receipt_leaves_an_unknown_outcome(on_unknown: str, handed_over: int) -> None:
    channel, clock = Dying("desk", on_unknown=on_unknown), MovingClock()
    outbox = outbox_with(message("a1"))
    with pytest.raises(KilledError):
        await run(outbox, channel, clock=clock)

    clock.time += LEASE
    report = await run(outbox, channel, clock=clock)

    assert [sent.key for sent in channel.accepted] == ["a1"] * handed_over
    if on_unknown == "hold":
        assert "the program ended during an attempt" in report.problems[0]
        assert [each.next_attempt for each in report.failed] == [None]
        outbox.retry(["a1"], clock.time)
        assert len((await run(outbox, channel, clock=clock)).sent) == 1


async def test_what_was_only_claimed_when_the_program_was_killed_is_not_held() -> None:
    channel, clock = RecordingChannel("desk", on_unknown="hold"), MovingClock()
    outbox = outbox_with(*(message(f"k{number}") for number in range(5)))
    outbox.begin(outbox.claim(NOW, limit=9, lease=LEASE)[0])  # and then it is killed
    clock.time += LEASE

    report = await run(outbox, channel, clock=clock)

    assert (len(report.failed), len(report.sent)) == (1, 4)


async def test_nothing_is_sent_whose_beginning_cannot_be_recorded() -> None:
    class Overtaken(MemoryOutbox):
        def begin(self, delivery: Delivery) -> bool:
            return False

    class Broken(MemoryOutbox):
        def begin(self, delivery: Delivery) -> bool:
            raise OSError("disk full")

    channel = RecordingChannel("desk", on_unknown="hold")
    overtaken, broken = Overtaken(), Broken()
    for outbox in (overtaken, broken):
        outbox.enqueue([message("a1"), message("b2")], NOW)

    assert await run(overtaken, channel) == DeliverReport()
    with pytest.raises(OSError, match="disk full"):
        await run(broken, channel)
    assert channel.attempts == []


class Slow(RecordingChannel):
    """Accepts after others had so many turns."""

    turns = 20

    async def send(self, message: Message, attempt: int, now: datetime) -> None:
        for _ in range(self.turns):
            await asyncio.sleep(0)
        await super().send(message, attempt, now)


async def test_what_is_under_way_ends_and_is_recorded_before_a_failure_of_the_outbox_is_told() -> None:
    class FailsOnce(MemoryOutbox):
        def settle(self, receipt: Receipt) -> bool:
            if receipt.key == "a1":
                raise OSError("disk full")
            return super().settle(receipt)

    outbox = FailsOnce()
    outbox.enqueue([message("a1"), message("s1", channel="slow"), message("s2", channel="slow")], NOW)
    desk, slow = Slow("desk"), Slow("slow")
    desk.turns = 3

    with pytest.raises(OSError, match="disk full"):
        await deliver(outbox, {"desk": desk, "slow": slow}, MovingClock(), concurrency=1)

    assert [sent.key for sent in slow.accepted] == ["s1"]
    assert states(outbox) == {"a1": "pending", "s1": "sent", "s2": "pending"}


GONE = DeliveryError("desk", "410", gone=True)


async def test_who_wants_no_more_gets_no_more_until_a_retry_by_hand() -> None:
    channel, clock = RecordingChannel("desk", script=[GONE]), MovingClock()
    outbox = outbox_with(message("a1"), message("b2"), message("c3", channel="hook"))
    hook = RecordingChannel("hook")

    await deliver(outbox, {"desk": channel, "hook": hook}, clock, concurrency=1)
    outbox.enqueue([message("d4")], NOW)
    late = await run(outbox, channel, clock=clock)

    assert states(outbox) == {"a1": "dead", "b2": "dead", "c3": "sent", "d4": "dead"}
    assert (len(channel.attempts), [each.attempts for each in late.dead]) == (1, [0])
    assert "wants no more" in late.problems[0]
    outbox.retry(["d4"], NOW)
    outbox.enqueue([message("e5")], NOW)
    assert len((await run(outbox, channel, clock=clock)).sent) == 2


async def test_a_new_address_gets_what_waited_for_the_one_that_wants_no_more() -> None:
    poster = RecordingPoster([410])
    old, new = (
        WebhookChannel("desk", f"https://{name}.example/hook", None, 5, Renderer(), poster) for name in ("old", "new")
    )
    outbox = MemoryOutbox()
    outbox.enqueue(compose_all(digest(1), [old]), NOW)
    await deliver(outbox, {"desk": old}, MovingClock())
    outbox.enqueue(
        [replace(compose_all(digest(2), [channel])[0], key=channel.recipients[0]) for channel in (old, new)], NOW
    )

    report = await deliver(outbox, {"desk": new}, MovingClock())

    assert (len(report.sent), len(report.dead)) == (2, 0)
    assert [url for url, _, _ in poster.requests] == ["https://old.example/hook", *["https://new.example/hook"] * 2]


async def test_a_bug_in_a_channel_ends_neither_the_pass_nor_the_delivery(caplog: pytest.LogCaptureFixture) -> None:
    outbox = outbox_with(message("a1"), message("b2", channel="hook"))

    report = await run(outbox, RecordingChannel("desk", script=[KeyError("oops")]), RecordingChannel("hook"))

    assert states(outbox) == {"a1": "failed", "b2": "sent"}
    assert "unexpected KeyError" in report.problems[0]
    assert any(record.exc_info for record in caplog.records)


async def test_the_log_tells_how_each_attempt_ended_and_through_which_channel(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "alerts.deliver")
    outbox = outbox_with(message("a1"), message("b2"), message("c3"))

    await deliver(outbox, {"desk": RecordingChannel("desk", script=[None, LATER, NEVER])}, MovingClock(), concurrency=1)

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "a1: sent through desk"),
        ("WARNING", "b2: failed desk: 451 later"),
        ("ERROR", "c3: dead desk: 550 no"),
    ]


# ---------------------------------------------------------------------------------------------- independence


class StuckChannel(RecordingChannel):
    """Keeps every attempt waiting until it is released."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.release = asyncio.Event()
        self.waiting = 0
        self.most = 0

    async def send(self, message: Message, attempt: int, now: datetime) -> None:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await self.release.wait()
        self.waiting -= 1
        await super().send(message, attempt, now)


async def test_a_stuck_channel_delays_no_other() -> None:
    stuck = StuckChannel("hook")

    class Watching(RecordingChannel):
        async def send(self, message: Message, attempt: int, now: datetime) -> None:
            await super().send(message, attempt, now)
            if len(self.accepted) == 20:
                stuck.release.set()  # only now does the stuck channel go on

    desk = Watching("desk")
    messages = [message(f"h{n}", channel="hook") for n in range(20)] + [message(f"d{n}") for n in range(20)]
    report = await asyncio.wait_for(run(outbox_with(*messages), stuck, desk), 5)

    assert len(report.sent) == 40
    assert stuck.most == 4


async def test_a_channel_that_cannot_be_reached_is_not_tried_for_every_message() -> None:
    """Three failures in a row, and the rest of the pass leaves it alone; what was not tried counts no attempt."""
    channel = RecordingChannel("desk", script=[AWAY] * 50)
    outbox = outbox_with(*(message(f"k{number}") for number in range(50)))

    report = await deliver(outbox, {"desk": channel}, MovingClock(), concurrency=1)

    assert len(channel.attempts) == BREAKER
    assert len(report.failed) == 50
    assert Counter(delivery.attempts for delivery in outbox.deliveries()) == {0: 47, 1: BREAKER}
    assert report.problems[-1].endswith("not tried, as the channel cannot be reached: cannot connect")


async def test_no_letter_dies_without_having_been_tried() -> None:
    """A channel that is never reached: who is given up had every attempt, the others wait for theirs."""
    channel, clock = RecordingChannel("desk", script=[AWAY] * 500), MovingClock()
    outbox = outbox_with(*(message(f"k{number:02}") for number in range(12)))

    while not (dead := outbox.deliveries(states=["dead"])):
        clock.time = min(each.next_attempt for each in outbox.deliveries() if each.next_attempt)
        await deliver(outbox, {"desk": channel}, clock, concurrency=1)

    tried = Counter(sent.key for sent, _, _ in channel.attempts)
    assert {each.message.key: each.attempts for each in outbox.deliveries()} == {
        each.message.key: tried[each.message.key] for each in outbox.deliveries()
    }
    assert {each.attempts for each in dead} == {len(EMAIL.pauses) + 1}
    channel.script.clear()
    while outbox.deliveries(states=["failed"]):
        clock.time += timedelta(hours=1)
        await deliver(outbox, {"desk": channel}, clock, concurrency=1)
    assert len(channel.accepted) == 12 - len(dead)


async def test_one_lucky_attempt_keeps_a_channel_alive() -> None:
    channel = RecordingChannel("desk", script=[AWAY, AWAY, None, AWAY, AWAY, None])
    outbox = outbox_with(*(message(f"k{number}") for number in range(6)))

    await deliver(outbox, {"desk": channel}, MovingClock(), concurrency=1)

    assert len(channel.attempts) == 6


# ---------------------------------------------------------------------------------------------- leases and the store


async def test_nothing_is_sent_under_a_lease_that_could_end_meanwhile() -> None:
    """Somebody else might have the delivery by then, and it would go out twice."""
    clock = MovingClock()

    class Slow(RecordingChannel):
        async def send(self, message: Message, attempt: int, now: datetime) -> None:
            await super().send(message, attempt, now)
            clock.time += LEASE

    channel = Slow("desk")
    outbox = outbox_with(message("a1"), message("b2"))
    first = await deliver(outbox, {"desk": channel}, clock, concurrency=1)
    assert [len(channel.attempts), len(first.sent)] == [1, 1]

    assert len((await deliver(outbox, {"desk": channel}, clock, concurrency=1)).sent) == 1


async def test_a_receipt_that_comes_too_late_is_not_reported() -> None:
    outbox = outbox_with(message("a1"))

    class Overtaken(RecordingChannel):
        async def send(self, message: Message, attempt: int, now: datetime) -> None:
            outbox.claim(now + 2 * LEASE, limit=1, lease=LEASE)

    assert await run(outbox, Overtaken("desk")) == DeliverReport()


class BrokenOutbox(MemoryOutbox):
    """Cannot write receipts any more."""

    def settle(self, receipt: Receipt) -> bool:
        raise OSError("disk full")


async def test_a_broken_outbox_ends_the_pass_before_anything_more_is_sent() -> None:
    outbox = BrokenOutbox()
    outbox.enqueue([message(f"k{number}") for number in range(30)], NOW)
    channel = RecordingChannel("desk")

    with pytest.raises(OSError, match="disk full"):
        await deliver(outbox, {"desk": channel}, MovingClock(), concurrency=2)
    assert len(channel.attempts) <= 2


async def test_a_long_timeout_gets_a_long_lease() -> None:
    leases: list[timedelta] = []

    class Watched(MemoryOutbox):
        def claim(self, now: datetime, *, limit: int, lease: timedelta) -> Sequence:  # type: ignore[type-arg]
            leases.append(lease)
            return super().claim(now, limit=limit, lease=lease)

    channel = RecordingChannel("desk")
    channel.timeout = 900.0
    outbox = Watched()
    outbox.enqueue([message("a1")], NOW)

    assert len((await run(outbox, channel)).sent) == 1
    assert leases == [timedelta(minutes=30)]


# ---------------------------------------------------------------------------------------------- over days

OUTCOMES = st.sampled_from(
    [
        None,
        LATER,
        AWAY,
        NEVER,
        DeliveryError("desk", "lost", unknown=True),
        KeyError("bug"),
        DeliveryError("desk", "429", retry_after=timedelta(hours=7)),
    ]
)


@given(script=st.lists(OUTCOMES, max_size=30), count=st.integers(1, 4), step=st.integers(1, 30))
@examples(0.4)
async def test_whatever_happens_every_delivery_ends_sent_or_dead(
    script: list[DeliveryError | None], count: int, step: int
) -> None:
    """Nothing is lost, nothing is sent after it was accepted, and nothing is tried twice in one slot."""
    channel, clock = RecordingChannel("desk", script=script), MovingClock()
    outbox = outbox_with(*(message(f"k{number}") for number in range(count)))

    while open_ones := outbox.deliveries(states=["pending", "failed"]):
        clock.time = max(clock.time, min(each.next_attempt for each in open_ones if each.next_attempt))
        clock.time += timedelta(minutes=step)
        await run(outbox, channel, clock=clock)

    accepted = [sent.key for sent in channel.accepted]
    tried = [(sent.key, now) for sent, _, now in channel.attempts]
    assert len(accepted) == len(set(accepted))
    assert len(tried) == len(set(tried))
    assert {key for key, state in states(outbox).items() if state == DeliveryState.SENT} == set(accepted)
    assert set(states(outbox).values()) <= {"sent", "dead"}
