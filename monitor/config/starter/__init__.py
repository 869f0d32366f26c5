"""What ``newsbell init`` writes: a configuration that works as it is, with comments to grow it by."""

from __future__ import annotations

from importlib.resources import files

from monitor.config.schema import schema_text

_TEXTS = ("newsbell.yaml", "profiles/japan-asean.yaml")


def starter_files() -> dict[str, str]:
    """The texts by their paths below the new folder, the configuration first."""
    folder = files(__name__) / "files"
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in _TEXTS}
    return texts | {"schema/newsbell.json": schema_text("config"), "schema/profile.json": schema_text("profile")}
