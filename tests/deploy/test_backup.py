"""``backup`` while Newsbell works, ``restore`` of what was written, and nothing lost on the way."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.store.lock import StateLock
from monitor.store.restore import restore
from monitor.store.schema import MIGRATIONS
from monitor.store.sqlite import SqliteStore
from tests.cli.conftest import Command
from tests.e2e.world import environment
from tests.monitor.store.samples import NOW, an_entry, learn

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]


def stored(path: Path) -> int:
    store = SqliteStore(path, NOW)
    try:
        return len(list(store.entries()))
    finally:
        store.close()


def test_what_was_backed_up_comes_back_and_what_was_there_is_kept(newsbell: Command, tmp_path: Path) -> None:
    newsbell("run", "--backlog", "20")
    backup = tmp_path / "backup.db"
    newsbell("backup", str(backup))
    before = newsbell("outbox", "list", "--json").json()
    for path in (tmp_path / "state").glob("newsbell.db*"):
        path.unlink()
    newsbell("run")  # a new database without anything: the baseline
    assert newsbell("outbox", "list", "--json").json() == []

    said = newsbell("restore", str(backup)).err

    assert "before-restore" in said
    assert newsbell("outbox", "list", "--json").json() == before
    assert newsbell("run", "--force", "--json").json()["new"] == 0  # nothing is found twice
    assert stored(tmp_path / "state" / "newsbell.db.before-restore") == 5


def test_a_backup_taken_while_the_store_is_written_is_whole(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "newsbell.db", NOW, alone=True)
    learn(store, *(an_entry(number) for number in range(50)))
    started = threading.Event()

    def write() -> None:
        writer = SqliteStore(tmp_path / "newsbell.db", NOW)
        for number in range(40):
            writer.add_notice(str(number), "text", NOW)
            started.set()
        writer.close()

    thread = threading.Thread(target=write)
    thread.start()
    started.wait(10)
    store.backup(tmp_path / "copy.db")
    thread.join()
    store.close()

    copy = SqliteStore(tmp_path / "copy.db", NOW)
    copy.verify(NOW)
    assert len(list(copy.entries())) == 50
    assert [int(key) for key, _ in copy.notices()] == list(range(len(copy.notices())))
    copy.close()


def test_nothing_is_restored_while_another_program_works(newsbell: Command, tmp_path: Path) -> None:
    newsbell("run")
    newsbell("backup", str(tmp_path / "backup.db"))
    with StateLock(tmp_path / "state"):
        newsbell("restore", str(tmp_path / "backup.db"), check=75)


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "foreign", "newer", "in use"])
def test_a_backup_that_cannot_be_trusted_changes_nothing(tmp_path: Path, harm: str) -> None:
    current, backup = tmp_path / "newsbell.db", tmp_path / "backup.db"
    store = SqliteStore(current, NOW, alone=True)
    learn(store, *(replace(an_entry(number), content="words " * 400) for number in range(60)))
    store.backup(backup)
    store.close()
    spoil(backup, harm)

    with pytest.raises(StoreError, match=str(backup.name) if harm == "in use" else "newsbell.db.restored"):
        restore(backup, current)

    assert stored(current) == 60
    assert sorted(path.name for path in tmp_path.glob("newsbell.db*") if "-" not in path.name) == ["newsbell.db"]


def spoil(backup: Path, harm: str) -> None:
    content = backup.read_bytes()
    match harm:
        case "cut":
            backup.write_bytes(content[: len(content) // 2])
        case "flipped":
            middle = len(content) // 2
            backup.write_bytes(content[:middle] + bytes(b ^ 0xFF for b in content[middle:-8192]) + content[-8192:])
        case "empty":
            backup.write_bytes(b"")
        case "foreign":
            backup.unlink()
            with sqlite3.connect(backup) as connection:
                connection.execute("CREATE TABLE things (a)")
            connection.close()
        case "newer":
            with sqlite3.connect(backup) as connection:
                connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
            connection.close()
        case "in use":
            backup.with_name("backup.db-wal").write_bytes(b"pages")


def test_a_database_is_no_backup_of_itself(newsbell: Command, tmp_path: Path) -> None:
    newsbell("run")
    database = str(tmp_path / "state" / "newsbell.db")
    assert "itself" in newsbell("backup", database, check=2).err
    assert "itself" in newsbell("restore", database, check=1).err


def test_a_first_database_may_come_from_a_backup(newsbell: Command, tmp_path: Path) -> None:
    newsbell("run")
    newsbell("backup", str(tmp_path / "backup.db"))
    assert newsbell("--state-dir", str(tmp_path / "other"), "restore", str(tmp_path / "backup.db")).err
    assert stored(tmp_path / "other" / "newsbell.db") == 5


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_restores_belongs_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "backup.db", NOW).close()
    folder = tmp_path / "state"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    restore(tmp_path / "backup.db", folder / "newsbell.db")
    assert (folder / "newsbell.db").stat().st_uid == 12345


def test_the_script_keeps_the_newest_backups_and_proves_each(newsbell: Command, config: Path, tmp_path: Path) -> None:
    newsbell("run")
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in ("01", "02", "03"):
        (folder / f"newsbell-202501{day}T000000Z.db").touch()
    done = script(folder, "2", config)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    kept = sorted(path.name for path in folder.iterdir())
    assert kept[0] == "newsbell-20250103T000000Z.db"
    assert len(kept) == 2
    assert stored(folder / kept[1]) == 5
    assert script(folder, "none", config).returncode == 2


def script(folder: Path, keep: str, config: Path) -> subprocess.CompletedProcess[str]:
    found = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "NEWSBELL_CONFIG": str(config)}
    command = [str(ROOT / "deploy" / "backup.sh"), str(folder), keep]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment() | found, check=False)
