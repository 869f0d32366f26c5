"""Near-duplicate threads: which matches tell the same event. Pure.

Two pieces are one story when their headlines or their texts say nearly the same, and nothing in the headlines tells
them apart: other required concepts, other names or other numbers mean another event, however alike the words; so does
one word put in the place of another ("opens", "closes"), but for plain synonyms, unless the texts are the same. Only
what repeats a told headline is held back: other words may be other news.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import regex

from alerts.titles import bare_title
from monitor.likeness import Lookalikes, containment, jaccard
from monitor.model import Match

MEMORY = timedelta(days=14)

_TITLE_ALIKE = 0.5  # share of the headlines' content words that must be common (Jaccard)
_TEXT_ALIKE = 0.6  # share of the texts' shingles, contained in the shorter one
_TEXT_ENOUGH = 12  # shingles below which a text says too little to be compared
_SHINGLE = 4
_UPDATE_NEWS = 0.45  # a later piece is an update when this share of its words is new to the story
_TEXT_LENGTH = 1_200  # characters of a text that are compared: the lead, which wire copies share

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_NUMBER = regex.compile(r"\d+")
_PAIR = regex.compile(r"([\p{L}\p{M}\p{N}]+)(?:\s*[,&、]\s*|\s+and\s+)([\p{L}\p{M}\p{N}]+)")
_TERM = regex.compile(  # words; in Japanese and Chinese a run of one script is the nearest thing to one
    r"\p{Han}+|[\p{Katakana}ー]+|"
    r"[[\p{L}\p{M}\p{N}]--[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]+",
    regex.VERSION1,
)
_RUN = regex.compile(r"[\p{Han}\p{Katakana}ー]")
_SYLLABIC = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_SWAPPED = range(2, 13)  # letters put in the place of others: a word, in scripts that do not part words
_PATTERN = 4  # letters around them that two headlines must share
_STOP_WORDS = frozenset(
    """a about after against all also amid an and are as at be been but by for from has have he her his how in into is
    it its more new not of off on or our out over said say says she than that the their they this to up update updated
    was were what when where which while who will with would year years""".split()
)
_ARTICLES = frozenset({"a", "an", "the", "and"})
_SYNONYMS = """mark celebrate commemorate observe
    sign ink inks inked
    give gives gave donate provide grant
    pledge vow promise
    start begin begins began launch commence
    strengthen deepen boost enhance bolster
    upgrade elevate
    help assist aid support
    premier pm""".splitlines()


@dataclass(frozen=True)
class _Piece:
    """What of a match is compared."""

    match: Match

    @cached_property
    def title(self) -> str:
        entry = self.match.entry
        return bare_title(entry.title, self.match.source, entry.link)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(_sense(word) for word in _tokens(self.title) if word not in _STOP_WORDS)

    @cached_property
    def wording(self) -> tuple[str, ...]:
        """The headline word by word, "Laos, Japan" like "Japan and Laos": copies of one piece have the same."""
        title = _PAIR.sub(lambda pair: " ".join(sorted(pair.groups())), self.title.casefold())
        return tuple(_stem(word) for word in _tokens(title) if word not in _ARTICLES)

    @cached_property
    def terms(self) -> dict[str, None]:
        """Content words in their order."""
        words = _TERM.findall(self.title.casefold())
        return dict.fromkeys(_sense(word) for word in words if word not in _STOP_WORDS)

    @cached_property
    def letters(self) -> str:
        """The headline without blanks when it is in a script that does not part words, else nothing."""
        return "".join(_WORD.findall(self.title.casefold())) if _SYLLABIC.search(self.title) else ""

    @cached_property
    def names(self) -> frozenset[str]:
        """Capitalised words of the headline: people, places, bodies; all of them where a house capitalises all."""
        return frozenset(_sense(word.casefold()) for word in _WORD.findall(self.title) if word[0].isupper())

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(_NUMBER.findall(self.title))

    @cached_property
    def concepts(self) -> tuple[str, ...]:
        return self.match.score.concepts

    @cached_property
    def title_concepts(self) -> frozenset[str]:
        return frozenset(p.label for p in self.match.score.parts if p.kind == "concept" and p.field == "title")

    @cached_property
    def text(self) -> frozenset[int]:
        """Hashes of every few words in a row, which take little memory; none of a text that says too little."""
        entry = self.match.entry
        words = _tokens((entry.summary or entry.content)[:_TEXT_LENGTH])
        shingles = frozenset(hash(tuple(words[i : i + _SHINGLE])) for i in range(len(words) - _SHINGLE + 1))
        return shingles if len(shingles) >= _TEXT_ENOUGH else frozenset()

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        entry = self.match.entry
        text = f"{self.title} {(entry.summary or entry.content)[:_TEXT_LENGTH]}"
        return frozenset(_stem(word) for word in _tokens(text) if word not in _STOP_WORDS)


@dataclass(frozen=True, slots=True)
class Thread:
    """A story: ``fresh`` matches to be told, best first; ``told`` ones that a digest told before, oldest first."""

    fresh: tuple[Match, ...]
    told: tuple[Match, ...] = ()

    @property
    def update(self) -> bool:
        """Whether it goes on from something the reader already has."""
        return bool(self.told)

    @property
    def id(self) -> str:
        """What names the story from one digest to the next."""
        return next((match.story for match in self.told if match.story), self.fresh[0].entry.id)


@dataclass(frozen=True, slots=True)
class Threads:
    """Stories to tell, best first, and the matches held back because they repeat what was told."""

    stories: tuple[Thread, ...]
    held: tuple[Match, ...] = ()

    def ids(self) -> dict[str, str]:
        """The id of the story that each fresh entry belongs to: that of the story's past, else its lead's."""
        return {match.entry.id: story.id for story in self.stories for match in story.fresh}


def thread(fresh: Sequence[Match], told: Sequence[Match], now: datetime) -> Threads:
    """Group ``fresh`` matches of one profile into stories, with ``told`` ones of the last 14 days as their past.

    A fresh match that only repeats a told story is held back; one that adds to it is an update.
    """
    past = (match for match in told if now - match.at <= MEMORY)
    pieces = [_Piece(match) for match in sorted(past, key=_order) + sorted(fresh, key=_order)]
    stories: list[Thread] = []
    held: list[Match] = []
    for cluster in _clusters(pieces):
        before = [piece for piece in cluster if piece.match.digest]
        keep, back = _split([piece for piece in cluster if not piece.match.digest], before)
        held += back
        if keep:
            stories.append(Thread(tuple(sorted(keep, key=_best_first)), tuple(piece.match for piece in before)))
    stories.sort(key=lambda story: _best_first(story.fresh[0]))
    return Threads(tuple(stories), tuple(held))


def single(fresh: Sequence[Match]) -> Threads:
    """Every match a story of its own, best first; none held back (``stories: false``)."""
    return Threads(tuple(Thread((match,)) for match in sorted(fresh, key=_best_first)))


def same_story(one: Match, other: Match) -> bool:
    """Whether two matches of a profile tell the same event."""
    return _same(_Piece(one), _Piece(other))


def _order(match: Match) -> tuple[datetime, str]:
    return match.at, match.entry.id


def _best_first(match: Match) -> tuple[float, datetime, str]:
    return -match.score.value, match.entry.published or match.at, match.entry.id


def _clusters(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """The pieces by story. Each joins the one that it was told in, else the first that has a piece like it."""
    clusters: list[list[_Piece]] = []
    by_story: dict[str, int] = {}
    met = _Met(pieces)
    for number, piece in enumerate(pieces):
        story = piece.match.story
        home = by_story.get(story) if story else met.home(number)
        if home is None:
            home = len(clusters)
            clusters.append([])
            by_story.setdefault(story, home)
        clusters[home].append(piece)
        met.add(number, home)
    return clusters


class _Met:
    """The pieces met so far and the number of each one's story."""

    def __init__(self, pieces: Sequence[_Piece]) -> None:
        self._pieces = pieces
        self._titles = Lookalikes([piece.words for piece in pieces], _TITLE_ALIKE)
        self._texts = Lookalikes([piece.text for piece in pieces], _TEXT_ALIKE, contained=True)
        self._homes: dict[int, int] = {}
        self._by_id: dict[str, int] = {}
        self._known: set[tuple[object, ...]] = set()

    def add(self, number: int, home: int) -> None:
        """Piece ``number`` belongs to story ``home``."""
        piece, self._homes[number] = self._pieces[number], home
        entry = piece.match.entry.id
        self._by_id[entry] = min(home, self._by_id.get(entry, home))
        kind = (home, piece.concepts, piece.title_concepts, piece.title, piece.text)
        if kind not in self._known:  # another one just like it would find nothing more
            self._known.add(kind)
            self._titles.add(number)
            self._texts.add(number)

    def home(self, number: int) -> int | None:
        """The first story with a piece like piece ``number``."""
        piece = self._pieces[number]
        alike = sorted((self._homes[other], other) for other in self._titles.like(number) | self._texts.like(number))
        first = next((home for home, other in alike if not _told_apart(piece, self._pieces[other])), None)
        known = self._by_id.get(piece.match.entry.id)
        return min((home for home in (first, known) if home is not None), default=None)


def _split(fresh: Sequence[_Piece], told: Sequence[_Piece]) -> tuple[list[Match], list[Match]]:
    """What of ``fresh`` is to be told, and what only repeats a piece of ``told``."""
    keep: list[Match] = []
    back: list[Match] = []
    known = frozenset().union(*(piece.vocabulary for piece in told))
    past = _Past(told)
    for piece in fresh:
        news = len(piece.vocabulary - known) / max(1, len(piece.vocabulary))
        (back if past.has(piece) and news < _UPDATE_NEWS else keep).append(piece.match)
    return keep, back


class _Past:
    """The pieces of a story that were told, to be asked for one that a fresh piece repeats."""

    def __init__(self, told: Sequence[_Piece]) -> None:
        self._ids = {piece.match.entry.id for piece in told}
        self._wordings = {piece.wording for piece in told}
        self._by_words: defaultdict[frozenset[str], list[_Piece]] = defaultdict(list)
        for piece in told:
            self._by_words[piece.words].append(piece)

    def has(self, piece: _Piece) -> bool:
        """The same entry, the same headline, or the same text under the same words in another order."""
        if piece.match.entry.id in self._ids or piece.wording in self._wordings:
            return True
        return any(_same_text(piece, other) for other in self._by_words[piece.words])


def _same(one: _Piece, other: _Piece) -> bool:
    if one.match.entry.id == other.match.entry.id:
        return True
    alike = jaccard(one.words, other.words) >= _TITLE_ALIKE or _same_text(one, other)
    return alike and not _told_apart(one, other)


def _told_apart(one: _Piece, other: _Piece) -> bool:
    """Whether the headlines name different things, whatever else they share."""
    if one.concepts != other.concepts:
        return True
    if one.title_concepts and other.title_concepts and one.title_concepts != other.title_concepts:
        return True
    if one.numbers and other.numbers and not (one.numbers <= other.numbers or other.numbers <= one.numbers):
        return True
    return _other_name(one, other) or (_other_word(one, other) and not _same_text(one, other))


def _same_text(one: _Piece, other: _Piece) -> bool:
    return containment(one.text, other.text) >= _TEXT_ALIKE


def _other_name(one: _Piece, other: _Piece) -> bool:
    """Whether two headlines are one pattern with another name put in: "... with Japan" and "... with China"."""
    only_one, only_other = one.words - other.words, other.words - one.words
    names = one.names | other.names
    return (
        1 <= len(only_one) <= 2
        and len(only_one) == len(only_other)
        and len(one.words & other.words) >= 2
        and only_one <= names
        and only_other <= names
    )


def _other_word(one: _Piece, other: _Piece) -> bool:
    """Whether two headlines are one pattern with another word put in: "... opens office" and "... closes office"."""
    if one.letters and other.letters:
        return _other_letters(one.letters, other.letters)
    sizes = sorted((_lacking(one, other), _lacking(other, one)))
    common = len(one.terms.keys() & other.terms.keys())
    return sizes in ([1, 1], [1, 2]) and common >= 2  # two for one: "deputy prime minister", "finance minister"


def _lacking(one: _Piece, other: _Piece) -> int:
    """How many content words of ``one`` the other headline lacks; runs of ideographs may be cut otherwise there."""
    whole = "".join(other.terms)
    return sum(term not in (whole if _RUN.match(term) else other.terms) for term in one.terms)


def _other_letters(one: str, other: str) -> bool:
    start = _shared_start(one, other)
    one, other = one[start:], other[start:]
    end = _shared_start(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    swapped = len(one) in _SWAPPED and len(other) in _SWAPPED and sorted(one) != sorted(other)
    return swapped and start + end >= _PATTERN


def _shared_start(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (mine, yours) in enumerate(pairs) if mine != yours), min(len(one), len(other)))


def _tokens(text: str) -> list[str]:
    """Words; in scripts without blanks, pairs of letters stand for them."""
    out: list[str] = []
    for word in _WORD.findall(text.casefold()):
        if _UNSPACED.search(word):
            out += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        else:
            out.append(word)
    return out


def _stem(word: str) -> str:
    """Fold the plainest English endings, so that "upgrade", "upgrades" and "upgraded" meet."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


_SENSES = {_stem(word): _stem(line.split()[0]) for line in _SYNONYMS for word in line.split()}


def _sense(word: str) -> str:
    """What stands for ``word`` where headlines are compared: outlets choose freely among words of one sense."""
    stem = _stem(word)
    return _SENSES.get(stem, stem)
