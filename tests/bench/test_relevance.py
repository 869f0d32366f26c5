"""The bench measures what it says, and its made-up topics are found."""

from __future__ import annotations

import pytest

from monitor.profiles import build_profile
from tests.bench.measures import Result, mean, measure
from tests.bench.pairs import PAIRS, Pair
from tests.bench.relevance import report, row


def test_a_perfect_ranking_scores_one() -> None:
    perfect = measure([(3.0, True), (2.0, True), (1.0, False)], 1.5)
    assert perfect == Result(1.0, 1.0, 1.0, 1.0, 1.0, 0.0)


def test_ties_are_ranked_at_their_worst_and_false_alarms_cost() -> None:
    result = measure([(1.0, True), (1.0, False), (0.0, False), (0.0, True)], 1.0)
    assert result.average_precision == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert (result.precision, result.recall, result.f1) == (0.5, 0.5, 0.5)
    assert result.utility == pytest.approx((0.25 + 0.5) / 1.5)
    assert result.noise == 250


def test_nothing_relevant_is_no_error() -> None:
    assert measure([(1.0, False)], 5.0) == Result(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_the_mean_is_taken_over_topics() -> None:
    assert mean([Result(1, 1, 1, 1, 1, 0), Result(0, 0, 0, 0, 0, 8)]) == Result(0.5, 0.5, 0.5, 0.5, 0.5, 4)


def test_the_made_up_topics_are_found_without_a_false_alarm() -> None:
    lines = report(None)
    next(lines)
    pairs = [f"made up: {one.name}" for one in PAIRS]
    for what in ("made up: Germany with Kenya", *pairs, "made up: a storm"):
        assert next(lines) == row(what, Result(1.0, 1.0, 1.0, 1.0, 1.0, 0.0))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda one: one.name)
def test_a_made_up_pair_stands_on_its_countries(pair: Pair) -> None:
    profile = build_profile(pair.seeds, name=pair.name)
    countries = {one.country for name, one in profile.concepts.items() if one.country}
    assert countries == set(pair.codes)
    assert {name for line in profile.required() for name in line} == {
        name for name, one in profile.concepts.items() if one.country
    }
