"""Which files a configuration is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.config.settings import Settings, Stamp

DEFAULT_TEMPLATES = "templates"
_PARTS = attrgetter("parts")  # what paths compare themselves by, at ten times the cost
_TEMPLATE_ENDINGS = (".html.j2", ".txt.j2", ".j2", ".jinja", ".jinja2")


def matching(folder: Path, pattern: str) -> list[Path]:
    """The files that a pattern of ``profiles`` stands for, sorted; none for a pattern that makes no sense."""
    root, relative = (Path("/"), pattern.lstrip("/")) if pattern.startswith("/") else (folder, pattern)
    try:
        return sorted((path for path in root.glob(relative) if path.is_file()), key=_PARTS)
    except (ValueError, IndexError):  # the latter is pathlib's for "."
        return []


def template_files(folder: Path | None) -> Sequence[Path]:
    """The templates in a folder."""
    if folder is None:
        return ()
    return sorted(path for path in folder.iterdir() if path.name.endswith(_TEMPLATE_ENDINGS))


def files_of(settings: Settings) -> Iterator[Path]:
    """The files beside the configuration itself that ``settings`` would be read from now, each once."""
    found = (path for pattern in settings.patterns for path in matching(settings.path.parent, pattern))
    yield from dict.fromkeys(found)
    yield from template_files(settings.templates)


def stamp(paths: Iterable[Path]) -> Stamp:
    """What tells whether any of ``paths`` has changed, come or gone."""
    found = []
    for path in sorted(set(paths), key=_PARTS):
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(found)


def current_stamp(settings: Settings) -> Stamp:
    """The stamp of the files that ``settings`` would be read from now; differs from theirs when something changed."""
    return stamp([settings.path, *files_of(settings)])
