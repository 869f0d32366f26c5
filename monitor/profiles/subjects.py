"""What news is about: subjects with their words in several languages, and which of them some texts treat."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from monitor.text.fold import fold, pattern

_DATA = files("monitor.profiles") / "data" / "subjects.toml"

LANGUAGES = {
    "en": "English",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "pt": "Portuguese",
    "it": "Italian",
    "pl": "Polish",
    "ja": "Japanese",
    "zh": "Chinese",
    "ko": "Korean",
    "lo": "Lao",
    "km": "Khmer",
    "th": "Thai",
    "vi": "Vietnamese",
    "id": "Indonesian",
    "ru": "Russian",
    "ar": "Arabic",
    "hi": "Hindi",
    "my": "Burmese",
}

ENOUGH_WORDS = 2
"""Different words of a subject that a text must hold to treat it."""


known_pattern = lru_cache(maxsize=16_384)(pattern)
"""``pattern`` for the words of the tables, which are looked for in text after text."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of news. ``words``: by language. ``noise``: what a profile on something else should avoid.

    ``core``: its words mean that countries deal with each other.
    """

    name: str
    title: str
    weight: float
    words: Mapping[str, Sequence[str]]
    regex: Sequence[str] = ()
    ignore: Sequence[str] = ()
    noise: bool = False
    core: bool = False

    def found(self, folded: str) -> int:
        """How many different words of the subject a folded text holds, in the language in which it holds most."""
        return max(sum(known_pattern(word) in folded for word in words) for words in self.words.values())

    def treated(self, texts: Sequence[str]) -> int:
        """How many of ``texts`` are about it."""
        return sum(self.found(fold(text)) >= ENOUGH_WORDS for text in texts)


@cache
def subjects() -> tuple[Subject, ...]:
    """Every subject, topics before noise."""
    data = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    return tuple(
        Subject(
            name=name,
            title=entry["title"],
            weight=entry["weight"],
            words={key: tuple(entry[key]) for key in LANGUAGES if key in entry},
            regex=tuple(entry.get("regex", ())),
            ignore=tuple(entry.get("ignore", ())),
            noise=entry.get("noise", False),
            core=entry.get("core", False),
        )
        for name, entry in data.items()
    )
