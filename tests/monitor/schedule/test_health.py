"""How a feed is doing, and what its user is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.model import FeedRecord, FeedState, PollMemory
from monitor.schedule import notice_for
from monitor.schedule.health import entering, is_silent, state_when_failing, state_when_well
from tests.monitor.schedule.samples import DAY, EXACT, HOUR, MINUTE, NOW, a_record, an_entry, fail, stay, succeed, well


class History:
    """A feed and the notices that its polls led to."""

    def __init__(self, record: FeedRecord) -> None:
        self.record = record
        self.notices: dict[str, str] = {}

    def poll(self, after: FeedRecord) -> FeedState:
        notice = notice_for(self.record, after)
        if notice:
            self.notices.setdefault(*notice)
        self.record = after
        return after.state

    def told(self) -> list[str]:
        return list(self.notices.values())


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def test_a_good_first_poll_says_nothing() -> None:
    history = History(a_record())

    assert history.poll(well()) == FeedState.OK
    assert history.told() == []


def test_a_feed_that_never_worked_is_failing_at_once() -> None:
    history = History(a_record())

    assert [history.poll(fail(history.record, at(hours))) for hours in range(5)] == [FeedState.FAILING] * 5
    assert history.told() == ["A News: cannot be read: no answer"]


def test_failures_are_told_once_when_they_have_lasted() -> None:
    history = History(well())

    states = [history.poll(fail(history.record, at(hours))) for hours in (1, 2, 9, 24, 25, 26, 99)]

    assert states == [FeedState.DEGRADED] * 4 + [FeedState.FAILING] * 3
    assert history.told() == ["A News: cannot be read since 2025-03-03 07:00 UTC: no answer"]


def test_the_third_failure_of_a_long_outage_is_told() -> None:
    history = History(well())

    states = [history.poll(fail(history.record, at(hours))) for hours in (1, 2, 26)]

    assert states == [FeedState.DEGRADED] * 2 + [FeedState.FAILING]


def test_two_failures_far_apart_are_not_yet_an_outage() -> None:
    """A feed polled twice a day that failed yesterday evening and this night."""
    history = History(well())

    assert [history.poll(fail(history.record, at(hours))) for hours in (1, 30)] == [FeedState.DEGRADED] * 2


def test_a_flaky_feed_is_not_told() -> None:
    history = History(well(DAY))
    for hours in range(1, 90, 2):
        assert history.poll(fail(history.record, at(hours))) == FeedState.DEGRADED
        assert history.poll(stay(history.record, at(hours + 1))) == FeedState.OK

    assert history.told() == []


def test_recovery_is_told_once() -> None:
    history = History(a_record())
    history.poll(fail(history.record))
    history.poll(replace(succeed(history.record, an_entry(1)), title="A News"))
    history.poll(stay(history.record, at(1)))

    assert history.told()[1:] == ["A News: can be read again"]


def test_each_outage_has_its_own_notice() -> None:
    history = History(well())
    for start in (1, 100):
        for hours in (0, 1, 2, 25):
            history.poll(fail(history.record, at(start + hours)))
        history.poll(stay(history.record, at(start + 26)))

    assert len(history.notices) == 4


def test_a_gone_feed_is_told() -> None:
    history = History(well())

    assert history.poll(fail(history.record, at(1), status=410)) == FeedState.GONE
    assert "gone for good" in history.told()[0]


def test_a_moved_feed_is_told() -> None:
    history = History(well())
    moved = replace(history.record, address="https://new.example/")

    assert history.poll(stay(moved, at(1))) == FeedState.MOVED
    assert history.poll(stay(history.record, at(2))) == FeedState.MOVED
    (text,) = history.told()
    assert "https://new.example/" in text


def test_a_moved_feed_whose_address_was_changed_in_the_config_is_told_so() -> None:
    history = History(well())
    history.poll(stay(replace(history.record, address="https://new.example/"), at(1)))
    settled = replace(history.record, address=history.record.feed.url, state=FeedState.OK)

    history.poll(stay(settled, at(2)))

    assert history.told()[1:] == ["A News: is read at the address in the config"]


@pytest.mark.parametrize(
    ("every", "silent_after"), [(MINUTE, 4 * DAY), (HOUR, 4 * DAY), (2 * DAY, 6 * DAY), (30 * DAY, 90 * DAY)]
)
def test_a_feed_is_silent_against_its_own_rhythm(every: timedelta, silent_after: timedelta) -> None:
    memory = well(every, count=10).memory

    assert is_silent(memory, NOW + silent_after) is False
    assert is_silent(memory, NOW + silent_after + HOUR) is True


def test_the_longest_pause_so_far_counts() -> None:
    """A weekday paper: the weekend is no silence, nor is a holiday after it."""
    days = [NOW - number * DAY for number in range(28) if (NOW - number * DAY).weekday() < 5]
    memory = succeed(a_record(), *(an_entry(number, day) for number, day in enumerate(days))).memory

    assert is_silent(memory, NOW + 8 * DAY) is False
    assert is_silent(memory, NOW + 10 * DAY) is True


@pytest.mark.parametrize("count", range(5))
def test_few_entries_tell_no_rhythm(count: int) -> None:
    assert is_silent(well(HOUR, count=count).memory, NOW + 900 * DAY) is False
    assert is_silent(PollMemory(), NOW) is False


def test_five_entries_tell_a_rhythm() -> None:
    assert is_silent(well(HOUR, count=5).memory, NOW + 900 * DAY) is True


def test_silence_and_its_end_are_told_once() -> None:
    history = History(well(HOUR))
    for days in (1, 5, 9):
        history.poll(stay(history.record, NOW + days * DAY))
    assert history.record.state == FeedState.SILENT
    later = NOW + 10 * DAY
    history.poll(succeed(history.record, an_entry("new", later), an_entry(0), at=later))

    assert history.record.state == FeedState.OK
    assert history.told() == [
        "A News: answers, but has published nothing since 2025-03-03, which is unusual for it",
        "A News: publishes again",
    ]


def test_a_failure_of_a_silent_feed_does_not_end_its_silence() -> None:
    history = History(well(HOUR))
    history.poll(stay(history.record, NOW + 5 * DAY))
    history.poll(fail(history.record, NOW + 6 * DAY))
    history.poll(stay(history.record, NOW + 7 * DAY))

    assert len(history.told()) == 1


def test_a_dead_feed_is_told_at_its_first_poll() -> None:
    history = History(a_record())
    old = [an_entry(number, NOW - 3000 * DAY - number * DAY) for number in range(9)]

    assert history.poll(succeed(history.record, *old)) == FeedState.SILENT
    assert "published nothing since 2016-12-15" in history.told()[0]


def test_a_roll_over_is_told_at_most_weekly() -> None:
    history = History(well())
    for day in range(1, 15):
        shown = [an_entry(f"{day} {number}") for number in range(3)]
        history.poll(succeed(history.record, *shown, at=NOW + day * DAY))
        history.poll(succeed(history.record, *shown, an_entry(f"{day} more"), at=NOW + day * DAY + HOUR))

    assert len(history.told()) == 3
    assert {"may have missed entries" in text for text in history.told()} == {True}


def test_the_state_knows_since_when() -> None:
    record = fail(fail(well(), at(1)), at(2))

    assert well().memory.state_since == NOW
    assert record.memory.state_since == at(1)
    assert stay(record, at(3)).memory.state_since == at(3)


# what is not read whole ------------------------------------------------------------------------------


def lossy(record: FeedRecord, hours: float, loss: str = "it shows 5,010 entries") -> FeedRecord:
    return succeed(record, an_entry(0), an_entry(hours), at=at(hours), loss=loss)


def test_a_document_that_is_not_read_whole_is_remembered_as_such() -> None:
    first = lossy(well(), 1)
    later = stay(lossy(first, 2, "it shows 5,011 entries"), at(3))

    assert (later.memory.loss, later.memory.loss_since) == ("it shows 5,011 entries", at(1))
    assert fail(later, at(4)).memory.loss == "it shows 5,011 entries"
    assert (lossy(later, 5, "").memory.loss, lossy(later, 5, "").memory.loss_since) == ("", None)


def test_it_is_told_once_when_it_has_lasted_for_a_day() -> None:
    history = History(well())
    for hours in (1, 20, 24.9):
        history.poll(lossy(history.record, hours))
    assert history.told() == []

    history.poll(stay(history.record, at(25)))
    assert history.told() == ["A News: it shows 5,010 entries"]
    history.poll(lossy(history.record, 26))
    assert len(history.notices) == 1

    history.poll(lossy(history.record, 30, ""))
    for hours in (40, 60, 70, 99):
        history.poll(lossy(history.record, hours, "2 entries begin in it"))
    assert history.told() == ["A News: it shows 5,010 entries", "A News: 2 entries begin in it"]


# word for word ---------------------------------------------------------------------------------------

OK, FAILING, SILENT, GONE, MOVED, DEGRADED = (
    FeedState.OK,
    FeedState.FAILING,
    FeedState.SILENT,
    FeedState.GONE,
    FeedState.MOVED,
    FeedState.DEGRADED,
)
SINCE = NOW - 3 * DAY


@pytest.mark.parametrize(
    ("before", "after", "key", "text"),
    [
        ("", "failing", "failing", "cannot be read since 2025-03-02 06:00 UTC: no answer"),
        ("ok", "failing", "failing", "cannot be read since 2025-03-02 06:00 UTC: no answer"),
        ("failing", "ok", "ok", "can be read again"),
        ("gone", "ok", "ok", "can be read again"),
        ("silent", "ok", "ok", "publishes again"),
        ("moved", "ok", "ok", "is read at the address in the config"),
        (
            "ok",
            "gone",
            "gone",
            "is gone for good (410), so it is not polled any more: remove it, or find its new address",
        ),
        (
            "",
            "moved",
            "moved",
            "has moved to https://new.example/, which is used now: change the address in the config",
        ),
        (
            "failing",
            "silent",
            "silent",
            "answers, but has published nothing since 2025-01-22, which is unusual for it",
        ),
    ],
)
def test_a_change_is_told_in_these_words_under_a_key_that_two_workers_share(
    before: str, after: str, key: str, text: str
) -> None:
    """The key names the state that was left: whoever saw the feed leave it says so once."""
    arrivals = (int((NOW - 40 * DAY).timestamp()),)
    memory = PollMemory(announced=before, state_since=SINCE)
    old = a_record(memory=memory, last_ok=SINCE)
    new = a_record(
        address="https://new.example/",
        error="no answer",
        last_ok=SINCE,
        memory=PollMemory(announced=after, state_since=NOW, failing_since=NOW - DAY, arrivals=arrivals),
    )
    assert notice_for(old, new) == (f"feed {key} https://a.example/feed after {SINCE}", f"A News: {text}")


@pytest.mark.parametrize(
    ("before", "state", "told", "since", "expected"),
    [
        (OK, OK, "", SINCE, ("", SINCE)),
        (OK, OK, "ok", SINCE, ("ok", SINCE)),
        (OK, DEGRADED, "", SINCE, ("", NOW)),
        (OK, DEGRADED, "ok", SINCE, ("ok", NOW)),
        (DEGRADED, DEGRADED, "failing", SINCE, ("failing", SINCE)),
        (DEGRADED, OK, "failing", SINCE, ("ok", NOW)),
        (DEGRADED, OK, "", SINCE, ("", NOW)),
        (DEGRADED, FAILING, "ok", SINCE, ("failing", NOW)),
        (FAILING, FAILING, "failing", SINCE, ("failing", SINCE)),
        (FAILING, OK, "failing", SINCE, ("ok", NOW)),
        (FAILING, SILENT, "failing", SINCE, ("silent", NOW)),
        (OK, MOVED, "", SINCE, ("moved", NOW)),
        (OK, OK, "moved", SINCE, ("ok", SINCE)),  # its address was changed in the config
        (FeedState.NEW, OK, "", None, ("", NOW)),
        (OK, OK, "", None, ("", NOW)),  # remembered by a version that did not know since when
        (OK, GONE, "", SINCE, ("gone", NOW)),
    ],
)
def test_what_is_remembered_of_a_state_is_since_when_and_what_was_told_last(
    before: FeedState, state: FeedState, told: str, since: datetime | None, expected: tuple[str, datetime]
) -> None:
    memory = entering(PollMemory(announced=told, state_since=since), before, state, NOW)
    assert (memory.announced, memory.state_since) == expected


@pytest.mark.parametrize(
    ("was", "rolled", "text"),
    [
        (False, True, "feed rollover https://a.example/feed 2025-W10"),
        (True, True, None),
        (True, False, None),
        (False, False, None),
    ],
)
def test_a_roll_over_is_told_when_it_begins_under_the_key_of_its_week(
    was: bool, rolled: bool, text: str | None
) -> None:
    old = a_record(last_poll=NOW - HOUR, memory=PollMemory(rolled_over=was))
    new = a_record(last_poll=NOW, memory=PollMemory(rolled_over=rolled))
    told = notice_for(old, new)
    assert (told and told[0]) == text
    if told:
        assert told[1] == (
            "A News: may have missed entries: none of those it showed at the last poll is left. "
            "Poll it more often (fetch.interval, or interval of this feed)."
        )


@pytest.mark.parametrize(
    ("failures", "hours", "worked", "state"),
    [
        (1, 0, True, DEGRADED),
        (2, 999, True, DEGRADED),
        (3, 23.9, True, DEGRADED),
        (3, 24, True, FAILING),
        (99, 1, True, DEGRADED),
        (1, 0, False, FAILING),
    ],
)
def test_three_failures_and_a_day_make_an_outage(failures: int, hours: float, worked: bool, state: FeedState) -> None:
    assert state_when_failing(failures, NOW - timedelta(hours=hours), worked, NOW, EXACT) == state


@pytest.mark.parametrize(
    ("address", "arrivals", "state"),
    [
        ("https://a.example/feed", (), OK),
        ("https://new.example/", (), MOVED),
        ("https://new.example/", (40, 41, 42, 43, 44), SILENT),
        ("https://a.example/feed", (3, 4, 5, 6, 7), OK),
    ],
)
def test_a_feed_that_answers_is_well_moved_or_silent(address: str, arrivals: tuple[int, ...], state: FeedState) -> None:
    """Silence weighs more than a new address."""
    memory = PollMemory(arrivals=tuple(int((NOW - days * DAY).timestamp()) for days in arrivals))
    assert state_when_well("https://a.example/feed", address, memory, NOW) == state
