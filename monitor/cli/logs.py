"""Log lines: for a person on a terminal, for the journal, or for a log collector. One event, one line."""

from __future__ import annotations

import json
import logging
import sys
from typing import TextIO

FORMATS = ("auto", "human", "journal", "logfmt", "json")
LEVELS = {"error": -1, "warning": 0, "info": 1, "debug": 2}  # names of verbosities

# sd-daemon(3): "<3>" in front of a line gives it a priority in the journal.
_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


def escape(text: str) -> str:
    """``text`` with everything that could end a line or steer a terminal made visible."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class _Plain(logging.Formatter):
    """The message, with its traceback indented below: the only line that may be followed by others."""

    def format(self, record: logging.LogRecord) -> str:
        text = escape(record.getMessage())
        if record.exc_info:
            text += "\n" + "\n".join(
                "    " + escape(line) for line in self.formatException(record.exc_info).splitlines()
            )
        return text


class _Human(_Plain):
    def format(self, record: logging.LogRecord) -> str:
        level = "" if record.levelno < logging.WARNING else record.levelname.lower() + ": "
        return f"{self.formatTime(record, '%H:%M:%S')} {level}{super().format(record)}"


class _Journal(_Plain):
    def format(self, record: logging.LogRecord) -> str:
        priority = f"<{_PRIORITY.get(record.levelno, 6)}>"
        return "\n".join(priority + line for line in super().format(record).splitlines())


class _Fields(logging.Formatter):
    def fields(self, record: logging.LogRecord) -> dict[str, str]:
        fields = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return fields


class _Json(_Fields):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.fields(record))


class _Logfmt(_Fields):
    def format(self, record: logging.LogRecord) -> str:
        return " ".join(f"{name}={json.dumps(value)}" for name, value in self.fields(record).items())


_FORMATTERS: dict[str, type[logging.Formatter]] = {
    "human": _Human,
    "journal": _Journal,
    "json": _Json,
    "logfmt": _Logfmt,
}


def set_up(verbosity: int, form: str = "auto", *, under_journal: bool = False, stream: TextIO | None = None) -> None:
    """Send log records to ``stream`` (standard error by default).

    ``verbosity``: -1 errors only, 0 warnings, 1 what a pass does, 2 everything. ``form`` is one of ``FORMATS``;
    ``auto`` is for people on a terminal, with priorities under the journal, else logfmt.
    """
    stream = stream or sys.stderr
    if form == "auto":
        form = "journal" if under_journal else "human" if stream.isatty() else "logfmt"
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_FORMATTERS[form]())
    levels = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}
    for name in ("monitor", "alerts"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(levels.get(verbosity, logging.DEBUG))
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
