"""How Newsbell does, as Prometheus reads it (text exposition format 0.0.4). Pure: numbers in, text out.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from alerts.model import DeliveryState
from alerts.record import record
from monitor.model import FeedState, PassReport, Tally

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
STAGES = "cpu."  # in front of a stage's name among the totals, which count its microseconds

Labels = tuple[tuple[str, str], ...]
Sample = tuple[Labels, float]


@record
class Snapshot:
    """Everything that is exposed, at one moment. ``profiles``: the configured ones; others are not shown."""

    version: str
    now: datetime
    tally: Tally
    profiles: tuple[str, ...] = ()
    report: PassReport | None = None  # of the last pass


@record
class _Metric:
    name: str
    kind: str  # gauge | counter
    help: str
    samples: tuple[Sample, ...]


def pass_counts(report: PassReport) -> dict[str, int]:
    """What one pass adds to the totals, by name; CPU time in microseconds under ``STAGES`` and the stage."""
    counts = {
        "passes": 1,
        "polls.changed": report.polled - report.unchanged - report.failed,
        "polls.unchanged": report.unchanged,
        "polls.failed": report.failed,
        "entries": report.new,
        "matches": report.matched,
        "digests": report.digests,
        "attempts.sent": report.sent,
        "attempts.failed": report.undelivered,
        "attempts.dead": report.dead,
    }
    stages = {f"{STAGES}{stage}": round(1e6 * seconds) for stage, seconds in _stages(report).items()}
    return counts | stages


def _stages(report: PassReport) -> Mapping[str, float]:
    """CPU seconds by stage, those outside of all stages as ``other``: they add up to the whole pass."""
    stages = {stage: seconds for stage, seconds in report.durations.items() if stage != "all"}
    rest = report.durations.get("all", 0.0) - sum(stages.values())
    return stages | {"other": max(0.0, rest)}


def exposition(snapshot: Snapshot) -> str:
    """``snapshot`` in the text format, one block for each metric that has a value."""
    return "".join(line + "\n" for metric in _metrics(snapshot) if metric.samples for line in _lines(metric))


def _metrics(snapshot: Snapshot) -> Iterator[_Metric]:
    yield _Metric("newsbell_build_info", "gauge", "The version, as a label.", (_labelled(1, version=snapshot.version),))
    yield from _stock(snapshot)
    yield from _totals(snapshot.tally.totals)
    if snapshot.report is not None:
        yield from _last_pass(snapshot.report)


def _stock(snapshot: Snapshot) -> Iterator[_Metric]:
    """What there is now, and what is late."""
    tally, now = snapshot.tally, snapshot.now
    yield _gauge("feeds", "Watched feeds by state.", _each("state", FeedState, tally.feeds))
    yield _gauge("entries", "Entries that are kept.", _one(tally.entries))
    yield _gauge("matches", "Matches that are kept, by profile.", _each("profile", snapshot.profiles, tally.matches))
    waiting = _each("profile", snapshot.profiles, tally.waiting)
    yield _gauge("matches_waiting", "Matches that no digest has told yet, by profile.", waiting)
    yield _gauge("deliveries", "Messages in the outbox by state.", _each("state", DeliveryState, tally.deliveries))
    yield _gauge("lag_seconds", "How long the oldest due feed has waited to be polled.", _late(tally.next_poll, now))
    late = _late(tally.next_attempt, now)
    yield _gauge("delivery_lag_seconds", "How long the oldest due message has waited to be sent.", late)
    # A file keeps its lag until it is written again; these two tell the truth also when nobody writes any more.
    yield _gauge("next_poll_timestamp_seconds", "When a feed is due next.", _when(tally.next_poll))
    yield _gauge("next_delivery_timestamp_seconds", "When a message is due next.", _when(tally.next_attempt))
    sent = (
        _labelled(at.timestamp(), profile=name) for name, at in tally.last_sent.items() if name in snapshot.profiles
    )
    yield _gauge("last_digest_timestamp_seconds", "When a profile's last digest was made.", sent)


def _totals(totals: Mapping[str, int]) -> Iterator[_Metric]:
    """What has been done since the store was made."""
    yield _counter("passes", "Passes that ended.", _one(totals.get("passes", 0)))
    yield _counter("polls", "Polls by outcome.", _outcomes(totals, "polls", ("changed", "unchanged", "failed")))
    yield _counter("entries_found", "New entries.", _one(totals.get("entries", 0)))
    yield _counter("matches_found", "Entries that matched a profile.", _one(totals.get("matches", 0)))
    yield _counter("digests", "Digests that were made.", _one(totals.get("digests", 0)))
    attempts = _outcomes(totals, "attempts", ("sent", "failed", "dead"))
    yield _counter("delivery_attempts", "Attempts to deliver by outcome; dead: given up.", attempts)
    stages = sorted(name.removeprefix(STAGES) for name in totals if name.startswith(STAGES))
    cpu = (_labelled(totals[STAGES + stage] / 1e6, stage=stage) for stage in stages)
    yield _counter("stage_cpu_seconds", "CPU time by stage of a pass; other: outside of all stages.", cpu)


def _last_pass(report: PassReport) -> Iterator[_Metric]:
    ended = _one(report.finished.timestamp())
    yield _gauge("last_pass_timestamp_seconds", "When the last pass ended.", ended)
    took = _one((report.finished - report.started).total_seconds())
    yield _gauge("last_pass_duration_seconds", "How long the last pass took.", took)
    cpu = (_labelled(seconds, stage=stage) for stage, seconds in sorted(_stages(report).items()))
    yield _gauge("last_pass_cpu_seconds", "CPU time of the last pass by stage.", cpu)
    yield _gauge("last_pass_feeds_failed", "Feeds whose poll failed in the last pass.", _one(report.failed))


def _gauge(name: str, text: str, samples: Iterable[Sample]) -> _Metric:
    return _Metric(f"newsbell_{name}", "gauge", text, tuple(samples))


def _counter(name: str, text: str, samples: Iterable[Sample]) -> _Metric:
    return _Metric(f"newsbell_{name}_total", "counter", text, tuple(samples))


def _labelled(value: float, **labels: str) -> Sample:
    return tuple(labels.items()), value


def _one(value: float) -> tuple[Sample]:
    return (((), value),)


def _each(label: str, names: Iterable[str], counts: Mapping[str, int]) -> Iterator[Sample]:
    """A sample for every name, also where nothing was counted: a series that comes and goes cannot be alerted on."""
    for name in names:
        yield ((label, str(name)),), counts.get(str(name), 0)


def _outcomes(totals: Mapping[str, int], what: str, outcomes: Iterable[str]) -> Iterator[Sample]:
    for outcome in outcomes:
        yield (("outcome", outcome),), totals.get(f"{what}.{outcome}", 0)


def _when(due: datetime | None) -> tuple[Sample, ...]:
    return _one(due.timestamp()) if due else ()


def _late(due: datetime | None, now: datetime) -> tuple[Sample]:
    return _one(max(0.0, (now - due).total_seconds()) if due else 0)


def _lines(metric: _Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.help}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for labels, value in metric.samples:
        inside = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
        yield f"{metric.name}{{{inside}}} {value!r}" if inside else f"{metric.name} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
