"""Builds the channels that the configuration names, each when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.model import Secret
from alerts.ports import Channel, HttpPoster
from monitor.config import model as config
from monitor.config.settings import Settings

if TYPE_CHECKING:
    from alerts.render import Renderer


def build_channels(settings: Settings, renderer: Renderer, poster: HttpPoster) -> Mapping[str, Channel]:
    """The channels by name, ready to compose and send."""
    return _Channels(settings.config.channels, lambda name, channel: _build(name, channel, settings, renderer, poster))


class _Channels(Mapping[str, Channel]):
    """Channels that are built when they are asked for: most passes deliver nothing."""

    def __init__(
        self, configured: Mapping[str, config.Channel], build: Callable[[str, config.Channel], Channel]
    ) -> None:
        self._configured = configured
        self._build = build
        self._built: dict[str, Channel] = {}

    def __getitem__(self, name: str) -> Channel:
        if name not in self._built:
            self._built[name] = self._build(name, self._configured[name])
        return self._built[name]

    def __contains__(self, name: object) -> bool:
        return name in self._configured

    def __iter__(self) -> Iterator[str]:
        return iter(self._configured)

    def __len__(self) -> int:
        return len(self._configured)


def _build(name: str, channel: config.Channel, settings: Settings, renderer: Renderer, poster: HttpPoster) -> Channel:
    match channel:
        case config.EmailChannel():
            return _email(name, channel, renderer)
        case config.WebhookChannel():
            from alerts.channels.webhook import WebhookChannel

            assert isinstance(channel.url, Secret)  # as ``SecretFinder`` leaves it
            return WebhookChannel(
                name,
                channel.url.reveal(),
                channel.secret,
                channel.timeout.total_seconds(),
                renderer,
                poster,
                archive=channel.archive or "",
                on_unknown=channel.on_unknown,
            )
        case config.FileChannel():
            from alerts.channels.file import FileChannel

            folder: Path = settings.resolve(channel.dir)
            seconds = channel.timeout.total_seconds()
            return FileChannel(name, folder, seconds, renderer, formats=channel.formats, feeds=bool(channel.feeds))
        case config.AppriseChannel():
            from alerts.channels.apprise import AppriseChannel
            from monitor.fetch.hosts import CheckedHosts

            assert channel.url is not None  # the configuration is not valid without it
            guard = CheckedHosts(settings.config.fetch.allow_addresses)
            return AppriseChannel(name, channel.url, channel.timeout.total_seconds(), renderer, guard)


def _email(name: str, channel: config.EmailChannel, renderer: Renderer) -> Channel:
    from alerts.channels.email import EmailChannel

    return EmailChannel(
        name,
        channel.host,
        channel.port,
        channel.security,
        channel.username or "",
        channel.password,
        channel.sender,
        channel.to,
        channel.timeout.total_seconds(),
        renderer,
        unsubscribe=channel.unsubscribe or "",
        threading=channel.threading,
        on_unknown=channel.on_unknown,
        archive=channel.archive or "",
    )
