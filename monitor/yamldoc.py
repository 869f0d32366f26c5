"""YAML with places: composed nodes that keep line and column, validated by a pydantic model.

YAML 1.2 meaning (``NO`` is a string), no aliases, no duplicate keys.
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


def load(text: str, *, file: str, model: type[M]) -> M:
    """Validate ``text`` as a ``model``; raises ``ConfigError`` with every mistake of the file, each with its place."""
    raise NotImplementedError
