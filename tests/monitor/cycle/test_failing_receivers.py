"""Receivers that fail for days, each in its own way, on a clock that is moved: real servers, real channels.

Nothing is lost: what is not accepted is tried once for each slot of its schedule, then it is a dead letter that is
noticed once and goes out when it is retried by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.channels.email import EmailChannel
from alerts.channels.webhook import WebhookChannel
from alerts.model import Delivery, Secret
from alerts.render import Renderer
from alerts.retry import POLICIES
from monitor.cycle.run import deliver_due, run_pass
from monitor.cycle.tools import Tools
from monitor.fetch.post import GuardedPoster
from tests.alerts.receivers import HookReceiver, MailServer, hook_receiver, mail_server
from tests.monitor.cycle.desk import OFF, ON, Desk
from tests.monitor.cycle.test_notices import Listening

RENDERER = Renderer()
FULL, SHORT = 5.0, 0.03  # seconds for an attempt; short ones are for receivers that say nothing
ALWAYS = 50  # more often than anything is tried
SECOND = timedelta(seconds=1)
LONGEST = {"email": timedelta(days=5), "webhook": timedelta(days=3, hours=8)}

MAIL_LATER = (
    "421-greet 554-greet drop-greet hang-greet 421-mail 450-mail drop-mail 450-rcpt drop-rcpt 421-data 451-data "
    "452-data drop-data hang-data junk-data"
).split()
MAIL_NEVER = "550-mail 552-mail 550-rcpt 550-data 554-data".split()
MAIL_ACCEPTED = "accept bad-quit".split()
HOOK_LATER = (
    "304 400 401 403 404 408 413 429 429:60 500 502 503:120 504 redirect:http://127.0.0.1/ drop unread junk hang"
).split()
HOOK_NEVER = ["410"]
HOOK_ACCEPTED = "200 201 204 big slow".split()

CASES = [
    *(("email", mode, "later") for mode in MAIL_LATER),
    *(("email", mode, "never") for mode in MAIL_NEVER),
    *(("email", mode, "accepted") for mode in MAIL_ACCEPTED),
    *(("webhook", mode, "later") for mode in HOOK_LATER),
    *(("webhook", mode, "never") for mode in HOOK_NEVER),
    *(("webhook", mode, "accepted") for mode in HOOK_ACCEPTED),
]


@dataclass
class Post:
    """A desk with one channel to a real receiver and another one that tells what goes wrong with it."""

    kind: str
    receiver: Any
    desk: Desk
    other: Listening

    def tools(self, timeout: float = FULL) -> Tools:
        """The tools of the next pass."""
        return replace(self.desk.tools, channels={"desk": self._channel(timeout), "other": self.other})

    def _channel(self, timeout: float) -> EmailChannel | WebhookChannel:
        if isinstance(self.receiver, MailServer):
            return EmailChannel(
                "desk", "127.0.0.1", self.receiver.port, "none", "", None, "bell@example.org", ["desk@example.org"],
                timeout, RENDERER,
            )  # fmt: skip
        poster = GuardedPoster("https://example.org/", "1", allow=["127.0.0.0/8"])
        secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        return WebhookChannel("desk", self.receiver.url, secret, timeout, RENDERER, poster)

    async def find(self, script: Sequence[str]) -> Delivery:
        """A pass finds an entry and tries to tell it; what became of that."""
        self.desk.serve(OFF)
        await run_pass(self.tools(), every=True)
        self.desk.clock.advance(timedelta(minutes=1))
        self.desk.serve(ON, OFF)
        self.receiver.script[:] = script
        await run_pass(self.tools(self.timeout(script)), every=True)
        return self.delivery()

    def delivery(self) -> Delivery:
        """The one that goes to the receiver."""
        [found] = [each for each in self.desk.store.deliveries() if each.message.channel == "desk"]
        return found

    def timeout(self, script: Sequence[str]) -> float:
        """The deadline that suits the receiver."""
        return SHORT if script and script[0].startswith("hang") else FULL

    @property
    def bodies(self) -> list[bytes]:
        """What the receiver was given, read whole."""
        if isinstance(self.receiver, MailServer):
            return [mail.raw for mail in self.receiver.mails]
        return [request.body for request in self.receiver.requests]


@pytest.fixture
async def mailbox() -> Any:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def hook() -> Any:
    async with hook_receiver() as receiver:
        yield receiver


@pytest.fixture
def post(request: pytest.FixtureRequest, kind: str, mailbox: MailServer, hook: HookReceiver) -> Post:
    other = Listening("other", "x@example.org")
    return Post(kind, mailbox if kind == "email" else hook, Desk(other=other), other)


@pytest.mark.parametrize(("kind", "mode", "outcome"), CASES)
async def test_what_fails_for_days_is_tried_once_for_each_slot_then_noticed_and_kept(
    post: Post, kind: str, mode: str, outcome: str
) -> None:
    script = [mode] * ALWAYS
    delivery = await post.find(script)
    begun, attempts = post.desk.clock.now(), 1
    while delivery.next_attempt is not None:
        for early, tried in ((SECOND, attempts), (timedelta(0), attempts + 1)):
            post.desk.clock.advance(delivery.next_attempt - early - post.desk.clock.now())
            await deliver_due(post.tools(post.timeout(script)))
            assert post.delivery().attempts == tried
        delivery, attempts = post.delivery(), attempts + 1

    slots = len(POLICIES[kind].pauses) + 1
    assert ALWAYS - len(post.receiver.script) == attempts == {"later": slots}.get(outcome, 1)
    assert delivery.state == ("sent" if outcome == "accepted" else "dead")
    assert post.desk.clock.now() - begun <= LONGEST[kind]
    assert len(set(post.bodies)) <= 1
    told = [line for line in post.other.notices if "was given up" in line]
    assert len(told) == (outcome != "accepted")
    late = [line for line in post.other.notices if "nothing has reached" in line]
    assert len(late) == (outcome == "later")

    post.receiver.script.clear()
    if outcome != "accepted":
        post.desk.store.retry([delivery.message.key], post.desk.clock.now())
        for _ in range(2):
            await deliver_due(post.tools())
    assert post.delivery().state == "sent"
    assert set(post.bodies) == {delivery.message.body}


@pytest.mark.parametrize(("kind", "mode"), [("email", "451-data"), ("email", "drop-data"), ("webhook", "503:120")])
async def test_a_receiver_that_is_well_again_gets_the_same_message_and_no_other(
    post: Post, kind: str, mode: str
) -> None:
    delivery = await post.find([mode])
    assert delivery.next_attempt is not None
    post.desk.clock.advance(delivery.next_attempt - post.desk.clock.now())
    for _ in range(2):
        await deliver_due(post.tools())

    assert (post.delivery().state, post.delivery().attempts) == ("sent", 2)
    assert post.bodies == [delivery.message.body] * 2
    assert post.other.notices == []
