"""Which addresses may be reached. Pure rules: nothing is looked up or opened here.

Only global unicast addresses are reached, so that no feed, redirect or webhook can make Newsbell talk to the
machine it runs on or to its neighbours. The user's allow list names the exceptions. A URL is taken apart once and
put together again in plain ASCII, so that no later library can read another host out of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote, urlsplit

from monitor.addresses import AUTHORITY, AllowList, ascii_name, is_public, literal
from monitor.errors import FetchError
from monitor.text.quote import quoted

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_URL = 8_000  # characters; servers commonly refuse longer request lines

_SAFE = "%!$&'()*+,;=:@/?._~-"  # sent as written: a server's own spelling of its address
_CANONICAL = re.compile(
    r"(?P<scheme>https?)://(?:(?P<name>[a-z0-9._-]+)|\[(?P<v6>[0-9a-f.]*:[0-9a-f:.]*)\])(?::(?P<port>[0-9]{1,5}))?"
    rf"/[A-Za-z0-9{re.escape(_SAFE)}]*"
)
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")


class AddressError(FetchError):
    """An address that is not asked. ``permanent``: the URL itself says so, not what its name resolves to."""

    def __init__(self, url: str, message: str, *, permanent: bool = True, advice: str = "") -> None:
        super().__init__(url, message, permanent=permanent)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be asked for. ``url`` is pure ASCII and without fragment; ``authority`` is host:port."""

    url: str
    host: str
    port: int

    @property
    def authority(self) -> tuple[str, int]:
        """What requests are counted by: host and port."""
        return (self.host, self.port)


def may_reach(address: str, port: int, allow: AllowList) -> bool:
    """True when a connection to this resolved address may be opened. A zone id (``fe80::1%eth0``) never passes."""
    if "%" in address:
        return False
    parsed = ip_address(address)
    return is_public(parsed) or allow.covers(parsed, port)


def check_url(url: str, allow: AllowList) -> Target:
    """Take ``url`` apart and refuse what must not be asked for; names are judged again when they are resolved.

    Raises ``AddressError`` for other schemes than http and https, user names, zone ids, malformed hosts, IPv4
    addresses in odd forms (decimal, octal, hex, short), and literal addresses that are neither public nor allowed.
    """
    if len(url) > MAX_URL:
        raise AddressError(url[:200], f"the address is longer than {MAX_URL:,} characters")
    parts = _CANONICAL.fullmatch(url)
    if parts is None:
        url = _canonical(url)
        parts = _CANONICAL.fullmatch(url)
    if parts is None:
        raise AddressError(url, "the address is malformed")
    host, port = parts["name"] or parts["v6"], int(parts["port"] or DEFAULT_PORTS[parts["scheme"]])
    if not 0 < port < 65536:
        raise AddressError(url, f"there is no port {port}")
    if (host, port) not in allow.endpoints:
        address = _literal(url, host)
        if address and not (is_public(address) or allow.covers(address, port)):
            raise not_public(url, host, port)
    return Target(url, host, port)


def _canonical(url: str) -> str:
    """The same address in the one spelling that ``check_url`` reads: ASCII, lower-case host, no fragment."""
    url = url.strip(" ")
    if _FORBIDDEN.search(url):
        raise AddressError(url, "the address holds characters that no address may hold")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise AddressError(url, "the address is malformed") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise AddressError(url, f"only http and https addresses are fetched, not {quoted(parts.scheme or url)}")
    if "@" in parts.netloc:
        raise AddressError(url, "addresses with a user name or password are not fetched")
    authority = AUTHORITY.fullmatch(parts.netloc)
    if authority is None:
        raise AddressError(url, f"{quoted(parts.netloc)} is not a host name")
    host = f"[{authority['v6'].lower()}]" if authority["v6"] else _named(url, authority["name"])
    port = f":{authority['port']}" if authority["port"] else ""
    query = "?" + quote(parts.query, safe=_SAFE) if parts.query else ""
    return f"{parts.scheme}://{host}{port}{quote(parts.path, safe=_SAFE) or '/'}{query}"


def _named(url: str, name: str) -> str:
    try:
        return ascii_name(name).lower()
    except ValueError as error:
        raise AddressError(url, str(error)) from None


def _literal(url: str, host: str) -> IPv4Address | IPv6Address | None:
    try:
        return literal(host)
    except ValueError as error:
        raise AddressError(url, str(error)) from None


def not_public(url: str, host: str, port: int, *, permanent: bool = True) -> AddressError:
    """The refusal of a host that is, or resolves to, an address outside the public internet."""
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return AddressError(
        url,
        f"{host} is not a public address, so it is not asked",
        permanent=permanent,
        advice=f'if this is your own server, add "{shown}" to fetch.allow_addresses',
    )
