"""Whatever happens between polls and receipts, nothing is lost and nothing is told twice.

A machine plays what can go wrong: answers that are lost, refusals, a program killed between any two calls of the store
or before a send, profiles edited, clocks set a day ahead or back. More of it: ``pytest --hypothesis-profile=thorough``.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alerts.errors import DeliveryError
from alerts.fakes import RecordingChannel
from alerts.model import Digest, Message
from monitor.cycle.run import run_pass
from monitor.ports import Store
from monitor.profiles import Matcher, load_profile
from monitor.schedule import DigestClock, is_quiet
from monitor.store.memory import MemoryStore
from monitor.store.sqlite import SqliteStore
from monitor.waiting import run
from tests.examples import examples
from tests.monitor.cycle.desk import OFF, PROFILE, START, Desk, item

DAY = timedelta(days=1)
URL = "https://a.example/feed"
# The weak entries match under the first threshold only; what they come to is not counted on.
MATCHERS = [
    Matcher([load_profile(PROFILE.replace("threshold: 1.0", f"threshold: {points}"), name="pair")])
    for points in ("0.5", "3.0")
]
TITLES = {
    "strong": "Laos and Japan sign partnership",
    "urgent": "urgent: Laos and Japan partnership",
    "weak": "Laos and Japan",
    "off": "Rice prices",
}
STRONG = ("strong", "urgent")


class KilledError(BaseException):
    """The program is gone: no handler may catch it."""


class Power:
    """Ends the program after a number of steps; from then on nothing works until it is started anew."""

    def __init__(self) -> None:
        self.left: int | None = None

    def step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise KilledError


class FragileStore:
    """A store whose every call may be the program's last."""

    def __init__(self, store: Store, power: Power) -> None:
        self._store = store
        self._power = power

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._store, name)

        def call(*arguments: Any, **options: Any) -> Any:
            self._power.step()
            return method(*arguments, **options)

        return call

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._power.step()
        with self._store.transaction():
            yield
            self._power.step()


class Receiver(RecordingChannel):
    """Keeps what arrives, every entry of it. A lost answer is one whose message has arrived."""

    def __init__(self, name: str, recipients: tuple[str, ...], power: Power) -> None:
        super().__init__(name, recipients)
        self._power = power
        self.answers: list[str] = []
        self.handed: set[str] = set()  # keys that arrived, unless they were retried by hand since
        self.twice: list[str] = []  # keys handed over again by a channel that was to hold them
        self.quiet: DigestClock | None = None
        self.woke: set[str] = set()  # keys tried again in the quiet hours

    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        stories = (*digest.stories, *digest.overflow)
        body = "\n".join(entry.title for story in stories for entry in story.entries)
        return replace(super().compose(digest, recipient, key), body=body.encode())

    async def send(self, message: Message, attempt: int, now: datetime) -> None:
        self._power.step()
        answer = self.answers.pop(0) if self.answers else "accepted"
        self.attempts.append((message, attempt, now))
        if attempt > 1 and self.quiet is not None and is_quiet(self.quiet, now):
            self.woke.add(message.key)
        if answer in ("accepted", "lost"):
            self.accepted.append(message)
            if self.on_unknown == "hold" and message.key in self.handed:
                self.twice.append(message.key)
            self.handed.add(message.key)
        if answer != "accepted":
            raise DeliveryError(self.name, answer, permanent=answer == "refused", unknown=answer == "lost")


class Machine(RuleBasedStateMachine):
    """A pass's world; ``opened`` gives the store again after the program was killed."""

    def __init__(self) -> None:
        super().__init__()
        self.power = Power()
        self.store = self.opened()
        self.desk = Desk(store=FragileStore(self.store, self.power))  # type: ignore[arg-type]
        self.desk.channel = Receiver("desk", ("a@example.org", "b@example.org"), self.power)
        self.desk.other = Receiver("other", ("hook",), self.power)
        self.matcher = MATCHERS[0]
        self.shown = [OFF]
        self.expected: set[str] = set()
        self.baseline = False

    def opened(self) -> Store:
        """The store as a program finds it that was just started."""
        raise NotImplementedError

    @initialize(
        schedule=st.sampled_from(["@run", "0 7 * * *", "*/30 * * * *"]),
        quiet=st.sampled_from([None, "22:00-06:00"]),
        on_unknown=st.sampled_from(["resend", "hold"]),
    )
    def begin(self, schedule: str, quiet: str | None, on_unknown: str) -> None:
        self.desk.channel.on_unknown = on_unknown
        self.desk.schedule, self.desk.quiet, self.desk.stories = schedule, quiet, False
        clock = self.desk.tools.watches[0].clock
        self.desk.channel.quiet = self.desk.other.quiet = clock  # type: ignore[attr-defined]

    @rule(kind=st.sampled_from(sorted(TITLES)))
    def publish(self, kind: str) -> None:
        number = len(self.shown)
        title = f"{TITLES[kind]} {number}x"
        self.shown.insert(0, item(100 + number, title))
        if self.baseline and kind in STRONG:
            self.expected.add(title)

    @rule()
    def work(self) -> None:
        self.one_pass()

    @rule(steps=st.integers(0, 60))
    def work_until_killed(self, steps: int) -> None:
        self.power.left = steps
        self.one_pass()

    @rule(answers=st.lists(st.sampled_from(["accepted", "lost", "later", "refused"]), min_size=1, max_size=4))
    def answer(self, answers: list[str]) -> None:
        self.desk.channel.answers = answers  # type: ignore[attr-defined]

    @rule(which=st.integers(0, 1))
    def edit_profile(self, which: int) -> None:
        self.matcher = MATCHERS[which]

    @rule(span=st.sampled_from([timedelta(minutes=31), timedelta(hours=7), DAY, -DAY]))
    def set_clock(self, span: timedelta) -> None:
        self.desk.clock.advance(span)

    @precondition(lambda self: self.store.deliveries(states=["dead"]))
    @rule()
    def retry_dead_letters(self) -> None:
        dead = [each.message.key for each in self.store.deliveries(states=["dead"])]
        self.store.retry(dead, self.desk.clock.now())

    @invariant()
    def every_channel_with_a_dead_letter_was_noticed(self) -> None:
        noticed = {tuple(key.split()[:3]) for key, _ in self.store.notices(untold=False)}
        dead = {each.message.channel for each in self.store.deliveries(states=["dead"])}
        assert {("channel", name, "dead") for name in dead} <= noticed

    @invariant()
    def what_is_held_was_handed_over_once(self) -> None:
        assert self.desk.channel.twice == []  # type: ignore[attr-defined]

    @invariant()
    def no_other_try_came_in_the_quiet_hours(self) -> None:
        assert self.desk.channel.woke | self.desk.other.woke == set()  # type: ignore[attr-defined]

    def one_pass(self) -> None:
        """A pass, to its end or to the program's; after that the program is started anew."""
        self.desk.serve(*self.shown, url=URL)
        tools = replace(self.desk.tools, scorer=self.matcher)
        try:
            run(run_pass(tools, every=True), asyncio.run)
        except (KilledError, BaseExceptionGroup):
            self.power.left = None
            self.store = self.opened()
            self.desk.store = FragileStore(self.store, self.power)  # type: ignore[assignment]
        self.power.left = None
        self.desk.clock.advance(timedelta(minutes=1))
        self.baseline = self.store.feeds()[0].baseline if self.store.feeds() else False

    def teardown(self) -> None:
        """Peace returns: everything that was found is told, and under one id to everybody."""
        self.desk.channel.answers = []  # type: ignore[attr-defined]
        for _ in range(6):
            self.desk.clock.advance(timedelta(hours=31))  # also out of the quiet hours
            self.desk.channel.handed.clear()  # type: ignore[attr-defined]
            held = [each.message.key for each in self.store.deliveries(states=["failed", "dead"])]
            self.store.retry(held, self.desk.clock.now())
            self.one_pass()
        arrived = [*self.desk.channel.accepted, *self.desk.other.accepted]
        ids: dict[tuple[str, str], set[str]] = defaultdict(set)
        for message in arrived:
            for title in message.body.decode().splitlines():
                ids[message.recipient, title].add(message.key)
        for recipient in ("a@example.org", "b@example.org", "hook"):
            assert {title for who, title in ids if who == recipient} >= self.expected
        assert {told: keys for told, keys in ids.items() if len(keys) > 1} == {}
        bodies = {
            (message.key, message.body) for message, _, _ in (*self.desk.channel.attempts, *self.desk.other.attempts)
        }
        assert len(bodies) == len({key for key, _ in bodies})
        self.store.close()


class InMemory(Machine):
    """A store that outlives the program, for the sake of the test."""

    def opened(self) -> Store:
        self._kept: Store = getattr(self, "_kept", None) or MemoryStore()
        self._kept.release_claims()
        return self._kept


class OnSqlite(Machine):
    """A file, opened anew after each kill."""

    def opened(self) -> Store:
        if not hasattr(self, "_folder"):
            self._folder = tempfile.TemporaryDirectory()
        else:
            self.store.close()
        return SqliteStore(Path(self._folder.name) / "newsbell.db", START, alone=True)

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self.store.close()
            self._folder.cleanup()


@pytest.mark.parametrize(("machine", "share"), [(InMemory, 0.15), (OnSqlite, 0.05)])
def test_nothing_is_lost_and_nothing_is_told_twice(machine: type[Machine], share: float) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(examples(share), stateful_step_count=25, suppress_health_check=list(HealthCheck)),
    )
