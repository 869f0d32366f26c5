"""The database file: made whole, refused when it is not sound, copied, migrated; never replaced by an empty one."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.store import database
from monitor.store.schema import APPLICATION_ID, MIGRATIONS
from monitor.store.sqlite import SMALL, SqliteStore
from tests.monitor.store.samples import DAY, NOW, A, an_entry, claim, learn


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed database with 40 entries."""
    path = tmp_path / "newsbell.db"
    store = SqliteStore(path, NOW)
    learn(store, *(an_entry(number, text="text " * 300) for number in range(40)))
    store.close()
    return path


def refusal(path: Path, *, alone: bool = True) -> str:
    """What is said when the database is opened; it must be left as it is."""
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        SqliteStore(path, NOW, alone=alone)
    assert path.read_bytes() == before
    return str(caught.value)


def test_a_store_is_made_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "newsbell.db"

    SqliteStore(path, NOW).close()

    assert list(path.parent.iterdir()) == [path]


def test_what_was_stored_is_there_after_a_restart(path: Path) -> None:
    store = SqliteStore(path, NOW, alone=True)

    assert store.entry_counts() == {A.url: 40}
    store.close()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: b"", "is empty"),
        (lambda data: b"SQLite", "is cut off"),
        (lambda data: data[:-8192], "is cut off"),
        (lambda data: data[: len(data) // 2], "is cut off"),
        (lambda data: b"<html>" + data[6:], "is no database"),
        (lambda data: os.urandom(9000), "is no database"),
        (lambda data: data[:8192] + b"\xa5" * 8192 + data[16384:], "is damaged"),
        (lambda data: data[:100] + b"\xa5" * 4000 + data[4100:], "is damaged"),
        (lambda data: data[: len(data) - 20000] + os.urandom(20000), "is damaged"),
    ],
)
def test_a_damaged_file_is_refused_and_left_alone(path: Path, damage: object, words: str) -> None:
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]

    said = refusal(path)

    assert words in said
    assert str(path) in said
    assert "backup" in said


def test_a_log_without_its_database_is_refused(path: Path) -> None:
    """Somebody moved the database but not the log beside it: an empty one in its place would bury it."""
    path.rename(path.with_name("away"))
    path.with_name("newsbell.db-wal").write_bytes(b"x")

    with pytest.raises(StoreError, match="is missing"):
        SqliteStore(path, NOW)

    assert not path.exists()


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "newsbell.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.close()

    assert "another program" in refusal(path)


def test_a_newer_database_is_refused(path: Path) -> None:
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    newer.close()

    assert "newer Newsbell" in refusal(path)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(tmp_path, NOW)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="cannot be made"):
        SqliteStore(tmp_path / "file" / "newsbell.db", NOW)


def test_a_large_database_is_read_through_once_a_day(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damage that nobody has touched is found then, not at every start."""
    monkeypatch.setattr("monitor.store.sqlite.SMALL", 0)
    SqliteStore(path, NOW, alone=True).close()
    data = path.read_bytes()
    path.write_bytes(data[:-16384] + b"\xa5" * 16384)

    SqliteStore(path, NOW + DAY / 2, alone=True).close()

    with pytest.raises(StoreError, match="is damaged"):
        SqliteStore(path, NOW + DAY, alone=True)
    assert len(data) < SMALL


def test_after_an_unclean_end_it_is_read_through(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.store.sqlite.SMALL", 0)
    SqliteStore(path, NOW, alone=True).close()
    data = path.read_bytes()
    path.write_bytes(data[:-16384] + b"\xa5" * 16384)
    left_open = SqliteStore(path, NOW)
    left_open.add_notice("a", "text", NOW)

    with pytest.raises(StoreError, match="is damaged"):
        SqliteStore(path, NOW, alone=True)
    left_open.close()


def test_only_the_one_alone_takes_over_leases(path: Path) -> None:
    killed = SqliteStore(path, NOW)
    assert len(claim(killed, NOW + DAY)) == 1

    with_others = SqliteStore(path, NOW)
    assert claim(with_others, NOW + DAY + DAY / 1000) == []
    alone = SqliteStore(path, NOW, alone=True)
    assert len(claim(alone, NOW + DAY + DAY / 1000)) == 1
    for store in (killed, with_others, alone):
        store.close()


# backups and migrations -------------------------------------------------------------------------------


def test_a_backup_is_one_whole_file(path: Path, tmp_path: Path) -> None:
    store = SqliteStore(path, NOW)
    store.add_notice("a", "text", NOW)
    target = tmp_path / "copy.backup"

    store.backup(target)
    store.backup(target)

    assert {file.name for file in tmp_path.iterdir()} - {"newsbell.db-shm", "newsbell.db-wal"} == {
        target.name,
        path.name,
    }
    store.close()
    copy = SqliteStore(target, NOW, alone=True)
    assert (copy.entry_counts(), list(copy.notices())) == ({A.url: 40}, [("a", "text")])
    copy.close()


def test_a_backup_that_cannot_be_written_says_so(path: Path, tmp_path: Path) -> None:
    store = SqliteStore(path, NOW)

    with pytest.raises(StoreError, match="nowhere"):
        store.backup(tmp_path / "nowhere" / "copy.backup")
    store.close()


STEPS = (*MIGRATIONS, "CREATE TABLE added (x);\nINSERT INTO added SELECT count(*) FROM entries;")


def migrate(path: Path, steps: Sequence[str] = STEPS) -> Path | None:
    connection = database.connect(path)
    try:
        return database.migrate(connection, path, steps)
    finally:
        connection.close()


def test_a_migration_keeps_the_data_and_a_backup_of_before(path: Path) -> None:
    backup = migrate(path)

    assert backup == path.with_name("newsbell.db.v1.backup")
    before = SqliteStore(backup, NOW, alone=True)
    assert before.entry_counts() == {A.url: 40}
    before.close()
    after = sqlite3.connect(path)
    assert after.execute("SELECT x FROM added").fetchall() == [(40,)]
    assert after.execute("PRAGMA user_version").fetchone() == (2,)
    after.close()


def test_a_migration_is_done_once(path: Path) -> None:
    migrate(path)

    assert migrate(path) is None


def test_of_two_programs_one_migrates_and_the_backup_is_of_before(path: Path) -> None:
    first, second = database.connect(path), database.connect(path)

    backups = [database.migrate(connection, path, STEPS) for connection in (first, second)]

    first.close()
    second.close()
    assert backups[1] is None
    copied = sqlite3.connect(backups[0] or "")
    assert copied.execute("PRAGMA user_version").fetchone() == (1,)
    copied.close()


def test_an_older_database_is_left_to_the_one_that_is_alone(path: Path) -> None:
    """An older daemon may still be working on it."""
    older = sqlite3.connect(path)
    older.execute("PRAGMA user_version = 0")
    older.close()

    assert "older Newsbell" in refusal(path, alone=False)


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    with pytest.raises(StoreError):
        migrate(path, (*STEPS, "DROP TABLE added; CREATE TABLE feeds (x);"))

    SqliteStore(path, NOW, alone=True).close()


def test_a_new_database_has_every_step_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "newsbell.db"
    database.create(path, STEPS)

    assert migrate(path) is None
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    connection.close()


def test_a_database_that_exists_by_now_is_not_replaced(path: Path) -> None:
    database.create(path)

    store = SqliteStore(path, NOW)
    assert store.entry_counts() == {A.url: 40}
    store.close()


# a disk that takes no more -----------------------------------------------------------------------------


@pytest.mark.parametrize("pages", [0, 1, 5, 20, 30])
def test_a_disk_that_is_full_at_the_first_start_leaves_nothing_in_the_way(tmp_path: Path, pages: int) -> None:
    path = tmp_path / "newsbell.db"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (pages * 8192, limits[1]))
    try:
        with pytest.raises(StoreError, match="newsbell"):
            SqliteStore(path, NOW, alone=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []
    SqliteStore(path, NOW, alone=True).close()


def test_a_full_disk_loses_nothing_and_says_so(path: Path) -> None:
    store = SqliteStore(path, NOW)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]  # no other way to fill a disk in a test
    store._db.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        for number in range(100):
            store.add_notice(f"key {number}", "text " * 2_000, NOW)

    with pytest.raises(StoreError, match="no room left"):
        fill()

    kept = len(store.notices())
    store._db.execute("PRAGMA max_page_count = 1000000")
    assert store.add_notice("after", "text", NOW)
    assert len(store.notices()) == kept + 1
    store.close()


@pytest.mark.processes
def test_a_disk_that_fails_is_an_error_of_the_store(path: Path) -> None:
    """A real write error: the process may not write a file beyond its present size."""
    program = """
import resource, signal, sys
from pathlib import Path
from monitor.errors import StoreError
from monitor.store.sqlite import SqliteStore
from tests.monitor.store.samples import NOW
path = Path(sys.argv[1])
store = SqliteStore(path, NOW)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size // 2, resource.RLIM_INFINITY))
try:
    for number in range(200):
        store.add_notice(str(number), "text " * 2000, NOW)
except StoreError as error:
    sys.exit(str(error))
"""
    ended = run(program, str(path))

    assert ended.returncode == 1, ended.stderr
    assert str(path) in ended.stderr
    SqliteStore(path, NOW, alone=True).close()


@pytest.mark.processes
def test_a_read_only_folder_is_refused(path: Path) -> None:
    """As a user who may read but not write; root could write everything."""
    program = """
import os, sys
from monitor.errors import StoreError
from monitor.store.sqlite import SqliteStore
from tests.monitor.store.samples import NOW
from pathlib import Path
if os.geteuid() == 0:
    os.setuid(65534)
try:
    SqliteStore(Path(sys.argv[1]), NOW, alone=True)
except StoreError as error:
    sys.exit(str(error))
"""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "newsbell.db"
        copy.write_bytes(path.read_bytes())
        Path(folder).chmod(0o555)
        copy.chmod(0o444)
        ended = run(program, str(copy))
        Path(folder).chmod(0o755)

    assert (ended.returncode, "permissions" in ended.stderr) == (1, True), ended.stderr


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_read_only_database_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore(path, NOW)
    store._db.execute("PRAGMA query_only = ON")

    with pytest.raises(StoreError, match="cannot be written"):
        store.add_notice("a", "text", NOW)
    store.close()


def test_half_a_surrogate_pair_is_an_error_of_the_store_not_of_the_program(path: Path) -> None:
    store = SqliteStore(path, NOW)

    with pytest.raises(StoreError, match="cannot be stored"):
        store.add_notice("a", "\ud800", NOW)
    store.close()
