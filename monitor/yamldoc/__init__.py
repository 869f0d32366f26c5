"""YAML with places: nodes that keep line and column, checked as sections, every mistake in a user's words.

YAML 1.2 meaning (core schema, chapter 10.3 of the specification: ``NO`` is text), no aliases, no merge keys,
no tags, no duplicate keys. Pure: text in, values or ``ConfigError`` out. PyYAML is not imported before a document is
read, pydantic not before one is validated: a section alone needs neither.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from monitor.yamldoc.invalid import InvalidValueError

if TYPE_CHECKING:
    from monitor.yamldoc.document import Document, Located, Path, load

__all__ = ["Document", "InvalidValueError", "Located", "Path", "load"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.document"), name)
