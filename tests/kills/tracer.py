"""Stops a process just before the n-th of its calls that change something outside of it, by ptrace(2).

Counted are the calls of all its threads, in the order in which they come; processes that it starts are let alone.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal

# Calls that write to a file, a folder or a connection.
_NUMBERS = {
    "x86_64": {
        1: "write", 18: "pwrite64", 20: "writev", 44: "sendto", 46: "sendmsg", 74: "fsync", 75: "fdatasync",
        76: "truncate", 77: "ftruncate", 82: "rename", 83: "mkdir", 86: "link", 87: "unlink", 258: "mkdirat",
        263: "unlinkat", 264: "renameat", 265: "linkat", 285: "fallocate", 296: "pwritev", 307: "sendmmsg",
        316: "renameat2",
    },
    "aarch64": {
        34: "mkdirat", 35: "unlinkat", 37: "linkat", 38: "renameat", 45: "truncate", 46: "ftruncate", 47: "fallocate",
        64: "write", 66: "writev", 68: "pwrite64", 70: "pwritev", 82: "fsync", 83: "fdatasync", 206: "sendto",
        211: "sendmsg", 269: "sendmmsg", 276: "renameat2",
    },
}  # fmt: skip
WRITES = _NUMBERS.get(platform.machine(), {})

_TRACEME, _SYSCALL, _SETOPTIONS, _GET_SYSCALL_INFO = 0, 24, 0x4200, 0x420E
_SYSGOOD, _FOLLOW_THREADS, _EXITKILL = 0x01, 0x08, 0x100000
_ANY_THREAD = 0x40000000  # __WALL
_CALL_STOP = signal.SIGTRAP | 0x80
_ENTRY = 1

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


class _CallInfo(ctypes.Structure):
    """struct ptrace_syscall_info, as far as it is needed."""

    _fields_ = (
        ("op", ctypes.c_uint8),
        ("arch", ctypes.c_uint32),
        ("instruction", ctypes.c_uint64),
        ("stack", ctypes.c_uint64),
        ("number", ctypes.c_uint64),
        ("arguments", ctypes.c_uint64 * 6),
    )


def ask_to_be_traced() -> None:
    """To be called in the child: it stops here until ``follow`` takes it up."""
    _ptrace(_TRACEME, 0)
    os.kill(os.getpid(), signal.SIGSTOP)


def follow(pid: int, kill_at: int | None) -> tuple[int, list[str]]:
    """Let child ``pid`` run, and kill it when it is about to make its ``kill_at``-th writing call (from 1).

    Returns its wait status and the calls it came to, the one that it was killed at included.
    """
    calls: list[str] = []
    os.waitpid(pid, 0)
    _ptrace(_SETOPTIONS, pid, _SYSGOOD | _FOLLOW_THREADS | _EXITKILL)
    _go_on(pid, 0)
    while True:
        thread, status = os.waitpid(-1, _ANY_THREAD)
        if not os.WIFSTOPPED(status):
            if thread == pid:
                return status, calls
            continue  # a thread has ended, or what a killed process left behind
        stop = os.WSTOPSIG(status)
        if stop == _CALL_STOP and (name := _call(thread)):
            calls.append(name)
            if len(calls) == kill_at:
                os.kill(pid, signal.SIGKILL)
                continue
        silent = stop in (_CALL_STOP, signal.SIGSTOP) or status >> 16
        _go_on(thread, 0 if silent else stop)


def _call(thread: int) -> str:
    """The name of the writing call that ``thread`` is about to make, else nothing."""
    info = _CallInfo()
    _libc.ptrace(_GET_SYSCALL_INFO, thread, ctypes.sizeof(info), ctypes.addressof(info))
    return WRITES.get(info.number, "") if info.op == _ENTRY else ""


def _go_on(thread: int, with_signal: int) -> None:
    _libc.ptrace(_SYSCALL, thread, 0, with_signal)  # a thread that has ended meanwhile is none of our business


def _ptrace(request: int, pid: int, data: int = 0) -> None:
    if _libc.ptrace(request, pid, 0, data) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"ptrace: {os.strerror(number)}")
