"""Sections of a file: read from their annotations, equal by their keys, and never changed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError
from typing import Annotated, ClassVar

import pytest
from pydantic import Field

from monitor.errors import ConfigError
from monitor.yamldoc import load
from monitor.yamldoc.adapter import keys_of, validated
from monitor.yamldoc.kinds import Whole
from monitor.yamldoc.section import Section


class Named(Section):
    name: Annotated[str, Field(alias="called", description="what it is called")]
    kin: ClassVar[str] = "no key"


class Ship(Named):
    """Heirs have the keys of what they inherit from, and their own."""

    masts: Annotated[Whole, Field(ge=1, description="as they stand")] = 3


class Fleet(Section):
    flagship: Ship
    others: tuple[Ship, ...] = ()


def test_heirs_have_the_keys_of_both_by_the_names_in_the_file() -> None:
    assert {name: key.description for name, key in keys_of(Ship).items()} == {
        "called": "what it is called",
        "masts": "as they stand",
    }
    assert list(keys_of(Named)) == ["called"]


def test_sections_in_sections_are_read() -> None:
    fleet = validated(Fleet, {"flagship": {"called": "Vasa"}, "others": [{"called": "Krona", "masts": 4}]})
    assert fleet == Fleet(flagship=Ship(name="Vasa"), others=(Ship(name="Krona", masts=4),))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("flagship: {called: Vasa, masts: 0}", "1:33"),
        ("flagship: {masts: 1}", "1:1"),
        ("flagship: {called: Vasa}\nothers: [{called: Krona, sails: 9}]", "2:26"),
    ],
)
def test_a_mistake_of_an_heir_stands_where_it_was_written(text: str, place: str) -> None:
    with pytest.raises(ConfigError, match=rf"fleet\.yaml:{place}: "):
        load(text, file="fleet.yaml", model=Fleet)


def test_equal_keys_make_equal_sections_of_one_kind_only() -> None:
    assert Ship(name="Vasa") == Ship(name="Vasa", masts=3)
    assert len({Ship(name="Vasa"), Ship(name="Vasa", masts=3), Ship(name="Vasa", masts=4)}) == 2
    assert Ship(name="Vasa") != Named(name="Vasa")
    assert repr(Ship(name="Vasa")) == "Ship(name='Vasa', masts=3)"


def test_nothing_is_changed_or_removed() -> None:
    ship = Ship(name="Vasa")
    with pytest.raises(FrozenInstanceError, match="masts cannot be changed"):
        ship.masts = 4
    with pytest.raises(FrozenInstanceError, match="masts cannot be removed"):
        del ship.masts


@pytest.mark.processes
def test_a_section_that_is_not_read_from_a_file_needs_no_pydantic() -> None:
    code = "import sys, monitor.profiles.model as m; m.Term(term='visit', weight=1.0); print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
