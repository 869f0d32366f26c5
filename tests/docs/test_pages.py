"""The documentation: what is generated is current, what is shown works, and it builds without a warning."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from cronsim import CronSim

from alerts.model import DeliveryState
from monitor.cli.root import cli, run
from monitor.config import load_settings
from monitor.parse import pool
from monitor.parse.inline import InlineParser
from monitor.profiles import load_profile
from tests.e2e.test_readme import on_loopback
from tests.e2e.world import Item, feed_host, rss

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if page.parent.name != "reference")
ARTICLES = (
    "Oslo opens a freight terminal\n\nThe Norwegian harbour took a new freight terminal into service in Oslo.",
    "A ferry for Bergen\n\nThe Norwegian port of Bergen gets a new ferry and a larger freight terminal.",
    "Quay in Tromsø\n\nThe harbour of Tromsø in Norway extends its quay for the freight terminal.",
)
NEWS = (Item("Oslo opens a freight terminal in its harbour", "The Norwegian port grows.", 1),)
# What takes a server of one's own to do is only read, as the commands for administrators are.
TRIED = [page for page in PAGES if page.parent.name == "how-to" or page.stem == "tutorial"]
SECRETS = {
    "NEWSBELL_STORE": "postgresql://newsbell@db.example/newsbell",
    "NEWSBELL_SMTP_PASSWORD": "abcd efgh ijkl mnop",
    "NEWSBELL_HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "NEWSBELL_SLACK_URL": "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "NEWSBELL_TEAMS_URL": "https://prod-12.westeurope.logic.azure.com:443/workflows/0123abcd/triggers",
    "NEWSBELL_FLOW_URL": "https://prod-12.westeurope.logic.azure.com:443/workflows/0123abcd/triggers?sig=abc",
    "NEWSBELL_PING_URL": "https://hc.example.org/ping",
}
named = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))


def blocks(page: Path, *languages: str) -> Iterator[str]:
    """The page's blocks of code in one of ``languages``."""
    for language, text in re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        if language in languages:
            yield text


def prompts(page: Path, prompt: str) -> list[str]:
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    return [line.removeprefix(prompt) for line in lines if line.startswith(prompt)]


# the reference ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_says_what_the_code_says(generate: ModuleType) -> None:
    pages = generate.pages()
    assert set(pages) == {page.name for page in (DOCS / "reference").glob("*.md")}
    for name, text in pages.items():
        committed = (DOCS / "reference" / name).read_text(encoding="utf-8")
        assert committed == text, f"docs/reference/{name} is not current: run python docs/generate.py"


# what is shown ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [page for page in TRIED if prompts(page, "$ ")], ids=lambda page: page.stem)
def test_every_command_for_the_reader_works(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pool, "ProcessParser", InlineParser)
    for name in ("NEWSBELL_CONFIG", "STATE_DIRECTORY", "JOURNAL_STREAM"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "articles").mkdir()
    for number, article in enumerate(ARTICLES):
        (tmp_path / "articles" / f"{number}.md").write_text(article, encoding="utf-8")
    with feed_host() as host:
        host.pages["/feed.xml"] = rss(NEWS)
        for command in prompts(page, "$ "):
            words = shlex.split(command)
            if words[0] == "export":
                name, _, value = words[1].partition("=")
                monkeypatch.setenv(name, value)
                continue
            assert words[0] == "newsbell"
            assert run(words[1:]) == 0, (command, capsys.readouterr())
            if words[1] == "init":
                on_loopback(tmp_path / words[2] / "newsbell.yaml", host)


@named
def test_every_command_for_the_administrator_is_one(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in prompts(page, "# ") + ([] if page in TRIED else prompts(page, "$ ")):
        for path in re.findall(r"deploy/[\w./-]+", command):
            assert (ROOT / path).exists(), command
        words = shlex.split(command, comments=True)
        if words[0] == "newsbell":
            assert run([*words[1:], "--help"]) == 0, (command, capsys.readouterr())


@named
def test_every_piece_of_configuration_is_valid(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(page, "yaml")):
        read = yaml.safe_load(block)
        if "concepts" in read:
            assert load_profile(block, name=read["name"]).name == read["name"]
        elif "scrape_configs" not in read:
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "newsbell.yaml").write_text(block, encoding="utf-8")
            (folder / "profiles").mkdir()
            assert load_settings(folder / "newsbell.yaml", SECRETS).path.parent == folder


@named
def test_every_crontab_line_is_one(page: Path) -> None:
    for block in blocks(page, "text"):
        for line in block.splitlines():
            if re.match(r"[\d*]", line):
                *fields, command = line.split(maxsplit=5)
                assert next(CronSim(" ".join(fields), datetime(2026, 1, 1, tzinfo=UTC)))
                assert command.startswith(("newsbell ", "/opt/newsbell/"))


@named
def test_no_page_leads_nowhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8")):
        found = page.parent / target if target else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), anchor


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_the_diagram_and_the_table_know_every_state_of_a_delivery() -> None:
    states = {state.value for state in DeliveryState}
    page = (DOCS / "explanation" / "promises.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| (\w+) \|", page, re.M)) - {"state"} == states
    drawing = (DOCS / "explanation" / "delivery.svg").read_text(encoding="utf-8")
    assert states <= set(re.findall(r">(\w+)</text>", drawing))


# the shell ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_is_given_its_completion(shell: str) -> None:
    page = (DOCS / "how-to" / "shell.md").read_text(encoding="utf-8")
    assert f"_NEWSBELL_COMPLETE={shell}_source newsbell" in page
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    completion = found(cli, {}, "newsbell", "_NEWSBELL_COMPLETE")
    assert "backup" in {item.value for item in completion.get_completions([], "b")}
    assert {item.type for item in completion.get_completions(["-c"], "")} == {"file"}
    assert "--backlog" in {item.value for item in completion.get_completions(["run"], "--b")}


# the build ----------------------------------------------------------------------------------------------


@pytest.mark.e2e
def test_the_pages_build_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-n", "-b", "html", str(DOCS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Newsbell" in (tmp_path / "index.html").read_text(encoding="utf-8")
