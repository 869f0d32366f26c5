"""What the subscription lists of other readers look like, outline by outline, and back again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.opml import MAX_BYTES, read_opml, write_opml
from monitor.errors import ConfigError
from monitor.model import Feed
from tests.examples import examples

URL = "https://a.example/f"


@pytest.mark.parametrize(
    ("outline", "feeds", "skipped"),
    [
        (f"type='rss' xmlUrl='{URL}'", [(URL, "")], []),
        (f"type='RSS' url='{URL}'", [(URL, "")], []),
        (f"type='atom' url='{URL}'", [(URL, "")], []),
        (f"type='feed' url='{URL}'", [(URL, "")], []),
        (f"type='rdf' url='{URL}'", [(URL, "")], []),
        (f"type='link' url='{URL}'", [], []),
        (f"url='{URL}'", [], []),
        ("type='rss' text='its address was lost'", [], []),
        ("type='rss' xmlUrl=''", [], []),
        ("type='rss' xmlUrl='' url=''", [], []),
        (f"type='rss' xmlUrl='' url='{URL}'", [(URL, "")], []),
        ("type='rss' xmlUrl='mailto:a@b'", [], ["mailto:a@b"]),
        ("type='rss' xmlUrl='https://[bad'", [], ["https://[bad"]),
        ("type='rss' xmlUrl='https://a.example:bad/'", [], ["https://a.example:bad/"]),
        (f"xmlUrl='{URL}' title='  A  \n B '", [(URL, "A B")], []),
        (f"xmlUrl='{URL}' text='A' title=''", [(URL, "A")], []),
        (f"xmlUrl='{URL}' text='A' title='B'", [(URL, "B")], []),
        (f"xmlUrl='{URL}' text='{URL}'", [(URL, "")], []),
        (f"xmlUrl='{URL}' title='{'x' * 200}'", [(URL, "x" * 200)], []),
        (f"xmlUrl='{URL}' title='{'x' * 201}'", [(URL, "x" * 200)], []),
    ],
)
def test_an_outline_is_a_feed_when_it_has_an_address_of_the_web(
    outline: str, feeds: list[tuple[str, str]], skipped: list[str]
) -> None:
    left: list[str] = []
    read = read_opml(
        f"<opml><body><outline text='folder'><outline {outline}/></outline></body></opml>".encode(), "f", left
    )
    assert ([(feed.url, feed.title) for feed in read], left) == (feeds, skipped)
    assert (
        read_opml(f"<opml><body><outline {outline}/></body></opml>".encode(), "f") == read
    )  # nobody asks what is left


@pytest.mark.parametrize("element", ["feed", "item", "outlines", "head"])
def test_what_is_no_outline_is_none(element: str) -> None:
    assert read_opml(f"<opml><body><{element} xmlUrl='{URL}'/></body></opml>".encode(), "f") == ()


@pytest.mark.parametrize(
    ("raw", "line", "message"),
    [
        (b"", 1, "not well-formed XML: "),
        (b"<opml>\n<body>\n<outline></body></opml>", 3, "not well-formed XML: "),
        (b"<html/>", 1, "this is <html>, not OPML"),
        (b"<!DOCTYPE opml [<!ENTITY x 'y'>]><opml/>", 1, "the file defines entities"),
        (b"<!DOCTYPE opml [<!entity x 'y'>]><opml/>", 1, "the file defines entities"),
        (b"x" * (MAX_BYTES + 1), 1, "the file is larger than 20 MB"),
    ],
    ids=["empty", "not closed", "html", "entity", "small letters", "large"],
)
def test_a_file_that_is_none_is_named_with_the_line(raw: bytes, line: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_opml(raw, "their.opml")
    [problem] = caught.value.problems
    assert (problem.file, problem.line, problem.column) == ("their.opml", line, 1)
    assert problem.message.startswith(message)


def test_a_doctype_and_the_usual_references_do_no_harm() -> None:
    raw = b"<!DOCTYPE opml><opml><body><outline text='A &amp; &#66;' xmlUrl='https://a.example/?x=1&amp;y'/></body></opml>"
    assert read_opml(raw, "f") == (Feed("https://a.example/?x=1&y", "A & B"),)


def test_a_list_reads_as_expected() -> None:
    """Byte for byte, as other readers get it."""
    feeds = [Feed("https://a.example/?x=1&y=2", 'A "quoted" <b>', "km"), Feed("https://b.example/f")]
    assert write_opml(feeds, title="Ours").decode() == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<opml version="2.0">\n'
        "  <head>\n"
        "    <title>Ours</title>\n"
        "  </head>\n"
        "  <body>\n"
        '    <outline type="rss" text="A &quot;quoted&quot; &lt;b&gt;" title="A &quot;quoted&quot; &lt;b&gt;" '
        'xmlUrl="https://a.example/?x=1&amp;y=2" language="km"/>\n'
        '    <outline type="rss" text="https://b.example/f" title="https://b.example/f" xmlUrl="https://b.example/f"/>\n'
        "  </body>\n"
        "</opml>\n"
    )
    assert "<title>Newsbell</title>" in write_opml([]).decode()


@examples(0.25)
@given(st.lists(st.tuples(st.integers(0, 5), st.text(max_size=12)), max_size=6))
def test_whatever_the_titles_hold_every_feed_comes_back_once_and_in_order(named: list[tuple[int, str]]) -> None:
    feeds = [Feed(f"https://a.example/{number}", title) for number, title in named]
    read = read_opml(write_opml(feeds), "f")
    assert [feed.url for feed in read] == list(dict.fromkeys(feed.url for feed in feeds))
