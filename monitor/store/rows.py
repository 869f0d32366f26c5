"""Between rows and the model: times as whole microseconds, small structures as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from alerts.model import Delivery, DeliveryState, Mark, Message
from monitor.model import (
    Entry,
    EntryKeys,
    Feed,
    FeedHints,
    FeedRecord,
    FeedState,
    Match,
    PassReport,
    PollMemory,
    Score,
    ScorePart,
    Validators,
)

_to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_STATES = {state.value: state for state in FeedState}
_DELIVERY_STATES = {state.value: state for state in DeliveryState}

Row = tuple[Any, ...]


# ---------------------------------------------------------------------------------------------- times


FOREVER = datetime.max.replace(tzinfo=UTC)


def stamp(moment: datetime) -> int:
    """An aware time as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(stamp: int) -> datetime:
    """Microseconds since 1970 as a time in UTC."""
    return _EPOCH + timedelta(0, 0, stamp)


def stamp_or_none(moment: datetime | None) -> int | None:
    """As ``stamp``; None stays None."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def moment_or_none(stamp: int | None) -> datetime | None:
    """As ``moment``; None stays None."""
    return None if stamp is None else _EPOCH + timedelta(0, 0, stamp)


def span(length: timedelta | None) -> int | None:
    """A duration as microseconds."""
    return None if length is None else length // _MICROSECOND


def length(span: int | None) -> timedelta | None:
    """Microseconds as a duration."""
    return None if span is None else timedelta(microseconds=span)


# ---------------------------------------------------------------------------------------------- feeds

FEED_COLUMNS = (
    "id, url, config_title, lang, interval, enabled, address, state, title, etag, last_modified, body_hash, "
    "fingerprints, last_poll, last_ok, last_new, last_status, next_poll, failures, error, baseline, memory, fence, "
    "paused"
)


def to_record(row: Row) -> FeedRecord:
    """A row of ``FEED_COLUMNS`` as a record."""
    (number, url, config_title, lang, interval, enabled, address, state, title, etag, last_modified, body_hash,
     fingerprints, last_poll, last_ok, last_new, last_status, next_poll, failures, error, baseline, memory, fence,
     paused) = row  # fmt: skip
    return FeedRecord(
        number,
        Feed(url, config_title, lang, length(interval), enabled == 1),
        address,
        FeedState.PAUSED if paused else _STATES[state],
        config_title or title or host(url),
        Validators(etag, last_modified),
        body_hash,
        fingerprints,
        moment_or_none(last_poll),
        moment_or_none(last_ok),
        moment_or_none(last_new),
        last_status,
        moment_or_none(next_poll),
        failures,
        error,
        baseline == 1,
        memory_from_json(memory),
        fence,
    )


def polled_values(record: FeedRecord, memory: str) -> Row:
    """What a poll changes in a row of ``feeds``: the columns from ``state`` to ``memory``, which is given as JSON."""
    return (
        record.state.value,
        record.title,
        record.validators.etag,
        record.validators.last_modified,
        record.body_hash,
        record.fingerprints,
        stamp_or_none(record.last_poll),
        stamp_or_none(record.last_ok),
        stamp_or_none(record.last_new),
        record.last_status,
        stamp_or_none(record.next_poll),
        record.failures,
        record.error,
        record.baseline,
        memory,
    )


def host(url: str) -> str:
    """The host of an address, the address itself when it has none: the last resort for a feed's title."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def memory_to_json(memory: PollMemory) -> str:
    """``memory`` as compact JSON that leaves out what is as in a new feed."""
    known: dict[str, Any] = {}
    if memory.arrivals:
        known["arrivals"] = memory.arrivals
    if memory.hints != FeedHints():
        known["hints"] = _hints_to_json(memory.hints)
    if memory.freshness is not None:
        known["freshness"] = span(memory.freshness)
    for name in _MEMORY_TIMES:
        if (value := getattr(memory, name)) is not None:
            known[name] = stamp(value)
    for name in _MEMORY_PLAIN:
        if value := getattr(memory, name):
            known[name] = value
    return _to_json(known)


_NOTHING_REMEMBERED = PollMemory()
_MEMORY_TIMES = ("redirect_since", "failing_since", "state_since", "empty_since", "loss_since")
_MEMORY_PLAIN = ("redirect_to", "redirect_polls", "announced", "window", "rolled_over", "loss")


def memory_from_json(text: str) -> PollMemory:
    """The inverse of ``memory_to_json``."""
    if text == "{}":
        return _NOTHING_REMEMBERED
    known = json.loads(text)
    for name in _MEMORY_TIMES:
        if name in known:
            known[name] = moment(known[name])
    if "freshness" in known:
        known["freshness"] = length(known["freshness"])
    if "arrivals" in known:
        known["arrivals"] = tuple(known["arrivals"])
    if "hints" in known:
        known["hints"] = _hints_from_json(known["hints"])
    return PollMemory(**known)


def _hints_to_json(hints: FeedHints) -> dict[str, Any]:
    return {
        "ttl": span(hints.ttl),
        "update_period": span(hints.update_period),
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
    }


def _hints_from_json(known: Mapping[str, Any]) -> FeedHints:
    return FeedHints(
        length(known["ttl"]),
        length(known["update_period"]),
        frozenset(known["skip_hours"]),
        frozenset(known["skip_days"]),
    )


# ---------------------------------------------------------------------------------------------- entries

ENTRY_COLUMNS = (
    "e.id, f.url, e.guid, e.link_key, e.content_key, e.found, e.published, e.updated, e.lang, e.fingerprint, e.title, "
    "e.link, e.author, e.source, e.summary, e.content"
)


def to_entry(row: Row) -> Entry:
    """A row of ``ENTRY_COLUMNS`` as an entry."""
    (entry_id, url, guid, link_key, content_key, found, published, updated, lang, fingerprint, title, link, author,
     source, summary, content) = row  # fmt: skip
    return Entry(
        url,
        EntryKeys(guid, link_key, content_key),
        title,
        link,
        summary,
        content,
        author,
        source,
        moment_or_none(published),
        moment_or_none(updated),
        lang,
        fingerprint,
        entry_id,
        moment(found),
    )


def entry_values(entry: Entry, feed_id: int, found: datetime) -> Row:
    """The values of a new row of ``entries``: id, feed, then the columns of ``entry_texts``."""
    return (entry.id, feed_id, stamp(entry.found or found), *entry_texts(entry))


def entry_texts(entry: Entry) -> Row:
    """What an edit may change: keys, dates, language, fingerprint and texts."""
    keys = entry.keys
    return (
        keys.guid,
        keys.link,
        keys.content,
        stamp_or_none(entry.published),
        stamp_or_none(entry.updated),
        entry.lang,
        entry.fingerprint,
        entry.title,
        entry.link,
        entry.author,
        entry.source,
        entry.summary,
        entry.content,
    )


# ---------------------------------------------------------------------------------------------- matches


def score_to_json(score: Score) -> str:
    """A score without its profile, which has a column of its own."""
    known = {
        "value": score.value,
        "threshold": score.threshold,
        "eligible": score.eligible,
        "matched": score.matched,
        "parts": [[p.kind, p.label, p.field, p.hits, p.weight, p.points] for p in score.parts],
        "missing": score.missing,
        "concepts": score.concepts,
        "instant": score.instant,
    }
    return _to_json(known)


def score_from_json(profile: str, text: str) -> Score:
    """The inverse of ``score_to_json``."""
    known = json.loads(text)
    return Score(
        profile,
        known["value"],
        known["threshold"],
        known["eligible"],
        known["matched"],
        tuple(ScorePart(*part) for part in known["parts"]),
        tuple(known["missing"]),
        tuple(known["concepts"]),
        known["instant"],
    )


def to_match(row: Row) -> Match:
    """A row of profile, score, source, at, story, digest and ``ENTRY_COLUMNS`` as a match."""
    profile, score, source, at, story, digest = row[:6]
    return Match(profile, to_entry(row[6:]), score_from_json(profile, score), source, moment(at), story, digest)


# ---------------------------------------------------------------------------------------------- the outbox

DELIVERY_COLUMNS = (
    "key, profile, channel, recipient, subject, body, content_type, state, attempts, created, next_attempt, error, "
    "mark, fence"
)


def to_delivery(row: Row) -> Delivery:
    """A row of ``DELIVERY_COLUMNS`` as a delivery."""
    state, attempts, created, next_attempt, error, mark, fence = row[7:]
    return Delivery(
        Message(*row[:7]),
        _DELIVERY_STATES[state],
        attempts,
        moment(created),
        moment_or_none(next_attempt),
        error,
        fence,
        Mark(mark),
    )


# ---------------------------------------------------------------------------------------------- reports


def report_to_json(report: PassReport) -> str:
    """A report as JSON."""
    known = asdict(report) | {"started": stamp(report.started), "finished": stamp(report.finished)}
    known["gap"] = span(report.gap)
    return _to_json(known)


def report_from_json(text: str) -> PassReport:
    """The inverse of ``report_to_json``."""
    known = json.loads(text)
    known |= {"started": moment(known["started"]), "finished": moment(known["finished"])}
    known["gap"] = length(known.get("gap"))
    return PassReport(**known | {"problems": tuple(known["problems"])})


def times_to_json(times: Iterable[datetime]) -> str:
    """A list of times as JSON."""
    return json.dumps([stamp(time) for time in times])


def times_from_json(text: str) -> tuple[datetime, ...]:
    """The inverse of ``times_to_json``."""
    return tuple(moment(number) for number in json.loads(text))
