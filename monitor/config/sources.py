"""Which files a configuration is made of."""

from __future__ import annotations

import errno
import os
import stat as modes
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.config.model import Config
    from monitor.config.settings import Settings, Stamp

DEFAULT_TEMPLATES = "templates"
_PARTS = attrgetter("parts")  # what paths compare themselves by, at ten times the cost
_TEMPLATE_ENDINGS = (".html.j2", ".txt.j2", ".j2", ".jinja", ".jinja2")


def matching(folder: Path, pattern: str) -> list[Path]:
    """The files that a pattern of ``profiles`` stands for, sorted; none for a pattern that makes no sense.

    As in a shell, ``*`` stands for no name with a dot in front, which editors and file managers leave behind. What is
    no folder counts, also when it cannot be read: whoever reads it says so.
    """
    root, relative = _rooted(folder, pattern)
    depth, named = len(root.parts), set(Path(relative).parts)
    try:
        found = [
            path
            for path in root.glob(relative)
            if not os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises for what may not be looked at
            and not any(part[0] == "." and part not in named for part in path.parts[depth:])
        ]
    except (ValueError, IndexError):  # the latter is pathlib's for "."
        return []
    return sorted(found, key=_PARTS)


def barred(folder: Path, pattern: str) -> Path | None:
    """The folder that a pattern of ``profiles`` begins with, when it may not be looked into."""
    root, relative = _rooted(folder, pattern)
    for part in Path(relative).parts[:-1]:
        if set(part) & set("*?["):
            break
        root /= part
    return root if is_closed(root) else None


def overlooked(folder: Path, pattern: str) -> list[Path]:
    """Files that somebody may take for profiles, and ``pattern`` only misses by their other ending."""
    for ending, other in ((".yaml", ".yml"), (".yml", ".yaml")):
        if pattern.endswith(f"*{ending}"):
            return matching(folder, pattern.removesuffix(ending) + other)
    return []


def _rooted(folder: Path, pattern: str) -> tuple[Path, str]:
    """A pattern as one that is relative to a folder."""
    return (Path("/"), pattern.lstrip("/")) if pattern.startswith("/") else (folder, pattern)


def is_closed(folder: Path) -> bool:
    """Whether a folder is there and may not be looked into."""
    return os.path.isdir(folder) and not os.access(folder, os.R_OK | os.X_OK, effective_ids=True)  # noqa: PTH112


def content(path: Path) -> bytes:
    """The bytes of an ordinary file; raises ``OSError``, also for what is none: nobody may ever write to a pipe."""
    if not modes.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file")
    return path.read_bytes()


def misplaced(config: Config, folder: Path, state: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """Places of ``config`` that name a file where a folder has to be, or the other way round, and what is wrong.

    Relative to ``folder``; ``state`` will be a folder as soon as it is needed.
    """
    for name, channel in config.channels.items():
        if channel.type == "file" and (folder / channel.dir).is_file():
            yield ("channels", name, "dir"), f"{channel.dir} is a file, not a folder"
    files = {("metrics", "file"): (folder, config.metrics.file), ("store", "path"): (state, config.store.path)}
    for place, (base, written) in files.items():
        if written is None:
            continue
        path = (base / written).resolve()
        if path.is_dir() or state.is_relative_to(path):
            yield place, f"{written} is a folder, not a file"


def template_files(folder: Path | None) -> Sequence[Path]:
    """The templates in a folder."""
    if folder is None or is_closed(folder):
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
