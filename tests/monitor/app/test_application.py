"""What commands do with the program as a whole: whom it tells how a pass went, what it counts and what it leaves."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.errors import DeliveryError
from alerts.fakes import RecordingChannel
from monitor.app import Application
from monitor.app.metrics import publish, snapshot
from monitor.clock import FixedClock
from monitor.config import load_settings
from monitor.cycle import run as cycle
from monitor.cycle.tools import PassResult
from monitor.errors import ConfigError, StoreError, StoreInUseError
from monitor.fetch.fake import FakeFetcher
from monitor.metrics import pass_counts
from monitor.model import FeedState, PassReport, PollOutcome, ProfileState
from monitor.parse.inline import InlineParser
from monitor.store.memory import MemoryStore
from monitor.store.sqlite import SqliteStore
from tests.monitor.cycle.desk import OFF, ON, rss

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONFIG = """\
contact: desk@example.org
feeds:
  - {url: "https://a.example/feed", title: A}
  - {url: "https://b.example/feed", title: B, enabled: false}
channels:
  files: {type: file, dir: out}
metrics: {file: metrics/deep/newsbell.prom}
ping: {url: "https://monitor.example/k3y"}
"""
PROFILE = """\
name: pair
threshold: 1.0
concepts: {japan: {country: JP}, laos: {country: LA}}
require: [japan, laos]
terms: [{term: partnership, weight: 3.0}]
digest: {schedule: "0 7 * * *", timezone: Asia/Vientiane, channels: [files]}
"""
URL = "https://a.example/feed"


def built(folder: Path, config: str = CONFIG) -> Application:
    """The program on a store in memory, with a clock that stands and a web of its own."""
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / "pair.yaml").write_text(PROFILE, encoding="utf-8")
    (folder / "newsbell.yaml").write_text(config, encoding="utf-8")
    application = Application(load_settings(folder / "newsbell.yaml", {}, state_dir=str(folder / "state")))
    application.clock = FixedClock(NOW)  # type: ignore[assignment]
    application.store = MemoryStore()
    application.fetcher = FakeFetcher()  # type: ignore[assignment]
    application.parser = InlineParser()  # type: ignore[assignment]
    return application


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    application = built(tmp_path)
    yield application
    application.close()


@pytest.fixture(autouse=True)
def pings(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """How each pass went, as the monitor heard it."""
    heard: list[bool] = []

    async def ping(*arguments: object, well: bool) -> None:
        heard.append(well)

    monkeypatch.setattr("monitor.app.ping.ping", ping)
    return heard


REPORT = PassReport(NOW, NOW, polled=2, new=3, matched=1, durations={"store": 0.5, "all": 2.0})


def know(application: Application, state: FeedState) -> None:
    """The feed that is watched was in this state after its last poll."""
    store = application.store
    store.sync_feeds(application.settings.feeds, NOW)
    [feed] = store.claim_due(NOW, limit=9, lease=HOUR)
    store.record([PollOutcome(replace(feed, state=state, next_poll=NOW + HOUR))])


class TestTheMonitor:
    @pytest.mark.parametrize(
        ("report", "state", "well"),
        [
            (REPORT, FeedState.OK, True),
            (REPORT, FeedState.FAILING, True),
            (replace(REPORT, failed=1), FeedState.FAILING, True),
            (replace(REPORT, failed=2), FeedState.FAILING, False),
            (replace(REPORT, failed=2), FeedState.DEGRADED, False),
            (replace(REPORT, failed=2), FeedState.OK, True),
            (replace(REPORT, polled=0), FeedState.FAILING, False),
            (replace(REPORT, polled=0), FeedState.OK, True),
            (replace(REPORT, polled=0), FeedState.NEW, True),
            (replace(REPORT, undelivered=3), FeedState.OK, True),
            (replace(REPORT, dead=1), FeedState.OK, False),
        ],
    )
    async def test_it_hears_of_what_nobody_else_would_tell(
        self, application: Application, pings: list[bool], report: PassReport, state: FeedState, well: bool
    ) -> None:
        """A message given up, and feeds none of which can be read: the network is gone. Other failures may pass."""
        know(application, state)
        await application.announce(report)
        assert pings == [well]

    async def test_where_none_is_named_none_is_told(self, tmp_path: Path, pings: list[bool]) -> None:
        application = built(tmp_path, CONFIG.replace("ping:", "#"))
        know(application, FeedState.FAILING)
        await application.announce(replace(REPORT, failed=2, dead=1))
        assert pings == []

    @pytest.mark.parametrize(
        ("error", "heard"), [(StoreError("the disk is full"), [False]), (StoreInUseError("workers are at it"), [])]
    )
    async def test_a_pass_that_could_not_be_made_is_told_but_not_one_that_others_make(
        self,
        application: Application,
        pings: list[bool],
        error: Exception,
        heard: list[bool],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        async def fails(*arguments: object, **options: object) -> PassResult:
            raise error

        monkeypatch.setattr(cycle, "run_pass", fails)
        with pytest.raises(type(error)):
            await application.run_pass()
        assert pings == heard

    async def test_a_whole_pass_is_told_once(self, application: Application, pings: list[bool]) -> None:
        web(application).serve(URL, rss(ON, OFF))
        result = await application.run_once(every=True, backlog=9)
        assert (result.report.matched, pings) == (1, [True])


def web(application: Application) -> FakeFetcher:
    fetcher: object = application.fetcher
    assert isinstance(fetcher, FakeFetcher)
    return fetcher


class TestMetrics:
    def test_each_pass_is_counted_and_written_where_the_config_says(
        self, application: Application, tmp_path: Path
    ) -> None:
        publish(application, REPORT)
        publish(application, REPORT)
        counted = {name: 2 * count for name, count in pass_counts(REPORT).items() if count}
        assert application.store.tally().totals == counted
        page = (tmp_path / "metrics" / "deep" / "newsbell.prom").read_text(encoding="utf-8")
        assert "newsbell_passes_total 2\n" in page

    def test_what_cannot_be_written_is_logged_and_the_pass_counts_all_the_same(
        self, application: Application, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "metrics").touch()
        publish(application, REPORT)
        [record] = caplog.records
        assert record.levelno == logging.WARNING
        path = tmp_path / "metrics" / "deep" / "newsbell.prom"
        assert record.getMessage().startswith(f"the metrics cannot be written to {path}: ")
        assert application.store.tally().totals["passes"] == 1

    def test_a_snapshot_is_of_this_moment_and_of_the_configured_profiles(self, application: Application) -> None:
        application.store.save_report(REPORT)
        taken = snapshot(application)
        assert (taken.now, taken.profiles, taken.report) == (NOW, ("pair",), REPORT)


class TestWhatIsShown:
    @pytest.mark.parametrize(("minutes", "overdue"), [(-1, 0), (0, 0), (1, 1), (90, 90)])
    def test_how_long_something_has_been_due(self, application: Application, minutes: int, overdue: int) -> None:
        application.store.sync_feeds(application.settings.feeds, NOW - timedelta(minutes=minutes))
        assert application.overdue() == timedelta(minutes=overdue)

    def test_feeds_are_the_configured_ones_as_a_user_sees_them(self, application: Application) -> None:
        assert [(feed.title, feed.state, feed.next_poll) for feed in application.feeds()] == [
            ("A", "new", NOW),
            ("B", "paused", None),
        ]

    def test_when_digests_come(self, application: Application) -> None:
        [watch] = application.watches
        midnight = datetime(2026, 3, 3, tzinfo=UTC)  # 07:00 in Vientiane
        assert application.upcoming(watch, 2) == [midnight, midnight + 24 * HOUR]
        application.store.close_window(ProfileState("pair", NOW - 24 * HOUR), (), "", (), NOW)
        assert application.upcoming(watch, 1) == [NOW]  # one is overdue

    @pytest.mark.parametrize(
        ("form", "begins", "holds"),
        [
            ("text", b"pair", b"Laos and Japan agree"),
            ("html", b"<!doctype html>", b"partnership</"),
            ("json", b"{", b'"Laos and Japan agree on partnership"'),
            ("eml", b"", b"From: Newsbell <newsbell@localhost>"),
        ],
    )
    async def test_a_preview_in_each_form(
        self, application: Application, form: str, begins: bytes, holds: bytes
    ) -> None:
        web(application).serve(URL, rss(ON, OFF))
        await application.run_pass(backlog=9)
        application.clock = FixedClock(NOW + HOUR)  # type: ignore[assignment]
        application.__dict__.pop("tools")
        [watch] = application.watches
        shown, before = application.preview(watch, HOUR, form), application.preview(watch, HOUR / 2, form)
        assert shown.lower().startswith(begins)
        assert holds in shown
        assert holds not in before or form == "eml"


class Refusing(RecordingChannel):
    """Refuses one of two recipients."""

    async def send(self, message: Any, attempt: int, now: datetime) -> None:
        if message.recipient == "b@example.org":
            raise DeliveryError(self.name, "550 no such user", permanent=True)
        await super().send(message, attempt, now)


class Closed(RecordingChannel):
    """Nobody answers there."""

    async def open(self) -> None:
        raise DeliveryError(self.name, "the connection was refused (h:25)", unreachable=True)


class TestWhatIsDone:
    async def test_a_test_message_goes_to_each_recipient_past_the_outbox(self, application: Application) -> None:
        channel = Refusing("desk", ["a@example.org", "b@example.org"])
        application.channels = {"desk": channel}
        assert await application.test_channel("desk") == ("desk to b@example.org: 550 no such user",)
        [(message, attempt, now)] = channel.attempts
        assert (message.recipient, attempt, now) == ("a@example.org", 1, NOW)
        assert application.store.deliveries() == []

    async def test_a_rehearsal_changes_and_sends_nothing(self, application: Application, tmp_path: Path) -> None:
        web(application).serve(URL, rss(ON, OFF))
        result = await application.rehearse(every=True, backlog=9)
        assert (result.report.new, result.report.matched, result.report.sent) == (2, 1, 0)
        assert not (tmp_path / "state").exists()
        assert not (tmp_path / "out").exists()

    async def test_a_rehearsal_knows_what_is_remembered(self, application: Application) -> None:
        """Of a feed that was read before, only what came since would be told."""
        with closing(SqliteStore(application.settings.store, NOW)) as store:
            application.store = store
            web(application).serve(URL, rss(OFF))
            await application.run_pass()
            web(application).serve(URL, rss(ON, OFF))
            application.tools.clock.advance(HOUR)  # type: ignore[attr-defined]
            result = await application.rehearse(every=True)
            assert [match.title for match in result.matches] == ["Laos and Japan agree on partnership"]
            assert store.matches("pair") == []

    async def test_what_is_sent_now_reaches_back_as_far_as_it_is_told(
        self, application: Application, tmp_path: Path
    ) -> None:
        web(application).serve(URL, rss(ON, OFF))
        await application.run_pass()  # a baseline
        web(application).serve(URL, rss(ON.replace("<guid>1", "<guid>5"), OFF))
        clock = FixedClock(NOW + HOUR)
        application.clock = clock  # type: ignore[assignment]
        application.__dict__.pop("tools")
        await application.run_pass(every=True)
        clock.advance(2 * HOUR)
        [watch] = application.watches
        report, problems = await application.send_now(watch, HOUR)
        assert (len(report.sent), problems) == (1, [])
        told = [page.read_text(encoding="utf-8") for page in (tmp_path / "out").glob("*.txt")]
        assert not any("Laos and Japan agree" in page for page in told)

    async def test_online_every_feed_that_is_watched_is_asked_once(self, application: Application) -> None:
        web(application).fail(URL, 404)
        fetcher = web(application)
        [line], channels = await application.check_online()
        assert channels == []
        assert line.startswith(f"{URL}: ")
        assert [request.url for request in fetcher.requests] == [URL]
        assert application.store.feeds() == []

    async def test_online_every_channel_is_opened_and_sent_nothing(self, application: Application) -> None:
        """Those that cannot be reached are named; what failed of the feeds is told apart from it."""
        web(application).serve(URL, rss(ON))
        desk, hook = Closed("desk"), RecordingChannel("hook")
        application.channels = {"desk": desk, "hook": hook}
        assert await application.check_online() == ([], ["channel desk: the connection was refused (h:25)"])
        assert (desk.attempts, hook.attempts) == ([], [])

    async def test_online_nothing_is_said_of_a_feed_that_is_well(self, application: Application) -> None:
        web(application).serve(URL, rss(ON))
        assert await application.check_online() == ([], [])

    def test_a_store_in_a_file_needs_no_leave_of_workers(self, application: Application) -> None:
        application.check_alone()

    def test_a_channel_of_files_is_not_tried_before_a_pass(self, application: Application) -> None:
        """Nothing of its configuration enters a message; the others are tried on a sample."""
        application.channels = {}  # type: ignore[assignment]
        application.check_channels()

    @pytest.mark.parametrize("error", [None, DeliveryError("desk", "does not read back", permanent=True)])
    def test_a_channel_that_no_message_can_be_made_for_is_a_mistake_of_the_config(
        self, tmp_path: Path, error: DeliveryError | None
    ) -> None:
        mail = "  desk: {type: email, host: h, security: none, from: a@example.org, to: [b@example.org]}\n"
        application = built(tmp_path, CONFIG.replace("channels:\n", f"channels:\n{mail}"))

        class Trying(RecordingChannel):
            def compose(self, *arguments: Any) -> Any:
                if error:
                    raise error
                return super().compose(*arguments)

        application.channels = {"desk": Trying("desk")}
        if error is None:
            application.check_channels()
            return
        with pytest.raises(ConfigError) as caught:
            application.check_channels()
        [problem] = caught.value.problems
        assert (problem.line, problem.key) == (6, "channels.desk")
        assert problem.message == "no message can be composed: does not read back"


class Ending:
    """A part that notes when it is ended."""

    def __init__(self, name: str, ended: list[str]) -> None:
        self.name = name
        self.ended = ended

    async def aclose(self) -> None:
        self.ended.append(self.name)


async def test_parts_are_let_go_of_at_once_and_ended_later(application: Application) -> None:
    ended: list[str] = []
    application.fetcher = Ending("fetcher", ended)  # type: ignore[assignment]
    application.parser = Ending("parser", ended)  # type: ignore[assignment]
    before = application.tools
    end = application.let_go()
    assert ended == []
    assert application.tools is not before
    await end()
    assert ended == ["fetcher", "parser"]
    await application.aclose()
    assert ended == ["fetcher", "parser"]
