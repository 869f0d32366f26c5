"""Edits the configuration file in place: comments and layout stay, a mistake never reaches the file."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from monitor.config import layout
from monitor.config.feeds import normal_url
from monitor.config.model import Config
from monitor.config.read import read_text
from monitor.errors import NewsbellError
from monitor.model import Feed
from monitor.yamldoc import Document


def add_feeds(path: Path, feeds: Sequence[Feed]) -> tuple[Feed, ...]:
    """Add ``feeds`` to the configuration at ``path``; returns those that were not there yet, which were added.

    Raises ``ConfigError`` when the file is not valid (before or after), ``NewsbellError`` when it cannot be edited;
    the file then stays as it is.
    """
    known = {normal_url(feed.url) for feed in _valid(read_text(path), path).feeds}
    new: dict[str, Feed] = {}
    for feed in feeds:
        if normal_url(feed.url) not in known:
            new.setdefault(normal_url(feed.url), feed)
    added = tuple(new.values())
    _edit(path, lambda text: layout.with_feeds(text, added))
    return added


def remove_feed(path: Path, url: str) -> None:
    """Remove the feed at ``url``; raises as ``add_feeds`` does, also when there is no such feed."""
    _edit(path, lambda text: layout.without_feed(text, url))


def enable_feed(path: Path, url: str, enabled: bool) -> None:
    """Switch the feed at ``url`` on or off; raises as ``add_feeds`` does, also when there is no such feed."""
    _edit(path, lambda text: layout.with_enabled(text, url, enabled))


def _edit(path: Path, change: Callable[[str], str]) -> None:
    """Replace the file by what ``change`` makes of its text, if that is valid."""
    text = read_text(path)
    _valid(text, path)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    changed = mark + change(text.removeprefix(mark))
    if changed == text:
        return
    _valid(changed, path)
    replace(path.resolve(), changed.encode())


def _valid(text: str, path: Path) -> Config:
    return Document.parse(text, str(path)).validate(Config)


def replace(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` whole or not at all, keeping its mode; raises ``NewsbellError``."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise NewsbellError(f"{path.parent} cannot be written: {error.strerror}") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise NewsbellError(f"{path} cannot be written: {error.strerror}") from error
