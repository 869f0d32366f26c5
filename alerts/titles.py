"""Compares headlines: what is left of one without its publisher, and what tells it from another. Pure."""

from __future__ import annotations

import re

_SUFFIX = re.compile(r"\s+[-–—|]\s+([^-–—|]{2,60})$")
_WORD = re.compile(r"\w+")
_ALIKE = 0.5  # share of the longer name that the shorter one must make up


def bare_title(title: str, source: str, link: str = "") -> str:
    """``title`` without a last part that names its publisher: "Ties grow - The Valley Post" of The Valley Post."""
    found = _SUFFIX.search(title)
    return title[: found.start()] if found and _names(found[1], source, link) else title


def title_key(title: str) -> str:
    """What two titles share that differ in nothing but case, blanks and punctuation."""
    return " ".join(_words(title)) or title


def _names(part: str, source: str, link: str) -> bool:
    name, publisher = "".join(_words(part)), "".join(_words(source))
    host = re.sub(r"\W", "", link.partition("://")[2].partition("/")[0].casefold())
    if len(name) >= 3 and name in host:
        return True
    shorter, longer = sorted((name, publisher), key=len)
    return bool(shorter) and shorter in longer and len(shorter) >= _ALIKE * len(longer)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
