"""What is right in a configuration that is not: so that one mistake does not hide the next."""

from __future__ import annotations

from typing import Any

from monitor.config.model import Config, FeedConfig
from monitor.yamldoc.adapter import keys_of, validated


def salvage(value: Any) -> Config:
    """The valid parts of ``value``; defaults stand for the others, for checking only.

    A wrong feed keeps its place in the list, under an address that no other feed has.
    """
    raw = value if isinstance(value, dict) else {}
    parts: dict[str, Any] = {}
    for name in keys_of(Config):
        if name in raw and name not in {"feeds", "channels"} and (found := _valid({name: raw[name]})):
            parts[name] = getattr(found, name)
    return Config(feeds=_feeds(raw.get("feeds")), channels=_channels(raw.get("channels")), **parts)


def _feeds(raw: Any) -> tuple[FeedConfig, ...]:
    feeds = enumerate(raw if isinstance(raw, list) else ())
    return tuple(
        found.feeds[0]
        if (found := _valid({"feeds": [feed]}))
        else FeedConfig(url=f"https://{n}.invalid/", enabled=False)
        for n, feed in feeds
    )


def _channels(raw: Any) -> dict[str, Any]:
    channels = raw.items() if isinstance(raw, dict) else ()
    return {
        name: found.channels[name] for name, channel in channels if (found := _valid({"channels": {name: channel}}))
    }


def _valid(part: dict[str, Any]) -> Config | None:
    """A configuration of nothing but ``part``, None when that is not valid."""
    try:
        return validated(Config, part)
    except ValueError:
        return None
