"""Which addresses may be reached, and that no spelling of an address slips past."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from urllib.parse import urlsplit

import httpx
import pytest
import yarl
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.addresses import AllowList, is_public
from monitor.config.values import check_endpoint
from monitor.fetch.guard import AddressError, check_url, may_reach
from monitor.yamldoc import InvalidValueError

NOBODY = AllowList()
INNER_V4 = ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"]
INNER_V4 += ["192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"]


def inner_addresses() -> st.SearchStrategy[IPv4Address]:
    """Addresses of machines that a stranger must not reach through us."""
    return st.sampled_from(INNER_V4).map(IPv4Network).flatmap(lambda net: st.ip_addresses(network=str(net), v=4))


def refusal(url: str, allow: AllowList = NOBODY) -> AddressError:
    with pytest.raises(AddressError) as caught:
        check_url(url, allow)
    return caught.value


# ------------------------------------------------------------------------------ addresses


@given(inner_addresses())
def test_no_private_loopback_or_link_local_address_is_public(address: IPv4Address) -> None:
    assert not is_public(address)
    assert not may_reach(str(address), 80, NOBODY)


@given(inner_addresses())
def test_no_ipv6_form_of_an_inner_ipv4_address_is_public(address: IPv4Address) -> None:
    number = int(address)
    mapped = IPv6Address((0xFFFF << 32) | number)
    compatible = IPv6Address(number)
    nat64 = IPv6Address((0x64FF9B << 96) | number)
    local_nat64 = IPv6Address((0x64FF9B0001 << 80) | number)
    six_to_four = IPv6Address((0x2002 << 112) | (number << 80))
    teredo = IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF))
    for form in (mapped, compatible, nat64, local_nat64, six_to_four, teredo):
        assert not is_public(form)


@pytest.mark.parametrize(
    "address",
    [
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
    ],
)
def test_no_local_multicast_or_documentation_ipv6_address_is_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "203.0.112.1", "223.255.255.255", "2606:4700::1111", "2a00::1"]
)
def test_the_internet_may_be_reached(address: str) -> None:
    assert is_public(ip_address(address))
    assert may_reach(address, 443, NOBODY)


def test_an_address_with_a_zone_is_never_reached() -> None:
    assert not may_reach("fe80::1%eth0", 80, AllowList.parse(["fe80::/10"]))


# ------------------------------------------------------------------------------ addresses inside URLs


def odd_forms(address: IPv4Address) -> st.SearchStrategy[str]:
    """The other spellings that resolvers of the C library understand (inet_aton)."""
    number = int(address)
    a, b, c, d = address.packed
    return st.sampled_from(
        [
            f"{number}",
            f"{number:#x}",
            f"{number:#o}".replace("0o", "0"),
            f"{a:#x}.{b}.{c}.{d}",
            f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
            f"{a}.{number & 0xFFFFFF}",
            f"{a}.{b}.{number & 0xFFFF}",
            f"{a:03d}.{b}.{c}.{d}" if a < 100 else f"0{a}.{b}.{c}.{d}",
            f"{address}.",
            f"{a}.{b}.{c}.0x{d:x}",
            f"[::ffff:{address}]",
            f"[::{address}]",
            str(address).translate({ord(str(n)): 0xFF10 + n for n in range(10)}),  # full-width digits
            str(address).replace(".", "。"),
        ]
    )


@given(inner_addresses().flatmap(odd_forms), st.sampled_from(["http", "https", "HTTP"]), st.sampled_from(["", ":81"]))
def test_no_spelling_of_an_inner_address_is_asked(host: str, scheme: str, port: str) -> None:
    refusal(f"{scheme}://{host}{port}/feed")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "1.2.3.4.", "0", "08.8.8.8"])
def test_odd_forms_are_refused_and_cannot_be_listed(host: str) -> None:
    refusal(f"http://{host}/")
    with pytest.raises(ValueError, match="address"):
        AllowList.parse([f"{host}:80"])


@pytest.mark.parametrize("host", ["[::gg]", "[1::2::3]", "[::1", "[]", "[8.8.8.8]", "[v1.x]", "::1"])
def test_malformed_ipv6_hosts_are_refused(host: str) -> None:
    refusal(f"http://{host}/")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.org/feed", "only http and https addresses are fetched, not “ftp”"),
        ("file:///etc/passwd", "only http and https addresses are fetched, not “file”"),
        ("javascript:alert(1)", "only http and https"),
        ("example.org/feed", "only http and https addresses are fetched, not “example.org/feed”"),
        ("http://user@example.org/", "user name or password"),
        ("http://user:word@example.org/", "user name or password"),
        ("http://example.org@127.0.0.1/", "user name or password"),
        ("http:\\\\127.0.0.1\\x", "characters that no address may hold"),
        ("http://example.org\\@127.0.0.1/", "characters that no address may hold"),
        ("http://example.org/\r\nX-Header: 1", "characters that no address may hold"),
        ("http://exam\tple.org/", "characters that no address may hold"),
        ("http:///feed", "is not a host name"),
        ("http://", "is not a host name"),
        ("http://[fe80::1%25eth0]/", "is not a host name"),
        ("http://%31%32%37.0.0.1/", "is not a host name"),
        ("http://exa mple.org/", "malformed"),
        ("http://-example.org/", "is not a host name"),
        ("http://example..org/", "is not a host name"),
        (f"http://{'a' * 64}.org/", "is not a host name"),
        (f"http://{'a.' * 130}org/", "is not a host name"),
        ("http://xn--\u2603\u2603.org/", "is not a host name"),
        ("http://example.org:0/", "there is no port 0"),
        ("http://example.org:65536/", "there is no port 65536"),
        ("http://example.org:http/", "is not a host name"),
        ("http://999.1.1.1/", "not a valid address"),
        ("http://example.org/" + "a" * 8_000, "longer than 8,000 characters"),
        ("http://127.0.0.1:8080/", "127.0.0.1 is not a public address"),
    ],
)
def test_what_is_refused_says_why(url: str, reason: str) -> None:
    error = refusal(url)
    assert reason in str(error)
    assert error.permanent


def test_the_refusal_of_an_own_server_says_how_to_allow_it() -> None:
    assert refusal("http://10.0.0.7:8080/").advice.endswith('add "10.0.0.7:8080" to fetch.allow_addresses')
    assert '"[::1]:80"' in refusal("http://[::1]/").advice


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://example.org", "http://example.org/"),
        ("HTTP://Example.ORG/Feed", "http://example.org/Feed"),
        (" https://example.org/feed#top ", "https://example.org/feed"),
        ("http://example.org?x=1", "http://example.org/?x=1"),
        ("http://example.org/a b?q=日本", "http://example.org/a%20b?q=%E6%97%A5%E6%9C%AC"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://日本.example:8080/", "http://xn--wgv71a.example:8080/"),
        ("http://a_b.example/x;y=%2F~(1)?a=%2C&b=+", "http://a_b.example/x;y=%2F~(1)?a=%2C&b=+"),
        ("http://[2606:4700:0::1111]/", "http://[2606:4700:0::1111]/"),
        ("http://example.org./", "http://example.org./"),
    ],
)
def test_an_address_is_sent_as_it_was_written_in_plain_ascii(url: str, canonical: str) -> None:
    assert check_url(url, NOBODY).url == canonical


def test_host_and_port_are_told() -> None:
    assert check_url("https://Example.org/feed", NOBODY).authority == ("example.org", 443)
    assert check_url("http://example.org:8080/", NOBODY).authority == ("example.org", 8080)


URL_PIECES = (
    "http:// https:// // @ : :80 # ? / \\ % %40 %2e [ ] [::1] [::ffff:7f00:1] [8.8.8.8] . .. - _ * & = + ~ | ^ ` < > ; "
    "127.0.0.1 127.1 8.8.8.8 0x7f.1 localhost example.org ａ 。 ． １ ß é 日本"
).split()
URL_PIECES += [" ", "\t", "\r\n", "\0", '"', "\u200d", "\u00ad"]


@given(st.lists(st.sampled_from(URL_PIECES), max_size=7).map(lambda pieces: "http://" + "".join(pieces)))
def test_every_library_reads_the_same_host_out_of_an_accepted_address(url: str) -> None:
    """Two parsers that disagree about a URL are how guards are passed."""
    try:
        target = check_url(url, NOBODY)
    except AddressError:
        return
    assert target.url.isascii()
    seen = {urlsplit(target.url).hostname, httpx.URL(target.url).raw_host.decode(), yarl.URL(target.url).raw_host}
    assert {plain(host or "") for host in seen} == {plain(target.host)}
    assert {httpx.URL(target.url).port or 80, yarl.URL(target.url).port} == {target.port}
    assert check_url(target.url, NOBODY) == target


def plain(host: str) -> str:
    return str(ip_address(host)) if ":" in host else host


# ------------------------------------------------------------------------------ the allow list


def test_an_endpoint_is_allowed_with_its_port_only() -> None:
    allow = AllowList.parse(["127.0.0.1:8901", "[::1]:8901"])
    assert check_url("http://127.0.0.1:8901/", allow).port == 8901
    assert check_url("http://[::1]:8901/", allow)
    assert check_url("http://[0:0::1]:8901/", allow)
    for url in ("http://127.0.0.1:8902/", "http://127.0.0.2:8901/", "http://127.0.0.1/", "http://[::1]:8902/"):
        refusal(url, allow)


def test_a_network_is_allowed_with_every_port() -> None:
    allow = AllowList.parse(["10.1.0.0/16", "192.168.7.7", "fd00::/8"])
    for url in ("http://10.1.2.3/", "http://10.1.2.3:8080/", "http://192.168.7.7:81/", "http://[fd00::5]/"):
        check_url(url, allow)
    for url in ("http://10.2.0.1/", "http://192.168.7.8/", "http://[fc00::5]/"):
        refusal(url, allow)


def test_a_name_is_allowed_with_its_port_whatever_its_spelling() -> None:
    allow = AllowList.parse(["Feeds.Intranet.Example:8080"])
    assert allow.names("feeds.intranet.example.", 8080)
    assert not allow.names("feeds.intranet.example", 80)
    assert not allow.names("other.intranet.example", 8080)


def test_a_mapped_address_is_not_allowed_by_the_network_it_maps_into() -> None:
    refusal("http://[::ffff:10.1.2.3]/", AllowList.parse(["10.1.0.0/16"]))


@pytest.mark.parametrize("entry", ["example.org", "10.1.2.3/33", "10.1.0.1/16", "", "http://10.1.2.3:80", "a b:80"])
def test_an_entry_that_is_no_endpoint_or_network_is_an_error(entry: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        AllowList.parse([entry])


HOSTS = st.one_of(
    inner_addresses().flatmap(odd_forms),
    st.sampled_from(["127.1", "0x7f000001", "[::ffff:127.0.0.1]", "[::1]", "feeds.intranet", "日本.example", "-a"]),
    st.text("abf01x.:-[]% _", max_size=12),
)


@given(HOSTS, st.one_of(st.integers(0, 70_000).map(str), st.sampled_from(["", "08", "x"])))
@example("127.1", "80")
@example("0x7f000001", "80")
@example("[::ffff:127.0.0.1]", "80")
def test_what_the_configuration_takes_as_an_exception_is_one(host: str, port: str) -> None:
    """Not a word later that an entry makes no sense, and no entry that allows nothing."""
    entry = f"{host}:{port}"
    try:
        check_endpoint(entry)
    except InvalidValueError:
        with pytest.raises(ValueError, match=r".*"):
            AllowList.parse([entry])
        return
    allow = AllowList.parse([entry])
    if allow.endpoints:
        check_url(f"http://{entry.strip()}/", allow)
        host, number = next(iter(allow.endpoints))
        assert allow.names(host, number)
