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
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import alerts
import monitor
from monitor.config.find import named_state_folder, state_folder
from monitor.config.model import AppriseChannel, Config
from monitor.config.secrets import SecretFinder
from monitor.config.settings import Settings, feeds_of
from monitor.config.sources import DEFAULT_TEMPLATES, content, current_stamp, files_of, misplaced, stamp

NAME = "settings.cache"
_MAX_BYTES = 100_000_000
_DIGEST_BYTES = hashlib.sha256().digest_size
_PACKAGES = {"monitor", "alerts", "datetime", "pathlib"}
# A hint only: where it misreads a file, it leads to a folder without a fitting cache.
_STATE_DIR = re.compile(
    rb"^state_dir:[ \t]+(?:\"([^\"\\\n]+)\"|'([^'\n]+)'|([\w./~-][^\n#:\"']*?))[ \t\r]*(?:#.*)?$", re.MULTILINE
)
_ASKED = ("HOME", "XDG_STATE_HOME")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Kept:
    """What is kept: settings without secrets, and the files beside the configuration that they were read from."""

    settings: Settings
    digests: tuple[tuple[str, bytes], ...]


class _MissError(Exception):
    """The configuration has to be read in full; the text says why."""


def recall(path: Path, environment: Mapping[str, str], *, state_dir: str | None = None) -> Settings | None:
    """The settings of the configuration at ``path`` as they were kept; None when they would not be the same now."""
    try:
        raw = path.read_bytes()
        folder = _likely_folder(path, raw, environment, state_dir)
        kept = _unpack(_read_private(folder / NAME), _circumstances(path, raw, environment, state_dir))
        return _current(kept, environment)
    except (OSError, _MissError) as reason:
        log.debug("the configuration is read in full: %s", reason)
        return None


def keep(settings: Settings, written: Config, environment: Mapping[str, str], *, state_dir: str | None = None) -> None:
    """Keep ``settings`` for the next start; ``written`` is their configuration without secrets from elsewhere.

    Does nothing where that is not possible, or where a file has changed since it was read.
    """
    try:
        raw = settings.path.read_bytes()
        kept = _Kept(replace(settings, config=written, feeds=(), stamp=()), _digests(files_of(settings)))
        if current_stamp(settings) != settings.stamp:
            return
        payload = pickle.dumps(kept, pickle.HIGHEST_PROTOCOL)
        digest = _digest(_circumstances(settings.path, raw, environment, state_dir), payload)
        _write_private(settings.state_dir / NAME, digest + payload)
    except (OSError, TypeError) as reason:  # a Secret refuses with a TypeError
        log.debug("the settings are not kept: %s", reason)


def _likely_folder(path: Path, raw: bytes, environment: Mapping[str, str], state_dir: str | None) -> Path:
    """Where the state folder seems to be, without reading ``raw`` as YAML."""
    found = _STATE_DIR.search(raw)
    written = next((each for each in found.groups() if each), None) if found else None
    return state_folder(path, written.decode(errors="replace") if written else None, environment, state_dir)


def _circumstances(path: Path, raw: bytes, environment: Mapping[str, str], state_dir: str | None) -> bytes:
    """Everything that the settings follow from but the files beside the configuration."""
    named = named_state_folder(environment, state_dir)
    asked = [environment.get(name) for name in _ASKED]
    where = (str(path), str(path.resolve()), str(named) if named else None)
    return repr((monitor.__version__, sys.version, _code(), where, asked)).encode(errors="surrogateescape") + raw


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


def _digest(circumstances: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(circumstances).digest() + payload).digest()


def _unpack(content: bytes, circumstances: bytes) -> _Kept:
    digest, payload = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if digest != _digest(circumstances, payload):
        raise _MissError("something has changed since it was kept")
    try:
        kept = _Unpickler(io.BytesIO(payload)).load()
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
    return replace(settings, config=config, feeds=feeds_of(config), stamp=now)


def _has_apprise() -> bool:
    import importlib.util

    return importlib.util.find_spec("apprise") is not None


def _read_private(path: Path) -> bytes:
    """The content of a regular file that only its owner may write, who must be this user or root."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        ours = stat.S_ISREG(status.st_mode) and status.st_uid in (os.geteuid(), 0) and not status.st_mode & 0o022
        if not ours or status.st_size > _MAX_BYTES:
            raise _MissError(f"{path} is not this user's own")
        return file.read()


def _write_private(path: Path, content: bytes) -> None:
    """Put ``content`` in place of a file that only its owner may read; a reader sees the old one or the new one."""
    import tempfile

    for left in path.parent.glob(f".{path.name}.*"):  # by a start that was killed
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
