"""What part a country takes where a text names it, as the words around tell: actor, maker, place of a meeting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from monitor.text.fold import fold

_DATELINE = re.compile(
    r"\s{0,9}(?:[【(][^】)\n]{2,20}[】)]"
    r"|[A-ZÀ-Þ]{3}[A-ZÀ-Þ .,'/-]*(?:,[^()\n]{1,20})?(?:\([^)\n]{2,25}\))?(?:\s-\s|\s{0,9}(?:--|[–—]))"
    r"|[A-ZÀ-Þ][^()\n]{2,40}\([^)\n]{2,25}\)\s{0,9}[-–—:])"
)
# How what a country made, pays for or leads is written, with a hyphen: "China-backed", "Chinese-built".
_MADE = ("ed", "built", "made", "run")
_MADE_HYPHEN = re.compile(rf"[-‑]\w*(?:{'|'.join(_MADE)})\b")
_MAKER = 40  # letters in front of the hyphen, among which is the last word of a country's name
# In front of the name of those who are trained, but for trains.
_TRAINING = (" train", " training", " training for", " training to", " course for")
_TRAIN = (" bullet train", " express train", " freight train", " high speed train", " passenger train")
# Behind the name of those who pay for what others deal with, in Japanese and Chinese, and of those who are trained.
_ASIDE_BEHIND = (
    *("が支援した", "が支援する", "の支援で", "支援で", "系", "製", "援建", "資助", "资助"),
    *("deminer", "demining", "sapper", "trainee", "人職員", "職員", "政府職員", "の地雷除去", "要員", "学员", "學員"),
)
# Folded, in the languages of much news: what stands between two names in one breath, if anything; what in front of a
# name makes a place of it; what says that it is over; and what behind a name makes a place of it.
_AND = frozenset(("", *"and und et y e i va dan и و と 和 与 與 및 과 와 ແລະ និង และ".split()))
_AT = tuple(" at| au| em| en| im| in| tai| w| we|在|于|於|ใน|ที่|ທີ່|នៅ".split("|"))
_AFTER = (" after", " apres", " nach", " tras")
_HERE = ("で", "にて", "에서")


class Roles:
    """The parts that are taken in one text: ``folded``, its fields joined; ``originals``, as written; their bounds."""

    __slots__ = ("__dict__", "_bounds", "_folded", "_originals")

    def __init__(self, folded: str, originals: Sequence[str], bounds: Sequence[int]) -> None:
        self._folded = folded
        self._originals = originals
        self._bounds = bounds

    def is_aside(self, start: int, end: int) -> bool:
        """Whether a country that is named there takes no part: in a dateline, "China-backed base", "train Thais"."""
        behind = self._folded[end : self._folded.find(" ", end)]
        if behind.startswith(_ASIDE_BEHIND) or self._is_trained(start):
            return True
        made = behind.endswith(_MADE) and (self._folded[start:end].split()[-1], behind) in self._made
        return made or self.in_dateline(start)

    def _is_trained(self, start: int) -> bool:
        return self._folded.endswith(_TRAINING, 0, start) and not self._folded.endswith(_TRAIN, 0, start)

    def is_venue(self, start: int, end: int) -> bool:
        """Whether the country that is named there is but where something takes or took place: "in Laos"."""
        return self._folded.endswith(_AT, 0, start) or self._folded.startswith(_HERE, end)

    def is_over(self, start: int) -> bool:
        """Whether what has to do with the country that is named there came before: "after Vietnam"."""
        return self._folded.endswith(_AFTER, 0, start)

    def are_joined(self, end: int, start: int) -> bool:
        """Whether what is named up to ``end`` and from ``start`` on is named in one breath: "Japan and India"."""
        return self._folded[end:start].strip() in _AND

    def in_dateline(self, start: int) -> bool:
        """Whether ``folded[start]`` stands where a text says from where it was sent."""
        return any(start in dateline for dateline in self._datelines)

    @cached_property
    def _datelines(self) -> Sequence[range]:
        """Where the summary and the content say from where and by whom they were sent: "BANGKOK (AP) - "."""
        starts = zip(self._bounds, self._originals[1:], strict=True)
        return [range(start, start + len(fold(match[0]))) for start, text in starts if (match := _DATELINE.match(text))]

    @cached_property
    def _made(self) -> frozenset[tuple[str, str]]:
        """The folded words on both sides of the hyphens in "China-upgraded", "US-led" and the like."""
        spans = ((text, *match.span()) for text in self._originals for match in _MADE_HYPHEN.finditer(text))
        found = (fold(text[max(0, start - _MAKER) : end]).split() for text, start, end in spans)
        return frozenset((words[-2], words[-1]) for words in found if len(words) > 1)
