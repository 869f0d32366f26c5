"""A small world on loopback for whole runs: feed hosts, a mail server, a webhook receiver, and the real command."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from monitor.cli.root import run

TIMEOUT = 60  # seconds after which a command of a test has hung


# ------------------------------------------------------------------------------------------------ feeds


@dataclass(frozen=True)
class Item:
    """One item of a feed."""

    title: str
    text: str = ""
    number: int = 0


def rss(items: Sequence[Item], title: str = "Test Gazette") -> bytes:
    """An RSS 2.0 document with ``items``, ids and links following from their numbers."""
    body = "".join(
        f"<item><title>{escape(i.title)}</title><link>http://gazette.example/{i.number}</link>"
        f"<guid isPermaLink='false'>item-{i.number}</guid><description>{escape(i.text)}</description>"
        "</item>"
        for i in items
    )
    head = "<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel>"
    return f"{head}<title>{title}</title><link>http://gazette.example/</link>{body}</channel></rss>".encode()


@dataclass
class FeedHost:
    """Serves ``pages`` by path with validators; a value may be bytes, or (status, bytes)."""

    pages: dict[str, bytes | tuple[int, bytes]] = field(default_factory=dict)
    requests: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    posts: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    post_status: list[int] = field(default_factory=list)  # answers to the next posts; 204 when empty
    gate: threading.Event | None = None  # answers wait for it when set
    port: int = 0

    @property
    def base(self) -> str:
        """The address of its root."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def feed_host() -> Iterator[FeedHost]:
    """A running host on loopback."""
    host = FeedHost()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host.requests.append((self.path, {k.casefold(): v for k, v in self.headers.items()}))
            if host.gate is not None:
                host.gate.wait(TIMEOUT)
            page = host.pages.get(self.path, (404, b"no such page"))
            status, body = page if isinstance(page, tuple) else (200, page)
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if status == 200 and self.headers.get("If-None-Match") == tag:
                status, body = 304, b""
            self.answer(status, body, tag)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            host.posts.append(({k.casefold(): v for k, v in self.headers.items()}, body))
            self.answer(host.post_status.pop(0) if host.post_status else 204, b"", "")

        def answer(self, status: int, body: bytes, tag: str) -> None:
            self.send_response(status)
            if tag:
                self.send_header("ETag", tag)
            if status not in (204, 304):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda request, address: None  # type: ignore[method-assign]  # clients may be killed
    host.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield host
    finally:
        if host.gate is not None:
            host.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()


# ------------------------------------------------------------------------------------------------ mail


@dataclass
class MailHost:
    """Takes mail; ``refusals`` are the answers to the next messages instead of 250."""

    port: int = 0
    envelopes: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        """What was accepted, parsed."""
        return [message_from_bytes(raw, policy=policy.default) for _, _, raw in self.envelopes]  # type: ignore[misc]


class _Controller(Controller):
    """A controller that lets the system choose its port."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_host() -> Iterator[MailHost]:
    """A running mail server on loopback."""
    host = MailHost()

    class Handler:
        async def handle_DATA(self, server: SMTP, session: object, envelope: Any) -> str:
            if host.refusals:
                return host.refusals.pop(0)
            host.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
            return "250 2.0.0 kept"

    controller = _Controller(Handler(), hostname="127.0.0.1", port=0)
    controller.start()
    host.port = controller.port
    try:
        yield host
    finally:
        controller.stop()


# ------------------------------------------------------------------------------------------------ the command


@dataclass(frozen=True)
class Result:
    """What a command came to."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


@dataclass
class Desk:
    """A folder with a configuration, and the command to run in it."""

    folder: Path

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "config" / "newsbell.yaml"

    @property
    def digests(self) -> Path:
        """Where the file channel writes."""
        return self.folder / "digests"

    def write(self, config: str, **profiles: str) -> None:
        """Write the configuration and its profiles."""
        (self.config.parent / "profiles").mkdir(parents=True, exist_ok=True)
        self.config.write_text(config, encoding="utf-8")
        for name, text in profiles.items():
            (self.config.parent / "profiles" / f"{name}.yaml").write_text(text, encoding="utf-8")

    def arguments(self, *arguments: str) -> list[str]:
        """The whole command line."""
        state = str(self.folder / "state")
        return [sys.executable, "-m", "monitor", "-c", str(self.config), "--state-dir", state, *arguments]

    def run(self, *arguments: str, check: int | None = 0) -> Result:
        """Run ``newsbell`` to its end, in this process; ``check`` is the exit code to insist on (None: any)."""
        result = in_process(self.arguments(*arguments)[3:])
        assert check is None or result.code == check, result
        return result

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start ``newsbell`` and leave it running."""
        return subprocess.Popen(
            self.arguments(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
        )


def in_process(arguments: Sequence[str], **variables: str) -> Result:
    """Run ``newsbell`` without the second that a process of its own costs."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", environment() | variables)
        code = run(list(arguments))
    return Result(int(code), out.getvalue(), err.getvalue())


def environment() -> dict[str, str]:
    """The environment of a command: ours, without what the tests' own run brings along."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSBELL_", "XDG_"))}
    return {**kept, "NO_COLOR": "1", "PYTHONWARNINGS": "ignore"}


def wait_for(condition: Any, event: threading.Event | None = None) -> None:
    """Wait until ``condition()`` holds, looking again and again; fails after a minute."""
    ticker = event or threading.Event()
    for _ in range(TIMEOUT * 50):
        if condition():
            return
        ticker.wait(0.02)
    raise AssertionError("what was waited for did not happen")


PROFILE = """\
name: pair
title: Japan with Laos
threshold: 3.0
concepts:
  japan: {country: JP, terms: [Japanese, Tokyo]}
  laos: {country: LA, terms: [Laotian, Lao PDR, Vientiane]}
require: [japan, laos]
terms:
  - {term: strategic partnership, weight: 3.0}
  - {term: 70th anniversary, weight: 3.0}
digest: {schedule: "@run", timezone: Asia/Vientiane, channels: [%s]}
"""

ON_TOPIC = (
    Item("Laos and Japan agree on strategic partnership", "Signed in Tokyo on the 70th anniversary of ties.", 1),
    Item("Vientiane concert marks 70th anniversary with Japan", "The embassy opened the year of Laos and Japan.", 2),
)
OFF_TOPIC = (
    Item("Rice prices steady in Laos", "Traders expect no change.", 3),
    Item("Japan coast guard drills", "Ships from two ports took part.", 4),
    Item("Local team wins cup", "A late goal decided the match.", 5),
)


def in_folder(folder: Path, command: str) -> Result:
    """Run a ``newsbell ...`` command line as typed, in ``folder``, with nothing of the user's own around it."""
    with chdir(folder):
        return in_process(shlex.split(command)[1:], HOME=str(folder / "home"))
