"""What the configuration remembers in, opened and copied."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.model import Secret
from monitor.app.stores import open_copy, open_database, open_store
from monitor.config.model import Config
from monitor.config.settings import Settings
from monitor.errors import StoreError
from monitor.model import Feed
from monitor.store.sqlite import SqliteStore

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
LEASE = timedelta(minutes=15)
FEED = Feed("https://a.example/feed", "A")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose store a program has left that was killed while it polled."""
    settings = Settings(Config(), tmp_path / "newsbell.yaml", tmp_path / "state", (), (FEED,))
    store = SqliteStore(settings.store, NOW)
    store.sync_feeds([FEED], NOW)
    assert len(store.claim_due(NOW, limit=1, lease=LEASE)) == 1
    store.add_notice("feed failing a", "A: cannot be read", NOW)
    store.close()
    return settings


@pytest.mark.parametrize(("alone", "due"), [(True, 1), (False, 0)])
def test_who_holds_the_lock_takes_over_what_a_killed_program_was_at(settings: Settings, alone: bool, due: int) -> None:
    """Who only looks does not: the other one may be alive."""
    with closing(open_store(settings, NOW, alone=alone)) as store:
        assert len(store.claim_due(NOW + LEASE / 2, limit=1, lease=LEASE)) == due


def test_a_copy_holds_everything_and_what_happens_to_it_stays_there(settings: Settings, tmp_path: Path) -> None:
    with closing(open_copy(settings, tmp_path / "copy.db", NOW)) as copy:
        assert [feed.feed for feed in copy.feeds()] == [FEED]
        assert copy.notices() == [("feed failing a", "A: cannot be read")]
        copy.sync_feeds([], NOW)
        copy.mark_told(["feed failing a"])
    with closing(open_store(settings, NOW)) as store:
        assert [feed.feed for feed in store.feeds()] == [FEED]
        assert len(store.notices()) == 1


def test_where_nothing_is_remembered_yet_a_copy_is_empty_and_nothing_is_made(tmp_path: Path) -> None:
    settings = Settings(Config(), tmp_path / "newsbell.yaml", tmp_path / "state", (), ())
    with closing(open_copy(settings, tmp_path / "copy.db", NOW)) as copy:
        assert copy.feeds() == []
    assert not (tmp_path / "state").exists()


def test_a_database_without_the_programs_part_for_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "monitor.store.postgres.store", None)
    with pytest.raises(StoreError, match=r"is not installed: pip install 'newsbell\[postgres\]'$"):
        open_database(Secret("postgresql://newsbell:hush@db.example/newsbell"))
