"""What Newsbell says of itself, and when it keeps quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import DayCount, Delivery, DeliveryState, FeedHealth, Mark, Message
from monitor.model import Feed, FeedRecord, PollMemory
from monitor.notices import (
    Told,
    channel_changes,
    channel_of,
    concerns,
    cut_off,
    digestless,
    dry_spell,
    ill_feeds,
    is_dry,
    mended,
    spike,
    stranded,
    told_by_its_end,
    told_by_outage,
    uncomposed,
    waits_a_day,
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


# outages and matches that nobody waits for ----------------------------------------------------------------


def a_feed(name: str, hours: float | None, error: str = "no answer") -> FeedRecord:
    """A feed that has failed for so many hours."""
    url = f"https://{name}.example/feed"
    since = None if hours is None else NOW - timedelta(hours=hours)
    return FeedRecord(1, Feed(url), url, title=name.upper(), error=error, memory=PollMemory(failing_since=since))


SEE = " To see all: newsbell feeds list"


@pytest.mark.parametrize(
    ("title", "feeds", "text"),
    [
        (
            "",
            [a_feed("a", 24)],
            "None of the feeds can be read since 2025-01-21 09:00 UTC, so nothing can be found. A: no answer." + SEE,
        ),
        (
            "Pair",
            [a_feed("a", 24)],
            "Pair: none of its feeds can be read since 2025-01-21 09:00 UTC, so nothing can be found. A: no answer."
            + SEE,
        ),
        (  # since the last one went
            "",
            [a_feed("a", 99), a_feed("b", 24, "it is gone"), a_feed("c", 50)],
            "None of the feeds (3) can be read since 2025-01-21 09:00 UTC, so nothing can be found. B: it is gone."
            + SEE,
        ),
        ("", [a_feed("a", None, "")], "None of the feeds can be read, so nothing can be found." + SEE),
        (
            "",
            [a_feed("a", None), a_feed("b", 24, "")],
            "None of the feeds (2) can be read since 2025-01-21 09:00 UTC, so nothing can be found." + SEE,
        ),
    ],
)
def test_an_outage_names_its_beginning_and_the_feed_that_went_last(
    title: str, feeds: list[FeedRecord], text: str
) -> None:
    notice = cut_off("pair", title, feeds, NOW)
    assert notice.text == text
    assert Told([notice.key]).is_cut_off("pair")


def test_workers_that_see_an_outage_within_an_hour_write_one_notice() -> None:
    keys = {cut_off("pair", "", [a_feed("a", 1)], NOW + minutes).key for minutes in (timedelta(0), HOUR - HOUR / 60)}
    assert keys == {"profile pair cut-off 2025-01-22T09:00:00+00:00"}
    assert mended("pair", "Pair", NOW + HOUR / 2).key == "profile pair mended 2025-01-22T09:00:00+00:00"


@pytest.mark.parametrize(
    ("keys", "cut"),
    [
        ([], False),
        (["profile pair cut-off T"], True),
        (["profile pair cut-off T", "profile pair mended T"], False),
        (["profile pair cut-off T", "profile pair mended T", "profile pair cut-off U"], True),
        (["profile pair cut-off T", "profile pair dry T", "profile pair watched T", "profile pair spike D"], True),
        (["profile other cut-off T"], False),
        (["profile pair cut-off T", "profile other mended T"], True),
    ],
)
def test_the_newest_word_on_a_profiles_feeds_counts(keys: list[str], cut: bool) -> None:
    assert Told(keys).is_cut_off("pair") is cut


@pytest.mark.parametrize(
    ("waiting", "text"),
    [
        (
            1,
            "1 match waits under the name pair, which no profile has any more: "
            "give a profile that name, and its next digest tells it",
        ),
        (
            1500,
            "1,500 matches wait under the name pair, which no profile has any more: "
            "give a profile that name, and its next digest tells them",
        ),
    ],
)
def test_matches_of_a_profile_that_is_gone_are_counted(waiting: int, text: str) -> None:
    notice = stranded("pair", waiting)
    assert (notice.key, notice.text) == ("stranded pair", text)
    assert Told([notice.key]).is_stranded("pair")
    assert not Told([notice.key]).is_stranded("other")


@pytest.mark.parametrize(
    ("limit", "said"), [(days(14), "14 days"), (days(2), "2 days"), (days(1), "24 hours"), (12 * HOUR, "12 hours")]
)
@pytest.mark.parametrize(
    ("health", "well"),
    [(FeedHealth(1, 1, 1), "the feed is well and brought 1 entry"), (FeedHealth(3, 2, 9), "2 of 3 feeds are well")],
)
def test_a_dry_spell_says_how_long_and_that_it_is_not_the_feeds(
    limit: timedelta, said: str, health: FeedHealth, well: str
) -> None:
    notice = dry_spell("pair", "Pair", limit, health, NOW)
    assert notice is not None
    assert notice.text.startswith(f"Pair: nothing matched for {said}, although {well}")
    assert notice.text.endswith(". Too narrow a profile? See: newsbell profile backtest pair")


@pytest.mark.parametrize(
    ("key", "outage", "end", "ill", "waits"),
    [
        ("feed failing https://a.example/feed after X", True, False, True, True),
        ("feed ok https://a.example/feed after X", False, True, False, True),
        ("feed gone https://a.example/feed after X", False, False, True, True),
        ("feed silent https://a.example/feed after X", False, False, True, True),
        ("feed moved https://a.example/feed after X", False, False, True, True),
        ("feed rollover https://a.example/feed 2025-W04", False, False, False, True),
        ("feed loss https://a.example/feed T", False, False, False, True),
        ("feed failing https://b.example/feed after X", False, False, True, True),
        ("stranded pair", False, False, False, True),
        ("profile pair spike 2025-01-22", False, False, False, False),
        ("channel desk dead 1", False, False, False, False),
    ],
)
def test_a_notice_of_a_feed_is_known_by_its_key(key: str, outage: bool, end: bool, ill: bool, waits: bool) -> None:
    """What an outage says of all its feeds, what its end says of them, which feeds are ill, what waits for a day."""
    feeds = {"https://a.example/feed"}
    assert (told_by_outage(key, feeds), told_by_its_end(key, feeds)) == (outage, end)
    assert (bool(ill_feeds([key])), waits_a_day(key)) == (ill, waits)


def test_the_feeds_whose_trouble_is_told_are_named_by_their_address() -> None:
    keys = ["feed failing https://a/ after X", "feed ok https://b/ after X", "feed gone https://c/ after X", "odd"]
    assert ill_feeds(keys) == {"https://a/", "https://c/"}


@pytest.mark.parametrize(
    ("keys", "state", "key"),
    [
        ([], "well", "channel desk dead 1"),
        (["channel desk late 1"], "late", "channel desk dead 2"),
        (["channel desk late 1", "channel desk well 2", "channel other dead 9"], "well", "channel desk dead 3"),
        (["channel desk dead T"], "dead", "channel desk dead 1"),  # as an older version wrote it
    ],
)
def test_the_changes_of_a_channel_are_numbered(keys: list[str], state: str, key: str) -> None:
    told = Told(keys)
    assert (told.channel("desk"), told.change("desk", "dead")) == (state, key)
    assert uncomposed("desk", "pair", "too long", told).key == key


def test_what_cannot_be_composed_says_how_to_send_it_once_it_can() -> None:
    assert uncomposed("desk", "pair", "too long", Told(())).text == (
        "Channel desk: no message of pair could be composed: too long. Once that is mended: newsbell digest pair --send"
    )


@given(st.lists(st.sampled_from(["late", "dead", "lost", "well"]), max_size=8))
def test_each_change_has_a_key_of_its_own_and_the_newest_is_remembered(changes: list[str]) -> None:
    """However often a channel comes and goes, each time is told."""
    keys: list[str] = []
    for state in changes:
        keys.append(Told(keys).change("desk", state))
    assert len(set(keys)) == len(keys)
    assert Told(keys).channel("desk") == (changes[-1] if changes else "well")
