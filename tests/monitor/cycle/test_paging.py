"""Feeds that move on too far between two polls, and the older pages that they offer (RFC 5005)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.cycle.paging import MAX_PAGES
from tests.monitor.cycle.desk import Desk, item

FEED = "https://a.example/feed"


def page(*numbers: int, older: str = "") -> bytes:
    """A document with these entries, which names an older page."""
    link = f"<atom:link rel='prev-archive' href='{older}'/>" if older else ""
    items = "".join(item(number, f"Laos and Japan: partnership, part {number}") for number in numbers)
    return (
        f"<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>A</title>{link}{items}"
        "</channel></rss>"
    ).encode()


def asked(desk: Desk) -> list[str]:
    """What was asked for in the last poll."""
    urls = [request.url for request in desk.web.requests]
    return urls[len(urls) - 1 - urls[::-1].index(FEED) :]


@pytest.fixture
def desk() -> Desk:
    """A feed whose first two entries are known."""
    desk = Desk()
    desk.web.serve(FEED, page(2, 1))
    desk.run()
    return desk


def rolled_over(desk: Desk) -> bool:
    (record,) = desk.store.feeds()
    return record.memory.rolled_over


def test_what_came_and_went_is_found_on_older_pages(desk: Desk) -> None:
    desk.web.serve(FEED, page(8, 7, older="https://a.example/2"))
    desk.web.serve("https://a.example/2", page(6, 5, older="https://a.example/3"))
    desk.web.serve("https://a.example/3", page(4, 3, 2, older="https://a.example/4"))

    result = desk.run()

    assert result.report.new == 6
    assert asked(desk) == [FEED, "https://a.example/2", "https://a.example/3"]
    assert not rolled_over(desk)
    assert desk.run().report.new == 0


def test_a_feed_that_meets_the_last_poll_needs_none(desk: Desk) -> None:
    desk.web.serve(FEED, page(3, 2, older="https://a.example/2"))

    assert desk.run().report.new == 1
    assert asked(desk) == [FEED]


def test_nor_does_a_first_poll() -> None:
    desk = Desk()
    desk.web.serve(FEED, page(8, 7, older="https://a.example/2"))
    desk.run()

    assert asked(desk) == [FEED]


def test_of_pages_without_end_a_few_are_looked_at_for_what_is_dated_since_the_last_poll(desk: Desk) -> None:
    since, before = "Wed, 22 Jan 2025 09:30:00 GMT", "Tue, 21 Jan 2025 09:30:00 GMT"
    desk.clock.advance(timedelta(hours=1))
    desk.web.serve(FEED, page(100, older="https://a.example/0"))
    for number in range(20):
        body = page(99 - number, older=f"https://a.example/{number + 1}")
        date = f"<pubDate>{since if number < 3 else before}</pubDate></item>".encode()
        desk.web.serve(f"https://a.example/{number}", body.replace(b"</item>", date))

    assert desk.run().report.new == 1 + 3
    assert len(asked(desk)) == 1 + MAX_PAGES
    assert rolled_over(desk)


def test_a_page_longer_than_the_feed_does_not_bring_its_past() -> None:
    """The newest 10 entries in the feed, 100 on the older page: what was old before the first poll stays so."""
    desk = Desk()
    desk.web.serve(FEED, page(*range(116, 106, -1)))
    desk.run()
    desk.web.serve(FEED, page(*range(130, 120, -1), older="https://a.example/2"))
    desk.web.serve("https://a.example/2", page(*range(120, 20, -1)))

    assert desk.run().report.new == 14
    assert not rolled_over(desk)
    assert desk.run().report.new == 0


def test_a_page_in_another_order_is_judged_by_its_dates() -> None:
    def dated(*numbers: int, older: str = "") -> bytes:
        body = page(*numbers, older=older).decode()
        for number in numbers:
            date = f"<pubDate>Wed, 22 Jan 2025 {number // 6:02}:{number % 6}0:00 GMT</pubDate>"
            body = body.replace(f"<guid>{number}</guid>", f"<guid>{number}</guid>{date}")
        return body.encode()

    desk = Desk()
    desk.web.serve(FEED, dated(30, 29, 28))
    desk.run()
    desk.web.serve(FEED, dated(38, 37, 36, older="https://a.example/2"))
    desk.web.serve("https://a.example/2", dated(*range(11, 36)))

    assert desk.run().report.new == 8
    assert not rolled_over(desk)


def test_a_feed_whose_every_document_is_new_is_not_asked_for_all_its_pages_at_every_poll(desk: Desk) -> None:
    requests = []
    for poll in range(1, 5):
        desk.web.serve(FEED, page(poll * 100, older="https://a.example/0"))
        for number in range(9):
            body = page(poll * 100 + number + 1, older=f"https://a.example/{number + 1}")
            desk.web.serve(f"https://a.example/{number}", body)
        desk.run()
        requests.append(len(asked(desk)))

    assert requests == [1 + MAX_PAGES, 2, 2, 2]


def test_pages_are_asked_for_again_once_the_feed_has_shown_something_known(desk: Desk) -> None:
    desk.web.serve(FEED, page(9, older="https://a.example/gone"))
    desk.run()
    desk.web.serve(FEED, page(10, 9, older="https://a.example/2"))
    desk.run()
    assert asked(desk) == [FEED]
    desk.web.serve(FEED, page(13, older="https://a.example/2"))
    desk.web.serve("https://a.example/2", page(12, 11, 10))

    assert desk.run().report.new == 3


def test_a_feed_that_only_looks_different_brings_back_no_past(desk: Desk) -> None:
    """Every byte of its entries has changed, but their ids are known."""
    desk.web.serve(FEED, page(2, 1, older="https://a.example/2").replace(b"partnership", b"a partnership"))

    assert desk.run().report.new == 0
    assert asked(desk) == [FEED]


@pytest.mark.parametrize(
    "older", ["https://elsewhere.example/2", FEED, "https://a.example/gone", "https://a.example/page"]
)
def test_a_page_that_cannot_be_had_leaves_the_gap_to_be_told(desk: Desk, older: str) -> None:
    """On another host, the feed itself, not there, or no feed."""
    desk.web.serve("https://elsewhere.example/2", page(6))
    desk.web.serve("https://a.example/page", b"<html><body>Our archive</body></html>", content_type="text/html")
    desk.web.serve(FEED, page(8, 7, older=older))

    assert desk.run().report.new == 2
    assert "https://elsewhere.example/2" not in asked(desk)
    assert rolled_over(desk)


def test_an_older_version_of_an_entry_on_an_older_page_is_not_told(desk: Desk) -> None:
    desk.web.serve(FEED, page(8, older="https://a.example/2"))
    older = page(8, 7, 2).replace(b"Laos and Japan: partnership, part 8", b"Ministry of Japan in Laos plans something")
    desk.web.serve("https://a.example/2", older)

    assert desk.run().report.new == 2
    assert desk.run().report.new == 0


def test_a_host_that_wants_to_be_left_alone_halfway_is(desk: Desk) -> None:
    desk.web.serve(FEED, page(8, older="https://a.example/2"))
    desk.web.serve("https://a.example/2", page(6, 5, older="https://a.example/3"))
    desk.web.fail("https://a.example/3", 429, retry_after=timedelta(hours=30))
    desk.run()

    (record,) = desk.store.feeds()
    assert record.last_poll is not None
    assert record.next_poll == record.last_poll + timedelta(hours=30)
