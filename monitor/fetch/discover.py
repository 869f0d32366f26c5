"""Finds the feeds of a site: those its page names, else those that its links and the usual addresses lead to."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from monitor.errors import FetchError, ParseError
from monitor.fetch.guard import MAX_URL
from monitor.lanes import host_of
from monitor.model import Document, Fetched, FetchFailed, FetchRequest, FetchResult
from monitor.ports import Fetcher, Parser
from monitor.schedule import permanent_target

FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "text/rss+xml"}
)
_MAYBE_TYPES = re.compile(r"(?:text|application)/(?:xml|json|(?:x[.-])?(?:rss|atom)(?:\+xml)?)")  # of much else, too
COMMON_PATHS = ("feed/", "feed", "rss", "rss.xml", "atom.xml", "feed.xml", "index.xml", "feed.json")
MAX_LINKS = 50
MAX_GUESSES = 12

MAX_NAMED = 4  # of the feeds that a page names, so many are asked at most

_PAGE = 1 << 20  # bytes of a page that are looked at; links to feeds stand in its head
_HEAD = 16_384  # bytes in which a feed shows itself
_TITLE = 200  # characters
_BUSY = frozenset({None, 403, 429, 503})  # of answers after which a host is left alone; None: there was no answer
_ROOT = re.compile(rb"<(?:(?P<feed>(?:\w+:)?(?:rss|feed|rdf|channel))|!doctype\s+html|html)[\s>]", re.IGNORECASE)
_REFRESH = re.compile(
    rb"""<meta\s(?=[^<>]{0,500}http-equiv\s*=\s*["']?refresh\b)[^<>]{0,500}?\burl\s*=\s*["']?([^"'<>\s]{1,2000})""",
    re.IGNORECASE,
)
# As browsers and podcast programs write an address that is meant for a reader of feeds.
_FOR_READERS = re.compile(r"\s*(?:feed|rss|podcast|pcast|itpc):(?://)?", re.IGNORECASE)
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

    The first one was asked, and is a feed: of those that the page names, else of what it links to and of the usual
    addresses. A missing scheme is taken as https, then http. Raises ``FetchError`` when the page cannot be fetched, or
    none of the feeds that it names. ``parser``: tells what a feed calls itself.
    """
    address, page = await _page(fetcher, url)
    visit = _Visit(fetcher, parser)
    if looks_like_feed(page.body):
        return (await visit.described(FeedLink(address), page),)
    named, linked = feed_links(page.body, page.url)
    target = "" if named else _absolute(page.url, refreshed(page.body))
    if target and target != page.url and isinstance(ahead := await fetcher.fetch(FetchRequest(target)), Fetched):
        page = ahead
        named, linked = feed_links(page.body, page.url)
    if first := await visit.first_feed(named[:MAX_NAMED]):
        return (first, *(link for link in named if link.url not in visit.asked))
    if first := await visit.first_feed(_guesses(page.url, linked)):
        return (first,)
    if named and isinstance(failed := visit.asked[named[0].url], FetchFailed):
        raise _error(failed)
    return ()


class _Visit:
    """What is asked of a site, one address after another, each once."""

    def __init__(self, fetcher: Fetcher, parser: Parser | None) -> None:
        self.asked: dict[str, FetchResult] = {}
        self._fetcher = fetcher
        self._parser = parser
        self._busy: set[str] = set()  # hosts that do not want to be asked, or do not answer

    async def first_feed(self, links: Iterable[FeedLink]) -> FeedLink | None:
        """The first of ``links`` that is a feed."""
        for link in links:
            if link.url in self.asked or host_of(link.url) in self._busy:
                continue
            found = self.asked[link.url] = await self._fetcher.fetch(FetchRequest(link.url))
            if isinstance(found, Fetched) and looks_like_feed(found.body):
                return await self.described(link, found)
            if isinstance(found, FetchFailed) and found.status in _BUSY:
                self._busy.add(host_of(link.url))
        return None

    async def described(self, link: FeedLink, found: Fetched) -> FeedLink:
        """``link``, which led to ``found``, with its lasting address, and with what the feed calls itself."""
        address = permanent_target(found.redirects) or (link.url if found.redirects else found.url)
        return FeedLink(address, await self._title(found) or link.title, _media_type(found.content_type))

    async def _title(self, found: Fetched) -> str:
        if self._parser is None:
            return ""
        try:
            return (await self._parser.parse(Document(found.url, found.body, found.content_type))).title
        except ParseError:
            return ""


async def _page(fetcher: Fetcher, url: str) -> tuple[str, Fetched]:
    """The page at ``url``, and the address that was asked for it."""
    failures = []
    url = _FOR_READERS.sub("", url, count=1) if _FOR_READERS.match(url) else url
    for address in (url,) if "://" in url else (f"https://{url}", f"http://{url}"):
        result = await fetcher.fetch(FetchRequest(address))
        if isinstance(result, Fetched):
            return address, result
        if isinstance(result, FetchFailed):
            failures.append(result)
    raise _error(failures[0])


def _error(failed: FetchFailed) -> FetchError:
    reason = f"{failed.reason} ({failed.advice})" if failed.advice else failed.reason
    return FetchError(failed.url, reason, permanent=failed.permanent)


def looks_like_feed(body: bytes) -> bool:
    """True when ``body`` begins as an RSS, Atom, RDF or CDF document does, or says that it is a JSON feed."""
    head = body[:_HEAD].replace(b"\0", b"")  # UTF-16 without its second bytes
    if head.removeprefix(BOM_UTF8).lstrip().startswith(b"{"):
        return b"jsonfeed.org/version" in body.replace(b"\\/", b"/")
    root = _ROOT.search(head)
    return root is not None and root["feed"] is not None


def refreshed(page: bytes) -> str:
    """Where an HTML page sends its readers by itself, as it is written there; "" when it does not."""
    found = _REFRESH.search(_narrow(page))
    return unescape(found[1].decode(errors="replace")) if found else ""


def feed_links(page: bytes, url: str) -> tuple[tuple[FeedLink, ...], tuple[FeedLink, ...]]:
    """What an HTML page served at ``url`` marks as its feeds, and which of its other links look like feeds.

    Alternatives in XML or JSON may be feeds: they stand first among the latter. Feeds of comments come last; each
    address once; at most 50 each.
    """
    from lxml import etree, html

    page = _narrow(page)
    try:  # what is UTF-8 needs not say so, and may say otherwise
        tree = html.document_fromstring(page, html.HTMLParser(encoding="utf-8" if _is_utf8(page) else None))
    except (etree.ParserError, ValueError):
        return (), ()
    base = _absolute(url, next(iter(tree.xpath("//base/@href")), "")) or url
    named, likely, linked = [], [], []
    for element in tree.iter("link", "a"):
        address = _absolute(base, element.get("href", ""))
        if not address:
            continue
        media_type = _media_type(element.get("type", ""))
        relations = element.get("rel", "").lower().split()
        link = FeedLink(address, " ".join((element.get("title") or element.text or "").split())[:_TITLE], media_type)
        if "feed" in relations or ("alternate" in relations and media_type in FEED_TYPES):
            named.append(link)
        elif "alternate" in relations and _MAYBE_TYPES.fullmatch(media_type):
            likely.append(link)
        elif (element.tag == "a" or "alternate" in relations) and _looks_like_one(address):
            linked.append(link)
    return _distinct(named), _distinct([*likely, *linked])


def _narrow(page: bytes) -> bytes:
    """What is looked at of a page; of one in UTF-16, which need not say so, in UTF-8."""
    page = page[:_PAGE]
    if b"\0" not in page[:4]:
        return page
    marked = page.startswith((BOM_UTF16_BE, BOM_UTF16_LE))
    return page.decode("utf-16" if marked else "utf-16-be" if page[0] == 0 else "utf-16-le", errors="replace").encode()


def _is_utf8(page: bytes) -> bool:
    if b"\x1b" in page:  # which begins the shifts of ISO-2022, all in ASCII
        return False
    try:
        getincrementaldecoder("utf-8")().decode(page)  # which may be cut within a character
    except UnicodeDecodeError:
        return False
    return True


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
    if not href.strip() or len(href) > MAX_URL:
        return ""
    try:
        address = urljoin(base, href.strip())
        return address.partition("#")[0] if urlsplit(address).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _distinct(links: Iterable[FeedLink]) -> tuple[FeedLink, ...]:
    first: dict[str, FeedLink] = {}
    for link in links:
        first.setdefault(link.url, link)
    return tuple(sorted(first.values(), key=_is_of_comments)[:MAX_LINKS])


def _is_of_comments(link: FeedLink) -> bool:
    return "comment" in f"{link.url} {link.title}".lower()


def _guesses(url: str, linked: Iterable[FeedLink]) -> tuple[FeedLink, ...]:
    """Links that look like feeds, then the usual addresses beside the page and at the root of its site."""
    folder = url.partition("?")[0].rstrip("/") + "/"
    usual = [FeedLink(urljoin(folder, path)) for path in COMMON_PATHS[:2]]
    usual += [FeedLink(urljoin(url, "/" + path)) for path in COMMON_PATHS]
    return _distinct([*linked, *usual])[:MAX_GUESSES]
