"""What an operator relies on: the monitor hears of each pass, and no secret leaves the configuration."""

from __future__ import annotations

import pytest

from tests.e2e.test_run import HOOK, MAIL, configure, serve_topics
from tests.e2e.world import Desk, FeedHost, MailHost

pytestmark = pytest.mark.processes

SECRETS = ("p1ngs3cret", "m41ls3cret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


def with_ping(desk: Desk, feeds: FeedHost) -> None:
    feeds.pages["/p1ngs3cret"] = feeds.pages["/p1ngs3cret/fail"] = b"OK"
    desk.config.write_text(desk.config.read_text() + f'ping: {{url: "{feeds.base}/p1ngs3cret", timeout: 5s}}\n')


def pings(feeds: FeedHost) -> list[str]:
    return [path for path, _ in feeds.requests if path.startswith("/p1ng")]


def test_the_monitor_is_told_of_a_pass_and_of_one_that_failed(desk: Desk, feeds: FeedHost) -> None:
    serve_topics(feeds)
    configure(desk, feeds)
    with_ping(desk, feeds)
    desk.run("run", "--force", "--dry-run")
    assert pings(feeds) == []
    desk.run("run", "--force")
    (desk.folder / "state" / "newsbell.db").write_bytes(b"damaged")
    desk.run("run", "--force", check=1)
    assert pings(feeds) == ["/p1ngs3cret", "/p1ngs3cret/fail"]


def test_the_monitor_is_told_when_no_feed_can_be_read(desk: Desk, feeds: FeedHost) -> None:
    serve_topics(feeds)
    configure(desk, feeds)
    with_ping(desk, feeds)
    desk.run("run", "--force")
    feeds.pages["/a.xml"] = (503, b"")
    desk.run("run", "--force")
    feeds.pages["/b.xml"] = (503, b"")
    desk.run("run", "--force")
    assert pings(feeds) == ["/p1ngs3cret", "/p1ngs3cret", "/p1ngs3cret/fail"]


def test_secrets_stay_out_of_logs_errors_messages_and_files(desk: Desk, feeds: FeedHost, mail: MailHost) -> None:
    serve_topics(feeds)
    channels = MAIL.format(port=mail.port).replace(
        "security: none", "security: none, username: u, password: m41ls3cret"
    )
    configure(desk, feeds, channels=channels + HOOK.format(base=feeds.base), names="files, desk, hook")
    with_ping(desk, feeds)
    feeds.post_status = [500]
    feeds.pages.pop("/p1ngs3cret/fail")
    said = [desk.run("-vv", *command, check=None) for command in (["run", "--force", "--backlog", "9"], ["check"])]
    desk.config.write_text(
        desk.config.read_text().replace("ping: {url: ", "ping: {url: 1").replace("u, pass", "{, pass")
    )
    said.append(desk.run("check", check=3))
    written = [file.read_bytes() for part in ("state", "digests") for file in (desk.folder / part).rglob("*")]
    everything = "".join(result.out + result.err for result in said).encode() + b"".join(written)
    everything += b"".join(body for _, body in feeds.posts) + b"".join(raw for _, _, raw in mail.envelopes)
    assert len(everything) > 10_000
    assert [secret for secret in SECRETS if secret.encode() in everything] == []
