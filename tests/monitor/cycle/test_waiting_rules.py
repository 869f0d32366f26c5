"""What a pass leaves for later: feeds that do not want to be asked now, digests that another worker has told."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from monitor.errors import StoreError
from monitor.model import ProfileState
from monitor.store.memory import MemoryStore
from tests.monitor.cycle.desk import MORE, OFF, ON, START, Desk, item, rss

HOUR = timedelta(hours=1)
URL = "https://a.example/feed"


def asked(desk: Desk) -> int:
    return len(desk.web.requests)


class TestHoursToSkip:
    def desk(self, *hours: int) -> Desk:
        """A feed that was polled at the start and asks to be left alone at some hours, in GMT."""
        desk = Desk()
        skip = "".join(f"<hour>{hour}</hour>" for hour in hours)
        body = rss(OFF).replace(b"<title>A</title>", f"<title>A</title><skipHours>{skip}</skipHours>".encode())
        desk.web.serve(URL, body)
        desk.run()
        return desk

    def test_a_pass_that_comes_in_such_an_hour_asks_later(self) -> None:
        """The feed was due before that hour began; it is the hour in which the request would be sent that counts."""
        quiet = (START + 2 * HOUR).hour
        desk = self.desk(quiet)
        desk.clock.advance(2 * HOUR)
        desk.run(every=False)
        assert asked(desk) == 1
        desk.clock.advance(HOUR)
        desk.run(every=False)
        assert asked(desk) == 2

    def test_other_hours_do_not_matter(self) -> None:
        desk = self.desk((START + 5 * HOUR).hour)
        desk.clock.advance(2 * HOUR)
        desk.run(every=False)
        assert asked(desk) == 2

    def test_who_asks_for_every_feed_now_gets_it(self) -> None:
        desk = self.desk((START + 2 * HOUR).hour)
        desk.clock.advance(2 * HOUR)
        desk.run(every=True)
        assert asked(desk) == 2

    def test_a_feed_that_never_wants_to_be_asked_is_not_believed(self) -> None:
        desk = self.desk(*range(24))
        desk.clock.advance(2 * HOUR)
        desk.run(every=False)
        assert asked(desk) == 2


class _Overtaking(MemoryStore):
    """A store of several workers: another one tells the waiting notices, once, while this one makes its digest."""

    overtaken = False

    def mark_told(self, keys: Sequence[str]) -> int:
        if keys and not self.overtaken:
            self.overtaken = True
            super().mark_told(keys)
        return super().mark_told(keys)


def notices_of(desk: Desk) -> list[str]:
    return [text for _, text in desk.store.notices()]


def test_a_notice_that_another_worker_has_told_meanwhile_is_not_told_twice() -> None:
    desk = Desk(store=_Overtaking(), send_empty=True)
    desk.serve(OFF)
    desk.run()
    desk.store.add_notice("feed:x", "a feed fails", START)
    desk.serve(ON, OFF)
    desk.run()
    assert desk.told == [["Laos and Japan agree on partnership"]]
    assert notices_of(desk) == []


class _Closed(MemoryStore):
    """Full when a window is to be closed."""

    full = False

    def close_window(  # type: ignore[override]
        self, state: ProfileState, *arguments: object, **more: object
    ) -> bool:
        if self.full:
            raise StoreError("the disk is full")
        return super().close_window(state, *arguments, **more)  # type: ignore[arg-type]


def test_a_store_that_fails_ends_the_pass_and_the_next_one_tells_what_waits(caplog: pytest.LogCaptureFixture) -> None:
    """It is no fault of the profile: nothing is logged as if its digest could not be made."""
    store = _Closed()
    desk = Desk(store=store)
    desk.serve(OFF)
    desk.run()
    desk.serve(ON, OFF)
    store.full = True
    with caplog.at_level(logging.ERROR), pytest.raises(StoreError, match="disk is full"):
        desk.run()
    assert desk.told == []
    assert "could not be made" not in caplog.text
    store.full = False
    desk.run()
    assert desk.told == [["Laos and Japan agree on partnership"]]


class _Beaten(MemoryStore):
    """Another worker has closed the window first."""

    def close_window(self, *arguments: object, **more: object) -> bool:  # type: ignore[override]
        return False


def test_a_window_that_another_worker_has_closed_sends_nothing_from_here() -> None:
    desk = Desk(store=_Beaten())
    desk.serve(ON)
    result = desk.run(backlog=5)
    assert (result.report.sent, desk.store.deliveries(), desk.channel.attempts) == (0, [], [])


@pytest.mark.parametrize("hours", [1, 24, 24 * 14])
def test_a_machine_that_slept_tells_everything_in_one_digest(hours: int) -> None:
    desk = Desk(schedule="0 * * * *", stories=False)
    desk.serve(OFF)
    desk.run()
    desk.serve(ON, OFF)
    desk.run()
    desk.clock.advance(hours * HOUR)
    desk.serve(MORE, ON, OFF, item(9, "Weather"))
    desk.run()
    desk.run()
    assert desk.told == [sorted(["Laos and Japan agree on partnership", "Japan trains teachers of Laos"])]


def test_a_day_without_anything_is_silent() -> None:
    desk = Desk(schedule="0 7 * * *")
    desk.serve(OFF)
    ends: list[datetime] = []
    for _ in range(48):
        desk.run()
        desk.clock.advance(HOUR)
        end = desk.store.profile_state("pair").window_end
        ends += [end] if end and end not in ends else []
    assert desk.channel.attempts == []
    assert len(ends) == 3  # opened, and two mornings
