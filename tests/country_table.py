"""What stands in ``data/countries.tsv``, from the CLDR data that babel carries; ``make tables`` writes it.

A line holds the ISO 3166 code, the country's names in the languages of much news, and those in all others. Names in
the Latin script are taken only from languages that CLDR covers well: in the small ones many a name is another
language's everyday word ("Laws" for Laos).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping

import regex

from monitor.profiles.frequency import shares
from monitor.text.fold import fold
from tests.country_forms import LEAST, forms

# Languages of much news: the names of every country in them show which countries a text is about.
MAIN = """en fr de es pt it nl pl ru uk tr ar fa hi ja ko zh zh_Hant th vi lo km my id ms fil""".split()
# CLDR's languages of modern coverage beside them.
COVERED = """af am as az be bg bn bs ca cs cy da el et eu fi ga gl gu ha he hr hu hy ig is jv ka kk kn ky lt lv mk ml mn
    mr nb ne nn or pa ps ro sd si sk sl so sq sr sv sw ta te tk ur uz yo yue zu""".split()
# Codes that ISO 3166 only reserves, and what is no country.
NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})

# The British Indian Ocean Territory, whose name holds India's.
NAMED_AFTER_OTHERS = frozenset({"IO"})

# Chad in Lao, where it means a nation, and in Thai, where it stands in the Red Cross.
_EVERYDAY_AT_HOME = frozenset({"ຊາດ", "ชาด"})
_EVERYDAY = 2.0**-15
_LATIN = regex.compile(r"\p{Latin}")


def lines() -> Iterable[str]:
    """The lines of the table, in the order of the codes."""
    from babel import localedata

    rest = [name for name in localedata.locale_identifiers() if "_" not in name and name not in MAIN]
    main = {name: localedata.load(name).get("territories", {}) for name in MAIN}
    other = {name: localedata.load(name).get("territories", {}) for name in sorted(rest)}
    codes = [code for code in sorted(main["en"]) if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES]
    names = {code: (_names(code, main, MAIN), _names(code, other, COVERED)) for code in codes}
    whole = {fold(name): code for code, (first, rest) in names.items() for name in (*first, *rest) if "(" not in name}
    owners = _owners(whole)
    shared = _shared(names)
    for code, both in names.items():
        first, rest = ([part for name in some for part in _parts(name, shared)] for some in both)
        apart = _bent(_apart(first, code, whole), code, owners)
        second = [name for name in _bent(_apart(rest, code, whole), code, owners) if name not in apart]
        yield "\t".join((code, "|".join(apart), "|".join(second)))


def _owners(whole: Mapping[str, str]) -> Mapping[str, set[str]]:
    """The countries of which a word of a name begins like this."""
    owners: dict[str, set[str]] = defaultdict(set)
    for name, code in whole.items():
        for word in name.split() if code not in NAMED_AFTER_OTHERS else ():
            for length in range(LEAST, len(word) + 1):
                owners[word[:length]].add(code)
    return owners


def _bent(names: Iterable[str], code: str, owners: Mapping[str, set[str]]) -> list[str]:
    """Names in the forms in which texts hold them."""
    return list(dict.fromkeys(form for name in names for form in forms(name, lambda stem: owners[stem] <= {code})))


def _apart(parts: Iterable[str], code: str, whole: Mapping[str, str]) -> list[str]:
    """The parts of names that are names, too, and not another country's: "Myanmar (Burma)".

    One letter is no name: "刚果（金）" is told from another Congo by a sign that means gold.
    """
    return [part for part in dict.fromkeys(parts) if len(part) > 1 and whole.get(fold(part), code) == code]


def _parts(name: str, without: Container[str] = ()) -> list[str]:
    """A name and what stands behind it in brackets."""
    first, *rest = (part.strip(" )）") for part in name.replace("（", "(").split("("))
    return [first, *(part for part in rest if part not in without)]


def _shared(names: Mapping[str, Iterable[Iterable[str]]]) -> set[str]:
    """What stands in brackets behind several countries: whose they are, as "США" behind islands."""
    owners: dict[str, set[str]] = defaultdict(set)
    for code, both in names.items():
        for part in (part for some in both for name in some for part in _parts(name)[1:]):
            owners[part].add(code)
    return {part for part, codes in owners.items() if len(codes) > 1}


def _names(code: str, languages: dict[str, dict[str, str]], latin: Iterable[str]) -> list[str]:
    trusted = frozenset(latin)
    found = (
        str(territories[code])
        for language, territories in languages.items()
        if code in territories
        and (language in trusted or not _LATIN.search(territories[code]))
        and (language == "en" or not _is_everyday(territories[code]))
    )
    return list(dict.fromkeys(name for name in found if name != code))


def _is_everyday(name: str) -> bool:
    """Whether a name is an everyday word: "Man" is one of English, for the Isle of Man in Indonesian."""
    return name in _EVERYDAY_AT_HOME or shares().get(fold(name).strip(), 0.0) > _EVERYDAY
