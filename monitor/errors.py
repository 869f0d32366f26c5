"""Errors of the monitor. Their texts are written for the user: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

from alerts.errors import DeliveryError, NewsbellError, TemplateError
from alerts.record import record

__all__ = [
    "ConfigError",
    "DeliveryError",
    "FetchError",
    "NewsbellError",
    "ParseError",
    "Problem",
    "StoreBusyError",
    "StoreError",
    "StoreInUseError",
    "TemplateError",
]


@record
class Problem:
    """One mistake in a file. ``line`` and ``column`` count from 1; ``key`` is the path, such as ``feeds[3].url``."""

    file: str
    line: int
    column: int
    key: str
    message: str
    hint: str = ""
    source: str = ""  # the line itself, to show with a caret under the column

    @property
    def place(self) -> tuple[str, int, int]:
        """Where it is: file, line, column."""
        return self.file, self.line, self.column

    def __lt__(self, other: Problem) -> bool:
        return astuple(self) < astuple(other)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: "
        key = f"{self.key}: " if self.key else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}{key}{self.message}{hint}"


class ConfigError(NewsbellError):
    """The configuration is not valid. ``problems`` holds every mistake, sorted by place; the text has one a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class FetchError(NewsbellError):
    """A feed could not be fetched. ``permanent``: asking again soon cannot help."""

    def __init__(self, url: str, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.url = url
        self.permanent = permanent


class ParseError(NewsbellError):
    """What a feed's address served cannot be read as a feed."""

    def __init__(self, url: str, message: str) -> None:
        super().__init__(message)
        self.url = url


class StoreError(NewsbellError):
    """The store cannot be read or written: damaged, full, read-only, newer than this program."""


class StoreBusyError(StoreError):
    """Two workers stood in each other's way, and this one gave way: the same again may well succeed."""


class StoreInUseError(StoreError):
    """Somebody else works on a store that is to have one user, or many of another kind: nothing was done."""
