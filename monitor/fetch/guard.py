"""Which addresses may be reached. Pure rules: nothing is looked up or opened here.

Only global unicast addresses are reached, so that no feed, redirect or webhook can make Newsbell talk to the
machine it runs on or to its neighbours. The user's allow list names the exceptions. A URL is taken apart once and
put together again in plain ASCII, so that no later library can read another host out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

from monitor.errors import FetchError
from monitor.fetch.words import quoted

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_URL = 8_000  # characters; servers commonly refuse longer request lines

# IANA IPv4 Special-Purpose Address Registry, with multicast (224/4) and the reserved block (240/4).
_SPECIAL_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 "
        "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
    ).split()
)
# RFC 4291, 2.4: all global unicast that was ever assigned. Mapped, NAT64, local and multicast forms lie outside.
_GLOBAL_V6 = IPv6Network("2000::/3")
# Teredo and the other protocol assignments, documentation, 6to4 (which embeds an IPv4 address), documentation.
_SPECIAL_V6 = tuple(IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))

_AUTHORITY = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F.]*:[0-9a-fA-F:.]*)\]|(?P<name>[^\[\]:@%]+))(?::(?P<port>[0-9]{0,5}))?")
_SAFE = "%!$&'()*+,;=:@/?._~-"  # sent as written: a server's own spelling of its address
_CANONICAL = re.compile(
    r"(?P<scheme>https?)://(?:(?P<name>[a-z0-9._-]+)|\[(?P<v6>[0-9a-f.]*:[0-9a-f:.]*)\])(?::(?P<port>[0-9]{1,5}))?"
    rf"/[A-Za-z0-9{re.escape(_SAFE)}]*"
)
_DOTTED_QUAD = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,254}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")


class AddressError(FetchError):
    """An address that is not asked. ``permanent``: the URL itself says so, not what its name resolves to."""

    def __init__(self, url: str, message: str, *, permanent: bool = True, advice: str = "") -> None:
        super().__init__(url, message, permanent=permanent)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class AllowList:
    """The exceptions that the user has named: endpoints (host or address, with port) and networks."""

    endpoints: frozenset[tuple[str, int]] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> AllowList:
        """Read ``host:port``, ``address:port``, ``[v6]:port``, an address or a CIDR network each; else ValueError."""
        endpoints, networks = set(), []
        for entry in entries:
            parts = _AUTHORITY.fullmatch(entry.strip())
            if parts and parts["port"]:
                endpoints.add(_endpoint(parts["v6"] or parts["name"], int(parts["port"])))
            else:
                networks.append(ip_network(entry.strip()))
        return cls(frozenset(endpoints), tuple(networks))

    def names(self, host: str, port: int) -> bool:
        """True when this host name and port are listed."""
        return (host.lower().removesuffix("."), port) in self.endpoints

    def covers(self, address: IPv4Address | IPv6Address, port: int) -> bool:
        """True when this address is listed with this port or lies in a listed network."""
        listed = (str(address), port) in self.endpoints
        return listed or any(address in network for network in self.networks if network.version == address.version)


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


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """True for a global unicast address that belongs to one host on the internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)


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
        address = _literal(host, url)
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
    authority = _AUTHORITY.fullmatch(parts.netloc)
    if authority is None:
        raise AddressError(url, f"{quoted(parts.netloc)} is not a host name")
    host = f"[{authority['v6'].lower()}]" if authority["v6"] else _ascii(authority["name"], url).lower()
    port = f":{authority['port']}" if authority["port"] else ""
    query = "?" + quote(parts.query, safe=_SAFE) if parts.query else ""
    return f"{parts.scheme}://{host}{port}{quote(parts.path, safe=_SAFE) or '/'}{query}"


def _ascii(name: str, url: str) -> str:
    """A host name as DNS knows it (UTS 46), which also turns full-width digits and dots into plain ones."""
    if name.isascii():
        return name
    import idna  # needed only for names in other scripts

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise AddressError(url, f"{quoted(name)} is not a host name") from None


def _literal(host: str, url: str) -> IPv4Address | IPv6Address | None:
    """The address that ``host`` is, None when it is a name; raises ``AddressError`` when it is neither."""
    if ":" in host or _DOTTED_QUAD.fullmatch(host):
        try:
            return ip_address(host)
        except ValueError:
            raise AddressError(url, f"{host} is not a valid address") from None
    if _NUMERIC_LABEL.fullmatch(host.rstrip(".").rpartition(".")[2]):  # WHATWG URL, 3.5: "ends in a number"
        raise AddressError(url, f"{quoted(host)} is an IPv4 address in an odd form, so it is not asked")
    if not _NAME.fullmatch(host):
        raise AddressError(url, f"{quoted(host)} is not a host name")
    return None


def _endpoint(host: str, port: int) -> tuple[str, int]:
    """A listed host and port in the form that they are compared in."""
    try:
        host = _ascii(host, host).lower()
        return str(_literal(host, host) or host.removesuffix(".")), port
    except AddressError as error:
        raise ValueError(str(error)) from None


def not_public(url: str, host: str, port: int, *, permanent: bool = True) -> AddressError:
    """The refusal of a host that is, or resolves to, an address outside the public internet."""
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return AddressError(
        url,
        f"{host} is not a public address, so it is not asked",
        permanent=permanent,
        advice=f'if this is your own server, add "{shown}" to fetch.allow_addresses',
    )
