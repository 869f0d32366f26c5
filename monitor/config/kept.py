"""The file in the state folder that holds what a start leaves for the next one: where it lies, and whose it is.

It begins with the circumstances that make this folder the state folder: the configuration's checksum, and what
else decides it. So the lock is found, and found to be held, before the rest is read and anything is imported for it.
"""

from __future__ import annotations

import os
import re
import stat
import zlib
from collections.abc import Mapping
from pathlib import Path

import monitor
from monitor.config.find import named_state_folder, state_folder

NAME = "settings.cache"
_MAX_BYTES = 100_000_000
# A hint only: where it misreads a file, it leads to a folder without a fitting file.
_STATE_DIR = re.compile(
    rb"^state_dir:[ \t]+(?:\"([^\"\\\n]+)\"|'([^'\n]+)'|([\w./~-][^\n#:\"']*?))[ \t\r]*(?:#.*)?$", re.MULTILINE
)
_ASKED = ("HOME", "XDG_STATE_HOME")


class NotOursError(Exception):
    """A file that somebody else may have written."""


def likely_folder(path: Path, raw: bytes, environment: Mapping[str, str], state_dir: str | None) -> Path:
    """Where the state folder of the configuration ``raw`` at ``path`` seems to be, without reading it as YAML."""
    found = _STATE_DIR.search(raw)
    written = next((each for each in found.groups() if each), None) if found else None
    return state_folder(path, written.decode(errors="replace") if written else None, environment, state_dir)


def circumstances(folder: Path, path: Path, raw: bytes, environment: Mapping[str, str], state_dir: str | None) -> bytes:
    """Everything by which ``folder`` is the state folder of ``raw``, which may hold secrets and so stays out of it."""
    named = named_state_folder(environment, state_dir)
    asked = [environment.get(name) for name in _ASKED]
    where = (str(folder), str(path), str(path.resolve()), str(named) if named else None)
    checksum = len(raw), zlib.crc32(raw)  # hashlib takes longer to import than all the rest
    return repr((checksum, monitor.__version__, where, asked)).encode(errors="surrogateescape")


def known_folder(path: Path, environment: Mapping[str, str]) -> Path | None:
    """The state folder of the configuration at ``path``, as an earlier start has found it; None: it is not known."""
    try:
        raw = path.read_bytes()
        folder = likely_folder(path, raw, environment, None)
        expected = circumstances(folder, path, raw, environment, None)
        return folder if read_private(folder / NAME, len(expected)) == expected else None
    except (OSError, NotOursError):
        return None


def read_private(path: Path, most: int = _MAX_BYTES) -> bytes:
    """The first ``most`` bytes of a regular file that only its owner may write, who must be this user or root.

    Raises ``NotOursError`` for any other, and for one that is far too long.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        ours = stat.S_ISREG(status.st_mode) and status.st_uid in (os.geteuid(), 0) and not status.st_mode & 0o022
        if not ours or status.st_size > _MAX_BYTES:
            raise NotOursError(f"{path} is not this user's own")
        return file.read(most)


def write_private(path: Path, content: bytes) -> None:
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
