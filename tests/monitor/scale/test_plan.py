"""What is due, as jobs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.cycle.tools import Watch
from monitor.lanes import SLOTS, slots_of
from monitor.model import ProfileState
from monitor.scale.plan import due_profiles, due_shards, shard_of
from monitor.schedule import DigestClock
from tests.monitor.cycle.desk import START, Desk

HOUR = timedelta(hours=1)


@given(count=st.integers(1, SLOTS), slot=st.integers(0, SLOTS - 1))
def test_every_slot_belongs_to_the_shard_that_claims_it(count: int, slot: int) -> None:
    first, end = slots_of(shard_of(slot, count), count)

    assert first <= slot < end


def test_shards_with_due_feeds_are_named_once() -> None:
    assert due_shards([0, 1, SLOTS - 1], 4) == [0, 3]
    assert due_shards([], 4) == []


def watch(schedule: str) -> Watch:
    (made,) = Desk().tools.watches
    return replace(made, clock=DigestClock(schedule))


def due(schedule: str, state: ProfileState | None, *, waiting: bool = False) -> dict[str, str]:
    made = watch(schedule)
    return due_profiles([made], {made.name: state} if state else {}, {made.name} if waiting else set(), START)


def test_a_new_profile_is_to_be_opened() -> None:
    assert due("0 7 * * *", None) == {"pair": "first"}


def test_a_window_that_ends_is_due_and_one_that_does_not_is_not() -> None:
    assert due("0 * * * *", ProfileState("pair", START - HOUR)) == {"pair": (START - HOUR).isoformat()}
    assert due("30 * * * *", ProfileState("pair", START)) == {}


def test_a_waiting_match_may_be_urgent() -> None:
    state = ProfileState("pair", START - timedelta(minutes=1))

    assert due("0 7 * * *", state) == {}
    assert list(due("0 7 * * *", state, waiting=True)) == ["pair"]


def test_every_pass_means_whenever_something_waits() -> None:
    state = ProfileState("pair", START - HOUR)

    assert (due("@run", state), list(due("@run", state, waiting=True))) == ({}, ["pair"])
