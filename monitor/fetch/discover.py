"""Finds the feeds of a site: those its page names, else those that its links and the usual addresses lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from monitor.errors import FetchError, ParseError
from monitor.model import Document, Fetched, FetchFailed, FetchRequest
from monitor.ports import Fetcher, Parser

FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "text/rss+xml"}
)
_MAYBE_TYPES = frozenset({"text/xml", "application/xml", "application/json"})  # of feeds, and of much else
COMMON_PATHS = ("feed/", "feed", "rss", "rss.xml", "atom.xml", "feed.xml", "index.xml", "feed.json")
MAX_LINKS = 50
MAX_GUESSES = 12

_PAGE = 1 << 20  # bytes of a page that are looked at; links to feeds stand in its head
_HEAD = 4_096  # bytes in which a feed shows itself
_FEED_ROOT = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_FEED_PATH = re.compile(r"(?:^|[/._=-])(?:rss|atom|feeds?|rdf)(?:[/._0-9-]|$)|\.xml$", re.IGNORECASE)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed|format|type|output|alt)=(?:rss|atom|rdf|feed|xml)[0-9.]*(?:&|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that was found. ``title`` and ``media_type`` are what the page or the feed says of it, "" when nothing."""

    url: str
    title: str = ""
    media_type: str = ""


async def discover(fetcher: Fetcher, url: str, parser: Parser | None = None) -> tuple[FeedLink, ...]:
    """The feeds of the site or page at ``url``, likeliest first; of ``url`` itself alone when it is a feed.

    Links that the page marks as feeds are believed; guessed addresses are fetched, one after another, until one is a
    feed. A missing scheme is taken as https, then http. Raises ``FetchError`` when the page cannot be fetched.
    ``parser``: tells what a feed that was fetched calls itself, where no page says it.
    """
    page = await _page(fetcher, url)
    if looks_like_feed(page.body):
        return (FeedLink(page.url, await _title(parser, page), _media_type(page.content_type)),)
    named, linked = feed_links(page.body, page.url)
    if named:
        return named
    for guess in _guesses(page.url, linked):
        found = await fetcher.fetch(FetchRequest(guess.url))
        if isinstance(found, Fetched) and looks_like_feed(found.body):
            title = guess.title or await _title(parser, found)
            return (FeedLink(found.url, title, _media_type(found.content_type)),)
    return ()


async def _title(parser: Parser | None, page: Fetched) -> str:
    """What a feed calls itself; "" when that cannot be told."""
    if parser is None:
        return ""
    try:
        return (await parser.parse(Document(page.url, page.body, page.content_type))).title
    except ParseError:
        return ""


async def _page(fetcher: Fetcher, url: str) -> Fetched:
    failures = []
    for address in (url,) if "://" in url else (f"https://{url}", f"http://{url}"):
        result = await fetcher.fetch(FetchRequest(address))
        if isinstance(result, Fetched):
            return result
        if isinstance(result, FetchFailed):
            failures.append(result)
    first = failures[0]
    reason = f"{first.reason} ({first.advice})" if first.advice else first.reason
    raise FetchError(first.url, reason, permanent=first.permanent)


def looks_like_feed(body: bytes) -> bool:
    """True when the beginning of ``body`` shows an RSS, Atom, RDF or CDF document or a JSON feed."""
    head = body[:_HEAD].replace(b"\0", b"")  # UTF-16 without its second bytes
    if head.lstrip().startswith(b"{"):
        return b"jsonfeed.org/version" in head.replace(b"\\/", b"/")
    return _FEED_ROOT.search(head) is not None and b"<html" not in head.lower()


def feed_links(page: bytes, url: str) -> tuple[tuple[FeedLink, ...], tuple[FeedLink, ...]]:
    """What an HTML page served at ``url`` marks as its feeds, and which of its other links look like feeds.

    Alternatives in XML or JSON may be feeds: they stand first among the latter. Feeds of comments come last; each
    address once; at most 50 each.
    """
    from lxml import etree, html

    try:
        tree = html.document_fromstring(page[:_PAGE])
    except (etree.ParserError, ValueError):
        return (), ()
    base = _absolute(url, next(iter(tree.xpath("//base/@href")), "")) or url
    named, likely, linked = [], [], []
    for element in tree.iter("link", "a"):
        address = _absolute(base, element.get("href", ""))
        if not address:
            continue
        media_type = _media_type(element.get("type", ""))
        relations, title = element.get("rel", "").lower().split(), element.get("title", "").strip()
        if "feed" in relations or ("alternate" in relations and media_type in FEED_TYPES):
            named.append(FeedLink(address, title, media_type))
        elif "alternate" in relations and media_type in _MAYBE_TYPES:
            likely.append(FeedLink(address, title, media_type))
        elif element.tag == "a" and _looks_like_one(address):
            linked.append(FeedLink(address, (element.text or "").strip()))
    return _distinct(named), _distinct([*likely, *linked])


def _looks_like_one(address: str) -> bool:
    """Whether a link is worth asking; a map of the site is not."""
    parts = urlsplit(address)
    if "sitemap" in parts.path.lower():
        return False
    return bool(_FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def _media_type(value: str) -> str:
    """A media type without its parameters."""
    return value.partition(";")[0].strip().lower()


def _absolute(base: str, href: str) -> str:
    """``href`` as an http(s) address, "" when it is none."""
    try:
        address = urljoin(base, href.strip()) if href.strip() else ""
        return address.partition("#")[0] if urlsplit(address).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _distinct(links: Iterable[FeedLink]) -> tuple[FeedLink, ...]:
    first: dict[str, FeedLink] = {}
    for link in links:
        first.setdefault(link.url, link)
    return tuple(sorted(first.values(), key=lambda link: "comment" in link.url.lower())[:MAX_LINKS])


def _guesses(url: str, linked: Iterable[FeedLink]) -> tuple[FeedLink, ...]:
    """Links that look like feeds, then the usual addresses beside the page and at the root of its site."""
    folder = url.partition("?")[0].rstrip("/") + "/"
    usual = [FeedLink(urljoin(folder, path)) for path in COMMON_PATHS[:2]]
    usual += [FeedLink(urljoin(url, "/" + path)) for path in COMMON_PATHS]
    return _distinct([*linked, *usual])[:MAX_GUESSES]
