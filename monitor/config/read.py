"""Files into documents; what cannot be read is a mistake in the configuration like any other."""

from __future__ import annotations

from pathlib import Path

from monitor.config.sources import content
from monitor.errors import ConfigError, Problem
from monitor.yamldoc import Document

_ENCODING = "save the file as UTF-8"


def read_text(path: Path) -> str:
    """The text of a file; raises ``ConfigError`` when it cannot be read or is not UTF-8."""
    try:
        raw = content(path)
    except OSError as error:
        raise ConfigError([Problem(str(path), 1, 1, "", f"cannot be read: {error.strerror}")]) from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8").split("\n")
        message = f"the byte 0x{raw[error.start]:02X} is not UTF-8"
        raise ConfigError([Problem(str(path), len(before), len(before[-1]) + 1, "", message, _ENCODING)]) from None


def read_document(path: Path) -> Document:
    """The YAML document in a file; raises ``ConfigError`` when it cannot be read or is no YAML."""
    return Document.parse(read_text(path), str(path))
