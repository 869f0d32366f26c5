"""``newsbell daemon``: works by itself and stops cleanly."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.e2e.test_run import HOOK, configure, serve_topics, titles
from tests.e2e.world import ON_TOPIC, Desk, FeedHost, rss, wait_for

pytestmark = pytest.mark.e2e


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def test_the_daemon_polls_delivers_and_stops_without_leaving_a_child(desk: Desk, feeds: FeedHost) -> None:
    serve_topics(feeds)
    configure(desk, feeds, channels=HOOK.format(base=feeds.base), names="hook")
    desk.run("run")  # the baseline
    feeds.pages["/c.xml"] = rss(ON_TOPIC)
    configure(desk, feeds, paths=("/c.xml",), channels=HOOK.format(base=feeds.base), names="hook")
    daemon = desk.start("daemon", "--backlog", "20")
    try:
        wait_for(lambda: feeds.posts)
        left = children(daemon.pid)
    finally:
        daemon.send_signal(signal.SIGTERM)
        _, errors = daemon.communicate(timeout=10)
    assert daemon.returncode == 0, errors
    assert titles(feeds.posts[0][1]) == sorted(item.title for item in ON_TOPIC)
    assert not [pid for pid in left if Path(f"/proc/{pid}").exists()]


def test_sighup_takes_over_a_changed_config_and_keeps_the_last_good_one(desk: Desk, feeds: FeedHost) -> None:
    feeds.pages["/a.xml"] = rss(())
    feeds.pages["/b.xml"] = rss(())
    configure(desk, feeds, paths=("/a.xml",))
    daemon = desk.start("daemon")
    try:
        wait_for(lambda: feeds.requests)
        good = desk.config.read_text()
        desk.config.write_text(good.replace("feeds:", "feedz:"))
        daemon.send_signal(signal.SIGHUP)
        configure(desk, feeds, paths=("/a.xml", "/b.xml"))
        daemon.send_signal(signal.SIGHUP)
        wait_for(lambda: any(path == "/b.xml" for path, _ in feeds.requests))
    finally:
        daemon.send_signal(signal.SIGTERM)
        _, errors = daemon.communicate(timeout=10)
    assert daemon.returncode == 0, errors
