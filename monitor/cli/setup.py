"""Commands around the configuration: ``init``, ``check``, ``schema``."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from alerts.amount import amount
from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked, run_async
from monitor.config.find import config_home
from monitor.environment import variables
from monitor.errors import ConfigError, Problem, StoreError

if TYPE_CHECKING:
    from monitor.config.settings import Settings


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--cron", "way", flag_value="cron", help="Also add a pass every 15 minutes to your crontab.")
@click.option("--systemd", "way", flag_value="systemd", help="Also write a systemd timer of your own for it.")
@click.option("--no-schedule", "way", flag_value="no", help="Neither, and do not ask.")
@invoked
def init_command(invocation: Invocation, folder: Path, way: str | None) -> int:
    """Write a commented starter configuration, profile and feeds.

    Existing files are left as they are. On a terminal it asks whether a pass shall be run every 15 minutes.

    \b
    Example:
      newsbell init my-watch
      newsbell -c my-watch/newsbell.yaml -v run --backlog 20
    """
    from monitor.config.starter import starter_files

    _write(invocation, folder, starter_files())
    config = folder / "newsbell.yaml"
    if not invocation.quiet:
        ours = f"newsbell -c {shlex.quote(str(config))}"
        console.say(f"\nNext:\n  {ours} check\n  {ours} -v run --backlog 20\n")
    _set_up_passes(invocation, config, way or _asked(invocation))
    return Exit.OK


def _write(invocation: Invocation, folder: Path, texts: Mapping[str, str]) -> None:
    """Write what is not there yet; nothing is overwritten."""
    for name, text in texts.items():
        path = folder / name
        if path.exists():
            console.complain(f"{path} exists and was left as it is")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if not invocation.quiet:
            console.say(f"wrote {path}")


def _asked(invocation: Invocation) -> str | None:
    """How passes shall be started, asked where somebody can answer; None elsewhere."""
    if invocation.quiet or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    ways = click.Choice(["cron", "systemd", "no"])
    return str(
        click.prompt("Run a pass every 15 minutes, by your crontab or a systemd timer?", type=ways, default="no")
    )


def _set_up_passes(invocation: Invocation, config: Path, way: str | None) -> None:
    from monitor.cli import periodic

    if way == "cron":
        new = periodic.add_to_crontab(config, variables())
        said = f"added to your crontab:\n  {periodic.cron_line(config)}" if new else "your crontab runs it already"
    elif way == "systemd":
        units = periodic.units(config)
        _write(invocation, config_home(variables()) / "systemd" / "user", units)
        said = (
            f"To set it to work:\n  {periodic.enabling(list(units))}\n"
            "and, so that it goes on while you are logged out:\n  loginctl enable-linger"
        )
    else:
        said = (
            "Then, for a pass every 15 minutes, use --cron or --systemd, or add this line with 'crontab -e':\n"
            f"  {periodic.cron_line(config)}"
        )
    if not invocation.quiet:
        console.say(said)


@click.command("check")
@click.option("--online", is_flag=True, help="Also ask every feed and open every channel.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def check_command(invocation: Invocation, online: bool, as_json: bool) -> int:
    """Validate everything a run would use. That is config, profiles, templates, schedules and secrets.

    Mistakes are printed as file:line:column, all at once; the exit code is then 3.

    \b
    Examples:
      newsbell -c my-watch/newsbell.yaml check
      newsbell check --online      before the first real pass
    """
    try:
        settings = invocation.check_settings()
    except ConfigError as error:
        if as_json:
            console.show_json(_report(error.problems))
        raise
    with invocation.application() as application:
        _ = application.watches  # what cannot be built cannot run
        application.check_channels()
        advice = application.advice() if _remembers(settings) else ()
        feeds, channels = run_async(application.check_online()) if online else ((), ())
        failures = (*feeds, *channels)
        if as_json:
            console.show_json(_report((), settings.warnings, (*settings.advice, *advice), failures))
        elif not invocation.quiet:
            _say_well(settings, advice)
    for failure in failures:
        console.complain(failure)
    if channels:
        return Exit.FAILED
    return Exit.FEEDS if feeds else Exit.OK


def _remembers(settings: Settings) -> bool:
    """Whether there is a store to ask: a look makes none. Raises ``StoreError`` where a pass could make none either."""
    if settings.database is not None or settings.store.exists():
        return True
    nearest = next(folder for folder in (settings.store.parent, *settings.store.parents) if folder.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK, effective_ids=True)):
        raise StoreError(f"{settings.store}: cannot be made: check the permissions of {nearest}")
    return False


def _report(
    errors: Sequence[Problem],
    warnings: Sequence[Problem] = (),
    advice: Sequence[Problem | str] = (),
    failures: Sequence[str] = (),
) -> dict[str, object]:
    """What ``check --json`` prints, of a good configuration and of a bad one alike."""
    return {"valid": not errors, "errors": errors, "warnings": warnings, "advice": advice, "failures": failures}


def _say_well(settings: Settings, advice: Sequence[str]) -> None:
    if not console.is_terminal():  # there they have been shown already
        console.show_problems(settings.warnings, "warning")
    console.show_problems(settings.advice, "advice")
    for line in advice:
        console.note(f"advice: {line}")
    feeds, profiles = amount(len(settings.feeds), "feed"), amount(len(settings.profiles), "profile")
    channels = amount(len(settings.config.channels), "channel")
    console.say(f"{settings.path}: well ({feeds}, {profiles}, {channels})")


@click.command("schema")
@click.argument("which", type=click.Choice(["config", "profile"]), default="config")
@click.option("--json", is_flag=True, expose_value=False, help="JSON: what it prints anyway.")
@invoked
def schema_command(invocation: Invocation, which: Literal["config", "profile"]) -> int:
    """Print the JSON Schema of newsbell.yaml or of a profile. Editors complete and check by it.

    \b
    Example:  newsbell schema profile > config/schema/profile.json
    """
    from monitor.config.schema import json_schema

    console.show_json(json_schema(which))
    return Exit.OK


COMMANDS = (init_command, check_command, schema_command)
