"""Records behave as data classes do."""

from __future__ import annotations

import dataclasses

import pytest

from alerts.record import record, replace


@record
class Single:
    name: str


@record
class Several:
    name: str
    count: int = 0
    tags: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("one", "changes"),
    [
        (Single("a"), {"name": "b"}),
        (Several("a", 1, ("x",)), {}),
        (Several("a", 1, ("x",)), {"count": 2}),
        (Several("a", 1, ("x",)), {"tags": (), "name": "b"}),
    ],
)
def test_replacing_is_that_of_data_classes(one: Single | Several, changes: dict[str, object]) -> None:
    before = repr(one)
    after = replace(one, **changes)  # type: ignore[arg-type]
    assert after == dataclasses.replace(one, **changes)  # type: ignore[arg-type]
    assert type(after) is type(one)
    assert repr(one) == before


def test_a_field_that_there_is_not_cannot_be_replaced() -> None:
    with pytest.raises(KeyError):
        replace(Single("a"), title="b")  # type: ignore[call-arg]
