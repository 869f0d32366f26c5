"""Sets that are alike are found without comparing all with all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.likeness import MOST, Lookalikes, containment, jaccard

SETS = st.lists(st.frozensets(st.integers(0, 12), max_size=9), max_size=12)
SHARES = st.sampled_from([0.3, 0.5, 0.6, 0.75, 1.0])


@given(SETS, SHARES, st.booleans())
def test_it_finds_what_a_comparison_with_all_would_find(
    sets: list[frozenset[int]], share: float, contained: bool
) -> None:
    measure = containment if contained else jaccard
    index = Lookalikes(sets, share, contained=contained)
    for number, one in enumerate(sets):
        assert index.like(number) == {n for n, other in enumerate(sets[:number]) if measure(one, other) >= share}
        index.add(number)


@pytest.mark.parametrize(
    ("one", "other", "of_both", "of_the_smaller"),
    [
        ("abcd", "abcd", 1.0, 1.0),
        ("abcd", "cdef", 2 / 6, 0.5),
        ("ab", "abcdef", 2 / 6, 1.0),
        ("ab", "cd", 0.0, 0.0),
        ("", "ab", 0.0, 0.0),
        ("", "", 0.0, 0.0),
    ],
)
def test_what_likeness_means(one: str, other: str, of_both: float, of_the_smaller: float) -> None:
    sets = frozenset(one), frozenset(other)
    assert (jaccard(*sets), containment(*sets)) == (of_both, of_the_smaller)


def test_what_is_common_to_all_leads_to_nobody() -> None:
    """Ten thousand headlines with the same two words in them, and with nothing else in common, meet no other."""

    class Counted(frozenset[int]):
        compared = 0

        def __and__(self, other: object) -> frozenset[int]:
            Counted.compared += 1
            return super().__and__(other)  # type: ignore[operator]

    sets = [Counted([0, 1, *range(10 * number, 10 * number + 5)]) for number in range(1, 1000)]
    index = Lookalikes(sets, 0.5)
    for number in range(len(sets)):
        assert index.like(number) == set()
        index.add(number)
    assert Counted.compared == 0


@pytest.mark.parametrize("contained", [False, True])
def test_where_all_are_made_after_one_pattern_the_likeliest_are_looked_at_and_no_more(contained: bool) -> None:
    """Each is alike to all others; the one with the same rare element is still found among thousands."""
    compared = 0

    class Counted(frozenset[int]):
        def __and__(self, other: object) -> frozenset[int]:
            nonlocal compared
            compared += 1
            return super().__and__(other)  # type: ignore[operator]

    pattern, count = range(8), 2_000
    sets = [Counted([*pattern, 100 + number]) for number in range(count)] + [Counted([*pattern, 107])]
    index = Lookalikes(sets, 0.5, contained=contained)
    for number in range(count):
        index.add(number)

    found = index.like(count)

    assert 7 in found
    assert len(found) == compared == MOST
