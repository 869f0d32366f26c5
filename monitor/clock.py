"""The clock adapters: the only place that asks the machine what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back, for measuring durations."""
        return time.monotonic()

    def cpu(self) -> float:
        """CPU seconds of this process so far."""
        return time.process_time()


class FixedClock:
    """A clock that stands still until it is moved, for tests and simulations."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """The moment it was set to."""
        return self._now

    def monotonic(self) -> float:
        """The same moment as seconds."""
        return self._now.timestamp()

    def cpu(self) -> float:
        """No CPU time passes here."""
        return 0.0

    def advance(self, step: timedelta) -> datetime:
        """Move on by ``step`` (back when negative) and return the new moment."""
        self._now += step
        return self._now

    def set(self, now: datetime) -> None:
        """Jump to ``now``."""
        self._now = now.astimezone(UTC)
