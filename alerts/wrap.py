"""Wraps plain text for a terminal: wide letters count two columns, unspaced scripts break between syllables. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import accumulate, takewhile

WIDTH = 72
_ZERO = frozenset({"Mn", "Me", "Cf"})
_BLANKS = re.compile(r"[ \t\n]+")  # but no no-break space
_NO_BLANKS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")  # Thai to Han
_FOREIGN = re.compile(r"[A-Za-z0-9\u00c0-\u024f]")  # a letter of a script with blanks, amid one without
_JOINED = frozenset({"Mn", "Me", "Mc"})  # these stay with the letter before them
_NEVER_FIRST = frozenset(
    "、。，．・：；？！ー〜…‥,.:;?!%）」』】〕〉》］｝)]}”’ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々ゝゞヽヾ"
    "ะาำๅฯๆ\u0eb0\u0eb2\u0eb3\u0ebdຯໆ។៕ៗ၊။"  # vowels and signs written after their consonant; full stops
)
_NEVER_LAST = frozenset(
    "（「『【〔〈《［｛([{“‘"
    "เแโใไ\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4"  # vowels written before their consonant
    "\u17d2\u1039"  # signs that put the next consonant below
)


def columns(text: str) -> int:
    """How many terminal columns ``text`` takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def wrap(text: str, indent: int = 0, hang: int | None = None, width: int = WIDTH) -> str:
    """``text`` in lines of at most ``width`` columns.

    ``indent`` blanks stand before the first line, ``hang`` (as many when None) before the others. A word that is
    longer than a line is broken between letters; one of a script without blanks also where it fills the line, but never
    within a syllable or before a closing mark, as far as the line has a better place.
    """
    margin = " " * (indent if hang is None else hang)
    lines: list[str] = []
    line, gap = " " * indent, ""
    for word in _BLANKS.split(text.strip()):
        rest = word
        while not _fits(rest, width - columns(line) - len(gap)):
            head = _head(rest, width - columns(line) - len(gap), width - len(margin), begun=bool(gap))
            if not head and not gap:
                break  # not even one letter fits: better too long than never done
            lines.append(line + gap + head if head else line)
            line, gap, rest = margin, "", rest[len(head) :]
        line, gap = line + gap + rest, " "
    return "\n".join([*lines, line]) if line.strip() else "\n".join(lines)


@lru_cache(maxsize=4_096)
def _columns(char: str) -> int:
    if unicodedata.category(char) in _ZERO:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _fits(text: str, room: int) -> bool:
    """Whether ``text`` takes at most ``room`` columns; looks no further than that."""
    return room >= 0 and all(used <= room for used in accumulate(map(_columns, text)))


def _head(word: str, room: int, longest: int, *, begun: bool) -> str:
    """The beginning of ``word`` that fits into ``room`` columns, or "" when it is better kept whole.

    ``begun``: the line holds another word already, so the next line may have a better place to break.
    """
    unbroken = not _NO_BLANKS.search(word)
    if unbroken and _fits(word, longest):
        return ""
    fitting = sum(1 for _ in takewhile(lambda used: used <= room, accumulate(map(_columns, word))))
    end = next((at for at in range(fitting, 0, -1) if unbroken or _parts(word, at)), 0)
    if not end and begun:
        return ""
    end = end or fitting
    while end and unicodedata.category(word[end]).startswith("M"):  # a mark stays with its letter
        end -= 1
    return word[:end]


def _parts(word: str, at: int) -> bool:
    """Whether a line may end before letter ``at``: not within a syllable, a foreign word or before a closing mark."""
    before, after = word[at - 1], word[at]
    if unicodedata.category(after) in _JOINED or after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return not (_FOREIGN.match(before) and _FOREIGN.match(after))
