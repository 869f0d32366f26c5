"""Dates as feeds write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.dates import get_month_names
from hypothesis import given
from hypothesis import strategies as st

from monitor.parse.dates import from_iso, iso_date
from tests.monitor.parse.samples import item, parse, rss


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Wed, 22 Jan 2025 09:30:00 GMT", "2025-01-22T09:30:00+00:00"),
        ("22 Jan 2025 09:30 +0700", "2025-01-22T02:30:00+00:00"),
        ("Wed, 22 Jan 2025 03:00:00 EDT", "2025-01-22T07:00:00+00:00"),
        ("Wed, 22 Jan 2025 03:00:00 JST", "2025-01-21T18:00:00+00:00"),
        ("Wed, 22 Jan 2025 03:00:00 ICT", "2025-01-21T20:00:00+00:00"),
        ("Wed, 22 Jan 2025 03:00:00 -0000", "2025-01-22T03:00:00+00:00"),
        ("Wed, 22 Jan 2025 10:00:00 +07:00", "2025-01-22T03:00:00+00:00"),
        ("Wed, 22 Jan 2025 10:00:00 GMT+7", "2025-01-22T03:00:00+00:00"),
        ("Wed, 22 Jan 2025 10:00 UTC+07:00", "2025-01-22T03:00:00+00:00"),
        ("Wed, 22 Jan 2025 10:00:00 GMT-0330", "2025-01-22T13:30:00+00:00"),
        ("Wed, 22 Jan 2025 10:00:00 +0700 (ICT)", "2025-01-22T03:00:00+00:00"),
        ("Wed Jan 22 10:00:00 ICT 2025", "2025-01-22T03:00:00+00:00"),
        ("Wed, 22 Jan 2025 03:05 PM", "2025-01-22T15:05:00+00:00"),
        ("January 22, 2025 3:05:10 p.m.", "2025-01-22T15:05:10+00:00"),
        ("Wed, 22 Jan 2025 12:05:00 AM +0700", "2025-01-21T17:05:00+00:00"),
        ("Wed, 22 Jan 2025 12:05:00 PM", "2025-01-22T12:05:00+00:00"),
        ("Wed, 22 Jan 2025 15:05:00 PM", "2025-01-22T15:05:00+00:00"),
        ("Mon, 22 Sept 2025 03:00:00 GMT", "2025-09-22T03:00:00+00:00"),
        ("mer., 22 janv. 2025 03:00:00 +0000", "2025-01-22T03:00:00+00:00"),
        ("mer., 22 août 2025 03:00:00 +0000", "2025-08-22T03:00:00+00:00"),
        ("Mi, 22 Mär 2025 03:00:00 CET", "2025-03-22T02:00:00+00:00"),
        ("Δευ, 22 Ιαν 2025 03:00:00 +0000", "2025-01-22T03:00:00+00:00"),
        ("Τρι, 22 Μαΐ 2025 03:00:00 EET", "2025-05-22T01:00:00+00:00"),
        ("szo, 22 szept. 2025 03:00:00 +0100", "2025-09-22T02:00:00+00:00"),
        ("2025-január-22T03:00+01:00", "2025-01-22T02:00:00+00:00"),
        ("2025. március 2. 10:00:00 +0100", "2025-03-02T09:00:00+00:00"),
        ("Ср, 22 мая 2025 03:00:00 MSK", "2025-05-22T00:00:00+00:00"),
        ("ср, 22 січ 2025 03:00:00 EET", "2025-01-22T01:00:00+00:00"),
        ("сб, 22 листопада 2025 03:00:00 EET", "2025-11-22T01:00:00+00:00"),
        ("wt., 22 lipca 2025 03:00:00 +0200", "2025-07-22T01:00:00+00:00"),
        ("ພຸດ, 22 ມັງກອນ 2025 03:00:00 +0700", "2025-01-21T20:00:00+00:00"),
        ("ពុធ, 22 មករា 2025 03:00:00 +0700", "2025-01-21T20:00:00+00:00"),
        ("พ., 22 มิ.ย. 2025 03:00:00 +0700", "2025-06-21T20:00:00+00:00"),
        ("金, 22 1月 2025 10:00:00 +0900", "2025-01-22T01:00:00+00:00"),
        ("周三, 22 十二月 2025 10:00:00 GMT", "2025-12-22T10:00:00+00:00"),
        ("수, 22 11월 2025 10:00:00 +0900", "2025-11-22T01:00:00+00:00"),
        ("22 marraskuuta 2025 03:00:00", "2025-11-22T03:00:00+00:00"),
        ("Wed, 22 Jan, 2025 03:00:00 GMT", "2025-01-22T03:00:00+00:00"),
        ("Wednesday, 22-Jan-25 03:00:00 GMT", "2025-01-22T03:00:00+00:00"),
        ("2025-01-22", "2025-01-22T00:00:00+00:00"),
        ("2025-01-22T09:30Z", "2025-01-22T09:30:00+00:00"),
        (" 2025-01-22 09:30:15 ", "2025-01-22T09:30:15+00:00"),
        ("2025-01-22T09:30:5Z", "2025-01-22T09:30:05+00:00"),
        ("2025-01-22T09:30:005+09:00", "2025-01-22T00:30:05+00:00"),
        ("2025-01-22T09:30:15.123456789+09:00", "2025-01-22T00:30:15+00:00"),
        ("2025-01-22T09:30:15 +0900", "2025-01-22T00:30:15+00:00"),
        ("2025-01-22 09:30:15 UTC", "2025-01-22T09:30:15+00:00"),
    ],
)
def test_dates_are_read(text: str, moment: str) -> None:
    assert iso_date(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "32 Foo 2025",
        "2025-13-45T99:99",
        "令和7年1月22日",
        "Wed, 22 Jan 2025 03:00:00 +2500",
        "12:30",
        "17",
        "20250122",
        "9" * 5_000,
        "Mon, 01 Jan 0001 00:00:00 +1400",
        "mar 22 janv 2025 03:00:00",
        "22 marec 1 2025",
        "22 lip 2025 03:00:00",  # July in Polish, June in Croatian
        "2025-01-22T09:30:99Z",
    ],
)
def test_what_names_no_moment_is_no_date(text: str) -> None:
    assert iso_date(text) == ""


@given(st.text(max_size=90))
def test_any_text_is_taken(text: str) -> None:
    moment = iso_date(text)
    assert moment == "" or datetime.fromisoformat(moment).tzinfo == UTC


@given(st.integers(631_152_000 * 8, 13_600_000_000 * 8))  # from 1990 to 2400
def test_an_iso_date_comes_back_in_whole_seconds(eighths: int) -> None:
    moment = datetime.fromtimestamp(eighths / 8, UTC)
    assert from_iso(iso_date(moment.isoformat())) == moment.replace(microsecond=0)


@pytest.mark.parametrize("text", ["Wed, 22 Jan 2568 10:00:00 +0700", "2568-01-22T10:00+07:00", "22 Jan 2568 10:00 ICT"])
def test_a_year_of_the_thai_calendar_is_one_of_ours(text: str) -> None:
    assert from_iso(iso_date(text)) == datetime(2025, 1, 22, 3, tzinfo=UTC)
    entry = parse(rss(item(1, pubDate=text), item(2))).entries[0]
    assert entry.published == datetime(2025, 1, 22, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2567-02-29T00:00:00+00:00", "", "x", "1970-01-01T00:00:00+00:00", "0001-01-01T00:00:00+00:00"]
)
def test_clocks_that_were_never_set_tell_nothing(text: str) -> None:
    assert from_iso(text) is None


def test_an_id_that_looks_like_a_date_is_none() -> None:
    entry = parse(rss(item(1, guid="17", pubDate=""), item(2, guid="2025", pubDate=""))).entries[0]
    assert entry.published is None


def test_a_document_that_was_mended_keeps_its_zones() -> None:
    entry = parse(rss(item(1, title="a & b", pubDate="Wed, 22 Jan 2025 10:00:00 +07:00"), item(2))).entries[0]
    assert entry.published == datetime(2025, 1, 22, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "language",
    "af da de el en es fi fr hu id is it ja km ko lv ms nb nl pt ro ru sk sv sw th tr uk zh".split(),
)
def test_months_have_the_names_that_cldr_gives_them(language: str) -> None:
    for width in ("abbreviated", "wide"):
        named = get_month_names(width, "format", language)
        read = {month: iso_date(f"15 {name} 2024 12:00:00 GMT") for month, name in named.items()}
        assert read == {month: f"2024-{month:02}-15T12:00:00+00:00" for month in range(1, 13)}


@pytest.mark.parametrize("language", "bg ca cs et eu fil ga gl hr lo lt mk mt my pl sl sq sr vi".split())
def test_a_month_that_is_not_known_is_never_taken_for_another(language: str) -> None:
    for width in ("abbreviated", "wide"):
        for month, name in get_month_names(width, "format", language).items():
            assert iso_date(f"15 {name} 2024 12:00:00 GMT") in ("", f"2024-{month:02}-15T12:00:00+00:00")


@pytest.mark.parametrize(
    ("zone", "place", "month"),
    [
        ("AEDT", "Australia/Sydney", "Jan"), ("AEST", "Australia/Sydney", "Jul"), ("BST", "Europe/London", "Jul"),
        ("CEST", "Europe/Paris", "Jul"), ("CET", "Europe/Paris", "Jan"), ("EEST", "Europe/Helsinki", "Jul"),
        ("EET", "Europe/Helsinki", "Jan"), ("HKT", "Asia/Hong_Kong", "Jan"), ("ICT", "Asia/Vientiane", "Jan"),
        ("IST", "Asia/Kolkata", "Jan"), ("JST", "Asia/Tokyo", "Jan"), ("KST", "Asia/Seoul", "Jan"),
        ("MMT", "Asia/Yangon", "Jan"), ("MSK", "Europe/Moscow", "Jan"), ("MYT", "Asia/Kuala_Lumpur", "Jan"),
        ("NZDT", "Pacific/Auckland", "Jan"), ("NZST", "Pacific/Auckland", "Jul"), ("PHT", "Asia/Manila", "Jan"),
        ("SGT", "Asia/Singapore", "Jan"), ("WEST", "Europe/Lisbon", "Jul"), ("WET", "Europe/Lisbon", "Jan"),
        ("WIB", "Asia/Jakarta", "Jan"),
    ],
)  # fmt: skip
def test_zones_are_meant_as_where_they_are_used(zone: str, place: str, month: str) -> None:
    there = datetime(2025, 1 if month == "Jan" else 7, 22, 3, tzinfo=ZoneInfo(place))
    assert iso_date(f"22 {month} 2025 03:00:00 {zone}") == there.astimezone(UTC).isoformat()
