"""What countries are called: CLDR's names in every language, and a hand-written list of what CLDR does not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Country:
    """What a country is called. ``names``: in every language; ``main``: those in the languages of much news.

    ``capitals``: what of all this means the country with a capital only.
    """

    code: str
    names: tuple[str, ...]
    main: tuple[str, ...]
    capitals: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    firms: tuple[str, ...] = ()
    leaders: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its English name."""
        return self.main[0]

    @property
    def terms(self) -> tuple[str, ...]:
        """Everything beside its names that means it."""
        return (*self.people, *self.places, *self.bodies, *self.firms, *self.leaders)


@cache
def countries() -> Mapping[str, Country]:
    """Every country by its ISO 3166 code."""
    import tomllib
    from importlib.resources import files

    data = files("monitor.profiles") / "data"
    aliases = tomllib.loads((data / "countries.toml").read_text(encoding="utf-8"))
    table = (data / "countries.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in table)
    return {
        code: _country(code, first.split("|"), rest.split("|"), aliases.get(code, {})) for code, first, rest in rows
    }


def country(code: str) -> Country | None:
    """The country with this code."""
    return countries().get(code)


def _country(code: str, main: list[str], rest: list[str], alias: Mapping[str, list[str]]) -> Country:
    first = (*main, *alias.get("names", ()))
    return Country(
        code=code,
        names=tuple(dict.fromkeys([*first, *rest])),
        main=first,
        capitals=tuple(alias.get("capitals", ())),
        people=tuple(alias.get("people", ())),
        places=tuple(alias.get("places", ())),
        bodies=tuple(alias.get("bodies", ())),
        firms=tuple(alias.get("firms", ())),
        leaders=tuple(alias.get("leaders", ())),
        scripts=tuple(alias.get("scripts", ())),
        ignore=tuple(alias.get("ignore", ())),
    )
