"""What a profile would have told."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from monitor.model import PastItem
from monitor.profiles import load_profile
from monitor.profiles.backtest import backtest, compare
from monitor.profiles.tune import OFF, ON, applied, propose

TEXT = """
name: pair
threshold: 4.0
concepts:
  japan: {country: JP, weight: 1.0}
  laos: {country: LA, weight: 1.0}
require: [japan, laos]
terms:
  - {term: partnership, weight: 4.0}
  - {term: boxing, weight: 4.0}
  - {term: grant, weight: 1.0}
digest: {timezone: Asia/Vientiane}
"""
PROFILE = load_profile(TEXT, name="pair")


def item(number: int, title: str, day: int = 20, hour: int = 12) -> PastItem:
    return PastItem(f"i{number}", title, at=datetime(2025, 1, day, hour, tzinfo=UTC))


ITEMS = [
    item(1, "Japan and Laos sign partnership", day=20),
    item(2, "Partnership of Laos and Japan praised", day=22, hour=20),  # the 23rd in Vientiane
    item(3, "Japan and Laos meet", day=21),
    item(4, "Rice prices steady", day=21),
    item(5, "Japan boxing star fights in Laos", day=21),
]


def test_hits_are_counted_by_local_day_with_the_empty_ones_between() -> None:
    result = backtest(PROFILE, ITEMS)
    assert result.by_day == (
        (date(2025, 1, 20), 1),
        (date(2025, 1, 21), 1),
        (date(2025, 1, 22), 0),
        (date(2025, 1, 23), 1),
    )
    assert result.items == 5
    assert {past.id for past, _ in result.hits} == {"i1", "i2", "i5"}


def test_what_came_nearest_is_eligible_and_below() -> None:
    [(nearest, score)] = backtest(PROFILE, ITEMS).nearest
    assert (nearest.id, score.eligible, score.matched) == ("i3", True, False)


def test_a_profile_without_hits_has_no_days() -> None:
    assert backtest(PROFILE, ITEMS[3:4]).by_day == ()


@given(st.lists(st.sampled_from(ITEMS), max_size=12))
def test_a_higher_threshold_never_lets_more_pass(items: list[PastItem]) -> None:
    result = backtest(PROFILE, items)
    passed = [count for _, count in result.curve]
    assert passed == sorted(passed, reverse=True)
    assert sum(count for _, count in result.by_day) == len(result.hits)


def test_gained_and_lost_are_told_apart() -> None:
    stricter = load_profile(TEXT.replace("{term: boxing, weight: 4.0}", "{term: meet, weight: 4.0}"), name="pair")
    result = compare(PROFILE, stricter, ITEMS)
    assert [past.id for past, _ in result.gained] == ["i3"]
    assert [past.id for past, _ in result.lost] == ["i5"]


def test_a_term_that_stood_only_in_entries_judged_off_loses_its_weight() -> None:
    more = [*ITEMS, item(6, "Laos and Japan in boxing final")]
    labels = {"i1": ON, "i2": ON, "i5": OFF, "i6": OFF}
    proposal = propose(PROFILE, more, labels)
    assert [(change.label, change.new) for change in proposal.changes] == [("boxing", 0.0)]
    assert set(proposal.before.false) == {"i5", "i6"}
    assert proposal.after.false == ()
    assert proposal.after.right == 4


def test_the_threshold_moves_to_where_the_fewest_are_judged_wrongly() -> None:
    labels = {"i1": ON, "i2": ON, "i3": ON, "i4": OFF}
    proposal = propose(PROFILE, ITEMS, labels)
    [change] = proposal.changes
    assert change.path == ("threshold",)
    assert change.new < PROFILE.threshold
    assert proposal.after.missed == ()
    assert applied(PROFILE, proposal.changes).threshold == change.new


def test_few_judgements_propose_nothing_and_say_so() -> None:
    assert propose(PROFILE, ITEMS, {"i1": ON}).note == "4 judged entries are needed at least; so far: 1"


def test_a_profile_that_does_well_is_left_alone() -> None:
    proposal = propose(PROFILE, ITEMS, {"i1": ON, "i2": ON, "i3": OFF, "i4": OFF})
    assert proposal.changes == ()
    assert "as well" in proposal.note
