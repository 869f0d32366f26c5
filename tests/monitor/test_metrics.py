"""Numbers in, Prometheus text out: read back by Prometheus' own parser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from alerts.model import DeliveryState
from monitor.metrics import Snapshot, Tally, exposition, pass_counts
from monitor.model import FeedState, PassReport
from tests.examples import examples

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
REPORT = PassReport(
    started=NOW - 2 * MINUTE,
    finished=NOW - MINUTE,
    polled=9,
    unchanged=4,
    failed=2,
    new=7,
    matched=3,
    digests=1,
    sent=2,
    undelivered=1,
    dead=1,
    durations={"score": 0.5, "store": 0.25, "all": 1.0},
)
FULL = Tally(last_sent={"pair": NOW}, next_poll=NOW, next_attempt=NOW, totals=pass_counts(REPORT))
Values = dict[tuple[str, ...], float]


def read(snapshot: Snapshot) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(exposition(snapshot))}


def values(snapshot: Snapshot, name: str) -> Values:
    """The samples of a metric by the values of their labels."""
    return {tuple(sample.labels.values()): sample.value for sample in read(snapshot)[name].samples}


def a_snapshot(tally: Tally | None = None, report: PassReport | None = REPORT) -> Snapshot:
    return Snapshot("1.2.3", NOW, tally or Tally(), ("pair",), report)


def test_every_state_of_feeds_and_deliveries_has_a_sample_even_with_nothing_in_it() -> None:
    snapshot = a_snapshot(Tally(feeds={"ok": 4, "failing": 1}, deliveries={"dead": 2}))
    feeds = values(snapshot, "newsbell_feeds")
    assert feeds == {(state.value,): {"ok": 4, "failing": 1}.get(state.value, 0) for state in FeedState}
    deliveries = values(snapshot, "newsbell_deliveries")
    assert deliveries == {(state.value,): 2 if state.value == "dead" else 0 for state in DeliveryState}


def test_only_configured_profiles_are_shown() -> None:
    tally = Tally(
        matches={"pair": 3, "former": 9}, waiting={"pair": 1, "former": 2}, last_sent={"pair": NOW, "former": NOW}
    )
    assert values(a_snapshot(tally), "newsbell_matches") == {("pair",): 3}
    assert values(a_snapshot(tally), "newsbell_matches_waiting") == {("pair",): 1}
    assert values(a_snapshot(tally), "newsbell_last_digest_timestamp_seconds") == {("pair",): NOW.timestamp()}


def test_lag_is_how_long_the_oldest_due_work_has_waited() -> None:
    late = a_snapshot(Tally(next_poll=NOW - 3 * MINUTE, next_attempt=NOW - MINUTE))
    early = a_snapshot(Tally(next_poll=NOW + MINUTE))
    assert (values(late, "newsbell_lag_seconds"), values(late, "newsbell_delivery_lag_seconds")) == (
        {(): 180},
        {(): 60},
    )
    assert values(early, "newsbell_lag_seconds") == {(): 0}
    assert values(early, "newsbell_next_poll_timestamp_seconds") == {(): (NOW + MINUTE).timestamp()}
    assert values(late, "newsbell_next_delivery_timestamp_seconds") == {(): (NOW - MINUTE).timestamp()}
    assert "newsbell_next_delivery_timestamp_seconds" not in read(early)
    assert values(a_snapshot(), "newsbell_lag_seconds") == {(): 0}


def test_the_totals_are_the_sum_of_the_passes() -> None:
    once = pass_counts(REPORT)
    snapshot = a_snapshot(Tally(totals={name: 3 * count for name, count in once.items()}))
    assert values(snapshot, "newsbell_passes") == {(): 3}
    assert values(snapshot, "newsbell_polls") == {("changed",): 9, ("unchanged",): 12, ("failed",): 6}
    assert values(snapshot, "newsbell_entries_found") == {(): 21}
    assert values(snapshot, "newsbell_matches_found") == {(): 9}
    assert values(snapshot, "newsbell_digests") == {(): 3}
    assert values(snapshot, "newsbell_delivery_attempts") == {("sent",): 6, ("failed",): 3, ("dead",): 3}
    assert values(snapshot, "newsbell_stage_cpu_seconds") == {("score",): 1.5, ("store",): 0.75, ("other",): 0.75}


def test_the_last_pass_is_told_once_there_was_one() -> None:
    assert values(a_snapshot(), "newsbell_last_pass_timestamp_seconds") == {(): REPORT.finished.timestamp()}
    assert values(a_snapshot(), "newsbell_last_pass_duration_seconds") == {(): 60}
    assert values(a_snapshot(), "newsbell_last_pass_cpu_seconds") == {
        ("other",): 0.25,
        ("score",): 0.5,
        ("store",): 0.25,
    }
    assert values(a_snapshot(), "newsbell_last_pass_feeds_failed") == {(): 2}
    assert not [name for name in read(a_snapshot(report=None)) if "last_pass" in name]


def test_every_metric_has_a_help_line_a_type_and_a_conventional_name() -> None:
    families = read(a_snapshot(FULL))
    assert len(families) == 22
    for name, family in families.items():
        assert family.documentation
        assert family.type in ("gauge", "counter")
        assert name.startswith("newsbell_")
        assert all(sample.name.endswith("_total") == (family.type == "counter") for sample in family.samples)


# Prometheus ends a line at \n only; the parser used here also where Python does.
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), include_characters='\n"\\'), min_size=1)


@examples(0.4)
@given(names=st.lists(NAMES, min_size=1, max_size=4, unique=True), count=st.integers(0, 2**53))
def test_any_name_of_a_profile_survives_the_way_out_and_back(names: list[str], count: int) -> None:
    snapshot = Snapshot("1", NOW, Tally(matches=dict.fromkeys(names, count)), tuple(names))
    assert values(snapshot, "newsbell_matches") == {(name,): count for name in names}


# the page as a whole: what dashboards, rules and scripts rely on --------------------------------------------

EXPECTED = Path(__file__).parents[1] / "data" / "metrics"
BUSY = PassReport(
    NOW - timedelta(seconds=3),
    NOW - timedelta(seconds=1),
    polled=5,
    unchanged=2,
    failed=1,
    new=4,
    matched=2,
    digests=1,
    sent=1,
    durations={"parse": 0.5, "all": 1.5, "fetch": 0.25},
)
SNAPSHOTS = {
    "fresh": Snapshot("1.2.3", NOW, Tally()),
    "busy": Snapshot(
        "1.2.3",
        NOW,
        Tally(
            feeds={"ok": 3},
            entries=9,
            matches={"pair": 2, "former": 1},
            waiting={"pair": 1},
            deliveries={"sent": 4},
            next_poll=NOW - timedelta(seconds=30),
            next_attempt=NOW + MINUTE,
            last_sent={"pair": NOW, "former": NOW},
            totals=pass_counts(BUSY),
        ),
        ("pair", 'q"\\\n'),
        BUSY,
    ),
}


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_the_page_reads_as_expected_line_by_line(name: str) -> None:
    expected = (EXPECTED / f"{name}.prom").read_text(encoding="utf-8")
    assert exposition(SNAPSHOTS[name]).splitlines() == expected.splitlines()
