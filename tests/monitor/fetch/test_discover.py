"""A site's feeds are found the way a person would look for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FetchError
from monitor.fetch.discover import FeedLink, discover, feed_links, looks_like_feed, refreshed
from monitor.fetch.fake import FakeFetcher
from monitor.parse.inline import InlineParser

SITE = "https://news.example/"
FEED = b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>"


def html(head: str = "", body: str = "") -> bytes:
    return f"<!doctype html><html><head><title>News</title>{head}</head><body>{body}</body></html>".encode()


def link(href: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


def named(page: bytes, url: str = SITE) -> list[str]:
    return [found.url for found in feed_links(page, url)[0]]


# ------------------------------------------------------------------------------ pages


def test_the_feeds_that_a_page_names_come_with_title_and_type() -> None:
    page = html(link("/rss", title="All news") + link("/atom", "application/atom+xml; charset=utf-8", "Atom"))
    assert feed_links(page, SITE)[0] == (
        FeedLink("https://news.example/rss", "All news", "application/rss+xml"),
        FeedLink("https://news.example/atom", "Atom", "application/atom+xml"),
    )


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("feed.xml", "https://news.example/lao/feed.xml"),
        ("/feed.xml", "https://news.example/feed.xml"),
        ("//cdn.example/feed", "https://cdn.example/feed"),
        ("http://other.example/feed#x", "http://other.example/feed"),
        (" /feed ", "https://news.example/feed"),
        ("?feed=rss", "https://news.example/lao/page?feed=rss"),
    ],
)
def test_addresses_are_made_absolute(href: str, address: str) -> None:
    assert named(html(link(href)), "https://news.example/lao/page") == [address]


def test_a_base_in_the_page_counts() -> None:
    assert named(html('<base href="/en/">' + link("feed"))) == ["https://news.example/en/feed"]


@pytest.mark.parametrize(
    "href", ["", "javascript:alert(1)", "feed://news.example/", "http://[", "data:text/xml,<rss/>"]
)
def test_what_is_no_web_address_is_left_out(href: str) -> None:
    assert named(html(link(href))) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("claim", ["", "<meta charset='utf-16'>", "<meta charset='utf-8'>"])
def test_a_page_is_read_in_its_encoding_whatever_it_says_of_it(encoding: str, claim: str) -> None:
    found = link("/feed", title="ຂ່າວ é")
    page = f"<html><head>{claim}{found}<meta http-equiv='refresh' content='0; url=/x'>".encode(encoding)
    assert feed_links(page, SITE)[0] == (FeedLink(f"{SITE}feed", "ຂ່າວ é", "application/rss+xml"),)
    assert refreshed(page) == "/x"


@pytest.mark.parametrize(("encoding", "title"), [("windows-1252", "é"), ("shift_jis", "日本"), ("iso-2022-jp", "日本")])
def test_a_page_in_an_old_encoding_is_read_by_what_it_says(encoding: str, title: str) -> None:
    page = html(f"<meta charset='{encoding}'>{link('/feed', title=title)}").decode().encode(encoding)
    assert [each.title for each in feed_links(page, SITE)[0]] == [title]


def test_other_links_are_not_feeds() -> None:
    others = '<link rel="stylesheet" href="/feed.css"><link rel="alternate" hreflang="lo" href="/lo" type="text/html">'
    assert named(html(others)) == []


def test_an_alternative_that_does_not_say_what_it_is_is_worth_asking() -> None:
    page = html('<link rel="alternate" href="/rss.xml"><link rel="alternate" hreflang="lo" href="/lo/">')
    assert [found.url for found in feed_links(page, SITE)[1]] == [SITE + "rss.xml"]


def test_a_title_is_one_line_of_some_length() -> None:
    (found,), _ = feed_links(html(link("/rss", title=" All\n  news " + "x" * 500)), SITE)
    assert (found.title[:9], len(found.title)) == ("All news ", 200)


def test_the_comments_on_an_article_come_last() -> None:
    assert named(html(link("/a/feed/", title="An article Comments Feed") + link("/feed/"))) == [
        "https://news.example/feed/",
        "https://news.example/a/feed/",
    ]


def test_the_comments_feed_comes_last_and_each_feed_once() -> None:
    page = html(link("/comments/feed/") + link("/feed/") + link("/feed/"))
    assert named(page) == ["https://news.example/feed/", "https://news.example/comments/feed/"]


def test_links_that_look_like_feeds_are_told_apart() -> None:
    body = '<a href="/rss.xml">RSS</a><a href="/feeds/all">All</a><a href="/news">News</a><a href="/feedback">Talk</a>'
    found, linked = feed_links(html(body=body), SITE)
    assert found == ()
    assert [guess.url for guess in linked] == ["https://news.example/rss.xml", "https://news.example/feeds/all"]


@given(st.binary(max_size=300))
def test_no_page_is_an_exception(page: bytes) -> None:
    feed_links(page, SITE)
    feed_links(b"<link rel=alternate type=application/rss+xml href='" + page, SITE)


@pytest.mark.parametrize("base", ["http://[::1", "javascript:void(0)", "", "http://[", "//"])
def test_a_base_that_is_none_does_not_count(base: str) -> None:
    assert named(html(f"<base href='{base}'>" + link("/feed"))) == ["https://news.example/feed"]


@pytest.mark.parametrize("rel", ["feed", "FEED home", "alternate feed"])
def test_a_link_that_is_said_to_be_a_feed_is_one(rel: str) -> None:
    assert named(html(f"<link rel='{rel}' href='/f'>", f"<a rel='{rel}' href='/g'>x</a>")) == [SITE + "f", SITE + "g"]


@pytest.mark.parametrize(
    ("href", "worth"),
    [
        ("/news.xml", True),
        ("/?feed=rss2", True),
        ("/news?format=rss&lang=lo", True),
        ("/index.php?option=x&type=atom", True),
        ("/sitemap.xml", False),
        ("/?feedback=rss", False),
        ("/?q=format=rssx", False),
        ("/news.xmlx", False),
    ],
)
def test_which_links_are_worth_asking(href: str, worth: bool) -> None:
    assert bool(feed_links(html(body=f"<a href='{href}'>x</a>"), SITE)[1]) is worth


def test_a_page_of_depth_and_size_is_bounded() -> None:
    assert named(html(f"<base href='/{'a/' * 5_000}'>" + link("/" + "x" * 8_001) + link("rss"))) == [SITE + "rss"]
    assert named(html(link("/feed"), "<div>" * 100_000)) == ["https://news.example/feed"]
    assert len(named(html("".join(link(f"/{n}") for n in range(1_000))))) == 50


# ------------------------------------------------------------------------------ documents


@pytest.mark.parametrize(
    "body",
    [
        FEED,
        b"\xef\xbb\xbf\r\n<rss>",
        b"<?xml version='1.0'?><!-- x --><feed xmlns='http://www.w3.org/2005/Atom'>",
        b"<rdf:RDF xmlns='http://purl.org/rss/1.0/'>",
        b"<atom:feed>",
        b"<CHANNEL HREF='x'>",
        "<?xml version='1.0' encoding='utf-16'?><rss version='2.0'>".encode("utf-16"),
        b'{"version": "https:\\/\\/jsonfeed.org\\/version\\/1.1"}',
        b"<b>Warning</b>: mysql\n<rss>",
        b"<rss><channel><item><description><![CDATA[<html>",
        b"<!--" + b"x" * 5_000 + b"--><rss>",
        b'\xef\xbb\xbf {"items": [' + b" " * 20_000 + b'], "version": "https://jsonfeed.org/version/1"}',
    ],
)
def test_feeds_are_recognised(body: bytes) -> None:
    assert looks_like_feed(body)


@pytest.mark.parametrize("body", [b"", html(), b'{"a": 1}', b"<html><feed></html>", b"<rssish>", b"<svg/>", b"feed"])
def test_other_documents_are_not_feeds(body: bytes) -> None:
    assert not looks_like_feed(body)


# ------------------------------------------------------------------------------ sites


@pytest.fixture
def web() -> FakeFetcher:
    return FakeFetcher()


def asked(web: FakeFetcher) -> list[str]:
    return [request.url.removeprefix(SITE) for request in web.requests]


@pytest.mark.parametrize(("status", "address"), [(301, "feed.xml"), (308, "feed.xml"), (302, ""), (307, "")])
async def test_a_feed_is_its_own_answer_at_its_lasting_address(web: FakeFetcher, status: int, address: str) -> None:
    web.redirect(SITE, SITE + "feed.xml", status)
    web.serve(SITE + "feed.xml", FEED)
    assert await discover(web, SITE) == (FeedLink(SITE + address, media_type="application/rss+xml"),)


async def test_of_the_feeds_that_a_page_names_the_first_is_asked_and_the_others_are_believed(web: FakeFetcher) -> None:
    web.serve(SITE, html("".join(link(f"/{name}", title=name) for name in ("gone", "page", "rss", "atom"))))
    web.serve(SITE + "page", html())
    web.serve(SITE + "rss", FEED)
    assert [found.url for found in await discover(web, SITE)] == [SITE + "rss", SITE + "atom"]
    assert asked(web) == ["", "gone", "page", "rss"]


async def test_a_feed_goes_by_its_own_title_before_the_pages(web: FakeFetcher) -> None:
    web.serve(SITE, html(link("/rss", title="RSS 2.0")))
    for title, expected in (("The Post", "The Post"), ("", "RSS 2.0")):
        web.serve(SITE + "rss", f"<rss><channel><title>{title}</title></channel></rss>".encode())
        (found,) = await discover(web, SITE, InlineParser())
        assert found.title == expected


async def test_a_page_whose_feeds_do_not_answer_is_an_error_that_says_why(web: FakeFetcher) -> None:
    web.serve(SITE, html(link("/rss") + link("/atom")))
    web.fail(SITE + "rss", 404)
    with pytest.raises(FetchError, match="404") as caught:
        await discover(web, SITE)
    assert caught.value.url == SITE + "rss"


@pytest.mark.parametrize("status", [403, 429, 503, None])
async def test_a_host_that_wants_no_more_is_left_alone(web: FakeFetcher, status: int | None) -> None:
    web.serve(SITE, html(body='<a href="/news/rss">RSS</a><a href="https://feeds.example/rss">RSS</a>'))
    if status is None:
        web.break_off(SITE + "news/rss")
    else:
        web.fail(SITE + "news/rss", status)
    web.serve("https://feeds.example/rss", FEED)
    assert [found.url for found in await discover(web, SITE)] == ["https://feeds.example/rss"]
    assert asked(web) == ["", "news/rss", "https://feeds.example/rss"]


@pytest.mark.parametrize(
    "refresh",
    [
        '<meta http-equiv="refresh" content="0; url=/en/">',
        "<META CONTENT=\"0;URL='/en/'\" HTTP-EQUIV=Refresh>",
    ],
)
async def test_a_page_that_sends_its_readers_on_is_followed_once(web: FakeFetcher, refresh: str) -> None:
    web.serve(SITE, html(refresh))
    web.serve(SITE + "en/", html(link("rss")))
    web.serve(SITE + "en/rss", FEED)
    assert [found.url for found in await discover(web, SITE)] == [SITE + "en/rss"]


@pytest.mark.parametrize("target", ["/", "600", "javascript:x", "/gone", ""])
async def test_a_page_that_sends_its_readers_nowhere_is_looked_at_itself(web: FakeFetcher, target: str) -> None:
    web.serve(SITE, html(f'<meta http-equiv="refresh" content="600;url={target}">', '<a href="/x/rss">RSS</a>'))
    web.serve(SITE + "x/rss", FEED)
    assert [found.url for found in await discover(web, SITE)] == [SITE + "x/rss"]


@pytest.mark.parametrize("written", ["feed://news.example/", "feed:https://news.example/", " rss:news.example/"])
async def test_an_address_that_is_written_for_readers_is_one_of_the_web(web: FakeFetcher, written: str) -> None:
    web.serve(SITE, FEED)
    assert [found.url for found in await discover(web, written)] == [SITE]


@pytest.mark.parametrize(
    "kind", ["text/xml", "application/xml", "application/json", "text/rss", "application/x-atom+xml"]
)
async def test_an_alternative_of_a_common_type_is_asked_whether_it_is_a_feed(web: FakeFetcher, kind: str) -> None:
    oembed = link("/oembed", "application/json+oembed")
    web.serve(SITE, html(link("/api", kind) + oembed + link("/news", kind, "News"), '<a href="/x/rss">Other</a>'))
    web.serve(SITE + "api", b'{"posts": []}', content_type="application/json")
    web.serve(SITE + "news", FEED)
    assert await discover(web, SITE) == (FeedLink(SITE + "news", "News", "application/rss+xml"),)
    assert asked(web) == ["", "api", "news"]


async def test_a_linked_feed_is_found_by_asking(web: FakeFetcher) -> None:
    web.serve(SITE, html(body='<a href="/about-feeds">?</a><a href="/x/rss">Our feed</a>'))
    web.serve(SITE + "about-feeds", html())
    web.serve(SITE + "x/rss", FEED)
    assert await discover(web, SITE) == (FeedLink(SITE + "x/rss", "Our feed", "application/rss+xml"),)
    assert asked(web) == ["", "about-feeds", "x/rss"]


@pytest.mark.parametrize("path", ["feed/", "feed", "rss.xml", "atom.xml", "index.xml"])
async def test_the_usual_addresses_are_tried(web: FakeFetcher, path: str) -> None:
    web.serve(SITE, html())
    web.serve(SITE + path, FEED)
    assert [found.url for found in await discover(web, SITE)] == [SITE + path]


async def test_the_section_of_a_site_comes_before_the_whole(web: FakeFetcher) -> None:
    web.serve(SITE + "laos", html())
    web.serve(SITE + "laos/feed/", FEED)
    web.serve(SITE + "feed/", FEED)
    assert [found.url for found in await discover(web, SITE + "laos")] == [SITE + "laos/feed/"]


async def test_a_site_without_feeds_has_none_and_is_not_pestered(web: FakeFetcher) -> None:
    web.serve(SITE, html(body="".join(f'<a href="/feed/{n}">{n}</a>' for n in range(100))))
    assert await discover(web, SITE) == ()
    assert len(web.requests) <= 13


async def test_a_missing_scheme_is_https_then_http(web: FakeFetcher) -> None:
    web.serve("http://plain.example/", FEED)
    assert [found.url for found in await discover(web, "plain.example/")] == ["http://plain.example/"]
    assert [request.url for request in web.requests] == ["https://plain.example/", "http://plain.example/"]


async def test_a_page_that_cannot_be_fetched_is_an_error(web: FakeFetcher) -> None:
    web.fail(SITE, 403)
    with pytest.raises(FetchError, match="refuses programs") as caught:
        await discover(web, SITE)
    assert caught.value.url == SITE
