"""What no single key can be wrong in: keys, files and profiles that do not fit together.

Each check takes what could be read and gives findings; nothing here stops at the first.
"""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from monitor.config import feeds
from monitor.config.model import AppriseChannel, Config, EmailChannel
from monitor.config.settings import LoadedProfile
from monitor.profiles.model import Profile
from monitor.yamldoc import Path as Place

POLITE = timedelta(minutes=5)
MAX_COMPARED = 2000  # names that are searched for the one that was meant
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Weight = Literal["error", "warning", "advice"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit: where, what, what to do.

    An error: a run could not do what the file says. A warning: it does, but hardly what was meant, or not safely.
    Advice: it could be better.
    """

    place: Place
    message: str
    hint: str = ""
    weight: Weight = "error"


def check_config(config: Config) -> Iterator[Finding]:
    """What is wrong within the configuration file itself."""
    yield from _feeds(config)
    yield from _channels(config)
    yield from _unknown(("notices", "channels"), config.notices.channels, config.channels, "channel")
    if not config.feeds:
        yield Finding(("feeds",), "no feed is watched", "add one with: newsbell feeds add ADDRESS", "warning")
    if config.contact is None:
        hint = "a page or e-mail address, so that publishers can reach you"
        yield Finding(("contact",), "is missing", hint, "advice")


def check_profiles(
    profiles: Sequence[LoadedProfile], channels: Collection[str], urls: Collection[str]
) -> Iterator[tuple[LoadedProfile, Finding]]:
    """What is wrong with profiles among themselves and beside the ``channels`` and the feeds' ``urls``."""
    first: dict[str, Path] = {}
    for loaded in profiles:
        name = loaded.profile.name
        earlier = first.setdefault(name, loaded.path)
        if earlier != loaded.path:
            hint = "give one of the two another name"
            yield loaded, Finding(("name",), f'another profile is called "{name}", in {earlier}', hint)
        for finding in _profile(loaded.profile, channels, urls):
            yield loaded, finding


def _feeds(config: Config) -> Iterator[Finding]:
    for index, earlier in feeds.duplicates(config.feeds):
        place = ("feeds", index, "url")
        yield Finding(place, f"this feed is already there as feeds[{earlier}]", "remove one of the two")
    for index, earlier in feeds.twins(config.feeds):
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
            hint = "pip install 'newsbell[apprise]'"
            yield Finding((*place, "type"), "Apprise is not installed", hint)
        if isinstance(channel, EmailChannel) and channel.security == "none" and channel.host not in _LOOPBACK:
            message = "mails, and the password if there is one, travel unencrypted"
            yield Finding((*place, "security"), message, "use starttls or tls", "advice")


def _profile(profile: Profile, channels: Collection[str], urls: Collection[str]) -> Iterator[Finding]:
    plan = profile.digest
    yield from _unknown(("digest", "channels"), plan.channels, channels, "channel")
    yield from _unknown(("scope", "feeds"), profile.scope.feeds, urls, "feed")
    if plan.schedule != "@run" and len(plan.schedule.split()) != 5:
        hint = 'minute, hour, day of month, month, day of week, such as "0 7 * * mon-fri"'
        yield Finding(("digest", "schedule"), f"a cron line has five fields, not {len(plan.schedule.split())}", hint)
    if not plan.channels:
        hint = f"name some of: {', '.join(sorted(channels))}" if channels else "such as [files]"
        yield Finding(("digest", "channels"), "no channel: its digests reach nobody", hint, "warning")


def _unknown(place: Place, named: Iterable[str], known: Collection[str], what: str) -> Iterator[Finding]:
    """Every name of something that is not there."""
    for index, name in enumerate(named):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1) if len(known) <= MAX_COMPARED else []
            listed = f"there are: {', '.join(sorted(known))}" if 0 < len(known) <= 10 else f"there is no {what}"
            hint = f'did you mean "{near[0]}"?' if near else listed
            yield Finding((*place, index), f'there is no {what} "{name}"', hint if known else "")


def check_templates(
    profiles: Iterable[LoadedProfile], own: Path | None, shipped: Path
) -> Iterator[tuple[LoadedProfile, Finding]]:
    """Profiles whose template neither the user's folder nor the shipped one has."""
    folders = [folder for folder in (own, shipped) if folder is not None]
    for loaded in profiles:
        name = loaded.profile.digest.template
        files = [folder / f"{name}{suffix}" for folder in folders for suffix in (".html.j2", ".txt.j2")]
        if "/" in name or not any(file.is_file() for file in files):
            hint = f"write {name}.html.j2 or {name}.txt.j2 in {own or 'the templates folder'}"
            yield loaded, Finding(("digest", "template"), f'there is no template "{name}"', hint)
