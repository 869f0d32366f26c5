"""What the feeds of a configuration must keep to among themselves. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

_PORTS = {"http": 80, "https": 443}
# An address that is in its normal form already, as nearly all are.
_NORMAL = re.compile(r"https?://[a-z0-9.-]*[a-z0-9](?::(?!80/|443/)[1-9][0-9]{0,3}|:[1-5][0-9]{4})?/[!-\"$-~]*(?<!\?)")
_UNUSUAL = re.compile(r"\w+://(?:[^/?#]*@|\[|[0-9.]+(?:[:/?#]|$))")  # a user name, or a number for a host


def normal_url(url: str) -> str:
    """``url`` in one spelling (RFC 3986, 6.2.2 and 6.2.3): for telling whether two feeds are the same."""
    if _NORMAL.fullmatch(url):
        return url
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").rstrip(".")
    if parts.port is not None and parts.port != _PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{host}{parts.path or '/'}{query}"


def duplicates(urls: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Each of the normal ``urls`` that stands there a second time: its index, and that of the first."""
    first: dict[str, int] = {}
    for index, url in enumerate(urls):
        earlier = first.setdefault(url, index)
        if earlier != index:
            yield index, earlier


def twins(urls: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Each of the normal ``urls`` that another one equals but for http and https: its index, and that of the first."""
    first: dict[str, tuple[int, str]] = {}
    for index, url in enumerate(urls):
        scheme, _, rest = url.partition("://")
        earlier, known = first.setdefault(rest, (index, scheme))
        if known != scheme:
            yield index, earlier


def unreachable(url: str, allowed: Iterable[str]) -> str:
    """Why a feed's address is refused when it is polled, "" when nothing speaks against it."""
    if not _UNUSUAL.match(url):
        return ""
    return _unreachable("/".join(url.split("/", 3)[:3]), tuple(allowed))


@lru_cache
def _unreachable(origin: str, allowed: tuple[str, ...]) -> str:
    """The same for the beginning of an address, which many feeds share."""
    parts = urlsplit(origin)
    if "@" in parts.netloc:
        return "addresses with a user name or password are not fetched"
    try:
        address = ip_address(parts.hostname or "")
    except ValueError:
        return "is not an address in the usual form"
    if address.is_global or _is_allowed(address, endpoint_of(parts), allowed):
        return ""
    return "is not a public address"


def _is_allowed(address: IPv4Address | IPv6Address, endpoint: str, allowed: Iterable[str]) -> bool:
    for entry in allowed:
        if entry.lower() == endpoint:
            return True
        try:
            if address in ip_network(entry):
                return True
        except ValueError:
            continue
    return False


def endpoint_of(parts: SplitResult) -> str:
    """Host and port as ``fetch.allow_addresses`` names them."""
    host = parts.hostname or ""
    return f"[{host}]:{_port(parts)}" if ":" in host else f"{host}:{_port(parts)}"


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme, 0)
