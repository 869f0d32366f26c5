"""The kinds of values of ``newsbell.yaml`` as pydantic checks them and the JSON Schema shows them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from alerts.model import Secret
from monitor.config.values import (
    check_contact,
    check_endpoint,
    check_loopback,
    check_mailbox,
    check_path,
    check_unsubscribe,
    check_url,
    format_duration,
    parse_duration,
    parse_size,
)
from monitor.yamldoc import InvalidValueError
from monitor.yamldoc.describe import describe
from monitor.yamldoc.kinds import Whole
from monitor.yamldoc.secrets import holds_secret

__all__ = [
    "BeforeValidator",
    "Contact",
    "Duration",
    "Endpoint",
    "Field",
    "FilePath",
    "Loopback",
    "Mailbox",
    "Name",
    "OnUnknown",
    "SecretFile",
    "SecretText",
    "SecretVariable",
    "Size",
    "Unsubscribe",
    "Url",
    "WebAddress",
    "Whole",
    "as_section",
]


def _to_secret(value: Any) -> Secret:
    if not isinstance(value, str) or not value:
        raise InvalidValueError("expected text", "put it in quotes")
    return Secret(value)


def _to_address(value: Any) -> str | Secret:
    """A web address, as a secret when it seems to hold one."""
    if not isinstance(value, str):
        raise InvalidValueError(f"expected text, got {describe(value)}", "such as https://example.org/hook")
    url = check_url(value)
    return Secret(url) if holds_secret(url) else url


def as_section(given: object) -> object:
    """An address in place of the section ``store`` as that section."""
    return {"url": given} if isinstance(given, str) else given


def _text_schema(**more: object) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **more})


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, when_used="json"),
    _text_schema(pattern=r"^[0-9P].*", examples=["30m", "2h", "1d", "PT30M"]),
]
"""A length of time, above 0."""

Size = Annotated[
    int, BeforeValidator(parse_size), WithJsonSchema({"type": ["string", "integer"], "examples": ["10MiB", "500kB"]})
]
"""A number of bytes, above 0."""

Url = Annotated[str, AfterValidator(check_url), _text_schema(format="uri", pattern="^https?://")]
"""An http or https address."""

Endpoint = Annotated[str, AfterValidator(check_endpoint)]
"""host:port, or an IP network."""

Loopback = Annotated[str, AfterValidator(check_loopback)]
"""host:port on this machine."""

Mailbox = Annotated[str, AfterValidator(check_mailbox)]
"""An e-mail address, perhaps with a name."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""What channels are called."""

VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
"""The name of an environment variable."""

FilePath = Annotated[str, Field(min_length=1), AfterValidator(check_path)]
"""A file or folder; relative to the config."""

SecretText = Annotated[Secret, PlainValidator(_to_secret), _text_schema(writeOnly=True)]
"""A secret; its text is ``***``."""

WebAddress = Annotated[str | Secret, PlainValidator(_to_address), _text_schema(format="uri", pattern="^https?://")]
"""An http or https address, which may have to be kept secret."""

SecretVariable = Annotated[
    VariableName | None, Field(description="the environment variable, or systemd credential, that holds it")
]
"""Where a secret is: in a variable."""

SecretFile = Annotated[FilePath | None, Field(description="the file, or systemd credential, whose first line it is")]
"""Where a secret is: in a file."""

Unsubscribe = Annotated[str, AfterValidator(check_unsubscribe)]
"""An https address that unsubscribes with one click."""

Contact = Annotated[str, AfterValidator(check_contact)]
"""A page or an e-mail address, for the User-Agent."""

OnUnknown = Annotated[
    Literal["resend", "hold"],
    Field(description="when no answer came: resend under the same id, or hold until you decide"),
]
"""What to do when a receiver did not say whether it took a message."""
