"""The process environment: other values last as long as they are needed."""

from __future__ import annotations

import pytest

from monitor.environment import overridden, variables


def test_other_values_hold_only_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBELL_ONE", "1")
    monkeypatch.delenv("NEWSBELL_TWO", raising=False)

    with pytest.raises(ImportError), overridden({"NEWSBELL_ONE": "x", "NEWSBELL_TWO": "y"}):
        assert (variables()["NEWSBELL_ONE"], variables()["NEWSBELL_TWO"]) == ("x", "y")
        raise ImportError

    assert variables()["NEWSBELL_ONE"] == "1"
    assert "NEWSBELL_TWO" not in variables()
