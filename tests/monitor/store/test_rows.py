"""What is written as a row or as JSON is read back as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import FeedHints, PassReport, PollMemory, Score, ScorePart
from monitor.store import rows

moments = st.datetimes(timezones=st.just(UTC))
spans = st.timedeltas(timedelta(0), timedelta(days=400))
hints = st.builds(
    FeedHints,
    st.none() | spans,
    st.none() | spans,
    st.frozensets(st.integers(0, 23)),
    st.frozensets(st.integers(0, 6)),
)
memories = st.builds(
    PollMemory,
    hints=hints,
    freshness=st.none() | spans,
    arrivals=st.lists(st.integers(0, 2**33), max_size=32).map(tuple),
    redirect_to=st.text(max_size=9),
    redirect_since=st.none() | moments,
    redirect_polls=st.integers(0, 9),
    failing_since=st.none() | moments,
    state_since=st.none() | moments,
    announced=st.sampled_from(["", "ok", "failing"]),
    window=st.integers(0, 99),
    rolled_over=st.booleans(),
    loss=st.text(max_size=9),
    loss_since=st.none() | moments,
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
parts = st.builds(ScorePart, st.text(), st.text(), st.text(), st.integers(), numbers, numbers)
words = st.lists(st.text(), max_size=3).map(tuple)
scores = st.builds(
    Score, st.just("japan"), numbers, numbers, st.booleans(), st.booleans(), st.lists(parts, max_size=3).map(tuple),
    words, words, st.booleans(),
)  # fmt: skip


@given(moments)
def test_a_time_keeps_its_microseconds(moment: datetime) -> None:
    assert rows.moment(rows.stamp(moment)) == moment


def test_a_time_of_another_zone_is_kept_in_utc() -> None:
    assert rows.stamp(datetime.fromisoformat("2025-05-01T07:00:00.000001+07:00")) == 1746057600000001


@given(memories)
def test_a_feeds_memory_comes_back(memory: PollMemory) -> None:
    assert rows.memory_from_json(rows.memory_to_json(memory)) == memory


def test_a_memory_without_content_takes_no_room() -> None:
    assert rows.memory_to_json(PollMemory()) == "{}"


@given(scores)
def test_a_score_comes_back(score: Score) -> None:
    assert rows.score_from_json("japan", rows.score_to_json(score)) == score


@given(
    st.builds(
        PassReport,
        started=moments,
        finished=moments,
        polled=st.integers(),
        problems=words,
        gap=st.none() | spans,
        durations=st.dictionaries(st.text(), numbers, max_size=3),
    )
)
def test_a_report_comes_back(report: PassReport) -> None:
    assert rows.report_from_json(rows.report_to_json(report)) == report


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://A.example:8/x", "a.example"), ("http://[::1/", "http://[::1/"), ("a.example", "a.example")],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert rows.host(url) == host
