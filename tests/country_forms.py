"""How names of countries stand in texts of languages that bend them: "во Вьетнаме", "السنغالي", "ভারতের", "베트남과".

CLDR knows only the form of a map. Where an open end would reach other words ("Франциск", "그리스도") the endings are
written out; Arabic names get what is written before them and their adjectives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import regex

from monitor.text.fold import fold

LEAST = 4
"""Letters of the shortest stem with an open end."""
_LONG = 5  # the same where the stem may end in the middle of a syllable
_ARTICLE = "ال"
_PERSIAN = regex.compile(r"[پچژگکیےۀہھۇېۈ]")
_PARTICLES = "은 는 이 가 을 를 과 와 의 에 에서 로 인* 정부* 측* 대사*".split()
_MEAN_MORE = frozenset("수단 오만 가나 말리".split())  # means, arrogance, whether it goes, a kind of jasmine
_BEGIN_MORE = frozenset("그리스 아이티 카타르".split())  # Christ, information technology, catharsis
_SYLLABLES = 3  # of a Korean name with an open end
_ENDINGS = (
    ("я", "и ю ей ї єю".split()),
    ("а", "ы и у е ой".split()),
    ("ь", "я ю е ем".split()),
    ("й", "я ю е ем".split()),
    *((vowel, ()) for vowel in "оеиуыэюіў"),
    ("", "а у е і ом".split()),
)


def forms(name: str, is_free: Callable[[str], bool]) -> Iterable[str]:
    """``name`` as texts hold it. ``is_free``: whether no other country's name begins like a folded stem."""
    made = next((make(name) for whole, make in _SCRIPTS if whole.fullmatch(name)), [])
    return made if made and all(is_free(fold(one).strip()) for one in made if one.endswith("*")) else [name]


def _cyrillic(name: str) -> list[str]:
    if name.isupper():
        return [name]
    last, endings = next((last, endings) for last, endings in _ENDINGS if name.endswith(last))
    return [name, *(name.removesuffix(last) + ending for ending in endings)]


def _greek(name: str) -> list[str]:
    return _opened(regex.sub(r"[αάεέηήιίοόυύωώ]+ς?$", "", name))


def _caucasian(name: str) -> list[str]:
    return _opened(regex.sub(r"[აიա]$", "", name))


def _opened(stem: str) -> list[str]:
    return [f"{stem}*"] if len(stem) >= _LONG else []


def _indian(name: str) -> list[str]:
    return [f"{name}*"] if len(name) >= (LEAST if regex.search(r"\p{Lo}$", name) else _LONG) else []


def _arabic(name: str) -> list[str]:
    stem = regex.sub(r"(?:يا|ا|ة)$", "", name.removeprefix(_ARTICLE))
    if _PERSIAN.search(name) or len(name) < LEAST or len(stem) < LEAST - 1:
        return []
    people = [f"{article}{stem}{ending}" for article in ("", _ARTICLE) for ending in ("ي", "ية")]
    return [name, f"و{name}", f"ب{name}", *people]


def _korean(name: str) -> list[str]:
    if len(name) >= _SYLLABLES and name not in _BEGIN_MORE:
        return [f"{name}*"]
    return [] if name in _MEAN_MORE else [name, *(name + particle for particle in _PARTICLES)]


_OF_INDIA = (
    r"\p{Bengali}\p{Devanagari}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}"
)
_SCRIPTS: Sequence[tuple[regex.Pattern[str], Callable[[str], list[str]]]] = [
    (regex.compile(rf"[{letters}\p{{M}}ʼ’]+"), make)
    for letters, make in (
        (r"\p{Cyrillic}", _cyrillic),
        (r"\p{Greek}", _greek),
        (r"\p{Georgian}\p{Armenian}", _caucasian),
        (r"\p{Arabic}", _arabic),
        (r"\p{Hangul}", _korean),
        (_OF_INDIA, _indian),
    )
]
