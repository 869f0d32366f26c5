"""One pass at a time for a state folder. Imported before anything heavy, so it needs next to nothing itself."""

from __future__ import annotations

import fcntl
import os
from types import TracebackType

from alerts.errors import NewsbellError

LOCK_NAME = "newsbell.lock"


class LockHeld(NewsbellError):  # noqa: N818 - says what happened, as FileExistsError's siblings do not
    """Another program works in this state folder. ``pid`` is its process, None when it did not say."""

    def __init__(self, path: str, pid: int | None) -> None:
        holder = f"process {pid}" if pid else "another program"
        super().__init__(f"{holder} is at work here already (it holds {path})")
        self.path = path
        self.pid = pid


class StateLock:
    """Holds ``newsbell.lock`` in a state folder from ``with`` to its end, or until the process dies.

    Raises ``LockHeld`` at once when somebody else holds it, ``OSError`` when the folder cannot be written.
    The folder is made, with its parents, when it is missing.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = os.fspath(folder)
        self.path = f"{self._folder}/{LOCK_NAME}"
        self._fd: int | None = None

    def __enter__(self) -> StateLock:
        os.makedirs(self._folder, exist_ok=True)  # noqa: PTH103 - pathlib would double the import time
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _pid(fd)
            os.close(fd)
            raise LockHeld(self.path, pid) from None
        self._fd = fd
        # A forked child shares the lock and would keep it beyond its parent's death.
        os.register_at_fork(after_in_child=self._forget)
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._forget()

    def _forget(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _pid(fd: int) -> int | None:
    text = os.pread(fd, 20, 0).strip()
    return int(text) if text.isdigit() else None
