"""What a pass notices of itself, and how its readers hear of it: with the next digest, or at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from alerts.deliver import DeliverReport
from alerts.model import Delivery, DeliveryState, Digest, Message, Receipt
from alerts.retry import settled
from monitor.cycle.compose import compose_each
from monitor.cycle.outage import outages, recoveries
from monitor.cycle.tools import PollTotals, Tools, Watch
from monitor.digest import activity, feed_health
from monitor.notices import (
    Notice,
    Told,
    channel_changes,
    channel_of,
    digestless,
    dry_spell,
    is_dry,
    spike,
    stranded,
    waits_a_day,
    watched,
)
from monitor.schedule import is_quiet, quiet_end

_DAY = timedelta(days=1)
_COMPARED = 15  # days: today and the fourteen before it
_PROMPT = timedelta(minutes=15)  # in which a message is sent by the pass that made it, or that was asked for it by hand


class OvertakenError(Exception):
    """Another worker has told one of the notices meanwhile: nothing of this transaction may stay."""


def take_notices(tools: Tools, keys: Sequence[str]) -> None:
    """Mark notices as told by the messages of this transaction; raises ``OvertakenError`` when one was told before."""
    if tools.store.mark_told(keys) != len(keys):
        raise OvertakenError


def note_profiles(tools: Tools, polls: PollTotals) -> None:
    """Notice profiles that found nothing for long, that find far more than usual, or none of whose feeds works."""
    told, busy = _told(tools), {match.profile for match in polls.matches}
    notices = [notice for watch in tools.watches for notice in _of_profile(tools, watch, told, watch.name in busy)]
    of_feeds = (*outages(tools, polls, told), *recoveries(tools, polls, told))
    _remember(tools, [*notices, *of_feeds, *_stranded(tools, told)])


def note_channels(tools: Tools, deliveries: DeliverReport) -> None:
    """Notice channels that began to fail, gave a message up, or work again."""
    if deliveries.sent or deliveries.failed or deliveries.dead:
        now = tools.clock.now()
        changes = channel_changes(deliveries.sent, deliveries.failed, deliveries.dead, _told(tools), now)
        _remember(tools, changes)


class NotedDeliveries:
    """The store's deliveries as a pass sends them: the end of one that is not tried again commits with its notice.

    No later attempt would bring such a notice to mind, so the program may not die between the two.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._watches = {watch.name: watch for watch in tools.watches}
        self._claimed: dict[str, Delivery] = {}

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> Sequence[Delivery]:
        """What the store hands out, but for what would wake somebody in the quiet hours."""
        kept: list[Delivery] = []
        while len(kept) < limit:
            batch = self._tools.store.claim(now, limit=limit - len(kept), lease=lease)
            kept += [delivery for delivery in batch if not self._postponed(delivery, now)]
            if not batch:
                break
        self._claimed.update((delivery.message.key, delivery) for delivery in kept)
        return kept

    def _postponed(self, delivery: Delivery, now: datetime) -> bool:
        """Put off what is late until its profile's quiet hours have ended; that counts as no attempt.

        Late is another try, and a first one that a machine which slept, or was killed, has not come to.
        """
        channel = self._tools.channels.get(delivery.message.channel)
        if _is_prompt(delivery, now) or channel is None or channel.kind == "file":
            return False
        later = self._quiet_end(delivery.message, now)
        if later <= now:
            return False
        return self._tools.store.settle(
            Receipt(
                key=delivery.message.key,
                at=now,
                state=delivery.state,
                attempts=delivery.attempts,
                next_attempt=later,
                error=delivery.error,
                fence=delivery.fence,
                mark=delivery.mark,
            )
        )

    def _quiet_end(self, message: Message, now: datetime) -> datetime:
        """When its reader may be disturbed: by a notice as soon as by a digest of any profile on that channel."""
        own = self._watches.get(message.profile)
        if own is None and message.channel in self._tools.notices.channels:
            return now
        watches = [own] if own else [watch for watch in self._tools.watches if message.channel in watch.channels]
        return min((quiet_end(watch.clock, now) for watch in watches), default=now)

    def begin(self, delivery: Delivery) -> bool:
        """Mark that an attempt begins, until its receipt comes."""
        return self._tools.store.begin(delivery)

    def gone(self) -> frozenset[tuple[str, str]]:
        """Who wants nothing any more."""
        return self._tools.store.gone()

    def settle(self, receipt: Receipt) -> bool:
        """Write down how an attempt ended, with the notice of a dead letter or of one that waits for the user."""
        store, delivery = self._tools.store, self._claimed.pop(receipt.key)
        if receipt.state == DeliveryState.SENT or receipt.next_attempt is not None:
            return store.settle(receipt)
        with store.transaction():
            taken = store.settle(receipt)
            if taken:
                self._note(settled(delivery, receipt), receipt.at)
        return taken

    def _note(self, delivery: Delivery, now: datetime) -> None:
        told, channel = _told(self._tools), delivery.message.channel
        dead = [delivery] if delivery.state == DeliveryState.DEAD else []
        if dead or told.channel(channel) != "dead":  # what is worse has been said
            for notice in channel_changes((), [] if dead else [delivery], dead, told, now):
                self._tools.store.add_notice(notice.key, notice.text, now)


def _is_prompt(delivery: Delivery, now: datetime) -> bool:
    due = delivery.next_attempt
    return not delivery.attempts and due is not None and now - due < _PROMPT


def send_notices(tools: Tools) -> int:
    """Enqueue the notices that are not to wait for a digest, one message to each recipient; returns how many."""
    now = tools.clock.now()
    overdue = {key for key, _ in tools.store.notices(before=now - _DAY) if waits_a_day(key)}
    going = [
        (key, text, ways) for key, text in tools.store.notices() if (ways := _ways(tools, key, now, key in overdue))
    ]
    lines: dict[str, dict[str, None]] = {}  # each text once, though several profiles may have the same to say
    for _, text, ways in going:
        for name in ways:
            lines.setdefault(name, {})[text] = None
    digests = [(_digest(tools, list(texts), now), name) for name, texts in lines.items()]
    messages = [message for digest, name in digests for message in compose_each(tools, digest, [name]).messages]
    reached = {message.channel for message in messages}
    if not messages:
        return 0
    try:
        with tools.store.transaction():
            take_notices(tools, [key for key, _, ways in going if reached & set(ways)])
            return tools.store.enqueue(messages, now)
    except OvertakenError:
        return 0  # what is left goes out the next time


def _told(tools: Tools) -> Told:
    return Told(key for key, _ in tools.store.notices(untold=False))


def _remember(tools: Tools, notices: Sequence[Notice]) -> None:
    if not notices:
        return
    now = tools.clock.now()
    with tools.store.transaction():
        for notice in notices:
            tools.store.add_notice(notice.key, notice.text, now)
        tools.store.mark_told([notice.key for notice in notices if not notice.text])


def _of_profile(tools: Tools, watch: Watch, told: Told, busy: bool) -> Iterator[Notice]:
    now, title = tools.clock.now(), watch.layout.title
    if told.at(watch.name, "watched") is None:
        yield watched(watch.name, now)
    limit = tools.notices.no_match
    if limit is not None and not busy and is_dry(watch.name, told, now, limit):
        yield from _dry(tools, watch, told, limit)
    if busy and tools.notices.spike:
        found = tools.store.match_times(watch.name, now - _COMPARED * _DAY)
        days = activity(found, now, watch.layout.timezone, _COMPARED)
        if unusual := spike(watch.name, title, days, told, now):
            yield unusual


def _stranded(tools: Tools, told: Told) -> Iterator[Notice]:
    for name in sorted(tools.store.waiting_profiles() - {watch.name for watch in tools.watches}):
        if not told.is_stranded(name):
            yield stranded(name, len(tools.store.matches(name, waiting=True)))


def _dry(tools: Tools, watch: Watch, told: Told, limit: timedelta) -> Iterator[Notice]:
    """The notice of a dry spell that has not been told yet."""
    store, now, last = tools.store, tools.clock.now(), told.at(watch.name, "dry")
    if store.matches(watch.name, since=now - limit, limit=1):
        return
    if last is not None and not store.matches(watch.name, since=last, limit=1):
        return  # still the spell that was told
    health = feed_health(store.fleet(), store.count_entries(now - limit, now))
    if notice := dry_spell(watch.name, watch.layout.title, limit, health, now):
        yield notice


def _ways(tools: Tools, key: str, now: datetime, overdue: bool) -> Sequence[str]:
    """The channels through which a notice goes at once; none when it waits for a digest.

    That a channel fails is told on the others, but for files, which nobody is waked by; that a profile finds nothing
    on its own, for no digest may come; what is ``overdue`` has waited for one in vain. All of them wait for the end of
    the quiet hours, but where the configuration has named the channels.
    """
    if waits_a_day(key) and not (overdue or tools.notices.channels):
        return ()  # said first: a fleet may have thousands of these, and each pass asks
    about, dry = channel_of(key), digestless(key)
    names: list[str] = [name for name in tools.notices.channels if name != about]
    if not (names or about or dry or overdue):
        return ()
    awake = [watch for watch in tools.watches if not is_quiet(watch.clock, now)]
    if not names and about:
        others = (name for watch in awake if about in watch.channels for name in watch.channels)
        names = [name for name in others if name in tools.channels and tools.channels[name].kind != "file"]
    elif not names:
        names = [name for watch in awake if dry in ("", watch.name) for name in watch.channels]
    return [name for name in dict.fromkeys(names) if name != about and name in tools.channels]


def _digest(tools: Tools, lines: Sequence[str], now: datetime) -> Digest:
    zone = tools.watches[0].layout.timezone if tools.watches else "UTC"
    return Digest("newsbell", "Newsbell", now - _DAY, now, zone, (), kind="notice", notices=tuple(lines))
