"""Apprise: short notes within each service's limit, sent through the real library to a receiver on loopback."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading

import apprise
import pytest
from apprise.plugins.ntfy import NotifyNtfy

from alerts.channels.apprise import AppriseChannel, _hosts
from alerts.deliver import compose_all
from alerts.errors import DeliveryError, PostError
from alerts.model import Message, Secret, Story
from alerts.ports import Channel, HostGuard
from alerts.render import Renderer
from tests.alerts.channel_contract import ChannelContract
from tests.alerts.receivers import HookReceiver
from tests.alerts.samples import END, digest, entry

RENDERER = Renderer()
# Apprise imports a module that Python 3.11 announces the end of.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class Refusing:
    """Lets no host pass and remembers which it was asked about."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    async def check(self, host: str, port: int) -> None:
        self.asked.append((host, port))
        raise PostError("is not a public address", sent=False)


class Permitting:
    """Lets every host pass and remembers which it was asked about."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    async def check(self, host: str, port: int) -> None:
        self.asked.append((host, port))


def channel_to(url: str, timeout: float = 5.0, guard: HostGuard | None = None) -> AppriseChannel:
    return AppriseChannel("chat", Secret(url), timeout, RENDERER, guard)


def note(url: str, stories: int = 40) -> str:
    return compose_all(digest(stories), [channel_to(url)])[0].body.decode()


def address(hook: HookReceiver) -> str:
    return hook.url.replace("http://", "json://")


class TestAppriseChannel(ChannelContract):
    @pytest.fixture
    def channel(self, hook: HookReceiver) -> Channel:
        return channel_to(address(hook))


async def test_the_service_gets_the_note(hook: HookReceiver) -> None:
    channel = channel_to(address(hook))
    (message,) = compose_all(digest(2), [channel])

    await channel.send(message, 1, END)

    assert json.loads(hook.requests[0].body)["message"].strip() == message.body.decode()


async def test_a_host_that_the_guard_lets_pass_gets_the_note(hook: HookReceiver) -> None:
    guard = Permitting()
    channel = channel_to(address(hook), guard=guard)
    (message,) = compose_all(digest(1), [channel])

    await channel.send(message, 1, END)

    assert [f"{host}:{port}" for host, port in guard.asked] == [hook.url.split("/")[2]]
    assert len(hook.requests) == 1


@pytest.mark.parametrize(
    ("scheme", "limit", "stories"),
    [("slack", 35_000, 40), ("discord", 2_000, 10), ("tgram", 4_096, 20), ("workflows", 1_000, 5), ("ntfy", 1_000, 5)],
)
def test_a_note_keeps_to_the_limit_of_its_service(scheme: str, limit: int, stories: int) -> None:
    text = note(f"{scheme}://token")

    assert limit * 0.75 < len(text) <= limit or len(text) < 35_000 == limit
    shown = text.count("https://news.example/")
    assert shown >= stories
    assert (f"{40 - shown} more stor" in text) == (shown < 40)


def test_a_scheme_is_known_however_it_is_written() -> None:
    assert channel_to("Discord://token").recipients == ("discord",)
    assert note("DISCORD://token") == note("discord://token")


def test_a_note_reads_well() -> None:
    assert note("discord://token", 1).splitlines() == [
        "Japan and the Mekong: 1 story",
        "",
        "1. Japan and Laos open a ferry school on the Mekong",
        "Mekong Daily, Tue 3 Mar, 05:53, score 16.4",
        "https://news.example/en/0",
        "Also in Tonle Post: River port study brings Japanese engineers to Phnom Penh https://news.example/en/5",
        "Also in Mekong Daily: What the ferry school means for the villages of Savannakhet https://news.example/en/6",
    ]


def test_a_headline_cannot_call_everybody() -> None:
    title = "@everyone look <!channel> and <@U123>, says desk@example.org"
    channel = channel_to("discord://token")
    (message,) = compose_all(digest([Story((entry(0, title=title, link="https://a.example/@me/1"),))]), [channel])

    text = message.body.decode()
    assert "＠everyone look ‹!channel> and ‹＠U123>, says desk@example.org" in text
    assert "https://a.example/@me/1" in text


async def test_a_refusal_is_tried_again(hook: HookReceiver) -> None:
    hook.script = ["500"]
    channel = channel_to(address(hook))

    with pytest.raises(DeliveryError, match="json did not take the note") as caught:
        await channel.send(compose_all(digest(1), [channel])[0], 1, END)
    assert not caught.value.permanent


async def test_what_some_of_several_targets_may_have_is_said_to_be_so(
    hook: HookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One address with several targets is one delivery: another try would tell the first one twice."""
    monkeypatch.setattr(NotifyNtfy, "request_rate_per_sec", 0)  # it would wait between two targets
    hook.script = ["200", "500"]
    channel = channel_to(address(hook).replace("json://", "ntfy://") + "/good/bad")

    with pytest.raises(DeliveryError, match="some of its targets may have the note") as caught:
        await channel.send(compose_all(digest(1), [channel])[0], 1, END)

    assert (len(hook.requests), caught.value.partial) == (3, True)  # the address has a path, which is a target, too


async def test_a_silent_service_with_several_targets_may_have_told_some(hook: HookReceiver) -> None:
    hook.script = ["hang"]
    channel = channel_to(address(hook).replace("json://", "ntfy://") + "/good/bad?rto=1&cto=1", timeout=0.1)

    with pytest.raises(DeliveryError, match=r"some of its targets .* no answer within 0\.1 s") as caught:
        await channel.send(compose_all(digest(1), [channel])[0], 1, END)

    assert caught.value.partial
    await hook.close()


@pytest.mark.parametrize(("answers", "partial"), [(["200", "500"], True), (["500", "500"], False)])
async def test_several_services_are_tried_again_when_none_took_the_note(
    hook: HookReceiver, answers: list[str], partial: bool
) -> None:
    hook.script = answers
    channel = channel_to(f"{address(hook)}, {address(hook)}")

    with pytest.raises(DeliveryError) as caught:
        await channel.send(compose_all(digest(1), [channel])[0], 1, END)

    assert (len(hook.requests), caught.value.partial) == (2, partial)


async def test_a_silent_service_is_left_at_the_deadline(hook: HookReceiver) -> None:
    hook.script = ["hang"]
    channel = channel_to(address(hook) + "?rto=1&cto=1", timeout=0.1)

    with pytest.raises(DeliveryError, match=r"no answer within 0\.1 s") as caught:
        await channel.send(compose_all(digest(1), [channel])[0], 1, END)
    assert caught.value.unknown
    assert [thread.name for thread in threading.enumerate() if not thread.daemon] == ["MainThread"]
    await hook.close()


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("json://127.0.0.1/x", [("127.0.0.1", 80)]),
        ("jsons://[::1]", [("[::1]", 443)]),
        ("xml://localhost:8080", [("localhost", 8080)]),
        ("form://inside.example", [("inside.example", 80)]),
        ("ntfy://inside.example/topic", [("inside.example", 80)]),
        ("gotify://inside.example/token", [("inside.example", 80)]),
        ("mailto://user:pass@example.org?smtp=10.0.0.1", [("10.0.0.1", 25)]),
        ("mailto://user:pass@gmail.com", [("smtp.gmail.com", 587)]),
        ("json://site.example, json://inside.example", [("site.example", 80)]),
    ],
)
async def test_a_host_that_the_address_names_is_asked_about_first(url: str, asked: list[tuple[str, int]]) -> None:
    guard = Refusing()
    channel = channel_to(url, guard=guard)
    message = Message("k", "p", "chat", url.partition(":")[0], "s", b"text", "text/plain")

    with pytest.raises(DeliveryError, match="is not a public address") as caught:
        await channel.send(message, 1, END)

    assert guard.asked == asked
    assert not caught.value.unknown
    assert not caught.value.permanent


@pytest.mark.parametrize(
    "url", ["slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "tgram://123456789:abc_def/12"]
)
def test_services_in_the_cloud_name_no_host(url: str) -> None:
    services = apprise.Apprise()
    assert services.add(url)
    assert list(_hosts(services)) == []


async def test_redirects_are_not_followed(hook: HookReceiver) -> None:
    hook.script = [f"redirect:{hook.url}/elsewhere"]
    channel = channel_to(address(hook))
    with pytest.raises(DeliveryError, match="did not take the note"):
        await channel.send(compose_all(digest(1), [channel])[0], 1, END)
    assert len(hook.requests) == 1


async def test_an_address_that_apprise_does_not_know_is_said_without_showing_it() -> None:
    message = Message("k", "p", "chat", "foo", "s", b"text", "text/plain")

    with pytest.raises(DeliveryError, match="does not understand the url") as caught:
        await channel_to("foo://hunter2").send(message, 1, END)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "slack", "not an address://x"])
def test_an_address_without_a_scheme_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url: an Apprise address looks like"):
        channel_to(url)


def test_without_apprise_the_user_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(ValueError, match=r"pip install 'newsbell\[apprise\]'"):
        channel_to("slack://token")


def test_the_credentials_are_neither_stored_nor_shown() -> None:
    channel = channel_to("slack://hunter2/token")
    (message,) = compose_all(digest(1), [channel])

    assert channel.recipients == ("slack",)
    assert "hunter2" not in repr(message) + repr(vars(channel))


@pytest.mark.processes
def test_apprise_is_not_loaded_before_it_is_used() -> None:
    code = "import sys, alerts.channels.apprise; sys.exit('apprise' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
