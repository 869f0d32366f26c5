"""Colours are for terminals, and for nobody who has said NO_COLOR (https://no-color.org)."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.world import environment

CONFIG = """\
feeds: []
channels: {desk: {type: email, host: mail.example.org, from: a@example.org, to: [b@example.org],
                  username: a, password: stands-in-the-file}}
"""


def on_a_terminal(folder: Path, **variables: str) -> str:
    """What ``newsbell check`` writes to a terminal about a configuration that gives a warning."""
    (folder / "newsbell.yaml").write_text(CONFIG, encoding="utf-8")
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in environment().items() if name != "NO_COLOR"} | {"TERM": "xterm"}
    command = [sys.executable, "-m", "monitor", "-c", str(folder / "newsbell.yaml"), "check"]
    try:
        subprocess.run(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=kept | variables, timeout=60, check=True
        )
        return os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.e2e
def test_a_warning_is_coloured_on_a_terminal_unless_no_colour_is_wanted(tmp_path: Path) -> None:
    assert "\x1b[" in on_a_terminal(tmp_path)
    plain = on_a_terminal(tmp_path, NO_COLOR="1")
    assert "a secret stands in the file" in plain
    assert "\x1b" not in plain
