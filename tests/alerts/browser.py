"""Measures pages in a real browser: what overflows, and how well every piece of text stands out from its ground."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars"
).split()
SCHEMES = {"dark": 0, "light": 1}  # the values of Blink's setting preferredColorScheme
_FRAME = '<iframe data-name="{name}" style="border:0;width:{width}px;height:600px" srcdoc="{page}"></iframe>'
_SCRIPT = Path(__file__).with_suffix(".js")


@dataclass(frozen=True)
class Measured:
    """One page at one width."""

    name: str
    dark: bool
    width: int
    scroll: int  # the width that the page would like to have
    wide: list[str]  # elements that stand out to the right
    texts: list[tuple[str, float, float]]  # the text, its contrast, its size in px


def find_browser() -> str:
    """The path of a Chromium; skips the test with advice when there is none."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    pytest.skip(
        "NOT CHECKED: how the digest looks in a browser. No Chromium is installed; "
        "apt-get install chromium fonts-noto-core fonts-noto-cjk"
    )


def measure(pages: Mapping[str, str], widths: tuple[int, ...], scheme: str, folder: Path) -> list[Measured]:
    """Open every page at every width in frames of one browser window with the colour ``scheme``."""
    frames = "".join(
        _FRAME.format(name=f"{name} at {width}", width=width, page=escape(page))
        for name, page in pages.items()
        for width in widths
    )
    script = _SCRIPT.read_text(encoding="utf-8")
    file = folder / f"{scheme}.html"
    file.write_text(
        f"<!DOCTYPE html><meta charset=utf-8>{frames}<pre id=found></pre><script>{script}</script>", encoding="utf-8"
    )
    command = [find_browser(), *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom"]
    command += [f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2_000:]
    return [
        Measured(**{**each, "texts": [(text, ratio, size) for text, ratio, size in each["texts"]]})
        for each in json.loads(unescape(found[1]))
    ]
