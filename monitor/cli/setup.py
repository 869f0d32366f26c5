"""Commands around the configuration: ``init``, ``check``, ``schema``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked, run_async


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
    with invocation.application() as application:
        advice = application.advice()
        failures = run_async(application.check_online()) if online else []
        settings = invocation.settings
        if as_json:
            console.show_json(
                {"warnings": settings.warnings, "advice": (*settings.advice, *advice), "failures": failures}
            )
        elif not invocation.quiet:
            if not console.is_terminal():  # there they have been shown already
                console.show_problems(settings.warnings, warning=True)
            console.show_problems(settings.advice, warning=True)
            for line in advice:
                console.note(f"advice: {line}")
            feeds, profiles = len(settings.feeds), len(settings.profiles)
            console.say(
                f"{settings.path}: well ({feeds} feeds, {profiles} profiles, {len(application.channels)} channels)"
            )
    for failure in failures:
        console.complain(failure)
    return Exit.FEEDS if failures else Exit.OK


@click.command("schema")
@click.argument("which", type=click.Choice(["config", "profile"]), default="config")
@invoked
def schema_command(invocation: Invocation, which: Literal["config", "profile"]) -> int:
    """Print the JSON Schema of newsbell.yaml or of a profile, for editors."""
    from monitor.config.schema import json_schema

    console.show_json(json_schema(which))
    return Exit.OK


COMMANDS = (init_command, check_command, schema_command)
