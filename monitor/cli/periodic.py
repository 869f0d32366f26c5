"""A pass every 15 minutes: the line that cron takes, the units that systemd takes, and how they get to them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from monitor.errors import NewsbellError

_TIMEOUT = 30  # seconds
_NO_CRONTAB = re.compile(r"no f?crontab|no such file", re.IGNORECASE)  # Vixie, cronie and fcron; busybox
_SERVICE = """\
# Written by newsbell init: one pass, started by {name}.timer. Yours to change.
[Unit]
Description=Newsbell: a pass over {config}

[Service]
Type=oneshot
ExecStart={command}
# 75: another pass is under way
SuccessExitStatus=75
NoNewPrivileges=yes
"""
_TIMER = """\
# Written by newsbell init. Yours to change.
[Unit]
Description=Newsbell: a pass every 15 minutes

[Timer]
OnCalendar=*:0/15
RandomizedDelaySec=1min
# what was missed while the machine was off is caught up
Persistent=true

[Install]
WantedBy=timers.target
"""


def command(config: Path) -> list[str]:
    """The command of a pass, by full paths: neither cron nor systemd knows the user's own."""
    beside = Path(sys.executable).with_name("newsbell")
    found = str(beside) if beside.is_file() else shutil.which("newsbell")
    program = [found] if found else [sys.executable, "-m", "monitor"]
    return [*program, "-c", str(config.resolve()), "run"]


def cron_line(config: Path) -> str:
    """The line of a crontab; cron would end the command at a bare ``%`` (crontab(5))."""
    return "*/15 * * * * " + shlex.join(command(config)).replace("%", "\\%")


def with_cron_line(crontab: str, config: Path) -> str:
    """``crontab`` with the line below all that is there; as it is when a line runs this configuration already."""
    line = cron_line(config)
    ours = shlex.join(command(config)[-3:]).replace("%", "\\%")
    if any(ours in each for each in crontab.splitlines() if not each.lstrip().startswith("#")):
        return crontab
    separator = "" if not crontab or crontab.endswith("\n") else "\n"
    return f"{crontab}{separator}# Newsbell: a pass every 15 minutes\n{line}\n"


def add_to_crontab(config: Path, environment: Mapping[str, str]) -> bool:
    """Put the line into the user's crontab, all else left as it is; whether it was new. Raises ``NewsbellError``."""
    listed = _crontab("-l", environment=environment)
    if listed.returncode and not _NO_CRONTAB.search(listed.stderr):
        raise NewsbellError(f"crontab -l failed, so nothing was changed: {_said(listed)}")
    before = "" if listed.returncode else listed.stdout
    after = with_cron_line(before, config)
    if after == before:
        return False
    written = _crontab("-", environment=environment, given=after)
    if written.returncode:
        raise NewsbellError(f"crontab did not take the line: {_said(written)}")
    return True


def _crontab(
    argument: str, *, environment: Mapping[str, str], given: str | None = None
) -> subprocess.CompletedProcess[str]:
    program = shutil.which("crontab", path=environment.get("PATH"))
    if program is None:
        raise NewsbellError("there is no program crontab on this machine: install cron, or use init --systemd")
    untranslated = {**environment, "LC_ALL": "C"}
    try:
        return subprocess.run(
            [program, argument],
            input=given,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            env=untranslated,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
        raise NewsbellError(f"crontab cannot be used: {error}") from error


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join(done.stderr.split()) or f"exit code {done.returncode}"


def units(config: Path) -> Mapping[str, str]:
    """The user units of a configuration by file name, the timer last; they bear the name of its folder."""
    config = config.resolve()
    name = "newsbell-" + (re.sub(r"[^A-Za-z0-9_-]+", "-", config.parent.name).strip("-") or "watch")
    words = " ".join(_quoted(word) for word in command(config))
    described = str(config).replace("%", "%%")
    return {
        f"{name}.service": _SERVICE.format(name=name, config=described, command=words),
        f"{name}.timer": _TIMER,
    }


def _quoted(word: str) -> str:
    """A word of ``ExecStart`` (systemd.service(5), "Command lines")."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if set(word) & set(" \t'\"\\;") else escaped


def enabling(names: Sequence[str]) -> str:
    """The command that sets units of these names to work."""
    timer = next(name for name in names if name.endswith(".timer"))
    return f"systemctl --user daemon-reload && systemctl --user enable --now {timer}"
