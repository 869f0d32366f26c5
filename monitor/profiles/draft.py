"""A profile in the making: the profile itself and where everything in it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.profiles.corpus import Background, Bag
from monitor.profiles.model import DigestPlan, Profile
from monitor.profiles.unspaced import is_piece

THRESHOLD = 5.0
"""The threshold of every built profile: weights are scaled to it."""

DIGEST = DigestPlan(channels=("files",))
"""The digest of every built profile: daily, to files."""

_COMMONNESS = ((50_000, "very rare"), (1_000, "rare"), (100, "uncommon"), (0, "common"))

Notes = dict[tuple[str | int, ...], str]
"""Comments by path, such as ``("terms", 3)``."""


@dataclass(frozen=True)
class Draft:
    """A built profile and its provenance; ``head``: comment lines at the top of the file."""

    profile: Profile
    notes: Notes = field(default_factory=dict)
    head: tuple[str, ...] = ()


def origin(term: str, seeds: Sequence[Bag], background: Background) -> str:
    """In how many seeds a folded term stands and how common it is otherwise."""
    count = sum(term in seed.terms for seed in seeds)
    known = f"in {count} of {len(seeds)} seeds"
    if background.size:
        return f"{known}; in {max(background.counts[term], 0)} of {background.size} other texts"
    return known if is_piece(term) else f"{known}; {_commonness(background.once_in(term))} in English"


def _commonness(once_in: float) -> str:
    """How often something is met that is expected once in so many texts."""
    return next(word for limit, word in _COMMONNESS if once_in >= limit)
