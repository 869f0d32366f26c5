"""The configuration file: one definition for validation, typed access and the JSON Schema."""

from __future__ import annotations

from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from monitor.config.channels import (
    AppriseChannel,
    Channel,
    EmailChannel,
    FileChannel,
    SecretSection,
    WebhookChannel,
    is_web_address,
)
from monitor.config.section import ConfigSection
from monitor.yamldoc import InvalidValueError

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from monitor.config.kinds import (
        BeforeValidator,
        Contact,
        Duration,
        Endpoint,
        Field,
        FilePath,
        Loopback,
        Name,
        SecretFile,
        SecretText,
        SecretVariable,
        Size,
        Url,
        Whole,
        as_section,
    )

__all__ = [
    "AppriseChannel",
    "Channel",
    "Config",
    "EmailChannel",
    "FeedConfig",
    "FetchConfig",
    "FileChannel",
    "LogConfig",
    "MetricsConfig",
    "NoticesConfig",
    "PingConfig",
    "RetentionConfig",
    "SecretSection",
    "StoreConfig",
    "WebhookChannel",
]


_MAX_INTERVAL = timedelta(hours=12)


class FetchConfig(ConfigSection):
    """How feeds are polled."""

    interval: Annotated[Duration, Field(description="how often a feed is polled at most, such as 30m")] = timedelta(
        minutes=30
    )
    max_interval: Annotated[
        Duration, Field(description="how rarely a quiet feed is polled at least; equal to interval: all alike")
    ] = _MAX_INTERVAL
    timeout: Annotated[Duration, Field(description="one deadline around a fetch, such as 30s")] = timedelta(seconds=30)
    max_bytes: Annotated[Size, Field(description="the largest document that is read, such as 10MiB")] = 10 * 2**20
    concurrency: Annotated[Whole, Field(ge=1, le=1000, description="requests at a time")] = 50
    per_host: Annotated[Whole, Field(ge=1, le=100, description="requests at a time to one host")] = 2
    allow_addresses: Annotated[
        tuple[Endpoint, ...],
        Field(description="addresses to reach although they are not public: host:port or a network"),
    ] = ()

    def __post_init__(self) -> None:
        if self.max_interval is not _MAX_INTERVAL and self.max_interval < self.interval:
            raise InvalidValueError("is shorter than interval", "make it at least as long", at=("max_interval",))


class FeedConfig(ConfigSection):
    """A feed to watch."""

    url: Annotated[Url, Field(description="the feed's address, such as https://example.org/feed")]
    title: Annotated[str, Field(max_length=200, description="what to call it; by default what it calls itself")] = ""
    lang: Annotated[
        str | None,
        Field(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", description="its language, such as en, ja or km"),
    ] = None
    interval: Annotated[Duration | None, Field(description="for this feed in place of fetch.interval, such as 2h")] = (
        None
    )
    enabled: Annotated[bool, Field(description="false: leave it alone")] = True


class RetentionConfig(ConfigSection):
    """How long what was collected is kept."""

    entries: Annotated[Duration, Field(description="entries, matches and sent messages, such as 180d")] = timedelta(
        days=180
    )
    seen: Annotated[Duration, Field(description="what is remembered to tell nothing twice, such as 730d")] = timedelta(
        days=730
    )

    def __post_init__(self) -> None:
        if self.seen < self.entries:
            raise InvalidValueError("is shorter than retention.entries", "make it at least as long", at=("seen",))


class NoticesConfig(ConfigSection):
    """What Newsbell tells of itself; by default a line in the next digest."""

    channels: Annotated[
        tuple[Name, ...],
        Field(description="send notices at once through these channels, in place of a line in the next digest"),
    ] = ()
    feed_down: Annotated[
        Duration,
        Field(
            description="a feed that fails for so long is called failing, and the run ends with 4; "
            "when the last one that could be read is, its readers are told at once"
        ),
    ] = timedelta(days=1)
    no_match: Annotated[
        Duration | None, Field(description="say so when a profile found nothing for so long; null: never")
    ] = timedelta(days=14)
    spike: Annotated[bool, Field(description="say so when far more matches than usual arrive")] = True


class PingConfig(SecretSection):
    """An address that is asked after each pass, so that a monitor (such as healthchecks.io) notices when none comes."""

    secret_keys: ClassVar[tuple[str, ...]] = ("url",)

    url: Annotated[SecretText | None, Field(description="the monitor's address, such as https://hc-ping.com/...")] = (
        None
    )
    url_env: SecretVariable = None
    url_file: SecretFile = None
    timeout: Annotated[Duration, Field(description="one deadline around a ping")] = timedelta(seconds=10)

    def deserves_warning(self, key: str, secret: str) -> bool:
        """Whoever has it can say that all is well, and no more."""
        return False

    def objection(self, key: str, secret: str) -> str:
        """It must be an http or https address."""
        return "" if is_web_address(secret) else "a ping needs an http or https address"


class StoreConfig(SecretSection):
    """Where Newsbell remembers: a SQLite file, or a PostgreSQL database that several workers share.

    The address of a database may stand in place of the section: ``store: postgresql://newsbell@db.example/newsbell``.
    """

    secret_keys: ClassVar[tuple[str, ...]] = ("url",)

    path: Annotated[FilePath, Field(description="the SQLite file, in the state folder")] = "newsbell.db"
    url: Annotated[
        SecretText | None, Field(description="a PostgreSQL database, such as postgresql://user@host/database")
    ] = None
    url_env: SecretVariable = None
    url_file: SecretFile = None

    def needs(self, key: str) -> bool:
        """Without an address the store is a file."""
        return False

    def deserves_warning(self, key: str, secret: str) -> bool:
        """Only a password should not stand in the file."""
        return _has_password(secret)

    def objection(self, key: str, secret: str) -> str:
        """It must be an address of PostgreSQL."""
        return "" if secret.startswith(("postgresql://", "postgres://")) else _NO_DATABASE

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        section = handler.resolve_ref_schema(handler(schema))
        description = section.pop("description", "")
        return {"description": description, "anyOf": [{"type": "string", "pattern": "^postgres(ql)?://"}, section]}


_NO_DATABASE = "a database's address begins with postgresql://"


def _has_password(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    return parts.password is not None or "password=" in parts.query


class LogConfig(ConfigSection):
    """What is written about the work, to stderr."""

    level: Annotated[Literal["debug", "info", "warning", "error"], Field(description="how much")] = "info"
    format: Annotated[
        Literal["auto", "human", "logfmt", "json"],
        Field(description="auto: for people on a terminal, with journal priorities under systemd, else logfmt"),
    ] = "auto"


class MetricsConfig(ConfigSection):
    """Numbers for Prometheus; newsbell metrics prints them without any of this."""

    file: Annotated[
        FilePath | None, Field(description="written after each pass, for the node exporter: .../newsbell.prom")
    ] = None
    listen: Annotated[
        Loopback | None, Field(description="where the daemon serves them on this machine, such as 127.0.0.1:9464")
    ] = None


class Config(ConfigSection):
    """Newsbell's configuration, newsbell.yaml."""

    state_dir: Annotated[FilePath | None, Field(description="the folder for what Newsbell remembers")] = None
    contact: Annotated[
        Contact | None,
        Field(description="a page or e-mail address for publishers, sent in the User-Agent"),
    ] = None
    fetch: FetchConfig = field(default_factory=FetchConfig)
    feeds: Annotated[tuple[FeedConfig, ...], Field(description="the feeds to watch")] = ()
    channels: Annotated[
        dict[Name, Annotated[Channel, Field(discriminator="type")]], Field(description="where digests go, by name")
    ] = field(default_factory=dict)
    profiles: Annotated[
        tuple[FilePath, ...], Field(description="files of watch profiles; * and ? stand for any name")
    ] = ("profiles/*.yaml",)
    templates: Annotated[FilePath | None, Field(description="the folder of your own digest templates")] = None
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    notices: NoticesConfig = field(default_factory=NoticesConfig)
    ping: Annotated[PingConfig | None, Field(description="tell a monitor that the work goes on")] = None
    store: Annotated[StoreConfig, BeforeValidator(as_section)] = field(default_factory=StoreConfig)
    log: LogConfig = field(default_factory=LogConfig)
    metrics: MetricsConfig = field(default_factory=MetricsConfig)
