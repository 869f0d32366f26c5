"""Which addresses are public, what a host name is, and which exceptions a user has named."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.addresses import AllowList, ascii_name, is_public, literal

LABEL = st.from_regex(r"[a-z](?:[a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABEL, min_size=1, max_size=4).map(".".join)


class TestPublic:
    @given(st.ip_addresses())
    def test_nothing_is_public_that_the_registries_call_special(self, address: IPv4Address | IPv6Address) -> None:
        """Python's own reading of the registries is the second opinion; ours may be stricter, never laxer."""
        assert address.is_global or not is_public(address)

    @pytest.mark.parametrize(
        ("network", "public"),
        [
            ("9.255.255.255", True),
            ("10.0.0.0", False),
            ("10.255.255.255", False),
            ("11.0.0.0", True),
            ("100.63.255.255", True),
            ("100.64.0.0", False),
            ("100.127.255.255", False),
            ("100.128.0.0", True),
            ("169.254.169.254", False),
            ("172.15.255.255", True),
            ("172.16.0.0", False),
            ("172.31.255.255", False),
            ("172.32.0.0", True),
            ("192.88.99.1", False),
            ("198.17.255.255", True),
            ("198.18.0.0", False),
            ("198.20.0.0", True),
            ("223.255.255.255", True),
            ("224.0.0.0", False),
            ("255.255.255.255", False),
            ("1fff:ffff::", False),
            ("2000::1", True),
            ("2001:1ff::1", False),
            ("2001:200::1", True),
            ("2001:db8::1", False),
            ("2002:a00:1::", False),
            ("2003::1", True),
            ("3fff:fff::1", False),
            ("4000::", False),
            ("64:ff9b::808:808", False),
            ("fd00::1", False),
        ],
    )
    def test_the_borders_of_what_is_special(self, network: str, public: bool) -> None:
        assert is_public(ip_address(network)) is public


class TestNames:
    @pytest.mark.parametrize(
        ("written", "name"),
        [
            ("port.example", "port.example"),
            ("zürich.example", "xn--zrich-kva.example"),
            ("ＰＯＲＴ.example", "port.example"),
            ("１２７.０.０.１", "127.0.0.1"),
            ("ü\u200b.example", "xn--tda.example"),
            ("日本。example", "xn--wgv71a.example"),
        ],
    )
    def test_a_name_in_any_script_is_one_that_dns_knows(self, written: str, name: str) -> None:
        assert ascii_name(written) == name

    @pytest.mark.parametrize("written", ["é..example", "ü" * 70, "\u0301a.example"])
    def test_what_dns_cannot_know_is_refused_in_a_users_words(self, written: str) -> None:
        with pytest.raises(ValueError, match="is not a host name"):
            ascii_name(written)

    @given(st.ip_addresses())
    def test_an_address_is_the_address_it_says(self, address: IPv4Address | IPv6Address) -> None:
        assert literal(str(address)) == address

    @given(NAMES)
    def test_a_name_is_no_address(self, name: str) -> None:
        assert literal(name) is None
        assert literal(f"{name}.") is None

    @pytest.mark.parametrize(
        "host", ["2130706433", "127.1", "0x7f.1", "0177.0.0.1.", "a.0x", "1.2.3.4.5", "127.0.0.1.", "port.example.9"]
    )
    def test_numbers_in_odd_forms_are_neither(self, host: str) -> None:
        with pytest.raises(ValueError, match="odd form"):
            literal(host)

    @pytest.mark.parametrize("host", ["256.1.1.1", "01.2.3.4", "1::2::3", "fe80::1::"])
    def test_a_bad_address_is_called_so(self, host: str) -> None:
        with pytest.raises(ValueError, match="is not a valid address"):
            literal(host)

    @pytest.mark.parametrize("host", ["", "-a.example", "a-.example", "a..b", "a b", f"{'a' * 64}.example", "a." * 128])
    def test_what_no_host_can_be_called_is_refused(self, host: str) -> None:
        with pytest.raises(ValueError, match="is not a host name"):
            literal(host)


class TestAllowList:
    def test_a_host_is_listed_with_its_port_and_whatever_its_case(self) -> None:
        allow = AllowList.parse([" Feeds.Example:8080 ", "zürich.example:80"])
        assert allow.names("feeds.example", 8080)
        assert allow.names("FEEDS.EXAMPLE.", 8080)
        assert allow.names("xn--zrich-kva.example", 80)
        assert not allow.names("feeds.example", 80)
        assert not allow.names("other.feeds.example", 8080)

    def test_an_address_is_listed_with_its_port_a_network_with_every_port(self) -> None:
        allow = AllowList.parse(["127.0.0.1:8911", "[::1]:81", "10.1.0.0/16", "fd00::/8", "192.168.7.7"])
        listed = {("127.0.0.1", 8911), ("::1", 81), ("10.1.255.1", 9), ("fd12::1", 9), ("192.168.7.7", 9)}
        assert {pair for pair in listed if allow.covers(ip_address(pair[0]), pair[1])} == listed
        others = {("127.0.0.1", 80), ("::1", 80), ("10.2.0.0", 9), ("fe80::1", 9), ("192.168.7.8", 9)}
        assert {pair for pair in others if allow.covers(ip_address(pair[0]), pair[1])} == set()

    @given(st.ip_addresses(), st.integers(1, 65535), st.integers(1, 65535))
    def test_an_endpoint_covers_itself_and_nothing_else(
        self, address: IPv4Address | IPv6Address, port: int, other: int
    ) -> None:
        written = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
        assert AllowList.parse([written]).covers(address, other) is (port == other)

    @pytest.mark.parametrize(
        "entry",
        ["feeds.example:0", "feeds.example:65536", "10.1.0.1/16", "feeds.example", "127.1:80", "", "[::1]:99999"],
    )
    def test_what_says_no_endpoint_and_no_network_is_refused(self, entry: str) -> None:
        with pytest.raises(ValueError, match=r"\S"):
            AllowList.parse([entry])

    def test_an_empty_one_allows_nothing(self) -> None:
        assert not AllowList().names("localhost", 80)
        assert not AllowList().covers(ip_address("127.0.0.1"), 80)
