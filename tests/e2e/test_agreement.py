"""``check`` passes exactly when ``run`` would not fail on the configuration: tried on mistakes in every place."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.cli.exits import Exit
from tests.e2e.world import Desk, Result

pytestmark = pytest.mark.e2e

CONFIG = """\
state_dir: ../state
contact: https://newsbell.example/bot
fetch: {interval: 30m, max_interval: 12h, timeout: 30s, max_bytes: 10MiB, concurrency: 5, per_host: 2,
        allow_addresses: ["127.0.0.1:9"]}
feeds:
  - {url: "http://127.0.0.1:9/feed", title: Example, lang: en, interval: 2h, enabled: false}
channels:
  files: {type: file, dir: ../digests, formats: [html, json], feeds: true, timeout: 5s}
  desk: {type: email, host: 127.0.0.1, port: 2525, security: none, username: ann, password_env: DESK_PASSWORD,
         from: Newsbell <newsbell@example.org>, to: [desk@example.org], threading: day, on_unknown: hold,
         unsubscribe: "https://example.org/leave", archive: "https://example.org/archive"}
  hook: {type: webhook, url: "https://example.org/hook", secret_env: HOOK_SECRET}
profiles: [profiles/*.yaml]
retention: {entries: 180d, seen: 730d}
notices: {channels: [files], feed_down: 1d, no_match: 14d, spike: true}
store: {path: newsbell.db}
log: {level: info, format: auto}
metrics: {file: ../newsbell.prom, listen: "127.0.0.1:9464"}
"""
PROFILE = """\
name: pair
title: Japan with Laos
threshold: 3.0
instant: 5.0
focus: 1.0
concepts:
  japan: {country: JP, terms: [Tokyo], scripts: [Hiragana], ignore: [Japan Times], weight: 1.5}
  laos: {country: LA, terms: [Vientiane]}
require: [japan, [laos]]
terms:
  - {term: strategic partnership, weight: 3.0, case: false, field: title}
  - {near: [upgrade, ties], within: 6, weight: 1.2}
  - {regex: "70th (anniversary|year)", weight: 2.0}
exclude: [lottery]
scope: {langs: [en], feeds: ["http://127.0.0.1:9/feed"], fields: [title, summary]}
digest: {schedule: "0 7 * * mon-fri", timezone: Asia/Vientiane, quiet: "22:00-06:00", channels: [files],
         max_items: 20, min_items: 1, send_empty: false, stories: true, template: digest}
"""
SECRETS = {"DESK_PASSWORD": "hunter2", "HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
FILES = {"config": yaml.safe_load(CONFIG), "pair": yaml.safe_load(PROFILE)}
Place = tuple[str | int, ...]
# What may stand in the place of a value, turn by turn, besides nothing at all and a key with a slip of the finger.
VALUES = (
    None,
    "",
    0,
    -1,
    7,
    2.5,
    True,
    [],
    {},
    "wrong",
    ["wrong", "wrong"],
    {"wrong": 1},
    "61 25 * * *",
    "a\x00b",
    10**30,
)


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Every place in a document, the containers included."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*at, step)
        yield from places(inner, (*at, step))


def mutants() -> Iterator[tuple[str, Place, Any]]:
    """A file, a place in it, and what becomes of it: for each place it goes, is misspelt, or holds something else."""
    turn = 0
    for file, tree in FILES.items():
        for place in places(tree):
            yield file, place, ...
            if isinstance(place[-1], str):
                yield file, place, f"{place[-1]}x"
            for _ in range(2):
                yield file, place, (VALUES[turn % len(VALUES)],)
                turn += 1


MUTANTS = list(mutants())


def mutated(tree: Any, place: Place, change: Any) -> Any:
    """``tree`` with the change made: ``...`` takes the key away, a text renames it, a tuple holds its new value."""
    tree = copy.deepcopy(tree)
    inner = tree
    for step in place[:-1]:
        inner = inner[step]
    if isinstance(change, tuple):
        inner[place[-1]] = change[0]
        return tree
    value = inner.pop(place[-1])
    if change is not ...:
        inner[change] = value
    return tree


def both(desk: Desk, monkeypatch: pytest.MonkeyPatch, config: str, profile: str) -> tuple[Result, Result]:
    """What ``check`` and ``run`` say to a configuration."""
    monkeypatch.setattr("tests.e2e.world.environment", lambda: {"HOME": str(desk.folder), "NO_COLOR": "1", **SECRETS})
    desk.write(config, pair=profile)
    return desk.run("check", check=None), desk.run("run", check=None)


def test_what_is_mutated_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checked, ran = both(Desk(tmp_path), monkeypatch, CONFIG, PROFILE)
    assert (checked.code, ran.code) == (Exit.OK, Exit.OK), checked


@pytest.mark.parametrize("share", range(8))
def test_check_and_run_agree_on_every_mutant(share: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = 0
    for number, (file, place, change) in enumerate(MUTANTS[share::8]):
        texts = {
            name: yaml.safe_dump(mutated(tree, place, change) if name == file else tree, allow_unicode=True)
            for name, tree in FILES.items()
        }
        desk = Desk(tmp_path / str(number))
        checked, ran = both(desk, monkeypatch, texts["config"], texts["pair"])
        told = (file, place, change, checked, ran)
        assert checked.code in (Exit.OK, Exit.CONFIG), told
        assert (ran.code == Exit.CONFIG) is (checked.code == Exit.CONFIG), told
        assert ran.code in (Exit.OK, Exit.CONFIG, Exit.FEEDS), told  # nobody answers at the feed's address
        if checked.code == Exit.CONFIG:
            wrong += 1
            assert ran.err == checked.err, told
            assert not (desk.folder / "digests").exists(), told
    assert wrong >= 30
