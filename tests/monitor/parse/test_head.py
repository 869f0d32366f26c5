"""What a document says of itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.model import FeedHints
from monitor.parse.head import Head, around, read
from tests.monitor.parse.samples import item, rss

SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


def hints(head: str) -> FeedHints:
    return read(f'<rss version="2.0" {SY}><channel>{head}</channel></rss>'.encode()).hints


@pytest.mark.parametrize(
    ("head", "ttl"),
    [
        ("<ttl>60</ttl>", timedelta(hours=1)),
        ("<ttl> 90.5 </ttl>", timedelta(minutes=90)),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>an hour</ttl>", None),
        ("<ttl/>", None),
        ("", None),
    ],
)
def test_ttl(head: str, ttl: timedelta | None) -> None:
    assert hints(head).ttl == ttl


@pytest.mark.parametrize(
    ("period", "frequency", "span"),
    [
        ("hourly", "1", timedelta(hours=1)),
        (" Daily\n", "4", timedelta(hours=6)),
        ("weekly", "", timedelta(weeks=1)),
        ("monthly", "0", timedelta(days=30)),
        ("", "2", timedelta(hours=12)),
        ("sometimes", "x", None),
        ("sometimes", "0", None),
        ("sometimes", "2", None),
        ("", "", None),
    ],
)
def test_update_period_divided_by_frequency(period: str, frequency: str, span: timedelta | None) -> None:
    head = f"<sy:updatePeriod>{period}</sy:updatePeriod>" if period else ""
    head += f"<sy:updateFrequency>{frequency}</sy:updateFrequency>" if frequency else ""
    assert hints(head).update_period == span


def test_hours_and_days_to_skip() -> None:
    found = hints(
        "<skipHours><hour>0</hour><hour>24</hour><hour>7</hour><hour>x</hour></skipHours>"
        "<skipDays><day>Monday</day><day>sun</day><day>Caturday</day></skipDays>"
    )
    assert found.skip_hours == {0, 7}
    assert found.skip_days == {0, 6}


def test_a_prefixed_or_nested_title_is_not_the_feeds() -> None:
    markup = (
        '<rss xmlns:m="urn:m"><channel><image><title>logo</title></image><m:title>m</m:title>'
        "<title>Right</title><title>Late</title></channel></rss>"
    )
    assert read(markup.encode()).title == "Right"


@pytest.mark.parametrize(
    ("relations", "previous"),
    [
        ('<link rel="prev-archive" href="/a"/><link rel="next" href="/b"/>', "/a"),
        ('<link rel="next" href="/b"/><link rel="prev-archive" href="/a"/>', "/a"),
        ('<link rel="next" href="/b"/>', "/b"),
        ('<link rel="previous" href="/c"/><link href="/d"/>', ""),
    ],
)
def test_the_page_with_older_entries(relations: str, previous: str) -> None:
    assert read(f'<feed xmlns="http://www.w3.org/2005/Atom">{relations}</feed>'.encode()).previous == previous


@pytest.mark.parametrize(
    ("root", "dialect"),
    [
        ('<rss version="2.0"><channel/></rss>', "rss20"),
        ('<rss version=" 0.92 "><channel/></rss>', "rss092"),
        ("<rss><channel/></rss>", "rss"),
        ('<feed xmlns="http://www.w3.org/2005/Atom"/>', "atom10"),
        ('<a:feed xmlns:a="http://purl.org/atom/ns#"/>', "atom03"),
        ('<feed xmlns="urn:other"/>', ""),
        ('<CHANNEL HREF="x"/>', "cdf"),
    ],
)
def test_dialects(root: str, dialect: str) -> None:
    assert read(root.encode()).dialect == dialect


def test_the_head_stands_around_the_entries() -> None:
    body = rss(item(1), item(2), head="<ttl>5</ttl>").replace(b"</channel>", b"<language>lo</language></channel>")
    assert b"Lesson" not in around(body)
    assert read(around(body)).lang == "lo"


@pytest.mark.parametrize(
    "markup", [b"", b"<", b"text", b"<rss>", b"<html/>", b'<rss xmlns:x="\xed\xa0"><channel/></rss>']
)
def test_anything_has_a_head(markup: bytes) -> None:
    assert read(markup).title == Head().title
