"""What an entry is known by: hashes of its id, its normalised link and its content; and a fingerprint of all of it."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import blake2b
from typing import Final
from urllib.parse import urlsplit

from monitor.model import EntryKeys
from monitor.parse.raw import RawEntry

SHORT_CONTENT: Final = 80  # characters; a shorter text is told apart from its like by its date
_KIND_GUID: Final = b"g"
_KIND_LINK: Final = b"l"
_KIND_CONTENT: Final = b"c"
_KEY_BYTES: Final = 7  # beside the byte for the kind
_FINGERPRINT_BYTES: Final = 8
_HASHED_LINK: Final = 4_096  # characters of a link that are normalised; the rest counts as it is

# Query parameters that say how a reader came, not what is read: campaigns, click ids, sessions.
_NOISE: Final = re.compile(
    r"(?:utm_\w+|at_(?:medium|campaign|custom\d?|link_\w+)|mc_[ce]id|pk_\w+|ns_\w+|_hs\w+|hsctatracking|fbclid|gclid|"
    r"gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|ttclid|_ga|_gl|cmpid|cmp|ncid|xtor|ref_src|"
    r"phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|session_?id|sessid|sid|cfid|cftoken|zenid)",
    re.IGNORECASE,
)
_PATH_SESSION: Final = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)
_DEFAULT_PORT: Final = re.compile(r":(?:80|443)?$")


def entry_keys(raw: RawEntry, address: str, title: str, text: str) -> EntryKeys:
    """The keys of an entry: ``address`` is its absolute link, ``title`` and ``text`` are cleaned. At least one exists.

    An id that only repeats the link says nothing more, so it counts as none: parsers that fill a missing id from the
    link then agree with those that do not. (A link's fragment is not part of its key, so there it does say more.)
    """
    identifier = raw.id.strip()
    link = raw.link.strip()
    repeats = identifier == link and "#" not in link
    guid = b"" if not identifier or repeats else _key(_KIND_GUID, identifier)
    link_key = _key(_KIND_LINK, normalize_link(address)) if address else b""
    content = _content_key(title, text, raw.published, known=bool(guid or link_key))
    if not (guid or link_key or content):
        content = _KIND_CONTENT + fingerprint(raw)[:_KEY_BYTES]
    return EntryKeys(guid, link_key, content)


def _content_key(title: str, text: str, published: datetime | None, *, known: bool) -> bytes:
    """``known``: the entry has an id or a link besides. Then a short text alone identifies nothing."""
    content = f"{' '.join(title.casefold().split())}\n{text}"
    if len(content) > SHORT_CONTENT or not known:
        return _key(_KIND_CONTENT, content) if len(content) > 1 else b""
    return _key(_KIND_CONTENT, f"{content}\n{published.isoformat()}") if published and len(content) > 1 else b""


def fingerprint(raw: RawEntry) -> bytes:
    """8 bytes over everything that was read of an entry."""
    everything = "\x1f".join(
        (
            raw.id, raw.link, raw.title, raw.summary, raw.content, raw.author, raw.source, raw.lang,
            raw.published.isoformat() if raw.published else "", raw.updated.isoformat() if raw.updated else "",
        )
    )  # fmt: skip
    return blake2b(everything.encode(errors="replace"), digest_size=_FINGERPRINT_BYTES).digest()


def normalize_link(link: str) -> str:
    """``link`` without what changes while the page stays the same, for comparing only.

    http is https, no ``www.``, no default port, no trailing slash, no fragment, no campaign, click or session
    parameters; the others sorted. The scheme goes, the host is lower-case. Never raises.
    """
    link, rest = link.strip()[:_HASHED_LINK], link.strip()[_HASHED_LINK:]
    try:
        parts = urlsplit(link)
    except ValueError:
        return link + rest
    if parts.scheme not in ("http", "https"):
        return link + rest
    host = _DEFAULT_PORT.sub("", parts.netloc.lower()).removeprefix("www.")
    path = parts.path
    if ";" in path:
        path = _PATH_SESSION.sub("", path)
    query = _significant(parts.query) if parts.query else ""
    return f"{host}{path.rstrip('/')}{query}{rest}"


def _significant(query: str) -> str:
    fields = sorted(field for field in query.split("&") if field and not _NOISE.fullmatch(field.partition("=")[0]))
    return f"?{'&'.join(fields)}" if fields else ""


def _key(kind: bytes, text: str) -> bytes:
    return kind + blake2b(text.encode(errors="replace"), digest_size=_KEY_BYTES).digest()
