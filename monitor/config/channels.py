"""The channels of ``newsbell.yaml``: where digests go. One model for each ``type``."""

from __future__ import annotations

import base64
import copy
from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from alerts.model import Secret
from monitor.config.section import ConfigSection
from monitor.yamldoc import InvalidValueError

if TYPE_CHECKING:
    from monitor.config.kinds import (
        Duration,
        Field,
        FilePath,
        Mailbox,
        OnUnknown,
        SecretFile,
        SecretText,
        SecretVariable,
        Unsubscribe,
        Url,
        WebAddress,
        Whole,
    )

DEFAULT_PORTS = {"none": 25, "starttls": 587, "tls": 465}

Format = Literal["eml", "html", "txt", "json"]


class SecretSection(ConfigSection):
    """A section with secrets, each of which stands in the file or (better) outside of it, but only in one place."""

    secret_keys: ClassVar[tuple[str, ...]]

    def needs(self, key: str) -> bool:
        """Whether the section is of no use without the secret ``key``."""
        return True

    def sources(self, key: str) -> dict[str, object]:
        """The keys that say what the secret ``key`` is or where it lies, as they were given."""
        names = (key, f"{key}_env", f"{key}_file")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    def deserves_warning(self, key: str, secret: str) -> bool:
        """Whether ``secret`` should better not stand in the file."""
        return True

    def objection(self, key: str, secret: str) -> str:
        """Why ``secret`` cannot be the ``key`` that is wanted, "" when nothing speaks against it; never shows it."""
        return ""

    def with_secret(self, key: str, secret: Secret) -> Self:
        """The section with its secret, wherever that was found: what the file says is not checked once more."""
        filled = copy.copy(self)
        vars(filled)[key] = secret
        return filled

    def __post_init__(self) -> None:
        for key in self.secret_keys:
            given = list(self.sources(key))
            if len(given) > 1:
                raise InvalidValueError(f"{' and '.join(given)} say the same thing", "keep one of them", at=(given[1],))


def is_web_address(value: str) -> bool:
    """Whether ``value`` is an http or https address with a host."""
    from monitor.config.values import check_url  # here: most starts have no address to check

    try:
        return bool(check_url(value))
    except InvalidValueError:
        return False


class _Channel(ConfigSection):
    """What every channel takes."""

    timeout: Annotated[Duration, Field(description="one deadline around an attempt, such as 30s")] = timedelta(
        seconds=30
    )


class EmailChannel(_Channel, SecretSection):
    """Digests by e-mail, one message for each recipient."""

    secret_keys: ClassVar[tuple[str, ...]] = ("password",)

    type: Annotated[Literal["email"], Field(description="digests by e-mail")]
    host: Annotated[
        str, Field(min_length=1, pattern=r"^[^\s/:@]+$", description="the mail server, such as smtp.example.org")
    ]
    security: Annotated[Literal["none", "starttls", "tls"], Field(description="how the connection is encrypted")] = (
        "starttls"
    )
    port: Annotated[
        Whole, Field(ge=1, le=65535, description="25, 587 or 465 by default, for security none, starttls or tls")
    ] = field(default_factory=int)
    username: Annotated[str | None, Field(min_length=1, description="the account that sends")] = None
    password: Annotated[SecretText | None, Field(description="better kept outside of this file")] = None
    password_env: SecretVariable = None
    password_file: SecretFile = None
    sender: Annotated[Mailbox, Field(alias="from", description="the sender, such as Newsbell <newsbell@example.org>")]
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1, description="recipients, such as [desk@example.org]")]
    threading: Annotated[
        Literal["none", "day", "profile"], Field(description="which digests a mail program shows as one conversation")
    ] = "none"
    unsubscribe: Annotated[
        Unsubscribe | None, Field(description="an https address that unsubscribes with one click (RFC 8058)")
    ] = None
    on_unknown: OnUnknown = "resend"
    archive: Annotated[Url | None, Field(description="where readers find what a mail has no room for")] = None

    def needs(self, key: str) -> bool:
        """A password belongs to a user name."""
        return self.username is not None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.port:
            object.__setattr__(self, "port", DEFAULT_PORTS[self.security])
        given = self.sources("password")
        if self.username is None and given:
            raise InvalidValueError("a password without a username", "add the username", at=(next(iter(given)),))
        for index, address in enumerate(self.to):
            if address in self.to[:index]:
                raise InvalidValueError(f"{address} is named twice", "keep one of the two", at=("to", index))


class WebhookChannel(_Channel, SecretSection):
    """Digests as JSON by POST, signed after Standard Webhooks."""

    secret_keys: ClassVar[tuple[str, ...]] = ("url", "secret")

    type: Annotated[Literal["webhook"], Field(description="digests as JSON by POST")]
    url: Annotated[
        WebAddress | None,
        Field(
            description="where to post, such as https://example.org/hook; "
            "one that lets whoever has it post is better kept outside of this file"
        ),
    ] = None
    url_env: SecretVariable = None
    url_file: SecretFile = None
    secret: Annotated[SecretText | None, Field(description="signs each message; better kept outside of this file")] = (
        None
    )
    secret_env: SecretVariable = None
    secret_file: SecretFile = None
    on_unknown: OnUnknown = "resend"
    archive: Annotated[Url | None, Field(description="where readers find what a message has no room for")] = None

    def needs(self, key: str) -> bool:
        """Without a secret the messages go out unsigned."""
        return key == "url"

    def deserves_warning(self, key: str, secret: str) -> bool:
        """Of addresses only one that holds a token, as those of chat services do."""
        return key != "url" or isinstance(self.url, Secret)

    def objection(self, key: str, secret: str) -> str:
        """An http or https address; Standard Webhooks' secret: base64, ``whsec_`` before it."""
        if key == "url":
            known = self.url is not None or is_web_address(secret)  # what stands in the file was checked
            return "" if known else "a webhook needs an http or https address"
        try:
            signer = base64.b64decode(secret.removeprefix("whsec_") + "==")
        except ValueError:
            signer = b""
        return "" if signer else "a webhook's secret is whsec_ and base64"


class FileChannel(_Channel):
    """Digests as files in a folder; needs no server."""

    type: Annotated[Literal["file"], Field(description="digests as files in a folder")]
    dir: Annotated[FilePath, Field(description="the folder, such as ../var/digests")]
    formats: Annotated[tuple[Format, ...], Field(min_length=1, description="which files to write")] = (
        "eml",
        "html",
        "txt",
        "json",
    )
    feeds: Annotated[bool, Field(description="also keep each profile's matches as Atom and JSON Feed")] = False


class AppriseChannel(_Channel, SecretSection):
    """Short notes through any service that Apprise knows (the extra ``newsbell[apprise]``)."""

    secret_keys: ClassVar[tuple[str, ...]] = ("url",)

    type: Annotated[Literal["apprise"], Field(description="short notes through a service that Apprise knows")]
    url: Annotated[SecretText | None, Field(description="an Apprise address; it holds the service's secrets")] = None
    url_env: SecretVariable = None
    url_file: SecretFile = None

    def objection(self, key: str, secret: str) -> str:
        """An address of Apprise's, such as ``slack://...``."""
        scheme, separator, _ = secret.partition("://")
        return "" if separator and scheme.isalnum() else "an Apprise address looks like slack://..."


Channel = EmailChannel | WebhookChannel | FileChannel | AppriseChannel
"""Any channel, told apart by its ``type``."""
