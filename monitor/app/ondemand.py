"""Parts that are built when they are first used: a pass in which nothing is due loads no HTTP client and no parser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


def on_demand(build: Callable[[], T]) -> T:
    """A stand-in for what ``build`` gives, which is asked anew at each use: let it remember."""
    return cast(T, _OnDemand(build))


class _OnDemand:
    def __init__(self, build: Callable[[], object]) -> None:
        self._build = build

    def __getattr__(self, name: str) -> Any:
        return getattr(self._build(), name)
