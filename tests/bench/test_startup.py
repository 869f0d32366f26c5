"""What a command loads decides what it costs: heavy libraries only where they are used."""

import subprocess
import sys
from pathlib import Path

import pytest

from monitor.cli.exits import Exit
from monitor.store.lock import StateLock
from tests.bench.programs import newsbell, newsbell_command

pytestmark = pytest.mark.processes

LOOK = "import sys\nfrom monitor.cli.root import run\ncode = run(sys.argv[1:])\nprint(code, *sorted(sys.modules))"


def loaded(*arguments: str, code: int = 0) -> set[str]:
    """The top-level modules that are loaded when ``newsbell ARGUMENTS`` has ended with ``code``."""
    return {module.partition(".")[0] for module in whole(*arguments, code=code)}


def whole(*arguments: str, code: int = 0) -> set[str]:
    """All modules that are loaded then."""
    done = subprocess.run([sys.executable, "-c", LOOK, *arguments], capture_output=True, text=True, check=True)
    ended, *modules = done.stdout.splitlines()[-1].split()
    assert int(ended) == code, done.stderr
    return set(modules)


@pytest.fixture
def config(tmp_path: Path) -> str:
    """A configuration with one feed, whose host refuses connections; it has been polled: nothing is due."""
    newsbell(2).prepare(tmp_path, ["http://127.0.0.1:9/feed.xml"], tmp_path)
    first = subprocess.run([*newsbell_command(tmp_path), "run"], capture_output=True, check=False)
    assert first.returncode == Exit.FEEDS
    return str(tmp_path / "newsbell.yaml")


def test_help_loads_nothing_heavy() -> None:
    heavy = {
        "httpx",
        "aiohttp",
        "pydantic",
        "feedparser",
        "jinja2",
        "apscheduler",
        "asyncio",
        "rich",
        "sqlite3",
        "yaml",
        "logging",
        "hashlib",
        "pickle",
        "monitor.model",
        "alerts.model",
    }

    assert whole("--help") & heavy == set()


def test_a_run_with_nothing_due_loads_nothing_but_the_store(config: str) -> None:
    """No client, no parser, no templates; and what checks a configuration only when that has changed."""
    heavy = {
        "pydantic",
        "yaml",
        "regex",
        "asyncio",
        "ssl",
        "email",
        "httpx",
        "aiohttp",
        "jinja2",
        "lxml",
        "feedparser",
        "fastfeedparser",
        "aiosmtplib",
        "apscheduler",
        "ahocorasick_rs",
    }

    assert loaded("-c", config, "run") & heavy == set()


def test_a_run_beside_another_loads_nothing_but_the_command_line(config: str) -> None:
    """Of ten that cron starts at once, nine say within a second that they are not needed."""
    heavy = {"yaml", "logging", "pickle", "hashlib", "sqlite3", "json", "shutil", "pydantic", "rich", "asyncio"}

    with StateLock(Path(config).parent / "var"):
        modules = whole("-c", config, "run", code=Exit.LOCKED)

    assert {module.partition(".")[0] for module in modules} & heavy == set()
    assert {module for module in modules if module.startswith(("alerts", "monitor"))} <= {
        *(
            "alerts",
            "alerts.amount",
            "alerts.errors",
            "alerts.record",
            "monitor",
            "monitor.environment",
            "monitor.errors",
        ),
        *(f"monitor.cli{part}" for part in ("", ".console", ".exits", ".invocation", ".passes", ".root")),
        *(f"monitor.config{part}" for part in ("", ".find", ".kept", ".peek")),
        *("monitor.store", "monitor.store.lock", "monitor.waiting"),
    }


def test_a_check_reads_in_full_what_is_kept(config: str) -> None:
    modules = whole("-c", config, "check")

    assert {"pydantic", "yaml"} <= modules
    assert modules & {"asyncio", "regex", "jinja2", "lxml", "ahocorasick_rs", "monitor.yamldoc.wording"} == set()


def test_fetching_does_not_load_the_command_line_of_httpx(config: str) -> None:
    modules = loaded("-c", config, "run", "--force", code=Exit.FEEDS)

    assert "httpx" in modules
    assert not modules & {"rich", "pygments"}
