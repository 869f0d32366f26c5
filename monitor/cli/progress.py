"""The progress bar of a pass, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from monitor.model import FeedRecord, Match


class Bar:
    """Shows feeds done of feeds due, and how many entries have matched; cleared when the polls are over."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("Polling feeds"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[found]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("feeds", total=None, found="")
        self._matched = 0
        self._failed = 0

    def polling(self, total: int) -> None:
        """Start, or take note of more feeds."""
        self._progress.start()
        self._progress.update(self._task, total=total)

    def polled(self, record: FeedRecord, ok: bool) -> None:
        """Count one feed."""
        self._failed += not ok
        self._progress.update(self._task, advance=1, found=self._found())

    def matched(self, matches: Sequence[Match]) -> None:
        """Count matches."""
        self._matched += len(matches)
        self._progress.update(self._task, found=self._found())

    def finished(self) -> None:
        """Take the bar away."""
        self._progress.stop()

    def _found(self) -> str:
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{self._matched} matched{failed}"
