"""The commands ``backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@invoked
def backup_command(invocation: Invocation, file: Path) -> int:
    """Copy everything that Newsbell remembers into FILE. Also while it runs; FILE appears whole or not at all.

    \b
    Example:  newsbell backup /var/backups/newsbell.db
    """
    from monitor.app.stores import open_copy

    with invocation.application() as application:
        if file.resolve() == application.settings.store:
            raise click.UsageError(f"{file} is the database itself")
        open_copy(application.settings, file, application.clock.now()).close()
    if not invocation.quiet:
        console.note(f"wrote {file}")
    return Exit.OK


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@invoked
def restore_command(invocation: Invocation, file: Path) -> int:
    """Go back to the backup FILE. Nothing else may be running; what was there is kept beside it.

    The backup is read through first: a damaged one changes nothing.

    \b
    Example:  newsbell restore /var/backups/newsbell.db
    """
    with invocation.locked():
        if invocation.settings.database is not None:
            raise click.UsageError("the store is a PostgreSQL database: restore it with that server's own tools")
        from monitor.store.restore import restore

        kept = restore(file, invocation.settings.store)
    if not invocation.quiet:
        console.note(f"restored {file}" + (f"; the former database is {kept}" if kept else ""))
    return Exit.OK


COMMANDS = (backup_command, restore_command)
