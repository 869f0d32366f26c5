"""Commands about feeds: ``feeds list|add|remove|pause|resume|discover|check|import|export``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.amount import amount
from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked, run_async

if TYPE_CHECKING:
    from monitor.app import Application
    from monitor.model import Feed, FeedRecord

_ILL = ("degraded", "failing", "gone", "silent")


@click.group("feeds")
def feeds_group() -> None:
    """See and change the feeds that are watched."""


@feeds_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def list_command(invocation: Invocation, as_json: bool) -> int:
    """List the feeds and how each is doing.

    \b
    Example:  newsbell feeds list
    """
    with invocation.application() as application:
        if as_json:
            console.show_json(_rows(application, application.feeds()))
        else:
            _show(application)
    return Exit.OK


def _rows(application: Application, feeds: Sequence[FeedRecord]) -> list[dict[str, object]]:
    counts = application.store.entry_counts()
    return [
        {
            "url": feed.feed.url,
            "title": feed.title,
            "state": feed.state.value,
            "entries": counts.get(feed.feed.url, 0),
            "last_status": feed.last_status,
            "last_ok": feed.last_ok,
            "next_poll": feed.next_poll,
            "error": feed.error,
            "loss": feed.memory.loss,
        }
        for feed in feeds
    ]


def _show(application: Application) -> None:
    counts = application.store.entry_counts()
    console.table(
        [
            (
                feed.state.value,
                feed.title,
                counts.get(feed.feed.url, 0),
                console.local(feed.last_ok),
                console.local(feed.next_poll),
                feed.feed.url,
                application.ailment(feed),
            )
            for feed in application.feeds()
        ],
        ["state", "title", "entries", "last ok", "next poll", "url", "error"],
    )


@feeds_group.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def check_command(invocation: Invocation, as_json: bool) -> int:
    """Exit 0 when every feed is well, 4 when one is not. Names those with the reason; asks no feed anew.

    One that is well, but shows more than can be read, is named as well.

    \b
    Example:  newsbell feeds check || echo "a feed is not well"
    """
    with invocation.application() as application:
        feeds = application.feeds()
        ill = [feed for feed in feeds if feed.state.value in _ILL]
        if as_json:
            console.show_json(_rows(application, ill))
        else:
            for feed in (*ill, *(feed for feed in feeds if feed.memory.loss and feed not in ill)):
                console.say(f"{feed.state.value}: {feed.title} ({feed.feed.url}): {application.ailment(feed)}")
    return Exit.FEEDS if ill else Exit.OK


@feeds_group.command("add")
@click.argument("url")
@click.option("--title", default="", help="What to call it.")
@click.option("--lang", help="Its language, such as en or km.")
@click.option("--offline", is_flag=True, help="Do not ask the address first.")
@invoked
def add_command(invocation: Invocation, url: str, title: str, lang: str | None, offline: bool) -> int:
    """Add a feed to the configuration. For a site's page, the first feed that it names; comments stay as they are.

    \b
    Examples:
      newsbell feeds add https://example.org/feed --lang en
      newsbell feeds add https://example.org/     the feed that the page names
    """
    from monitor.config.edit import add_feeds
    from monitor.model import Feed

    others = 0
    page = url
    if not offline:
        with invocation.application() as application:
            found = run_async(application.discover(url))
        if not found:
            console.complain(f"no feed was found at {url} (add it all the same with --offline)")
            return Exit.FEEDS
        url, title, others = found[0].url, title or found[0].title, len(found) - 1
    added = add_feeds(invocation.config_path, [Feed(url, title, lang)])
    if not invocation.quiet:
        console.note(f"added {url}" if added else f"{url} was there already")
        if others:
            console.note(f"the page names {amount(others, 'other feed')}: newsbell feeds discover {page}")
    return Exit.OK


@feeds_group.command("remove")
@click.argument("url")
@invoked
def remove_command(invocation: Invocation, url: str) -> int:
    """Remove a feed from the configuration. What was collected from it stays.

    \b
    Example:  newsbell feeds remove https://example.org/feed
    """
    from monitor.config.edit import remove_feed

    remove_feed(invocation.config_path, url)
    if not invocation.quiet:
        console.note(f"removed {url}")
    return Exit.OK


def _enable(invocation: Invocation, url: str, enabled: bool) -> int:
    from monitor.config.edit import enable_feed

    enable_feed(invocation.config_path, url, enabled)
    if not invocation.quiet:
        console.note(f"{'resumed' if enabled else 'paused'} {url}")
    return Exit.OK


@feeds_group.command("pause")
@click.argument("url")
@invoked
def pause_command(invocation: Invocation, url: str) -> int:
    """Leave a feed alone until it is resumed.

    \b
    Example:  newsbell feeds pause https://example.org/feed
    """
    return _enable(invocation, url, enabled=False)


@feeds_group.command("resume")
@click.argument("url")
@invoked
def resume_command(invocation: Invocation, url: str) -> int:
    """Watch a paused feed again.

    \b
    Example:  newsbell feeds resume https://example.org/feed
    """
    return _enable(invocation, url, enabled=True)


@feeds_group.command("discover")
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def discover_command(invocation: Invocation, url: str, as_json: bool) -> int:
    """Find the feeds of a site's page.

    \b
    Example:  newsbell feeds discover https://example.org/
    """
    with invocation.application() as application:
        found = run_async(application.discover(url))
    if as_json:
        console.show_json(found)
    else:
        console.table([(feed.url, feed.title) for feed in found], ["url", "title"])
    if not found:
        console.complain(f"no feed was found at {url}")
    return Exit.OK if found else Exit.FEEDS


@feeds_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@invoked
def import_command(invocation: Invocation, file: Path) -> int:
    """Add the feeds of an OPML file, as other readers export it.

    \b
    Example:  newsbell feeds import subscriptions.opml
    """
    from monitor.config.edit import add_feeds
    from monitor.config.opml import read_opml

    skipped: list[str] = []
    feeds = read_opml(file.read_bytes(), str(file), skipped)
    added = add_feeds(invocation.config_path, feeds)
    for address in skipped:
        console.complain(f"not added, as it is no address of the web: {address[:200]}")
    if not invocation.quiet:
        rest = "" if len(added) == len(feeds) else "; what is missing was there already"
        console.note(f"added {len(added)} of {amount(len(feeds), 'feed')}{rest}")
    return Exit.OK


@feeds_group.command("export")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to FILE.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON in place of OPML.")
@invoked
def export_command(invocation: Invocation, output: Path | None, as_json: bool) -> int:
    """Write the feeds as OPML, which other readers import.

    \b
    Example:  newsbell feeds export -o feeds.opml
    """
    from monitor.config.opml import write_opml

    feeds = invocation.settings.feeds
    document = console.as_json([_exported(feed) for feed in feeds]) if as_json else write_opml(feeds).decode().rstrip()
    if output is None:
        console.say(document)
    else:
        output.write_text(f"{document}\n", encoding="utf-8")
    return Exit.OK


def _exported(feed: Feed) -> dict[str, object]:
    seconds = None if feed.interval is None else feed.interval.total_seconds()
    return {
        "url": feed.url,
        "title": feed.title,
        "lang": feed.lang,
        "interval_seconds": seconds,
        "enabled": feed.enabled,
    }


COMMANDS = (feeds_group,)
