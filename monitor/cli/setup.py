"""Commands around the configuration: ``init``, ``check``, ``schema``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from monitor.cli import console
from monitor.cli.console import amount
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked, run_async
from monitor.errors import ConfigError, Problem

if TYPE_CHECKING:
    from monitor.config import Settings


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@invoked
def init_command(invocation: Invocation, folder: Path) -> int:
    """Write a starter configuration, profile and feeds, with comments.

    Existing files are left as they are.

    \b
    Example:
      newsbell init my-watch
      newsbell -c my-watch/newsbell.yaml -v run --backlog 20
    """
    from monitor.config.starter import starter_files

    written, kept = [], []
    for name, text in starter_files().items():
        path = folder / name
        if path.exists():
            kept.append(path)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    for path in kept:
        console.complain(f"{path} exists and was left as it is")
    if not invocation.quiet:
        for path in written:
            console.say(f"wrote {path}")
        config = folder / "newsbell.yaml"
        console.say(
            f"\nNext:\n  newsbell -c {config} check\n  newsbell -c {config} -v run --backlog 20\n\n"
            f"Then, for a pass every 15 minutes, add this line with 'crontab -e':\n"
            f"  */15 * * * * newsbell -c {config.resolve()} run"
        )
    return Exit.OK


@click.command("check")
@click.option("--online", is_flag=True, help="Also ask every feed and open every channel.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def check_command(invocation: Invocation, online: bool, as_json: bool) -> int:
    """Validate everything a run would use: config, profiles, templates, schedules, secrets.

    Mistakes are printed as file:line:column, all at once; the exit code is then 3.
    """
    try:
        invocation.settings  # noqa: B018  # reading is the check
    except ConfigError as error:
        if as_json:
            console.show_json(_report(error.problems))
        raise
    with invocation.application() as application:
        advice = application.advice()
        failures = run_async(application.check_online()) if online else []
        settings = invocation.settings
        if as_json:
            console.show_json(_report((), settings.warnings, (*settings.advice, *advice), failures))
        elif not invocation.quiet:
            _say_well(settings, advice)
    for failure in failures:
        console.complain(failure)
    return Exit.FEEDS if failures else Exit.OK


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
    """Print the JSON Schema of newsbell.yaml or of a profile, for editors."""
    from monitor.config.schema import json_schema

    console.show_json(json_schema(which))
    return Exit.OK


COMMANDS = (init_command, check_command, schema_command)
