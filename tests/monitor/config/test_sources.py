"""Which files a pattern stands for, and which places cannot be what they are taken for."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config.model import Config
from monitor.config.sources import barred, content, matching, misplaced, overlooked, stamp, template_files
from monitor.yamldoc import load as load_text
from tests.monitor.config.privileges import modes_count

FILES = (
    "profiles/a.yaml",
    "profiles/b.yaml",
    "profiles/c.yml",
    "profiles/.hidden.yaml",
    "profiles/#a.yaml#",
    "profiles/deep/d.yaml",
    "profiles/.git/e.yaml",
    "profiles/folder.yaml/f.yaml",
    ".own/g.yaml",
    "h.yaml",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "profiles" / "gone.yaml").symlink_to("nowhere")
    return folder


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("profiles/*.yaml", ["profiles/a.yaml", "profiles/b.yaml", "profiles/gone.yaml"]),
        ("profiles/*.yml", ["profiles/c.yml"]),
        ("profiles/a.yaml", ["profiles/a.yaml"]),
        ("profiles/[ab].yaml", ["profiles/a.yaml", "profiles/b.yaml"]),
        ("profiles/.hidden.yaml", ["profiles/.hidden.yaml"]),
        (".own/*.yaml", [".own/g.yaml"]),
        ("profiles/*/*.yaml", ["profiles/deep/d.yaml", "profiles/folder.yaml/f.yaml"]),
        ("*.yaml", ["h.yaml"]),
        ("./h.yaml", ["h.yaml"]),
        ("profiles/../h.yaml", ["profiles/../h.yaml"]),
        ("profiles", []),
        ("profiles/folder.yaml", []),
        ("none/*.yaml", []),
        (".", []),
        ("", []),
        ("/", []),
    ],
)
def test_a_pattern_stands_for_the_files_that_a_shell_would_take(folder: Path, pattern: str, found: list[str]) -> None:
    """Sorted, without folders and without what editors leave behind under a name with a dot."""
    assert [str(path.relative_to(folder)) for path in matching(folder, pattern)] == found


def test_a_pattern_may_begin_at_the_root(folder: Path) -> None:
    found = matching(Path("/nowhere"), f"{folder}/profiles/*.yaml")
    assert [path.name for path in found] == ["a.yaml", "b.yaml", "gone.yaml"]


def test_two_stars_look_into_every_folder_but_hidden_ones(folder: Path) -> None:
    names = [path.name for path in matching(folder, "**/*.yaml")]
    assert names == ["h.yaml", "a.yaml", "b.yaml", "d.yaml", "f.yaml", "gone.yaml"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("profiles/*.yaml", ["c.yml"]),
        ("profiles/*.yml", ["a.yaml", "b.yaml", "gone.yaml"]),
        ("profiles/a.yaml", []),
        ("profiles/*", []),
    ],
)
def test_the_other_ending_of_yaml_is_thought_of(folder: Path, pattern: str, names: list[str]) -> None:
    assert [path.name for path in overlooked(folder, pattern)] == names


@pytest.mark.parametrize(
    ("pattern", "closed"),
    [
        ("closed/*.yaml", "closed"),
        ("closed/a.yaml", "closed"),
        ("closed/*/a.yaml", "closed"),
        ("open/*.yaml", None),
        ("open/closed/*.yaml", "open/closed"),
        ("open/*/a.yaml", None),
        ("open/[c]losed/a.yaml", None),
        ("none/*.yaml", None),
        ("a.yaml", None),
    ],
)
def test_a_folder_that_may_not_be_looked_into_is_found(tmp_path: Path, pattern: str, closed: str | None) -> None:
    for name in ("closed", "open/closed"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name).chmod(0)
    with modes_count():
        assert barred(tmp_path, pattern) == (None if closed is None else tmp_path / closed)


CHANNELS = "channels: {a: {type: file, dir: %s}, b: {type: webhook, url: 'https://example.org'}}\n"


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        (CHANNELS % "digests", []),
        (CHANNELS % "new", []),
        (CHANNELS % "file", ["channels.a.dir: file is a file, not a folder"]),
        ("metrics: {file: metrics.prom}\n", []),
        ("metrics: {file: file}\n", []),
        ("metrics: {file: digests}\n", ["metrics.file: digests is a folder, not a file"]),
        ("metrics: {file: state}\n", ["metrics.file: state is a folder, not a file"]),
        ("metrics: {file: state/metrics.prom}\n", []),
        ("store: {path: other.db}\n", []),
        ("store: {path: ../digests}\n", ["store.path: ../digests is a folder, not a file"]),
        ("store: {path: .}\n", ["store.path: . is a folder, not a file"]),
    ],
)
def test_a_file_is_no_folder_and_a_folder_no_file(tmp_path: Path, config: str, wrong: list[str]) -> None:
    """Also where the state folder is only going to be one."""
    (tmp_path / "digests").mkdir()
    (tmp_path / "file").touch()
    found = misplaced(load_text(config, file="f", model=Config), tmp_path, tmp_path / "state")
    assert [f"{'.'.join(place)}: {message}" for place, message in found] == wrong


def test_templates_are_known_by_their_ending(tmp_path: Path) -> None:
    for name in ("b.html.j2", "a.txt.j2", "c.j2", "d.jinja", "e.jinja2", "f.html", "g.txt", "j2", "h.j2~"):
        (tmp_path / name).touch()
    assert [path.name for path in template_files(tmp_path)] == ["a.txt.j2", "b.html.j2", "c.j2", "d.jinja", "e.jinja2"]
    assert template_files(None) == ()


def test_a_stamp_tells_what_changed_came_or_went(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("1")
    first = stamp([a, b])
    assert first == stamp([b, a, a])
    a.write_text("12")
    longer = stamp([a, b])
    b.touch()
    assert len({first, longer, stamp([a, b])}) == 3
    b.unlink()
    assert stamp([a, b]) == longer


def test_only_an_ordinary_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\x00text")
    assert content(tmp_path / "a") == b"\x00text"
    with pytest.raises(OSError, match="it is no ordinary file"):
        content(tmp_path)
    with pytest.raises(FileNotFoundError):
        content(tmp_path / "b")
