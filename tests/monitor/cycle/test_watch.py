"""Whether a pass has anything to do for a profile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.cycle.tools import Watch
from monitor.model import ProfileState
from tests.monitor.cycle.desk import START, Desk

HOUR = timedelta(hours=1)
OPENED = ProfileState("pair", window_end=START)


def watch(**changes: str | None) -> Watch:
    """A profile with a digest at 17:00 in Vientiane, which is 10:00 UTC, and alerts in between."""
    [found] = Desk().tools.watches
    return replace(found, clock=replace(found.clock, schedule="0 17 * * *", **changes))  # type: ignore[arg-type]


def test_a_first_pass_opens_a_window() -> None:
    assert watch().is_due(ProfileState("pair"), START, waits=False)


@pytest.mark.parametrize(("minutes", "due"), [(59, False), (60, True), (61, True)])
def test_a_digest_is_due_at_its_time_whether_or_not_anything_waits(minutes: int, due: bool) -> None:
    assert watch().is_due(OPENED, START + timedelta(minutes=minutes), waits=False) is due


def test_before_that_only_what_waits_may_be_urgent() -> None:
    soon = START + HOUR / 2

    assert watch().is_due(OPENED, soon, waits=True)
    assert not watch().is_due(OPENED, soon, waits=False)


def test_nothing_is_urgent_for_a_profile_without_alerts() -> None:
    calm = watch()
    calm = replace(calm, layout=replace(calm.layout, instant=None))

    assert not calm.is_due(OPENED, START + HOUR / 2, waits=True)


def test_nothing_is_urgent_in_the_quiet_hours_or_beyond_the_cap() -> None:
    soon = START + HOUR / 2
    busy = replace(OPENED, instant_sent=(START,) * 4)

    assert not watch(quiet="16:00-20:00").is_due(OPENED, soon, waits=True)
    assert not watch().is_due(busy, soon, waits=True)
