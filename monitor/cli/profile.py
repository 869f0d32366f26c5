"""Commands about watch profiles: ``profile build|score|explain|backtest|label|tune``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alerts.amount import amount
from monitor.cli import console
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked, parse_span, read_file

if TYPE_CHECKING:
    from monitor.app import Application
    from monitor.model import Entry, PastItem, Score
    from monitor.profiles import Profile
    from monitor.profiles.backtest import Backtest
    from monitor.profiles.tune import Proposal

_BARS = 60  # that fit side by side on a terminal


@click.group("profile")
def profile_group() -> None:
    """Make a profile from articles; see what it thinks and why."""


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
    """Write a commented YAML profile from seed articles. They are text, Markdown or HTML files, or folders of them.

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
        output.write_text(_modeline(output) + document, encoding="utf-8")
        if not invocation.quiet:
            console.note(f"wrote {output}; read it, then try: newsbell profile backtest {output}")
    return Exit.OK


def _modeline(output: Path) -> str:
    """The line by which editors find the schema that ``init`` wrote beside the profiles; "" when there is none."""
    near = (Path("schema"), Path("..") / "schema")
    found = [folder / "profile.json" for folder in near if (output.parent / folder / "profile.json").is_file()]
    return f"# yaml-language-server: $schema={found[0]}\n" if found else ""


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
@click.option("--json", is_flag=True, expose_value=False, help="JSON lines: what it prints anyway.")
@invoked
def score_command(invocation: Invocation, profile: str, items: str) -> int:
    """Score items against a profile, one JSON line for each. PROFILE is its file, or its name in the config.

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


@profile_group.command("explain")
@click.argument("profile")
@click.argument("entry_id", metavar="[ENTRY-ID]", required=False)
@click.option("--title", help="The headline of a text to explain in place of a collected entry.")
@click.option("--text", default="", help="Its text.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def explain_command(
    invocation: Invocation, profile: str, entry_id: str | None, title: str | None, text: str, as_json: bool
) -> int:
    """Say why an entry matches, and why not. Which words gave points, what is missing, how many points short.

    \b
    Examples:
      newsbell profile explain pair --title "Laos and Japan sign grant agreement"
      newsbell profile explain pair 9f3a21c07d5e4b18
    """
    from monitor.model import PastItem
    from monitor.profiles import Matcher
    from monitor.profiles.explain import explain, lines

    if (entry_id is None) == (title is None):
        raise click.UsageError("give the ID of a collected entry, or --title (see: newsbell entries search)")
    item = PastItem("", title or "", text) if entry_id is None else _collected(invocation, entry_id)
    chosen = _profile(invocation, profile)
    [(score, words)] = Matcher([chosen]).trace(item)
    explanation = explain(chosen, score, words)
    if as_json:
        console.show_json(explanation)
    else:
        console.say(item.title)
        for line in lines(explanation, console.width()):
            console.say(line)
    return Exit.OK


@profile_group.command("backtest")
@click.argument("profile")
@click.option("--since", default="90d", show_default=True, help="How far back among the collected entries.")
@click.option("--against", metavar="OLD", help="Another profile (name or file): what PROFILE gains and loses.")
@click.option("--items", metavar="FILE", help="Items as JSON lines in place of the collected entries.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def backtest_command(
    invocation: Invocation, profile: str, since: str, against: str | None, items: str | None, as_json: bool
) -> int:
    """Show what a profile would have told. Hits by day, what a threshold would pass, gained and lost.

    \b
    Examples:
      newsbell profile backtest pair --since 30d
      newsbell profile backtest new.yaml --against pair
    """
    from monitor.profiles.backtest import backtest, compare

    chosen = _profile(invocation, profile)
    old = _profile(invocation, against) if against else None
    past = _past(invocation, since, items)
    result = backtest(chosen, past)
    change = compare(old, chosen, past) if old else None
    if as_json:
        console.show_json({"backtest": result, "comparison": change})
        return Exit.OK
    _show_backtest(result)
    if change:
        _show_scored("gained", change.gained)
        _show_scored("lost", change.lost)
    return Exit.OK


def _show_backtest(result: Backtest) -> None:
    hits, verb = len(result.hits), "matches" if len(result.hits) == 1 else "match"
    console.say(f"{hits} of {amount(result.items, 'entry', 'entries')} {verb} (threshold {result.threshold:g})")
    if result.by_day:
        labels, counts = _calendar(result.by_day)
        console.bars(labels, counts, "hits by day, month or year")
    if result.curve and result.curve[0][1]:
        console.curve(result.curve, result.threshold, "entries that a threshold would pass")
    _show_scored("best matches", result.hits[:20])
    _show_scored("nearest below", result.nearest)


def _calendar(by_day: Sequence[tuple[date, int]]) -> tuple[list[str], list[int]]:
    """Days, else months, else years: the finest that a screen has room for."""
    for length in (len("2025-01-22"), len("2025-01"), len("2025")):
        counts: Counter[str] = Counter()
        for day, count in by_day:
            counts[day.isoformat()[:length]] += count
        if len(counts) <= _BARS:
            break
    return list(counts), list(counts.values())


def _show_scored(title: str, scored: Sequence[tuple[PastItem, Score]]) -> None:
    console.say(f"\n{title}: {len(scored) or 'none'}")
    if scored:
        rows = [(f"{score.value:.1f}", item.source, item.title, item.id) for item, score in scored]
        console.table(rows, ["score", "source", "title", "id"])


@profile_group.command("label")
@click.argument("profile")
@click.argument("entry_id", metavar="ENTRY-ID")
@click.argument("label", type=click.Choice(["on", "off"]))
@invoked
def label_command(invocation: Invocation, profile: str, entry_id: str, label: str) -> int:
    """Judge whether a collected entry is on the profile's topic. 'profile tune' learns from it.

    \b
    Example:  newsbell profile label pair 9f3a21c07d5e4b18 off
    """
    name = _profile(invocation, profile).name
    with invocation.application() as application:
        entry = application.store.entry(entry_id)
        if entry is None:
            raise click.UsageError(f"no single entry begins with '{entry_id}' (see: newsbell entries search)")
        application.store.add_label(name, entry.id, label, application.clock.now())
    if not invocation.quiet:
        console.note(f"{label}: {entry.title}")
    return Exit.OK


@profile_group.command("tune")
@click.argument("profile")
@click.option("--apply", is_flag=True, help="Write the proposed change into the profile's file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@invoked
def tune_command(invocation: Invocation, profile: str, apply: bool, as_json: bool) -> int:
    """Propose a change of a profile from your judgements. It says what that would do; --apply makes it.

    \b
    Example:
      newsbell profile label pair 9f3a21c07d5e4b18 off
      newsbell profile tune pair
    """
    from monitor.profiles.tune import propose

    loaded = {one.profile.name: one for one in invocation.settings.profiles}
    chosen = _profile(invocation, profile)
    with invocation.application() as application:
        labels = application.store.labels(chosen.name)
        sources = _sources(application)
        judged = [item for key in labels if (item := _item(application, key, sources))]
    proposal = propose(chosen, judged, labels)
    if as_json:
        console.show_json(proposal)
    else:
        _show_proposal(proposal)
    if apply and proposal.changes:
        from monitor.config.numbers import set_numbers

        path = loaded[chosen.name].path if chosen.name in loaded else Path(profile)
        set_numbers(path, {change.path: change.new for change in proposal.changes})
        if not invocation.quiet:
            console.note(f"wrote {path}")
    return Exit.OK


def _show_proposal(proposal: Proposal) -> None:
    before, after = proposal.before, proposal.after
    console.say(f"now: {before.right} right, {len(before.missed)} missed, {len(before.false)} false")
    if proposal.note:
        console.say(proposal.note)
    for change in proposal.changes:
        console.say(f"  {change.label}: {change.old:g} → {change.new:g} ({change.reason})")
    if proposal.changes:
        console.say(f"then: {after.right} right, {len(after.missed)} missed, {len(after.false)} false")


def _past(invocation: Invocation, since: str, items: str | None) -> list[PastItem]:
    """The items of a file, or the collected entries of the last time."""
    from monitor.model import PastItem

    if items:
        lines = enumerate(item_lines(read_file(items), items), start=1)
        return [
            PastItem(
                str(item.get("id", number)),
                item.get("title") or "",
                item.get("text") or "",
                item.get("source") or "",
                item.get("lang"),
                _date(item.get("date")),
            )
            for number, item in lines
        ]
    with invocation.application() as application:
        start = application.clock.now() - parse_span(since)
        sources = _sources(application)
        return [_as_item(entry, sources) for entry in application.store.entries(since=start, limit=1_000_000)]


def _date(text: object) -> datetime | None:
    try:
        date = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _collected(invocation: Invocation, entry_id: str) -> PastItem:
    with invocation.application() as application:
        item = _item(application, entry_id, _sources(application))
    if item is None:
        raise click.UsageError(f"no single entry begins with '{entry_id}' (see: newsbell entries search)")
    return item


def _sources(application: Application) -> Mapping[str, str]:
    """What each feed is called: the source of entries that name none, as in a pass."""
    return {feed.feed.url: feed.title for feed in application.store.feeds()}


def _item(application: Application, entry_id: str, sources: Mapping[str, str]) -> PastItem | None:
    entry = application.store.entry(entry_id)
    return _as_item(entry, sources) if entry else None


def _as_item(entry: Entry, sources: Mapping[str, str]) -> PastItem:
    from monitor.model import PastItem

    return PastItem(
        entry.id,
        entry.title,
        entry.summary,
        entry.source or sources.get(entry.feed_url, ""),
        entry.lang,
        entry.published or entry.found,
        entry.content,
        entry.feed_url,
    )


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
