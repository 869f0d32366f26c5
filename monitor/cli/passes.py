"""Commands that do the work: ``run``, ``daemon``, ``digest``, ``channel test``, ``demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.amount import amount
from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked, parse_span, run_async
from monitor.waiting import run

if TYPE_CHECKING:
    from monitor.app import Application
    from monitor.cycle.tools import PassResult, Watch


@click.command("run")
@click.option("--force", is_flag=True, help="Poll every feed now, due or not. Digests still follow their schedule.")
@click.option(
    "--backlog", type=click.IntRange(min=1), metavar="N", help="A first poll takes its newest N entries as new."
)
@click.option("-n", "--dry-run", is_flag=True, help="Poll and score, show what would be told; change and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the pass's report as JSON.")
@invoked
def run_command(invocation: Invocation, force: bool, backlog: int | None, dry_run: bool, as_json: bool) -> int:
    """Do one pass: poll what is due, score, digest, deliver.

    Made for cron: silent when all is well, one line for each thing that is not.

    \b
    Examples:
      newsbell run
      newsbell -v run --backlog 20      see at once what matches among the newest entries
      */15 * * * * newsbell -c /etc/newsbell/newsbell.yaml run
    """
    return _one_pass(invocation, force=force, backlog=backlog, dry_run=dry_run, as_json=as_json)


def _one_pass(invocation: Invocation, *, force: bool, backlog: int | None, dry_run: bool, as_json: bool) -> int:
    with invocation.locked(lasting=not dry_run), invocation.application(watched=invocation.verbose) as application:
        act = application.rehearse if dry_run else application.run_once
        result = run(act(every=force, backlog=backlog), run_async)
        watched = invocation.verbose and not (dry_run or as_json or result.report.polled)
        idle = _why_idle(application) if watched else ""
    if as_json:
        console.show_json(result.report)
    elif invocation.verbose or dry_run:
        _show_result(result, verbose=invocation.verbose)
        if idle:
            console.note(idle)
    return _conclude(invocation, result)


def _why_idle(application: Application) -> str:
    """Why a pass polled nothing, for who watches one and waits for something to happen."""
    next_poll = application.store.tally().next_poll
    if next_poll is None:
        return "no feed is watched: newsbell feeds add ADDRESS adds one"
    return f"no feed was due: the next one is at {console.local(next_poll)} (--force polls all of them now)"


def _show_result(result: PassResult, *, verbose: bool) -> None:
    report = result.report
    matches = sorted(result.matches, key=lambda match: (match.profile, -match.value))
    if matches:
        console.table(
            [(match.profile, f"{match.value:.1f}", match.source, match.title) for match in matches],
            ["profile", "score", "source", "title"],
        )
    if verbose:
        console.say(
            f"{amount(report.polled, 'feed')} polled ({report.unchanged} unchanged, {report.failed} failed), "
            f"{amount(report.new, 'new entry', 'new entries')}, {report.matched} matched, "
            f"{amount(report.digests, 'digest')}, {amount(report.sent, 'message')} sent"
        )
        for delivery in result.deliveries.sent:
            console.say(f"  {delivery.message.channel} → {delivery.message.recipient}: {delivery.message.subject}")
    if not matches and not verbose:
        console.say("Nothing would be told.")


def _conclude(invocation: Invocation, result: PassResult) -> int:
    """Name what went wrong, one line each, and choose the exit code."""
    for line in result.failing if not invocation.verbose else result.report.problems:
        console.complain(line)
    report = result.report
    if report.polled > 1 and report.failed == report.polled and result.failing:
        console.complain(f"none of the {report.polled} feeds could be read: is this machine connected to the internet?")
    troubles = (*(() if invocation.verbose else result.uncomposed), *result.deliveries.problems)
    for line in troubles:
        console.complain(line)
    if result.uncomposed or result.deliveries.problems:
        return Exit.FAILED
    return Exit.FEEDS if result.failing else Exit.OK


@click.command("daemon")
@click.option(
    "--backlog", type=click.IntRange(min=1), metavar="N", help="A first poll takes its newest N entries as new."
)
@invoked
def daemon_command(invocation: Invocation, backlog: int | None) -> int:
    """Do a pass whenever something is due, until SIGTERM. It is the pass of 'run'; SIGHUP reloads.

    \b
    Example:  newsbell -v -c /etc/newsbell/newsbell.yaml daemon
    """
    import signal

    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it listens: a reload that comes early must not end it
    with invocation.locked(), invocation.application(service=True) as application:
        run_async(_daemon(invocation, application, backlog))
    return Exit.OK


async def _daemon(invocation: Invocation, application: Application, backlog: int | None) -> None:
    from monitor.app.metrics import snapshot
    from monitor.app.metrics_server import serving
    from monitor.app.service import Service, notifier
    from monitor.daemon import Daemon
    from monitor.metrics import exposition

    application.check_alone()
    service = Service(application, invocation.read_settings, backlog=backlog)
    async with serving(application.config.metrics.listen, lambda: exposition(snapshot(application))):
        try:
            await Daemon(service, notifier()).run()
        finally:
            await service.aclose()


@click.command("digest")
@click.argument("profile")
@click.option("--since", default="7d", show_default=True, help="How far back, such as 7d or 12h.")
@click.option("--format", "form", type=click.Choice(["text", "html", "json", "eml"]), default="text", show_default=True)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to FILE.")
@click.option("--send", is_flag=True, help="Deliver it now, and whatever else is due; later digests leave it out.")
@invoked
def digest_command(invocation: Invocation, profile: str, since: str, form: str, output: Path | None, send: bool) -> int:
    """Preview what a profile found lately, or send it now. A preview changes nothing.

    \b
    Examples:
      newsbell digest japan-laos-cambodia --since 30d --format html -o digest.html
      newsbell digest japan-laos-cambodia --send
    """
    span = parse_span(since)
    if send:
        with invocation.locked(), invocation.application() as application:
            report, uncomposed = run_async(application.send_now(_named(application, profile), span))
        problems = (*uncomposed, *report.problems)
        for line in problems:
            console.complain(line)
        if not invocation.quiet:
            console.note(f"{amount(len(report.sent), 'message')} sent")
        return Exit.FAILED if problems else Exit.OK
    with invocation.application() as application:
        content = application.preview(_named(application, profile), span, form)
    if output is None:
        click.echo(content, nl=not content.endswith(b"\n"))
    else:
        output.write_bytes(content)
    return Exit.OK


def _named(application: Application, profile: str) -> Watch:
    watches = {watch.name: watch for watch in application.watches}
    if profile not in watches:
        raise click.UsageError(f"no profile is called '{profile}'.{console.did_you_mean(profile, watches)}")
    return watches[profile]


@click.group("channel")
def channel_group() -> None:
    """Try the ways out."""


@channel_group.command("test")
@click.argument("name")
@invoked
def channel_test_command(invocation: Invocation, name: str) -> int:
    """Send a message marked as a test through a channel.

    \b
    Example:  newsbell channel test desk
    """
    with invocation.application() as application:
        if name not in application.channels:
            raise click.UsageError(f"no channel is called '{name}'.{console.did_you_mean(name, application.channels)}")
        problems = run_async(application.test_channel(name))
    for line in problems:
        console.complain(line)
    if not problems and not invocation.quiet:
        console.say(f"{name}: the test message was accepted")
    return Exit.FAILED if problems else Exit.OK


@click.command("demo")
@click.option(
    "--dir", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("var/demo"), show_default=True
)
@invoked
def demo_command(invocation: Invocation, folder: Path) -> int:
    """Show the whole job without the internet. Sample feeds on loopback, a pass, a digest.

    \b
    Example:  newsbell demo --dir /tmp/newsbell-demo
    """
    from monitor.clock import SystemClock
    from monitor.demo import serving, write_config, write_feeds

    feeds = write_feeds(folder, SystemClock().now())
    with serving(feeds) as address:
        config = write_config(folder, address)
        console.note(f"sample feeds are served on {address}; the configuration is {config}")
        shown = Invocation(str(config), None, max(1, invocation.verbosity))
        code = _one_pass(shown, force=True, backlog=20, dry_run=False, as_json=False)
    for path in sorted(folder.glob("digests/*")):
        console.say(f"wrote {path}")
    return code


COMMANDS = (run_command, daemon_command, digest_command, channel_group, demo_command)
