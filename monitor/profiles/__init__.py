"""Watch profiles: their YAML model, building them from seeds, matching, scoring, explaining and backtesting.

Each part is imported when it is first asked for: a pass does not need what builds profiles.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.profiles.build import build_profile, draft_profile
    from monitor.profiles.document import dump_profile, load_profile
    from monitor.profiles.match import Matcher
    from monitor.profiles.model import Profile

__all__ = ["Matcher", "Profile", "build_profile", "draft_profile", "dump_profile", "load_profile"]

_HOMES = {
    "Matcher": "match",
    "Profile": "model",
    "build_profile": "build",
    "draft_profile": "build",
    "dump_profile": "document",
    "load_profile": "document",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
