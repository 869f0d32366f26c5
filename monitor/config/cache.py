"""What reading a configuration gave, kept in the state folder: while nothing changes, nothing is read again.

Most passes find the configuration as it was. Checking that costs a few milliseconds, reading it whole, with its
profiles, thirty times as much. What was read counts as long as every byte that was read is the same, and with it the
program, the Python, and whatever of the environment was asked. Secrets are not kept: they are found anew at every
start, and a configuration with a secret in its file is not kept at all.

The file holds pickled dataclasses, which is safe only because nobody else could have written it: it must be a regular
file of the user's own, or root's, that no other may write. Any doubt means that the configuration is read in full.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import pickle
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from itertools import chain, starmap
from operator import attrgetter
from pathlib import Path
from typing import Any

import alerts
import monitor
from alerts.record import record
from monitor.config.kept import NAME, NotOursError, circumstances, likely_folder, read_private, write_private
from monitor.config.model import AppriseChannel, Config
from monitor.config.secrets import SecretFinder
from monitor.config.settings import Settings
from monitor.config.sources import DEFAULT_TEMPLATES, content, current_stamp, files_of, misplaced, stamp
from monitor.model import Feed

_DIGEST_BYTES = hashlib.sha256().digest_size
_PACKAGES = {"monitor", "alerts", "datetime", "pathlib"}
_FIELDS = Feed.__match_args__

log = logging.getLogger(__name__)


@record
class _Kept:
    """What is kept: settings without secrets, and the files beside the configuration that they were read from.

    ``feeds``: the fields of one after those of the other, which unpickling takes a fraction of the memory for.
    """

    settings: Settings
    feeds: tuple[Any, ...]
    digests: tuple[tuple[str, bytes], ...]


class _MissError(Exception):
    """The configuration has to be read in full; the text says why."""


def recall(path: Path, environment: Mapping[str, str], *, state_dir: str | None = None) -> Settings | None:
    """The settings of the configuration at ``path`` as they were kept; None when they would not be the same now."""
    try:
        raw = path.read_bytes()
        folder = likely_folder(path, raw, environment, state_dir)
        kept = _unpack(read_private(folder / NAME), circumstances(folder, path, raw, environment, state_dir), raw)
        return _current(kept, environment)
    except (OSError, NotOursError, _MissError) as reason:
        log.debug("the configuration is read in full: %s", reason)
        return None


def keep(settings: Settings, written: Config, environment: Mapping[str, str], *, state_dir: str | None = None) -> None:
    """Keep ``settings`` for the next start; ``written`` is their configuration without secrets from elsewhere.

    Does nothing where that is not possible, or where a file has changed since it was read.
    """
    try:
        raw = settings.path.read_bytes()
        without = replace(settings, config=replace(written, feeds=()), feeds=(), stamp=())
        feeds = tuple(chain.from_iterable(map(attrgetter(*_FIELDS), settings.feeds)))
        kept = _Kept(without, feeds, _digests(files_of(settings)))
        if current_stamp(settings) != settings.stamp:
            return
        payload = pickle.dumps(kept, pickle.HIGHEST_PROTOCOL)
        begin = circumstances(settings.state_dir, settings.path, raw, environment, state_dir)
        write_private(settings.state_dir / NAME, begin + _digest(raw, payload) + payload)
    except (OSError, TypeError) as reason:  # a Secret refuses with a TypeError
        log.debug("the settings are not kept: %s", reason)


@cache  # what runs is what was loaded, however long ago
def _code() -> bytes:
    """What tells one state of the program's own files from another: a working copy keeps its version for long."""
    seen = hashlib.sha256()
    for package in (monitor, alerts):
        for folder, folders, names in os.walk(Path(str(package.__file__)).parent):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(names):
                status = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118
                seen.update(f"{folder}/{name} {status.st_mtime_ns} {status.st_size}\n".encode(errors="surrogateescape"))
    return seen.digest()


def _digests(files: Iterable[Path]) -> tuple[tuple[str, bytes], ...]:
    return tuple((str(path), hashlib.sha256(content(path)).digest()) for path in files)


def _digest(raw: bytes, payload: bytes | memoryview) -> bytes:
    digest = hashlib.sha256(_code() + hashlib.sha256(raw).digest() + sys.version.encode())
    digest.update(payload)
    return digest.digest()


def _unpack(content: bytes, begin: bytes, raw: bytes) -> _Kept:
    start = len(begin) + _DIGEST_BYTES
    if not content.startswith(begin) or content[len(begin) : start] != _digest(raw, memoryview(content)[start:]):
        raise _MissError("something has changed since it was kept")
    try:
        file = io.BytesIO(content)
        file.seek(start)
        kept = _Unpickler(file).load()
    except (pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError, TypeError, ValueError) as error:
        raise _MissError(str(error)) from error
    if not isinstance(kept, _Kept):
        raise _MissError("something else was kept")
    return kept


class _Unpickler(pickle.Unpickler):
    """Makes nothing but what settings consist of."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if isinstance(found, type) and found.__module__.partition(".")[0] in _PACKAGES:
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of settings")


def _current(kept: _Kept, environment: Mapping[str, str]) -> Settings:
    """The kept settings with today's secrets; a miss when a file or a secret is not as it was."""
    settings = kept.settings
    if settings.templates is None and (settings.folder / DEFAULT_TEMPLATES).is_dir():
        raise _MissError("there are templates now")
    files = list(files_of(settings))
    now = stamp([settings.path, *files])  # before they are read: a change meanwhile is then seen
    if _digests(files) != kept.digests:
        raise _MissError("a profile or a template has changed")
    finder = SecretFinder(settings.folder, environment)
    config = finder.fill_all(settings.config)
    if finder.findings:
        raise _MissError("a secret is not as it was")
    if any(isinstance(channel, AppriseChannel) for channel in config.channels.values()) and not _has_apprise():
        raise _MissError("Apprise is gone")
    if next(misplaced(config, settings.folder, settings.state_dir), None):
        raise _MissError("a folder has become a file, or a file a folder")
    feeds = tuple(starmap(Feed, zip(*[iter(kept.feeds)] * len(_FIELDS), strict=True)))
    return replace(settings, config=config, feeds=feeds, stamp=now)


def _has_apprise() -> bool:
    import importlib.util

    return importlib.util.find_spec("apprise") is not None
