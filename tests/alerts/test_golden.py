"""The renderings are what they were when somebody last looked at them."""

from __future__ import annotations

import pytest

from tests.alerts.golden import CASES, FOLDER, renderings


@pytest.mark.parametrize("name", CASES)
def test_renderings_are_as_expected(name: str) -> None:
    found = renderings(CASES[name])

    assert {suffix: (FOLDER / f"{name}.{suffix}").read_text(encoding="utf-8") for suffix in found} == found
