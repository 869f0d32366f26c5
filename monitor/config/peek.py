"""The state folder without reading the whole configuration, so that its lock is taken before any heavy import."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from monitor.config.find import named_state_folder, state_folder
from monitor.config.kept import known_folder


def peek_state_dir(config: Path, environment: Mapping[str, str], *, state_dir: str | None = None) -> Path:
    """The folder that ``load_settings`` would name, found without pydantic.

    Raises the ``ConfigError`` of ``load_settings`` when the configuration does not even say that much.
    """
    found = named_state_folder(environment, state_dir) or known_folder(config, environment)
    if found is not None:
        return found
    import yaml

    from monitor.yamldoc.nodes import peek

    try:
        written = peek(config.read_text(encoding="utf-8-sig"), "state_dir")
    except (OSError, ValueError, yaml.YAMLError):
        from monitor.config.load import load

        return load(config, environment).state_dir
    return state_folder(config, written, environment, state_dir)
