"""What no single key can be wrong in: keys, files and profiles that do not fit together.

Each check takes what could be read and gives findings; nothing here stops at the first. Profiles are looked at as
plain data, so that a mistake in one place of a profile hides none in another.
"""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from alerts.record import record
from monitor.config import feeds
from monitor.config.finding import Finding
from monitor.config.model import AppriseChannel, Config, EmailChannel
from monitor.yamldoc import Document
from monitor.yamldoc import Path as Place

POLITE = timedelta(minutes=5)
MAX_COMPARED = 2000  # names that are searched for the one that was meant
MAX_LISTED = 10
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_CRON_HINT = 'minute, hour, day of month, month, day of week, such as "0 7 * * mon-fri"'


@record
class Surroundings:
    """What profiles may refer to: channels and feeds by name, and the folders that hold templates."""

    channels: Collection[str]
    feeds: Collection[str]
    templates: Sequence[Path]


def check_config(config: Config, channels: Collection[str]) -> Iterator[Finding]:
    """What is wrong within the configuration file itself; ``channels`` are all names that stand there."""
    yield from _feeds(config)
    yield from _channels(config)
    yield from _store(config)
    yield from _unknown(("notices", "channels"), config.notices.channels, channels, "channel")
    if not config.feeds:
        yield Finding(("feeds",), "no feed is watched", "add one with: newsbell feeds add ADDRESS", "warning")
    if config.contact is None:
        hint = "a page or e-mail address, so that publishers can reach you"
        yield Finding(("contact",), "is missing", hint, "advice")


def check_names(profiles: Iterable[Document]) -> Iterator[tuple[Document, Finding]]:
    """Profiles that go by the same name."""
    first: dict[str, Document] = {}
    for document in profiles:
        name = _part(document, "name")
        if isinstance(name, str) and (earlier := first.setdefault(name, document)) is not document:
            hint = "give one of the two another name"
            yield document, Finding(("name",), f'another profile is called "{name}", in {earlier.file}', hint)


def check_profile_file(profile: Document, around: Surroundings) -> Iterator[Finding]:
    """What of a profile does not fit what is ``around`` it."""
    yield from _unknown(("digest", "channels"), _part(profile, "digest", "channels"), around.channels, "channel")
    yield from _unknown(("scope", "feeds"), _part(profile, "scope", "feeds"), around.feeds, "feed")
    yield from _schedule(_part(profile, "digest", "schedule"))
    yield from _template(_part(profile, "digest", "template"), around.templates)
    if not _part(profile, "digest", "channels"):
        hint = f"name some of: {', '.join(sorted(around.channels))}" if around.channels else "such as [files]"
        yield Finding(("digest", "channels"), "no channel: its digests reach nobody", hint, "warning")


def _part(document: Document, *path: str) -> Any:
    """What stands at ``path``, None when there is nothing."""
    value = document.value
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _feeds(config: Config) -> Iterator[Finding]:
    urls = [feeds.normal_url(feed.url) for feed in config.feeds]
    for index, earlier in feeds.duplicates(urls):
        place = ("feeds", index, "url")
        yield Finding(place, f"this feed is already there as feeds[{earlier}]", "remove one of the two")
    for index, earlier in feeds.twins(urls):
        message = f"differs from feeds[{earlier}] only in http and https"
        yield Finding(("feeds", index, "url"), message, "keep the https one", "advice")
    for index, feed in enumerate(config.feeds):
        reason = feeds.unreachable(feed.url, config.fetch.allow_addresses) if feed.enabled else ""
        if reason:
            hint = f'add "{feeds.endpoint_of(urlsplit(feed.url))}" to fetch.allow_addresses'
            yield Finding(("feeds", index, "url"), reason, hint if "public" in reason else "", "warning")
        if feed.interval is not None and feed.interval < POLITE:
            yield _impolite(("feeds", index, "interval"))
    if config.fetch.interval < POLITE:
        yield _impolite(("fetch", "interval"))


def _impolite(place: Place) -> Finding:
    return Finding(place, "polls more often than most publishers welcome", "30m is usual", "advice")


def _channels(config: Config) -> Iterator[Finding]:
    for name, channel in config.channels.items():
        place = ("channels", name)
        if isinstance(channel, AppriseChannel) and importlib.util.find_spec("apprise") is None:
            yield Finding((*place, "type"), "Apprise is not installed", "pip install 'newsbell[apprise]'")
        if isinstance(channel, EmailChannel) and channel.security == "none" and channel.host not in _LOOPBACK:
            message = "mails, and the password if there is one, travel unencrypted"
            yield Finding((*place, "security"), message, "use starttls or tls", "advice")


def _store(config: Config) -> Iterator[Finding]:
    if config.store.sources("url") and importlib.util.find_spec("psycopg") is None:
        hint = "pip install 'newsbell[postgres]'"
        yield Finding(("store",), "what speaks to PostgreSQL is not installed", hint)


def _schedule(written: Any) -> Iterator[Finding]:
    """Six fields: CronSim would read the first as seconds, which crontab(5) does not know."""
    if isinstance(written, str) and len(written.split()) == 6:
        yield Finding(("digest", "schedule"), "a cron line has five fields, not 6", _CRON_HINT)


def _template(name: Any, folders: Sequence[Path]) -> Iterator[Finding]:
    if not isinstance(name, str):
        return
    files = [folder / f"{name}{ending}" for folder in folders for ending in (".html.j2", ".txt.j2")]
    if "/" in name or not any(file.is_file() for file in files):
        hint = f"write {name}.html.j2 or {name}.txt.j2 in the templates folder"
        yield Finding(("digest", "template"), f'there is no template "{name}"', hint)


def _unknown(place: Place, named: Any, known: Collection[str], what: str) -> Iterator[Finding]:
    """Every name of something that is not there."""
    for index, name in enumerate(named if isinstance(named, list | tuple) else ()):
        if isinstance(name, str) and name not in known:
            near = difflib.get_close_matches(name, known, n=1) if len(known) <= MAX_COMPARED else []
            listed = f"there are: {', '.join(sorted(known))}" if 0 < len(known) <= MAX_LISTED else ""
            hint = f'did you mean "{near[0]}"?' if near else listed
            yield Finding((*place, index), f'there is no {what} "{name}"', hint)
