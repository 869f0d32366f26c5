"""When digests and instant alerts are due. Cron lines mean what crontab(5) means, in the profile's own time zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim

from alerts.record import record
from monitor.model import ProfileState

EVERY_PASS = "@run"
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# A window's end so far ahead was written under a wrong clock; a jump of a day or two heals by itself.
_IMPOSSIBLE = 3 * _DAY


@record
class DigestClock:
    """A profile's times: a cron line or ``@run``, an IANA zone, hours without messages such as ``22:00-06:00``."""

    schedule: str
    timezone: str = "UTC"
    quiet: str | None = None
    instant_per_hour: int = 4


@record
class Window:
    """A digest tells what was found in [start, end)."""

    start: datetime
    end: datetime


def opens(state: ProfileState, now: datetime) -> bool:
    """Whether this pass only opens a profile's first window (or anew, after a clock that was days ahead)."""
    return state.window_end is None or state.window_end - now > _IMPOSSIBLE


def due_window(
    clock: DigestClock, state: ProfileState, now: datetime, *, found_something: bool, first_backlog: bool = False
) -> Window | None:
    """The window that ends now, or None.

    Due when a fire time lies after the last window's end and not after ``now``, outside the quiet hours: so a missed
    one is caught up once, and several missed ones are one. ``@run``: when something was found.
    ``first_backlog``: a profile's first pass with something found makes a digest at once.
    """
    if is_quiet(clock, now):
        return None
    if state.window_end is None or opens(state, now):
        return Window(now - _DAY, now) if first_backlog and found_something else None
    if now <= state.window_end:
        return None
    if clock.schedule == EVERY_PASS:
        due = found_something
    else:
        # Cron fires on whole minutes, so the seconds say nothing, and one answer serves all profiles of one pass.
        minute = state.window_end.replace(second=0, microsecond=0)
        due = next_fire(clock.schedule, clock.timezone, minute) <= now
    return Window(state.window_end, now) if due else None


def instant_due(clock: DigestClock, state: ProfileState, now: datetime) -> bool:
    """Whether an instant alert may go now: outside the quiet hours, and fewer than the cap in the last hour.

    What may not go waits, and is told together later.
    """
    recent = sum(now - _HOUR < sent <= now for sent in state.instant_sent)
    return recent < clock.instant_per_hour and not is_quiet(clock, now)


def upcoming(clock: DigestClock, state: ProfileState, now: datetime, count: int) -> Sequence[datetime]:
    """The next ``count`` times at which a digest will be due, in UTC; none for ``@run``.

    An overdue one stands first, as ``now`` or the end of the quiet hours.
    """
    if clock.schedule == EVERY_PASS:
        return ()
    after = now if state.window_end is None or opens(state, now) else state.window_end
    times: list[datetime] = []
    for fire in fires(clock.schedule, clock.timezone, after):
        at = quiet_end(clock, max(fire, now))
        if not times or at > times[-1]:
            times.append(at)
        if len(times) == count:
            break
    return times


@lru_cache(maxsize=16_384)
def next_fire(schedule: str, timezone: str, after: datetime) -> datetime:
    """The first fire time of a cron line after ``after``, in UTC; the end of time when there is none."""
    return next(fires(schedule, timezone, after), datetime.max.replace(tzinfo=UTC))


def fires(schedule: str, timezone: str, after: datetime) -> Iterator[datetime]:
    """The fire times of a cron line after ``after``, ascending, in UTC, each once.

    As in Debian's cron, a job inside the hour that spring leaves out runs at its end, and one inside the hour that
    autumn repeats runs once; jobs of every hour or minute follow the real time.
    """
    last = after
    # CronSim drops the fold of a repeated hour, so it may begin with a time that has passed.
    for fire in CronSim(schedule, after.astimezone(ZoneInfo(timezone))):
        at = fire.astimezone(UTC)
        if at > last:
            last = at
            yield at


def is_quiet(clock: DigestClock, now: datetime) -> bool:
    """Whether ``now`` lies in the quiet hours, by the wall clock of the profile's zone."""
    if clock.quiet is None:
        return False
    start, end = _hours(clock.quiet)
    wall = now.astimezone(ZoneInfo(clock.timezone)).time()
    return start <= wall < end if start <= end else wall >= start or wall < end


def quiet_end(clock: DigestClock, at: datetime) -> datetime:
    """``at``, or when it is in the quiet hours their end, in UTC."""
    if clock.quiet is None or not is_quiet(clock, at):
        return at
    _, end = _hours(clock.quiet)
    zone = ZoneInfo(clock.timezone)
    local = at.astimezone(zone)
    day = local.date() if local.time() < end else local.date() + _DAY
    over = datetime.combine(day, end)
    while _is_skipped(over, zone):
        over += _MINUTE
    first, second = (over.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first if first > at else second


def _is_skipped(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall


@lru_cache(maxsize=256)
def _hours(quiet: str) -> tuple[time, time]:
    start, _, end = quiet.partition("-")
    return time.fromisoformat(start), time.fromisoformat(end)
