"""Whether it is the feeds that fail, or the network; and what is said of it, when, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.cycle.outage import nothing_works, outages, recoveries
from monitor.cycle.tools import Failed, PollTotals, Tools
from monitor.model import Feed, FeedState, PollMemory, PollOutcome, Tally
from monitor.notices import Told
from tests.monitor.cycle.desk import START, Desk

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("feeds", "expected"),
    [
        ({}, False),
        ({"new": 3}, False),
        ({"ok": 3}, False),
        ({"degraded": 1}, True),
        ({"failing": 1, "new": 2, "paused": 4}, True),
        ({"gone": 1, "failing": 2, "degraded": 3}, True),
        ({"failing": 9, "ok": 1}, False),
        ({"degraded": 9, "silent": 1}, False),
        ({"gone": 9, "moved": 1}, False),
        ({"failing": 0, "ok": 0}, False),
    ],
)
def test_nothing_works_when_feeds_fail_and_none_is_well(feeds: dict[str, int], expected: bool) -> None:
    assert nothing_works(Tally(feeds=feeds)) is expected


def address(name: str) -> str:
    return f"https://{name}.example/feed"


def addresses(names: str) -> frozenset[str]:
    return frozenset(map(address, names))


class Town:
    """Feeds named by one letter, each in some state, and profiles that watch all of them (``""``) or a few."""

    def __init__(
        self, states: Mapping[str, FeedState], profiles: Mapping[str, str], *, off: str = "", hours: int = 24
    ) -> None:
        feeds = [Feed(address(name), name, enabled=name not in off) for name in states]
        desk = Desk(urls=[feed.url for feed in feeds])
        [watch] = desk.tools.watches
        watches = tuple(
            replace(watch, layout=replace(watch.layout, profile=name, title=name.upper()), feeds=addresses(watched))
            for name, watched in profiles.items()
        )
        self.tools: Tools = replace(desk.tools, watches=watches, feeds=tuple(feeds))
        desk.store.sync_feeds([replace(feed, enabled=True) for feed in feeds], START)
        claimed = desk.store.claim_due(START, limit=99, lease=HOUR)
        memory = PollMemory(failing_since=START - timedelta(hours=hours))
        self.records = {
            record.title: replace(record, state=states[record.title], memory=memory, error="no answer")
            for record in claimed
        }
        desk.store.record([PollOutcome(record) for record in self.records.values()])
        desk.store.sync_feeds(feeds, START)
        for name, state in states.items():
            desk.store.set_paused(address(name), state is FeedState.PAUSED)

    def polls(self, failed: str, well: int = 0) -> PollTotals:
        """A pass in which these feeds failed, and some others did not."""
        failures = [Failed(address(name), "no answer", self.records[name].state) for name in failed]
        return PollTotals(polled=len(failed) + well, failed=len(failed), failures=failures)

    def told(self, failed: str, *keys: str, well: int = 0) -> list[str]:
        """The words of what is noticed."""
        return [notice.text for notice in outages(self.tools, self.polls(failed, well), Told(keys)) if notice.text]


OK, FAILING, GONE, DEGRADED, SILENT = (
    FeedState.OK,
    FeedState.FAILING,
    FeedState.GONE,
    FeedState.DEGRADED,
    FeedState.SILENT,
)


@pytest.mark.parametrize(
    ("states", "profiles", "off", "whose"),
    [
        ({"a": FAILING, "b": FAILING}, {"all": ""}, "", ["None of the feeds (2)"]),
        ({"a": FAILING, "b": GONE}, {"all": ""}, "", ["None of the feeds (2)"]),
        ({"a": FAILING, "b": OK}, {"all": ""}, "", []),
        ({"a": FAILING, "b": DEGRADED}, {"all": ""}, "", []),
        ({"a": FAILING, "b": SILENT}, {"all": ""}, "", []),
        ({"a": FAILING, "b": FeedState.PAUSED}, {"all": ""}, "", ["None of the feeds"]),
        ({"a": FAILING, "b": OK}, {"all": ""}, "b", ["None of the feeds"]),
        ({"a": FAILING, "b": OK}, {"few": "a"}, "", ["FEW: none of its feeds"]),
        ({"a": FAILING, "b": OK}, {"few": "ab"}, "", []),
        ({"a": FAILING, "b": OK}, {"few": "b"}, "", []),
        ({"a": FAILING, "b": OK}, {"all": "", "few": "a"}, "", ["FEW: none of its feeds"]),
        (
            {"a": FAILING, "b": FAILING},
            {"all": "", "few": "a"},
            "",
            ["None of the feeds (2)", "FEW: none of its feeds"],
        ),
        ({"a": FAILING, "b": FAILING, "c": OK}, {"few": "ab"}, "", ["FEW: none of its feeds (2)"]),
    ],
)
def test_a_profile_is_cut_off_when_none_of_the_feeds_it_looks_at_can_be_read(
    states: dict[str, FeedState], profiles: dict[str, str], off: str, whose: list[str]
) -> None:
    """Feeds that are paused or switched off do not count, those that fail since lately are given time."""
    told = Town(states, profiles, off=off).told("a")
    assert [text.partition(" can be read since 2025-01-21 09:00 UTC")[0] for text in told] == whose


@pytest.mark.parametrize(
    ("key", "failed", "well", "said"),
    [
        ("profile few cut-off 2025-01-21T09:00:00+00:00", "", 1, "FEW: its feeds can be read again"),
        ("profile few cut-off 2025-01-21T09:00:00+00:00", "b", 0, ""),
        ("profile few mended 2025-01-21T09:00:00+00:00", "", 1, ""),
        ("profile other cut-off 2025-01-21T09:00:00+00:00", "", 1, ""),
    ],
)
def test_the_end_of_an_outage_is_told_where_its_beginning_was(key: str, failed: str, well: int, said: str) -> None:
    """When something could be read in this pass: where nothing was, nothing can have changed."""
    town = Town({"a": OK, "b": FAILING}, {"few": "a"})
    assert [text.partition(";")[0] for text in town.told(failed, key, well=well)] == ([said] if said else [])


def test_one_profile_that_is_cut_off_does_not_hide_that_another_can_read_again() -> None:
    town = Town({"a": FAILING, "b": OK}, {"all": "", "few": "a"})
    key = "profile all cut-off 2025-01-21T09:00:00+00:00"
    assert town.told("a", key, well=1) == [
        "Feeds can be read again; each digest names those that cannot",
        "FEW: none of its feeds can be read since 2025-01-21 09:00 UTC, so nothing can be found. a: no answer. "
        "To see all: newsbell feeds list",
    ]


def silenced(town: Town, failed: str, well: int, keys: Iterable[str]) -> list[str]:
    """The feeds whose waiting word "can be read again" is not said, as the end of an outage has said it."""
    for name in town.records:
        town.tools.store.add_notice(f"feed ok {address(name)} after X", f"{name}: can be read again", START)
    found = recoveries(town.tools, town.polls(failed, well), Told(keys))
    return sorted(notice.key.split("/")[2][0] for notice in found)


@pytest.mark.parametrize(
    ("keys", "failed", "well", "expected"),
    [
        ([], "", 1, []),
        (["profile all cut-off 2025-01-21T09:00:00+00:00"], "", 1, ["a", "b"]),
        (["profile all cut-off 2025-01-21T09:00:00+00:00"], "a", 0, []),
        (["profile few cut-off 2025-01-21T09:00:00+00:00"], "", 1, ["a"]),
        (["profile all mended 2025-01-22T08:00:00+00:00"], "", 1, ["a", "b"]),
        (["profile all mended 2025-01-21T09:00:00+00:00"], "", 1, ["a", "b"]),
        (["profile all mended 2025-01-21T08:59:00+00:00"], "", 1, []),
        (["profile few mended 2025-01-22T08:00:00+00:00"], "b", 1, ["a"]),
    ],
)
def test_for_a_day_the_end_of_an_outage_speaks_for_each_of_its_feeds(
    keys: list[str], failed: str, well: int, expected: list[str]
) -> None:
    town = Town({"a": OK, "b": OK}, {"all": "", "few": "a"})
    assert silenced(town, failed, well, keys) == expected


def test_an_outage_speaks_for_each_of_its_feeds() -> None:
    """What waits to be said of a single feed that cannot be read is not said any more; of other feeds it is."""
    town = Town({"a": FAILING, "b": FAILING, "c": OK}, {"few": "ab"})
    for name in "abc":
        town.tools.store.add_notice(f"feed failing {address(name)} after X", f"{name}: cannot be read", START)
    silent = [notice.key for notice in outages(town.tools, town.polls("a"), Told(())) if not notice.text]
    assert silent == [f"feed failing {address(name)} after X" for name in "ab"]


@pytest.mark.parametrize(("hours", "cut_off"), [(23, False), (24, True)])
def test_an_outage_has_lasted_as_long_as_the_config_says_before_it_is_told(hours: int, cut_off: bool) -> None:
    """A feed that never worked counts as failing from its first poll on: that alone is no outage yet."""
    assert bool(Town({"a": FAILING}, {"all": ""}, hours=hours).told("a")) is cut_off
