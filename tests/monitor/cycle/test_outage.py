"""Whether it is the feeds that fail, or the network."""

from __future__ import annotations

import pytest

from monitor.cycle.outage import nothing_works
from monitor.model import Tally


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
