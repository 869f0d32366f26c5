"""The bench measures what it says: its feeds, its server and its table."""

import http.client
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.model import Document, Feed, PollOutcome
from monitor.parse.documents import parse_document
from monitor.store.sqlite import SqliteStore
from tests.bench import standing
from tests.bench.__main__ import STAGES, Sample, feed_server, summary, table, with_stages
from tests.bench.corpus import document


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with feed_server(2, 0) as port:
        yield port


def get(port: int, path: str, **fields: str) -> tuple[int, str | None, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in fields.items()})
        answer = connection.getresponse()
        return answer.status, answer.getheader("ETag"), answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("feed", range(4))
def test_made_up_feeds_are_read_whole_and_gain_one_entry_a_round(feed: int) -> None:
    first = parse_document(Document("http://x/", document(feed, 0, 20)))
    later = parse_document(Document("http://x/", document(feed, 1, 20), known=first.fingerprints))

    assert (len(first.entries), first.warnings, len(later.entries)) == (20, (), 1)
    assert all(entry.published or entry.updated for entry in first.entries)


def test_the_server_knows_conditions_and_rounds(port: int) -> None:
    get(port, "/round/0")
    status, tag, body = get(port, "/feed/1.xml")
    assert (status, body) == (200, document(1, 0, 20))

    assert get(port, "/feed/1.xml", If_None_Match=tag or "")[0] == 304
    get(port, "/round/1")
    assert get(port, "/feed/1.xml", If_None_Match=tag or "")[2] == document(1, 1, 20)
    assert get(port, "/feed/2.xml")[0] == 404


def test_the_stages_of_a_pass_add_up_to_its_processor_time() -> None:
    report = '{"durations": {"store": 1.0, "decide": 0.5, "deliver": 0.25, "all": 3.0}}'

    stages = with_stages(Sample(9.0, 6.0, 80.0), report, start=1.0).stages

    assert sum(stages.values()) == 6.0
    assert (stages["fetch"], stages["parse"], stages["digest"]) == (1.25, 2.0, 0.25)


def test_the_table_shows_medians_for_a_feed_and_the_change_since_an_earlier_run() -> None:
    stages = dict.fromkeys(STAGES, 0.5)
    runs = [Sample(1.0, cpu, 80.0, stages) for cpu in (3.0, 9.0, 4.0)]

    told = summary({("newsbell", "all 304"): runs}, feeds=1000)
    lines = list(table(told, {"newsbell": {"all 304": {"cpu": 8.0}}}))

    assert told["newsbell"]["all 304"]["cpu"] == 4.0
    assert lines[1].split()[:4] == ["newsbell", "all", "304", "1.00"]
    assert lines[1].endswith("-50 % CPU")


def test_polls_are_spread_over_an_interval_and_their_delay_is_told(tmp_path: Path) -> None:
    database = tmp_path / "newsbell.db"
    store = SqliteStore(database, datetime(2026, 3, 2, tzinfo=UTC), alone=True)
    store.sync_feeds([Feed(f"https://{number}.example/") for number in range(4)], datetime(2026, 3, 2, tzinfo=UTC))

    planned = standing.plan(database, 60)
    first = datetime.fromtimestamp(min(planned.values()), UTC)
    (due,) = store.claim_due(first + timedelta(seconds=1), limit=4, lease=timedelta(minutes=1))
    store.record([PollOutcome(replace(due, last_poll=first + timedelta(seconds=2)))])
    store.close()

    assert max(planned.values()) - min(planned.values()) == pytest.approx(standing.INTERVAL * 3 / 4)
    assert standing.delays(database, planned) == [pytest.approx(2.0, abs=0.001)]


def test_the_memory_of_a_process_is_its_own_share() -> None:
    assert 1 < standing.memory(os.getpid()) < 10_000
