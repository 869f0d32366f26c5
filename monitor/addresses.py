"""Host names, addresses and the exceptions that a user names, read the same way everywhere. Pure.

Only global unicast addresses are public. IPv4 addresses in odd forms (decimal, octal, hex, short) are neither names nor
addresses here: libraries read different hosts out of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from alerts.record import record
from monitor.text.quote import quoted

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

AUTHORITY = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F.]*:[0-9a-fA-F:.]*)\]|(?P<name>[^\[\]:@%]+))(?::(?P<port>[0-9]{0,5}))?")
_DOTTED_QUAD = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,254}}\Z){_LABEL}(?:\.{_LABEL})*\.?")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """True for a global unicast address that belongs to one host on the internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)


def ascii_name(name: str) -> str:
    """A host name as DNS knows it (UTS 46), which also turns full-width digits and dots into plain ones.

    Raises ``ValueError`` with a user's words.
    """
    if name.isascii():
        return name
    import idna  # needed only for names in other scripts

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError(f"{quoted(name)} is not a host name") from None


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that ``host``, in lower case, is; None when it is a name. ``ValueError`` when it is neither."""
    if ":" in host or _DOTTED_QUAD.fullmatch(host):
        try:
            return ip_address(host)
        except ValueError:
            raise ValueError(f"{host} is not a valid address") from None
    if _NUMERIC_LABEL.fullmatch(host.rstrip(".").rpartition(".")[2]):  # WHATWG URL, 3.5: "ends in a number"
        raise ValueError(f"{quoted(host)} is an IPv4 address in an odd form, so it is not asked")
    if not _NAME.fullmatch(host):
        raise ValueError(f"{quoted(host)} is not a host name")
    return None


@record
class AllowList:
    """The exceptions that the user has named: endpoints (host or address, with port) and networks."""

    endpoints: frozenset[tuple[str, int]] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> AllowList:
        """Read ``host:port``, ``address:port``, ``[v6]:port``, an address or a CIDR network each; else ValueError."""
        endpoints, networks = set(), []
        for entry in entries:
            parts = AUTHORITY.fullmatch(entry.strip())
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


def _endpoint(host: str, port: int) -> tuple[str, int]:
    """A listed host and port in the form that they are compared in."""
    if not 0 < port < 65536:
        raise ValueError(f"there is no port {port}")
    host = ascii_name(host).lower()
    return str(literal(host) or host.removesuffix(".")), port
