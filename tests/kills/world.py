"""What the program meets while it is killed: two feeds, a mail server, a webhook's receiver, a folder; and the verdict.

The receivers keep what they get. What they kept tells whether anything was lost, told under two ids, or repeated
although its answer had come.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.alerts.receivers import HookReceiver, MailServer, hook_receiver, mail_server
from tests.e2e.world import FeedHost, Item, environment, feed_host, rss, wait_for

RECIPIENTS = ("one@example.org", "two@example.org")
HOOK, FOLDER = "the webhook", "the folder"
ACCEPTED = ("accept", "200")
LOST_ANSWERS = ("drop-data", "junk-data", "drop", "junk")  # the message is kept, the answer never comes
_TOKEN = re.compile(r"T\d+-\d+\b")
_MORE = re.compile(r"^([\d,]+) more stor", re.MULTILINE)
_CONFIG = """\
state_dir: state
contact: https://newsbell.example/bot
fetch: {{allow_addresses: ["127.0.0.0/8"]}}
feeds:
  - {{url: "{feeds}/a.xml"}}
  - {{url: "{feeds}/b.xml"}}
channels:
  desk: {{type: email, host: 127.0.0.1, port: {port}, security: none, from: "Newsbell <bell@example.org>",
          to: [{recipients}]}}
  hook: {{type: webhook, url: "{hook}", secret_file: hook.secret}}
  files: {{type: file, dir: digests, formats: [json]}}
profiles: [profiles/*.yaml]
"""
_PROFILE = """\
name: pair
title: Japan with Laos
threshold: 1.0
concepts:
  japan: {country: JP}
  laos: {country: LA}
require: [japan, laos]
digest: {schedule: "@run", timezone: Asia/Vientiane, channels: [desk, hook, files], stories: false, max_items: 200}
"""


@dataclass(frozen=True)
class Copy:
    """One message that a receiver kept."""

    receiver: str
    id: str
    body: bytes
    answered: bool  # the program was told that it arrived, unless it was killed meanwhile
    number: int  # of the pass that it came in
    tokens: frozenset[str]
    more: int  # entries that it only counts


@dataclass
class Verdict:
    """What became of the entries. All but ``repeats`` are to be empty."""

    lost: set[tuple[str, str]] = field(default_factory=set)  # receiver and token
    two_ids: set[tuple[str, str]] = field(default_factory=set)  # receiver and token
    changed: set[str] = field(default_factory=set)  # ids that came with another body
    needless: set[str] = field(default_factory=set)  # ids that came again although their answer had come
    repeats: set[str] = field(default_factory=set)  # ids that came again as their answer was lost

    @property
    def well(self) -> bool:
        """Whether nothing was lost, doubled or changed."""
        return not (self.lost or self.two_ids or self.changed or self.needless)


class World:
    """A configuration with its feeds and receivers, and the program that is run in it."""

    def __init__(self, folder: Path, feeds: FeedHost, mail: MailServer, hook: HookReceiver, launcher: Launcher) -> None:
        self.folder = folder
        self.mail = mail
        self.hook = hook
        self.passes = 0
        self.killed: set[int] = set()
        self._feeds = feeds
        self._launcher = launcher
        self._came: dict[int, int] = {}  # the pass in which a message came
        self.clear()

    def clear(self) -> None:
        """Begin anew: nothing is remembered, nothing has come."""
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "profiles").mkdir(parents=True)
        config = _CONFIG.format(
            feeds=self._feeds.base, port=self.mail.port, hook=self.hook.url, recipients=", ".join(RECIPIENTS)
        )
        (self.folder / "newsbell.yaml").write_text(config, encoding="utf-8")
        (self.folder / "hook.secret").write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", encoding="ascii")
        (self.folder / "profiles" / "pair.yaml").write_text(_PROFILE, encoding="utf-8")
        self.mail.mails.clear()
        self.hook.requests.clear()
        self._came.clear()
        self.passes, self.killed = 0, set()

    def show(self, tokens: Sequence[str]) -> None:
        """The feeds show entries on the topic with these tokens, newest first, and others."""
        items = [Item(f"Laos and Japan agree on {token}", "Signed today.", _number(token)) for token in tokens]
        noise = [Item(f"Rice prices steady {token}", "No change.", 10_000_000 + _number(token)) for token in tokens]
        first = [item for item in items if item.number % 2]
        self._feeds.pages["/a.xml"] = rss([*first, *noise[:20]], "Gazette A")
        self._feeds.pages["/b.xml"] = rss([item for item in items if item not in first], "Gazette B")

    def run(self, *arguments: str, **how: Any) -> dict[str, Any]:
        """Run the command, to its end or to its death; see ``launcher``."""
        self.passes += 1
        result = self._launcher.run(["-c", str(self.folder / "newsbell.yaml"), *arguments], **how)
        if result["code"] < 0:
            self.killed.add(self.passes)
        self._rest()
        self.adopt()
        return result

    def adopt(self) -> None:
        """What has come since the last time came in the last pass."""
        for message in (*self.mail.mails, *self.hook.requests):
            self._came.setdefault(id(message), self.passes)

    def _rest(self) -> None:
        """Wait until the receivers have read what was on its way to them."""
        mails = [connection._handler_coroutine for connection in self.mail.connections]
        wait_for(lambda: all(task.done() for task in (*mails, *self.hook.serving) if task is not None))
        self.mail.connections.clear()
        self.hook.serving.clear()

    def recorded(self) -> dict[str, str]:
        """The state of every delivery by its id, read from a copy, so that the store is left as the kill left it."""
        state = self.folder / "state"
        if not (state / "newsbell.db").exists():
            return {}
        with tempfile.TemporaryDirectory() as copy:
            for part in state.glob("newsbell.db*"):
                shutil.copy(part, copy)
            db = sqlite3.connect(Path(copy) / "newsbell.db")
            try:
                known = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").fetchone()
                return dict(db.execute("SELECT key, state FROM outbox")) if known else {}
            finally:
                db.close()

    def copies(self) -> Iterator[Copy]:
        """What the receivers kept, each in the order in which it came."""
        for mail in self.mail.mails:
            if mail.mode in ACCEPTED or mail.mode in LOST_ANSWERS:
                text = mail.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
                name = str(mail.message["Message-ID"])
                beyond = _MORE.search(text)
                more = int(beyond[1].replace(",", "")) if beyond else 0
                yield self._copy(mail, mail.recipients[0], name, mail.raw, text, more)
        for request in self.hook.requests:
            if request.mode in ACCEPTED or request.mode in LOST_ANSWERS:
                told = json.loads(request.body)
                text = json.dumps(told["stories"])
                yield self._copy(request, HOOK, request.headers["webhook-id"], request.body, text, told["more"])
        for path in sorted((self.folder / "digests").glob("*.json")):
            body = path.read_bytes()
            tokens = frozenset(_TOKEN.findall(json.dumps(json.loads(body)["stories"])))
            yield Copy(FOLDER, path.name, body, True, 0, tokens, 0)

    def _copy(self, message: object, receiver: str, name: str, body: bytes, text: str, more: int) -> Copy:
        answered = message.mode in ACCEPTED  # type: ignore[attr-defined]
        return Copy(receiver, name, body, answered, self._came[id(message)], frozenset(_TOKEN.findall(text)), more)

    def judge(self, tokens: Sequence[str]) -> Verdict:
        """What became of the entries with these tokens."""
        verdict, came = Verdict(), defaultdict[tuple[str, str], list[Copy]](list)
        for copy in self.copies():
            came[copy.receiver, copy.id].append(copy)
        ids: dict[tuple[str, str], set[str]] = defaultdict(set)
        for (receiver, name), copies in came.items():
            for token in copies[0].tokens:
                ids[receiver, token].add(name)
            if len({copy.body for copy in copies}) > 1:
                verdict.changed.add(name)
            lost = [not copy.answered or copy.number in self.killed for copy in copies[:-1]]
            (verdict.repeats if all(lost) else verdict.needless).update([name] if lost else [])
        verdict.two_ids = {told for told, names in ids.items() if len(names) > 1}
        for receiver in (*RECIPIENTS, HOOK, FOLDER):
            untold = {(receiver, token) for token in tokens if (receiver, token) not in ids}
            counted = sum(copies[0].more for (who, _), copies in came.items() if who == receiver)
            if len(untold) > counted:  # a mail of 90 kB and a webhook of 20 kB count what they have no room for
                verdict.lost |= untold
        return verdict


class Launcher:
    """The process that runs the program; see ``tests.kills.launcher``."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.launcher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )

    def run(self, arguments: Sequence[str], **how: Any) -> dict[str, Any]:
        """Carry out one order."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"arguments": list(arguments), **how}) + "\n")
        self._process.stdin.flush()
        result: dict[str, Any] = json.loads(self._process.stdout.readline())
        return result

    def close(self) -> None:
        """End it."""
        self._process.communicate()


@contextmanager
def world() -> Iterator[World]:
    """A world on loopback that is gone at the end."""
    with ExitStack() as stack:
        launcher = Launcher()
        stack.callback(launcher.close)
        feeds = stack.enter_context(feed_host())
        mail, hook = stack.enter_context(_receivers())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "watch"
        yield World(folder, feeds, mail, hook, launcher)


@contextmanager
def _receivers() -> Iterator[tuple[MailServer, HookReceiver]]:
    """The receivers in a thread of their own."""
    ready, end = threading.Event(), asyncio.Event()
    found: list[Any] = []

    async def serve() -> None:
        async with mail_server() as mail, hook_receiver() as hook:
            found.extend((asyncio.get_running_loop(), mail, hook))
            ready.set()
            await end.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield found[1], found[2]
    finally:
        found[0].call_soon_threadsafe(end.set)
        thread.join()


def _number(token: str) -> int:
    """A number of its own for each token ``T<round>-<place>``."""
    round_, _, place = token[1:].partition("-")
    return int(round_) * 1_000 + int(place)
