"""What one poll makes of a feed's record: the only place where a ``FeedRecord`` learns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from alerts.record import replace
from monitor.model import (
    Decided,
    Entry,
    FeedRecord,
    FeedState,
    Fetched,
    FetchFailed,
    NotModified,
    ParsedFeed,
    PollMemory,
    Redirect,
    Validators,
)
from monitor.schedule.health import entering, state_when_failing, state_when_well
from monitor.schedule.polls import DAY, PollPolicy, newest, next_poll, next_try

_PERMANENT = frozenset({301, 308})
_GONE = 410
BELIEVED_POLLS = 3  # how often in a row a permanent redirect must be met ...
BELIEVED_AFTER = 2 * DAY  # ... and for how long, before it is believed
_UNASKED_304 = FetchFailed("", "its server answered 'not modified' to a first request, which no reader can use", 304)


def after_unchanged(record: FeedRecord, result: NotModified | Fetched, now: datetime, policy: PollPolicy) -> FeedRecord:
    """The record after a 304, or after a body that is the same as the last one."""
    if isinstance(result, NotModified):
        if record.last_ok is None:
            return after_failure(record, replace(_UNASKED_304, url=result.url), now, policy)
        status, validators = 304, _updated(record.validators, result.validators)
    else:
        status, validators = result.status, result.validators
    return _well(record, record.memory, result, now, policy, last_status=status, validators=validators)


def after_success(
    record: FeedRecord,
    result: Fetched,
    parsed: ParsedFeed,
    decided: Decided,
    now: datetime,
    policy: PollPolicy,
    *,
    body_hash: bytes,
    wait: timedelta = timedelta(),
) -> FeedRecord:
    """The record after a new document. ``body_hash``: 16 bytes over ``result.body``, to know it again unparsed.

    ``wait``: how long its host wants to be left alone all the same.
    """
    baseline = record.baseline or parsed.total > 0
    memory = replace(
        record.memory,
        empty_since=None if baseline else min(record.memory.empty_since or now, now),
        hints=parsed.hints,
        window=parsed.total,
        arrivals=newest([*_until(record.memory.arrivals, now), *_arrivals(record, decided, now)]),
        rolled_over=rolled_over(record, parsed, decided),
        loss=parsed.loss,
        loss_since=min(record.memory.loss_since or now, now) if parsed.loss else None,
    )
    first = not record.baseline and parsed.total > 0
    return _well(
        record,
        memory,
        result,
        now,
        policy,
        wait,
        last_status=result.status,
        validators=result.validators,
        title=record.feed.title or parsed.title or record.title,
        body_hash=body_hash,
        fingerprints=parsed.fingerprints,
        last_new=now if decided.new or first else record.last_new,
        baseline=baseline,
    )


def after_failure(record: FeedRecord, failure: FetchFailed, now: datetime, policy: PollPolicy) -> FeedRecord:
    """The record after a poll that brought nothing usable: polled less and less, but never given up, but for a 410."""
    failures, since = record.failures + 1, min(record.memory.failing_since or now, now)  # a clock may have been ahead
    memory = replace(record.memory, freshness=None, failing_since=since)
    gone = failure.status == _GONE and record.address == record.feed.url and not _is_led_away(failure.redirects)
    state = FeedState.GONE if gone else state_when_failing(failures, since, record.last_ok is not None, now, policy)
    planned = next_try(record.feed, memory, failures, now, policy, failure.retry_after)
    return replace(
        record,
        # A new address that has failed for long was perhaps a mistake: ask the configured one again.
        address=record.feed.url if state == FeedState.FAILING else record.address,
        state=state,
        last_poll=now,
        last_status=failure.status,
        next_poll=None if gone else planned,
        failures=failures,
        error=f"{failure.reason} ({failure.advice})" if failure.advice else failure.reason,
        memory=entering(memory, record.state, state, now),
    )


def _well(
    record: FeedRecord,
    memory: PollMemory,
    result: Fetched | NotModified,
    now: datetime,
    policy: PollPolicy,
    wait: timedelta = timedelta(),
    **learned: Any,
) -> FeedRecord:
    """The record after an answer that could be used; ``learned`` are the fields that differ between such answers."""
    address, memory = _moved(record.address, memory, result.redirects, now)
    if memory.freshness != result.freshness or memory.failing_since is not None:
        memory = replace(memory, freshness=result.freshness, failing_since=None)
    state = state_when_well(record.feed.url, address, memory, now)
    memory = entering(memory, record.state, state, now)
    return replace(
        record,
        address=address,
        state=state,
        last_poll=now,
        last_ok=now,
        next_poll=max(next_poll(record.feed, memory, now, policy), now + wait),
        failures=0,
        error="",
        memory=memory,
        **learned,
    )


def _updated(known: Validators, fresh: Validators) -> Validators:
    """A 304 updates what it carries and keeps the rest (RFC 9111, 4.3.4)."""
    if fresh.etag is None and fresh.last_modified is None:
        return known
    return Validators(
        known.etag if fresh.etag is None else fresh.etag,
        known.last_modified if fresh.last_modified is None else fresh.last_modified,
    )


def _moved(address: str, memory: PollMemory, redirects: Sequence[Redirect], now: datetime) -> tuple[str, PollMemory]:
    """The address to poll from now on: a permanent redirect is believed when it has lasted (RFC 9110, 15.4)."""
    target = permanent_target(redirects)
    if not target or target == address:
        return address, _redirected(memory, "", None, 0)
    if target != memory.redirect_to or memory.redirect_since is None or memory.redirect_since > now:
        return address, _redirected(memory, target, now, 1)
    polls = memory.redirect_polls + 1
    if polls >= BELIEVED_POLLS and now - memory.redirect_since >= BELIEVED_AFTER:
        return target, _redirected(memory, "", None, 0)
    return address, _redirected(memory, target, memory.redirect_since, polls)


def _redirected(memory: PollMemory, target: str, since: datetime | None, polls: int) -> PollMemory:
    if (memory.redirect_to, memory.redirect_since, memory.redirect_polls) == (target, since, polls):
        return memory
    return replace(memory, redirect_to=target, redirect_since=since, redirect_polls=polls)


def permanent_target(redirects: Iterable[Redirect]) -> str:
    """Where the permanent hops lead that stand before any temporary one; "" when there is none."""
    target = ""
    for hop in redirects:
        if hop.status not in _PERMANENT:
            break
        target = hop.url
    return target


def _is_led_away(redirects: Iterable[Redirect]) -> bool:
    """Whether a temporary hop was taken: then what answered says nothing of the feed's own address."""
    return any(hop.status not in _PERMANENT for hop in redirects)


def _arrivals(record: FeedRecord, decided: Decided, now: datetime) -> list[int]:
    """When the entries of a document appeared: as dated, but not before the last poll and not in the future.

    At a first poll only dates tell anything.
    """
    return [int(date.timestamp()) for date in _dates(record, decided, now)]


def _until(times: Sequence[int], now: datetime) -> Sequence[int]:
    """``times`` without those that a clock gave which was ahead; they begin with the newest."""
    present = int(now.timestamp())
    return times if not times or times[0] <= present else [time for time in times if time <= present]


def _dates(record: FeedRecord, decided: Decided, now: datetime) -> list[datetime]:
    if not record.baseline:
        dated = (entry.published for entry in (*decided.baseline, *decided.new))
        return [date for date in dated if date is not None and date <= now]
    earliest = min(record.last_ok or now, now)
    return [min(max(entry.published or now, earliest), now) for entry in decided.new]


def rolled_over(record: FeedRecord, parsed: ParsedFeed, decided: Decided) -> bool:
    """Whether the document shares no entry with the last one, so that some may have come and gone in between."""
    if not record.fingerprints or not parsed.total or len(parsed.entries) < parsed.total:
        return False
    fresh = {key for entry in decided.new for key in entry.keys.present()}
    return all(_is_among(fresh, entry) for entry in parsed.entries)


def _is_among(keys: set[bytes], entry: Entry) -> bool:
    return any(key in keys for key in entry.keys.present())


__all__ = ["after_failure", "after_success", "after_unchanged", "rolled_over"]
