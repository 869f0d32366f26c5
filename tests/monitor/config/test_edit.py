"""Edits of the file itself: whole or not at all, and never into something that does not load."""

from __future__ import annotations

import pytest

from monitor.config.edit import add_feeds, enable_feed, remove_feed, replace
from monitor.errors import ConfigError, NewsbellError
from monitor.model import Feed
from tests.monitor.config.folders import CONFIG, write

NEW = Feed("https://new.example/feed")


@pytest.fixture
def config(tmp_path):
    return write(tmp_path, {"newsbell.yaml": CONFIG})


def test_feeds_that_are_there_already_are_left_out(config):
    twice = [Feed("https://EXAMPLE.org/feed"), NEW, Feed("https://new.example:443/feed")]
    assert add_feeds(config, twice) == (NEW,)
    assert add_feeds(config, twice) == ()
    assert config.read_text().count("new.example") == 1


def test_a_feed_is_removed_and_switched(config):
    add_feeds(config, [NEW])
    enable_feed(config, NEW.url, enabled=False)
    assert "enabled: false" in config.read_text()
    remove_feed(config, NEW.url)
    assert config.read_text() == CONFIG


def test_the_mode_of_the_file_stays(config):
    config.chmod(0o640)
    add_feeds(config, [NEW])
    assert config.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(config, tmp_path):
    link = tmp_path / "link.yaml"
    link.symlink_to(config)
    add_feeds(link, [NEW])
    assert link.is_symlink()
    assert "new.example" in config.read_text()


def test_a_byte_order_mark_stays(config):
    config.write_text("\ufeff" + CONFIG, encoding="utf-8")
    add_feeds(config, [NEW])
    assert config.read_bytes().startswith(b"\xef\xbb\xbfstate_dir")


@pytest.mark.parametrize("url", ["ftp://new.example/feed", "new.example", ""])
def test_what_would_not_load_is_not_written(config, url):
    with pytest.raises(ConfigError):
        add_feeds(config, [Feed(url)])
    assert config.read_text() == CONFIG


def test_a_broken_file_is_not_touched(config):
    config.write_text("feeds: [\n")
    with pytest.raises(ConfigError):
        add_feeds(config, [NEW])
    assert config.read_text() == "feeds: [\n"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        remove_feed(tmp_path / "newsbell.yaml", NEW.url)


def test_a_file_that_was_not_there_is_made(tmp_path):
    replace(tmp_path / "new.yaml", b"a: 1\n")
    assert (tmp_path / "new.yaml").read_bytes() == b"a: 1\n"


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(NewsbellError, match="cannot be written"):
        replace(tmp_path / "no/such/newsbell.yaml", b"")


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path):
    target = tmp_path / "newsbell.yaml"
    (target / "full").mkdir(parents=True)
    with pytest.raises(NewsbellError, match="cannot be written"):
        replace(target, b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["newsbell.yaml"]


def test_what_changes_nothing_does_not_even_write_the_file_anew(config):
    """A daemon that watches it would read everything again."""
    enable_feed(config, "https://example.org/feed", enabled=True)
    before = config.stat()
    enable_feed(config, "https://example.org/feed", enabled=True)
    assert add_feeds(config, [Feed("https://example.org/feed"), Feed("https://Example.org:443/feed#x")]) == ()
    assert add_feeds(config, []) == ()
    after = config.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_new_file_is_made_beside_the_old_one_whatever_disk_temporary_files_are_on(config, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    add_feeds(config, [NEW])
    assert "new.example" in config.read_text()
    assert [path.name for path in config.parent.iterdir() if path.is_file()] == ["newsbell.yaml"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda config: remove_feed(config, "https://no.example/"), "there is no feed https://no.example/"),
        (lambda config: enable_feed(config, "https://no.example/", True), "there is no feed https://no.example/"),
    ],
)
def test_a_feed_that_is_not_there_is_named_and_nothing_written(config, change, said):
    with pytest.raises(NewsbellError, match=said):
        change(config)
    assert config.read_text() == CONFIG


def test_several_feeds_are_added_in_their_order_and_each_once(config):
    more = [Feed(f"https://{name}.example/feed", name.upper()) for name in "cab"]
    assert add_feeds(config, [*more, more[0], Feed("https://A.example/feed", "other")]) == tuple(more)
    lines = config.read_text().splitlines()
    at = [next(n for n, line in enumerate(lines) if feed.url in line) for feed in more]
    assert at == sorted(at)
