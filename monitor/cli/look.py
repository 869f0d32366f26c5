"""Commands that only look: ``status``, ``schedule``, ``entries search``, ``healthcheck``."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from alerts.amount import amount
from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked, parse_span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.app import Application
    from monitor.model import FeedRecord

_WELL = ("new", "ok", "moved", "paused")


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def status_command(invocation: Invocation, as_json: bool) -> int:
    """Answer "is it well?" on one screen. Feeds, the last pass, the next digests, the outbox.

    \b
    Example:  newsbell status
    """
    with invocation.application() as application:
        status = _status(application)
        if as_json:
            console.show_json(status)
        else:
            _show_status(application, status)
    return Exit.OK


def _feeds(application: Application) -> Sequence[FeedRecord]:
    """The feeds as a user sees them; the configured ones also before the first pass, which remembers them."""
    store = application.store
    return application.feeds() if store.last_report() is None else [feed.as_shown() for feed in store.feeds()]


def _status(application: Application) -> dict[str, object]:
    store = application.store
    feeds = _feeds(application)
    report = store.last_report()
    return {
        "feeds": dict(Counter(feed.state.value for feed in feeds)),
        "troubled": [
            {"title": feed.title, "url": feed.feed.url, "state": feed.state.value, "error": application.ailment(feed)}
            for feed in feeds
            if feed.state.value not in _WELL
        ],
        "incomplete": [
            {"title": feed.title, "url": feed.feed.url, "loss": feed.memory.loss} for feed in feeds if feed.memory.loss
        ],
        "last_pass": report,
        "next_poll": min((feed.next_poll for feed in feeds if feed.next_poll), default=None),
        "next_digests": {watch.name: next(iter(application.upcoming(watch, 1)), None) for watch in application.watches},
        "waiting": {watch.name: len(store.matches(watch.name, waiting=True)) for watch in application.watches},
        "outbox": dict(store.tally().deliveries),
        "advice": application.advice(),
    }


def _show_status(application: Application, status: dict[str, object]) -> None:
    store = application.store
    report = store.last_report()
    if report is None:
        console.say("No pass yet. Start with: newsbell -v run --backlog 20")
    else:
        console.say(
            f"Last pass   {console.local(report.finished)}: {amount(report.polled, 'feed')} polled, "
            f"{report.failed} failed, {amount(report.new, 'new entry', 'new entries')}, {report.matched} matched, "
            f"{amount(report.sent, 'message')} sent"
        )
    feeds = _feeds(application)
    counts = Counter(feed.state.value for feed in feeds)
    console.say(f"Feeds       {len(feeds)}: " + (", ".join(f"{n} {state}" for state, n in counts.items()) or "none"))
    for feed in feeds:
        if feed.state.value not in _WELL or feed.memory.loss:
            console.say(f"            {feed.state.value}: {feed.title} ({feed.feed.url}): {application.ailment(feed)}")
    for watch in application.watches:
        next_digest = next(iter(application.upcoming(watch, 1)), None)
        when = console.local(next_digest, watch.layout.timezone) if next_digest else "with the next find"
        waiting = len(store.matches(watch.name, waiting=True))
        console.say(
            f"Digest      {watch.name}: next {when} ({watch.layout.timezone}), "
            f"{amount(waiting, 'entry', 'entries')} waiting"
        )
    outbox = store.tally().deliveries
    console.say("Outbox      " + (", ".join(f"{n} {state}" for state, n in outbox.items()) or "empty"))
    for line in application.advice():
        console.say(f"Advice      {line}")


@click.command("schedule")
@click.option("--next", "count", type=click.IntRange(min=1), default=5, show_default=True, metavar="N")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def schedule_command(invocation: Invocation, count: int, as_json: bool) -> int:
    """Show upcoming digests and polls.

    \b
    Example:  newsbell schedule --next 3
    """
    with invocation.application() as application:
        polls = sorted((f for f in _feeds(application) if f.next_poll), key=lambda f: (f.next_poll, f.feed.url))
        plan = {
            "digests": {watch.name: list(application.upcoming(watch, count)) for watch in application.watches},
            "polls": [{"url": feed.feed.url, "at": feed.next_poll} for feed in polls[:count]],
        }
        if as_json:
            console.show_json(plan)
            return Exit.OK
        for watch in application.watches:
            console.say(f"Digests of {watch.name} ({watch.layout.timezone}): {watch.clock.schedule}")
            for when in application.upcoming(watch, count):
                console.say(f"  {console.local(when, watch.layout.timezone)}")
        console.say("Polls")
        for feed in polls[:count]:
            console.say(f"  {console.local(feed.next_poll)}  {feed.feed.url}")
    return Exit.OK


@click.group("entries")
def entries_group() -> None:
    """Look through what was collected."""


@entries_group.command("search")
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def search_command(invocation: Invocation, query: tuple[str, ...], limit: int, as_json: bool) -> int:
    """Search the full text of what was collected, in any script.

    \b
    Example:  newsbell entries search strategic partnership
    """
    with invocation.application() as application:
        found = application.store.search(" ".join(query), limit=limit)
        if as_json:
            titles = {feed.feed.url: feed.title for feed in application.store.feeds()}
            console.show_json(
                [
                    {
                        "id": e.id,
                        "title": e.title,
                        "link": e.link,
                        "feed": e.feed_url,
                        "source": e.source or titles.get(e.feed_url, ""),
                        "published": e.published,
                        "found": e.found,
                        "text": e.summary or e.content,
                    }
                    for e in found
                ]
            )
        else:
            rows = [(e.id, console.local(e.published or e.found), e.title, e.link) for e in found]
            console.table(rows, ["id", "date", "title", "link"])
    return Exit.OK


@click.command("healthcheck")
@click.option("--within", default="10m", show_default=True, help="How recent the last good pass must be.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def healthcheck_command(invocation: Invocation, within: str, as_json: bool) -> int:
    """Tell by the exit code whether passes go on. 0: one ended lately or nothing has been due since; 1: neither.

    With cron let WITHIN be longer than the time between two passes.

    \b
    Examples:
      newsbell healthcheck                  beside the daemon
      newsbell healthcheck --within 30m     with a cron line every 15 minutes
    """
    limit = parse_span(within)
    with invocation.application() as application:
        overdue = application.overdue()
        report = application.store.last_report()
    healthy = overdue <= limit and report is not None
    if as_json:
        console.show_json({"healthy": healthy, "overdue_seconds": overdue / timedelta(seconds=1), "last_pass": report})
    elif not healthy:
        since = f"no pass has done what has been due for {_minutes(overdue)}" if report else "no pass has ended yet"
        console.complain(f"{since}: is the daemon running, or the cron line in place? (see: newsbell status)")
    return Exit.OK if healthy else Exit.FAILED


def _minutes(span: timedelta) -> str:
    minutes = span // timedelta(minutes=1)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


COMMANDS = (status_command, schedule_command, entries_group, healthcheck_command)
