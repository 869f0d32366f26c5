"""Every country in the languages of much news: which of them a text is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from monitor.profiles.countries import countries
from monitor.profiles.index import NAME, OTHER, Owned, PatternIndex, Uses
from monitor.text.fold import pattern

_BLOCS = {
    "ASEAN": (
        *("ASEAN", "Southeast Asian Nations", "アセアン", "东盟", "東盟", "아세안*"),
        *("อาเซียน", "ອາຊຽນ", "អាស៊ាន", "အာဆီယံ", "आसियान"),
    ),
    "the EU": ("EU", "European Union", "欧盟", "歐盟", "유럽연합*"),
    "NATO": ("NATO", "北约", "北約", "나토*", "นาโต"),
    "the G7": ("G7", "G-7"),
    "the G20": ("G20", "G-20"),
    "APEC": ("APEC",),
    "BRICS": ("BRICS",),
    "the African Union": ("African Union",),
    "the Arab League": ("Arab League",),
}

_NAMES, _MISLEADING = 0, 1
_SHORT = 4  # letters of a word that may be a country in one language and a common word in another


@cache
def codes() -> tuple[str, ...]:
    """The codes of the countries; the slots of what is found are places in it."""
    return tuple(countries())


def mentions(folded: str) -> Sequence[Owned]:
    """The names, people, places and leaders of countries in a folded text, without those that mean something else."""
    found = _index().find(folded)
    names, hidden = found.of(_NAMES), found.of(_MISLEADING)
    if not hidden:
        return names
    spans = [(start, True, end, slot) for slot, start, end in names]
    spans += [(start, False, end, slot) for slot, start, end in hidden]
    kept, hidden_to = [], dict.fromkeys((slot for slot, _, _ in hidden), 0)
    for start, is_name, end, slot in sorted(spans):
        if not is_name:
            hidden_to[slot] = max(hidden_to[slot], end)
        elif end > hidden_to.get(slot, 0):
            kept.append((slot, start, end))
    return kept


@cache
def accented() -> Mapping[str, tuple[str, bool]]:
    """Folded words that are countries by accents or capitals alone: what finds them as written.

    Such as " my " for Mỹ, " rok ", a year in Polish, for ROK and RoK, and " pole ".
    With whether a country is called so without accents, too: Lào, but also Lao.
    """
    written: dict[str, list[str]] = defaultdict(list)
    plain: set[str] = set()
    for one in countries().values():
        for name in one.capitals:
            written[pattern(name).strip()] += [f"{name}s?", f"{name.upper()}S?"]
        for name in {*one.main, *one.people}.difference(one.capitals):
            if name.isascii() and not name.isupper():
                plain.add(name.lower())
            elif len(name) <= _SHORT and name.isalpha() and any(map(str.isascii, name)):
                written[pattern(name).strip()] += [name, name.upper(), f"{name[0]}{name[1:-1].lower()}{name[-1]}"]
    return {
        f" {word} ": (rf"(?<!\w)(?:{'|'.join(names)})(?!\w)", word in plain)
        for word, names in written.items()
        if word not in plain or len(word) < _SHORT
    }


def blocs(folded: str) -> Sequence[str]:
    """The blocs of countries that a folded text names. A title on one of them is not about each of its members."""
    return [name for name, looked_for in _blocs().items() if any(one in folded for one in looked_for)]


def bloc_places(folded: str) -> Iterator[tuple[int, int]]:
    """Start and end of where each of these blocs is first named."""
    for looked_for in _blocs().values():
        named = [(folded.find(one), len(one)) for one in looked_for if one in folded]
        if named:
            start, size = min(named)
            yield start, start + size


@cache
def _blocs() -> Mapping[str, Sequence[str]]:
    return {name: [pattern(one) for one in spellings] for name, spellings in _BLOCS.items()}


@cache
def _index() -> PatternIndex:
    uses = Uses()
    for slot, one in enumerate(countries().values()):
        uses.spellings(_NAMES, slot, (*one.main, *one.people, *one.places, *one.leaders), 0.0, kind=NAME)
        uses.spellings(_MISLEADING, slot, one.ignore, 0.0, kind=OTHER)
    return PatternIndex(uses)
