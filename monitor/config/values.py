"""The kinds of values that ``newsbell.yaml`` is made of: durations, sizes, addresses, names. Pure."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from alerts.clean import clean
from monitor.addresses import AllowList
from monitor.yamldoc import InvalidValueError
from monitor.yamldoc.describe import describe

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SPAN = re.compile(r"(?:(\d{1,9}(?:\.\d{1,9})?)\s*(w|d|h|m|s)\s*)+", re.ASCII)
_SPAN_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(w|d|h|m|s)", re.ASCII)
# ISO 8601-1, 5.5.2.2, without years and months, whose length varies.
_ISO_SPAN = re.compile(
    r"P(?=.)(?:(?P<w>\d{1,9})W)?(?:(?P<d>\d{1,9})D)?(?:T(?=.)(?:(?P<h>\d{1,9})H)?(?:(?P<m>\d{1,9})M)?(?:(?P<s>\d{1,9})S)?)?",
    re.ASCII,
)
_LONGEST = timedelta(days=36_500)
_SIZE = re.compile(r"(\d{1,15})\s*(|[kMG]i?)B?", re.ASCII)
_SIZES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "ki": 2**10, "Mi": 2**20, "Gi": 2**30, "K": 2**10}
_ENDPOINT = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(?P<port>\d{1,5})", re.ASCII)
_MAILBOX = re.compile(r"(?:[^<>\x00-\x1f\x7f-\x9f]*<(?P<inner>[^<>\s]+)>|(?P<bare>[^<>\s]+))")
_ADDRESS = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*",
    re.ASCII,
)
# Nearly every address, told without taking it apart: with thousands of feeds that is felt at each start.
_PLAIN_URL = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[1-9][0-9]{0,3}|:[1-5][0-9]{4})?/[!-~]*"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NEARLY_HTTP = re.compile(r"[hxtps]{3,7}")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f]")


def parse_duration(value: Any) -> timedelta:
    """``30m``, ``1h30m``, ``2d`` or ISO 8601 such as ``PT30M`` as a length of time above 0."""
    if isinstance(value, timedelta):
        return value
    hint = f"add a unit: {value}s, {value}m or {value}h" if isinstance(value, int) and value > 0 else ""
    parts = _duration_parts(value.strip()) if isinstance(value, str) else []
    if not parts:
        raise InvalidValueError(f"expected a duration such as 30m or 2h, got {describe(value)}", hint)
    seconds = sum((timedelta(**{_UNITS[unit]: 1}).total_seconds() * number for number, unit in parts), 0.0)
    if not 0 < seconds <= _LONGEST.total_seconds():
        raise InvalidValueError(f"{value} is not a duration above 0 and below 100 years")
    return timedelta(seconds=seconds)


def _duration_parts(text: str) -> list[tuple[float, str]]:
    if _SPAN.fullmatch(text):
        return [(float(number), unit) for number, unit in _SPAN_PART.findall(text)]
    iso = _ISO_SPAN.fullmatch(text)
    return [(float(number), unit) for unit, number in iso.groupdict().items() if number] if iso else []


def format_duration(span: timedelta) -> str:
    """A length of time as one writes it: ``30m``, ``1d12h``; fractions of a second are dropped."""
    rest = int(span.total_seconds())
    text = ""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def parse_size(value: Any) -> int:
    """``10MiB``, ``500kB`` or a plain number of bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    size = int(found[1]) * _SIZES[found[2]] if found else 0
    if size <= 0:
        raise InvalidValueError(f"expected a size such as 10MiB, got {describe(value)}")
    return size


def check_url(value: str) -> str:
    """An http or https address with a host."""
    url = value.strip()
    if _PLAIN_URL.fullmatch(url):
        return url
    parts = _split(url)
    if parts is None or _UNPRINTABLE.search(url):
        raise InvalidValueError(f"{describe(value)} is not an address", "such as https://example.org/feed")
    if parts.scheme not in {"http", "https"}:
        raise InvalidValueError(f"expected an http or https address, got {describe(value)}", _scheme_hint(url, parts))
    if not parts.hostname:
        raise InvalidValueError(f"{describe(value)} names no host", "such as https://example.org/feed")
    return url


def _split(url: str) -> SplitResult | None:
    """``url`` taken apart, None when its brackets or its port make no sense."""
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


def _scheme_hint(url: str, parts: SplitResult) -> str:
    if parts.scheme == "feed" or _NEARLY_HTTP.fullmatch(parts.scheme):
        return f"write https: in place of {parts.scheme}:"
    return f"write https://{url.lstrip('/')}" if "://" not in url and "." in url else ""


def check_path(value: str) -> str:
    """The path of a file or folder: no system takes a NUL in one, and nobody means another control character."""
    if _CONTROL.search(value):
        raise InvalidValueError(f"{describe(value)} cannot be the name of a file", "no control characters")
    return value


def check_endpoint(value: str) -> str:
    """An exception to the rule that only public addresses are reached: ``host:port`` or a network."""
    text = value.strip()
    try:
        AllowList.parse([text])
    except ValueError:
        hint = 'such as "127.0.0.1:8911", "feeds.intranet:80" or "10.1.0.0/16"'
        raise InvalidValueError(f"expected host:port or a network, got {describe(value)}", hint) from None
    return text


def check_loopback(value: str) -> str:
    """An address of this machine to listen at: ``127.0.0.1:9464`` or ``[::1]:9464``."""
    endpoint = _ENDPOINT.fullmatch(value.strip())
    if endpoint is None or not 0 < int(endpoint["port"]) < 65536:
        raise InvalidValueError(f"expected host:port, got {describe(value)}", "such as 127.0.0.1:9464")
    host = endpoint["host"].strip("[]")
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        hint = "use 127.0.0.1 and a reverse proxy, which asks who is there"
        raise InvalidValueError(f"{host} is not an address of this machine's own", hint)
    return value.strip()


def check_mailbox(value: str) -> str:
    """An e-mail address (RFC 5321 with a dot-string), with or without a name: ``Desk <desk@example.org>``.

    As a header may carry it: on one line, without marks that reorder it.
    """
    text = clean(value)
    if "=?" in text:
        hint = "write the name itself, in its own letters: the mail encodes it"
        raise InvalidValueError(f"{describe(value)} holds an encoded word", hint)
    found = _MAILBOX.fullmatch(value.strip()) and _MAILBOX.fullmatch(text)
    if found is None or not _is_address(found["inner"] or found["bare"]):
        hint = "such as desk@example.org or Desk <desk@example.org>"
        raise InvalidValueError(f"{describe(value)} is not an e-mail address", hint)
    return text


def _is_address(address: str) -> bool:
    user, _, domain = address.rpartition("@")
    try:
        return bool(_ADDRESS.fullmatch(f"{user}@{domain.encode('idna').decode()}"))
    except UnicodeError:
        return False


def check_unsubscribe(value: str) -> str:
    """An address for one-click unsubscribing: https, short, in plain ASCII (RFC 8058)."""
    if not value.startswith("https://") or not value.isascii() or set(value) & set("<>,") or len(value) > 500:
        raise InvalidValueError(f"expected an https address, got {describe(value)}", "one-click needs https (RFC 8058)")
    return check_url(value)


def check_contact(value: str) -> str:
    """What stands in the User-Agent: the address of a page, or an e-mail address, in plain ASCII."""
    address = check_url(value) if "://" in value else check_mailbox(value)
    if not address.isascii() or set(address) & set("()\\"):
        raise InvalidValueError(f"{describe(value)} cannot stand in a request header", "plain ASCII without brackets")
    return address
