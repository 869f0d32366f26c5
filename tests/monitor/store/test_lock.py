"""One program at a time in a state folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.store.lock import LOCK_NAME, LockHeld, StateLock


def test_the_lock_is_held_by_one(tmp_path: Path) -> None:
    with StateLock(tmp_path), pytest.raises(LockHeld) as caught, StateLock(tmp_path):
        raise AssertionError

    assert caught.value.pid == os.getpid()
    assert f"process {os.getpid()}" in str(caught.value)


def test_the_lock_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with StateLock(tmp_path):
            assert (tmp_path / LOCK_NAME).read_text() == f"{os.getpid()}\n"


def test_a_holder_that_did_not_say_who_it_is(tmp_path: Path) -> None:
    with StateLock(tmp_path):
        (tmp_path / LOCK_NAME).write_text("")
        with pytest.raises(LockHeld, match="another program"), StateLock(tmp_path):
            raise AssertionError


def test_the_folder_is_made(tmp_path: Path) -> None:
    with StateLock(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b" / LOCK_NAME).exists()


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match="file"), StateLock(tmp_path / "file" / "state"):
        raise AssertionError


HOLDER = """
import os, sys
from monitor.store.lock import StateLock
lock = StateLock(sys.argv[1]).__enter__()
if os.fork() == 0:
    print(os.getpid(), flush=True)  # by then it has let go of what it inherited
    sys.stdin.read()  # a worker that outlives its parent
    os._exit(0)
sys.stdin.read()
"""


@pytest.mark.processes
def test_a_killed_holder_frees_it_although_its_worker_lives_on(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdin=-1, stdout=-1)
    assert holder.stdin is not None
    assert holder.stdout is not None
    with holder:
        worker = int(holder.stdout.readline())
        with pytest.raises(LockHeld) as caught, StateLock(tmp_path):
            raise AssertionError
        assert caught.value.pid == holder.pid
        holder.kill()
        holder.wait()
        os.kill(worker, 0)

        with StateLock(tmp_path):
            assert (tmp_path / LOCK_NAME).read_text() == f"{os.getpid()}\n"


@pytest.mark.processes
def test_importing_it_brings_next_to_nothing() -> None:
    """Ten starts at once must say so within a second, before anything heavy is loaded."""
    program = "import sys; old = set(sys.modules); import monitor.store.lock; print(*sorted(set(sys.modules) - old))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    assert not {"sqlite3", "dataclasses", "asyncio", "pydantic", "httpx"} & set(loaded)
    assert len(loaded) < 25
