"""Commands about watch profiles: ``profile build|score|explain|backtest|label|tune``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked, read_file

if TYPE_CHECKING:
    from monitor.model import Score
    from monitor.profiles import Profile


@click.group("profile")
def profile_group() -> None:
    """Make a watch profile from articles; see what it thinks and why."""


def item_lines(text: str, name: str) -> Iterator[dict[str, Any]]:
    """The items of JSON lines ``{"id","title","text","source","lang"}``; raises a usage error that names the line."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError as error:
            raise click.UsageError(f"{name}:{number}: not JSON: {error}") from None
        if not isinstance(item, dict) or not isinstance(item.get("title", ""), str):
            raise click.UsageError(
                f'{name}:{number}: expected an object such as {{"id": "1", "title": "...", "text": "..."}}'
            )
        yield item


@profile_group.command("build")
@click.argument("seeds", metavar="SEED...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--name", metavar="N", help="The profile's name; by default that of the output file.")
@click.option("--background", metavar="FILE", help="Other news to compare with: the item lines of 'profile score'.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to FILE instead of the screen."
)
@invoked
def build_command(
    invocation: Invocation, seeds: tuple[Path, ...], name: str | None, background: str | None, output: Path | None
) -> int:
    """Write a commented YAML profile from seed articles (text, Markdown or HTML files, or folders of them).

    \b
    Example:  newsbell profile build seeds/ --name pair -o config/profiles/pair.yaml
    """
    from monitor.profiles import draft_profile
    from monitor.profiles.document import dump_draft

    texts = [read_file(str(path)) for path in _files(seeds)]
    news = [
        f"{item.get('title', '')}\n{item.get('text', '')}"
        for item in (item_lines(read_file(background), background) if background else ())
    ]
    chosen = name or (output.stem if output else seeds[0].stem)
    try:
        document = dump_draft(draft_profile(texts, news, name=chosen))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if output is None:
        console.say(document.rstrip("\n"))
    else:
        output.write_text(document, encoding="utf-8")
        if not invocation.quiet:
            console.note(f"wrote {output}; read it, then try: newsbell profile backtest {output}")
    return Exit.OK


def _files(paths: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found += (
            sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith(".")) if path.is_dir() else [path]
        )
    return [path for path in found if path.name.casefold() != "readme.md"]


@profile_group.command("score")
@click.argument("profile", metavar="PROFILE")
@click.option("--items", required=True, metavar="FILE", help="Items as JSON lines; - for standard input.")
@invoked
def score_command(invocation: Invocation, profile: str, items: str) -> int:
    """Score items against a profile (its file, or its name in the config): one JSON line for each.

    \b
    Example:  echo '{"id": "1", "title": "Laos and Japan sign"}' | newsbell profile score pair.yaml --items -
    """
    from monitor.profiles import Matcher

    matcher = Matcher([_profile(invocation, profile)])
    for item in item_lines(read_file(items), items):
        [score] = matcher.score(
            title=item.get("title") or "",
            text=item.get("text") or "",
            source=item.get("source") or "",
            lang=item.get("lang"),
        )
        console.say(json.dumps(_line(item.get("id"), score), ensure_ascii=False))
    return Exit.OK


def _line(item_id: object, score: Score) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "id": item_id,
        "score": score.value,
        "threshold": score.threshold,
        "eligible": score.eligible,
        "matched": score.matched,
        "parts": [asdict(part) for part in score.parts],
    }


def _profile(invocation: Invocation, named: str) -> Profile:
    """The profile of a file, or of that name in the configuration."""
    from monitor.profiles import load_profile

    path = Path(named)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return load_profile(read_file(named), name=named)
    profiles = {loaded.profile.name: loaded.profile for loaded in invocation.settings.profiles}
    if named not in profiles:
        hint = console.did_you_mean(named, profiles)
        raise click.UsageError(f"no profile is called '{named}' and no file either.{hint}")
    return profiles[named]


COMMANDS = (profile_group,)
