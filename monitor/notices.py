"""What Newsbell has to say of itself: which notices are due, and whom each concerns. Pure.

A notice's key is its memory: what was once said under a key is not said again, and the newest key of a subject tells
how things stood when its reader last heard of it. Keys read ``<kind> <name> <what> ...``, names having no blanks;
those of feeds come from ``monitor.schedule``.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from alerts.amount import amount
from alerts.model import DayCount, Delivery, FeedHealth, Mark
from alerts.record import record
from monitor.model import FeedRecord

_LATE = timedelta(hours=1)  # greylisting and short outages are no news
_LATE_ATTEMPTS = 3
_BASELINE = timedelta(days=14)  # what a day is compared with
_SHORTEST_BASELINE = timedelta(days=7)  # a younger profile has no "usual" yet
_SPIKE = 3  # times as many as usual
_FEWEST = 10  # matches of a day that are worth a word
_TROUBLE = ("failing", "silent", "moved", "gone")  # of a feed
_REACH = ("cut-off", "mended")  # a profile none of whose feeds can be read, and one that reads some again
_NEVER = datetime.min.replace(tzinfo=UTC)
_NAMED = 3  # recipients that are named


@record
class Notice:
    """One line for a reader, told once for its key."""

    key: str
    text: str


@record
class NoticePlan:
    """What the configuration says of notices. ``channels``: told at once through these, in place of the next digest."""

    channels: tuple[str, ...] = ()
    no_match: timedelta | None = timedelta(days=14)
    spike: bool = True


class Told:
    """What was noticed so far, read from the keys of all notices, oldest first."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._last: dict[tuple[str, ...], str] = {}
        self._changes: dict[str, int] = {}
        for key in keys:
            kind, _, rest = key.partition(" ")
            if kind == "profile":
                name, what, value = (*rest.split(" ", 2), "", "")[:3]
                self._last[kind, name, what] = value
                if what in _REACH:
                    self._last[kind, name] = what
            elif kind == "stranded":
                self._last[kind, rest] = ""
            elif kind == "channel":
                name, what, number = (*rest.split(" ", 2), "", "")[:3]
                self._last[kind, name] = what
                self._changes[name] = int(number) if number.isdecimal() else 0

    def channel(self, name: str) -> str:
        """How a channel did when that was last told: ``late``, ``dead``, ``lost`` or ``well``."""
        return self._last.get(("channel", name), "well")

    def change(self, name: str, state: str) -> str:
        """The key of a channel's next change: the same for all who know no newer one, so that one of them tells it."""
        return f"channel {name} {state} {self._changes.get(name, 0) + 1}"

    def is_stranded(self, profile: str) -> bool:
        """Whether it was said that matches wait for a profile that is gone."""
        return ("stranded", profile) in self._last

    def is_cut_off(self, profile: str) -> bool:
        """Whether the last that was said of a profile's feeds is that none can be read."""
        return self._last.get(("profile", profile)) == _REACH[0]

    def at(self, profile: str, what: str) -> datetime | None:
        """When a profile's last notice of this kind was made; ``watched``: when it was first looked at."""
        value = self._last.get(("profile", profile, what))
        return datetime.fromisoformat(value) if value else None


# what is due ----------------------------------------------------------------------------------------


def watched(profile: str, now: datetime) -> Notice:
    """The mark that a profile is looked at for the first time: nothing to tell, but what later notices count from."""
    return Notice(f"profile {profile} watched {now.isoformat()}", "")


def is_dry(profile: str, told: Told, now: datetime, limit: timedelta) -> bool:
    """Whether a profile without a match for ``limit`` has been watched for as long, so that this means something."""
    since = told.at(profile, "watched")
    return since is not None and now - since >= limit


def dry_spell(profile: str, title: str, limit: timedelta, health: FeedHealth, now: datetime) -> Notice | None:
    """Nothing matched for ``limit``: worth a word where most feeds are well and brought something, else they are."""
    if 2 * health.healthy <= health.feeds or not health.entries:
        return None
    well = "the feed is well" if health.feeds == 1 else f"{health.healthy} of {health.feeds} feeds are well"
    text = (
        f"{title}: nothing matched for {_span(limit)}, although {well} and "
        f"brought {amount(health.entries, 'entry', 'entries')}. "
        f"Too narrow a profile? See: newsbell profile backtest {profile}"
    )
    return Notice(f"profile {profile} dry {_hour(now)}", text)


def cut_off(profile: str, title: str, feeds: Sequence[FeedRecord], now: datetime) -> Notice:
    """None of ``feeds`` can be read; ``title`` is that of a profile with feeds of its own, "" where these are all."""
    last = max(feeds, key=lambda record: record.memory.failing_since or _NEVER)
    when = f" since {last.memory.failing_since:%Y-%m-%d %H:%M} UTC" if last.memory.failing_since else ""
    whose = f"{title}: none of its feeds" if title else "None of the feeds"
    count = f" ({len(feeds)})" if len(feeds) > 1 else ""
    reason = f" {last.title}: {last.error}." if last.error else ""
    text = f"{whose}{count} can be read{when}, so nothing can be found.{reason} To see all: newsbell feeds list"
    return Notice(f"profile {profile} {_REACH[0]} {_hour(now)}", text)


def mended(profile: str, title: str, now: datetime) -> Notice:
    """The end of what ``cut_off`` said, though maybe not for each of the feeds."""
    text = f"{title}: its feeds can be read again" if title else "Feeds can be read again"
    text += "; each digest names those that cannot"
    return Notice(f"profile {profile} {_REACH[1]} {_hour(now)}", text)


def stranded(profile: str, waiting: int) -> Notice:
    """Matches wait for the digest of a profile that is gone, or goes by another name."""
    verb, them = ("waits", "it") if waiting == 1 else ("wait", "them")
    text = (
        f"{amount(waiting, 'match', 'matches')} {verb} under the name {profile}, which no profile has any more: "
        f"give a profile that name, and its next digest tells {them}"
    )
    return Notice(f"stranded {profile}", text)


def spike(profile: str, title: str, days: Sequence[DayCount], told: Told, now: datetime) -> Notice | None:
    """Far more matches on the last of ``days`` than on any before it, and than usual; once a day."""
    since = told.at(profile, "watched")
    if since is None or now - since < _SHORTEST_BASELINE:
        return None
    known = min(now - since, _BASELINE).days
    today, before = days[-1], [day.count for day in days[:-1]][-known:]
    usual = sum(before) / len(before) if before else 0.0
    if today.count < max(_FEWEST, _SPIKE * usual) or today.count <= max(before, default=0):
        return None
    text = f"{title}: {today.count} matches today, far more than usual ({usual:.1f} a day in the last {known} days)"
    return Notice(f"profile {profile} spike {today.day}", text)


def channel_changes(
    sent: Sequence[Delivery], failed: Sequence[Delivery], dead: Sequence[Delivery], told: Told, now: datetime
) -> list[Notice]:
    """One notice for each channel that does otherwise than its readers were last told, after a pass's attempts.

    Dead: it refused a message. Lost: a message was tried to the end, after which a reader who was told expects no
    better of the next ones. Late: it has had one for an hour and three attempts, or waits for the user. Well: it took
    something and failed nothing.
    """
    notices = []
    for name in dict.fromkeys(each.message.channel for each in (*dead, *failed, *sent)):
        lost = [each for each in dead if each.message.channel == name]
        waiting = [each for each in failed if each.message.channel == name]
        late = [each for each in waiting if _is_late(each, now)]
        refused = any(each.mark != Mark.SPENT for each in lost)
        state = "dead" if refused else "lost" if lost else "late" if late else "" if waiting else "well"
        if _is_news(state, told.channel(name), lost):
            text = _channel_text(name, state, lost or late)
            notices.append(Notice(told.change(name, state), text))
    return notices


def uncomposed(name: str, profile: str, reason: str, told: Told) -> Notice:
    """No message of ``profile`` could be made for a channel: to its readers that is as if it had been given up."""
    text = (
        f"Channel {name}: no message of {profile} could be composed: {reason}. "
        f"Once that is mended: newsbell digest {profile} --send"
    )
    return Notice(told.change(name, "dead"), text)


def _is_news(state: str, before: str, lost: Sequence[Delivery]) -> bool:
    if state in ("", before):
        return False
    return before != "lost" or state == "well" or any(each.mark == Mark.GONE for each in lost)


def _is_late(delivery: Delivery, now: datetime) -> bool:
    return delivery.next_attempt is None or (delivery.attempts >= _LATE_ATTEMPTS and now - delivery.created >= _LATE)


def _channel_text(name: str, state: str, affected: Sequence[Delivery]) -> str:
    if state == "well":
        return f"Channel {name}: delivers again"
    recipients = list(dict.fromkeys(each.message.recipient for each in affected))
    more = f" and {len(recipients) - _NAMED} more" if len(recipients) > _NAMED else ""
    whom = ", ".join(recipients[:_NAMED]) + more
    error = affected[0].reason
    if state in ("dead", "lost"):
        return f"Channel {name}: a message to {whom} was given up: {error}. See: newsbell outbox list"
    if all(each.next_attempt is None for each in affected):  # held
        return f"Channel {name}: a message to {whom} may have arrived or not: {error}"
    first = min(each.created for each in affected)
    return f"Channel {name}: nothing has reached {whom} since {first:%Y-%m-%d %H:%M} UTC: {error}"


def _hour(now: datetime) -> str:
    """What makes one key of what several workers see."""
    return now.replace(minute=0, second=0, microsecond=0).isoformat()


def _span(span: timedelta) -> str:
    return f"{span.days} days" if span.days > 1 else f"{span // timedelta(hours=1)} hours"


# whom it concerns -------------------------------------------------------------------------------------


def told_by_outage(key: str, addresses: Container[str]) -> bool:
    """Whether a notice says of one of these feeds what an outage's says of all: that it cannot be read."""
    return _is_of_feed(key, "failing", addresses)


def told_by_its_end(key: str, addresses: Container[str]) -> bool:
    """Whether a notice says of one of these feeds what the end of an outage says of all: that it can be read again."""
    return _is_of_feed(key, "ok", addresses)


def _is_of_feed(key: str, what: str, addresses: Container[str]) -> bool:
    words = key.split(" ")
    return words[:2] == ["feed", what] and words[2] in addresses


def ill_feeds(keys: Iterable[str]) -> frozenset[str]:
    """The addresses of the feeds whose trouble the notices with these keys tell."""
    told = (key.split(" ") for key in keys if key.startswith("feed "))
    return frozenset(words[2] for words in told if words[1] in _TROUBLE)


def concerns(key: str, profile: str) -> bool:
    """Whether the digests of ``profile`` may tell this notice: those of another profile are none of its business."""
    kind, name = (*key.split(" "), "")[:2]
    return kind != "profile" or name == profile


def channel_of(key: str) -> str:
    """The channel that a notice is about, which is not the way to tell it; "" for other notices."""
    kind, name = (*key.split(" "), "")[:2]
    return name if kind == "channel" else ""


def digestless(key: str) -> str:
    """The profile that finds nothing, or cannot, so that its next digest may never come; "" for other notices."""
    kind, name, what = (*key.split(" "), "", "")[:3]
    return name if kind == "profile" and what in ("dry", *_REACH) else ""


def waits_a_day(key: str) -> bool:
    """Whether a notice is for the next digest, or when none comes for a day goes without: of feeds and lost matches."""
    return key.startswith(("feed ", "stranded "))
