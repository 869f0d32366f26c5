"""What an answer's header fields mean for the next poll. Pure.

Dates are read against the answer's own ``Date``, or against ``now`` where it has none that can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.model import Validators

MAX_RETRY_AFTER = timedelta(days=31)
MAX_FRESHNESS = timedelta(days=31)
MAX_VALIDATOR = 1_024  # bytes; a longer one is not worth sending back at every poll

_SECONDS = re.compile(r'"?\+?([0-9]+)(\.[0-9]+)? ?(?:s|sec|secs|seconds)?"?', re.IGNORECASE)  # as servers write them
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*", re.IGNORECASE)
_UNSENDABLE = re.compile(rb"[\x00-\x1f\x7f]")

Fields = Mapping[bytes, bytes]


def fields(raw: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Header fields by lower-case name; repeated ones joined with commas (RFC 9110, 5.3)."""
    found: dict[bytes, bytes] = {}
    for name, value in raw:
        key = name.lower()
        found[key] = found[key] + b", " + value if key in found else value
    return found


def text(found: Fields, name: bytes) -> str:
    """One field as text, "" when missing."""
    return found.get(name, b"").decode("latin-1").strip()


def validators(found: Fields) -> Validators:
    """``ETag`` and ``Last-Modified`` as they came, for sending back byte for byte (RFC 9110, 8.8).

    One that is empty, overlong or holds control characters is as good as missing.
    """
    return Validators(_validator(found.get(b"etag")), _validator(found.get(b"last-modified")))


def _validator(value: bytes | None) -> str | None:
    if not value or len(value) > MAX_VALIDATOR or _UNSENDABLE.search(value):
        return None
    return value.decode("latin-1")


def _as_sent(value: str) -> str:
    return value if value.isascii() else value.encode("latin-1").decode("ascii", "surrogateescape")


def conditions(known: Validators) -> dict[str, str]:
    """The request fields of a conditional GET (RFC 9110, 13.1), the bytes beyond ASCII as lone surrogates (PEP 383)."""
    asked = {}
    if known.etag:
        asked["If-None-Match"] = _as_sent(known.etag)
    if known.last_modified:
        asked["If-Modified-Since"] = _as_sent(known.last_modified)
    return asked


def retry_after(found: Fields, now: datetime | None = None) -> timedelta | None:
    """``Retry-After`` as a pause (RFC 9110, 10.2.3), at most 31 days; None when missing, past, zero or malformed.

    The longest of several: a proxy adds its own to the origin's.
    """
    values = _values(text(found, b"retry-after"))
    pauses = [_seconds(value, MAX_RETRY_AFTER) or _until(value, found, now) or timedelta() for value in values]
    return min(max(pauses), MAX_RETRY_AFTER) or None if pauses else None


def _values(text: str) -> list[str]:
    """The values of a field that may have been sent several times; the comma of a date divides nothing."""
    found: list[str] = []
    for part in (part.strip() for part in text.split(",")):
        if found and _WEEKDAY.fullmatch(found[-1]):
            found[-1] += f", {part}"
        elif part:
            found.append(part)
    return found


def freshness(found: Fields, now: datetime | None = None) -> timedelta | None:
    """How long the answer may be used without asking again (RFC 9111, 4.2.1), for a private cache.

    ``max-age`` less ``Age``, else ``Expires`` less ``Date``; ``s-maxage`` is for shared caches. None when the answer
    says nothing, wants no caching, or is stale already; at most 31 days.
    """
    if b"cache-control" not in found and b"expires" not in found:
        return None
    directives = _directives(text(found, b"cache-control"))
    if "no-store" in directives or directives.get("no-cache") == "":  # with names of fields it speaks of those alone
        return None
    if "max-age" in directives:
        fresh = _seconds(directives["max-age"], MAX_FRESHNESS)
    else:
        fresh = _until(text(found, b"expires"), found, now)
    age = _seconds(text(found, b"age"), MAX_FRESHNESS)
    left = min(fresh, MAX_FRESHNESS) - (age or timedelta()) if fresh else timedelta()
    return left if left > timedelta() else None


def _directives(value: str) -> dict[str, str]:
    """Cache-Control directives by lower-case name; the first of repeated ones counts. Some servers write ``;``."""
    found: dict[str, str] = {}
    for part in value.replace(";", ",").split(",") if value else ():
        name, _, argument = part.partition("=")
        found.setdefault(name.strip().lower(), argument.strip().strip('"'))
    return found


def _seconds(value: str, most: timedelta) -> timedelta | None:
    """Delta-seconds (RFC 9111, 1.2.2), at most ``most``, parts of one as a whole one; None when it is no number."""
    written = _SECONDS.fullmatch(value)
    if not written:
        return None
    whole, part = written.groups()
    return most if len(whole) > 9 else min(timedelta(seconds=int(whole) + bool(part)), most)


def _until(value: str, found: Fields, now: datetime | None) -> timedelta | None:
    """How far the HTTP date ``value`` lies after the answer's own ``Date``, else ``now``; None when it does not."""
    then = _date(value)
    if then is None:
        return None
    sent = next(filter(None, map(_date, _values(text(found, b"date")))), now)
    return then - sent if sent and then > sent else None


def _date(value: str) -> datetime | None:
    """An HTTP date in any of its three forms (RFC 9110, 5.6.7), None when it is none."""
    try:
        parsed = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
