"""The files around the code say the same as the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_dependency_has_a_floor_and_a_reason() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").casefold()
    for requirement in PROJECT["dependencies"]:
        name, floor = re.fullmatch(r"([\w.-]+)(?:\[\w+\])?>=([\d.]+).*", requirement).groups()  # type: ignore[union-attr]
        assert floor
        assert name.casefold() in reasons, f"{name} has no reason in docs/dependencies.md"


def test_pre_commit_runs_what_the_whole_check_runs() -> None:
    [repository] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    hooks = {hook["entry"] for hook in repository["hooks"]}
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ntest:")[2].partition("\n\n")[0]
    for tool in ("ruff check", "ruff format", "mypy", "lint-imports"):
        assert tool in recipe
        assert any(tool in entry for entry in hooks)
    assert all(entry.startswith(".venv/bin/") for entry in hooks)
