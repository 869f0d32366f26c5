"""What a digest is made of when its window ends, and what is remembered of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from alerts.errors import DeliveryError
from alerts.model import Digest, FeedProblem, Message
from monitor.cycle.digests import close_due_window, preview, send_now
from monitor.cycle.run import deliver_due
from monitor.model import ProfileState
from monitor.store.memory import MemoryStore
from tests.monitor.cycle.desk import MORE, OFF, ON, START, Desk, item
from tests.monitor.cycle.test_notices import Listening

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
A, B = "https://a.example/feed", "https://b.example/feed"
LAOS_JAPAN, TEACHERS = "Laos and Japan agree on partnership", "Japan trains teachers of Laos"


def listening(**changes: object) -> tuple[Desk, Listening]:
    channel = Listening("desk")
    return Desk(channel=channel, **changes), channel  # type: ignore[arg-type]


def titles(digest: Digest) -> list[str]:
    return [story.lead.title for story in digest.stories]


def test_a_digest_tells_its_window_its_matches_and_how_the_feeds_do() -> None:
    desk, channel = listening(schedule="0 10 * * *", urls=(A, B))  # 10:00 in Vientiane is 03:00 UTC
    desk.web.fail(B, 404)
    desk.serve(OFF)
    desk.run()
    desk.serve(ON, OFF)
    desk.run()
    desk.clock.advance(timedelta(hours=18))
    closing = desk.clock.now()
    desk.run(every=False)
    [digest] = channel.digests
    assert (digest.profile, digest.title, digest.kind, digest.timezone) == ("pair", "Pair", "digest", "Asia/Vientiane")
    assert (digest.start, digest.end) == (START, closing)
    assert titles(digest) == [LAOS_JAPAN]
    assert (digest.health.feeds, digest.health.healthy, digest.health.entries) == (2, 1, 2)  # the other was there first
    [problem] = digest.health.problems
    assert isinstance(problem, FeedProblem)
    assert (problem.url, problem.state, problem.told) == (B, "failing", True)
    assert ["cannot be read" in line for line in digest.notices] == [True]
    assert [(day.day, day.count) for day in digest.activity][-2:] == [("2025-01-22", 1), ("2025-01-23", 0)]


def test_an_alert_tells_only_what_is_urgent_since_it_was_found_and_no_notices() -> None:
    desk, channel = listening(schedule="0 7 * * *")
    desk.serve(OFF)
    desk.run()
    desk.store.add_notice("feed failing https://x.example/ T", "X: cannot be read", desk.clock.now())
    desk.serve(item(9, "urgent: Laos and Japan"), ON, OFF)
    found = desk.clock.now()
    desk.run()
    [alert] = channel.digests
    assert (alert.kind, alert.start, alert.end, alert.notices) == ("instant", found, found, ())
    assert titles(alert) == ["urgent: Laos and Japan"]
    state = desk.store.profile_state("pair")
    assert (state.instant_sent, state.last_sent, state.window_end) == ((found,), None, START)
    assert len(desk.store.notices()) == 1


def test_the_cap_remembers_the_alerts_of_an_hour_and_no_more() -> None:
    desk, _ = listening(schedule="0 7 * * *", stories=False)
    desk.serve(OFF)
    desk.run()
    shown = [OFF]
    for number in range(20, 24):
        shown.append(item(number, f"urgent: Laos and Japan, part {number}"))
        desk.serve(*shown)
        desk.run()
        desk.clock.advance(29 * MINUTE)
    sent = desk.store.profile_state("pair").instant_sent
    assert [later - earlier for earlier, later in pairwise(sent)] == [30 * MINUTE]


def states(desk: Desk) -> ProfileState:
    return desk.store.profile_state("pair")


@pytest.mark.parametrize(
    ("found", "min_items", "send_empty", "sent"),
    [(0, 1, False, 0), (1, 1, False, 1), (1, 2, False, 0), (2, 2, False, 1), (0, 1, True, 1), (1, 3, True, 1)],
)
def test_a_window_ends_at_its_time_and_is_told_when_there_is_enough_to_tell(
    found: int, min_items: int, send_empty: bool, sent: int
) -> None:
    desk, channel = listening(schedule="0 * * * *", min_items=min_items, send_empty=send_empty, stories=False)
    desk.serve(OFF)
    desk.run()
    desk.serve(*(ON, MORE)[:found], OFF)
    desk.run()
    desk.clock.advance(HOUR)
    ended = desk.clock.now()
    desk.run(every=False)
    assert len(channel.digests) == sent
    assert (states(desk).window_end, states(desk).last_sent) == (ended, ended if sent else None)
    assert len(desk.store.matches("pair", waiting=True)) == (0 if sent else found)


def test_a_profile_with_nothing_to_say_but_a_notice_says_it() -> None:
    """A repeat of what is known, and a feed that fails: the second is worth a digest."""
    desk, channel = listening()
    for items in ((OFF,), (ON, OFF)):
        desk.serve(*items)
        desk.run()
    desk.store.add_notice("feed failing https://x.example/ T", "X: cannot be read", desk.clock.now())
    desk.serve(item(7, "Japan and Laos agree on partnership"), ON, OFF)
    desk.run()
    assert [titles(digest) for digest in channel.digests] == [[LAOS_JAPAN], []]
    assert channel.digests[1].notices == ("X: cannot be read",)
    assert [entry.title for entry in channel.digests[1].held] == ["Japan and Laos agree on partnership"]
    assert desk.store.notices() == []


# by hand ----------------------------------------------------------------------------------------------


def told_once(**changes: object) -> tuple[Desk, Listening]:
    """A desk that has told of one match; another one waits for the morning."""
    desk, channel = listening(schedule="0 7 * * *", **changes)
    desk.serve(ON, OFF)
    desk.run(backlog=5)
    desk.serve(MORE, ON, OFF)
    desk.run()
    assert len(channel.digests) == 1
    return desk, channel


@pytest.mark.parametrize(
    ("back", "expected"), [(HOUR, {LAOS_JAPAN, TEACHERS}), (MINUTE, {TEACHERS}), (MINUTE / 2, set())]
)
def test_by_hand_all_is_told_that_matched_since_then(back: timedelta, expected: set[str]) -> None:
    desk, channel = told_once()
    [watch] = desk.tools.watches
    now = desk.clock.now()
    shown = preview(desk.tools, watch, now - back)
    assert (set(titles(shown)), shown.kind, shown.start, shown.end) == (expected, "digest", now - back, now)
    waited = len(desk.store.matches("pair", waiting=True))
    assert send_now(desk.tools, watch, now - back) == []
    assert set(titles(channel.digests[-1])) == expected
    left = desk.store.matches("pair", waiting=True)
    assert (waited, len(left)) == (1, 0 if TEACHERS in expected else 1)
    assert states(desk).last_sent == now
    assert states(desk).window_end == START


def test_what_was_told_before_keeps_its_digest_and_what_waited_gets_that_of_the_hand() -> None:
    desk, _ = told_once()
    now = desk.clock.now()
    send_now(desk.tools, desk.tools.watches[0], now - HOUR)
    found = {match.entry.title: match for match in desk.store.matches("pair")}
    assert found[LAOS_JAPAN].digest == f"pair@{START.isoformat()}"
    assert found[TEACHERS].digest == f"pair@{now.isoformat()} by hand"
    assert found[TEACHERS].story == found[TEACHERS].entry.id


class Overtaken(MemoryStore):
    """Another worker ends the window just before this one does, the first time."""

    overtaken = False

    def close_window(
        self,
        state: ProfileState,
        entry_ids: Sequence[str],
        digest: str,
        messages: Sequence[Message],
        now: datetime,
        *,
        stories: Mapping[str, str] | None = None,
    ) -> bool:
        if not self.overtaken and "by hand" in digest:
            self.overtaken = True
            super().close_window(self.profile_state(state.profile), (), "", (), now)
        return super().close_window(state, entry_ids, digest, messages, now, stories=stories)


def test_by_hand_it_is_made_anew_when_another_worker_told_something_meanwhile() -> None:
    desk, _ = told_once(store=Overtaken())
    assert send_now(desk.tools, desk.tools.watches[0], START - HOUR) == []
    report = asyncio.run(deliver_due(desk.tools))
    assert [len(delivery.message.body.split()) for delivery in report.sent] == [2, 2]  # one for each channel
    assert desk.store.matches("pair", waiting=True) == []


class Mute(Listening):
    """Nothing can be composed for it."""

    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        raise DeliveryError("mail", "it does not read back", permanent=True)


@pytest.mark.parametrize("mute", [("desk",), ("desk", "other")])
def test_by_hand_what_could_not_be_composed_is_said_and_waits_where_nobody_got_it(mute: tuple[str, ...]) -> None:
    desk, _ = told_once()
    desk.channel = Mute("desk")
    if "other" in mute:
        desk.other = Mute("other")
    problems = send_now(desk.tools, desk.tools.watches[0], START - HOUR)
    assert problems == [f"{name}: no message of pair could be composed: it does not read back" for name in mute]
    assert len(desk.store.matches("pair", waiting=True)) == len(mute) - 1
    noted = [key for key, _ in desk.store.notices() if key.startswith("channel")]
    assert noted == [f"channel {name} dead 1" for name in mute]


# several profiles -------------------------------------------------------------------------------------


def test_one_profile_that_cannot_be_told_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    desk, channel = listening(send_empty=True, schedule="* * * * *")
    [watch] = desk.tools.watches

    def broken(text: str) -> tuple[()]:
        raise ZeroDivisionError("by nothing")

    second = replace(watch, layout=replace(watch.layout, profile="second"))
    first = replace(watch, layout=replace(watch.layout, headline=broken))
    for items in ((OFF,), (ON, OFF)):
        desk.serve(*items)
        result = desk.run(watches=(first, second))
    problem = "the digest of pair could not be made; its matches keep waiting: by nothing"
    assert (result.uncomposed, result.report.problems, result.report.dead) == ((problem,), (problem,), 1)
    assert (result.report.digests, [digest.profile for digest in channel.digests]) == (1, ["second"])
    assert "by nothing" in caplog.text
    assert len(desk.store.matches("pair", waiting=True)) == 1


def test_a_window_that_is_not_due_is_left_alone() -> None:
    desk, channel = listening(schedule="0 7 * * *")
    desk.serve(OFF)
    desk.run()
    problems: list[str] = []
    assert close_due_window(desk.tools, desk.tools.watches[0], problems) == 0
    assert (problems, channel.digests, states(desk).window_end) == ([], [], START)
