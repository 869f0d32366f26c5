"""One pass from first to last: the order of things, and nothing else."""

from __future__ import annotations

import logging
from datetime import datetime

from alerts.amount import amount
from alerts.deliver import DeliverReport, deliver
from monitor.cycle.digests import close_due_windows
from monitor.cycle.notices import NotedDeliveries, note_channels, note_profiles, send_notices
from monitor.cycle.tools import PassResult, PollTotals, Tools
from monitor.model import FeedState, PassReport
from monitor.waiting import event_loop

log = logging.getLogger(__name__)


async def run_pass(tools: Tools, *, every: bool = False, backlog: int | None = None) -> PassResult:
    """Poll what is due, tell what is due, deliver what is due; returns what it came to.

    ``every``: poll each feed, due or not. ``backlog``: take the newest entries of a first poll as new.
    Raises ``StoreError`` when nothing can be remembered: then nothing was sent either.
    """
    started, cpu = tools.clock.now(), tools.cpu()
    before = tools.store.last_report()
    tools.store.sync_feeds(tools.feeds, started)
    polls = await _poll_due(tools, started, every=every, backlog=backlog)
    note_profiles(tools, polls)
    send_notices(tools)
    uncomposed: list[str] = []
    digests = close_due_windows(tools, backlog=backlog is not None, problems=uncomposed)
    told = tools.cpu()
    deliveries = await deliver_due(tools)
    report = PassReport(
        started=started,
        finished=tools.clock.now(),
        polled=polls.polled,
        unchanged=polls.unchanged,
        failed=polls.failed,
        new=polls.new,
        matched=len(polls.matches),
        digests=digests,
        sent=len(deliveries.sent),
        undelivered=len(deliveries.failed),
        dead=len(deliveries.dead) + len(uncomposed),
        problems=(*(failed.line for failed in polls.failures), *uncomposed),
        gap=started - before.started if before else None,
        durations={**polls.cpu, "deliver": tools.cpu() - told, "all": tools.cpu() - cpu},
    )
    tools.store.save_report(report)
    log.info(
        "polled %s (%d unchanged, %d failed), %s, %d matched, %s, %s sent, %d failed",
        amount(report.polled, "feed"), report.unchanged, report.failed,
        amount(report.new, "new entry", "new entries"), report.matched, amount(report.digests, "digest"),
        amount(report.sent, "message"), report.undelivered + report.dead,
    )  # fmt: skip
    return PassResult(
        report=report,
        matches=tuple(polls.matches),
        failing=tuple(failed.line for failed in polls.failures if failed.state in (FeedState.FAILING, FeedState.GONE)),
        deliveries=deliveries,
        uncomposed=tuple(uncomposed),
    )


async def _poll_due(tools: Tools, now: datetime, *, every: bool, backlog: int | None) -> PollTotals:
    """Poll what is due; what polls is imported only then."""
    due = tools.store.next_due()
    if not every and (due is None or due > now):
        return PollTotals()
    from monitor.cycle.poll import Poller

    await event_loop()
    return await Poller(tools, every=every, backlog=backlog).run()


async def deliver_due(tools: Tools) -> DeliverReport:
    """Send what is due, then what is to be said about the channels that took it or did not."""
    noted = NotedDeliveries(tools)
    first = DeliverReport()
    if tools.store.deliveries_due(tools.clock.now()):
        await event_loop()
        first = await deliver(noted, tools.channels, tools.clock)
    note_channels(tools, first)
    if not send_notices(tools):
        return first
    await event_loop()
    return first.plus(await deliver(noted, tools.channels, tools.clock))
