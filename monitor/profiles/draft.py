"""A profile in the making: the profile itself and where everything in it came from."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.profiles.model import Profile

THRESHOLD = 5.0
"""The threshold of every built profile: weights are scaled to it."""


@dataclass(frozen=True)
class Draft:
    """A built profile and its provenance: ``notes`` are comments by path, such as ``("terms", 3)``."""

    profile: Profile
    notes: dict[tuple[str | int, ...], str] = field(default_factory=dict)
    head: tuple[str, ...] = ()
    """Comment lines at the top of the file."""
