"""What the README says can be done, done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from monitor.profiles import load_profile
from tests.e2e.world import ON_TOPIC, Desk, FeedHost, environment, in_folder, rss

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (newsbell [^#\n]+)", README, re.MULTILINE)


def test_it_is_short_and_shows_something_to_run_early() -> None:
    lines = README.splitlines()
    assert len(lines) <= 150
    assert any(line.startswith("$ make demo") for line in lines[:40])


def test_it_shows_a_digest_and_what_it_links_to_is_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert "docs/digest.png" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_command_of_it_works(tmp_path: Path, feeds: FeedHost) -> None:
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    feeds.pages["/feed.xml"] = rss(ON_TOPIC)
    assert len(COMMANDS) >= 5
    for command in COMMANDS:
        result = in_folder(tmp_path, command)
        assert result.code == 0, (command, result)
        if " init " in command:
            on_loopback(tmp_path / "my-watch" / "newsbell.yaml", feeds)


def on_loopback(config: Path, host: FeedHost) -> None:
    """Let the starter's configuration poll a feed of this machine in place of those of the internet."""
    text = re.sub(r"^  - \{url: .*\n", "", config.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = text.replace("feeds:\n", f'feeds:\n  - {{url: "{host.base}/feed.xml"}}\n', 1)
    text = text.replace("fetch:\n", f'fetch:\n  allow_addresses: ["127.0.0.1:{host.port}"]\n', 1)
    config.write_text(text, encoding="utf-8")


def test_its_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^\$ make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_its_profile_is_valid() -> None:
    [example] = [block for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "concepts:" in block]
    assert load_profile(example, name="pair").name == "pair"
    assert yaml.safe_load(example)["threshold"] == 5.0


def test_its_table_of_commands_is_whole(desk: Desk) -> None:
    shown = desk.run("--help").out
    listed = set(re.findall(r"^  ([a-z]+)  ", shown, re.MULTILINE))
    assert listed - {"demo"} <= set(re.findall(r"[a-z]+", README))


def test_the_demo_needs_no_internet_and_names_what_it_wrote(tmp_path: Path) -> None:
    result = in_folder(tmp_path, "newsbell demo")
    assert result.code == 0, result
    [page] = [line.removeprefix("wrote ") for line in result.out.splitlines() if line.endswith(".html")]
    html = (tmp_path / page).read_text(encoding="utf-8")
    assert "comprehensive" in html
    assert "Rice prices" not in html
    assert "NEWSBELL_HOOK" not in environment()
