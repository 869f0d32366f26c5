"""What a run works with: the configuration with all its files read, all its secrets found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alerts.record import record

# The models are heavy, and whether another pass holds the lock is to be told without them.
if TYPE_CHECKING:
    from alerts.model import Secret
    from monitor.config.model import Config
    from monitor.errors import Problem
    from monitor.model import Feed
    from monitor.profiles.model import Profile

Stamp = tuple[tuple[str, int, int], ...]
"""Which configuration files there are, when each was written and how long it is."""


@record
class LoadedProfile:
    """A watch profile, and the file it stands in."""

    profile: Profile
    path: Path


@record
class Settings:
    """A valid configuration. Paths but ``path`` are absolute; the secrets are filled in from wherever they lie.

    ``config`` names no feeds: of them there may be many, and ``feeds`` takes a fraction of the room.
    ``warnings``: what works, but hardly as it was meant, or not safely. ``advice``: what could be better.
    ``patterns``: where profiles are looked for, relative to the configuration.
    """

    config: Config
    path: Path
    state_dir: Path
    profiles: tuple[LoadedProfile, ...]
    feeds: tuple[Feed, ...]
    warnings: tuple[Problem, ...] = ()
    advice: tuple[Problem, ...] = ()
    templates: Path | None = None
    patterns: tuple[str, ...] = ()
    stamp: Stamp = ()

    @property
    def folder(self) -> Path:
        """The folder of the configuration, which its relative paths start from."""
        return self.path.resolve().parent

    def resolve(self, path: str) -> Path:
        """A path of the configuration as an absolute one."""
        return (self.folder / path).resolve()

    @property
    def store(self) -> Path:
        """The store's file, when no database is named."""
        return (self.state_dir / self.config.store.path).resolve()

    @property
    def database(self) -> Secret | None:
        """The address of the PostgreSQL database to remember in; None: in the file."""
        return self.config.store.url


def feeds_of(config: Config) -> tuple[Feed, ...]:
    """The configured feeds as the program's own kind."""
    from monitor.model import Feed

    return tuple(Feed(feed.url, feed.title, feed.lang, feed.interval, feed.enabled) for feed in config.feeds)
