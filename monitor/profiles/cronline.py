"""When digests are due, as a user writes it: what crontab(5) takes, and what to write in place of what it does not."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from monitor.yamldoc import InvalidValueError

EVERY_PASS = "@run"
_FIVE = 'five fields, such as "0 7 * * mon-fri"'
_SOMETIME = datetime(2000, 1, 1, tzinfo=UTC)
_NICKNAMES = {
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "midnight": "0 0 * * *",
    "weekly": "0 0 * * 0",
    "monthly": "0 0 1 * *",
    "yearly": "0 0 1 1 *",
    "annually": "0 0 1 1 *",
}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def check_schedule(written: str) -> None:
    """Raise ``InvalidValueError`` unless ``written`` is a cron line whose days come, or ``@run``."""
    if written == EVERY_PASS:
        return
    if meant := _meant(written):
        raise InvalidValueError(f'"{written}" is not a cron line', f'write "{meant}"')
    fields = written.split()
    error = _fault(written)
    if error is None:
        if next(CronSim(written, _SOMETIME), None) is None:
            message = f"a date that never comes: day {fields[2]} on weekday {fields[4]}"
            raise InvalidValueError(message, "name days of the month or of the week, not both")
        return
    if len(fields) == 5 and not _fault(" ".join([*fields[:3], "*", fields[4]])) and not _fault_of_month(fields):
        message = f"a date that never comes: day {fields[2]} of month {fields[3]}"
        raise InvalidValueError(message, "choose a day that the month has")
    raise InvalidValueError(f"not a cron line: {str(error).lower()}", _FIVE)


def _meant(written: str) -> str:
    """The cron line for one of cron's nicknames or a time of day, "" for anything else."""
    if time := _TIME.fullmatch(written.strip()):
        return f"{int(time[2])} {int(time[1])} * * *"
    return _NICKNAMES.get(written.strip().lower().removeprefix("@"), "")


def _fault(line: str) -> CronSimError | None:
    try:
        CronSim(line, _SOMETIME)
    except CronSimError as error:
        return error
    return None


def _fault_of_month(fields: list[str]) -> CronSimError | None:
    return _fault(" ".join([*fields[:2], "*", *fields[3:]]))
