"""The command line inside this process, on a folder of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.exits import Exit
from monitor.cli.root import run
from monitor.parse import pool
from monitor.parse.inline import InlineParser
from tests.cli.office import furnish, standing_still
from tests.e2e.world import OFF_TOPIC, ON_TOPIC, PROFILE, FeedHost, feed_host, rss

CONFIG = """\
state_dir: ../state
contact: https://newsbell.example/bot   # who asks
fetch: {{allow_addresses: ["127.0.0.1:{port}"]}}
feeds:
  # the one feed of these tests
  - {{url: "{base}/a.xml", title: Gazette}}
channels:
  files: {{type: file, dir: ../digests}}
profiles: [profiles/*.yaml]
"""


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Result]


@pytest.fixture
def host() -> Iterator[FeedHost]:
    with feed_host() as host:
        host.pages["/a.xml"] = rss([*ON_TOPIC, *OFF_TOPIC], "Gazette")
        yield host


@pytest.fixture
def config(tmp_path: Path, host: FeedHost) -> Path:
    path = tmp_path / "config" / "newsbell.yaml"
    (path.parent / "profiles").mkdir(parents=True)
    path.write_text(CONFIG.format(port=host.port, base=host.base), encoding="utf-8")
    (path.parent / "profiles" / "pair.yaml").write_text(PROFILE % "files", encoding="utf-8")
    return path


@pytest.fixture
def newsbell(config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """``newsbell(*arguments, check=0)`` with the configuration of the test; documents are read in this process."""
    monkeypatch.setattr(pool, "ProcessParser", InlineParser)
    for name in ("NEWSBELL_CONFIG", "STATE_DIRECTORY", "JOURNAL_STREAM"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str, check: int | None = 0) -> Result:
        code = run(["-c", str(config), *arguments])
        captured = capsys.readouterr()
        result = Result(int(code), captured.out, captured.err)
        assert check is None or result.code == check, result
        return result

    return command


# a folder in which something has happened already

Office = Callable[..., Result]


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that every test of ``office`` begins with."""
    folder = tmp_path_factory.mktemp("furnished") / "office"
    with standing_still():
        furnish(folder)
    return folder


@pytest.fixture
def office(
    furnished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """``office(*arguments)``: a command there; blanks between columns are shown as ``|``, the folder as ``FOLDER``."""
    folder = tmp_path / "office"
    shutil.copytree(furnished, folder)
    for name in ("NEWSBELL_CONFIG", "STATE_DIRECTORY", "JOURNAL_STREAM"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str, code: int = Exit.OK) -> Result:
        ended = run(["-c", str(folder / "newsbell.yaml"), *arguments])
        captured = capsys.readouterr()
        out, err = (text.replace("\t", "|").replace(str(folder), "FOLDER") for text in captured)
        assert ended == code, err
        return Result(ended, out, err)

    with standing_still():
        yield command
