"""What a worker has done since it last reported: its jobs add to it, and a report takes it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.deliver import DeliverReport
from monitor.cycle.tools import PollTotals
from monitor.model import PassReport

_PROBLEMS = 100  # lines of a report at most: of a million feeds many fail at any time


@dataclass(slots=True)
class Ledger:
    """``since``: when it was begun; ``cpu``: the CPU seconds that the program had used by then."""

    since: datetime
    cpu: float
    polls: PollTotals = field(default_factory=PollTotals)
    digests: int = 0
    uncomposed: list[str] = field(default_factory=list)
    sent: int = 0
    undelivered: int = 0
    dead: int = 0

    def __bool__(self) -> bool:
        """Whether there is anything to report."""
        return bool(self.polls.polled or self.digests or self.uncomposed or self.sent or self.undelivered or self.dead)

    def polled(self, totals: PollTotals) -> None:
        """Add the polls of a shard."""
        mine = self.polls
        mine.polled += totals.polled
        mine.unchanged += totals.unchanged
        mine.failed += totals.failed
        mine.new += totals.new
        mine.matches += totals.matches
        mine.failures += totals.failures
        for stage, seconds in totals.cpu.items():
            mine.cpu[stage] = mine.cpu.get(stage, 0.0) + seconds

    def told(self, digests: int, uncomposed: Sequence[str]) -> None:
        """Add digests, and what could not be composed."""
        self.digests += digests
        self.uncomposed += uncomposed

    def delivered(self, report: DeliverReport) -> None:
        """Add attempts to deliver."""
        self.sent += len(report.sent)
        self.undelivered += len(report.failed)
        self.dead += len(report.dead)

    def report(self, now: datetime, cpu: float, before: PassReport | None) -> PassReport:
        """All of it as the report of a pass that ends now; ``before``: the last one of any worker."""
        polls = self.polls
        failures = [failed.line for failed in polls.failures]
        return PassReport(
            started=self.since,
            finished=now,
            polled=polls.polled,
            unchanged=polls.unchanged,
            failed=polls.failed,
            new=polls.new,
            matched=len(polls.matches),
            digests=self.digests,
            sent=self.sent,
            undelivered=self.undelivered,
            dead=self.dead + len(self.uncomposed),
            problems=(*self.uncomposed, *failures)[:_PROBLEMS],
            gap=max(timedelta(0), self.since - before.started) if before else None,
            durations={**polls.cpu, "all": cpu - self.cpu},
        )
