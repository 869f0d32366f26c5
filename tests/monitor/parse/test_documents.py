"""A document in, its feed out."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.model import FINGERPRINT_BYTES, ParsedFeed
from monitor.parse import readers, tolerant
from tests.monitor.parse.samples import FILES, URL, expected, item, parse, rss, titles


def described(feed: ParsedFeed) -> dict[str, Any]:
    """What a feed says, in the form of the ``.expected`` files: without empty values."""
    hints = feed.hints
    values: dict[str, Any] = {
        "title": feed.title,
        "link": feed.link,
        "lang": feed.lang,
        "dialect": feed.dialect,
        "warnings": list(feed.warnings),
        "previous": feed.previous,
        "ttl": hints.ttl and hints.ttl.total_seconds(),
        "update_period": hints.update_period and hints.update_period.total_seconds(),
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
    }
    names = ("title", "link", "summary", "content", "author", "source", "lang")
    entries = [
        {name: getattr(entry, name) for name in names if getattr(entry, name)}
        | {name: when.isoformat() for name in ("published", "updated") if (when := getattr(entry, name))}
        for entry in feed.entries
    ]
    return {name: value for name, value in values.items() if value} | {"entries": entries}


def rss_1(*numbers: int) -> bytes:
    """A document whose namespaces are declared where they are used."""
    space = 'xmlns="http://purl.org/rss/1.0/"'
    entries = (
        f"""<item rdf:about="https://workshop.example/{number}" {space}>
        <title>Lesson {number}</title><link>https://workshop.example/{number}</link><description>In short.</description>
        <content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"
        >All of lesson {number}.</content:encoded></item>"""
        for number in numbers
    )
    root = f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel {space}><title>Workshop</title>'
    return f"{root}</channel>{''.join(entries)}</rdf:RDF>".encode()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_sample_says_what_is_expected(path: Path) -> None:
    assert described(parse(path.read_bytes())) == expected(path)


class TestWhatIsNoFeed:
    @pytest.mark.parametrize("body", [b"", b" \r\n\t "])
    def test_nothing(self, body: bytes) -> None:
        with pytest.raises(ParseError, match="the answer was empty"):
            parse(body)

    @pytest.mark.parametrize(
        "body",
        [
            b"<!DOCTYPE html><html><title>Hello</title>",
            b"\n<html><body><p>Hello",
            b'<?xml version="1.0"?><!-- page --><!DOCTYPE html PUBLIC "x"><html xmlns="y"></html>',
        ],
    )
    def test_a_web_page_is_told_from_a_broken_feed(self, body: bytes) -> None:
        with pytest.raises(ParseError, match=f"web page, not a feed; .*newsbell feeds discover {URL}"):
            parse(body, "application/rss+xml")

    @pytest.mark.parametrize("body", [b"hello", b"\x89PNG\r\n\x1a\n\0\0\xff", b"<svg/>", b"%PDF-1.4"])
    def test_anything_else(self, body: bytes) -> None:
        with pytest.raises(ParseError, match="not a feed"):
            parse(body)

    @pytest.mark.parametrize(
        "body", [b"{", b'{"a": 1}', b'{"items": {}}', b'{"a":' * 100_000, b'{"n": ' + b"1" * 10_000 + b"}"]
    )
    def test_json_that_is_no_feed(self, body: bytes) -> None:
        with pytest.raises(ParseError, match="JSON"):
            parse(body)

    def test_a_page_around_a_feed_is_read_as_the_feed(self) -> None:
        assert titles(parse(b"<html><body>" + rss(item(1)))) == ["Lesson 1 of the workshop"]


class TestHostileDocuments:
    @pytest.mark.parametrize("name", ["title", "description", "link"])
    def test_nested_entities_are_refused(self, name: str) -> None:
        levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
        doctype = f'<!DOCTYPE rss [<!ENTITY e0 "{"lol" * 100}">{levels}]>'.encode()
        with pytest.raises(ParseError, match="grow without end"):
            parse(doctype + rss(item(1, **{name: "&e9;"})).partition(b"\n")[2])

    def test_an_entity_within_itself_is_refused(self) -> None:
        doctype = b'<!DOCTYPE rss [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'
        with pytest.raises(ParseError, match="grow without end"):
            parse(doctype + rss(item(1, title="&a;")).partition(b"\n")[2])

    def test_a_long_entity_is_not_put_in_its_place(self) -> None:
        doctype = b'<!DOCTYPE rss [<!ENTITY a "' + b"A" * 10_000 + b'">]>'
        feed = parse(doctype + rss(item(1, title="&a;" * 800)).partition(b"\n")[2])
        assert set(titles(feed)[0]) <= set("&a;")

    def test_tags_without_end_are_shortened(self) -> None:
        flood = "<a " + " ".join(f'a{n}="1"' for n in range(20_000)) + "/>"
        assert parse(rss(item(1, category=flood), item(2))).total == 2

    def test_deep_nesting_is_read(self) -> None:
        assert parse(rss(item(1, category="<a>" * 5_000 + "</a>" * 5_000), item(2))).total == 2

    @given(st.binary(max_size=400))
    def test_any_bytes_give_a_feed_or_a_parse_error(self, noise: bytes) -> None:
        for body in (noise, rss(item(1), item(2)).replace(b"workshop", noise, 1)):
            with contextlib.suppress(ParseError):
                assert parse(body).total >= 0

    @given(st.data())
    def test_a_cut_document_keeps_its_first_entries(self, data: st.DataObject) -> None:
        whole = rss(*(item(n) for n in range(4)))
        end = data.draw(st.integers(whole.index(b"<item>"), len(whole)))
        complete = whole[:end].count(b"</item>")
        assert titles(parse(whole[:end]))[:complete] == [f"Lesson {n} of the workshop" for n in range(complete)]


class TestMoreEntriesThanAnybodyNeeds:
    MORE = 510
    FEBRUARY = "01 Feb 2025 10:00:00 GMT"

    @pytest.fixture(autouse=True)
    def _sooner(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The rule is the same for 500 of a large document; that 5,000 are meant, see ``test_oddities``."""
        monkeypatch.setattr(readers, "MAX_ENTRIES", 500)
        monkeypatch.setattr(readers, "_LARGE", 50_000)

    def titles_of(self, dates: Sequence[str]) -> list[str]:
        feed = parse(rss(*(item(n, description="", pubDate=date) for n, date in enumerate(dates))))
        which = "only the newest 500" if any(dates) else "none is dated, and 500 at both ends"
        assert feed.loss == f"it shows 510 entries: {which} are read"
        assert feed.total == 500
        return titles(feed)

    @pytest.mark.parametrize("at", [0, 17, MORE - 1])
    def test_the_newest_by_date_are_read_wherever_they_stand(self, at: int) -> None:
        dates = [self.FEBRUARY if n == at else "03 Jan 2025 10:00:00 GMT" for n in range(self.MORE)]
        assert f"Lesson {at} of the workshop" in self.titles_of(dates)

    def test_without_dates_both_ends_are_read(self) -> None:
        found = self.titles_of([""] * self.MORE)
        assert (found[0], found[-1]) == ("Lesson 0 of the workshop", f"Lesson {self.MORE - 1} of the workshop")

    def test_one_without_a_date_is_as_old_as_the_one_before_it(self) -> None:
        dates = ["02 Jan 2025"] * (self.MORE - 2) + [self.FEBRUARY, ""]
        assert f"Lesson {self.MORE - 1} of the workshop" in self.titles_of(dates)

    def test_of_a_json_feed_too(self) -> None:
        items = [{"id": str(n), "title": str(n), "date_published": f"{1990 + n // 30}-01-01"} for n in range(self.MORE)]
        feed = parse(json.dumps({"items": items}).encode())
        assert feed.total == 500
        assert feed.loss == "it shows 510 entries: only the newest 500 are read"
        assert titles(feed)[-1] == str(self.MORE - 1)


class TestNoEntryIsMissed:
    """Not fewer entries than feedparser finds."""

    @pytest.mark.parametrize(
        "body",
        [
            rss(item(1), "</channel><channel><title>Second</title>", item(2)),
            rss(item(1), item(2).replace("item>", "Item>")),
            rss(item(1).replace("item>", "ITEM>"), item(2)),
            rss(item(1).replace("</item>", ""), item(2)),
            rss(item(1).replace("</item>", item(2) + "</item>")),
            rss(item(1).replace("<item>", "<item"), item(2)),
            b"<?x" + rss(item(1), item(2)).replace(b"</title><link>", b"<rss></title><link>"),
            b"<feed xmlns='http://www.w3.org/2005/A&nbsp;tom'><title>T</title>"
            b"<entry><id>1</id><title>Lesson 1 of the workshop</title><link href='https://w.example/1'/></entry>"
            b"<entry><id>2</id><title>Lesson 2 of the workshop</title><link href='https://w.example/2'/></entry></feed>",
        ],
    )
    def test_of_an_odd_document(self, body: bytes) -> None:
        found = titles(parse(body))
        assert all(any(f"Lesson {n}" in title for title in found) for n in (1, 2))

    def test_one_in_capitals_is_seen_beside_known_ones(self) -> None:
        known = parse(rss(item(1), item(2))).fingerprints
        feed = parse(rss(item(3).replace("item>", "Item>"), item(1), item(2)), known=known)
        assert "Lesson 3 of the workshop" in titles(feed)

    def test_bad_ones_that_spoil_each_other_are_read_apart(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(readers, "_READINGS", 60)
        assert parse(rss(*(item(n, title=f"{n} & <b>") for n in range(120)))).total == 120

    @pytest.mark.parametrize("fault", ["<x:y>", "<description>a <br> b</description>"])
    def test_hundreds_of_bad_ones_are_read_in_bounded_time(self, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
        calls: list[bytes] = []
        read = tolerant.read
        monkeypatch.setattr(tolerant, "read", lambda body, *more: calls.append(body) or read(body, *more))
        feed = parse(rss(*(item(n, comments=fault) for n in range(300))))
        assert titles(feed) == [f"Lesson {n} of the workshop" for n in range(300)]
        assert len(calls) < 60

    def test_beyond_what_a_document_may_cost_texts_are_lost_but_no_entry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(readers, "_THOROUGHLY", 30)
        feed = parse(rss(*(item(n, description="text").replace("<desc", "<b><desc") for n in range(60))))
        assert titles(feed) == [f"Lesson {n} of the workshop" for n in range(60)]
        assert feed.entries[0].summary == "text"
        assert feed.entries[59].summary == ""

    @pytest.mark.parametrize("text", ["before <b>bold <p>after", "before<br>after", "<img src=x>before & after"])
    def test_markup_that_is_no_xml_costs_no_text(self, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(readers, "_THOROUGHLY", 30)
        feed = parse(rss(*(item(n, description=text) for n in range(60))))
        assert titles(feed) == [f"Lesson {n} of the workshop" for n in range(60)]
        assert {entry.summary.split()[0] + entry.summary.split()[-1] for entry in feed.entries} == {"beforeafter"}

    def test_that_fewer_could_be_read_than_begin_is_told(self) -> None:
        feed = parse(rss(item(1)) + b"<item")
        assert feed.warnings == ("not well formed: line 4: junk after document element",)
        again = parse(b"<rss><channel><x:item><title>a</title></x:item>" + item(1).encode())
        assert again.loss == "2 entries begin in it, but 1 could be read"


class TestJsonFeeds:
    @pytest.mark.parametrize(
        "text",
        [
            '{"items": [{"id": "1", "title": "One"}, {"id": "2", "title": "Two"}]} // made in 3 ms',
            '{"items": [{"id": "1", "title": "One"}, {"id": "2", "title": "Two"}]}\n<!-- cached -->',
            '{"items": {"0": {"id": "1", "title": "One"}, "4": {"id": "2", "title": "Two"}}}',
            '{"items": [{"id": "1", "title": "One"}, {"id": "2", "title": "Two", "content_text": "a\tb"}]}',
        ],
    )
    def test_what_others_take_is_read(self, text: str) -> None:
        assert titles(parse(text.encode())) == ["One", "Two"]

    def test_a_text_that_quotes_an_item_is_a_text(self) -> None:
        quoting = '{"id": "1", "title": "One", "content_text": "so: <item>X</item>"}'
        known = parse(b'{"items": [%s]}' % quoting.encode()).fingerprints
        feed = parse(b'{"items": [{"id": "2", "title": "Two"}, %s]}' % quoting.encode(), known=known)
        assert titles(feed) == ["Two"]


class TestDocumentsThatBreakFeedparser:
    SPACE = b'xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule"'
    END = "</creativeCommons:license></b>"  # the end of what never began: feedparser raises KeyError

    def document(self, *items: str) -> bytes:
        return rss(*items).replace(b"<rss ", b"<rss %s " % self.SPACE)

    def test_the_other_entries_survive_and_most_of_the_bad_one(self) -> None:
        bad = item(2).replace("</item>", f"{self.END}</item>")
        feed = parse(self.document(item(1), bad, item(3)))
        assert titles(feed) == [f"Lesson {number} of the workshop" for number in (1, 2, 3)]

    def test_what_can_be_read_of_an_entry_without_title_survives_too(self) -> None:
        bad = f"<item><description>no title</description>{self.END}</item>"
        feed = parse(self.document(item(1), bad, item(3)))
        assert titles(feed) == ["Lesson 1 of the workshop", "", "Lesson 3 of the workshop"]
        assert feed.entries[1].summary == "no title"

    @pytest.mark.parametrize(("begin", "end"), [("", END), ("<category>", "</category>")])
    def test_with_nothing_else_it_is_read_without_what_nobody_needs(self, begin: str, end: str) -> None:
        entry = "<ITEM><title>x</title><dc:date>2025-01-22</dc:date></ITEM>"
        feed = parse(self.document(begin + entry.replace("</ITEM>", f"words{end}</ITEM>")))
        assert titles(feed) == ["x"]
        assert feed.entries[0].published

    def test_what_breaks_it_for_good_is_a_parse_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def breaks(body: bytes) -> object:
            raise KeyError("tags")

        monkeypatch.setattr(tolerant, "_parse", breaks)
        with pytest.raises(ParseError, match="this feed cannot be read"):
            parse(self.document("<ITEM><title>x</title></ITEM>"))

    def test_entries_without_link_or_title_are_read_beside_others(self) -> None:
        feed = parse(rss(item(1), item(2, title=""), item(3, link=""), item(4)))
        assert [bool(entry.title and entry.link) for entry in feed.entries] == [True, False, False, True]

    def test_a_pull_of_names_that_its_strict_half_refuses(self) -> None:
        odd = item(2).replace("</item>", '<a xmlns:b="c d"><b:e f="g"/></a></item>')
        assert parse(rss(item(1, title=""), odd)).total == 2


class TestEntriesOfWhichFeedparserSeesLittle:
    @pytest.mark.parametrize("broken", ["{title}", "{title}<p/</title>"])
    def test_a_title_without_end_is_not_all_that_is_lost(self, broken: str) -> None:
        plain = "<title>Lesson 2 of the workshop</title>"
        bad = item(2).replace(plain, "<title>" + broken.format(title="Lesson 2 of the workshop"))
        feed = parse(rss(item(1), bad, item(3)))
        assert titles(feed) == [f"Lesson {number} of the workshop" for number in (1, 2, 3)]
        assert feed.entries[1].keys.guid == parse(rss(item(2))).entries[0].keys.guid

    def test_what_nobody_wrote_is_not_made_up(self) -> None:
        feed = parse(rss(item(1), "<item><description>no title</b></description></item>", item(3)))
        assert (feed.entries[1].title, feed.entries[1].link, feed.entries[1].summary) == ("", "", "no title")

    @pytest.mark.parametrize("aside", ["<!-- edited -->", "<?php echo 1; ?>"])
    @pytest.mark.parametrize("field", ["description", "content:encoded"])
    def test_what_stands_behind_a_comment_in_a_text_is_read(self, aside: str, field: str) -> None:
        fields = {"description": "", field: f"{aside}<![CDATA[<p>What was learnt.</p>]]>"}
        space = b'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        feed = parse(rss(item(1, **fields)).replace(b"<rss ", space))
        assert feed.entries[0].summary == "What was learnt."


class TestUnchangedEntries:
    def test_entries_of_the_last_document_are_not_handed_over(self) -> None:
        first = parse(rss(item(1), item(2), item(3)))
        second = parse(rss(item(4), item(1), item(2), item(3)), known=first.fingerprints)
        assert titles(second) == ["Lesson 4 of the workshop"]
        assert second.total == 4
        assert second.fingerprints[FINGERPRINT_BYTES:] == first.fingerprints

    def test_with_nothing_new_only_the_head_is_read(self) -> None:
        first = parse(rss(item(1), item(2)))
        second = parse(rss(item(2), item(1), head="<ttl>60</ttl>"), known=first.fingerprints)
        assert second.entries == ()
        assert (second.title, second.dialect, second.total) == ("Workshop", "rss20", 2)
        assert second.hints.ttl is not None

    def test_a_changed_entry_is_handed_over_again(self) -> None:
        first = parse(rss(item(1), item(2), item(3)))
        second = parse(rss(item(1), item(2, title="Changed"), item(3)), known=first.fingerprints)
        assert titles(second) == ["Changed"]

    @pytest.mark.parametrize("shared", ["guid", "link"])
    def test_all_that_share_an_id_or_link_with_a_new_one_are_handed_over(self, shared: str) -> None:
        same = {shared: "https://workshop.example/all"}
        known = parse(rss(*(item(n, **same) for n in range(4)), item(8))).fingerprints
        feed = parse(rss(item(9, **same), *(item(n, **same) for n in range(4)), item(8)), known=known)
        assert len(feed.entries) == 5

    @pytest.mark.parametrize(
        "shared",
        [
            lambda n: {"guid": "", "link": f"https://workshop.example/?utm_content=i{n}"},
            lambda n: {"guid": "", "link": f"https://workshop.example/;jsessionid={n}"},
            lambda n: {"link": f"https://workshop.example/live#p{n}"},
            lambda _: {"guid": "", "link": "<![CDATA[https://workshop.example/?a=1&b=2]]>"},
            lambda _: {"guid": "", "link": "https://workshop.example/?a=1&#38;b=2"},
            lambda _: {"link": "", "guid": "a&#38;b"},
            lambda _: {"link": "", "guid": "a&quot;b"},
            lambda n: {"link": "", "guid": "a&amp;b" if n % 2 else "<![CDATA[a&b]]>"},
        ],
    )
    def test_however_the_id_or_link_is_written(self, shared: Callable[[int], dict[str, str]]) -> None:
        known = parse(rss(*(item(n, **shared(n)) for n in range(4)), item(8))).fingerprints
        feed = parse(rss(item(9, **shared(9)), *(item(n, **shared(n)) for n in range(4)), item(8)), known=known)
        assert len(feed.entries) == 5

    def test_links_that_differ_in_what_names_the_article_are_not_shared(self) -> None:
        numbered = [item(n, guid="", link=f"https://workshop.example/modules.php?sid={n}") for n in range(5)]
        known = parse(rss(*numbered[1:])).fingerprints
        assert titles(parse(rss(*numbered), known=known)) == ["Lesson 0 of the workshop"]

    @pytest.mark.parametrize("change", [lambda body: body.replace(b"Lesson 1", b"Lesson <b>1"), lambda body: body[:-4]])
    def test_a_document_that_breaks_keeps_what_was_known(self, change: Any) -> None:
        known = parse(rss(*(item(n) for n in range(6)))).fingerprints
        feed = parse(change(rss(item(7), *(item(n) for n in range(6)))), known=known)
        assert "Lesson 7 of the workshop" in titles(feed)
        assert len(feed.entries) <= 2

    def test_a_comment_that_quotes_an_entry_hides_nothing(self) -> None:
        """The first entry is cut off within the comment, and with it the beginning of the document."""

        def noted(*numbers: int) -> bytes:
            return rss_1(*numbers).replace(b"<rdf:RDF", b"<!-- the <item>s are below --><rdf:RDF", 1)

        known = parse(noted(1, 2, 3)).fingerprints
        assert titles(parse(noted(1, 4, 2, 3), known=known)) == ["Lesson 4"]

    def test_rss_1_may_say_so_in_each_entry(self) -> None:
        whole = parse(rss_1(1, 2, 3))
        assert [entry.content for entry in whole.entries] == [f"All of lesson {number}." for number in (1, 2, 3)]
        assert parse(rss_1(1, 2, 3), known=whole.fingerprints[FINGERPRINT_BYTES:]).entries == whole.entries[:1]

    @pytest.mark.parametrize(
        "sent",
        [
            lambda text: b"\xef\xbb\xbf" + text.encode(),
            lambda text: text.replace("?>", ' encoding="iso-8859-1"?>', 1).encode(),
            lambda text: text.replace("?>", ' encoding="windows-1252"?>', 1).encode("cp1252"),
            lambda text: text.replace("?>", ' encoding="utf-16"?>', 1).encode("utf-16"),
            lambda text: text.encode().decode("latin-1").encode(),
        ],
        ids=["mark", "lie", "windows-1252", "utf-16", "twice"],
    )
    def test_a_new_entry_is_decoded_as_with_all_the_others(self, sent: Callable[[str], bytes]) -> None:
        others = [item(n, title=f"Le{'ç' * (n % 2)}on {n}") for n in range(5)]
        after = sent(rss(item(7, title="L’été à Paris"), *others).decode())
        feed = parse(after, known=parse(sent(rss(*others).decode())).fingerprints)
        assert titles(feed) == ["L’été à Paris"]
        assert feed.fingerprints == parse(after).fingerprints

    def test_json_entries_are_known_too(self) -> None:
        body = b'{"items": [{"id": "a", "content_text": "one"}, {"id": "b", "content_text": "two"}]}'
        assert parse(body, known=parse(body).fingerprints).entries == ()

    def test_entries_that_cannot_be_told_apart_by_bytes_are_known_too(self) -> None:
        body = rss(item(1, description="<![CDATA[quoted: </item>]]>"), item(2))
        assert parse(body).total == 2
        assert parse(body, known=parse(body).fingerprints).entries == ()

    @given(st.lists(st.integers(0, 12), unique=True), st.lists(st.integers(0, 12), unique=True))
    def test_what_is_handed_over_is_what_was_not_there(self, before: list[int], after: list[int]) -> None:
        known = parse(rss(*map(item, before))).fingerprints
        feed = parse(rss(*map(item, after)), known=known)
        assert titles(feed) == [f"Lesson {n} of the workshop" for n in after if n not in before]
        assert feed.total == len(after)


class TestTexts:
    def test_a_lone_long_text_is_the_content(self) -> None:
        entry = parse(rss(item(1, description="word " * 2000))).entries[0]
        assert (entry.summary, len(entry.content)) == ("", 9999)

    def test_a_summary_that_only_begins_the_content_goes(self) -> None:
        encoded = (
            "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>One two three.</content:encoded>"
        )
        entry = parse(rss(item(1, description="One two").replace("</item>", f"{encoded}</item>"))).entries[0]
        assert (entry.summary, entry.content) == ("One two three.", "")

    def test_the_configured_language_counts_more_than_the_feeds_and_less_than_the_entrys(self) -> None:
        head = "<language>en-us</language>"
        assert parse(rss(item(1), head=head), lang="km").entries[0].lang == "km"
        assert parse(rss(item(1), head=head)).entries[0].lang == "en-us"
        own = rss(item(1).replace("<item>", '<item xml:lang="lo">'), head=head)
        assert parse(own, lang="km").entries[0].lang == "lo"

    def test_a_language_that_is_none_is_left_out(self) -> None:
        assert parse(rss(item(1), head="<language>as you like it</language>")).lang is None
