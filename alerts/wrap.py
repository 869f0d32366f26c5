"""Wraps plain text for a terminal: wide letters count two columns, scripts without blanks break anywhere. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

WIDTH = 72
_ZERO = frozenset({"Mn", "Me", "Cf"})
_BLANKS = re.compile(r"[ \t\n]+")  # but no no-break space
_NO_BLANKS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")  # Thai to Han


def columns(text: str) -> int:
    """How many terminal columns ``text`` takes."""
    return sum(map(_columns, text))


def wrap(text: str, indent: int = 0, hang: int | None = None, width: int = WIDTH) -> str:
    """``text`` in lines of at most ``width`` columns.

    ``indent`` blanks stand before the first line, ``hang`` (as many when None) before the others. A word that is
    longer than a line, or of a script without blanks, is broken between letters.
    """
    margin = " " * (indent if hang is None else hang)
    lines: list[str] = []
    line, gap = " " * indent, ""
    for word in _BLANKS.split(text.strip()):
        rest = word
        while columns(line) + len(gap) + columns(rest) > width:
            head = _head(rest, width - columns(line) - len(gap), width - len(margin))
            if not head and not gap:
                break  # not even one letter fits: better too long than never done
            lines.append(line + gap + head if head else line)
            line, gap, rest = margin, "", rest[len(head) :]
        line, gap = line + gap + rest, " "
    return "\n".join([*lines, line]) if line.strip() else "\n".join(lines)


def _columns(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.category(char) in _ZERO:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _head(word: str, room: int, longest: int) -> str:
    """The beginning of ``word`` that fits into ``room`` columns, or "" when it is better kept whole."""
    if not _NO_BLANKS.search(word) and columns(word) <= longest:
        return ""
    end = sum(used <= room for used in accumulate(map(_columns, word)))
    while end and unicodedata.category(word[end]).startswith("M"):  # a mark stays with its letter
        end -= 1
    return word[:end]
