"""How commands speak: to people on a terminal, to pipes, and to programs (``--json``)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Literal

import click

from monitor.environment import variables
from monitor.errors import Problem

_COLOURS = {"error": None, "warning": "yellow", "advice": "cyan"}


def colour() -> bool | None:
    """False where the user wants none (https://no-color.org); None leaves it to whether a terminal is there."""
    return False if variables().get("NO_COLOR") else None


def say(text: str = "") -> None:
    """Print one line of a command's result."""
    click.echo(text)


def complain(text: str) -> None:
    """Print one line to standard error, named as ours."""
    click.echo(f"newsbell: {text}", err=True)


def note(text: str) -> None:
    """Print a line for the person at the terminal to standard error: neither a result nor a fault."""
    click.secho(text, err=True, dim=True, color=colour())


def show_json(value: object) -> None:
    """Print ``value`` (data classes, times and enums included) as JSON."""
    click.echo(as_json(value))


def as_json(value: object) -> str:
    """``value`` as ``show_json`` prints it."""
    import json

    return json.dumps(value, default=_plain, ensure_ascii=False, indent=2)


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def show_problems(problems: Iterable[Problem], weight: Literal["error", "warning", "advice"] = "error") -> None:
    """Print mistakes of files to standard error: the place, how much it weighs, what is wrong, the line with a caret.

    The weight stands where the message begins, so that the line keeps its form for editors and scripts.
    """
    from alerts.wrap import columns

    for problem in problems:
        said = replace(problem, message=f"{weight}: {problem.message}")
        click.secho(f"{said}", err=True, fg=_COLOURS[weight], color=colour())
        if problem.source:
            source = problem.source.expandtabs(1)
            click.echo(f"    {source}", err=True)
            click.echo(f"    {' ' * columns(source[: problem.column - 1])}^", err=True)


def table(rows: Sequence[Sequence[object]], headings: Sequence[str], *, title: str = "") -> None:
    """Print ``rows`` under ``headings``: a ruled table on a terminal, tab-separated values in a pipe."""
    if not sys.stdout.isatty():
        for row in (headings, *rows):
            click.echo("\t".join(str(cell) for cell in row))
        return
    from rich.console import Console
    from rich.table import Column, Table

    columns = [Column(heading, overflow="fold") for heading in headings]  # of what is cut off nothing can be copied
    shown = Table(*columns, title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    Console().print(shown)


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """A hint such as `` Did you mean 'status'?``, or nothing."""
    import difflib

    near = difflib.get_close_matches(word, list(words), n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


def local(time: datetime | None, timezone: str | None = None) -> str:
    """A moment as the user's clock shows it (``timezone``: an IANA name; else the machine's); "-" for none."""
    if time is None:
        return "-"
    if timezone is None:
        return time.astimezone().strftime("%Y-%m-%d %H:%M")
    from zoneinfo import ZoneInfo

    return time.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")


def is_terminal() -> bool:
    """Whether a person watches standard error."""
    return sys.stderr.isatty()


def width() -> int | None:
    """How many columns the terminal has that shows the result; None in a pipe."""
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


_PLOT_ROWS = 12


def bars(labels: Sequence[str], values: Sequence[float], title: str) -> None:
    """Draw ``values`` as bars on a terminal; in a pipe print them as tab-separated lines."""
    if not sys.stdout.isatty():
        table(list(zip(labels, values, strict=True)), [title, "count"])
        return
    import plotext

    plotext.clear_figure()
    plotext.bar(labels, values)
    _draw(plotext, title)


def curve(points: Sequence[tuple[float, float]], mark: float, title: str) -> None:
    """Draw a curve with a vertical line at ``mark``; in a pipe print the points."""
    if not sys.stdout.isatty():
        table([(f"{x:.2f}", y) for x, y in points], [title, "count"])
        return
    import plotext

    plotext.clear_figure()
    plotext.plot([x for x, _ in points], [y for _, y in points], marker="braille")
    plotext.vline(mark, "red")
    _draw(plotext, title)


def _draw(plot: Any, title: str) -> None:
    plot.theme("clear")  # the others paint a background of their own
    plot.plot_size(min(100, width() or 80), _PLOT_ROWS)
    plot.title(title)
    drawn: str = plot.build()
    click.echo((plot.uncolorize(drawn) if colour() is False else drawn).rstrip("\n"))
