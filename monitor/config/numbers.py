"""Changes numbers of a hand-edited profile in place: every other byte of the file stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from monitor.config.edit import replace
from monitor.config.layout import EditError
from monitor.config.read import read_text
from monitor.profiles import load_profile

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Way = tuple[str | int, ...]


def set_numbers(path: Path, changes: Mapping[Way, float]) -> None:
    """Write ``changes`` (numbers by their way into the document) into the profile at ``path``.

    Raises ``EditError`` when a way leads nowhere, ``ConfigError`` when the profile would not be valid; the file then
    stays as it is.
    """
    text = with_numbers(read_text(path), changes)
    load_profile(text, name=str(path))
    replace(path.resolve(), text.encode())


def with_numbers(text: str, changes: Mapping[Way, float]) -> str:
    """``text`` with the numbers of ``changes`` in place of those that are there; raises ``EditError``."""
    root = yaml.compose(text, Loader=_LOADER)
    places = sorted(((_scalar(root, way), value) for way, value in changes.items()), key=lambda place: place[0][0])
    for (start, end), value in reversed(places):
        text = text[:start] + f"{value:g}" + text[end:]
    return text


def _scalar(node: yaml.Node | None, way: Way) -> tuple[int, int]:
    """Where the scalar that ``way`` leads to begins and ends."""
    for step in way:
        node = _child(node, step)
    if not isinstance(node, yaml.ScalarNode):
        raise EditError(f"there is no number at {'.'.join(map(str, way))}")
    return node.start_mark.index, node.end_mark.index


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item: yaml.Node = node.value[step]
        return item
    return None
