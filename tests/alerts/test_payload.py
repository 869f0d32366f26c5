"""The JSON follows the published schema, whatever the digest holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from alerts.model import Digest, FeedProblem, Fragment, ScorePart, Story
from alerts.payload import encode, payload, schema, timestamp
from alerts.sample import empty_digest, sample_digest
from tests.alerts.golden import CASES
from tests.alerts.samples import HEALTH, digest, entry
from tests.examples import examples

VALIDATOR = Draft202012Validator(schema())


def complaints(each: Digest, *, every: bool = False) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(json.loads(encode(payload(each, every=every))))]


def test_the_schema_itself_is_valid() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("each", [*CASES.values(), sample_digest(), empty_digest()])
def test_every_digest_follows_it(each: Digest) -> None:
    assert complaints(each) == complaints(each, every=True) == []


def test_the_schema_is_not_too_kind() -> None:
    for wrong in ({}, {"type": "digest"}, payload(digest(1)) | {"version": 2}, payload(digest(1)) | {"more": -1}):
        assert not VALIDATOR.is_valid(wrong)


TEXT = st.text(max_size=30)


@given(title=TEXT, source=TEXT, link=TEXT, lang=TEXT, label=TEXT, notice=TEXT, entry_id=st.text(min_size=1, max_size=9))
@examples(0.6)
def test_whatever_a_feed_says_the_payload_follows_the_schema(
    title: str, source: str, link: str, lang: str, label: str, notice: str, entry_id: str
) -> None:
    part = ScorePart("term", label, "title", 1, 2.0, 2.0)
    one = entry(
        0, id=entry_id, title=title, source=source, link=link, lang=lang, parts=(part,), highlight=(Fragment(title),)
    )
    sick = replace(HEALTH, problems=(FeedProblem(title, link, "failing", source),))

    assert complaints(digest([Story((one,))], notices=(notice,), health=sick, title=title)) == []


def test_it_tells_what_the_contract_names() -> None:
    told = payload(digest(2))

    assert {key: told[key] for key in ("type", "version", "profile", "window")} == {
        "type": "digest",
        "version": 1,
        "profile": "japan-mekong",
        "window": {"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z"},
    }
    first = told["stories"][0]["entries"][0]
    assert {"id", "title", "link", "source", "published", "score", "threshold", "parts", "highlight"} <= set(first)
    assert sum(part["points"] for part in first["parts"]) == pytest.approx(first["score"])
    assert [part["text"] for part in first["highlight"] if part["marked"]] == ["Vientiane", "Tokyo"]
    assert told["feeds"] | {"problems": len(told["feeds"]["problems"])} == {
        "watched": 27,
        "healthy": 25,
        "entries": 1482,
        "problems": 2,
    }


def test_what_is_left_out_is_counted_and_found() -> None:
    cut = payload(digest(2, more=3, overflow=digest(5).stories[2:]), archive="https://news.example/all")
    whole = payload(digest(2, more=3, overflow=digest(5).stories[2:]), archive="https://news.example/all", every=True)

    assert (len(cut["stories"]), cut["more"], cut["archive"]) == (2, 3, "https://news.example/all")
    assert (len(whole["stories"]), whole["more"], whole["archive"]) == (5, 0, "")


def test_without_an_archive_the_command_is_named() -> None:
    assert payload(digest(1, more=1))["archive"] == "newsbell digest japan-mekong --since 7d"


def test_letters_of_every_script_stand_as_themselves() -> None:
    assert "ຍີ່ປຸ່ນ" in encode(payload(digest(3)))


def test_times_are_utc() -> None:
    east = timezone(timedelta(hours=7))

    assert timestamp(datetime(2026, 3, 2, 7, 0, tzinfo=east)) == "2026-03-02T00:00:00Z"
    assert timestamp(datetime(2026, 3, 2, 7, 0, 0, 500_000, tzinfo=UTC)) == "2026-03-02T07:00:00.500000Z"
