"""What an entry is known by: hashes of its id, its normalised link and its content; and a fingerprint of all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Final

from monitor.model import PAGE, EntryKeys
from monitor.parse.raw import RawEntry

SHORT_CONTENT: Final = 80  # characters; a shorter text is told apart from its like by its date
_KEY_BYTES: Final = 7  # beside the byte for the kind
_FINGERPRINT_BYTES: Final = 8
_NONE: Final = bytes(3)
_HALF: Final = 3  # bytes: two that are alike by chance cost a reading, nothing else
_NAME_LIMIT: Final = 40  # characters of a query parameter's name that are looked at

# Query parameters that say how a reader came, not what is read: campaigns, click ids, sessions, what fools caches.
_NOISE: Final = re.compile(
    r"(?:utm_\w+|at_(?:medium|campaign|custom\d?|link_\w+)|mc_[ce]id|pk_\w+|ns_\w+|_hs\w+|hsctatracking|fbclid|gclid|"
    r"gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|ttclid|_ga|_gl|cmpid|xtor|ref_src|"
    r"phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|session_?id|sessid|cfid|cftoken|zenid|"
    r"rnd|rand|random|no_?cache|cache_?buster)",
    re.IGNORECASE,
)
# These name sessions and campaigns on some sites and articles on others: noise only with a long random value.
_PERHAPS_NOISE: Final = re.compile(r"(?:sid|cmp|ncid)=(?=[a-z_-]*\d)(?=[\d_-]*[a-z])[\w-]{16,}", re.IGNORECASE)
# Query parameters that name articles wherever they occur.
_NAMES_ARTICLE: Final = re.compile(
    r"(?:(?:news|article|story|item|post|doc|content|topic|thread|entry|press|release|event|record|object|page)?_?id|"
    r"[apnt]id|[pndmy]|no|nr|num|article|story|item|post|doc|topic|news|slug|title|name|file|date|day|month|year)=.*",
    re.IGNORECASE,
)
# As Java and PHP write it, and ASP.NET: ``/(S(lit3py55t21z5v55vlm25s55))/``.
_PATH_SESSION: Final = re.compile(
    r";(?:jsessionid|phpsessid|sid)=[^/?#;]*|(?:(?<=/)|\A)\((?:[A-Z]\([^()/]{1,200}\)){1,4}\)/", re.IGNORECASE
)


def entry_keys(raw: RawEntry, address: str, title: str, text: str) -> EntryKeys:
    """The keys of an entry: ``address`` is its absolute link, ``title`` and ``text`` are cleaned.

    An id that only repeats the link says nothing more, so it counts as none: parsers that fill a missing id from the
    link then agree with those that do not. (A link's fragment is not part of its key, so there it does say more.)
    Where the link has parameters then that name no article, which some sites change at each poll, the page without them
    and the title stand for the id: of what use that is depends on the whole document (``monitor.decide``).
    A content key always exists. A long text is known by itself; a short one with its date, or without a date with its
    id and link, for headlines such as "Exchange rates" come again.
    """
    identifier = raw.id.strip()
    link = raw.link.strip()
    if identifier == link and "#" not in link:
        identifier = ""
    page = normalize_link(address) if address else ""
    folded = " ".join(title.casefold().split())
    content = f"{folded}\n{text}"
    if len(content) <= SHORT_CONTENT and (identifier or page):
        content += f"\n{raw.published or (identifier, page)}"
    stands = _page_key(page, folded) if "?" in page else b""
    if stands and identifier and "#" not in identifier and normalize_link(identifier) == page:
        identifier = ""  # the link in another form, which changes with it
    return EntryKeys(
        _key(b"g", identifier) if identifier else stands,
        _key(b"l", page) if page else b"",
        _key(b"c", content),
    )


def fingerprint(raw: RawEntry) -> bytes:
    """8 bytes over everything that was read of an entry."""
    everything = "\x1f".join(
        (
            raw.id, raw.link, raw.title, raw.summary, raw.content, raw.author, raw.source, raw.lang,
            raw.published, raw.updated,
        )
    )  # fmt: skip
    return sha256(everything.encode(errors="replace")).digest()[:_FINGERPRINT_BYTES]


def tag(keys: EntryKeys) -> bytes:
    """What is remembered of an entry's id and link beside its fingerprint, to see when another has the same."""
    return (keys.guid[:_HALF] or _NONE) + (keys.link[:_HALF] or _NONE)


def halves(of_entry: bytes) -> Iterator[bytes]:
    """The parts of a whole fingerprint's tag that say anything: of the id, of the link."""
    return (half for half in (of_entry[-2 * _HALF : -_HALF], of_entry[-_HALF:]) if half and half[0])


def normalize_link(link: str) -> str:
    """``link`` without what changes while the page stays the same, for comparing only.

    http is https, no ``www.``, no default port, no trailing slash, no fragment, no campaign, click or session
    parameters; the others sorted. The scheme goes, the host is lower-case. Never raises.
    """
    scheme, found, rest = link.partition("://")
    if not found or scheme.lower() not in ("http", "https"):
        return link
    rest = rest.partition("#")[0]
    address, _, query = rest.partition("?")
    host, _, path = address.partition("/")
    host = host.lower().removeprefix("www.").removesuffix(":80").removesuffix(":443")
    if ";" in path or "(" in path:
        path = _PATH_SESSION.sub("", path)
    return f"{host}/{path.rstrip('/')}{_significant(query) if query else ''}"


def _significant(query: str) -> str:
    fields = sorted(
        field
        for field in query.split("&")
        if field and not _is_noise(field.partition("=")[0][:_NAME_LIMIT]) and not _PERHAPS_NOISE.fullmatch(field)
    )
    return f"?{'&'.join(fields)}" if fields else ""


@lru_cache(maxsize=1024)
def _is_noise(name: str) -> bool:
    return _NOISE.fullmatch(name) is not None


def _page_key(page: str, title: str) -> bytes:
    """The key of the page without the parameters that may change; b"" when it has none, or no title."""
    address, _, query = page.partition("?")
    fields = query.split("&")
    telling = [field for field in fields if _NAMES_ARTICLE.fullmatch(field)]
    return _key(PAGE, "\n".join((address, *telling, title))) if title and len(telling) < len(fields) else b""


def _key(kind: bytes, text: str) -> bytes:
    return kind + sha256(text.encode(errors="replace")).digest()[:_KEY_BYTES]
