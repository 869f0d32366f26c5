"""The kinds of values of a watch profile as pydantic checks them and the JSON Schema shows them."""

from __future__ import annotations

import re
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, FiniteFloat, ValidatorFunctionWrapHandler, WrapValidator

from monitor.profiles.cronline import check_schedule
from monitor.yamldoc import InvalidValueError

__all__ = [
    "Field",
    "FiniteFloat",
    "Name",
    "QuietHours",
    "RegularExpression",
    "Schedule",
    "Text",
    "TimeZone",
    "WrapValidator",
    "within_near",
]

_QUIET = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d")


def _is_regex(value: str) -> str:
    from monitor.profiles.expression import check_expression  # regex takes as long to load as twenty profiles to check

    check_expression(value)
    return value


def _is_cron(value: str) -> str:
    check_schedule(value)
    return value


def _is_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidValueError(f"no time zone is called {value}", "an IANA name, such as Asia/Vientiane") from None
    return value


def _is_quiet(value: str) -> str:
    if not _QUIET.fullmatch(value):
        raise InvalidValueError("not two times of day", "such as 22:00-06:00")
    start, _, end = value.partition("-")
    if start == end:
        raise InvalidValueError("begins and ends at the same time: no hour would be quiet", "such as 22:00-06:00")
    return value


def within_near(given: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """A term for which ``within`` was only given with ``near``: elsewhere it would say nothing."""
    term = check(given)
    if not term.near and isinstance(given, dict) and "within" in given:
        raise InvalidValueError("within belongs to near", "such as {near: [upgrade, ties], within: 6}", at=("within",))
    return term


Text = Annotated[str, Field(min_length=1, max_length=300)]
"""A word, a phrase, an address."""

Name = Annotated[str, Field(min_length=1, max_length=80)]
"""What something is called."""

RegularExpression = Annotated[Text, AfterValidator(_is_regex)]
"""A regular expression."""

Schedule = Annotated[Name, AfterValidator(_is_cron)]
"""A crontab(5) line, or ``@run``."""

TimeZone = Annotated[Name, AfterValidator(_is_zone)]
"""The IANA name of a time zone."""

QuietHours = Annotated[str, AfterValidator(_is_quiet)]
"""Two times of day."""
