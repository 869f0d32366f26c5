"""Metrics from the store to the file, the screen and the daemon's address."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.app.metrics_server import serving
from monitor.metrics import CONTENT_TYPE
from monitor.store.sqlite import SqliteStore
from tests.cli.conftest import Command
from tests.e2e.world import FeedHost
from tests.monitor.store.samples import NOW

pytestmark = pytest.mark.processes


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "newsbell.db", NOW, alone=True)
    yield store
    store.close()


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_totals_only_grow_and_outlive_the_program(store: SqliteStore, tmp_path: Path) -> None:
    store.count({"passes": 1, "entries": 5, "nothing": 0})
    store.count({"passes": 1})
    store.close()
    again = SqliteStore(tmp_path / "newsbell.db", NOW)
    assert again.tally().totals == {"passes": 2, "entries": 5}
    again.close()


def test_metrics_are_printed_and_written_after_each_pass(newsbell: Command, config: Path, tmp_path: Path) -> None:
    config.write_text(config.read_text() + "metrics: {file: ../prom/newsbell.prom}\n", encoding="utf-8")
    newsbell("run", "--backlog", "20")
    newsbell("run", "--force")
    file = tmp_path / "prom" / "newsbell.prom"
    written, printed = samples(file.read_text()), samples(newsbell("metrics").out)
    for name, value in [
        (("newsbell_feeds", "ok"), 1),
        (("newsbell_passes_total",), 2),
        (("newsbell_polls_total", "changed"), 1),
        (("newsbell_polls_total", "unchanged"), 1),
        (("newsbell_entries_found_total",), 5),
        (("newsbell_matches", "pair"), 2),
        (("newsbell_digests_total",), 1),
        (("newsbell_deliveries", "sent"), 1),
        (("newsbell_delivery_attempts_total", "sent"), 1),
    ]:
        assert (name, written[name]) == (name, value)
        assert printed[name] == value
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.stat().st_mode & 0o777 == 0o644  # the node exporter is another user
    assert newsbell("metrics", "--json").json()["tally"]["totals"]["passes"] == 2


def test_a_rehearsal_counts_for_nothing(newsbell: Command, config: Path, tmp_path: Path) -> None:
    config.write_text(config.read_text() + "metrics: {file: ../newsbell.prom}\n", encoding="utf-8")
    newsbell("run", "-n", "--backlog", "20")
    assert samples(newsbell("metrics").out)[("newsbell_passes_total",)] == 0
    assert not (tmp_path / "newsbell.prom").exists()


def test_a_file_that_cannot_be_written_is_said_and_ends_no_pass(
    newsbell: Command, config: Path, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file where a folder is wanted")
    config.write_text(config.read_text() + "metrics: {file: ../taken/newsbell.prom}\n", encoding="utf-8")
    assert "metrics cannot be written" in newsbell("-v", "run").err


@pytest.mark.parametrize(
    ("listen", "said"),
    [("0.0.0.0:9464", "reverse proxy"), ("example.org:80", "reverse proxy"), ("9464", "127.0.0.1:9464")],
)
def test_only_this_machine_is_served(newsbell: Command, config: Path, listen: str, said: str) -> None:
    config.write_text(config.read_text() + f'metrics: {{listen: "{listen}"}}\n', encoding="utf-8")
    assert said in newsbell("check", check=3).err


@pytest.mark.parametrize("listen", ["127.0.0.1:9464", "[::1]:9464", "localhost:9464"])
def test_every_way_to_name_this_machine_is_taken(newsbell: Command, config: Path, listen: str) -> None:
    config.write_text(config.read_text() + f'metrics: {{listen: "{listen}"}}\n', encoding="utf-8")
    newsbell("check")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_the_daemons_address_answers_prometheus() -> None:
    import asyncio

    listen = f"127.0.0.1:{free_port()}"
    async with serving(listen, lambda: "newsbell_feeds 1\n"):
        with await asyncio.to_thread(urllib.request.urlopen, f"http://{listen}/metrics") as answer:
            assert answer.headers["Content-Type"] == CONTENT_TYPE
            assert answer.read() == b"newsbell_feeds 1\n"
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(listen.rpartition(":")[2]))) != 0


async def test_a_taken_address_is_logged_and_ends_nothing(host: FeedHost, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(f"127.0.0.1:{host.port}", str):
        assert "metrics cannot be served" in caplog.text


async def test_without_an_address_nothing_is_served() -> None:
    async with serving(None, str):
        pass
