"""YAML with places: nodes that keep line and column, validated by a pydantic model, every mistake in a user's words.

YAML 1.2 meaning (core schema, chapter 10.3 of the specification: ``NO`` is text), no aliases, no merge keys,
no tags, no duplicate keys. Pure: text in, values or ``ConfigError`` out. pydantic is not imported before a model
is validated.
"""

from monitor.yamldoc.document import Document, Located, Path, load
from monitor.yamldoc.invalid import InvalidValueError

__all__ = ["Document", "InvalidValueError", "Located", "Path", "load"]
