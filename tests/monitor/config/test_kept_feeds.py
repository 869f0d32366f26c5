"""The feeds of a configuration: held once, however many there are, and kept with all that is said of each."""

from __future__ import annotations

from datetime import timedelta

from monitor.config import cache, current_settings
from monitor.model import Feed

CONFIG = """
state_dir: .
feeds:
  - {url: "https://a.example/feed"}
  - {url: "https://b.example/feed", title: B Times, lang: ja, interval: 2h, enabled: false}
  - {url: "https://c.example/feed", title: C}
"""
FEEDS = (
    Feed("https://a.example/feed"),
    Feed("https://b.example/feed", "B Times", "ja", timedelta(hours=2), False),
    Feed("https://c.example/feed", "C"),
)


def test_they_are_read_and_kept_with_all_that_is_said_of_them(tmp_path):
    path = tmp_path / "newsbell.yaml"
    path.write_text(CONFIG)
    read = current_settings(path, {}, keep=True)
    again = cache.recall(path, {})
    assert again == read
    assert again is not None
    assert again.feeds == FEEDS
    assert again.config.feeds == ()  # they would be there twice
