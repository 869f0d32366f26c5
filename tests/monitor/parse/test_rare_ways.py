"""Documents that take the rarest ways through the readers: nothing of what can be read gets lost on them."""

from __future__ import annotations

import pytest

from monitor.errors import ParseError
from monitor.parse import readers, tolerant
from monitor.parse.raw import RawFeed, UnreadableError
from tests.monitor.parse.samples import item, parse, rss, titles

LESSONS = [f"Lesson {number} of the workshop" for number in range(5)]


@pytest.mark.parametrize("patience", [10, 10_000])
def test_an_entry_that_no_parser_can_read_costs_no_other(patience: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the whole is too long to be read once more."""
    monkeypatch.setattr(readers, "_THOROUGHLY", patience)
    found = titles(parse(rss(item(1), "<item </b><?xa:", item(2))))
    assert LESSONS[1] in found


def test_bad_entries_that_spoil_each_other_are_halved_until_each_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_SINGLY", 1)
    monkeypatch.setattr(readers, "_TOGETHER", 4)
    bad = ['<item>"--><!--</item>', "<item>&<\x01</item>", '<item>"\x00<ITEM></item>', "<item><title&bad;a:</item>"]
    found = titles(parse(rss(item(0), item(1), *bad, item(2))))
    assert {*LESSONS[:3]} <= set(found)


def test_what_only_begins_is_no_feed() -> None:
    with pytest.raises(ParseError, match="nothing"):
        parse(b"<item ")


@pytest.mark.parametrize("mess", ["\x01<item><![CDATA[\x01text<item>-->\x00", "<item <entry></entry>", "<item </item>"])
def test_a_mess_beside_known_entries_hides_no_new_one(mess: str) -> None:
    known = parse(rss(*(item(number) for number in range(5)))).fingerprints
    found = titles(parse(rss(item(7), mess, *(item(number) for number in range(5))), known=known))
    assert "Lesson 7 of the workshop" in found


def test_known_entries_are_read_anew_where_what_is_new_cannot_be_told_apart() -> None:
    lessons = [item(number) for number in range(5)]
    known = parse(rss(*lessons)).fingerprints
    mess = "\x01\x01<title>x</title>\x01text<!DOCTYPE<item><![CDATA[\x01text<item>-->\x00"
    assert set(LESSONS[1:]) <= set(titles(parse(rss(mess, *lessons), known=known)))


def test_what_breaks_feedparser_is_left_to_the_fast_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(body: bytes, begun: int = 0) -> RawFeed:
        raise UnreadableError("it is made to break feedparser")

    monkeypatch.setattr(tolerant, "read", broken)
    found = titles(parse(rss(item(1), "<item><title>Ferries &bad; ports</item>", "<item </b><?xa:", item(2))))
    assert LESSONS[1] in found
    with pytest.raises(ParseError, match="made to break"):
        parse(b"<rss><item")
