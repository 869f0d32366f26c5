"""The programs that are measured: how each is installed, set up for a list of feeds, and run once."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.corpus import words

TERMS = 30  # of each watch profile

Command = Sequence[str]


class UnavailableError(Exception):
    """A program cannot be installed here; the text says why."""


@dataclass(frozen=True)
class Run:
    """How a program is run: the same command for every state of the feeds, or another one for the first."""

    command: Command
    first: Command = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Program:
    """Something that polls feeds. ``prepare`` gets an empty folder, the addresses and a folder for installations."""

    name: str
    prepare: Callable[[Path, Sequence[str], Path], Run]


def newsbell(profiles: int) -> Program:
    """This program with ``profiles`` watch profiles of 30 terms each."""

    def prepare(folder: Path, urls: Sequence[str], tools: Path) -> Run:
        (folder / "profiles").mkdir()
        for number in range(profiles):
            (folder / "profiles" / f"p{number:05}.yaml").write_text(_profile(number), encoding="utf-8")
        authority = urls[0].split("/")[2]
        feeds = "".join(f'  - {{url: "{url}"}}\n' for url in urls)
        (folder / "newsbell.yaml").write_text(
            f"state_dir: var\ncontact: https://example.org/bench\n"
            f'fetch: {{per_host: 50, concurrency: 50, allow_addresses: ["{authority}"]}}\n'
            f"channels:\n  files: {{type: file, dir: digests}}\nprofiles: [profiles/*.yaml]\nfeeds:\n{feeds}",
            encoding="utf-8",
        )
        return Run([*newsbell_command(folder), "run", "--force", "--json"])

    return Program("newsbell", prepare)


def newsbell_command(folder: Path) -> list[str]:
    """The command with the configuration in ``folder``."""
    return [sys.executable, "-m", "monitor", "-c", str(folder / "newsbell.yaml")]


def _profile(number: int) -> str:
    rng = random.Random(f"profile {number}")
    terms = sorted({" ".join(words(rng, 3)) for _ in range(TERMS)})
    lines = "".join(f'  - {{term: "{term}", weight: {rng.randint(1, 3)}}}\n' for term in terms)
    digest = 'digest: {schedule: "0 7 * * *", channels: [files]}'
    return f"name: p{number:05}\ntitle: Profile {number}\nthreshold: 3.0\nterms:\n{lines}{digest}\n"


def _reader(folder: Path, urls: Sequence[str], tools: Path) -> Run:
    python = _environment(tools, "reader", "reader[cli]", "sgmllib3k")
    store = str(folder / "db.sqlite")
    add = (
        "import reader, sys\nstore = reader.make_reader(sys.argv[1])\nfor url in sys.stdin: store.add_feed(url.strip())"
    )
    subprocess.run([python, "-c", add, store], input="\n".join(urls), text=True, check=True, capture_output=True)
    return Run([python, "-m", "reader", "--db", store, "update", "--no-scheduled", "--workers", "1"])


def _rss2email(folder: Path, urls: Sequence[str], tools: Path) -> Run:
    python = _environment(tools, "rss2email", "rss2email")
    for part in ("in/cur", "in/new", "in/tmp", "cur", "new", "tmp"):
        (folder / "mail" / part).mkdir(parents=True)
    head = (
        "[DEFAULT]\nfrom = bench@example.org\nto = me@example.org\nemail-protocol = maildir\n"
        f"maildir-path = {folder / 'mail'}\nmaildir-mailbox = in\n"
    )
    feeds = "".join(f"\n[feed.f{number}]\nurl = {url}\n" for number, url in enumerate(urls))
    (folder / "r2e.cfg").write_text(head + feeds, encoding="utf-8")
    r2e = [str(Path(python).with_name("r2e")), "-c", str(folder / "r2e.cfg"), "-d", str(folder / "r2e.json"), "run"]
    return Run(r2e, [*r2e, "--no-send"])


def _newsboat(folder: Path, urls: Sequence[str], tools: Path) -> Run:
    program = shutil.which("newsboat")
    if program is None:
        raise UnavailableError("newsboat is not installed: apt-get install newsboat")
    (folder / "urls").write_text("\n".join(urls) + "\n", encoding="utf-8")
    (folder / "config").write_text("reload-threads 10\nmax-items 0\n", encoding="utf-8")
    files = ["-u", str(folder / "urls"), "-c", str(folder / "cache.db"), "-C", str(folder / "config")]
    return Run([program, "-q", *files, "-x", "reload"])


_NEWSWATCHER = """
from newswatcher import state
from newswatcher.http import default_gate, new_session
from newswatcher.poll import poll_sources
from newswatcher.sources import load_sources
from newswatcher.topics import load_topics
known = state.read_state()
poll_sources(load_sources(), load_topics(), gate=default_gate(), state=known, store=None, session=new_session())
state.write_state(known)
"""


def _newswatcher(folder: Path, urls: Sequence[str], tools: Path) -> Run:
    """With a topic that matches nothing, so that no article is fetched and no model asked."""
    python = _environment(tools, "newswatcher", "newswatcher", "lxml_html_clean")
    settings = folder / "config" / "newswatcher"
    settings.mkdir(parents=True)
    sources = (
        f'[[source]]\nname = "s{at}"\nkind = "rss"\nurl = "{url}"\ntopics = ["t"]\n' for at, url in enumerate(urls)
    )
    (settings / "config.toml").touch()
    (settings / "topics.toml").write_text('[[topic]]\nname = "t"\nincludes = ["zzqq", "qqzz"]\n', encoding="utf-8")
    (settings / "sources.toml").write_text("\n".join(sources), encoding="utf-8")
    places = {"XDG_CONFIG_HOME": "config", "XDG_STATE_HOME": "state", "XDG_DATA_HOME": "data"}
    return Run([python, "-c", _NEWSWATCHER], environment={name: str(folder / place) for name, place in places.items()})


PEERS = (
    Program("reader", _reader),
    Program("rss2email", _rss2email),
    Program("newsboat", _newsboat),
    Program("newswatcher", _newswatcher),
)


def _environment(tools: Path, name: str, *packages: str) -> str:
    """The Python of a virtual environment that holds ``packages``; made once. Raises ``UnavailableError``."""
    folder = tools / name
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.exists():
        steps = ([sys.executable, "-m", "venv", str(folder)], [str(python), "-m", "pip", "install", "-q", *packages])
        for step in steps:
            made = subprocess.run(step, capture_output=True, text=True, check=False)
            if made.returncode:
                raise UnavailableError(f"it could not be installed: {made.stderr.strip().splitlines()[-1:]}")
        done.touch()
    return str(python)
