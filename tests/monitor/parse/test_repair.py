"""Mending what keeps a feed from being XML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.parse.repair import end_fields, end_properly, mend, shorten_tags, shorten_texts, thin_out
from monitor.parse.wellformed import survey
from tests.monitor.parse.samples import item, parse, rss, titles


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("a & b && c", "a &amp; b &amp;&amp; c"),
        ("?a=1&b=2&copy=3", "?a=1&amp;b=2&amp;copy=3"),
        ("&lt;&gt;&quot;&apos;&amp;", "&lt;&gt;&quot;&apos;&amp;"),
        ("caf&eacute;&nbsp;&hellip;", "café\xa0…"),
        ("&unheard; &LT;", "&amp;unheard; &amp;LT;"),
        ("&#65;&#x41;&#X41;&#9;", "&#65;&#x41;&#x41;&#9;"),
        ("&#0;&#8;&#xD800;&#xFFFF;&#1114112;&#99999999999;", "\ufffd" * 6),
        ("a\x00b\x08c\x1bd", "abcd"),
        ("<![CDATA[a & b &nbsp; &#0;]]>", "<![CDATA[a & b &nbsp; &#0;]]>"),
        ("<!-- a & b -->", "<!-- a & b -->"),
    ],
)
def test_texts_are_mended(broken: str, mended: str) -> None:
    body = f"<rss><channel>{broken}</channel></rss>"
    assert mend(body.encode()).decode() == f"<rss><channel>{mended}</channel></rss>"


def test_junk_before_the_document_and_its_declaration_go() -> None:
    assert mend(b'<br>\nWarning: x\n<?xml version="1.0" encoding="x"?>\n<rss/>').strip() == b"<rss/>"


def test_short_entities_are_put_in_their_place_and_others_never() -> None:
    doctype = '<!DOCTYPE rss [<!ENTITY a "short"><!ENTITY b SYSTEM "file:///x"><!ENTITY c "&a;"><!ENTITY d \'it\'>]>'
    assert mend(f"{doctype}<rss>&a;&b;&c;&d;</rss>".encode()) == b"<rss>short&amp;b;&amp;c;it</rss>"


def test_noncharacters_and_halves_of_pairs_go() -> None:
    assert mend(b"<rss>a\xef\xbf\xbfb\xed\xa0\x80c</rss>") == b"<rss>abc</rss>"


@given(st.text())
def test_mended_text_is_well_formed(text: str) -> None:
    plain = text.replace("<", "").replace(">", "")
    assert survey(mend(f"<rss><channel>{plain}</channel></rss>".encode(errors="replace"))).error == ""


@pytest.mark.parametrize("cut", [1, 5, 10, 20, 40, 80, 120])
def test_a_cut_document_is_ended_where_it_should(cut: int) -> None:
    body = end_properly(rss(item(1), item(2))[:-cut])
    assert survey(body).error == ""
    assert body.count(b"<item>") == 2


def test_a_document_that_ends_within_the_tag_of_an_entry_loses_only_that() -> None:
    """However long the tag is: nobody has to look for an entry in it."""
    whole = rss(item(1).strip())
    begun = whole.replace(b"</channel></rss>", b"<item about='" + b"x" * 1_000)
    assert end_properly(begun) == whole


@pytest.mark.parametrize("tail", [b"<html></html>", b"<!-- x", b"text", b"</rss>", b"&amp;"])
def test_what_follows_the_end_is_cut(tail: bytes) -> None:
    assert end_properly(rss(item(1)) + tail) == rss(item(1))


@pytest.mark.parametrize(
    "body",
    [
        rss(item(1), item(2)).replace(b"</title>", b"", 1),
        rss(item(1), item(2)).replace(b"<item>", b"<![CDATA[", 1),
        rss(item(1)).replace(b"<rss", b"<a></a><rss"),
    ],
)
def test_faults_that_are_not_at_the_end_are_left(body: bytes) -> None:
    assert end_properly(body) == body


@pytest.mark.parametrize("opening", ['<!DOCTYPE feed SYSTEM "x.dtd" [', "<!DOCTYPE rss ["])
def test_a_doctype_without_end_takes_nothing_with_it(opening: str) -> None:
    body = rss(item(1, title="<![CDATA[x]]>"), item(2)).partition(b"\n")[2]
    assert mend(opening.encode() + b"\n" + body).strip() == body


def test_of_a_tag_without_end_the_first_attributes_stay() -> None:
    flood = " ".join(f'a{n}="1"' for n in range(20_000))
    huge = f"<link rel=\"alternate\"\n href = 'https://workshop.example/1' {flood}/>".encode()
    kept = shorten_tags(huge)
    assert kept.startswith(b"<link rel=\"alternate\"\n href = 'https://workshop.example/1' a0")
    assert kept.endswith(b'="1"/>')
    assert len(kept) < 5_000


def test_a_flood_of_tags_without_names_is_one() -> None:
    flooded = item(2).replace("</description>", f"</description a='{'<' * 300_000}'>")
    feed = parse(rss(item(1), flooded, item(3)))
    assert [entry.title for entry in feed.entries] == [f"Lesson {number} of the workshop" for number in (1, 2, 3)]
    assert shorten_tags(b"<a b='" + b"<" * 300_000 + b"'>") == b"<a b='<'>"
    assert shorten_tags(b"<p>" + b"<" * 60 + b"</p>") == b"<p>" + b"<" * 60 + b"</p>"


def test_only_tags_without_end_are_shortened() -> None:
    long, huge = b'<a x="' + b"y" * 1000 + b'"/>', b'<b x="' + b"y" * 100_000 + b'">'
    assert shorten_tags(long + huge + b"</b>") == long + b"<b></b>"
    assert shorten_tags(huge[:-1] + b"/>") == b"<b/>"


LONG = 1_048_576


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"", 0),
        (b"<a>" + b"x" * (LONG - 10) + b"</a>", LONG - 3),
        (b"<a>" + b"x" * 3 * LONG + b"</a>" + b"y" * 2 * LONG, 2 * LONG),
        (b"x" * 3 * LONG + b"<a>" * LONG, 4 * LONG),
        (b"<a>" * LONG, 3 * LONG),
    ],
    ids=["none", "short", "two", "first", "tags"],
)
def test_texts_without_end_are_cut(body: bytes, kept: int) -> None:
    assert len(shorten_texts(body)) == kept
    assert shorten_texts(body).split(b"<")[-1][:2] == body.split(b"<")[-1][:2]


def test_a_text_is_cut_between_characters() -> None:
    assert shorten_texts(b"<a>" + "ກ".encode() * LONG + b"</a>").decode().endswith("ກ</a>")


@pytest.mark.parametrize("markup", ["<p>Laos & Japan<br>sign", "<b>x", "<div>", "&eacute;", "<q:x a='>'>"])
def test_an_entry_of_very_much_markup_is_read_with_its_neighbours(markup: str) -> None:
    huge = item(2, description=f"Found. {markup * (5 * LONG // 4 // len(markup))}")
    feed = parse(rss(item(1), huge, item(3)))
    assert [entry.title for entry in feed.entries] == [f"Lesson {number} of the workshop" for number in (1, 2, 3)]
    assert (feed.entries[1].summary or feed.entries[1].content).startswith("Found.")


def test_an_entry_of_very_many_fields_is_read_with_its_neighbours() -> None:
    huge = item(2, description="Found.").replace("</item>", f"{'<title>x & y</title>' * (LONG // 16)}</item>")
    assert titles(parse(rss(item(1), huge, item(3))))[::2] == [f"Lesson {n} of the workshop" for n in (1, 3)]


@pytest.mark.parametrize("markup", ["<p>a<br/>b</p>", "<![CDATA[<p>a</p><p>b</p>]]>", "<b>ກ</b>"])
def test_of_a_large_field_of_an_entry_the_beginning_stays(markup: str) -> None:
    body = f"<item><description>{markup * (LONG // 8)}</description><link>l</link></item>".encode()
    kept = thin_out(body)
    assert len(kept) < len(body) / 3
    assert kept.startswith(b"<item><description>")
    assert kept.endswith(b"</description><link>l</link></item>")
    assert kept.count(b"<![CDATA[") == kept.count(b"]]>")
    assert kept.decode()


@pytest.mark.parametrize(
    ("entry", "ended"),
    [
        ("<item><title>a<link>b</link></item>", "<item><title>a</title><link>b</link></item>"),
        (
            '<item><guid x="y">a<pubDate>b<title>c</title>',
            '<item><guid x="y">a</guid><pubDate>b</pubDate><title>c</title>',
        ),
        ('<entry><link href="a"/><id>b</id>', '<entry><link href="a"/><id>b</id>'),
        ("<item><description>a<b>c</b></description>", "<item><description>a<b>c</b></description>"),
    ],
)
def test_fields_without_end_end_where_the_next_one_begins(entry: str, ended: str) -> None:
    assert end_fields(entry.encode()) == ended.encode()


def test_blanks_before_a_document_take_no_time() -> None:
    blanks = b"\n" * 300_000
    assert mend(b"<rss>" + blanks + b"&nbsp;</rss>") == b"<rss>" + blanks + "\u00a0</rss>".encode()
