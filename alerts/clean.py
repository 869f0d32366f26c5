"""Makes foreign text safe to show: no control characters, no direction tricks, no unsafe links. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from alerts.model import Fragment

if TYPE_CHECKING:
    import regex

# Unicode categories that must never reach a reader: controls, lone surrogates, line and paragraph separators.
_BLANKED = frozenset({"Cc", "Zl", "Zp"})
_DROPPED = frozenset({"Cs"})
# Marks that reorder a line (UAX 9), the byte order mark, and U+FFFE and U+FFFF, which XML does not allow.
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_BLANKS = re.compile(r"\s+")
_MAX_MARKS = 8  # on one letter; no script needs more, and hundreds of them cover the lines around it
_LANG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
MAX_FRAGMENTS = 60  # of one marked text; a page with hundreds of marks is no help to anybody
MAX_LINK = 2_048  # characters; longer ones break mail programs and are never a news address


def clean(text: str, limit: int = 1_000) -> str:
    """``text`` as one printable line of at most ``limit`` characters; a cut shows as an ellipsis."""
    return cut(_squeeze(text[: 4 * limit]).strip(), limit)


def cut(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters, never between a letter and its combining marks."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and unicodedata.category(text[end]).startswith("M"):
        end -= 1
    return text[:end].rstrip() + "…"


def clean_fragments(fragments: Sequence[Fragment], limit: int) -> tuple[Fragment, ...]:
    """The same for a marked text; blanks between fragments are kept."""
    kept: list[Fragment] = []
    room = limit
    rest = Fragment("".join(fragment.text for fragment in fragments[MAX_FRAGMENTS - 1 :]))
    for fragment in (*fragments[: MAX_FRAGMENTS - 1], rest):
        text = cut(_squeeze(fragment.text[: 4 * limit]), room) if room > 0 else ""
        if text:
            kept.append(Fragment(text, fragment.marked))
        room -= len(text)
    return tuple(kept)


def safe_link(link: str) -> str:
    """``link`` when it is an absolute http(s) address without blanks or controls, else ""."""
    if len(link) > MAX_LINK or _squeeze(link) != link or " " in link:
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme in {"http", "https"} and parts.hostname else ""


def safe_lang(lang: str) -> str:
    """``lang`` when it has the form of a BCP 47 tag, else ""."""
    return lang if _LANG.fullmatch(lang) else ""


def _squeeze(text: str) -> str:
    """One line: controls and runs of blanks become one blank; direction marks, surrogates and heaps of accents go."""
    if not text.isprintable():
        text = "".join(map(_replace, _DIRECTION.sub("", text)))
    if not text.isascii():
        text = _heap().sub("", text)
    return _BLANKS.sub(" ", text)


@cache
def _heap() -> regex.Pattern[str]:
    """What stands on a letter beyond the marks it may have; loaded for text that has other than ASCII."""
    import regex

    return regex.compile(rf"(?<=\p{{M}}{{{_MAX_MARKS}}})\p{{M}}+")


def _replace(char: str) -> str:
    category = unicodedata.category(char)
    if category in _BLANKED:
        return " "
    return "" if category in _DROPPED else char
