"""A text as the matcher sees it: up to three fields, folded and joined, with the way back to what was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import regex

from monitor.profiles.atlas import accented, blocs, mentions
from monitor.profiles.index import Owned
from monitor.profiles.roles import Roles
from monitor.text.fold import fold, scripts

_SUFFIX = regex.compile(r"\s[-–—|]\s+([^-–—|]{2,60})$")
_DASH = regex.compile(r"\s[-–—|]\s")
_OUTLET = regex.compile(
    r"\b(?:Times|News|Post|Daily|Today|Herald|Journal|Gazette|Tribune|Press|Star|Nation|Online|TV|Radio|Agency|Observer|"
    r"Mirror|Mail|Guardian|Telegraph|Chronicle|Review|Standard|Monitor|Globe|Magazine|Weekly|Bulletin|Forward|Wire|"
    r"Network|Reuters|Bloomberg|Nikkei|Kyodo|Xinhua|\w+\.(?:com|org|net|co\.\w\w|\w\w))\b"
)
_SENTENCE = r"(?s).{40,}?(?:(?<=\w{3}|[\d)%\"”])[.!?؟]+[\"”)]*(?=\s+[\"“(]?[\p{Lu}\p{Lo}])|[。！？।។။\n])"
_SENTENCE_SIZE = 300  # letters
_CREDIT = (
    r"(?:\b\d{1,2}, (?:19|20)\d\d\. ?\([^()]{2,40}[ /][^()]{2,40}"
    r"|\((?!Reporting|Additional|With )[^()]{0,60}"
    r"(?:/ ?(?:AP|AFP|EPA|Getty|Reuters|Shutterstock)\b|via (?:AP|Getty|Reuters)\b|\b(?:AP|AFP) Photo\b)"
    r"[^()]{0,60})\)\s*$"
)
_CREDIT_SIZE = 160  # letters at the end of a text among which a credit stands
_CAPTION_SIZE = 500  # letters; what is longer is an article, whoever signs it
_VIETNAMESE = re.compile("[\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]")
_IMPLIES = 0.15  # share of the letters


class Page:
    """The fields of one entry. A text that is contained in another counts once."""

    __slots__ = ("__dict__", "bounds", "feed_url", "folded", "lang", "originals")

    def __init__(self, title: str, summary: str, content: str, source: str, lang: str | None, feed_url: str) -> None:
        self.lang = lang.partition("-")[0].lower() if lang else None
        self.feed_url = feed_url
        title = headline(title, source)
        head, first = fold(title), fold(summary)
        second = fold(content) if content and content != summary else ""
        if first.strip() and first.rstrip() in second:
            summary, first = "", ""
        self.originals = (title, summary, content if second else "")
        self.folded = f"{head}\n{first}\n{second}"
        self.bounds = (len(head), len(head) + 1 + len(first))

    @cached_property
    def scripts(self) -> Mapping[str, float]:
        """The share of each script among the letters."""
        return {} if self.folded.isascii() else scripts(" ".join(self.originals))

    @cached_property
    def countries(self) -> Sequence[Owned]:
        """Where countries are mentioned."""
        return self.as_written(mentions(self.folded))

    def as_written(self, names: Sequence[Owned]) -> Sequence[Owned]:
        """``names`` without words that only accents or capitals would make a country: "my" is not Mỹ."""
        doubtful, folded = accented(), self.folded
        return [one for one in names if (word := folded[one[1] : one[2]]) not in doubtful or self._is_meant(word)]

    def _is_meant(self, word: str) -> bool:
        """Whether a doubtful word stands somewhere as the country is written.

        Vietnamese sets all its accents: there "lao" is no country either.
        """
        if word not in self._meant:
            finder, plain = accented()[word]
            text = self._composed
            self._meant[word] = bool((plain and not _VIETNAMESE.search(text)) or re.search(finder, text))
        return self._meant[word]

    @cached_property
    def _meant(self) -> dict[str, bool]:
        """What is known of doubtful words: a text may hold one very often, and many profiles ask."""
        return {}

    @cached_property
    def _composed(self) -> str:
        """The text as written, each letter with its accents one sign."""
        return unicodedata.normalize("NFC", " ".join(self.originals))

    @cached_property
    def blocs(self) -> Sequence[str]:
        """The blocs of countries that the title names."""
        return blocs(self.folded[: self.bounds[0]])

    @cached_property
    def leads_with_bloc(self) -> bool:
        """Whether the first sentence names one."""
        return bool(blocs(self.folded[self.lead.start : self.lead.stop]))

    def written_in(self, names: Iterable[str]) -> bool:
        """Whether the scripts ``names`` make up a good part of the text (kana do in Japanese beside Chinese signs)."""
        return sum(self.scripts.get(name, 0.0) for name in names) >= _IMPLIES

    @cached_property
    def roles(self) -> Roles:
        """What part countries take where they are named."""
        return Roles(self.folded, self.originals, self.bounds)

    @cached_property
    def lead(self) -> range:
        """Where the first sentence of the text stands, or the first two where one is short.

        Where none ends, as in scripts without full stops, it is about as long as a sentence.
        """
        place = 0 if self.folded[self.bounds[0] + 1 : self.bounds[1]].strip() else 1
        start, text = self.bounds[place] + 1, self.originals[place + 1]
        match = regex.match(_SENTENCE, text)  # compiled where it is first needed: few texts ask for it
        return range(start, start + len(fold(match[0] if match else text[:_SENTENCE_SIZE]).rstrip()))

    @cached_property
    def is_captioned(self) -> bool:
        """Whether the text is but what stands below a picture, ending with "(Ann Lee/AFP via Getty Images)"."""
        text = (self.originals[2] or self.originals[1]).rstrip()
        return text.endswith(")") and len(text) <= _CAPTION_SIZE and bool(re.search(_CREDIT, text[-_CREDIT_SIZE:]))

    def field(self, start: int) -> int:
        """The field in which ``folded[start]`` stands: 0 title, 1 summary, 2 content."""
        first, second = self.bounds
        return 0 if start < first else 1 if start < second else 2


def headline(title: str, source: str = "") -> str:
    """``title`` without the publisher's name that aggregators set behind it."""
    match = _SUFFIX.search(title) if _DASH.search(title) else None
    if match and (match[1].casefold() == source.casefold() or (_OUTLET.search(match[1]) and match[1][0].isupper())):
        return title[: match.start()].rstrip()
    return title
