"""When digests and instant alerts are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.model import ProfileState
from monitor.schedule import DigestClock, Window, due_window, instant_due, opens, upcoming
from monitor.schedule.windows import fires, is_quiet, quiet_end
from tests.examples import examples
from tests.monitor.schedule.samples import DAY, HOUR, MINUTE, SECOND

BERLIN, VIENTIANE = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Vientiane")
DAILY = DigestClock("0 7 * * *", "Europe/Berlin")


def berlin(*moment: int, fold: int = 0) -> datetime:
    return datetime(*moment, tzinfo=BERLIN, fold=fold).astimezone(UTC)  # type: ignore[misc, arg-type]


def opened(at: datetime) -> ProfileState:
    """A profile whose last window ended at ``at``."""
    return ProfileState("japan", window_end=at)


def due(clock: DigestClock, state: ProfileState, now: datetime, *, found: bool = True) -> Window | None:
    return due_window(clock, state, now, found_something=found)


def windows(clock: DigestClock, start: datetime, passes: list[datetime], *, found: bool = True) -> list[Window]:
    """The windows of passes at the given times, of a profile opened at ``start``."""
    state, ended = opened(start), []
    for now in passes:
        if opens(state, now):
            state = replace(state, window_end=now)
        elif window := due(clock, state, now, found=found):
            ended.append(window)
            state = replace(state, window_end=window.end)
    return ended


def every(step: timedelta, start: datetime, end: datetime) -> list[datetime]:
    return [start + number * step for number in range(1, (end - start) // step + 1)]


def local(window: Window, zone: ZoneInfo = BERLIN) -> str:
    return f"{window.end.astimezone(zone):%d %H:%M}"


# by the clock -----------------------------------------------------------------------------------------


def test_a_digest_is_due_at_its_time_and_once() -> None:
    start = berlin(2025, 5, 1, 12)
    ends = windows(DAILY, start, every(10 * MINUTE, start, start + 3 * DAY))

    assert [local(window) for window in ends] == ["02 07:00", "03 07:00", "04 07:00"]


@pytest.mark.parametrize(
    ("ended", "is_due"),
    [(-MINUTE, True), (-SECOND, True), (timedelta(microseconds=-1), True), (timedelta(0), False), (SECOND, False)],
)
def test_the_seconds_of_a_windows_end_decide_nothing(ended: timedelta, is_due: bool) -> None:
    """A window that ended within the minute before the fire time is due at it, one that ended at it or later is not."""
    fire = berlin(2026, 3, 2, 7)
    assert (due(DAILY, opened(fire + ended), fire + MINUTE) is not None) is is_due


def test_a_late_pass_ends_the_window_when_it_comes() -> None:
    start, now = berlin(2025, 5, 1, 12), berlin(2025, 5, 2, 7, 41)

    assert due(DAILY, opened(start), now) == Window(start, now)


@pytest.mark.parametrize("found", [True, False])
def test_a_window_ends_at_its_time_whether_or_not_something_was_found(found: bool) -> None:
    """Whether an empty one is sent is another question: ``min_items`` and ``send_empty``."""
    assert due(DAILY, opened(berlin(2025, 5, 1, 12)), berlin(2025, 5, 2, 7), found=found)


def test_a_first_pass_only_opens_the_first_window() -> None:
    now = berlin(2025, 5, 2, 7)

    assert due(DAILY, ProfileState("japan"), now) is None
    assert opens(ProfileState("japan"), now)
    assert not opens(opened(now), now)


@pytest.mark.parametrize("schedule", ["0 7 * * *", "@run"])
def test_a_first_pass_with_a_backlog_makes_a_digest_of_it(schedule: str) -> None:
    clock, now, new = DigestClock(schedule), berlin(2025, 5, 2, 9), ProfileState("japan")

    window = due_window(clock, new, now, found_something=True, first_backlog=True)

    assert window is not None
    assert window.start < window.end == now
    assert due_window(clock, new, now, found_something=False, first_backlog=True) is None
    assert due_window(DAILY, opened(now), now + HOUR, found_something=True, first_backlog=True) is None


def test_with_run_every_pass_that_found_something_is_due() -> None:
    clock, start = DigestClock("@run"), berlin(2025, 5, 1, 12)

    assert due(clock, opened(start), start + HOUR) == Window(start, start + HOUR)
    assert due(clock, opened(start), start + HOUR, found=False) is None
    assert due(clock, opened(start), start) is None
    assert due(clock, opened(start), start - HOUR) is None, "a clock that went back"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 7 * * mon-fri", ["01 07:00", "02 07:00", "05 07:00"]),
        ("0 7 * * 0", ["04 07:00", "11 07:00", "18 07:00"]),
        ("0 7 * * 7", ["04 07:00", "11 07:00", "18 07:00"]),
        ("30 6,18 * * *", ["01 06:30", "01 18:30", "02 06:30"]),
        ("0 7 13 * fri", ["02 07:00", "09 07:00", "13 07:00"]),
        ("0 */8 * * *", ["01 08:00", "01 16:00", "02 00:00"]),
        ("0 7 l * *", ["31 07:00", "30 07:00", "31 07:00"]),
    ],
)
def test_cron_lines_mean_what_crontab_says(line: str, expected: list[str]) -> None:
    times = upcoming(DigestClock(line, "Europe/Berlin"), opened(berlin(2025, 5, 1)), berlin(2025, 5, 1), 3)

    assert [f"{time.astimezone(BERLIN):%d %H:%M}" for time in times] == expected


MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "sun mon tue wed thu fri sat".split()


def numbers(field: str, first: int, last: int, names: list[str] | None = None) -> set[int]:
    """The numbers that a field of crontab(5) stands for, written down from its manual page."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, _, high = (str(first) if span == "*" else span).partition("-")
        ends = [names.index(end) + first if names and end in names else int(end) for end in (low, high or low)]
        found |= set(range(ends[0], (last if span == "*" else ends[1]) + 1, int(step or 1)))
    return found


def by_the_manual(line: str, start: datetime, span: int) -> list[datetime]:
    """The moments of the ``span`` days after ``start`` at which crontab(5) says that a line's command is run."""
    minute, hour, day, month, weekday = line.split()
    weekdays = {number % 7 for number in numbers(weekday, 0, 7, WEEKDAYS)}
    days, months = numbers(day, 1, 31), numbers(month, 1, 12, MONTHS)
    either = not day.startswith("*") and not weekday.startswith("*")
    moments = []
    for at in (start + number * DAY for number in range(span)):
        fits = at.day in days, at.isoweekday() % 7 in weekdays
        if at.month in months and (any(fits) if either else all(fits)):
            hours = sorted(numbers(hour, 0, 23))
            moments += [at.replace(hour=h, minute=m) for h in hours for m in sorted(numbers(minute, 0, 59))]
    return [moment for moment in moments if moment > start]


@examples(0.3)
@given(
    st.builds(
        "{} {} {} {} {}".format,
        st.sampled_from(["0", "30", "5,45", "*/20", "10-20/5", "50-59", "0,1,2"]),
        st.sampled_from(["7", "0", "23", "*/6", "6,18", "1-3", "2-20/9"]),
        st.sampled_from(["*", "1", "13", "29,31", "1-7", "*/5", "10,20"]),  # a day that no month has is refused
        st.sampled_from(["*", "2", "feb", "1-3", "mar,apr", "*/2"]),
        st.sampled_from(["*", "0", "7", "sun", "mon-fri", "1,3,5", "sat", "*/2", "fri-7"]),
    )
)
def test_a_line_runs_when_the_manual_page_of_crontab_says(line: str) -> None:
    """Where a day and a weekday are both given, either will do; 0 and 7 are Sunday."""
    start = datetime(2025, 1, 30, tzinfo=UTC)
    end = start + 75 * DAY
    assert list(takewhile(lambda at: at < end, fires(line, "UTC", start))) == by_the_manual(line, start, 75)


@pytest.mark.parametrize(
    ("ahead", "anew"),
    [(-9 * DAY, False), (timedelta(0), False), (2 * DAY, False), (3 * DAY, False), (3 * DAY + SECOND, True)],
)
def test_a_window_that_ends_more_than_three_days_ahead_is_no_window(ahead: timedelta, anew: bool) -> None:
    now = berlin(2025, 5, 1, 12)
    assert opens(opened(now + ahead), now) is anew
    assert opens(ProfileState("japan"), now)


@pytest.mark.parametrize(
    ("ago", "cap", "free"),
    [
        ((), 1, True),
        ((), 0, False),
        ((0,), 1, False),
        ((59,), 1, False),
        ((60,), 1, True),
        ((61, 99), 1, True),
        ((1, 2, 3), 4, True),
        ((1, 2, 3, 4), 4, False),
        ((1, 2, 3, 60), 4, True),
        ((-1, 1), 2, True),
    ],
)
def test_alerts_of_the_last_hour_count_against_the_cap(ago: tuple[int, ...], cap: int, free: bool) -> None:
    now = berlin(2025, 5, 1, 12)
    state = replace(opened(now), instant_sent=tuple(now - minutes * MINUTE for minutes in ago))
    assert instant_due(replace(DAILY, instant_per_hour=cap), state, now) is free


# missed windows, wrong clocks ---------------------------------------------------------------------------


def test_three_days_asleep_are_one_digest() -> None:
    start = berlin(2025, 5, 1, 12)
    awake = start + 3 * DAY

    ends = windows(DAILY, start, [start + MINUTE, awake, awake + MINUTE, *every(HOUR, awake, awake + DAY)])

    assert ends[0] == Window(start, awake)
    assert [local(window) for window in ends[1:]] == ["05 07:00"]


def test_a_clock_that_goes_back_a_day_repeats_nothing() -> None:
    start = berlin(2025, 5, 1, 12)
    before = every(10 * MINUTE, start, start + DAY)
    again = every(10 * MINUTE, start, start + 2 * DAY)

    ends = windows(DAILY, start, before + again)

    assert [local(window) for window in ends] == ["02 07:00", "03 07:00"]


def test_a_clock_that_jumps_ahead_a_day_and_back_tells_each_day_once() -> None:
    start = berlin(2025, 5, 1, 12)
    ahead = every(10 * MINUTE, start + DAY, start + DAY + HOUR)
    right = every(10 * MINUTE, start, start + 3 * DAY)

    ends = windows(DAILY, start, ahead + right)

    assert [local(window) for window in ends] == ["02 12:10", "03 07:00", "04 07:00"]


def test_a_window_that_ended_years_ahead_is_opened_anew() -> None:
    """The clock stood in 2099 for a moment: without this no digest would come until then."""
    start, wrong = berlin(2025, 5, 1, 12), berlin(2099, 5, 1, 12)

    ends = windows(DAILY, start, [wrong, *every(10 * MINUTE, start, start + 2 * DAY)])

    assert [local(window) for window in ends[1:]] == ["02 07:00", "03 07:00"]


# daylight saving ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "day", "expected"),
    [
        # Spring: 02:00 becomes 03:00.
        ("30 2 * * *", (2025, 3, 30), ["03:00"]),
        ("0 7 * * *", (2025, 3, 30), ["07:00"]),
        ("0 2,3 * * *", (2025, 3, 30), ["03:00"]),
        ("0 1-4 * * *", (2025, 3, 30), ["01:00", "03:00", "04:00"]),
        # Autumn: 03:00 becomes 02:00 again.
        ("30 2 * * *", (2025, 10, 26), ["02:30"]),
        ("0 7 * * *", (2025, 10, 26), ["07:00"]),
        ("0 1-4 * * *", (2025, 10, 26), ["01:00", "02:00", "03:00", "04:00"]),
    ],
)
def test_each_wall_clock_time_runs_once(line: str, day: tuple[int, int, int], expected: list[str]) -> None:
    start = berlin(*day)
    ends = windows(DigestClock(line, "Europe/Berlin"), start - HOUR, every(MINUTE, start - HOUR, berlin(*day, 12)))

    assert [local(window)[3:] for window in ends] == expected


def test_a_job_of_every_hour_follows_the_real_time() -> None:
    for day, hours in (((2025, 3, 30), 23), ((2025, 10, 26), 25)):
        midnight = berlin(*day)
        times = list(fires_between("0 * * * *", "Europe/Berlin", midnight - MINUTE, midnight + 25.5 * HOUR))
        in_day = [time for time in times if time.astimezone(BERLIN).day == day[2]]
        assert len(in_day) == hours


def test_a_window_closed_in_the_repeated_hour_is_not_repeated() -> None:
    clock = DigestClock("30 2 * * *", "Europe/Berlin")
    first = berlin(2025, 10, 26, 2, 30)

    assert due(clock, opened(first), berlin(2025, 10, 26, 2, 40, fold=1)) is None
    assert upcoming(clock, opened(first), first, 1) == [berlin(2025, 10, 27, 2, 30)]


def fires_between(line: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    times = []
    for time in fires(line, zone, start):
        if time > end:
            break
        times.append(time)
    return times


# quiet hours --------------------------------------------------------------------------------------------

QUIET = DigestClock("0 5 * * *", "Europe/Berlin", "22:00-06:00")


@pytest.mark.parametrize(
    ("quiet", "hour", "expected"),
    [
        ("22:00-06:00", (21, 59), False),
        ("22:00-06:00", (22, 0), True),
        ("22:00-06:00", (3, 0), True),
        ("22:00-06:00", (6, 0), False),
        ("12:00-14:00", (11, 59), False),
        ("12:00-14:00", (12, 0), True),
        ("12:00-14:00", (13, 0), True),
        ("12:00-14:00", (14, 0), False),
        ("12:00-12:00", (12, 0), False),
        (None, (3, 0), False),
    ],
)
def test_quiet_hours_are_by_the_wall_clock(quiet: str | None, hour: tuple[int, int], expected: bool) -> None:
    clock = DigestClock("0 5 * * *", "Europe/Berlin", quiet)

    assert is_quiet(clock, berlin(2025, 7, 1, *hour)) is expected
    assert is_quiet(clock, berlin(2025, 12, 1, *hour)) is expected


def test_quiet_hours_hold_a_digest_and_never_drop_it() -> None:
    start = berlin(2025, 5, 1, 12)
    ends = windows(QUIET, start, every(10 * MINUTE, start, start + 2 * DAY))

    assert [local(window) for window in ends] == ["02 06:00", "03 06:00"]
    assert ends[0].start == start


def test_quiet_hours_hold_what_run_found() -> None:
    start = berlin(2025, 5, 1, 21)
    ends = windows(replace(QUIET, schedule="@run"), start, every(HOUR, start, start + 12 * HOUR))

    assert [local(window) for window in ends] == ["02 06:00", "02 07:00", "02 08:00", "02 09:00"]


@pytest.mark.parametrize("day", [(2025, 3, 30), (2025, 10, 26)])
@pytest.mark.parametrize("quiet", ["22:00-06:00", "22:00-02:30", "02:15-02:45", "02:30-08:00"])
@pytest.mark.parametrize("line", ["0 5 * * *", "20 2 * * *", "45 2 * * *", "30 23 * * *"])
def test_on_daylight_saving_days_each_day_has_one_digest(day: tuple[int, int, int], quiet: str, line: str) -> None:
    noon = berlin(*day, 12) - DAY
    ends = windows(DigestClock(line, "Europe/Berlin", quiet), noon, every(5 * MINUTE, noon, noon + 3 * DAY))

    assert len(ends) == 3


def test_quiet_hours_that_end_in_a_repeated_hour_end_twice() -> None:
    """02:30 comes twice that night: after the first one, the half hour before the second is quiet again."""
    clock = replace(QUIET, quiet="22:00-02:30")
    again = berlin(2025, 10, 26, 2, 10, fold=1)

    assert quiet_end(clock, berlin(2025, 10, 26, 2, 10)) == berlin(2025, 10, 26, 2, 30)
    assert quiet_end(clock, again) == berlin(2025, 10, 26, 2, 30, fold=1)


def test_what_comes_next_counts_the_quiet_hours() -> None:
    now = berlin(2025, 5, 1, 12)

    times = upcoming(QUIET, opened(now), now, 2)

    assert times == [berlin(2025, 5, 2, 6), berlin(2025, 5, 3, 6)]


def test_two_that_the_quiet_hours_hold_are_one() -> None:
    now = berlin(2025, 5, 1, 12)

    times = upcoming(replace(QUIET, schedule="0 23,5,7 * * *"), opened(now), now, 3)

    assert times == [berlin(2025, 5, 2, 6), berlin(2025, 5, 2, 7), berlin(2025, 5, 3, 6)]


def test_what_is_overdue_comes_first() -> None:
    start, now = berlin(2025, 5, 1, 12), berlin(2025, 5, 2, 9)

    assert upcoming(DAILY, opened(start), now, 2) == [now, berlin(2025, 5, 3, 7)]
    assert upcoming(DAILY, ProfileState("japan"), now, 1) == [berlin(2025, 5, 3, 7)]
    assert upcoming(DigestClock("@run"), opened(start), now, 3) == ()


def test_a_line_whose_day_never_comes_is_never_due_and_has_no_times() -> None:
    """The configuration refuses it; a store may still hold a profile of another version."""
    never, start = DigestClock("0 7 */16 * mon#5", "Europe/Berlin"), berlin(2025, 5, 1, 12)

    assert upcoming(never, opened(start), start, 3) == []
    assert due(never, opened(start), start + 40 * DAY) is None


@pytest.mark.parametrize("quiet", ["22:00-02:00", "22:00-02:30", "22:00-02:59", "22:00-03:00"])
def test_quiet_hours_that_end_in_the_hour_that_spring_leaves_out_end_with_it(quiet: str) -> None:
    late = berlin(2025, 3, 29, 23)

    assert quiet_end(replace(QUIET, quiet=quiet), late) == datetime(2025, 3, 30, 1, 0, tzinfo=UTC)


# instant alerts -----------------------------------------------------------------------------------------


def test_the_instant_lane_has_a_cap_of_an_hour() -> None:
    clock, now = DigestClock("0 7 * * *", instant_per_hour=2), berlin(2025, 5, 1, 12)
    state, sent = opened(now), []
    for at in every(5 * MINUTE, now, now + 3 * HOUR):
        if instant_due(clock, state, at):
            sent.append(at)
            state = replace(state, instant_sent=(*state.instant_sent, at))

    assert len(sent) == 6
    assert all(third - first >= HOUR for first, third in zip(sent, sent[2:], strict=False))


def test_the_instant_lane_keeps_the_quiet_hours() -> None:
    assert instant_due(QUIET, opened(berlin(2025, 5, 1)), berlin(2025, 5, 1, 3)) is False
    assert instant_due(QUIET, opened(berlin(2025, 5, 1)), berlin(2025, 5, 1, 6)) is True


def test_an_alert_of_a_clock_that_was_ahead_does_not_count() -> None:
    now = berlin(2025, 5, 1, 12)
    state = replace(opened(now), instant_sent=(now + DAY,) * 9)

    assert instant_due(DAILY, state, now) is True


# what always holds --------------------------------------------------------------------------------------

minutes = st.sampled_from(["0", "30", "*/20", "5,45", "59", "*"])
hours = st.sampled_from(["*", "2", "0", "7", "1-4", "*/6", "2,3", "23"])
days = st.sampled_from(["*", "1", "13", "*/5", "L", "28-31"])
weekdays = st.sampled_from(["*", "mon-fri", "0", "7", "sun", "1,3"])
lines = st.builds(lambda *parts: " ".join(parts), minutes, hours, days, st.sampled_from(["*", "3", "10,11"]), weekdays)
zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Vientiane", "Australia/Lord_Howe", "Asia/Kathmandu",
     "America/St_Johns", "Africa/Casablanca", "Pacific/Apia"]
)  # fmt: skip
quiets = st.sampled_from([None, "22:00-06:00", "01:30-02:30", "00:00-22:00", "02:00-03:00"])
# Around both changes of many zones.
starts = st.sampled_from(
    [datetime(2025, 3, 8, tzinfo=UTC), datetime(2025, 3, 29, tzinfo=UTC), datetime(2025, 4, 5, tzinfo=UTC),
     datetime(2025, 10, 25, tzinfo=UTC), datetime(2025, 11, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)]
)  # fmt: skip
steps = st.one_of(
    st.timedeltas(SECOND, 2 * HOUR),
    st.timedeltas(SECOND, 2 * HOUR),
    st.sampled_from([DAY, -DAY, 3 * DAY, -HOUR, timedelta(0)]),
)
clocks = st.builds(DigestClock, lines, zones, quiets)


@given(clock=clocks, start=starts, jumps=st.lists(steps, max_size=25))
def test_windows_are_disjoint_ordered_and_without_gaps(
    clock: DigestClock, start: datetime, jumps: list[timedelta]
) -> None:
    passes = [start]
    for jump in jumps:
        passes.append(passes[-1] + jump)
    assume(max(passes) - min(passes) < 3 * DAY or passes == sorted(passes))  # else the first window opens anew

    ends = windows(clock, start, passes[1:])

    assert all(earlier.end == later.start for earlier, later in pairwise(ends))
    assert all(window.start < window.end for window in ends)
    assert all(window.start == start for window in ends[:1])
    assert not any(is_quiet(clock, window.end) for window in ends)
    for window in ends:
        assert fires_between(clock.schedule, clock.timezone, window.start, window.end)


@given(clock=clocks, start=starts, step=st.sampled_from([7 * MINUTE, 45 * MINUTE]))
def test_no_fire_time_is_lost_or_told_twice(clock: DigestClock, start: datetime, step: timedelta) -> None:
    """Each fire time lies in one window, which ends with the first pass after it that is in no quiet hours."""
    end = start + 2 * DAY
    passes = every(step, start, end)
    ends = windows(clock, start, passes)

    for fire in fires_between(clock.schedule, clock.timezone, start, end - DAY - step):
        (window,) = [window for window in ends if window.start < fire <= window.end]
        assert window.end == next(now for now in passes if now >= fire and not is_quiet(clock, now))


@given(clock=clocks, start=starts, ahead=st.timedeltas(timedelta(0), 2 * DAY))
def test_upcoming_says_when_passes_will_find_it_due(clock: DigestClock, start: datetime, ahead: timedelta) -> None:
    now = start + ahead
    state = opened(start)
    times = upcoming(clock, state, now, 3)

    assert list(times) == sorted(set(times))
    assume(times)
    first = times[0]
    assert due(clock, state, first)
    assert first == now or not due(clock, state, first - SECOND)


@given(clock=clocks, start=starts, ahead=st.timedeltas(timedelta(0), 2 * DAY))
def test_quiet_hours_end(clock: DigestClock, start: datetime, ahead: timedelta) -> None:
    at = start + ahead
    end = quiet_end(clock, at)

    assert at <= end <= at + DAY + HOUR
    assert not is_quiet(clock, end)
    assert end == at or is_quiet(clock, end - SECOND)
