"""What an entry is known by: hashes of its id, its normalised link and its content; and a fingerprint of all of it."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from monitor.model import EntryKeys
from monitor.parse.raw import RawEntry

SHORT_CONTENT: Final = 80  # characters; a shorter text is told apart from its like by its date
_KIND_GUID: Final = b"g"
_KIND_LINK: Final = b"l"
_KIND_CONTENT: Final = b"c"
_KEY_BYTES: Final = 7  # beside the byte for the kind
_FINGERPRINT_BYTES: Final = 8
_NAME_LIMIT: Final = 40  # characters of a query parameter's name that are looked at

# Query parameters that say how a reader came, not what is read: campaigns, click ids, sessions.
_NOISE: Final = re.compile(
    r"(?:utm_\w+|at_(?:medium|campaign|custom\d?|link_\w+)|mc_[ce]id|pk_\w+|ns_\w+|_hs\w+|hsctatracking|fbclid|gclid|"
    r"gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|ttclid|_ga|_gl|cmpid|cmp|ncid|xtor|ref_src|"
    r"phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|session_?id|sessid|sid|cfid|cftoken|zenid)",
    re.IGNORECASE,
)
_PATH_SESSION: Final = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)


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


def _content_key(title: str, text: str, published: str, *, known: bool) -> bytes:
    """``known``: the entry has an id or a link besides. Then a short text alone identifies nothing."""
    content = f"{' '.join(title.casefold().split())}\n{text}"
    if len(content) > SHORT_CONTENT or not known:
        return _key(_KIND_CONTENT, content) if len(content) > 1 else b""
    return _key(_KIND_CONTENT, f"{content}\n{published}") if published and len(content) > 1 else b""


def fingerprint(raw: RawEntry) -> bytes:
    """8 bytes over everything that was read of an entry."""
    everything = "\x1f".join(
        (
            raw.id, raw.link, raw.title, raw.summary, raw.content, raw.author, raw.source, raw.lang,
            raw.published, raw.updated,
        )
    )  # fmt: skip
    return blake2b(everything.encode(errors="replace"), digest_size=_FINGERPRINT_BYTES).digest()


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
    if ";" in path:
        path = _PATH_SESSION.sub("", path)
    return f"{host}/{path.rstrip('/')}{_significant(query) if query else ''}"


def _significant(query: str) -> str:
    fields = sorted(
        field for field in query.split("&") if field and not _is_noise(field.partition("=")[0][:_NAME_LIMIT])
    )
    return f"?{'&'.join(fields)}" if fields else ""


@lru_cache(maxsize=1024)
def _is_noise(name: str) -> bool:
    return _NOISE.fullmatch(name) is not None


def _key(kind: bytes, text: str) -> bytes:
    return kind + blake2b(text.encode(errors="replace"), digest_size=_KEY_BYTES).digest()
