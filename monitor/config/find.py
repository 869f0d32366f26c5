"""Where the configuration and the state folder are. Cheap: nothing is read here."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from monitor.errors import ConfigError, Problem

CONFIG_NAME = "newsbell.yaml"
SYSTEM_CONFIG = Path("/etc/newsbell") / CONFIG_NAME
_START = "newsbell init writes one to start from"


def find_config(explicit: str | None, environment: Mapping[str, str], cwd: Path) -> Path:
    """The configuration in force: ``explicit`` (``-c``), ``$NEWSBELL_CONFIG``, or the first of the usual places.

    A folder stands for the ``newsbell.yaml`` in it. Raises ``ConfigError`` when there is none.
    """
    named = explicit or environment.get("NEWSBELL_CONFIG")
    if named:
        path = expand(named, environment)
        path = path / CONFIG_NAME if (cwd / path).is_dir() else path
        if (cwd / path).is_file():
            return path
        raise ConfigError([Problem(str(path), 1, 1, "", "there is no such file", _START)])
    for path in usual_places(environment):
        if (cwd / path).is_file():
            return path
    looked = ", ".join(str(path) for path in usual_places(environment))
    nearby = next((path for path in (Path(CONFIG_NAME), *_below(cwd)) if (cwd / path).is_file()), None)
    start = _START if nearby is None else f"use the one that is here with: newsbell -c {shlex.quote(f'./{nearby}')}"
    raise ConfigError([Problem(CONFIG_NAME, 1, 1, "", "no configuration was found", f"looked for {looked}; {start}")])


def _below(folder: Path) -> Iterator[Path]:
    """What ``init`` may have written in the folders below ``folder``."""
    yield from sorted(path.relative_to(folder) for path in folder.glob(f"*/{CONFIG_NAME}"))


def usual_places(environment: Mapping[str, str]) -> Iterator[Path]:
    """Where a configuration is looked for when none is named, nearest first (XDG Base Directory Specification)."""
    yield Path("config") / CONFIG_NAME
    yield config_home(environment) / "newsbell" / CONFIG_NAME
    yield SYSTEM_CONFIG


def state_folder(config: Path, written: str | None, environment: Mapping[str, str], explicit: str | None) -> Path:
    """The state folder: ``explicit``, ``$STATE_DIRECTORY``, what the config has ``written``, or the user's own."""
    given = named_state_folder(environment, explicit)
    if given is not None:
        return given
    if written:
        return (config.resolve().parent / expand(written, environment)).resolve()
    return (_base(environment, "XDG_STATE_HOME", ".local/state") / "newsbell").resolve()


def named_state_folder(environment: Mapping[str, str], explicit: str | None) -> Path | None:
    """The state folder that goes before the config's; systemd may list several, of which the first is ours."""
    named = explicit or environment.get("STATE_DIRECTORY", "").partition(":")[0]
    return expand(named, environment).resolve() if named else None


def expand(path: str, environment: Mapping[str, str]) -> Path:
    """A path, ``~`` at its beginning read as the home folder."""
    if path == "~" or path.startswith("~/"):
        return _home(environment) / path[2:]
    return Path(path)


def config_home(environment: Mapping[str, str]) -> Path:
    """Where the user's programs keep their configuration."""
    return _base(environment, "XDG_CONFIG_HOME", ".config")


def _base(environment: Mapping[str, str], variable: str, default: str) -> Path:
    """A base folder; a relative one is invalid and ignored, as the specification says."""
    given = Path(environment.get(variable, ""))
    return given if given.is_absolute() else _home(environment) / default


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or "/")
