"""What the sections of ``newsbell.yaml`` share."""

from __future__ import annotations

from typing import ClassVar

from monitor.yamldoc.section import Section


class ConfigSection(Section):
    """A group of keys of ``newsbell.yaml``."""

    __kinds__: ClassVar[str] = "monitor.config.kinds"
