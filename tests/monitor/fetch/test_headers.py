"""What header fields mean for the next poll."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.headers import conditions, fields, freshness, retry_after, validators
from monitor.model import Validators

SENT = datetime(2025, 1, 22, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAYS_31 = timedelta(days=31)


def answer(*lines: str, date: str | None = format_datetime(SENT, usegmt=True)) -> dict[bytes, bytes]:
    """The fields of an answer, written as header lines."""
    every = [*lines, *([f"Date: {date}"] if date else [])]
    return fields(
        (name.encode("latin-1"), value.strip().encode("latin-1"))
        for name, _, value in (line.partition(":") for line in every)
    )


def after(pause: timedelta) -> str:
    return format_datetime(SENT + pause, usegmt=True)


# ------------------------------------------------------------------------------ fields


def test_field_names_ignore_case_and_repeated_fields_are_joined() -> None:
    found = answer("CACHE-control: no-store", "Cache-Control: max-age=1", date=None)
    assert found == {b"cache-control": b"no-store, max-age=1"}


# ------------------------------------------------------------------------------ validators


@pytest.mark.parametrize(
    "etag", ['"abc-123"', 'W/"abc-123"', "abc123", '"a,b c-gzip"', '"', "*", '"\u00c3\u00a9"', '"\u00e9"']
)
def test_an_etag_is_sent_back_byte_for_byte(etag: str) -> None:
    asked = conditions(validators(answer(f"ETag: {etag}")))
    assert {name: sent.encode("utf-8", "surrogateescape") for name, sent in asked.items()} == {
        "If-None-Match": etag.encode("latin-1")
    }


@pytest.mark.parametrize(
    "date", ["Wed, 22 Jan 2025 03:00:00 GMT", "Wednesday, 22-Jan-25 03:00:00 GMT", "yesterday-ish"]
)
def test_a_date_is_sent_back_byte_for_byte(date: str) -> None:
    assert conditions(validators(answer(f"Last-Modified: {date}"))) == {"If-Modified-Since": date}


def test_both_validators_are_sent_back() -> None:
    found = validators(answer('ETag: "1"', "Last-Modified: Wed, 22 Jan 2025 03:00:00 GMT"))
    assert list(conditions(found)) == ["If-None-Match", "If-Modified-Since"]


def test_without_validators_nothing_is_made_up() -> None:
    assert validators(answer()) == Validators()
    assert conditions(Validators()) == {}


@pytest.mark.parametrize("etag", ["", '"' + "e" * 1_024 + '"', '"a\tb"', '"a\x7fb"'])
def test_a_validator_that_cannot_be_sent_back_as_it_came_is_not_kept(etag: str) -> None:
    assert validators(answer(f"ETag: {etag}")).etag is None


@given(st.binary(max_size=40))
def test_whatever_is_kept_goes_back_as_the_same_bytes(value: bytes) -> None:
    for sent in conditions(validators({b"etag": value, b"last-modified": value})).values():
        assert sent.encode("utf-8", "surrogateescape") == value


# ------------------------------------------------------------------------------ Retry-After


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("120", timedelta(minutes=2)),
        ("  120 ", timedelta(minutes=2)),
        (after(HOUR), HOUR),
        ("Wednesday, 22-Jan-25 04:00:00 GMT", HOUR),
        ("Wed Jan 22 04:00:00 2025", HOUR),
        ("99999999999999", DAYS_31),
        ("9" * 5_000, DAYS_31),
        (after(timedelta(days=400)), DAYS_31),
        ("0", None),
        ("-5", None),
        ("1.5", timedelta(seconds=2)),
        ("21600s", 6 * HOUR),
        ('"21600"', 6 * HOUR),
        ("+3600", HOUR),
        ("3600, 7200", 2 * HOUR),
        ("7200, 3600", 2 * HOUR),
        ("soon, 3600,", HOUR),
        (f"{after(HOUR)}, {after(2 * HOUR)}", 2 * HOUR),
        (f"{after(HOUR)}, 60", HOUR),
        (f"60, {after(HOUR)}, Wed Jan 22 04:30:00 2025", 1.5 * HOUR),
        ("Wednesday, 22-Jan-25 04:00:00 GMT, 10", HOUR),
        ("soon", None),
        ("١٢٠".encode().decode("latin-1"), None),
        ("", None),
        (after(-HOUR), None),
        (after(timedelta(0)), None),
        ("Mon, 01 Jan 2001 00:00:00 GMT", None),
        ("Mon, 99 Jan 2001 00:00:00 GMT", None),
        ("Mon, 01 Jan 99999 00:00:00 GMT", None),
        ("Wed, 22 Jan 2025 04:00:00 +9999", None),
    ],
)
def test_retry_after(value: str, pause: timedelta | None) -> None:
    assert retry_after(answer(f"Retry-After: {value}")) == pause


def test_a_retry_date_is_read_on_the_servers_own_clock() -> None:
    """A machine whose clock is wrong still waits as long as it was asked to."""
    late = answer(f"Retry-After: {after(HOUR)}", date=after(HOUR / 2))
    assert retry_after(late) == HOUR / 2


@pytest.mark.parametrize("date", [None, "today", "Mon, 99 Jan 2001 00:00:00 GMT"])
def test_a_date_without_another_to_read_it_against_is_read_on_our_own_clock(date: str | None) -> None:
    retry, expires = answer(f"Retry-After: {after(HOUR)}", date=date), answer(f"Expires: {after(HOUR)}", date=date)

    assert (retry_after(retry), freshness(expires)) == (None, None)
    assert (retry_after(retry, SENT - HOUR), freshness(expires, SENT - HOUR)) == (2 * HOUR, 2 * HOUR)
    assert (retry_after(retry, SENT + HOUR), freshness(expires, SENT + HOUR)) == (None, None)


def test_of_several_dates_the_first_that_can_be_read_counts() -> None:
    late = answer(f"Retry-After: {after(HOUR)}", date=f"today, {after(HOUR / 2)}")
    assert retry_after(late, SENT) == HOUR / 2


# ------------------------------------------------------------------------------ freshness


@pytest.mark.parametrize(
    ("lines", "fresh"),
    [
        ([], None),
        (["Cache-Control: max-age=7200"], 2 * HOUR),
        (['Cache-Control: max-age="7200"'], 2 * HOUR),
        (["Cache-Control: public, MAX-AGE = 7200"], 2 * HOUR),
        (["Cache-Control: public; max-age=7200"], 2 * HOUR),
        (["Cache-Control: max-age=7200", "Cache-Control: max-age=7200"], 2 * HOUR),
        (['Cache-Control: no-cache="Set-Cookie", max-age=7200'], 2 * HOUR),
        (["Cache-Control: max-age=3600, max-age=60"], HOUR),
        (["Cache-Control: max-age=31536000, immutable"], DAYS_31),
        (["Cache-Control: s-maxage=60, max-age=3600"], HOUR),
        (["Cache-Control: s-maxage=3600"], None),
        (["Cache-Control: max-age=3600", "Age: 1800"], HOUR / 2),
        (["Cache-Control: max-age=3600", "Age: 7200"], None),
        (["Cache-Control: max-age=3600", "Age: old"], HOUR),
        (["Cache-Control: no-store, max-age=3600"], None),
        (["Cache-Control: no-cache, max-age=3600"], None),
        (["Cache-Control: max-age=0"], None),
        (["Cache-Control: max-age=-1"], None),
        (["Cache-Control: max-age=abc, , =;"], None),
        ([f"Expires: {after(2 * HOUR)}"], 2 * HOUR),
        ([f"Expires: {after(timedelta(days=400))}"], DAYS_31),
        ([f"Expires: {after(2 * HOUR)}", "Age: 3600"], HOUR),
        ([f"Expires: {after(2 * HOUR)}", "Cache-Control: max-age=3600"], HOUR),
        ([f"Expires: {after(2 * HOUR)}", "Cache-Control: no-store"], None),
        ([f"Expires: {after(2 * HOUR)}", "Cache-Control: private"], 2 * HOUR),
        ([f"Expires: {after(-HOUR)}"], None),
        (["Expires: 0"], None),
        (["Expires: -1"], None),
    ],
)
def test_freshness(lines: list[str], fresh: timedelta | None) -> None:
    assert freshness(answer(*lines)) == fresh


@given(st.text(st.characters(max_codepoint=255), max_size=30), st.text(st.characters(max_codepoint=255), max_size=20))
def test_nothing_a_server_writes_is_an_exception_or_an_absurd_wait(one: str, two: str) -> None:
    found = answer(f"Cache-Control: max-age={one}", f"Age: {two}", date=None)
    found |= {b"expires": one.encode("latin-1"), b"retry-after": two.encode("latin-1"), b"date": one.encode("latin-1")}
    for pause in (freshness(found), retry_after(found), freshness(found, SENT), retry_after(found, SENT)):
        assert pause is None or timedelta(0) < pause <= DAYS_31
