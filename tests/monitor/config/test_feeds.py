"""When two addresses are those of one feed, and which ones cannot be asked."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.feeds import duplicates, endpoint_of, normal_url, twins, unreachable
from tests.examples import examples


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://example.org/feed", "https://example.org/feed"),
        (" HTTPS://Example.ORG./feed ", "https://example.org/feed"),
        ("https://example.org:443", "https://example.org/"),
        ("http://example.org:80/", "http://example.org/"),
        ("http://example.org:443/", "http://example.org:443/"),
        ("https://example.org:80/", "https://example.org:80/"),
        ("http://example.org:8080/feed?x=1#top", "http://example.org:8080/feed?x=1"),
        ("https://example.org/feed?", "https://example.org/feed"),
        ("https://example.org?x=1", "https://example.org/?x=1"),
        ("https://example.org/Feed?X=A", "https://example.org/Feed?X=A"),
        ("https://example.org/a%2Fb//c/", "https://example.org/a%2Fb//c/"),
        ("https://example.org:0443/", "https://example.org/"),
        ("https://example.org:/", "https://example.org/"),
    ],
)
def test_spellings_of_one_address_are_the_same(written: str, normal: str) -> None:
    assert normal_url(written) == normal


schemes = st.sampled_from(["http", "https", "HTTP", "Https"])
hosts = st.sampled_from(["a.example", "A.Example", "a.example.", "b-2.example", "10.0.0.1", "xn--p1ai"])
ports = st.sampled_from(["", ":80", ":443", ":8080", ":1", ":65535", ":0080"])
paths = st.sampled_from(["", "/", "/feed", "/Feed/", "/a%20b", "/a//b", "/~me/x.xml"])
queries = st.sampled_from(["", "?", "?a=1", "?a=1&b=%C3%A9", "?a?b"])
fragments = st.sampled_from(["", "#", "#top"])
urls = st.builds("{}://{}{}{}{}{}".format, schemes, hosts, ports, paths, queries, fragments)


@examples(0.4)
@given(urls)
def test_a_spelling_is_final_and_leads_to_the_same_page(url: str) -> None:
    """Whatever short cut is taken for addresses that are in their normal form already."""
    normal = normal_url(url)
    parts, asked = urlsplit(normal), urlsplit(url)
    assert normal_url(normal) == normal
    assert (parts.scheme, (parts.hostname or ""), parts.query) == (
        asked.scheme,
        (asked.hostname or "").rstrip("."),
        asked.query,
    )
    assert parts.path == (asked.path or "/")
    usual = {"http": 80, "https": 443}[asked.scheme]
    assert (parts.port or usual) == (asked.port or usual)
    assert parts.port != usual
    assert parts.fragment == ""
    assert not normal.endswith(("?", "#"))


@examples(0.4)
@given(st.lists(st.sampled_from(["http://a/", "https://a/", "http://b/", "https://b/", "https://c/"]), max_size=8))
def test_feeds_that_stand_there_twice_are_found_with_the_first_of_them(listed: list[str]) -> None:
    assert dict(duplicates(listed)) == {
        index: listed.index(url) for index, url in enumerate(listed) if url in listed[:index]
    }
    rests = [url.partition("://")[2] for url in listed]
    assert dict(twins(listed)) == {
        index: rests.index(rest) for index, rest in enumerate(rests) if listed[rests.index(rest)] != listed[index]
    }


PRIVATE = "is not a public address"
ODD = "is not an address in the usual form"
USER = "addresses with a user name or password are not fetched"


@pytest.mark.parametrize(
    ("url", "allowed", "reason"),
    [
        ("https://example.org/feed", [], ""),
        ("https://8.8.8.8/feed", [], ""),
        ("https://[2606:4700::1111]/feed", [], ""),
        ("http://127.0.0.1/feed", [], PRIVATE),
        ("http://10.1.2.3:8080/feed", [], PRIVATE),
        ("http://172.16.0.1", [], PRIVATE),
        ("http://192.168.1.1?x", [], PRIVATE),
        ("http://169.254.169.254/latest", [], PRIVATE),
        ("http://100.64.0.1/", [], PRIVATE),
        ("http://0.0.0.0/", [], PRIVATE),
        ("http://[::1]/feed", [], PRIVATE),
        ("http://[fe80::1]/feed", [], PRIVATE),
        ("http://[fd00::1]:81/feed", [], PRIVATE),
        ("http://[::ffff:10.0.0.1]/feed", [], PRIVATE),
        ("http://127.1/feed", [], ODD),
        ("http://2130706433/feed", [], ODD),
        ("https://ann@example.org/feed", [], USER),
        ("https://ann:secret@8.8.8.8/feed", [], USER),
        ("https://example.org/@ann/feed", [], ""),
        ("https://example.org/?mail=a@b", [], ""),
        ("https://1.example.org/feed", [], ""),
        ("http://10.1.2.3:8080/feed", ["10.1.2.3:8080"], ""),
        ("http://10.1.2.3/feed", ["10.1.2.3:80"], ""),
        ("https://10.1.2.3/feed", ["10.1.2.3:443"], ""),
        ("https://10.1.2.3/feed", ["10.1.2.3:80"], PRIVATE),
        ("http://10.1.2.3:8081/feed", ["10.1.2.3:8080"], PRIVATE),
        ("http://10.1.2.3:8081/feed", ["10.1.0.0/16"], ""),
        ("http://10.2.2.3/feed", ["10.1.0.0/16"], PRIVATE),
        ("http://10.2.2.3/feed", ["10.1.0.0/16", "10.2.0.0/16"], ""),
        ("http://10.2.2.3/feed", ["10.2.2.3"], ""),
        ("http://10.2.2.3/feed", ["intranet:80", "10.2.2.0/24"], ""),
        ("http://[::1]:9/feed", ["[::1]:9"], ""),
        ("http://[::1]:9/feed", ["[::1]:8"], PRIVATE),
        ("http://[FD00::A]:9/feed", ["[FD00::A]:9"], ""),
        ("http://[fd00::a]/feed", ["fd00::/8"], ""),
        ("http://127.1/feed", ["127.0.0.0/8"], ODD),
    ],
)
def test_an_address_that_will_not_be_asked_is_known_before(url: str, allowed: list[str], reason: str) -> None:
    assert unreachable(url, allowed) == reason


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://a.example/x", "a.example:80"),
        ("https://A.Example/x", "a.example:443"),
        ("https://a.example:8443", "a.example:8443"),
        ("http://[::1]/", "[::1]:80"),
        ("http://[fd00::A]:81/", "[fd00::a]:81"),
    ],
)
def test_an_endpoint_is_named_as_the_configuration_allows_it(url: str, endpoint: str) -> None:
    assert endpoint_of(urlsplit(url)) == endpoint
    assert unreachable(url, [endpoint]) == ""
