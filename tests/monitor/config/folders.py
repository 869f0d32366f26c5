"""Configurations for tests, written into a folder."""

from __future__ import annotations

from pathlib import Path

from monitor.config import load_settings
from monitor.config.settings import Settings

CONFIG = """\
state_dir: state
contact: desk@example.org
feeds:
  - {url: "https://example.org/feed", title: Example, lang: en}
channels:
  files: {type: file, dir: digests}
"""
PROFILE = """\
name: laos
threshold: 1.0
concepts: {laos: {country: LA}}
require: [laos]
digest: {channels: [files]}
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write ``files`` below ``folder``; the path of its newsbell.yaml."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "newsbell.yaml"


def load(folder: Path, config: str = CONFIG, profile: str = PROFILE, **environment: str) -> Settings:
    """The settings of a configuration with one profile."""
    return load_settings(write(folder, {"newsbell.yaml": config, "profiles/laos.yaml": profile}), environment)
