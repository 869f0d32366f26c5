"""Documents that a parser could stumble over: what is lost is at most what nobody could have read."""

from __future__ import annotations

import json

import pytest

from monitor.errors import ParseError
from monitor.parse import fast, head
from monitor.parse.readers import MAX_ENTRIES
from tests.monitor.parse.samples import item, parse, rss, titles

ENDLESS = "&#" + "9" * 5_000 + ";"


@pytest.mark.parametrize("field", ["title", "description", "author", "category", "guid", "link", "pubDate"])
@pytest.mark.parametrize("form", [ENDLESS, ENDLESS.replace("&", "&amp;"), f"<![CDATA[{ENDLESS}]]>"])
def test_a_character_reference_without_end_costs_no_entry(field: str, form: str) -> None:
    feed = parse(rss(item(1), item(2, **{field: f"x {form}"}), item(3)))
    assert [entry.title[:8] for entry in feed.entries] == [
        "Lesson 1",
        "x \ufffd" if field == "title" else "Lesson 2",
        "Lesson 3",
    ]


@pytest.mark.parametrize("place", [b"<channel", b'<rss version="2.0"'])
def test_addresses_under_a_base_are_resolved_against_it(place: bytes) -> None:
    body = rss(item(1, link="/1"), item(2, link="2"), item(3), item(4, link="?a=1&amp;b=2"))
    feed = parse(body.replace(place, place + b' xml:base="https://base.example/news/"'))
    assert [entry.link for entry in feed.entries] == [
        "https://base.example/1",
        "https://base.example/news/2",
        "https://workshop.example/3",
        "https://base.example/news/?a=1&b=2",
    ]


def test_sources_are_not_given_to_the_wrong_entry_when_entries_hold_entries() -> None:
    """An extension quotes another entry inside the second one: counting elements would shift everything."""
    quoted = item(2, source="Second").replace("</item>", "<x:related><x:item>quoted</x:item></x:related></item>")
    body = rss(item(1, source="First"), quoted, item(3, source="Third"))
    feed = parse(body.replace(b'version="2.0"', b'version="2.0" xmlns:x="https://x.example/"'))
    assert {entry.title: entry.source for entry in feed.entries} == {
        "Lesson 1 of the workshop": "First",
        "Lesson 2 of the workshop": "Second",
        "Lesson 3 of the workshop": "Third",
    }


PODCAST = b'version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:x="https://x.example/"'


@pytest.mark.parametrize(
    "before",
    ["<itunes:title>Episode</itunes:title>", "<x:title>X</x:title><x:link>https://x.example/</x:link>", "<x:title/>"],
)
def test_the_words_of_another_vocabulary_are_not_the_entrys_own(before: str) -> None:
    body = rss(item(1).replace("<item>", f"<item>{before}"), item(2)).replace(b'version="2.0"', PODCAST)
    assert [(entry.title, entry.link) for entry in parse(body).entries] == [
        ("Lesson 1 of the workshop", "https://workshop.example/1"),
        ("Lesson 2 of the workshop", "https://workshop.example/2"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<m:description>R&amp;D in Laos</m:description>",
        "<description/><m:group><m:description/><m:description>R&amp;D in Laos</m:description></m:group>",
        "<m:content><m:description>&lt;p&gt;R&amp;amp;D in &lt;b&gt;Laos&lt;/b&gt;</m:description></m:content>",
        "<h:body><h:p>R&amp;D in <h:b>Laos</h:b></h:p></h:body>",
    ],
)
def test_the_text_of_another_vocabulary_stands_in_for_one_that_is_missing(text: str) -> None:
    spaces = b'version="2.0" xmlns:m="http://search.yahoo.com/mrss/" xmlns:h="http://www.w3.org/1999/xhtml"'
    bare = "<item><title>t</title><link>https://a.example/1</link><guid>g</guid>{}</item>"
    entries = parse(rss(bare.format(text), item(2)).replace(b'version="2.0"', spaces)).entries
    assert [entry.summary for entry in entries] == ["R&D in Laos", parse(rss(item(2))).entries[0].summary]


def test_markup_in_a_prefixed_text_is_read() -> None:
    text = '<a:summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">in <b>Laos</b></div></a:summary>'
    entry = f'<a:entry><a:id>i</a:id><a:title>t</a:title><a:link href="https://a.example/1"/>{text}</a:entry>'
    body = f'<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>f</a:title>{entry}</a:feed>'
    assert parse(body.encode()).entries[0].summary == "in Laos"


@pytest.mark.parametrize("junk", [b'{"error": "none"}', b"{", b"<!doctype html><html><head></head>"])
def test_junk_of_another_kind_before_a_feed_hides_it_not(junk: bytes) -> None:
    assert parse(junk + rss(item(1), item(2))).total == 2
    assert parse(junk + rss(item(1), item(2)).partition(b"<item>")[2]).total == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<feed xmlns='http://www.w3.org/2005/Atom/'>", "</feed>"),
        ("<feed xmlns='urn:x' xml:lang='lo'>", "</feed>"),
        ("<feed>", "</feed>"),
        ("<channel>", "</channel>"),
        ("<RSS><CHANNEL>", "</CHANNEL></RSS>"),
        ("<channel href='https://a.example/'>", "</channel>"),
    ],
)
def test_many_entries_in_a_root_that_nobody_knows_are_all_read(before: str, after: str) -> None:
    """More than feedparser could read in the time that a document may take."""
    atom = "<entry><title>T{0}</title><id>i{0}</id><link href='https://a.example/{0}'/><summary>t</summary>{1}</entry>"
    news = "<item><title>T{0}</title><link>https://a.example/{0}</link>{1}</item>"
    cdf = "<item href='https://a.example/{0}'><title>T{0}</title>{1}</item>"
    made = (atom if "feed" in before else cdf if "href" in before else news).format
    entries = "".join(made(number, "<category>c</category>" * 20) for number in range(150))
    if before.isupper():
        entries = entries.upper().replace("HTTPS://A.EXAMPLE", "https://a.example")
    found = parse(f"{before}{entries}{after}".encode()).entries
    assert [(each.title, each.link) for each in found] == [(f"T{n}", f"https://a.example/{n}") for n in range(150)]


@pytest.mark.parametrize("root", ["rss version='2.0'", "feed"])
def test_a_root_of_very_many_namespaces_is_not_read_with_each_entry(root: str) -> None:
    spaces = " ".join(f"xmlns:n{number}='urn:{number}'" for number in range(1_000))
    bad = "".join(item(number).replace("<title>", "<b><title>") for number in range(100))
    bad = bad.replace("item>", "entry>") if root == "feed" else bad
    assert parse(f"<{root} {spaces}><channel><title>f</title>{bad}</channel></{root[:4]}>".encode()).total == 100


@pytest.mark.parametrize("after", ["</channel></rss>", "</channel>", ""])
def test_entries_without_ends_are_all_read(after: str) -> None:
    entries = "".join(item(number).removesuffix("</item>\n") for number in range(300))
    assert len(parse(f"<rss version='2.0'><channel><title>f</title>{entries}{after}".encode()).entries) == 300


def test_an_id_that_is_an_address_is_the_link_however_it_is_written() -> None:
    entry = "<entry><id>HTTP://a.example/1</id><title>t</title></entry>"
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'>{entry}</feed>"
    assert parse(body.encode()).entries[0].link == "HTTP://a.example/1"


@pytest.mark.parametrize("field", ["title", "description"])
@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<![CDATA[one]]><b>two</b>", "onetwo"),
        ("<![CDATA[one]]><!-- x --><![CDATA[two]]>", "onetwo"),
        ("<![CDATA[one]]><![CDATA[two]]>", "onetwo"),
        ("<![CDATA[one]]]]><![CDATA[>two]]>", "one]]>two"),
    ],
)
def test_a_text_may_go_on_behind_its_first_part(field: str, text: str, read: str) -> None:
    entry = parse(rss(item(1, **{field: text}), item(2))).entries[0]
    assert (entry.title if field == "title" else entry.summary) == read


@pytest.mark.parametrize("quoted", ["<!-- {} -->", "<![CDATA[{}]]>"])
def test_an_item_that_the_head_of_an_atom_feed_quotes_is_no_entry(quoted: str) -> None:
    entry = "<entry><title>T<i>x</i></title><id>i</id><link href='https://a.example/1'/></entry>"
    head_title = f"<title>F{quoted.format('<item><title>no</title></item>')}</title>"
    feed = parse(f'<feed xmlns="http://www.w3.org/2005/Atom">{head_title}{entry}</feed>'.encode())
    assert [found.link for found in feed.entries] == ["https://a.example/1"]


@pytest.mark.parametrize("relation", ["self", "replies", "edit", "enclosure", "related", "via", "https://x.example/r"])
@pytest.mark.parametrize(
    "page", ["<link href='/1'/>", "<link href='/1' rel='alternate'/>", "<link type='a' href='/1'/>"]
)
@pytest.mark.parametrize("first", [True, False], ids=["before", "behind"])
def test_the_page_of_an_atom_entry_is_its_alternate(relation: str, page: str, first: bool) -> None:
    other = f'<link rel="{relation}" href="https://x.example/"/>'
    links = other + page if first else page + other
    entry = f"<entry><title>T</title><id>i</id><updated>2025-01-22T03:00:00Z</updated>{links}</entry>"
    (found,) = parse(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>{entry}</feed>'.encode()).entries
    assert found.link == "https://feeds.example/1"


@pytest.mark.parametrize("aside", ["<!-- title -->", "<?page 3?>", "&unknown;"])
def test_what_stands_in_a_head_and_is_no_element_says_nothing(aside: str) -> None:
    found = head.read(f"<rss><channel>{aside}<title>Workshop</title>{aside}<ttl>60</ttl></channel></rss>".encode())
    assert (found.title, found.hints.ttl and found.hints.ttl.total_seconds()) == ("Workshop", 3600)


def test_an_extractor_that_stumbles_leaves_the_document_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbles(*arguments: object) -> None:
        raise ValueError("no")

    body = rss(item(1), item(2))
    expected = parse(body)
    monkeypatch.setattr(fast, "_NATIVE", stumbles)
    assert parse(body) == expected


@pytest.mark.parametrize("count", [MAX_ENTRIES, MAX_ENTRIES + 1])
def test_a_small_document_of_very_many_entries_is_cut_like_a_large_one(count: int) -> None:
    items = [{"id": str(number)} for number in range(count)]
    feed = parse(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode())
    assert feed.total == MAX_ENTRIES == 5_000
    assert bool(feed.loss) is (count > MAX_ENTRIES)


@pytest.mark.parametrize(
    "body", [b"<x:item />", b"<sitemap><!-- <channel> --></sitemap>", b"<log>see <!--<rss >--></log>"]
)
def test_what_only_looks_like_a_feed_is_none(body: bytes) -> None:
    with pytest.raises(ParseError, match="nothing in it could be read as one"):
        parse(body)


class TestChangedDocuments:
    """Only what changed is read again; when that could mislead, all of it is, and nothing new is missed."""

    def known(self, body: bytes) -> bytes:
        return parse(body).fingerprints

    @pytest.mark.parametrize(
        "odd",
        [
            "<!-- <item><title>withdrawn</title></item> -->",
            item(9).replace("<item>", "<item><item>x</item>"),
            "<item><title>a</title></Item><Item><title>b</title></item>",  # two, where the bytes look like one
            "<item></item>",
            "<item><title>only a title</title></item>",
        ],
    )
    def test_an_odd_change_hides_no_new_entry(self, odd: str) -> None:
        before = [item(number) for number in range(1, 7)]
        after = rss(item(8), odd, *before)
        known = self.known(rss(*before))
        told, all_of_it = titles(parse(after, known=known)), titles(parse(after))
        assert set(all_of_it) - set(titles(parse(rss(*before)))) <= set(told) <= set(all_of_it)
        assert "Lesson 8 of the workshop" in told

    def test_a_document_that_is_no_feed_any_more_is_an_error_also_beside_a_known_one(self) -> None:
        known = self.known(rss(item(1)))
        with pytest.raises(ParseError, match="web page"):
            parse(b"<!doctype html><html><body>Please log in</body></html>", known=known)
