"""Folding: the one form in which texts and terms are compared.

A folded text is lower-case and NFKC, without accents, punctuation, addresses and English plural endings; one blank
stands before, between and after its words, so that ``" word "`` is found only as a whole word. Scripts that are written
without blanks (Lao, Khmer, Thai, Myanmar, Japanese, Chinese) have no word boundaries: a term in them is found anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from alerts.record import record

if TYPE_CHECKING:
    import regex

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3041-\u3096"
    "\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff"
    "\uff66-\uff6f\uff71-\uff9d\U000116d0-\U000116e3\U00016fe2\U00016fe3\U00016ff0-\U00016ff6\U0001aff0-\U0001b16f"
    "\U00020000-\U0003ffff"
)
"""Letters of the scripts that set no blank between words (Thai, Lao, Myanmar, Khmer, kana and Chinese signs), as the
inside of a character class. Written out, for ``re`` goes through a text many times faster than ``regex`` does."""

_UNSPACED_RANGES = tuple((first, last or first) for first, last in re.findall("(.)(?:-(.))?", UNSPACED))
_ADDRESS = re.compile(r"(?:[hH][tT][tT][pP][sS]?://|(?:[wW]ww|WWW)\.)\S+")
_IN_ADDRESSES = ("://", "ww.", "WW.")
_EDGE = rf"(?<=[{UNSPACED}])(?=[^\s{UNSPACED}])|(?<=[^\s{UNSPACED}])(?=[{UNSPACED}])"
_FOREIGN_RUNS = re.compile(r"([^\x00-\x7f][^\x00-\x7f]*)")
_POSSESSIVE = re.compile(r"'s(?!\w)")
_BLANKS = re.compile(r"\s+")
_PLURAL = re.compile(r"s (?:(?<=[a-z]{2}[^\W\d_suo]s )|(?<=[a-z]{3}os ))")
_SCRIPT_NAMES = (
    "Latin", "Lao", "Khmer", "Thai", "Myanmar", "Hiragana", "Katakana", "Han", "Hangul", "Cyrillic", "Greek",
    "Arabic", "Hebrew", "Devanagari", "Bengali", "Georgian", "Armenian", "Sinhala", "Tibetan", "Ethiopic",
)  # fmt: skip

# What is left of a plural once its s has gone, and the ending that it shares with its singular.
_ENDINGS = (
    ("ie ", "y "),
    ("che ", "ch "),
    ("she ", "sh "),
    ("sse ", "ss "),
    ("use ", "us "),
    ("xe ", "x "),
    ("ze ", "z "),
    ("oe ", "o "),
)
# Letters that Unicode does not take apart into a base letter and an accent; Lao with and without the ligature sign.
_LETTERS = {"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "ຼ": "ລ"}
_APOSTROPHES = frozenset("'’‘ʼʹ`´′＇")
_LATIN_AGAIN = re.compile("[\u1e00-\u1eff\u2000-\u2cff\ua720-\uabff]")  # among letters that are not
_STOPPER = "q"  # stands at an open end while it is folded, so that no plural ending is taken off
_KHMER_TA, _KHMER_DA, _KHMER_RO = "\u17d2\u178f", "\u17d2\u178a", "\u17d2\u179a"  # below a letter; da looks like ta
_BREAK = "\x01"  # parts terms that are folded together
_SEAM = "\x02"  # parts the pieces of a text that are folded together
_OWN = re.compile(f"[{_BREAK}{_SEAM}]")
_JOINED = frozenset("・·\u00ad")  # a dot inside Japanese names, a soft hyphen: the word goes on


class _Characters(dict[int, str]):
    """What each character becomes, its accents gone: word characters and apostrophes stay, the others part words."""

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFD", chr(code))
        kept = self[code] = unicodedata.normalize("NFC", "".join(map(self._fold, parts)))
        return kept

    @staticmethod
    def _fold(char: str) -> str:
        if char in _APOSTROPHES:
            return "'"
        if char in (_BREAK, _SEAM):
            return char
        if char in _LETTERS:
            return _LETTERS[char]
        category = unicodedata.category(char)
        if char in _JOINED or category == "Cf" or "\u0300" <= char <= "\u036f":
            return ""
        return char if category[0] in "LMN" else " "


_CHARACTERS = _Characters()


@record
class Folded:
    """A folded text and, for each of its characters, where it came from in ``original``."""

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of ``original`` behind ``text[start:end]``, without blanks at its ends."""
        while start < end and self.text[start] == " ":
            start += 1
        while end > start and self.text[end - 1] == " ":
            end -= 1
        if start == end:
            return (self.starts[start], self.starts[start]) if start < len(self.starts) else (0, 0)
        first, last = self.starts[start], self.ends[end - 1]
        trimmed = first + len(_tail().sub("", self.original[first:last]))
        if trimmed == last and end < len(self.text) and self.text[end] == " ":
            return first, self._whole_word(last)
        return first, trimmed

    def _whole_word(self, end: int) -> int:
        """Where the word ends of which folding has taken off a plural ending."""
        while end < len(self.original) and self.original[end].isalpha() and not _is_unspaced(self.original[end]):
            end += 1
        return end


def fold(text: str) -> str:
    """The folded form of ``text``: " " when it holds no word."""
    return _fold(text.replace(_BREAK, " ").replace(_SEAM, " "))


def fold_mapped(text: str) -> Folded:
    """The same as ``fold``, with the way back to ``text``; slower, for highlighting."""
    trail = _Trail(text)
    trail.replace(_OWN, " ")
    trail.replace(_ADDRESS, " ")
    trail.clusters()
    trail.replace(re.compile(_EDGE), " ")  # compiled here, for it takes 5 ms and most starts do without
    trail.replace(_POSSESSIVE, "")
    trail.replace(re.compile("'"), " ")
    trail.pad()
    trail.replace(_BLANKS, " ")
    trail.replace(_PLURAL, " ")
    for ending, shared in _ENDINGS:
        trail.replace(re.compile(ending), shared)
    trail.text = _ordered(trail.text)
    return trail.result()


def pattern(term: str) -> str:
    """``term`` as it stands in a folded text, with the blanks that make it whole words; "" when no word is left.

    A ``*`` at either end leaves that end open; an open end keeps its plural.
    """
    if not term.endswith("*"):
        return _bounded(fold(term.strip("*")), left=not term.startswith("*"))
    core = fold(term.strip("*") + _STOPPER).rstrip()[: -len(_STOPPER)]
    return _bounded(core, left=not term.startswith("*"), right=False)


def unfinished(term: str) -> str:
    """The bare word of a term with an open end, where folding gives that word another ending; else "".

    "japonais*" would not find "japonais", which is folded like a plural; so the word is to be looked for, too.
    """
    word = term.rstrip("*")
    if word == term or _keeps_its_end(word):
        return ""
    return word if pattern(word).rstrip() != pattern(term) else ""


def _keeps_its_end(word: str) -> bool:
    """Whether folding surely gives ``word`` no other ending, for it ends in no Latin letter: from Greek to hangul."""
    return "\u0370" <= word[-1:] <= "\ud7a3" and not _LATIN_AGAIN.match(word[-1])


def patterns(terms: Sequence[str]) -> list[str]:
    """``pattern`` of many terms, in their order; much faster than one by one."""
    found = [""] * len(terms)
    own = _OWN.search("".join(terms)) is not None
    words = [term[:-1] if term[-1:] == "*" and _keeps_its_end(term[:-1]) else term for term in terms]
    alone = [place for place, word in enumerate(words) if "*" in word or (own and _OWN.search(word))]
    for place in alone:
        found[place] = pattern(terms[place])
    rest = frozenset(alone)
    for plain in (True, False):
        some = [place for place, word in enumerate(words) if word.isascii() is plain and place not in rest]
        folded = _fold(f" {_BREAK} ".join([words[place] for place in some])).split(_BREAK)
        for place, one in zip(some, folded, strict=False):
            closed = words[place] is terms[place]
            found[place] = _bounded(one, right=closed) if not plain else one if one != " " else ""
    return found


def _bounded(folded: str, *, left: bool = True, right: bool = True) -> str:
    """A folded term with the blanks at its closed ends, and without those at open ones and beside unspaced scripts."""
    core = folded.strip()
    if not core:
        return ""
    begin = " " if left and not _is_unspaced(core[0]) else ""
    end = " " if right and not _is_unspaced(core[-1]) else ""
    return f"{begin}{core}{end}"


def words(text: str) -> list[str]:
    """The folded words of ``text``; a run of a script without blanks is one word."""
    return fold(text).split()


def scripts(text: str) -> dict[str, float]:
    """The share of each script among the letters of ``text`` that are not Latin, Common or Inherited names first met.

    Scripts are named as in Unicode, such as ``Lao``, ``Khmer``, ``Hiragana``; Latin letters count too.
    """
    counts: dict[str, int] = {}
    for name, finder in _scripts().items():
        if found := len(finder.findall(text)):
            counts[name] = found
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()}


# What follows is made when it is first needed: together it takes as long as all the rest of a short command.


@cache
def _ascii_table() -> bytes:
    folded = "".join(_CHARACTERS[code] for code in bytes(range(128)).lower())
    return bytes.maketrans(bytes(range(128)), folded.encode("ascii"))


@cache
def _unspaced_runs() -> re.Pattern[str]:
    # Written [x][x]*, not [x]+: of a pattern that begins with a class, re looks for the first letter much faster.
    return re.compile(rf"([{UNSPACED}][{UNSPACED}]*)")


@cache
def _above() -> re.Pattern[str]:
    """A tone and the ring of "am" above one letter of Thai or Lao."""
    return re.compile("[\u0e48-\u0e4d\u0ec8-\u0ecd][\u0e48-\u0e4d\u0ec8-\u0ecd]+")


@lru_cache(maxsize=4096)
def _is_unspaced(char: str) -> bool:
    return not char.isascii() and any(first <= char <= last for first, last in _UNSPACED_RANGES)


@cache
def _tail() -> regex.Pattern[str]:
    import regex

    return regex.compile(r"[\s\p{P}]+$")


@cache
def _clusters() -> regex.Pattern[str]:
    import regex

    return regex.compile(r"\X", regex.DOTALL)


@cache
def _scripts() -> dict[str, regex.Pattern[str]]:
    import regex

    return {name: regex.compile(rf"\p{{{name}}}") for name in _SCRIPT_NAMES}


def _fold(text: str) -> str:
    """The folded form of ``text``, in bulk; ``fold_mapped`` says the same step by step."""
    if any(trace in text for trace in _IN_ADDRESSES):
        text = _ADDRESS.sub(" ", text)
    text = _characters_apart(text)
    if "'" in text:
        text = _POSSESSIVE.sub("", text).replace("'", " ")
    while "  " in text:
        text = text.replace("  ", " ")
    text = _PLURAL.sub(" ", f" {text.strip()} ")
    for ending, shared in _ENDINGS:
        text = text.replace(ending, shared)
    return _ordered(text) if text != "  " else " "


def _ordered(text: str) -> str:
    """The marks of Khmer, Lao and Thai in one order, whichever way they were typed; as long as before.

    What they look like does not tell: "រដ្ឋមន្ត្រី" is written with ta or da below, before or after ro.
    """
    if "\u17d2" in text:
        text = text.replace(_KHMER_DA, _KHMER_TA).replace(_KHMER_RO + _KHMER_TA, _KHMER_TA + _KHMER_RO)
    if "\u0ecd" in text or "\u0e4d" in text:
        text = _above().sub(lambda match: "".join(sorted(match[0])), text)
    return text


def _characters_apart(text: str) -> str:
    """``_characters``, with blanks around what is written without them.

    Nothing in ASCII changes with its neighbours, for a letter that would join with a mark loses it. So the rest of a
    text is taken out of it and folded by itself.
    """
    if text.isascii():
        return _ascii(text)
    pieces = _FOREIGN_RUNS.split(text)
    pieces[::2] = _ascii(_SEAM.join(pieces[::2])).split(_SEAM)
    foreign = _characters(_SEAM.join(pieces[1::2]))
    pieces[1::2] = " ".join(_unspaced_runs().split(foreign)).split(_SEAM)
    return "".join(pieces)


def _characters(text: str) -> str:
    """``text`` character by character: letters folded, everything that is no word character a blank."""
    if text.isascii():
        return _ascii(text)
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", text.translate(_CHARACTERS))


def _ascii(text: str) -> str:
    """``_characters`` of a text in ASCII: byte by byte takes half as long."""
    return text.encode("ascii").translate(_ascii_table()).decode("ascii")


class _Trail:
    """A text under change that remembers where each character came from."""

    def __init__(self, text: str) -> None:
        self.original = text
        self.text = text
        self.starts = list(range(len(text)))
        self.ends = list(range(1, len(text) + 1))

    def replace(self, finder: re.Pattern[str] | regex.Pattern[str], new: str) -> None:
        """Put ``new`` in place of every match."""
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for match in finder.finditer(self.text):
            begin, end = match.span()
            text += (self.text[last:begin], new)
            source = self._source(begin, end)
            starts += [*self.starts[last:begin], *[source[0]] * len(new)]
            ends += [*self.ends[last:begin], *[source[1]] * len(new)]
            last = end
        self.text = "".join(text) + self.text[last:]
        self.starts = starts + self.starts[last:]
        self.ends = ends + self.ends[last:]

    def clusters(self) -> None:
        """Fold every character together with the marks that belong to it."""
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for match in _clusters().finditer(self.text):
            new = _characters(match.group())
            source = self._source(*match.span())
            text.append(new)
            starts += [source[0]] * len(new)
            ends += [source[1]] * len(new)
        self.text, self.starts, self.ends = "".join(text), starts, ends

    def pad(self) -> None:
        """Set a blank before and after."""
        size = len(self.original)
        self.text = f" {self.text} "
        self.starts = [0, *self.starts, size]
        self.ends = [0, *self.ends, size]

    def result(self) -> Folded:
        """What has become of the text."""
        return Folded(self.original, self.text, self.starts, self.ends)

    def _source(self, begin: int, end: int) -> tuple[int, int]:
        if begin < end:
            return self.starts[begin], self.ends[end - 1]
        place = self.starts[begin] if begin < len(self.starts) else len(self.original)
        return place, place
