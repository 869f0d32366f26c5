"""What a user writes as a schedule, and what is said to it."""

from __future__ import annotations

import pytest

from monitor.profiles.cronline import check_schedule
from monitor.yamldoc import InvalidValueError


@pytest.mark.parametrize(
    "line",
    [
        "@run",
        "0 7 * * mon#5",
        "0 7 * * mon-fri",
        "0 7 29 2 *",
        "0 7 29 2 */7",
        "0 7 31 * *",
        "0 7 31 2 mon",
        "*/15 6-22 * * 7",
    ],
)
def test_cron_lines_are_taken(line: str) -> None:
    check_schedule(line)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("0 7 31 2 *", "a date that never comes: day 31 of month 2", "choose a day that the month has"),
        ("0 7 31 apr,6 *", "a date that never comes: day 31 of month apr,6", "choose a day that the month has"),
        (
            "0 7 */16 * mon#5",  # a day that is the 1st or 17th, and the month's fifth Monday
            "a date that never comes: day */16 on weekday mon#5",
            "name days of the month or of the week, not both",
        ),
        ("@daily", '"@daily" is not a cron line', 'write "0 0 * * *"'),
        ("@Weekly", '"@Weekly" is not a cron line', 'write "0 0 * * 0"'),
        ("hourly", '"hourly" is not a cron line', 'write "0 * * * *"'),
        ("7:30", '"7:30" is not a cron line', 'write "30 7 * * *"'),
        ("0 7 32 * *", "not a cron line: bad day-of-month", 'five fields, such as "0 7 * * mon-fri"'),
        ("0 7 31 13 *", "not a cron line: bad month", 'five fields, such as "0 7 * * mon-fri"'),
        ("0 7 * *", "not a cron line: wrong number of fields", 'five fields, such as "0 7 * * mon-fri"'),
        ("@reboot", "not a cron line: wrong number of fields", 'five fields, such as "0 7 * * mon-fri"'),
    ],
)
def test_others_are_refused_with_what_to_write(line: str, message: str, hint: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        check_schedule(line)
    assert (caught.value.message, caught.value.hint) == (message, hint)
