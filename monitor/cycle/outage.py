"""Profiles none of whose feeds can be read: what a pass makes of that."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from datetime import datetime, timedelta

from monitor.cycle.tools import PollTotals, Tools, Watch
from monitor.model import FeedRecord, FeedState, Tally
from monitor.notices import Notice, Told, cut_off, mended, told_by_its_end, told_by_outage

_DAY = timedelta(days=1)
_DOWN = frozenset({FeedState.FAILING, FeedState.GONE})
_WELL = frozenset({FeedState.OK, FeedState.SILENT, FeedState.MOVED})
_ILL = _DOWN | {FeedState.DEGRADED}


def outages(tools: Tools, polls: PollTotals, told: Told) -> Iterator[Notice]:
    """The notices of profiles that have lost their last feed for good, and of those that have one again.

    The feeds are read only where this pass makes that likely: there may be a hundred thousand.
    """
    failing = {failed.url for failed in polls.failures if failed.state in _DOWN}
    doubtful = [watch for watch in tools.watches if _may_have_changed(watch, failing, polls, told)]
    if not doubtful:
        return
    if not any(watch.feeds for watch in doubtful) and not any(told.is_cut_off(watch.name) for watch in doubtful):
        fleet = tools.store.fleet()
        if fleet.watched > sum(fleet.ill.get(state, 0) for state in _DOWN):
            return
    now, feeds = tools.clock.now(), tools.store.feeds()
    for watch in doubtful:
        down = _down(tools, [record for record in feeds if not watch.feeds or record.feed.url in watch.feeds], now)
        title = watch.layout.title if watch.feeds else ""
        if down and not told.is_cut_off(watch.name):
            yield cut_off(watch.name, title, down, now)
            yield from _said(tools, told_by_outage, frozenset(record.feed.url for record in down))
        elif not down and told.is_cut_off(watch.name):
            yield mended(watch.name, title, now)


def recoveries(tools: Tools, polls: PollTotals, told: Told) -> Iterator[Notice]:
    """What need not be said of single feeds, as the end of an outage that was told says it of all; for a day.

    Those that have not recovered stand below each digest.
    """
    if polls.polled == polls.failed:
        return
    now, every = tools.clock.now(), frozenset[str]()
    for watch in tools.watches:
        end = told.at(watch.name, "mended")
        if told.is_cut_off(watch.name) or (end is not None and now - end <= _DAY):
            every = every or frozenset(feed.url for feed in tools.feeds)  # there may be a hundred thousand
            yield from _said(tools, told_by_its_end, watch.feeds or every)


def _said(tools: Tools, by: Callable[[str, Container[str]], bool], addresses: Container[str]) -> Iterator[Notice]:
    """The notices that wait and are said by another one, without a text."""
    return (Notice(key, "") for key, _ in tools.store.notices() if by(key, addresses))


def nothing_works(tally: Tally) -> bool:
    """Whether feeds fail and none that was polled is well: a matter of the network, or of all publishers at once."""
    return any(tally.feeds.get(state) for state in _ILL) and not any(tally.feeds.get(state) for state in _WELL)


def _may_have_changed(watch: Watch, failing: set[str], polls: PollTotals, told: Told) -> bool:
    if told.is_cut_off(watch.name):
        return polls.polled > polls.failed
    return bool(failing & set(watch.feeds) if watch.feeds else failing)


def _down(tools: Tools, feeds: Sequence[FeedRecord], now: datetime) -> Sequence[FeedRecord]:
    """The watched ones of ``feeds`` when all of them have failed beyond their limit; none as soon as one works."""
    watched = [record for record in feeds if record.state != FeedState.PAUSED and record.feed.enabled]
    for record in watched:
        since = record.memory.failing_since
        lasting = since is None or now - since >= tools.policy.failing_after
        if record.state not in _DOWN or not (lasting or record.state == FeedState.GONE):
            return ()
    return watched
