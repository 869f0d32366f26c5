"""What is right in a configuration that is not: so that one mistake does not hide the next."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from monitor.config.channels import Channel
from monitor.config.model import Config, FeedConfig

T = TypeVar("T")


def salvage(value: Any) -> Config:
    """The valid parts of ``value``; defaults stand for the others, for checking only.

    A wrong feed keeps its place in the list, under an address that no other feed has.
    """
    raw = value if isinstance(value, dict) else {}
    parts: dict[str, Any] = {}
    for name, info in Config.model_fields.items():
        if name in raw and name not in {"feeds", "channels"}:
            found = _valid(TypeAdapter(info.rebuild_annotation()), raw[name])
            parts |= {name: found} if found is not None else {}
    return Config.model_construct(feeds=_feeds(raw.get("feeds")), channels=_channels(raw.get("channels")), **parts)


def _feeds(raw: Any) -> tuple[FeedConfig, ...]:
    adapter = TypeAdapter(FeedConfig)
    feeds = enumerate(raw if isinstance(raw, list) else ())
    return tuple(_valid(adapter, feed) or FeedConfig(url=f"https://{n}.invalid/", enabled=False) for n, feed in feeds)


def _channels(raw: Any) -> dict[str, Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(Channel)
    channels = raw.items() if isinstance(raw, dict) else ()
    return {name: found for name, channel in channels if (found := _valid(adapter, channel)) is not None}


def _valid(adapter: TypeAdapter[T], value: Any) -> T | None:
    try:
        return adapter.validate_python(value)
    except ValidationError:
        return None
