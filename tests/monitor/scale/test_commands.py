"""The commands for more than one machine."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from monitor.cli.exits import Exit
from monitor.cli.root import run
from monitor.store.postgres.store import PostgresStore
from monitor.store.sqlite import SqliteStore
from tests.monitor.store.samples import NOW, an_entry, learn


@pytest.fixture
def config(tmp_path: Path, url: str) -> str:
    """A configuration whose store is a database."""
    path = tmp_path / "newsbell.yaml"
    path.write_text(f"state_dir: state\nstore: {url}\nfeeds: []\n", encoding="utf-8")
    return str(path)


def test_a_copy_names_what_arrived(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "newsbell.db"
    with closing(SqliteStore(file, NOW)) as store:
        learn(store, an_entry())
    monkeypatch.setenv("NEWSBELL_STORE", url)

    assert run(["store", "copy", "--json", str(file), "env:NEWSBELL_STORE"]) == Exit.OK

    copied = {each["table"]: each["rows"] for each in json.loads(capsys.readouterr().out)}
    assert (copied["feeds"], copied["entries"], copied["seen"]) == (1, 1, 3)
    with closing(PostgresStore(url)) as store:
        assert store.entry(an_entry().id) == an_entry()


def test_a_copy_into_a_store_that_is_not_empty_fails(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(SqliteStore(tmp_path / "a.db", NOW)) as store:
        learn(store, an_entry())

    assert run(["-q", "store", "copy", str(tmp_path / "a.db"), url]) == Exit.OK
    assert run(["store", "copy", str(tmp_path / "a.db"), url]) == Exit.FAILED
    assert "already holds feeds" in capsys.readouterr().err


def test_a_variable_that_is_not_set_is_a_usage_error(tmp_path: Path) -> None:
    assert run(["store", "copy", "env:NEWSBELL_NOBODY_SET_IT", str(tmp_path / "b.db")]) == Exit.USAGE


def test_migrate_makes_the_tables_of_store_and_jobs(config: str, url: str) -> None:
    assert run(["-c", config, "-q", "store", "migrate"]) == Exit.OK
    assert run(["-c", config, "-q", "store", "migrate"]) == Exit.OK

    with closing(PostgresStore(url)) as store:
        assert store.feeds() == []


def test_other_commands_read_the_database_too(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-c", config, "-q", "feeds", "list", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out) == []


def test_passes_leave_a_store_alone_that_workers_work_on(
    config: str, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Polls without shards would break the limits of hosts, and free what workers have leased."""
    with closing(PostgresStore(url)) as store:
        with store.agree("shards", 64):
            codes = [run(["-c", config, "run"]), run(["-c", config, "daemon"]), run(["-c", config, "run", "--force"])]
            assert codes == [Exit.LOCKED] * 3
            said = capsys.readouterr().err.splitlines()
            assert len(said) == 3
            assert "workers are at work on this store" in said[0]
        assert store.last_report() is None

        assert run(["-c", config, "run"]) == Exit.OK
        assert store.last_report() is not None


def test_of_two_machines_that_pass_at_once_one_does(config: str, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(PostgresStore(url)) as store, store.alone():
        assert run(["-c", config, "run"]) == Exit.LOCKED
    assert "for one machine without workers" in capsys.readouterr().err


def test_workers_need_a_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "newsbell.yaml"
    path.write_text("state_dir: state\nfeeds: []\n", encoding="utf-8")

    assert run(["-c", str(path), "worker"]) == Exit.USAGE
    assert "workers share a PostgreSQL store" in capsys.readouterr().err
