"""What the user would do well to change, seen from how the feeds behave. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from monitor.model import FeedRecord, PassReport
from monitor.schedule import turnover

_OFTEN = timedelta(minutes=15)  # no more is asked of cron
_SHARE_SEEN = 0.5  # a look at least every half turnover keeps nearly every entry in sight


def advice(feeds: Callable[[], Iterable[FeedRecord]], report: PassReport | None) -> Iterator[str]:
    """One line for each thing to mend; ``report`` is the last pass. ``feeds`` is asked only where it matters."""
    if report is None or report.gap is None or report.gap < _OFTEN * 1.1:
        return  # passes are as close as is asked for; cron is not exact
    gap = report.gap
    hasty = [feed for feed in feeds() if (span := turnover(feed.memory, report.finished)) and gap > span * _SHARE_SEEN]
    if hasty:
        names = ", ".join(feed.title or feed.feed.url for feed in hasty[:3])
        more = f" and {len(hasty) - 3} more" if len(hasty) > 3 else ""
        yield (
            f"passes are {_hours(gap)} apart, too far for {names}{more}: entries may come and go unseen; "
            f"run 'newsbell run' at least every {_hours(_needed(hasty, report))}, or use the daemon"
        )


def _needed(feeds: Iterable[FeedRecord], report: PassReport) -> timedelta:
    spans = [span for feed in feeds if (span := turnover(feed.memory, report.finished))]
    return max(_OFTEN, min(spans) * _SHARE_SEEN)


def _hours(span: timedelta) -> str:
    minutes = round(span / timedelta(minutes=1))
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
