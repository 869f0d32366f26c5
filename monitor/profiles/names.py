"""Persons and bodies that some texts tie to a country: "Japanese Prime Minister X", "Y, president of Kenya"."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import regex

from monitor.profiles.countries import countries
from monitor.profiles.frequency import shares
from monitor.text.fold import fold

_TOKEN = regex.compile(r"\p{L}[\p{L}\p{M}’'-]*|\d+|[.,;:()]")
_SENTENCE = regex.compile(r"(?<=[^.\s]{3}[.!?][”\"]?)\s+|\n")
_ROLES = frozenset(
    """minister president ambassador king queen emperor empress prince princess premier chancellor chairman chairwoman
    chair speaker leader counterpart governor mayor envoy pm secretary general commissioner senator""".split()
)
_HONORIFICS = frozenset("mr mrs ms dr madam h.e he her his royal highness majesty excellency sir h e".split())
_BODIES = frozenset(
    """party agency union ministry bank corporation foundation association institute organization organisation
    authority federation council chamber""".split()
)
# What a body of many countries is called by first: the World Bank, the European Union, the African Union.
_SHARED = frozenset(
    """african american arab asean asia asian commonwealth eurasian european global international islamic nordic pacific
    united world""".split()
)
_SITES = frozenset("stadium airport bridge palace hospital university prize award port project province street".split())
_LINKS = frozenset("of for to and the foreign affairs external relations finance trade defence defense , prime".split())
_DAYS = frozenset(
    """january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday""".split()
)
_REACH = 12  # tokens between a country and what it is tied to
_NEAR = 5  # tokens between a role and its bearer
_WORDS = 6  # of the longest name: a longer run is a headline in capitals
_LONG = 6  # letters of a part of a name that may stand alone
_TELLING = 2.0**-17  # a word that is rarer than this in English may stand for its bearer


@dataclass(frozen=True, slots=True)
class _Name:
    """A run of capitalised words: tokens ``start`` to ``end``."""

    text: str
    start: int
    end: int


def tied_names(texts: Iterable[str], codes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Terms for the persons and bodies that ``texts`` tie to the countries ``codes``, in order of mention."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    loose: dict[str, None] = {}
    words = _country_words(codes)
    for sentence in (sentence for text in texts for sentence in _SENTENCE.split(text)):
        tokens = _TOKEN.findall(sentence)
        places = {place: code for place, token in enumerate(tokens) if (code := words.get(_key(token)))}
        for name in _names(tokens, places):
            if (code := _tie(tokens, places, name)) is not None:
                votes[name.text][code] += 1
            elif any(tokens[place].lower() in _ROLES for place in _before(tokens, name.start)):
                loose[name.text] = None
    sure = {name: code for name, count in votes.items() if (code := _verdict(count)) is not None}
    sure |= {name: code for name in loose if name not in votes and (code := _kin(name, sure)) is not None}
    known = {leader: code for code in codes for leader in countries()[code].leaders}
    sure = {name: code for name, code in sure.items() if _longer(name, known | sure) in (None, code)}
    return {code: tuple(_terms([name for name, tied in sure.items() if tied == code])) for code in codes}


def _country_words(codes: Sequence[str]) -> dict[str, str]:
    """Folded single words that mean one of the countries."""
    known = countries()
    return {
        folded[0]: code
        for code in codes
        for name in (*known[code].main, *known[code].terms)
        if len(folded := fold(name).split()) == 1
    }


def _names(tokens: list[str], places: Mapping[int, str]) -> Iterable[_Name]:
    """The runs of capitalised words that are neither countries, roles nor the first word of a sentence alone."""
    start = None
    for place, token in enumerate([*tokens, "."]):
        fits = token[0].isupper() and len(token) > 1 and place not in places and not _is_title(token)
        if fits and start is None:
            start = place
        elif not fits and start is not None:
            part = start - 1 in places and not tokens[start - 1].endswith(("'s", "’s"))  # Cambodian People's Party
            if not part and (start > 0 or place - start > 1) and place - start <= _WORDS:
                yield _Name(" ".join(_clean(part) for part in tokens[start:place]), start, place)
            start = None


def _tie(tokens: list[str], places: Mapping[int, str], name: _Name) -> str | None:
    """The country that a name belongs to, if the sentence says so."""
    last = tokens[name.end - 1].lower()
    if last in _SITES or name.text.lower() in _BODIES:
        return None
    if last in _BODIES:
        if tokens[name.start].lower().rpartition("-")[2] in _SHARED:
            return None
        return _looking_back(tokens, places, name.start, _REACH)
    role = next((place for place in _before(tokens, name.start) if tokens[place].lower() in _ROLES), None)
    if role is not None:
        following = [places[place] for place in range(role + 1, name.start) if place in places]
        toward = "to" in tokens[role + 1 : name.start]
        if following and not toward:
            return following[0]
        if (code := _looking_back(tokens, places, role, _NEAR)) is not None:
            return code
    if tokens[name.end : name.end + 1] == [","]:
        ahead = range(name.end + 1, min(name.end + 1 + _REACH, len(tokens)))
        role = next((place for place in ahead if tokens[place].lower() in _ROLES), len(tokens))
        if role <= name.end + 1 + _NEAR:
            place = next((place for place in ahead if place in places), None)
            return places[place] if place is not None and _is_held_in(tokens, role, place) else None
    return None


def _is_held_in(tokens: list[str], role: int, place: int) -> bool:
    """Whether a role is held in a country: "Japan's envoy", "king of Laos", but not "leader to visit India"."""
    between = tokens[role + 1 : place]
    return place < role or ("of" in between and "to" not in between)


def _before(tokens: list[str], start: int) -> Iterable[int]:
    """The places before a name in which its bearer's role may stand."""
    for place in range(start - 1, max(-1, start - 1 - _NEAR), -1):
        yield place
        token = tokens[place]
        known = token.lower() in _LINKS | _HONORIFICS | _ROLES or token == "."
        if not known and not token[0].isupper():
            return


def _looking_back(tokens: list[str], places: Mapping[int, str], start: int, reach: int) -> str | None:
    """The country named last before ``start``, unless it is only where somebody is sent to."""
    for place in range(start - 1, max(-1, start - 1 - reach), -1):
        if place in places and (place == 0 or tokens[place - 1].lower() != "to"):
            return places[place]
    return None


def _kin(name: str, tied: Mapping[str, str]) -> str | None:
    """The country of those who share a part of the name: a family is of one country."""
    parts = set(name.split())
    found = {code for other, code in tied.items() if parts & set(other.split())}
    return found.pop() if len(found) == 1 else None


def _longer(name: str, tied: Mapping[str, str]) -> str | None:
    """The country of a longer name of the same bearer."""
    parts = set(name.split())
    return next((code for other, code in tied.items() if parts < set(other.split())), None)


def _verdict(count: Counter[str]) -> str | None:
    """The country with a clear majority."""
    (code, votes), *rest = count.most_common(2)
    return code if not rest or votes > rest[0][1] else None


def _terms(names: list[str]) -> Iterable[str]:
    """A name, its parts reversed, and those of its parts that are telling alone."""
    found: dict[str, None] = {}
    for name in names:
        parts = name.split()
        body = parts[-1].lower() in _BODIES
        if body and len(parts) == 2 and _is_telling(parts[0]):
            found[parts[0]] = None
        elif body:
            found[name] = None
        else:
            whole = [name, " ".join(reversed(parts))] if len(parts) > 1 else []
            found |= dict.fromkeys([*whole, *filter(_is_telling, parts)])
    return found


def _is_telling(word: str) -> bool:
    folded = fold(word).strip()
    return len(folded) >= _LONG and " " not in folded and shares().get(folded, 0.0) < _TELLING


def _is_title(token: str) -> bool:
    word = token.lower().rstrip(".")
    return (
        word in _ROLES or word in _HONORIFICS or word in _DAYS or (word in _LINKS) or word in ("deputy", "vice", "the")
    )


def _key(token: str) -> str:
    folded = fold(token).split()
    return folded[0] if folded else ""


def _clean(token: str) -> str:
    word = regex.sub(r"[’']s?$", "", token)
    return word.capitalize() if word.isupper() and len(word) > _LONG else word
