"""The command ``metrics``."""

from __future__ import annotations

import click

from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked


@click.command("metrics")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def metrics_command(invocation: Invocation, as_json: bool) -> int:
    """Print numbers about the work, as Prometheus reads them. They count feeds, entries, deliveries and passes.

    \b
    Example:  newsbell metrics | grep newsbell_lag_seconds
    """
    from monitor.app.metrics import snapshot
    from monitor.metrics import exposition

    with invocation.application() as application:
        now = snapshot(application)
    if as_json:
        console.show_json(now)
    else:
        click.echo(exposition(now), nl=False)
    return Exit.OK


COMMANDS = (metrics_command,)
