"""A profile's YAML: read with every mistake at its place, written as a person would write it."""

from __future__ import annotations

from monitor.profiles.model import Profile
from monitor.yamldoc import load


def load_profile(text: str, *, name: str) -> Profile:
    """Read a profile. ``name`` is its file's name in messages. Raises ``ConfigError`` with every mistake."""
    return load(text, file=name, model=Profile)


def dump_profile(profile: Profile) -> str:
    """A profile as YAML that ``load_profile`` reads back to the same profile."""
    import yaml

    return yaml.safe_dump(profile.model_dump(mode="json", exclude_defaults=True), allow_unicode=True, sort_keys=False)
