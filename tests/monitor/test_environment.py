"""The process environment: other values last as long as they are needed."""

from __future__ import annotations

import pytest

from monitor.environment import overridden, variables, without_plugins


def _fail() -> None:
    with overridden({"NEWSBELL_ONE": "x"}):
        raise ImportError


def test_other_values_hold_only_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSBELL_ONE", "1")
    monkeypatch.delenv("NEWSBELL_TWO", raising=False)

    with overridden({"NEWSBELL_ONE": "x", "NEWSBELL_TWO": "y"}):
        assert (variables()["NEWSBELL_ONE"], variables()["NEWSBELL_TWO"]) == ("x", "y")

    assert variables()["NEWSBELL_ONE"] == "1"
    assert "NEWSBELL_TWO" not in variables()


def test_they_go_when_the_library_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSBELL_ONE", raising=False)

    with pytest.raises(ImportError):
        _fail()

    assert "NEWSBELL_ONE" not in variables()


def test_the_search_for_plugins_is_off_unless_the_user_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS", raising=False)
    without_plugins()
    assert variables()["PYDANTIC_DISABLE_PLUGINS"] == "__all__"

    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "one")
    without_plugins()
    assert variables()["PYDANTIC_DISABLE_PLUGINS"] == "one"
