"""Whether a watch profile can do what it says: each name known, each word findable, its threshold within reach."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from monitor.profiles.model import Profile
from monitor.profiles.score import SATURATION
from monitor.text.fold import pattern
from monitor.yamldoc import Path

Sense = tuple[Path, str, str]
"""Where in the profile, what is wrong, what to do."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_SCRIPT = re.compile(r"[A-Za-z_ -]+")
_TAKES_ALONG = frozenset(
    "/.'`\u00b4\u02b9\u02bc\u0374\u2018\u2019\u2032\uff07"
)  # addresses go, and so does the s behind an apostrophe
_OPEN = re.compile(r"\*[a-z]?|[a-z]\*")  # a word that is left open after at most one Latin letter


def check_profile(profile: Profile) -> Iterator[Sense]:
    """What in ``profile`` can never work, or would match nearly every text."""
    yield from _required(profile)
    yield from _concepts(profile)
    yield from _texts(profile)
    yield from _expressions(profile)
    yield from _thresholds(profile)
    for number, lang in enumerate(profile.scope.langs):
        if not _LANGUAGE.fullmatch(lang):
            yield ("scope", "langs", number), f'no language has the code "{lang}"', "such as en, ja or km"


def _required(profile: Profile) -> Iterator[Sense]:
    """Every name in ``require`` is a concept's."""
    for number, line in enumerate(profile.require):
        place: Path = ("require", number)
        if not line:
            yield place, "an empty list can never be met", "name at least one concept"
        names = [(place, line)] if isinstance(line, str) else [((*place, n), name) for n, name in enumerate(line)]
        for spot, name in names:
            if name not in profile.concepts:
                near = difflib.get_close_matches(name, profile.concepts, n=1)
                known = f"there are: {', '.join(profile.concepts)}" if profile.concepts else "add it to concepts"
                yield spot, f'there is no concept "{name}"', f'did you mean "{near[0]}"?' if near else known


def _concepts(profile: Profile) -> Iterator[Sense]:
    if not profile.concepts:
        return  # words alone need neither the table of countries nor that of scripts
    from monitor.profiles.countries import country

    for name, concept in profile.concepts.items():
        place = ("concepts", name)
        if concept.country and country(concept.country) is None:
            yield (*place, "country"), f"no country has the code {concept.country}", "ISO 3166, such as JP or LA"
        for number, script in enumerate(concept.scripts):
            if not _is_script(script):
                yield (*place, "scripts", number), f'no script is called "{script}"', "such as Lao, Khmer or Hiragana"


def _is_script(name: str) -> bool:
    """Whether Unicode knows a script by that name."""
    import regex

    try:
        return bool(_SCRIPT.fullmatch(name) and regex.compile(rf"\p{{Script={name}}}"))
    except regex.error:
        return False


def _texts(profile: Profile) -> Iterator[Sense]:
    """Every word and phrase holds something to look for, and not next to nothing."""
    for place, text in _places(profile):
        if not is_findable(text):
            yield place, f'"{text}" holds no letter or digit, so it can never be found', "remove it"
        elif "*" in text and _OPEN.fullmatch(text.strip().lower()):
            yield place, f'"{text}" is found in nearly every text', "write more letters"


def is_findable(text: str) -> bool:
    """Whether folding leaves something of ``text``. A letter or digit stays where nothing can take it along."""
    return (_TAKES_ALONG.isdisjoint(text) and any(map(str.isalnum, text))) or bool(pattern(text).strip())


def _places(profile: Profile) -> Iterator[tuple[Path, str]]:
    for name, concept in profile.concepts.items():
        for key, texts in (("terms", concept.terms), ("ignore", concept.ignore)):
            yield from ((("concepts", name, key, number), text) for number, text in enumerate(texts))
    for number, term in enumerate(profile.terms):
        if term.term is not None:
            yield ("terms", number, "term"), term.term
        yield from ((("terms", number, "near", place), word) for place, word in enumerate(term.near))
    yield from ((("exclude", number), text) for number, text in enumerate(profile.exclude))


def _expressions(profile: Profile) -> Iterator[Sense]:
    """No regular expression is content with nothing: it would be found everywhere."""
    for number, term in enumerate(profile.terms):
        if not term.regex:
            continue
        from monitor.profiles.expression import matches_nothing

        if matches_nothing(term.regex):
            message = f"{term.regex} also matches nothing at all, so it is found in every text"
            yield ("terms", number, "regex"), message, "ask for at least one character"


def _thresholds(profile: Profile) -> Iterator[Sense]:
    weights = [*(concept.weight for concept in profile.concepts.values()), *(term.weight for term in profile.terms)]
    reach = sum(weight for weight in weights if weight > 0) * (SATURATION + 1)
    if not reach:
        yield ("threshold",), "nothing in this profile gives points, so it can never match", "add concepts or terms"
    for key, points in (("threshold", profile.threshold), ("instant", profile.instant)):
        if reach and points is not None and points >= reach:
            message = f"{points:g} can never be reached: all concepts and terms together give less than {reach:.1f}"
            yield (key,), message, "lower it, or give more weight to what matters"
    if profile.instant is not None and profile.instant < profile.threshold:
        yield ("instant",), f"is below the threshold of {profile.threshold:g}", "make it higher than the threshold"
