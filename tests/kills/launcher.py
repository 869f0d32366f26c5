"""``python -m tests.kills.launcher``: runs ``newsbell`` again and again, each time as a fork that need import nothing.

One order a line on standard input: ``{"arguments": [...]}``, with ``kill_at`` (a number of writing calls),
``kill_after`` (seconds) or ``trace``. One answer a line: exit code (negative: the signal that ended it), the calls it
came to, what it said, and how many processes it left behind that did not end by themselves.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from tests.kills.tracer import ask_to_be_traced, follow

_SUBREAPER = 36  # prctl: orphans of what is killed become our children, so that their end can be seen
_PATIENCE = 10  # seconds in which what a killed program started has to end by itself


def main() -> None:
    """Carry out orders until there are no more."""
    for package in ("monitor", "alerts"):
        _load(package)
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_carry_out(json.loads(line))) + "\n")
        sys.stdout.flush()


def _load(package: str) -> None:
    found = pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    for module in sorted(each.name for each in found if not each.name.endswith("__main__")):
        importlib.import_module(module)


def _carry_out(order: dict[str, Any]) -> dict[str, Any]:
    traced = "kill_at" in order or bool(order.get("trace"))
    with tempfile.TemporaryFile() as said:
        pid = os.fork()
        if pid == 0:
            _run(order["arguments"], said, traced=traced)
        calls: list[str] = []
        if traced:
            status, calls = follow(pid, order.get("kill_at"))
        else:
            status = _until(pid, order.get("kill_after"))
        left = _reap()
        said.seek(0)
        text = said.read().decode(errors="replace")
    return {"code": os.waitstatus_to_exitcode(status), "calls": calls, "said": text, "left": left}


def _run(arguments: Sequence[str], said: BinaryIO, *, traced: bool) -> None:
    """In the child: the program, to its end."""
    code = 99
    try:
        os.setsid()
        for stream in (1, 2):
            os.dup2(said.fileno(), stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if traced:
            ask_to_be_traced()
        from monitor.cli.root import run

        code = int(run(list(arguments)))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _until(pid: int, seconds: float | None) -> int:
    """The status of child ``pid``, which is killed after so many seconds."""
    handle = os.pidfd_open(pid)
    ended, _, _ = select.select([handle], [], [], seconds)
    os.close(handle)
    if not ended:
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _reap() -> int:
    """Wait for the orphans; those that do not end by themselves are killed and counted."""
    end, left = time.monotonic() + _PATIENCE, 0
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return left
        if pid:
            continue
        if time.monotonic() > end:
            left += _kill_children()
        time.sleep(0.001)


def _kill_children() -> int:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    for child in map(int, children):
        os.kill(child, signal.SIGKILL)
    return len(children)


if __name__ == "__main__":
    main()
