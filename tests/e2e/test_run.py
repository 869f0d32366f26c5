"""``newsbell run`` from feeds to messages."""

from __future__ import annotations

import fcntl
import json
import signal
import threading
from pathlib import Path

import pytest

from tests.e2e.world import OFF_TOPIC, ON_TOPIC, PROFILE, Desk, FeedHost, Item, MailHost, rss, wait_for

pytestmark = pytest.mark.e2e

CONFIG = """\
state_dir: state
contact: https://newsbell.example/bot
fetch: {{allow_addresses: ["127.0.0.1:{port}"]}}
feeds:
{feeds}
channels:
  files: {{type: file, dir: ../digests}}
{channels}
profiles: [profiles/*.yaml]
"""
MAIL = """\
  desk: {{type: email, host: 127.0.0.1, port: {port}, security: none, from: "Newsbell <bell@example.org>",
          to: [desk@example.org]}}
"""
HOOK = """\
  hook: {{type: webhook, url: "{base}/hook", secret_file: hook.secret}}
"""


def configure(
    desk: Desk,
    host: FeedHost,
    *,
    paths: tuple[str, ...] = ("/a.xml", "/b.xml"),
    channels: str = "",
    names: str = "files",
    urls: tuple[str, ...] = (),
) -> None:
    addresses = [*(host.base + path for path in paths), *urls]
    feeds = "\n".join(f'  - {{url: "{url}"}}' for url in addresses)
    desk.config.parent.mkdir(exist_ok=True)
    (desk.config.parent / "hook.secret").write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", encoding="ascii")
    desk.write(CONFIG.format(port=host.port, feeds=feeds, channels=channels), pair=PROFILE % names)


def titles(payload: bytes) -> list[str]:
    stories = json.loads(payload)["stories"]
    return sorted(entry["title"] for story in stories for entry in story["entries"])


def written(desk: Desk) -> list[Path]:
    return sorted(desk.digests.glob("*.json"))


def serve_topics(host: FeedHost) -> None:
    host.pages["/a.xml"] = rss([ON_TOPIC[0], *OFF_TOPIC[:2]], "Gazette A")
    host.pages["/b.xml"] = rss([ON_TOPIC[1], *OFF_TOPIC[2:]], "Gazette B")


def test_exactly_the_entries_on_the_topic_go_out_through_every_channel_and_only_once(
    desk: Desk, feeds: FeedHost, mail: MailHost
) -> None:
    serve_topics(feeds)
    configure(
        desk, feeds, channels=MAIL.format(port=mail.port) + HOOK.format(base=feeds.base), names="files, desk, hook"
    )
    expected = sorted(item.title for item in ON_TOPIC)

    quiet = desk.run("run", "--force", "--backlog", "20")
    assert (quiet.out, quiet.err) == ("", "")
    assert [titles(path.read_bytes()) for path in written(desk)] == [expected]
    assert [titles(body) for _, body in feeds.posts] == [expected]
    [message] = mail.messages
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert all(title in text for title in expected)
    assert not any(item.title in text for item in OFF_TOPIC)

    desk.run("run", "--force")
    assert (len(written(desk)), len(feeds.posts), len(mail.messages)) == (1, 1, 1)


def test_the_first_poll_sets_a_baseline_and_only_later_entries_are_told(desk: Desk, feeds: FeedHost) -> None:
    feeds.pages["/a.xml"] = rss([ON_TOPIC[0]])
    configure(desk, feeds, paths=("/a.xml",))
    desk.run("run", "--force")
    assert written(desk) == []
    feeds.pages["/a.xml"] = rss([ON_TOPIC[1], ON_TOPIC[0]])
    desk.run("run", "--force")
    assert [titles(path.read_bytes()) for path in written(desk)] == [[ON_TOPIC[1].title]]


def test_validators_are_sent_back_and_an_unchanged_feed_costs_no_body(desk: Desk, feeds: FeedHost) -> None:
    feeds.pages["/a.xml"] = rss(ON_TOPIC)
    configure(desk, feeds, paths=("/a.xml",))
    desk.run("run", "--force")
    desk.run("run", "--force")
    first, second = (headers for _, headers in feeds.requests)
    assert "if-none-match" not in first
    assert second["if-none-match"]
    assert "newsbell.example/bot" in second["user-agent"]


def test_a_pass_killed_in_the_middle_loses_nothing(desk: Desk, feeds: FeedHost) -> None:
    serve_topics(feeds)
    configure(desk, feeds)
    feeds.gate = threading.Event()
    victim = desk.start("run", "--force", "--backlog", "20")
    wait_for(lambda: feeds.requests)
    victim.send_signal(signal.SIGKILL)
    victim.communicate(timeout=30)
    feeds.gate.set()
    feeds.gate = None
    desk.run("run", "--force", "--backlog", "20")
    assert [titles(path.read_bytes()) for path in written(desk)] == [sorted(item.title for item in ON_TOPIC)]


def test_a_killed_delivery_is_sent_by_the_next_pass_under_the_same_id(desk: Desk, feeds: FeedHost) -> None:
    feeds.pages["/a.xml"] = rss(ON_TOPIC)
    configure(desk, feeds, paths=("/a.xml",), channels=HOOK.format(base=feeds.base), names="hook")
    feeds.post_status = [503]
    assert desk.run("run", "--force", "--backlog", "20", check=1).err
    [delivery] = desk.run("outbox", "list", "--json").json()
    assert (delivery["state"], delivery["attempts"]) == ("failed", 1)
    desk.run("outbox", "retry", delivery["id"])
    desk.run("run")
    first, second = feeds.posts
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]


def test_a_refused_mail_is_a_dead_letter_and_holds_up_no_other_channel(
    desk: Desk, feeds: FeedHost, mail: MailHost
) -> None:
    feeds.pages["/a.xml"] = rss(ON_TOPIC)
    mail.refusals = ["550 5.7.1 refused"]
    configure(desk, feeds, paths=("/a.xml",), channels=MAIL.format(port=mail.port), names="files, desk")
    result = desk.run("run", "--force", "--backlog", "20", check=1)
    assert "desk" in result.err
    assert "550" in result.err
    assert len(written(desk)) == 1
    states = {row["channel"]: row["state"] for row in desk.run("outbox", "list", "--json").json()}
    assert states == {"files": "sent", "desk": "dead"}
    desk.run("outbox", "retry", "--dead")
    desk.run("run")
    assert len(mail.messages) == 1


def test_feeds_that_cannot_be_read_are_named_with_what_to_do_and_the_others_go_on(desk: Desk, feeds: FeedHost) -> None:
    feeds.pages["/a.xml"] = rss(ON_TOPIC)
    feeds.pages["/page"] = b"<!doctype html><html><head><title>Home</title></head><body><p>Welcome</p></body></html>"
    configure(desk, feeds, paths=("/a.xml", "/page", "/gone"))
    result = desk.run("run", "--force", "--backlog", "20", check=4)
    assert "web page" in result.err
    assert "feeds discover" in result.err
    assert "404" in result.err
    assert len(written(desk)) == 1


def test_a_private_address_is_not_reached_unless_the_config_names_it(desk: Desk, feeds: FeedHost) -> None:
    feeds.pages["/a.xml"] = rss(ON_TOPIC)
    configure(desk, feeds, paths=("/a.xml",))
    desk.config.write_text(desk.config.read_text().replace(f'127.0.0.1:{feeds.port}"]', '127.0.0.1:1"]'))
    result = desk.run("run", "--force", check=4)
    assert "allow_addresses" in result.err
    assert feeds.requests == []


@pytest.mark.parametrize(
    ("wrong", "right", "place"),
    [
        ("feedz:\n", "feeds:\n", "newsbell.yaml:4:1"),
        ('schedule: "61 7 * * *"', 'schedule: "@run"', "pair.yaml:"),
    ],
)
def test_a_mistake_in_a_file_ends_with_3_before_any_request(
    desk: Desk, feeds: FeedHost, wrong: str, right: str, place: str
) -> None:
    configure(desk, feeds)
    for file in (desk.config, desk.config.parent / "profiles" / "pair.yaml"):
        file.write_text(file.read_text().replace(right, wrong))
    ran, checked = desk.run("run", check=3), desk.run("check", check=3)
    assert place in ran.err
    assert ran.err == checked.err
    assert feeds.requests == []


def test_a_missing_config_is_said_with_the_way_out(desk: Desk) -> None:
    result = desk.run("run", check=3)
    assert str(desk.config) in result.err
    assert "newsbell init" in result.err


def test_a_second_pass_at_the_same_time_leaves_with_75(desk: Desk, feeds: FeedHost) -> None:
    configure(desk, feeds)
    state = desk.folder / "state"
    state.mkdir()
    with (state / "newsbell.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = desk.run("run", check=75)
    assert len(result.err.splitlines()) == 1
    assert feeds.requests == []


def test_a_dry_run_changes_and_sends_nothing(desk: Desk, feeds: FeedHost) -> None:
    serve_topics(feeds)
    configure(desk, feeds)
    result = desk.run("run", "--force", "--backlog", "20", "--dry-run")
    assert ON_TOPIC[0].title in result.out
    assert written(desk) == []
    desk.run("run", "--force", "--backlog", "20")
    assert len(written(desk)) == 1


def test_verbose_ends_with_a_table_of_what_matched(desk: Desk, feeds: FeedHost) -> None:
    serve_topics(feeds)
    configure(desk, feeds)
    result = desk.run("-v", "run", "--backlog", "20")
    for item in ON_TOPIC:
        assert item.title in result.out
    assert "2 feeds" in result.out + result.err


def test_an_edited_entry_is_not_told_twice_and_a_match_gained_by_an_edit_is_told(desk: Desk, feeds: FeedHost) -> None:
    configure(desk, feeds, paths=("/a.xml",))
    feeds.pages["/a.xml"] = rss([Item("Weather in the valley", number=9)])
    desk.run("run", "--force")
    feeds.pages["/a.xml"] = rss([Item(ON_TOPIC[0].title, ON_TOPIC[0].text, number=9)])
    desk.run("run", "--force")
    feeds.pages["/a.xml"] = rss([Item(ON_TOPIC[0].title + " (updated)", ON_TOPIC[0].text, number=9)])
    desk.run("run", "--force")
    assert [titles(path.read_bytes()) for path in written(desk)] == [[ON_TOPIC[0].title]]
