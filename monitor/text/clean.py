"""Feed text to plain text, feed links to safe links: bounded in time, and harmless wherever it is shown.

The order for a text: cut, tags out (blocks set apart), entities decoded, blanks folded, controls out, cut again.
What a feed wrote between tags that HTML does not know stays as text, so that no word is lost.
"""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

TITLE_LIMIT: Final = 500  # characters
SUMMARY_LIMIT: Final = 4_000
CONTENT_LIMIT: Final = 20_000
NAME_LIMIT: Final = 200
LINK_LIMIT: Final = 2_048
_RAW_LIMIT: Final = 1_000_000  # characters of markup that are looked at

_BREAK: Final = "\x1d"  # stands for a block's border until blanks are folded
_BLOCK: Final = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre "
    "section summary table tbody td tfoot th thead title tr ul"
).split()
_INLINE: Final = (
    "a abbr acronym applet area audio b base basefont bdi bdo big blink button canvas cite code col colgroup data "
    "datalist del dfn em embed font frame frameset i img input ins kbd keygen label link map mark marquee meta meter "
    "nobr output param picture progress q rb rp rt rtc ruby s samp search slot small source span strike strong sub "
    "sup time track tt u var video wbr"
).split()
# Elements whose text is nobody's reading.
_SILENT_NAMES: Final = "script style template noscript noframes iframe object svg math head select textarea".split()
_SILENT: Final = re.compile(rf"<(?:({'|'.join(_SILENT_NAMES)})\b|!--)", re.IGNORECASE)  # none begins in a comment
_REPLACED: Final = {
    spelling: text
    for names, text in ((_BLOCK, _BREAK), (_INLINE, ""))
    for name in names
    for spelling in (name, name.upper(), name.capitalize())
}

# A tag as HTML reads it: a quoted value may hold "<" and ">". Possessive, so that no input makes it go back.
# The group is the name; it is missing for comments, declarations and the opening of CDATA.
_TAG: Final = re.compile(
    r"<(?:/?([a-zA-Z][a-zA-Z0-9:._-]*+)[^<>\"']*+(?:(?:\"[^\"]*+\"|'[^']*+')[^<>\"']*+)*+(?:>|\Z)"
    r"|!--(?:.*?-->|.*)|!\[CDATA\[|[!?][^<>]*+>)",
    re.DOTALL,
)

# A number that no character has, and that Python refuses to read.
_ENDLESS: Final = re.compile(r"&#[0-9]{1000,};?")

# Scripts that write with U+200B (a place to break a line), U+200C and U+200D (how letters join): Arabic, Syriac,
# Indic, Sinhala, Thai, Lao, Tibetan, Myanmar, Khmer, Mongolian, and joined emoji.
_JOINING: Final = (
    "\u0600-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u18af\u19e0-\u19ff\u1a20-\u1aaf\ua840-\ua87f"
    "\ua9e0-\ua9ff\uaa60-\uaa7f\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
)
_CONTROLS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
    f"|(?<![{_JOINING}])[\u200b-\u200d](?![{_JOINING}])"
)
# Marks that are written over, under or through the letter before them; no language stacks more than a few.
_FREE_MARKS: Final = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_BOUND_MARKS: Final = "\u0591-\u05bd\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd"
_MARK_FLOOD: Final = re.compile(f"([{_FREE_MARKS}{_BOUND_MARKS}]{{4}})[{_FREE_MARKS}{_BOUND_MARKS}]+")
_PLAIN_BYTES: Final = bytes(range(0x20, 0x7F))
_FREE_MARK: Final = re.compile("[\u0300-\u037f\u0480-\u04bf\u1a80-\u1aff\u1dc0-\u1dff\u20c0-\u20ff\ufe00-\ufe3f]")

_PLAIN_LINK: Final = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9]\d{0,3})?(?:/[!#-;=?-\[\]_a-z~]*)?", re.IGNORECASE
)
_LINK_SAFE: Final = "!#$%&'()*+,/:;=?@[]~-._"


def plain_text(raw: str, limit: int) -> str:
    """One line of plain text out of ``raw`` (HTML or text), at most ``limit`` characters."""
    if not raw:
        return ""
    return _cut(_without_floods(_fold(_readable(raw, limit).replace(_BREAK, " "))), limit)


def plain_paragraphs(raw: str, limit: int) -> str:
    """Plain text out of ``raw`` (HTML or text), a line for each block, at most ``limit`` characters."""
    lines = _readable(raw, limit).split(_BREAK)
    if not _is_plain("".join(lines)):
        lines = [_without_floods(_fold(line)) for line in lines]
    return _cut("\n".join(stripped for line in lines if (stripped := line.strip())), limit)


def safe_link(raw: str, base: str = "") -> str:
    """An absolute http(s) address in ASCII out of ``raw``, resolved against ``base``; "" when it is none or not safe.

    Refused: other schemes, user names before the host (they make an address look like another's), control
    characters, bad hosts and ports, more than 2,048 characters.
    """
    link = raw.strip().replace("&amp;", "&")  # escaped once too often
    if not link or len(link) > LINK_LIMIT:
        return ""
    if _PLAIN_LINK.fullmatch(link):
        return link
    try:
        return _checked_link(urljoin(base, link))
    except ValueError:  # a bad port, a bracket without its partner, a host that IDNA refuses
        return ""


def _readable(raw: str, limit: int) -> str:
    """Tags out, entities decoded; ``_BREAK`` where a block ends."""
    if len(raw) > limit:
        raw = raw[:_RAW_LIMIT]
    if "<" in raw:
        raw = _without_tags(raw)
    if "&" in raw:
        raw = html.unescape(_ENDLESS.sub("\ufffd", raw))
    return raw


def _without_tags(raw: str) -> str:
    if "]]>" in raw:
        raw = raw.replace("]]>", "")
    pieces = _TAG.split(raw)
    replaced = [_REPLACED.get(name) for name in pieces[1::2]]
    if None in replaced:  # a comment, an unusual spelling, a silent or an unknown name
        return _TAG.sub(_replacement, _without_silent(raw))
    pieces[1::2] = replaced
    return "".join(pieces)


def _without_silent(raw: str) -> str:
    """Scripts, styles and the like out, with what they hold; one that never ends loses only its tag, later."""
    match = _SILENT.search(raw)
    if match is None:
        return raw
    folded = raw.replace("İ", "i").lower()  # the only letter that grows when lowered: positions stay those of raw
    kept, done, unending = [], 0, set()
    while match is not None:
        name = (match[1] or "").lower()
        end = -1 if name in unending else folded.find(f"</{name}" if name else "-->", match.end())
        if end < 0:
            unending.add(name)
        elif name:
            kept.append(raw[done : match.start()])
            done = end
        match = _SILENT.search(raw, max(end, match.end()))
    return "".join(kept) + raw[done:]


def _replacement(match: re.Match[str]) -> str:
    """What stands for a tag; a name that HTML does not know is text, such as ``<Japan>``."""
    name = (match[1] or "").lower()
    if name in _REPLACED:
        return _REPLACED[name]
    return "" if not name or ":" in name or "-" in name or name in _SILENT_NAMES else match[0]


def _is_plain(text: str) -> bool:
    """Nothing to fold or to take out, but perhaps at its ends.

    Told by its bytes, and mostly by the few that are not plain ASCII: that takes a quarter of the time.
    """
    encoded = text.encode("utf-8", "surrogatepass")
    if b"  " in encoded:
        return False
    rest = encoded.translate(None, _PLAIN_BYTES).decode("utf-8", "surrogatepass")  # whole characters
    return not rest or (rest.isprintable() and not _FREE_MARK.search(rest))


def _fold(text: str) -> str:
    """Runs of blanks to one blank; controls, direction overrides and floods of marks out."""
    if not text.isprintable() or "  " in text:
        text = " ".join(text.split())
        if not text.isprintable():
            text = " ".join(_CONTROLS.sub("", text).split())
    return text.strip()


def _without_floods(text: str) -> str:
    return text if text.isascii() else _MARK_FLOOD.sub(r"\1", text)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rstrip()


def _checked_link(link: str) -> str:
    """``link`` with everything outside ASCII encoded; raises ``ValueError`` or returns "" when it is not safe."""
    parts = urlsplit(link)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or "\\" in link or not link.isprintable():
        return ""
    host = parts.hostname
    if not host or parts.port == 0:
        return ""
    netloc = parts.netloc if host.isascii() else parts.netloc.lower().replace(host, host.encode("idna").decode())
    tail = quote(parts._replace(scheme="", netloc="").geturl(), safe=_LINK_SAFE)
    checked = f"{parts.scheme}://{netloc}{tail}"
    return checked if len(checked) <= LINK_LIMIT else ""
