"""Durations, sizes, addresses: what is understood, and what is refused with an example of the right thing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.mail import mail_address
from alerts.model import Secret
from monitor.config.values import (
    check_contact,
    check_endpoint,
    check_loopback,
    check_mailbox,
    check_unsubscribe,
    check_url,
    format_duration,
    parse_duration,
    parse_size,
)
from monitor.yamldoc import InvalidValueError


class TestDurations:
    @pytest.mark.parametrize(
        ("written", "seconds"),
        [
            ("30s", 30),
            ("30m", 1800),
            ("2h", 7200),
            ("1d", 86_400),
            ("1w", 604_800),
            ("1h30m", 5400),
            ("1h 30m", 5400),
            ("1.5h", 5400),
            ("0.5s", 0.5),
            (" 30m ", 1800),
            ("PT30M", 1800),
            ("PT1H30M", 5400),
            ("P1D", 86_400),
            ("P1DT12H", 129_600),
            ("P2W", 1_209_600),
        ],
    )
    def test_units_and_iso_8601_are_understood(self, written, seconds):
        assert parse_duration(written).total_seconds() == seconds

    @pytest.mark.parametrize(
        "written",
        [
            "",
            "30",
            "m",
            "30 minutes",
            "30M",
            "-5m",
            "1h-30m",
            "0s",
            "P",
            "PT",
            "P1Y",
            "1e3s",
            "٣0m",
            "99999999w",
            None,
            30,
            [],
        ],
    )
    def test_anything_else_is_refused(self, written):
        with pytest.raises(InvalidValueError):
            parse_duration(written)

    def test_a_bare_number_is_told_to_take_a_unit(self):
        with pytest.raises(InvalidValueError) as caught:
            parse_duration(30)
        assert caught.value.hint == "add a unit: 30s, 30m or 30h"

    @given(st.integers(1, 10**8))
    def test_what_is_written_is_read_back(self, seconds):
        assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)

    def test_a_duration_stays_one(self):
        assert parse_duration(timedelta(hours=1)) == timedelta(hours=1)
        assert format_duration(timedelta(hours=36)) == "1d12h"
        assert format_duration(timedelta(milliseconds=1)) == "0s"


class TestSizes:
    @pytest.mark.parametrize(
        ("written", "size"),
        [
            ("10MiB", 10_485_760),
            ("10 MB", 10_000_000),
            ("500k", 500_000),
            ("1GiB", 2**30),
            ("5kiB", 5120),
            ("7", 7),
            (4096, 4096),
        ],
    )
    def test_the_usual_units_are_understood(self, written, size):
        assert parse_size(written) == size

    @pytest.mark.parametrize("written", ["", "0", 0, -1, True, "10 megabytes", "1.5MB", "10mib", "10TB", None, 2.5])
    def test_anything_else_is_refused(self, written):
        with pytest.raises(InvalidValueError, match="expected a size such as 10MiB"):
            parse_size(written)


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        ["https://example.org", "http://example.org:8080/feed?a=b", "https://ຂ່າວ.example/ຟີດ", "http://[2001:db8::1]/x"],
    )
    def test_web_addresses_are_taken(self, url):
        assert check_url(url) == url

    @pytest.mark.parametrize(
        ("url", "hint"),
        [
            ("example.org/feed", "write https://example.org/feed"),
            ("feed:https://example.org", "write https: in place of feed:"),
            ("htp://example.org", "write https: in place of htp:"),
            ("httsp://example.org", "write https: in place of httsp:"),
            ("ftp://example.org", ""),
            ("javascript:alert(1)", ""),
            ("https://", "such as https://example.org/feed"),
            ("https:///feed", "such as https://example.org/feed"),
            ("https://example.org:99999", "such as https://example.org/feed"),
            ("https://example.org:0", "such as https://example.org/feed"),
            ("https://[::1", "such as https://example.org/feed"),
            ("https://example.org/a b", "such as https://example.org/feed"),
            ("https://example.org/\x00", "such as https://example.org/feed"),
            ("", ""),
        ],
    )
    def test_others_are_refused_with_the_right_form(self, url, hint):
        with pytest.raises(InvalidValueError) as caught:
            check_url(url)
        assert caught.value.hint == hint

    @pytest.mark.parametrize(
        "entry", ["127.0.0.1:8911", "feeds.intranet:80", "[::1]:80", "10.1.0.0/16", "fd00::/8", "10.1.1.1"]
    )
    def test_exceptions_are_endpoints_or_networks(self, entry):
        assert check_endpoint(entry) == entry

    @pytest.mark.parametrize("entry", ["localhost", "10.1.0.0/33", "10.1.0.1/16", "a:0", "a:99999", "*", ""])
    def test_other_exceptions_are_refused(self, entry):
        with pytest.raises(InvalidValueError, match="expected host:port or a network"):
            check_endpoint(entry)

    @pytest.mark.parametrize("entry", ["127.0.0.1:9464", "localhost:80", "[::1]:9464"])
    def test_metrics_are_served_on_this_machine(self, entry):
        assert check_loopback(entry) == entry

    @pytest.mark.parametrize("entry", ["0.0.0.0:9464", "example.org:80", "127.0.0.1", ":9464", "127.0.0.1:0", ""])
    def test_and_nowhere_else(self, entry):
        with pytest.raises(InvalidValueError):
            check_loopback(entry)

    @pytest.mark.parametrize(
        "address",
        [
            "a@b",
            "desk@example.org",
            "Desk <desk@example.org>",
            '"Desk, Asia" <d.e+s@example.org>',
            "ໂຕະ <x@ຂ່າວ.example>",
        ],
    )
    def test_mail_addresses_are_taken(self, address):
        assert check_mailbox(address) == address

    @pytest.mark.parametrize("name", ["A  B", "A\u202eB", "Desk", "A\u2028B"])
    def test_they_are_given_as_a_mail_can_carry_them(self, name):
        address = check_mailbox(f"{name} <desk@example.org>")
        assert mail_address(address).addr_spec == "desk@example.org"

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "desk",
            "@example.org",
            "desk@",
            "a b@example.org",
            "a@b, c@d",
            "a@b\r\nBcc: c@d",
            "<a@b",
            "a@-b",
            "a@b..c",
            "desk@" + "x" * 70 + ".org",
            "ໂຕະ@example.org",
        ],
    )
    def test_other_mail_addresses_are_refused(self, address):
        with pytest.raises(InvalidValueError, match="is not an e-mail address"):
            check_mailbox(address)

    def test_a_name_is_written_as_it_reads(self):
        with pytest.raises(InvalidValueError, match="holds an encoded word"):
            check_mailbox("=?utf-8?q?Botschaft?= <desk@example.org>")

    @pytest.mark.parametrize("contact", ["desk@example.org", "https://example.org/newsbell"])
    def test_a_contact_is_a_page_or_a_mail_address(self, contact):
        assert check_contact(contact) == contact

    @pytest.mark.parametrize(
        "contact", ["desk", "https://example.org/(x)", "https://ຂ່າວ.example/", "ໂຕະ <x@example.org>"]
    )
    def test_a_contact_can_stand_in_a_header(self, contact):
        with pytest.raises(InvalidValueError):
            check_contact(contact)

    def test_unsubscribing_needs_https(self):
        assert check_unsubscribe("https://example.org/u?id=1") == "https://example.org/u?id=1"
        for url in (
            "http://example.org/u",
            "mailto:a@b",
            "https://example.org/<x>",
            "https://",
            "https://e.org/" + "x" * 500,
        ):
            with pytest.raises(InvalidValueError):
                check_unsubscribe(url)


def test_a_secret_is_never_shown():
    assert str(Secret("hunter2")) == "***"
