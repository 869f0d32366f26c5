"""The ``newsbell`` command: options that every command shares, and how errors become messages and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from monitor import __version__
from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation
from monitor.errors import ConfigError, NewsbellError, StoreInUseError

_EPILOG = """\b
Examples:
  newsbell init my-watch            write a starter configuration
  newsbell -c my-watch/newsbell.yaml check
  newsbell run -v                   one pass, watched; without -v it is silent when all is well
  newsbell status                   is it well?

\b
Exit codes: 0 well; 1 a delivery or the store failed; 2 usage; 3 configuration invalid;
4 feeds failing beyond their limit; 75 another pass holds the lock; 130 interrupted."""


# Which file holds which commands: only what is called for is imported, so that a start costs little.
_FILES = {
    "backup": ("backup", "restore"),
    "feeds": ("feeds",),
    "look": ("status", "schedule", "entries", "healthcheck"),
    "metrics": ("metrics",),
    "outbox": ("outbox",),
    "passes": ("run", "daemon", "digest", "channel", "demo"),
    "profile": ("profile",),
    "scale": ("worker", "store"),
    "setup": ("init", "check", "schema"),
}


class _Commands(click.Group):
    """All commands, each imported when it is used; knows what was meant by a mistyped one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(name for names in _FILES.values() for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        file = next((file for file, names in _FILES.items() if cmd_name in names), None)
        if file is None:
            return None
        commands: Sequence[click.Command] = import_module(f"monitor.cli.{file}").COMMANDS
        return next(command for command in commands if command.name == cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = console.did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(error.message + hint, ctx) from None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what nobody foresaw becomes one line for the user and a traceback for who mends it."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, NewsbellError, BrokenPipeError):
            raise
        except Exception as error:
            from monitor.cli.mishap import tell

            tell(error, ctx.obj)
            raise click.exceptions.Exit(Exit.FAILED) from error


@click.group(
    cls=_Commands,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("-c", "--config", type=click.Path(), metavar="FILE", help="The configuration to use.")
@click.option("--state-dir", type=click.Path(), metavar="DIR", help="Where Newsbell keeps what it remembers.")
@click.option("-v", "--verbose", count=True, help="Say more: -v shows progress and results, -vv every request.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.version_option(__version__, "-V", "--version", prog_name="newsbell")
@click.pass_context
def cli(context: click.Context, config: str | None, state_dir: str | None, verbose: int, quiet: bool) -> None:
    """Watch RSS and Atom feeds for your topics; get digests that explain every line."""
    context.obj = Invocation(config, state_dir, -1 if quiet else verbose)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run ``newsbell`` with ``arguments`` (those of the process when None) and return its exit code."""
    try:
        code = cli.main(arguments, prog_name="newsbell", standalone_mode=False)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        console.complain("interrupted")
        return Exit.INTERRUPTED
    except ConfigError as error:
        console.show_problems(error.problems)
        return Exit.CONFIG
    except NewsbellError as error:
        console.complain(str(error))
        return Exit.LOCKED if isinstance(error, StoreInUseError) else Exit.FAILED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has left: nothing more to say
        return Exit.OK
    return code if isinstance(code, int) else Exit.OK
