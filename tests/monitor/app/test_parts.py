"""What a configuration says reaches the parts that are built from it, key by key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.email import EmailChannel
from alerts.channels.file import FileChannel
from alerts.channels.webhook import WebhookChannel
from alerts.model import Fragment
from alerts.sample import sample_digest
from monitor.app import Application
from monitor.app.watches import build_watch
from monitor.config import load_settings
from monitor.fetch.post import GuardedPoster
from monitor.model import Tally
from monitor.profiles import Matcher, load_profile
from monitor.schedule import DigestClock
from tests.alerts.receivers import hook_receiver, mail_server

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
ENVIRONMENT = {"DESK_PASSWORD": "hunter2", "HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
CONFIG = """\
contact: desk@example.org
fetch: {interval: 20m, max_interval: 6h, timeout: 7s, concurrency: 9, per_host: 3}
feeds: [{url: "https://example.org/feed", title: Example}]
channels:
  desk: {type: email, host: smtp.example.org, port: 2525, security: tls, username: ann, password_env: DESK_PASSWORD,
         from: Newsbell <newsbell@example.org>, to: [desk@example.org, Ann <ann@example.org>], timeout: 11s,
         threading: day, on_unknown: hold, unsubscribe: "https://example.org/leave", archive: "https://example.org/all"}
  hook: {type: webhook, url: "https://example.org/hook", secret_env: HOOK_SECRET, timeout: 12s, on_unknown: hold,
         archive: "https://example.org/all"}
  files: {type: file, dir: out, formats: [txt, json], feeds: true, timeout: 13s}
notices: {channels: [desk], feed_down: 2d, no_match: 3d, spike: false}
"""
PROFILE = """\
name: pair
title: Japan with Laos
threshold: 1.5
instant: 4.0
concepts: {laos: {country: LA}}
terms: [{term: joint statement, weight: 2.0}]
scope: {feeds: ["https://example.org/feed"]}
digest: {schedule: "30 6 * * mon", timezone: Asia/Vientiane, quiet: "22:00-06:00", channels: [desk, files],
         max_items: 7, min_items: 3, send_empty: true, stories: false, template: digest}
"""


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "pair.yaml").write_text(PROFILE, encoding="utf-8")
    (tmp_path / "newsbell.yaml").write_text(CONFIG, encoding="utf-8")
    built = Application(load_settings(tmp_path / "newsbell.yaml", ENVIRONMENT, state_dir=str(tmp_path / "state")))
    yield built
    built.close()


def test_a_profile_becomes_a_watch(application: Application) -> None:
    [watch] = application.watches
    layout = watch.layout
    assert (watch.name, layout.title, layout.timezone, layout.template) == (
        "pair",
        "Japan with Laos",
        "Asia/Vientiane",
        "digest",
    )
    assert (layout.threshold, layout.instant, layout.max_items) == (1.5, 4.0, 7)
    assert watch.clock == DigestClock("30 6 * * mon", "Asia/Vientiane", "22:00-06:00")
    assert (watch.channels, watch.min_items, watch.send_empty, watch.stories) == (("desk", "files"), 3, True, False)
    assert watch.feeds == {"https://example.org/feed"}


def test_titles_and_excerpts_bear_the_marks_of_the_profiles_words(application: Application) -> None:
    [watch] = application.watches
    text = "Laos signs a joint statement"
    marks = (Fragment("Laos", True), Fragment(" signs a "), Fragment("joint statement", True))
    assert watch.layout.headline(text) == marks
    assert watch.layout.excerpt(text) == marks


def test_a_profile_may_have_a_template_and_no_alerts() -> None:
    profile = load_profile(
        "name: p\nthreshold: 2\nterms: [{term: x, weight: 2}]\ndigest: {template: letter}\n", name="p"
    )
    watch = build_watch(profile, Matcher([profile]))
    assert (watch.layout.template, watch.layout.instant, watch.layout.title) == ("letter", None, "p")
    assert (watch.clock, watch.channels, watch.feeds) == (DigestClock("0 7 * * *", "UTC", None), (), frozenset())
    assert (watch.min_items, watch.send_empty, watch.stories) == (1, False, True)


def test_the_door_for_webhooks_is_built_once(application: Application) -> None:
    assert isinstance(application.poster, GuardedPoster)
    assert application.poster is application.poster


def test_how_feeds_are_polled(application: Application) -> None:
    policy_of_cron = application.tools.policy
    assert (policy_of_cron.interval, policy_of_cron.max_interval) == (timedelta(minutes=20), timedelta(hours=6))
    assert policy_of_cron.failing_after == timedelta(days=2)
    assert (policy_of_cron.jitter, policy_of_cron.grace) == (0.0, timedelta(minutes=2))
    assert (application.tools.concurrency, application.tools.per_host) == (9, 3)


def test_a_service_spreads_its_polls_and_needs_no_grace(application: Application) -> None:
    service = Application(application.settings, service=True)
    try:
        assert (service.tools.policy.jitter, service.tools.policy.grace) == (0.05, timedelta(0))
    finally:
        service.close()


def test_what_is_said_of_oneself(application: Application) -> None:
    notices = application.tools.notices
    assert (notices.channels, notices.no_match, notices.spike) == (("desk",), timedelta(days=3), False)


def test_a_mail_channel(application: Application) -> None:
    desk = application.channels["desk"]
    assert isinstance(desk, EmailChannel)
    assert (desk.name, desk.recipients, desk.timeout, desk.on_unknown) == (
        "desk",
        ("desk@example.org", "ann@example.org"),
        11.0,
        "hold",
    )
    mail: Any = message_from_bytes(
        desk.compose(sample_digest(end=NOW), "ann@example.org", "k" * 32).body, policy=policy.default
    )
    assert isinstance(mail, EmailMessage)
    assert (mail["From"], mail["To"]) == ("Newsbell <newsbell@example.org>", "ann@example.org")
    assert "https://example.org/leave" in mail["List-Unsubscribe"]
    assert mail["References"]  # of the day's conversation


def test_a_webhook_and_a_folder(application: Application, tmp_path: Path) -> None:
    hook, files = application.channels["hook"], application.channels["files"]
    assert isinstance(hook, WebhookChannel)
    assert isinstance(files, FileChannel)
    assert (hook.name, hook.recipients, hook.timeout, hook.on_unknown) == (
        "hook",
        ("https://example.org/hook",),
        12.0,
        "hold",
    )
    assert (files.name, files.recipients, files.timeout) == ("files", (str(tmp_path / "out"),), 13.0)
    body = files.compose(sample_digest(end=NOW), str(tmp_path / "out"), "k" * 32).body.decode()
    assert '"txt":' in body.replace(" ", "")
    assert '"html":' not in body.replace(" ", "")
    assert '"feed":null' not in body.replace(" ", "")


def test_channels_are_a_mapping_of_what_is_configured_each_built_once(application: Application) -> None:
    channels = application.channels
    assert (list(channels), len(channels)) == (["desk", "hook", "files"], 3)
    assert "desk" in channels
    assert "nobody" not in channels
    assert channels["desk"] is channels["desk"]
    with pytest.raises(KeyError):
        channels["nobody"]


def test_other_settings_are_taken_over_and_what_was_built_of_the_old_ones_goes(
    application: Application, tmp_path: Path
) -> None:
    before = application.tools
    assert application.channels["desk"].timeout == 11.0
    config = tmp_path / "newsbell.yaml"
    config.write_text(CONFIG.replace("timeout: 11s", "timeout: 21s").replace("20m", "40m"), encoding="utf-8")
    (tmp_path / "profiles" / "pair.yaml").write_text(PROFILE.replace("1.5", "1.0"), encoding="utf-8")

    application.adopt(load_settings(config, ENVIRONMENT, state_dir=str(tmp_path / "state")))

    assert application.channels["desk"].timeout == 21.0
    assert application.tools.policy.interval == timedelta(minutes=40)
    assert [watch.layout.threshold for watch in application.watches] == [1.0]
    assert application.tools.store is before.store


def test_a_fresh_application_remembers_nothing_and_is_overdue_with_nothing(application: Application) -> None:
    assert application.overdue() == timedelta(0)
    assert application.store.tally() == Tally()
    assert application.advice() == ()
    [feed] = application.feeds()
    assert (feed.title, feed.state.value) == ("Example", "new")


def on_loopback(folder: Path, channels: str, *ports: int, **environment: str) -> Application:
    """The program with channels whose receivers are on this machine."""
    allowed = ", ".join(f'"127.0.0.1:{port}"' for port in ports)
    text = f"contact: desk@example.org\nfetch: {{allow_addresses: [{allowed}]}}\nfeeds: []\nchannels:\n{channels}"
    (folder / "newsbell.yaml").write_text(text, encoding="utf-8")
    return Application(load_settings(folder / "newsbell.yaml", environment, state_dir=str(folder / "state")))


@pytest.mark.parametrize(("account", "logins"), [("username: me, password_env: SMTP, ", [(b"me", b"right")]), ("", [])])
async def test_a_mail_server_is_logged_in_at_where_an_account_is_given(
    tmp_path: Path, account: str, logins: list[tuple[bytes, bytes]]
) -> None:
    async with mail_server() as mailbox:
        desk = f"  desk: {{type: email, host: 127.0.0.1, port: {mailbox.port}, security: none, {account}"
        application = on_loopback(tmp_path, f"{desk}from: a@example.org, to: [b@example.org]}}\n", SMTP="right")
        await application.channels["desk"].open()
        assert mailbox.logins == logins
        assert await application.test_channel("desk") == ()
        [mail] = mailbox.mails
        assert (mail.sender, mail.recipients) == ("a@example.org", ["b@example.org"])


@pytest.mark.parametrize(("secret", "signed"), [("secret_env: HOOK_SECRET, ", True), ("", False)])
async def test_a_webhook_is_posted_to_its_address_and_signed_where_a_secret_is_given(
    tmp_path: Path, secret: str, signed: bool
) -> None:
    async with hook_receiver() as receiver:
        port = int(receiver.url.rpartition(":")[2].partition("/")[0])
        hook = f"  hook: {{type: webhook, url: '{receiver.url}', {secret}timeout: 5s}}\n"
        application = on_loopback(tmp_path, hook, port, **ENVIRONMENT)
        assert await application.test_channel("hook") == ()
        [request] = receiver.requests
        assert (request.method, request.path) == ("POST", "/hook")
        assert ("webhook-signature" in request.headers) is signed


async def test_a_webhook_on_a_private_address_is_not_asked_unless_the_config_names_it(tmp_path: Path) -> None:
    async with hook_receiver() as receiver:
        application = on_loopback(tmp_path, f"  hook: {{type: webhook, url: '{receiver.url}', timeout: 5s}}\n")
        [problem] = await application.test_channel("hook")
        assert "is not a public address" in problem
        assert receiver.requests == []
