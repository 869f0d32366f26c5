"""What a pass says of Newsbell itself: to whom, how, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.deliver import deliver
from alerts.errors import DeliveryError
from alerts.fakes import RecordingChannel
from alerts.model import Delivery, DeliveryState, Digest, Message
from monitor.clock import FixedClock
from monitor.cycle.digests import close_due_windows
from monitor.cycle.notices import NotedDeliveries, send_notices
from monitor.cycle.poll import Poller
from monitor.errors import StoreError
from monitor.notices import NoticePlan, Told, channel_changes
from monitor.store.memory import MemoryStore
from tests.monitor.cycle.desk import MORE, OFF, ON, START, Desk, item, rss
from tests.monitor.samples import days

OPS = NoticePlan(channels=("ops",))


class Listening(RecordingChannel):
    """Keeps the digests it was asked to compose, too."""

    def __init__(self, name: str, *addresses: str) -> None:
        super().__init__(name, addresses or (f"{name}@example.org",))
        self.digests: list[Digest] = []

    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        self.digests.append(digest)
        return super().compose(digest, recipient, key)

    @property
    def notices(self) -> list[str]:
        """Subjects of the notices that went out."""
        return [message.subject for message in self.accepted if message.profile == "newsbell"]

    @property
    def lines(self) -> list[str]:
        """What digests with entries told beside them."""
        return [line for digest in self.digests if digest.kind == "digest" for line in digest.notices]


def listening(**changes: object) -> tuple[Desk, Listening, Listening]:
    desk_channel, other = Listening("desk"), Listening("other", "x@example.org")
    return Desk(channel=desk_channel, other=other, **changes), desk_channel, other  # type: ignore[arg-type]


def watched_since(desk: Desk, span: timedelta) -> None:
    """A first pass long ago, that found nothing."""
    desk.serve(OFF)
    desk.run()
    desk.clock.advance(span)


# feeds ------------------------------------------------------------------------------------------------


def test_a_feed_that_is_down_is_a_line_of_the_next_digest() -> None:
    desk, channel, _ = listening(urls=("https://a.example/feed", "https://b.example/feed"))
    desk.web.fail("https://b.example/feed", 404)
    desk.serve(OFF)
    desk.run()
    assert channel.accepted == []
    desk.serve(ON, OFF)
    desk.run()
    desk.serve(MORE, ON, OFF)
    desk.run()
    [line] = channel.lines
    assert "cannot be read" in line


def test_where_notices_have_channels_they_are_told_there_at_once_and_not_again() -> None:
    desk, channel, other = listening(urls=("https://a.example/feed", "https://b.example/feed"))
    ops = Listening("ops")
    desk.web.fail("https://b.example/feed", 404)
    desk.serve(OFF)
    channels = {"desk": channel, "other": other, "ops": ops}
    for items in ((OFF,), (ON, OFF)):
        desk.serve(*items)
        desk.run(notices=OPS, channels=channels)
    [subject] = ops.notices
    assert "cannot be read" in subject
    assert channel.lines == []


# channels ---------------------------------------------------------------------------------------------


def test_a_dead_letter_is_told_on_the_other_channels_in_the_same_pass_and_once() -> None:
    desk, channel, other = listening()
    channel.script = [DeliveryError("desk", "550 refused", permanent=True)] * 2
    for items in ((OFF,), (ON, OFF), (MORE, ON, OFF)):
        desk.serve(*items)
        result = desk.run()
    [subject] = other.notices
    assert subject == (
        "Newsbell: Channel desk: a message to desk@example.org was given up: 550 refused. See: newsbell outbox list"
    )
    assert (result.report.sent, result.report.dead) == (1, 1)
    assert channel.notices == []


class Mute(Listening):
    """Nothing can be composed for it."""

    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        raise DeliveryError("mail", "the mail does not read back", permanent=True)


def test_a_channel_that_cannot_be_composed_for_is_told_on_the_others_which_get_theirs() -> None:
    desk, channel, _ = listening()
    desk.other = Mute("other")
    for items in ((OFF,), (ON, OFF), (MORE, ON, OFF)):
        desk.serve(*items)
        result = desk.run()
    assert len(channel.accepted) - len(channel.notices) == 2
    [subject] = channel.notices
    assert "Channel other: no message of pair could be composed: the mail does not read back" in subject
    assert result.uncomposed == ("other: no message of pair could be composed: the mail does not read back",)
    assert (result.report.dead, result.report.problems) == (1, result.uncomposed)


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ((), ["channel other dead 1"]),
        (("channel other late 1",), ["channel other dead 2"]),
        (("channel other dead 1",), []),
        (("channel other dead 1", "channel other well 2"), ["channel other dead 3"]),
    ],
)
def test_that_nothing_can_be_composed_for_a_channel_is_news_unless_it_was_dead_already(
    before: tuple[str, ...], told: list[str]
) -> None:
    """One that had been mended, and breaks again, is told again."""
    desk, _, _ = listening()
    desk.other = Mute("other")
    for key in before:
        desk.store.add_notice(key, "as it was", START)
    desk.store.mark_told(before)
    for items in ((OFF,), (ON, OFF)):
        desk.serve(*items)
        desk.run()
    keys = [key for key, _ in desk.store.notices(untold=False) if key.startswith("channel ")]
    assert keys == [*before, *told]


def test_a_notice_that_cannot_be_composed_for_one_channel_reaches_the_others() -> None:
    desk, _, _ = listening()
    desk.other = Mute("other")
    plan = NoticePlan(channels=("desk", "other"))
    desk.store.add_notice("feed failing https://a.example/ T", "A: cannot be read", desk.clock.now())
    assert send_notices(replace(desk.tools, notices=plan)) == 1
    assert desk.store.notices() == []
    desk.store.add_notice("feed failing https://b.example/ T", "B: cannot be read", desk.clock.now())
    assert send_notices(replace(desk.tools, notices=NoticePlan(channels=("other",)))) == 0
    assert len(desk.store.notices()) == 1


def test_what_could_be_composed_for_no_channel_keeps_waiting() -> None:
    desk, _, _ = listening()
    desk.channel, desk.other = Mute("desk"), Mute("other")
    for items in ((OFF,), (ON, OFF)):
        desk.serve(*items)
        result = desk.run()
    assert len(result.uncomposed) == 2
    assert len(desk.store.matches("pair", waiting=True)) == 1
    desk.channel, desk.other = Listening("desk"), Listening("other")
    desk.run()
    assert len(desk.channel.accepted) - len(desk.channel.notices) == 1
    assert desk.store.matches("pair", waiting=True) == []


def test_a_channel_that_works_again_is_told_too() -> None:
    desk, channel, other = listening(stories=False)
    channel.script = [DeliveryError("desk", "550 refused", permanent=True)]
    for items in ((OFF,), (ON, OFF), (MORE, ON, OFF)):
        desk.serve(*items)
        desk.run()
    assert [subject.partition(": ")[2] for subject in other.notices][1:] == ["Channel desk: delivers again"]


def test_a_channel_that_has_been_failing_for_an_hour_is_told_once() -> None:
    desk, channel, other = listening()
    desk.serve(OFF)
    desk.run()
    desk.serve(ON, OFF)
    channel.script = [DeliveryError("desk", "451 later")] * 30
    for _ in range(20):
        desk.run()
        desk.clock.advance(timedelta(hours=1))
    [subject] = other.notices
    assert "nothing has reached desk@example.org since 2025-01-22 09:01 UTC: 451 later" in subject


def test_a_channel_that_is_dead_for_weeks_is_told_twice_and_when_it_works_again() -> None:
    """Late within hours, given up after days: the later messages of each day fare alike, which is no news."""
    desk, channel, other = listening(schedule="0 7 * * *", stories=False)
    channel.kind, channel.script = "webhook", [DeliveryError("desk", "500")] * 1_000
    shown = [OFF]
    for hour in range(12 * 24):
        if hour % 24 == 1:
            shown.append(item(100 + hour, f"Laos and Japan agree on partnership {hour}"))
        desk.serve(*shown)
        desk.run(every=hour % 24 == 1)
        desk.clock.advance(timedelta(minutes=59))
    said = [subject.partition(": ")[2] for subject in other.notices]
    assert [("nothing has reached" in text, "was given up" in text) for text in said] == [(True, False), (False, True)]

    channel.script = []
    desk.store.retry([each.message.key for each in desk.store.deliveries(states=["dead", "failed"])], desk.clock.now())
    for _ in range(2):
        desk.run(every=False)
    assert other.notices[2:] == ["Newsbell: Channel desk: delivers again"]


def test_files_wake_nobody_so_they_get_such_a_notice_with_the_next_digest() -> None:
    desk, channel, other = listening()
    other.kind = "file"
    channel.script = [DeliveryError("desk", "550 refused", permanent=True)]
    for items in ((OFF,), (ON, OFF), (MORE, ON, OFF)):
        desk.serve(*items)
        desk.run()
    assert other.notices == []
    assert "was given up" in other.lines[0]


def test_a_notice_of_a_profiles_only_channel_waits_for_a_digest_that_gets_through() -> None:
    desk, channel, _ = listening()
    watch = replace(desk.tools.watches[0], channels=("desk",))
    channel.script = [DeliveryError("desk", "550 refused", permanent=True)]
    for items in ((OFF,), (ON, OFF), (MORE, ON, OFF)):
        desk.serve(*items)
        desk.run(watches=(watch,))
    assert channel.notices == []
    [line] = channel.lines
    assert "was given up" in line


def with_a_letter_that_will_be(desk: Desk, channel: Listening, error: DeliveryError) -> None:
    """A message is in the outbox, and its channel is going to answer with ``error``."""
    message = Message("k", "pair", "desk", "desk@example.org", "s", b"", "message/rfc822")
    desk.store.enqueue([message], desk.clock.now())
    channel.script = [error]


@pytest.mark.parametrize(
    ("error", "on_unknown", "state"),
    [
        (DeliveryError("desk", "550 refused", permanent=True), "resend", "dead"),
        (DeliveryError("desk", "no answer", unknown=True), "hold", "late"),
    ],
)
def test_the_end_of_a_letter_and_its_notice_are_one(error: DeliveryError, on_unknown: str, state: str) -> None:
    """A program that dies right after the attempt has said so all the same."""
    desk, channel, _ = listening()
    channel.on_unknown = on_unknown
    with_a_letter_that_will_be(desk, channel, error)
    asyncio.run(deliver(NotedDeliveries(desk.tools), desk.tools.channels, desk.clock))
    assert [key for key, _ in desk.store.notices()] == [f"channel desk {state} 1"]


class Forgetful(MemoryStore):
    """Cannot write down a notice."""

    def add_notice(self, key: str, text: str, now: datetime) -> bool:
        raise StoreError("disk full")


def test_without_its_notice_there_is_no_dead_letter() -> None:
    desk, channel, _ = listening(store=Forgetful())
    with_a_letter_that_will_be(desk, channel, DeliveryError("desk", "550 refused", permanent=True))
    with pytest.raises(StoreError):
        asyncio.run(deliver(NotedDeliveries(desk.tools), desk.tools.channels, desk.clock))
    assert [each.state for each in desk.store.deliveries()] == ["pending"]


def test_another_try_waits_for_the_end_of_the_quiet_hours_and_counts_as_none_until_then() -> None:
    desk, channel, other = listening(schedule="50 21 * * *", quiet="22:00-06:00")  # Vientiane: UTC+7
    for items in ((OFF,), (ON, OFF)):
        desk.serve(*items)
        desk.run()
    other.kind = "file"
    channel.script = [DeliveryError("desk", "451 later")] * 30
    other.script = [DeliveryError("other", "disk full")] * 30
    desk.clock.advance(timedelta(hours=5, minutes=48))  # 21:50
    for _ in range(10 * 60):
        desk.run(every=False)
    attempts = [each for each in channel.attempts if each[0].profile == "pair"]
    assert len(attempts) > 6
    local = [(at + timedelta(hours=7)).strftime("%H:%M") for _, _, at in attempts]
    assert [time for time in local if time >= "22:00" or time < "06:00"] == []
    assert [attempt for _, attempt, _ in attempts] == list(range(1, len(local) + 1))
    assert any(15 <= at.hour < 23 for _, _, at in other.attempts)  # files wake nobody


@pytest.mark.parametrize(("asleep", "attempts"), [(timedelta(hours=5), 0), (timedelta(minutes=5), 1)])
def test_a_first_try_that_a_machine_slept_over_wakes_nobody(asleep: timedelta, attempts: int) -> None:
    """It is made all the same where the lid was closed for a moment only."""
    desk, channel, _ = listening(quiet="18:00-23:00")  # it is 16:00 in Vientiane
    message = Message("k", "pair", "desk", "desk@example.org", "s", b"", "message/rfc822")
    desk.clock.advance(timedelta(minutes=118))
    desk.store.enqueue([message], desk.clock.now())
    desk.clock.advance(asleep)
    asyncio.run(deliver(NotedDeliveries(desk.tools), desk.tools.channels, desk.clock))
    assert len(channel.attempts) == attempts
    desk.clock.advance(timedelta(hours=7))
    asyncio.run(deliver(NotedDeliveries(desk.tools), desk.tools.channels, desk.clock))
    assert [(message.key, attempt) for message, attempt, _ in channel.attempts] == [("k", 1)]


@pytest.mark.parametrize(("named", "attempts"), [((), 1), (("desk",), 2)])
def test_another_try_at_a_notice_waits_unless_its_channel_is_named(named: tuple[str, ...], attempts: int) -> None:
    desk, channel, _ = listening(quiet="18:00-23:00")  # it is 16:00 in Vientiane
    tools = replace(desk.tools, notices=NoticePlan(channels=named))
    desk.clock.advance(timedelta(minutes=118))
    desk.store.enqueue([Message("k", "newsbell", "desk", "desk@example.org", "s", b"", "message/rfc822")], START)
    channel.script = [DeliveryError("desk", "451 later")]
    for step in (timedelta(hours=3), timedelta(hours=5)):
        asyncio.run(deliver(NotedDeliveries(tools), tools.channels, desk.clock))
        assert len(channel.attempts) <= attempts
        desk.clock.advance(step)
    assert len(channel.attempts) == attempts
    asyncio.run(deliver(NotedDeliveries(tools), tools.channels, desk.clock))
    assert len(channel.accepted) == 1


def test_what_is_asked_for_by_hand_in_the_quiet_hours_goes_at_once() -> None:
    desk, channel, _ = listening(quiet="15:00-20:00")  # it is 16:00 in Vientiane
    message = Message("k", "pair", "desk", "desk@example.org", "s", b"", "message/rfc822")
    desk.store.enqueue([message], desk.clock.now())
    channel.script = [DeliveryError("desk", "550 no", permanent=True)]
    for _ in range(2):
        asyncio.run(deliver(NotedDeliveries(desk.tools), desk.tools.channels, desk.clock))
        desk.clock.advance(timedelta(hours=1))
        desk.store.retry(["k"], desk.clock.now())
    assert [attempt for _, attempt, _ in channel.attempts] == [1, 1]


def test_what_a_channel_does_wakes_nobody_unless_a_channel_is_named_for_it() -> None:
    desk, channel, other = listening(quiet="15:00-20:00")  # it is 16:00 in Vientiane
    desk.store.add_notice("channel desk dead 1", "Channel desk: given up", desk.clock.now())
    ops = {"desk": channel, "other": other, "ops": Listening("ops")}
    assert send_notices(desk.tools) == 0
    desk.clock.advance(timedelta(hours=4))
    assert send_notices(desk.tools) == 1
    desk.clock.advance(-timedelta(hours=4))
    desk.store.add_notice("channel desk well 2", "Channel desk: delivers again", desk.clock.now())
    assert send_notices(replace(desk.tools, notices=OPS, channels=ops)) == 1


def test_a_whole_batch_that_waits_keeps_the_rest_from_nobody() -> None:
    desk, channel, _ = listening(quiet="15:00-20:00")  # it is 16:00 in Vientiane
    tools = replace(desk.tools, notices=NoticePlan(channels=("desk",)))
    for number in range(5):
        profile = "pair" if number < 4 else "newsbell"
        message = Message(f"k{number}", profile, "desk", "desk@example.org", "s", b"", "message/rfc822")
        desk.store.enqueue([message], desk.clock.now())
    channel.script = [DeliveryError("desk", "451 later")] * 5
    asyncio.run(deliver(NotedDeliveries(tools), tools.channels, desk.clock))
    desk.clock.advance(timedelta(minutes=1))
    asyncio.run(deliver(NotedDeliveries(tools), tools.channels, desk.clock, limit=2))
    assert [message.profile for message in channel.accepted] == ["newsbell"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 9])
def test_no_more_is_handed_out_than_was_asked_for_however_much_of_it_waits(limit: int) -> None:
    """Letters for a reader who sleeps stand between those for one who does not."""
    desk, _, _ = listening(quiet="15:00-20:00")  # it is 16:00 in Vientiane
    made = desk.clock.now() - timedelta(hours=1)
    for number in range(8):
        profile = "pair" if number % 2 else "newsbell"
        message = Message(f"k{number}", profile, "desk", "desk@example.org", "s", b"", "message/rfc822")
        desk.store.enqueue([message], made + timedelta(seconds=number))
    tools = replace(desk.tools, notices=NoticePlan(channels=("desk",)))
    given = NotedDeliveries(tools).claim(desk.clock.now(), limit=limit, lease=timedelta(minutes=5))
    assert [delivery.message.key for delivery in given] == ["k0", "k2", "k4", "k6"][:limit]


@pytest.mark.parametrize(
    ("key", "named", "expected"),
    [
        ("feed failing https://a.example/ T", (), []),  # the next digest tells it
        ("feed failing https://a.example/ T", ("ops",), ["ops"]),
        ("profile pair spike 2025-01-22", (), []),
        ("profile pair dry 2025-01-22T09:00:00+00:00", (), ["desk", "other"]),
        ("profile pair dry 2025-01-22T09:00:00+00:00", ("ops",), ["ops"]),
        ("profile second cut-off 2025-01-22T09:00:00+00:00", (), ["far"]),
        ("profile second mended 2025-01-22T09:00:00+00:00", (), ["far"]),
        ("channel desk dead 1", (), ["other"]),
        ("channel other dead 1", (), ["desk"]),
        ("channel far dead 1", (), []),  # its profile has no other
        ("channel desk dead 1", ("ops",), ["ops"]),
        ("channel ops dead 1", ("ops",), []),
        ("channel ops dead 1", ("ops", "desk"), ["desk"]),
        ("channel desk dead 1", ("nosuch",), []),
    ],
)
def test_a_notice_goes_where_it_can_be_read_and_never_by_the_way_it_is_about(
    key: str, named: tuple[str, ...], expected: list[str]
) -> None:
    desk, _, _ = listening()
    [watch] = desk.tools.watches
    second = replace(watch, layout=replace(watch.layout, profile="second"), channels=("far",))
    channels = {**desk.tools.channels, "far": Listening("far"), "ops": Listening("ops")}
    plan = NoticePlan(channels=named)
    tools = replace(desk.tools, notices=plan, channels=channels, watches=(watch, second))
    desk.store.add_notice(key, "so it is", desk.clock.now())
    assert send_notices(tools) == len(expected)
    assert sorted(row.message.channel for row in desk.store.deliveries()) == expected
    assert bool(desk.store.notices()) is not bool(expected)


@pytest.mark.parametrize(("hours", "expected"), [(23, []), (24, ["desk", "other"]), (25, ["desk", "other"])])
def test_a_feeds_notice_waits_a_day_for_a_digest(hours: int, expected: list[str]) -> None:
    desk, _, _ = listening()
    desk.store.add_notice("feed failing https://a.example/ T", "A: cannot be read", desk.clock.now())
    desk.store.add_notice("profile pair spike 2025-01-22", "many", desk.clock.now())
    desk.clock.advance(timedelta(hours=hours))
    assert send_notices(desk.tools) == len(expected)
    assert sorted(row.message.channel for row in desk.store.deliveries()) == expected


def test_what_goes_to_one_channel_is_one_message_with_each_line_once() -> None:
    desk, channel, _ = listening()
    tools = replace(desk.tools, notices=NoticePlan(channels=("desk",)))
    for key, text in (("feed a", "A"), ("feed b", "B"), ("profile x dry T", "A")):
        desk.store.add_notice(key, text, desk.clock.now())
    assert send_notices(tools) == 1
    [digest] = channel.digests
    assert (digest.notices, digest.kind, digest.profile, digest.timezone) == (
        ("A", "B"),
        "notice",
        "newsbell",
        "Asia/Vientiane",
    )
    assert (digest.start, digest.end) == (START - timedelta(days=1), START)
    assert desk.store.notices() == []
    assert send_notices(tools) == 0


@pytest.mark.parametrize(
    ("profile", "quiet", "also", "named", "hours"),
    [
        ("pair", "15:00-20:00", None, (), 4),
        ("pair", None, None, (), 0),
        ("pair", "15:00-20:00", None, ("desk",), 4),  # a digest is no notice, wherever those go
        ("pair", "17:00-20:00", None, (), 0),
        ("pair", "22:00-17:00", None, (), 1),
        ("newsbell", "15:00-20:00", None, (), 4),
        ("newsbell", "15:00-20:00", None, ("desk",), 0),
        ("newsbell", "15:00-20:00", None, ("other",), 4),
        ("newsbell", "15:00-20:00", "15:00-18:00", (), 2),
        ("newsbell", "15:00-20:00", "01:00-02:00", (), 0),
        ("second", "01:00-02:00", "15:00-18:00", (), 2),
        ("gone", "15:00-20:00", "15:00-18:00", (), 2),
    ],
)
def test_another_try_waits_until_its_own_reader_may_be_waked(
    profile: str, quiet: str | None, also: str | None, named: tuple[str, ...], hours: int
) -> None:
    """A notice, and what a profile left that is gone, until any reader of the channel may. It is 16:00 in Vientiane."""
    desk, _, _ = listening(quiet=quiet)
    [watch] = desk.tools.watches
    second = replace(watch, layout=replace(watch.layout, profile="second"), clock=replace(watch.clock, quiet=also))
    watches = (watch, second) if also else (watch,)
    tools = replace(desk.tools, watches=watches, notices=NoticePlan(channels=named))
    now = desk.clock.now()
    message = Message("k", profile, "desk", "desk@example.org", "s", b"", "message/rfc822")
    desk.store.enqueue([message], now - timedelta(hours=2))
    given = NotedDeliveries(tools).claim(now, limit=9, lease=timedelta(minutes=5))
    assert bool(given) is not bool(hours)
    if hours:
        [row] = desk.store.deliveries()
        assert (row.next_attempt, row.attempts, row.state) == (now + timedelta(hours=hours), 0, "pending")


# several workers --------------------------------------------------------------------------------------


class Shared(MemoryStore):
    """A store where ``meanwhile`` happens, once, just before a transaction begins."""

    meanwhile: Callable[[], object] | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        with super().transaction():
            yield


def test_a_notice_that_two_workers_send_goes_out_once() -> None:
    store = Shared()
    desk, _, _ = listening(store=store)
    tools = replace(desk.tools, notices=NoticePlan(channels=("other",)))
    store.add_notice("feed failing https://a.example/ T", "A: cannot be read", desk.clock.now())
    later = replace(tools, clock=FixedClock(desk.clock.now() + timedelta(seconds=1)))
    store.meanwhile = lambda: send_notices(later)
    assert send_notices(tools) == 0
    assert len(store.deliveries()) == 1
    assert send_notices(tools) == 0


def test_a_line_that_another_profiles_digest_has_told_meanwhile_is_left_out() -> None:
    store = Shared()
    desk, channel, _ = listening(store=store)
    desk.serve(OFF)
    desk.run()
    store.add_notice("feed failing https://a.example/ T", "A: cannot be read", desk.clock.now())
    desk.serve(ON, OFF)
    asyncio.run(Poller(desk.tools, every=True).run())
    store.meanwhile = lambda: store.mark_told(["feed failing https://a.example/ T"])
    assert close_due_windows(desk.tools) == 1
    assert [digest.notices for digest in channel.digests] == [("A: cannot be read",), ()]
    assert len(store.deliveries()) == 2


def test_workers_that_see_the_same_change_of_a_channel_write_one_notice() -> None:
    desk, _, _ = listening()
    message = Message("k", "pair", "desk", "desk@example.org", "s", b"", "message/rfc822")
    lost = Delivery(message, DeliveryState.DEAD, 1, desk.clock.now(), None, error="desk: 550 no")
    told = Told(())
    keys = {
        notice.key
        for seconds in (0, 1)
        for notice in channel_changes((), (), [lost], told, desk.clock.now() + timedelta(seconds=seconds))
    }
    assert keys == {"channel desk dead 1"}


# profiles ---------------------------------------------------------------------------------------------


def test_a_profile_that_finds_nothing_for_long_is_told_once_for_each_dry_spell() -> None:
    desk, channel, other = listening(schedule="0 7 * * *")
    watched_since(desk, timedelta(0))
    for number in range(60):  # something comes every day, a match on day 20
        title = "Laos and Japan agree on partnership" if number == 20 else f"Rice prices, day {number}"
        desk.serve(item(100 + number, title))
        desk.run()
        desk.clock.advance(days(1))
    dry = [[subject for subject in each.notices if "nothing matched" in subject] for each in (channel, other)]
    assert [len(subjects) for subjects in dry] == [2, 2]
    assert "Pair: nothing matched for 14 days, although the feed is well" in dry[0][0]


def test_where_the_feeds_are_the_reason_nothing_is_said_of_too_narrow_a_profile() -> None:
    desk, channel, _ = listening()
    watched_since(desk, timedelta(0))
    desk.web.fail("https://a.example/feed", 503)
    for _ in range(20):
        desk.run()
        desk.clock.advance(days(1))
    assert not [subject for subject in channel.notices if "Too narrow" in subject]


# outages ----------------------------------------------------------------------------------------------

A, B = "https://a.example/feed", "https://b.example/feed"


def by_the_hour(desk: Desk, hours: int, **changes: object) -> None:
    for _ in range(hours):
        desk.run(every=False, **changes)
        desk.clock.advance(timedelta(minutes=59))


def test_that_no_feed_works_is_told_at_once_and_once_and_so_is_its_end() -> None:
    desk, channel, other = listening(schedule="0 7 * * *")
    watched_since(desk, timedelta(0))
    desk.web.fail(A, 503)
    by_the_hour(desk, 24)
    assert channel.notices == []
    by_the_hour(desk, 24)
    [subject] = channel.notices
    assert subject.startswith("Newsbell: None of the feeds can be read since 2025-01-22 10:01 UTC, so nothing can be")
    assert other.notices == [subject]
    by_the_hour(desk, 24 * 20)
    outages = [each for each in channel.notices if "None of the feeds" in each]
    assert len(outages) == 1
    desk.serve(OFF)
    by_the_hour(desk, 48)
    assert channel.notices.count("Newsbell: Feeds can be read again; each digest names those that cannot") == 1
    desk.web.fail(A, 503)
    by_the_hour(desk, 48)
    assert len([each for each in channel.notices if "None of the feeds" in each]) == 2


def test_as_long_as_a_feed_works_the_others_are_told_after_a_day_without_a_digest() -> None:
    desk, channel, _ = listening(schedule="0 7 * * *", urls=(A, B))
    desk.web.serve(B, rss(OFF))
    watched_since(desk, timedelta(0))
    desk.web.fail(B, 503)
    by_the_hour(desk, 47)
    assert channel.notices == []
    assert len(desk.store.notices()) == 1
    by_the_hour(desk, 24 * 5)
    [subject] = channel.notices
    assert (
        subject
        == "Newsbell: A: cannot be read since 2025-01-22 10:01 UTC: the site is overloaded or under repair (503)"
    )
    assert desk.store.notices() == []


def test_what_an_outage_says_of_all_feeds_is_not_said_of_each_again() -> None:
    """Neither a day later, when the notice of each would go out without a digest, nor when they come back."""
    desk, channel, _ = listening(schedule="0 7 * * *", urls=(A, B))
    desk.web.serve(B, rss(OFF))
    watched_since(desk, timedelta(0))
    desk.web.fail(A, 503)
    desk.web.fail(B, 503)
    by_the_hour(desk, 24 * 5)
    [outage] = [subject for subject in channel.notices if "nothing matched" not in subject]
    assert "None of the feeds (2) can be read" in outage
    desk.serve(OFF)
    desk.web.serve(B, rss(OFF))
    by_the_hour(desk, 24 * 4)
    assert [subject for subject in channel.notices if "read" in subject] == [
        outage,
        "Newsbell: Feeds can be read again; each digest names those that cannot",
    ]
    assert desk.store.notices() == []
    desk.web.fail(B, 503)  # a failure of its own is told as ever
    by_the_hour(desk, 24 * 4)
    assert "B: cannot be read" in channel.notices[-1] or "A: cannot be read" in channel.notices[-1]


def test_profiles_that_share_a_channel_say_it_once_there() -> None:
    desk, channel, _ = listening(schedule="0 7 * * *")
    [watch] = desk.tools.watches
    second = replace(watch, layout=replace(watch.layout, profile="second"))
    desk.web.fail(A, 503)
    by_the_hour(desk, 30, watches=(watch, second))
    assert len([digest for digest in channel.digests if len(digest.notices) == 1]) == len(channel.digests) == 1


def test_a_profile_whose_own_feeds_are_all_down_is_told_while_others_work() -> None:
    desk, channel, _ = listening(schedule="0 7 * * *", urls=(A, B))
    watches = (replace(desk.tools.watches[0], feeds=frozenset({B})),)
    desk.serve(OFF)
    desk.web.fail(B, 503)
    by_the_hour(desk, 60, watches=watches)
    [told] = [subject for subject in channel.notices if "none of its feeds can be read" in subject]
    assert told.startswith("Newsbell: Pair: none")


def test_an_outage_waits_for_the_end_of_the_quiet_hours() -> None:
    desk, channel, _ = listening(schedule="0 7 * * *", quiet="15:00-20:00")  # it is 16:00 in Vientiane
    desk.web.fail(A, 503)
    by_the_hour(desk, 26)
    assert channel.notices == []
    by_the_hour(desk, 3)
    assert len(channel.notices) == 1


def test_a_dry_spell_waits_for_the_end_of_the_quiet_hours() -> None:
    desk, channel, _ = listening(quiet="15:00-20:00")  # it is 16:00 in Vientiane
    watched_since(desk, days(13))
    desk.serve(item(7, "Rubber prices"), OFF)
    desk.run()
    desk.clock.advance(days(1))
    desk.run()
    assert channel.notices == []
    desk.clock.advance(timedelta(hours=5))
    desk.run()
    assert len(channel.notices) == 1


def test_a_spike_is_a_line_of_the_digest_that_tells_it_once() -> None:
    desk, channel, _ = listening(stories=False)
    watched_since(desk, days(10))
    shown = [item(100 + number, f"Laos and Japan open partnership office {number}") for number in range(12)]
    desk.serve(*shown, OFF)
    desk.run()
    desk.serve(item(200, "Laos, Japan: one partnership more"), *shown, OFF)
    desk.run()
    [line] = channel.lines
    assert line == "Pair: 12 matches today, far more than usual (0.0 a day in the last 10 days)"


def test_notices_can_be_turned_off() -> None:
    desk, channel, _ = listening(stories=False)
    off = NoticePlan(no_match=None, spike=False)
    watched_since(desk, days(30))
    desk.serve(item(7, "Rubber prices"), OFF)
    desk.run(notices=off)
    desk.serve(*(item(100 + number, f"Laos and Japan open partnership office {number}") for number in range(12)), OFF)
    desk.run(notices=off)
    assert (channel.notices, channel.lines) == ([], [])


def test_matches_that_wait_under_a_name_that_is_gone_are_told_once() -> None:
    desk, channel, _ = listening(schedule="0 7 * * *")
    for items in ((OFF,), (ON, OFF)):
        desk.serve(*items)
        desk.run()
    [watch] = desk.tools.watches
    renamed = replace(watch, layout=replace(watch.layout, profile="renamed"))
    by_the_hour(desk, 72, watches=(renamed,))
    [subject] = channel.notices
    assert subject == (
        "Newsbell: 1 match waits under the name pair, which no profile has any more: give a profile that name, "
        "and its next digest tells it"
    )
    desk.run(watches=(watch,))
    desk.clock.advance(days(1))
    desk.run(watches=(watch,))
    assert desk.told[-1] == ["Laos and Japan agree on partnership"]


def test_another_profiles_notices_are_none_of_this_ones_business() -> None:
    desk, channel, _ = listening()
    desk.serve(OFF)
    desk.run()
    desk.store.add_notice("profile another spike 2025-01-22", "Another: too many", desk.clock.now())
    desk.serve(ON, OFF)
    desk.run()
    assert channel.lines == []
    assert len(desk.store.notices()) == 1
