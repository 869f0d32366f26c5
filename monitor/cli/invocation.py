"""One invocation of the command: which configuration, which state folder, how loud; and what commands share."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.environment import variables

if TYPE_CHECKING:
    from monitor.app import Application
    from monitor.config.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

_SPAN = re.compile(r"(\d+)\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Invocation:
    """What the global options say. ``verbosity``: -1 quiet, 0 silent when all is well, 1 and more talkative.

    ``state_dir``: the state folder that was named, None when none was.
    """

    def __init__(self, config: str | None, state_dir: str | None, verbosity: int) -> None:
        self._config = config
        self.state_dir = state_dir
        self.verbosity = verbosity
        self._settings: Settings | None = None
        self._alone = False
        self._keeps = False

    def use(self, config: str) -> None:
        """Take another configuration than was named so far."""
        self._config = config

    @property
    def verbose(self) -> bool:
        """Whether to show progress and results."""
        return self.verbosity > 0

    @property
    def quiet(self) -> bool:
        """Whether to say nothing but errors."""
        return self.verbosity < 0

    @functools.cached_property
    def config_path(self) -> Path:
        """The configuration file in force; raises ``ConfigError`` when there is none."""
        from monitor.config import find_config

        return find_config(self._config, variables(), Path.cwd())

    @property
    def settings(self) -> Settings:
        """The configuration, read and checked; its warnings go to a person at a terminal. Raises ``ConfigError``."""
        return self._settings or self._adopt(self.read_settings())

    def read_settings(self) -> Settings:
        """The configuration as the files say now."""
        from monitor.config import current_settings

        return current_settings(self.config_path, variables(), state_dir=self.state_dir, keep=self._keeps)

    def check_settings(self) -> Settings:
        """The configuration read in full and checked, whatever is kept of it."""
        from monitor.config import load_settings

        return self._adopt(load_settings(self.config_path, variables(), state_dir=self.state_dir))

    def _adopt(self, settings: Settings) -> Settings:
        self._settings = settings
        if not self.quiet and console.is_terminal():
            console.show_problems(settings.warnings, "warning")
        return settings

    @contextmanager
    def locked(self, *, lasting: bool = True) -> Iterator[None]:
        """Hold the state folder's lock; leaves with 75 and one line when somebody else does.

        Taken before anything heavy is imported, so that ten starts at once are told apart within a second.
        ``lasting``: what is done is to last; a rehearsal changes nothing in the folder.
        """
        from monitor.config.peek import peek_state_dir
        from monitor.store.lock import LockHeld, StateLock

        folder = peek_state_dir(self.config_path, variables(), state_dir=self.state_dir)
        with ExitStack() as stack:
            try:
                stack.enter_context(StateLock(folder))
            except LockHeld as held:
                console.complain(str(held))
                raise click.exceptions.Exit(Exit.LOCKED) from None
            except OSError as error:
                console.complain(f"{folder}: cannot be written ({error.strerror}): check the folder's permissions")
                raise click.exceptions.Exit(Exit.FAILED) from None
            self._alone, self._keeps = True, lasting
            yield

    @contextmanager
    def application(self, *, watched: bool = False, service: bool = False) -> Iterator[Application]:
        """The program put together from the settings.

        ``watched``: with a progress bar on a terminal. ``service``: it logs what it does, as the config says.
        """
        from monitor.app import Application
        from monitor.cli import logs

        settings = self.settings
        log = settings.config.log
        # A command says what it did itself: its log lines are for those who want to see more.
        verbosity = self.verbosity + logs.LEVELS[log.level] if service and not self.quiet else self.verbosity - 1
        logs.set_up(max(verbosity, -1), log.format, under_journal="JOURNAL_STREAM" in variables())
        progress = None
        if watched and console.is_terminal():
            from monitor.cli.progress import Bar

            progress = Bar()
        application = Application(settings, progress=progress, alone=self._alone, service=service)
        try:
            yield application
        finally:
            application.close()


def _configured(context: click.Context, _parameter: click.Parameter, config: str | None) -> None:
    if config is not None:
        context.obj.use(config)


def _louder(context: click.Context, _parameter: click.Parameter, more: int) -> None:
    context.obj.verbosity += more


def _quieter(context: click.Context, _parameter: click.Parameter, quiet: bool) -> None:
    if quiet:
        context.obj.verbosity = -1


def invoked(function: Callable[Concatenate[Invocation, P], R]) -> Callable[P, R]:
    """Hand the ``Invocation`` to a command as its first argument; -c, -v and -q may also stand behind the command."""

    @click.option("-c", "--config", type=click.Path(), expose_value=False, hidden=True, callback=_configured)
    @click.option("-v", "--verbose", count=True, expose_value=False, hidden=True, callback=_louder)
    @click.option("-q", "--quiet", is_flag=True, expose_value=False, hidden=True, callback=_quieter)
    @functools.wraps(function)
    def command(*arguments: P.args, **options: P.kwargs) -> R:
        invocation: Invocation = click.get_current_context().obj
        return function(invocation, *arguments, **options)

    return command


def parse_span(text: str) -> timedelta:
    """A span of time such as ``90d``, ``12h`` or ``1d 6h``; raises a usage error otherwise."""
    found = _SPAN.findall(text)
    if not found or _SPAN.sub("", text).strip():
        raise click.UsageError(f"'{text}' is not a span of time such as 7d, 12h or 30m")
    spans: dict[str, Any] = {_UNITS[unit]: int(number) for number, unit in found}
    try:
        return timedelta(**spans)
    except OverflowError:
        raise click.UsageError(f"'{text}' is too long a span of time") from None


def read_file(path: str) -> str:
    """The text of a file, or of standard input for ``-``; raises a usage error when it cannot be read."""
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read {path}: {error}") from None


def run_async(work: Coroutine[Any, Any, R]) -> R:
    """Run ``work`` to its end, and wait for no thread that it gave up waiting for.

    asyncio is imported only now: most commands do without it.
    """
    import asyncio

    from alerts.threads import DaemonThreads

    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(DaemonThreads())
        results.append(await work)

    results: list[R] = []
    # At its end asyncio writes out its task, result and all: a report with thousands of matches takes it 0.1 s.
    asyncio.run(main())
    return results[0]
