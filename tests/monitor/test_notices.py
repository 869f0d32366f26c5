"""What Newsbell says of itself, and when it keeps quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.model import DayCount, Delivery, DeliveryState, FeedHealth, Mark, Message
from monitor.notices import (
    Told,
    channel_changes,
    channel_of,
    concerns,
    digestless,
    dry_spell,
    is_dry,
    spike,
    watched,
)
from tests.monitor.samples import NOW, days

HOUR = timedelta(hours=1)


def a_delivery(
    state: DeliveryState, *, channel: str = "desk", to: str = "a@example.org", attempts: int = 1, age: timedelta = HOUR
) -> Delivery:
    message = Message("k", "pair", channel, to, "s", b"", "text/plain")
    return Delivery(message, state, attempts, NOW - age, NOW + HOUR, error=f"{channel}: 451 later")


SENT = a_delivery(DeliveryState.SENT)
DEAD = a_delivery(DeliveryState.DEAD)
SPENT = replace(DEAD, mark=Mark.SPENT)
LATE = a_delivery(DeliveryState.FAILED, attempts=3)


def changes(
    *deliveries: Delivery, told: Sequence[str] = (), states: Sequence[str] = ("sent", "failed", "dead")
) -> list[str]:
    lists = [[each for each in deliveries if each.state == state] for state in states]
    return [notice.key.split()[2] for notice in channel_changes(*lists, Told(told), NOW)]


# channels -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deliveries", "told", "noticed"),
    [
        ([DEAD], [], ["dead"]),
        ([LATE], [], ["late"]),
        ([SENT], [], []),
        ([SENT], ["channel desk late T"], ["well"]),
        ([SENT], ["channel desk late T", "channel desk well T"], []),
        ([DEAD], ["channel desk dead T"], []),
        ([DEAD, SENT], ["channel desk dead T"], []),
        ([DEAD, LATE], ["channel desk late T"], ["dead"]),
        ([SENT], ["channel other dead T"], []),
        ([a_delivery(DeliveryState.FAILED, attempts=2), SENT], ["channel desk late T"], []),
        ([DEAD, a_delivery(DeliveryState.DEAD, channel="hook")], [], ["dead", "dead"]),
        ([SPENT], ["channel desk late T"], ["lost"]),
        ([SPENT, DEAD], ["channel desk late T"], ["dead"]),
        ([LATE], ["channel desk dead T"], ["late"]),
        ([LATE], ["channel desk lost T"], []),
        ([SPENT], ["channel desk lost T"], []),
        ([DEAD], ["channel desk lost T"], []),
        ([replace(DEAD, mark=Mark.GONE)], ["channel desk lost T"], ["dead"]),
        ([SENT], ["channel desk lost T"], ["well"]),
    ],
)
def test_a_channel_is_noticed_when_it_does_otherwise_than_last_told(
    deliveries: list[Delivery], told: list[str], noticed: list[str]
) -> None:
    assert changes(*deliveries, told=told) == noticed


@pytest.mark.parametrize("early", [replace(LATE, attempts=2), replace(LATE, created=NOW - HOUR / 2)])
def test_greylisting_and_short_outages_are_no_news(early: Delivery) -> None:
    assert changes(early) == []


def test_a_delivery_that_waits_for_the_user_is_noticed_at_once() -> None:
    held = replace(a_delivery(DeliveryState.FAILED, age=timedelta(0)), next_attempt=None)
    assert changes(held) == ["late"]
    [notice] = channel_changes([], [held], [], Told([]), NOW)
    assert notice.text == "Channel desk: a message to a@example.org may have arrived or not: 451 later"


def test_its_text_says_whom_it_did_not_reach_and_why_once() -> None:
    lost = [a_delivery(DeliveryState.DEAD, to=f"{name}@example.org") for name in "abcde"]
    [notice] = channel_changes([], [], lost, Told(()), NOW)
    assert notice.text == (
        "Channel desk: a message to a@example.org, b@example.org, c@example.org and 2 more was given up: 451 later. "
        "See: newsbell outbox list"
    )


# profiles that find nothing ---------------------------------------------------------------------------


def test_a_profile_is_dry_only_after_it_was_watched_for_as_long() -> None:
    told = Told([watched("pair", NOW).key])
    assert not is_dry("pair", told, NOW + days(13.9), days(14))
    assert is_dry("pair", told, NOW + days(14), days(14))
    assert not is_dry("other", told, NOW + days(99), days(14))


@pytest.mark.parametrize(
    ("health", "noticed"),
    [
        (FeedHealth(10, 9, 500), True),
        (FeedHealth(10, 5, 500), False),
        (FeedHealth(10, 10, 0), False),
        (FeedHealth(), False),
    ],
)
def test_a_dry_spell_is_news_only_where_the_feeds_are_well(health: FeedHealth, noticed: bool) -> None:
    assert (dry_spell("pair", "Pair", days(14), health, NOW) is not None) == noticed


def test_a_dry_spell_is_told_with_figures_and_a_way_on() -> None:
    notice = dry_spell("pair", "Pair", days(14), FeedHealth(10, 9, 1500), NOW)
    assert notice is not None
    assert "nothing matched for 14 days" in notice.text
    assert "9 of 10 feeds are well and brought 1,500 entries" in notice.text
    assert Told([notice.key]).at("pair", "dry") == NOW


# profiles that find too much ----------------------------------------------------------------------------


def counts(before: Sequence[int], today: int) -> list[DayCount]:
    return [DayCount(f"2025-01-{day:02}", count) for day, count in enumerate([*before, today], 1)]


@pytest.mark.parametrize(
    ("before", "today", "noticed"),
    [
        ([2] * 14, 10, True),
        ([2] * 14, 9, False),
        ([0] * 14, 10, True),
        ([5] * 14, 15, True),
        ([5] * 14, 14, False),
        ([*[2] * 13, 20], 19, False),
    ],
)
def test_a_spike_stands_out_from_its_own_two_weeks(before: list[int], today: int, noticed: bool) -> None:
    told = Told([watched("pair", NOW - days(30)).key])
    assert (spike("pair", "Pair", counts(before, today), told, NOW) is not None) == noticed


def test_a_young_profile_has_no_usual_yet_and_is_then_compared_with_the_days_it_knows() -> None:
    days_before = counts([0] * 7 + [5] * 7, 14)
    assert spike("pair", "Pair", days_before, Told([watched("pair", NOW - days(6.9)).key]), NOW) is None
    assert spike("pair", "Pair", days_before, Told([watched("pair", NOW - days(7)).key]), NOW) is None
    assert spike("pair", "Pair", days_before, Told([watched("pair", NOW - days(14)).key]), NOW) is not None
    assert spike("pair", "Pair", days_before, Told([]), NOW) is None


def test_a_spike_is_one_for_a_day() -> None:
    told = Told([watched("pair", NOW - days(30)).key])
    one, other = (spike("pair", "Pair", counts([2] * 14, today), told, NOW) for today in (11, 30))
    assert one is not None
    assert other is not None
    assert one.key == other.key
    assert one.text == "Pair: 11 matches today, far more than usual (2.0 a day in the last 14 days)"


# whom it concerns ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "pair", "other", "channel", "dry"),
    [
        ("feed failing https://a.example/feed T", True, True, "", ""),
        ("channel desk dead T", True, True, "desk", ""),
        ("profile pair dry T", True, False, "", "pair"),
        ("profile pair spike 2025-01-22", True, False, "", ""),
        ("odd", True, True, "", ""),
    ],
)
def test_a_notice_concerns_those_its_key_names(key: str, pair: bool, other: bool, channel: str, dry: str) -> None:
    assert (concerns(key, "pair"), concerns(key, "other")) == (pair, other)
    assert (channel_of(key), digestless(key)) == (channel, dry)


def test_what_is_remembered_may_hold_anything() -> None:
    told = Told(["", "x", "channel", "profile", "profile pair", "profile pair watched"])
    assert told.channel("desk") == "well"
    assert told.at("pair", "watched") is None
