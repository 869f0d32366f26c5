"""Subscription lists of other readers, in and out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.opml import MAX_BYTES, read_opml, write_opml
from monitor.errors import ConfigError
from monitor.model import Feed
from tests.examples import examples

LIST = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1"><head><title>Ours</title></head><body>
  <outline text="Asia">
    <outline type="rss" text="A" title="Example  A" xmlUrl="https://a.example/feed" htmlUrl="https://a.example"/>
    <outline text="B"><outline text="C &amp; D" xmlUrl=" https://c.example/?x=1&amp;y=2 "/></outline>
  </outline>
  <outline text="again" xmlUrl="https://a.example/feed"/>
  <outline text="https://e.example/" xmlUrl="https://e.example/"/>
  <outline text="not a feed"/>
  <outline text="script" xmlUrl="javascript:alert(1)"/>
</body></opml>"""


def test_folders_are_flattened_and_each_address_comes_once():
    assert read_opml(LIST, "f") == (
        Feed("https://a.example/feed", "Example A"),
        Feed("https://c.example/?x=1&y=2", "C & D"),
        Feed("https://e.example/"),
    )


@pytest.mark.parametrize(
    ("outline", "url"),
    [
        ("<outline XMLURL='https://a.example/f'/>", "https://a.example/f"),
        ("<outline xmlUrl='HTTPS://a.example/f'/>", "https://a.example/f"),
        ("<outline xmlUrl='feed://a.example/f'/>", "http://a.example/f"),
        ("<outline xmlUrl='feed:https://a.example/f'/>", "https://a.example/f"),
        ("<outline xmlUrl='https://a.example/my feed'/>", "https://a.example/my%20feed"),
        ("<outline type='RSS' url='https://a.example/f'/>", "https://a.example/f"),
        ("<OUTLINE TYPE='rss' XMLURL='https://a.example/f'/>", "https://a.example/f"),
    ],
)
@pytest.mark.parametrize(
    "root", ["<opml>{}</opml>", "<OPML>{}</OPML>", "<opml xmlns='http://opml.org/spec2'>{}</opml>"]
)
def test_lists_of_readers_that_spell_them_otherwise_are_read(outline, url, root):
    skipped = []
    assert read_opml(root.format(f"<body>{outline}</body>").encode(), "f", skipped) == (Feed(url),)
    assert skipped == []


@pytest.mark.parametrize(
    "url", ["ftp://a.example/f", "http:a", "file:///etc/passwd", "http://[::1", "x", "feed:feed:x", "https:///f"]
)
def test_addresses_that_cannot_be_used_are_named(url):
    skipped = []
    outlines = f"<outline xmlUrl='{url}'/><outline type='link' url='https://page.example/'/><outline xmlUrl=' '/>"
    assert read_opml(f"<opml>{outlines}</opml>".encode(), "f", skipped) == ()
    assert skipped == [url]


def test_one_address_in_several_spellings_is_one_feed():
    urls = ["https://a.example/f", "https://a.example/f#x", "https://A.example/f", "https://a.example:443/f"]
    outlines = "".join(f"<outline xmlUrl='{url}'/>" for url in urls)
    assert read_opml(f"<opml>{outlines}</opml>".encode(), "f") == (Feed(urls[0]),)


def test_an_outline_with_very_many_attributes_is_read_at_once():
    many = " ".join(f"a{number}='>'" for number in range(50_000))
    text = f"<opml><body><outline {many} TITLE='a' xmlUrl='https://a.example/'/></body></opml>"
    assert read_opml(text.encode(), "f") == (Feed("https://a.example/", "a"),)


def test_a_title_that_xml_cannot_hold_is_written_as_far_as_it_can():
    (feed,) = read_opml(write_opml([Feed("https://a.example/", "ti\0tle \x1b\ud800\ufffe")], "\x07"), "f")
    assert feed.title == "ti tle"


def test_an_encoding_that_is_declared_is_used():
    text = (
        '<?xml version="1.0" encoding="windows-1252"?><opml><body><outline text="é" xmlUrl="http://a"/></body></opml>'
    )
    assert read_opml(text.encode("windows-1252"), "f")[0].title == "é"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not well-formed XML"),
        (b"<opml><body>\n<outline text='a' xmlUrl='http://a?b&c'/></body></opml>", "f:2:1: not well-formed XML"),
        (b"<rss/>", "this is <rss>, not OPML"),
        (b"<!DOCTYPE o [<!ENTITY a 'b'>]><opml/>", "defines entities"),
        ("<!DOCTYPE o [<!ENTITY a 'b'>]><opml/>".encode("utf-16"), "defines entities"),
        (b"<!DOCTYPE o [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><opml>&a;</opml>", "defines entities"),
        (b" " * (MAX_BYTES + 1), "larger than 20 MB"),
    ],
    ids=["empty", "ampersand", "rss", "entity", "entity-utf-16", "external", "large"],
)
def test_what_is_no_list_is_refused_with_a_reason(raw, message):
    with pytest.raises(ConfigError, match=message.replace("(", r"\(")):
        read_opml(raw, "f")


def test_what_is_written_names_every_feed():
    written = write_opml(
        [Feed("https://a.example/?x=1&y=2", "A <1>", "km"), Feed("https://b.example/")], title="Ours & others"
    )
    assert b"<title>Ours &amp; others</title>" in written
    assert b'text="A &lt;1&gt;"' in written
    assert b'language="km"' in written
    assert b'text="https://b.example/"' in written


TITLES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn")), max_size=30)


@given(st.dictionaries(st.integers(0, 99), TITLES, max_size=5))
@examples(0.25)
def test_what_is_written_is_read_back(titles):
    feeds = tuple(Feed(f"https://example.org/{number}?a=1&b", title) for number, title in titles.items())
    assert read_opml(write_opml(feeds), "f") == feeds
