"""Runs a command under what a unit of systemd takes away from it, as far as that needs no systemd.

``python -m tests.deploy.confined UNIT COMMAND...``: the unit's system call filter and address families as a seccomp
filter of the kernel's (systemd.exec(5) makes the same of them), no new privileges, no memory that is written and run.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import os
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_NO_NEW_PRIVILEGES, _DENY_WRITE_EXECUTE = 38, 65  # prctl(2)
_ALLOW, _REFUSE = 0x7FFF_0000, 0x0005_0000  # seccomp_init(3)
_EQUAL = 4  # seccomp_rule_add(3)


class _Comparison(ctypes.Structure):
    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def possible() -> bool:
    """Whether this machine has the library and a kernel that refuse what the unit refuses."""
    return bool(ctypes.util.find_library("seccomp")) and _prctl_is_known()


def _prctl_is_known() -> bool:
    probe = f"import ctypes, sys; sys.exit(ctypes.CDLL(None).prctl({_DENY_WRITE_EXECUTE}, 1, 0, 0, 0) != 0)"
    return subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def allowed_calls(unit: str) -> set[str]:
    """The system calls that the unit's ``SystemCallFilter`` lines leave, in their order."""
    allowed: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.+)$", unit, re.MULTILINE):
        named = set().union(*(_members(name) for name in line.lstrip("~").split()))
        allowed = allowed - named if line.startswith("~") else allowed | named | _members("@default")
    return allowed


def _members(name: str) -> set[str]:
    """A system call, or those of a group such as ``@system-service``."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(
        ["systemd-analyze", "--no-pager", "syscall-filter", name], capture_output=True, text=True, check=True
    ).stdout
    words = [line.strip() for line in listed.splitlines()[1:]]
    return set().union(*(_members(word) for word in words if word and not word.startswith("#")))


def confine(unit: str) -> None:
    """Take away from this process, and all that it starts, what ``unit`` takes away."""
    seccomp = ctypes.CDLL(ctypes.util.find_library("seccomp"), use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(_REFUSE | errno.EPERM))
    for name in allowed_calls(unit) - {"socket"}:
        if (number := seccomp.seccomp_syscall_resolve_name(name.encode())) >= 0:
            seccomp.seccomp_rule_add_array(context, _ALLOW, number, 0, None)
    families = re.findall(r"AF_\w+", "".join(re.findall(r"^RestrictAddressFamilies=(.+)$", unit, re.MULTILINE)))
    for family in families:
        only = _Comparison(0, _EQUAL, int(getattr(socket, family)), 0)
        number = seccomp.seccomp_syscall_resolve_name(b"socket")
        seccomp.seccomp_rule_add_array(context, _ALLOW, number, 1, ctypes.byref(only))
    process = ctypes.CDLL(None)
    assert process.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    if "MemoryDenyWriteExecute=yes" in unit:
        assert process.prctl(_DENY_WRITE_EXECUTE, 1, 0, 0, 0) == 0
    assert seccomp.seccomp_load(context) == 0


def main(arguments: Sequence[str]) -> None:
    """Confine this process and become the command."""
    path, *command = arguments
    confine(Path(path).read_text(encoding="utf-8"))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
