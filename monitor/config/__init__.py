"""The configuration: found, read, checked as a whole, edited in place.

Importing this package is cheap; the models are imported when a configuration is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.config.find import find_config

if TYPE_CHECKING:
    from monitor.config.settings import Settings

__all__ = ["current_settings", "find_config", "load_settings"]


def load_settings(config: Path, environment: Mapping[str, str], *, state_dir: str | None = None) -> Settings:
    """Read ``config`` and every file that it names; ``state_dir`` overrides the state folder.

    Raises ``ConfigError`` with every mistake of every file, sorted by place.
    """
    from monitor.config.load import load

    return load(config, environment, state_dir=state_dir)


def current_settings(
    config: Path, environment: Mapping[str, str], *, state_dir: str | None = None, keep: bool = False
) -> Settings:
    """The same, at once when nothing has changed since the settings were kept.

    ``keep``: what had to be read in full is kept in the state folder.
    """
    from monitor.config import cache

    settings = cache.recall(config, environment, state_dir=state_dir)
    if settings is None:
        from monitor.config.load import load_both

        settings, written = load_both(config, environment, state_dir=state_dir)
        if keep:
            cache.keep(settings, written, environment, state_dir=state_dir)
    return settings
