"""How a feed is doing, and what its user is told of it: one notice for each change that lasted."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import sub

from alerts.record import replace
from monitor.model import FeedRecord, FeedState, PollMemory
from monitor.schedule.polls import DAY, PollPolicy

_FEW_ARRIVALS = 5  # no rhythm can be told from fewer
_SHORTEST_SILENCE = 4 * DAY.total_seconds()  # a long weekend is no news
_LONGEST_GAPS = 3  # so many times the longest pause so far is silence
_FEW_FAILURES = 3
_LASTING_LOSS = DAY
_TOLD = frozenset({FeedState.FAILING, FeedState.SILENT, FeedState.MOVED, FeedState.GONE})


def state_when_well(url: str, address: str, memory: PollMemory, now: datetime) -> FeedState:
    """The state of the feed ``url`` that has just answered under ``address``."""
    if is_silent(memory, now):
        return FeedState.SILENT
    return FeedState.OK if address == url else FeedState.MOVED


def state_when_failing(failures: int, since: datetime, worked: bool, now: datetime, policy: PollPolicy) -> FeedState:
    """The state of a feed that has failed ``failures`` times in a row ``since`` a time.

    One that never ``worked`` is failing at once, for its address is probably wrong.
    """
    lasting = failures >= _FEW_FAILURES and now - since >= policy.failing_after
    return FeedState.FAILING if lasting or not worked else FeedState.DEGRADED


def is_silent(memory: PollMemory, now: datetime) -> bool:
    """Whether a feed has published nothing for much longer than ever before."""
    arrivals = memory.arrivals
    if len(arrivals) < _FEW_ARRIVALS:
        return False
    silence = now.timestamp() - arrivals[0]
    if silence <= _SHORTEST_SILENCE:
        return False
    longest: int = max(map(sub, arrivals, arrivals[1:]))
    return silence > longest * _LONGEST_GAPS


def entering(memory: PollMemory, before: FeedState, state: FeedState, now: datetime) -> PollMemory:
    """``memory`` of a feed that comes from ``before`` into ``state``: since when, and what its user is to be told."""
    announced = _announced(memory.announced, state)
    if state == before and announced == memory.announced and memory.state_since is not None:
        return memory
    since = now if state != before or memory.state_since is None else memory.state_since
    return replace(memory, state_since=since, announced=announced)


def _announced(before: str, state: FeedState) -> str:
    if state in _TOLD:
        return state.value
    return FeedState.OK.value if before and state == FeedState.OK else before


def notice_for(before: FeedRecord, after: FeedRecord) -> tuple[str, str] | None:
    """What the user should know of the poll that led from ``before`` to ``after``: a key that is told once, a text."""
    told, url = after.memory.announced, after.feed.url
    if told != before.memory.announced:
        # The state it left names the change: two workers that polled it after one another's lease tell it once.
        return f"feed {told} {url} after {before.memory.state_since}", _change(before, after)
    if after.memory.rolled_over and not before.memory.rolled_over:
        week = after.last_poll.strftime("%G-W%V") if after.last_poll else ""
        text = (
            f"{after.title}: may have missed entries: none of those it showed at the last poll is left. "
            f"Poll it more often (fetch.interval, or interval of this feed)."
        )
        return f"feed rollover {url} {week}", text
    return _loss_notice(before, after)


def _loss_notice(before: FeedRecord, after: FeedRecord) -> tuple[str, str] | None:
    """What the user should know of a document that has not been read whole for a day: one cut off in between may be."""
    since, last, now = after.memory.loss_since, before.last_poll, after.last_poll
    if since is None or last is None or now is None or not last - since < _LASTING_LOSS <= now - since:
        return None
    return f"feed loss {after.feed.url} {since.isoformat()}", f"{after.title}: {after.memory.loss}"


def _change(before: FeedRecord, after: FeedRecord) -> str:
    state, title = after.memory.announced, after.title
    if state == FeedState.FAILING:
        since = after.memory.failing_since
        when = f" since {since:%Y-%m-%d %H:%M} UTC" if since and after.last_ok else ""
        return f"{title}: cannot be read{when}: {after.error}"
    if state == FeedState.GONE:
        return f"{title}: is gone for good (410), so it is not polled any more: remove it, or find its new address"
    if state == FeedState.MOVED:
        return f"{title}: has moved to {after.address}, which is used now: change the address in the config"
    if state == FeedState.SILENT:
        newest = datetime.fromtimestamp(after.memory.arrivals[0], UTC)
        return f"{title}: answers, but has published nothing since {newest:%Y-%m-%d}, which is unusual for it"
    if before.memory.announced == FeedState.SILENT:
        return f"{title}: publishes again"
    if before.memory.announced == FeedState.MOVED:
        return f"{title}: is read at the address in the config"
    return f"{title}: can be read again"
