"""The watch profile: one definition for validation, typed access and the JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, FiniteFloat, field_validator, model_validator

from monitor.profiles.cronline import check_schedule
from monitor.yamldoc import InvalidValueError
from monitor.yamldoc.section import Section

FieldName = Literal["title", "summary", "content"]
FIELDS: tuple[FieldName, ...] = ("title", "summary", "content")

Text = Annotated[str, Field(min_length=1, max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=80)]

_QUIET = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d")


class Concept(Section):
    """One idea with all its names."""

    country: Annotated[
        str | None,
        Field(pattern="^[A-Z]{2}$", description="ISO 3166 code; brings the country's name in every language"),
    ] = None
    terms: Annotated[
        tuple[Text, ...], Field(description="other names: people of the country, places, persons, bodies; may end in *")
    ] = ()
    scripts: Annotated[
        tuple[Name, ...],
        Field(
            description="Unicode scripts; a text written in one means this concept without naming it, for half weight"
        ),
    ] = ()
    ignore: Annotated[
        tuple[Text, ...],
        Field(description="phrases inside which a name does not mean this concept, such as a newspaper"),
    ] = ()
    weight: Annotated[
        FiniteFloat, Field(description="points for one mention in the text; negative for what to avoid")
    ] = 1.0

    @model_validator(mode="after")
    def _has_names(self) -> Self:
        if self.country is None and not self.terms:
            raise InvalidValueError("a concept needs a country or terms", "such as country: JP")
        return self


class Term(Section):
    """Something to look for and what it is worth: a word or phrase, words near each other, or a regular expression."""

    term: Annotated[Text | None, Field(description="a word or phrase; an * at either end leaves the word open")] = None
    near: Annotated[
        tuple[Text, ...], Field(description="words or phrases that stand near each other, in any order")
    ] = ()
    within: Annotated[int, Field(ge=1, le=100, description="how many words apart the farthest of them may be")] = 8
    regex: Annotated[Text | None, Field(description="a regular expression over the text as it is written")] = None
    weight: Annotated[FiniteFloat, Field(description="points for one mention in the text; negative for what to avoid")]
    case: Annotated[bool, Field(description="capitals matter")] = False
    field: Annotated[FieldName | None, Field(description="look only there")] = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        given = [bool(self.term), bool(self.near), bool(self.regex)]
        if sum(given) != 1:
            raise InvalidValueError(
                "a term is one of term, near or regex", "such as {term: joint statement, weight: 2.0}"
            )
        if self.near and len(self.near) < 2:
            raise InvalidValueError("near takes two words or more", "such as near: [upgrade, ties]", at=("near",))
        if "within" in self.model_fields_set and not self.near:
            raise InvalidValueError(
                "within belongs to near", "such as {near: [upgrade, ties], within: 6}", at=("within",)
            )
        return self

    @field_validator("regex")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        import regex

        if value is not None:
            try:
                regex.compile(value)
            except regex.error as error:
                raise InvalidValueError(
                    f"not a regular expression: {error}", "see pypi.org/project/regex for what it may hold"
                ) from None
        return value

    @property
    def label(self) -> str:
        """The term as a reader recognises it."""
        return self.term or " … ".join(self.near) or f"/{self.regex}/"


class Scope(Section):
    """Where a profile looks. Empty lists mean everywhere."""

    langs: Annotated[
        tuple[Name, ...], Field(description="languages of entries, such as en; unknown ones are let in")
    ] = ()
    feeds: Annotated[tuple[Text, ...], Field(description="addresses of feeds")] = ()
    fields: Annotated[
        tuple[FieldName, ...], Field(min_length=1, description="parts of an entry to look at; all three by default")
    ] = FIELDS


class DigestPlan(Section):
    """When and where a profile's digests go, and what they hold."""

    schedule: Annotated[Name, Field(description='a crontab(5) line, or "@run": every pass that found something')] = (
        "0 7 * * *"
    )
    timezone: Annotated[Name, Field(description="IANA name, such as Asia/Vientiane")] = "UTC"
    quiet: Annotated[str | None, Field(description="hours without messages, such as 22:00-06:00")] = None
    channels: Annotated[tuple[Name, ...], Field(description="names of channels in newsbell.yaml")] = ()
    max_items: Annotated[int, Field(ge=1, le=1000, description="stories that one digest tells at most")] = 20
    min_items: Annotated[int, Field(ge=1, le=1000, description="with fewer matches it waits for the next time")] = 1
    send_empty: Annotated[bool, Field(description="true: say so, too, when nothing was found")] = False
    stories: Annotated[bool, Field(description="group entries on one event")] = True
    template: Annotated[
        Name, Field(description="name of the templates NAME.html.j2 and NAME.txt.j2 in the templates folder")
    ] = "digest"

    @field_validator("schedule")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        check_schedule(value)
        return value

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InvalidValueError(f"no time zone is called {value}", "an IANA name, such as Asia/Vientiane") from None
        return value

    @field_validator("quiet")
    @classmethod
    def _is_quiet(cls, value: str | None) -> str | None:
        if value is not None and not _QUIET.fullmatch(value):
            raise InvalidValueError("not two times of day", "such as 22:00-06:00")
        return value


class Profile(Section):
    """A watch profile: what to look for, what it is worth, and where the findings go."""

    name: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$", description="its name in files and commands")
    ]
    title: Annotated[str, Field(max_length=200, description="its name in digests")] = ""
    threshold: Annotated[FiniteFloat, Field(gt=0, description="points from which an entry matches")]
    instant: Annotated[FiniteFloat | None, Field(gt=0, description="points from which it is delivered at once")] = None
    focus: Annotated[
        FiniteFloat, Field(ge=0, description="points lost as countries other than the concepts take over the text")
    ] = 0.0
    concepts: Annotated[
        dict[Name, Concept],
        Field(description="ideas with all their names; each may stand in require"),
    ] = Field(default_factory=dict)
    require: Annotated[
        tuple[Name | tuple[Name, ...], ...], Field(description="every line must be met: a concept, or any of a list")
    ] = ()
    terms: Annotated[
        tuple[Term, ...], Field(description="words and phrases that make an entry worth more, or less")
    ] = ()
    exclude: Annotated[tuple[Text, ...], Field(description="a hard no: an entry with one of these never matches")] = ()
    scope: Scope = Scope()
    digest: DigestPlan = DigestPlan()

    def required(self) -> Iterator[tuple[str, ...]]:
        """The lines of ``require``, each as the names of which any will do."""
        for line in self.require:
            yield (line,) if isinstance(line, str) else line

    @property
    def heading(self) -> str:
        """The title, else the name."""
        return self.title or self.name
