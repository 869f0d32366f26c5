"""The watch profile: one definition for validation, typed access and the JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from monitor.yamldoc import InvalidValueError
from monitor.yamldoc.section import Section

if TYPE_CHECKING:
    from monitor.profiles.kinds import (
        Field,
        FiniteFloat,
        Name,
        QuietHours,
        RegularExpression,
        Schedule,
        Text,
        TimeZone,
        WrapValidator,
        within_near,
    )

FieldName = Literal["title", "summary", "content"]
FIELDS: tuple[FieldName, ...] = ("title", "summary", "content")


class ProfileSection(Section):
    """A group of keys of a watch profile."""

    __kinds__: ClassVar[str] = "monitor.profiles.kinds"


class Concept(ProfileSection):
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
        Field(description="Unicode scripts; a text in one means this concept without naming it, for half its weight"),
    ] = ()
    ignore: Annotated[
        tuple[Text, ...],
        Field(description="phrases inside which a name does not mean this concept, such as a newspaper"),
    ] = ()
    weight: Annotated[
        FiniteFloat, Field(description="points for one mention in the text; negative for what to avoid")
    ] = 1.0

    def __post_init__(self) -> None:
        if self.country is None and not self.terms:
            raise InvalidValueError("a concept needs a country or terms", "such as country: JP")


class Term(ProfileSection):
    """Something to look for and what it is worth: a word or phrase, words near each other, or a regular expression."""

    term: Annotated[Text | None, Field(description="a word or phrase; an * at either end leaves the word open")] = None
    near: Annotated[
        tuple[Text, ...], Field(description="words or phrases that stand near each other, in any order")
    ] = ()
    within: Annotated[int, Field(ge=1, le=100, description="how many words apart the farthest of them may be")] = 8
    regex: Annotated[
        RegularExpression | None, Field(description="a regular expression over the text as it is written")
    ] = None
    weight: Annotated[FiniteFloat, Field(description="points for one mention in the text; negative for what to avoid")]
    case: Annotated[bool, Field(description="capitals matter")] = False
    field: Annotated[FieldName | None, Field(description="look only there")] = None

    def __post_init__(self) -> None:
        given = [bool(self.term), bool(self.near), bool(self.regex)]
        if sum(given) != 1:
            raise InvalidValueError(
                "a term is one of term, near or regex", "such as {term: joint statement, weight: 2.0}"
            )
        if self.near and len(self.near) < 2:
            raise InvalidValueError("near takes two words or more", "such as near: [upgrade, ties]", at=("near",))

    @property
    def label(self) -> str:
        """The term as a reader recognises it."""
        return self.term or " … ".join(self.near) or f"/{self.regex}/"


class Scope(ProfileSection):
    """Where a profile looks. Empty lists mean everywhere."""

    langs: Annotated[
        tuple[Name, ...], Field(description="languages of entries, such as en; unknown ones are let in")
    ] = ()
    feeds: Annotated[tuple[Text, ...], Field(description="addresses of feeds")] = ()
    fields: Annotated[
        tuple[FieldName, ...], Field(min_length=1, description="parts of an entry to look at; all three by default")
    ] = FIELDS


class DigestPlan(ProfileSection):
    """When and where a profile's digests go, and what they hold."""

    schedule: Annotated[
        Schedule, Field(description='a crontab(5) line, or "@run": every pass that found something')
    ] = "0 7 * * *"
    timezone: Annotated[TimeZone, Field(description="IANA name, such as Asia/Vientiane")] = "UTC"
    quiet: Annotated[QuietHours | None, Field(description="hours without messages, such as 22:00-06:00")] = None
    channels: Annotated[tuple[Name, ...], Field(description="names of channels in newsbell.yaml")] = ()
    max_items: Annotated[int, Field(ge=1, le=1000, description="stories that one digest tells at most")] = 20
    min_items: Annotated[int, Field(ge=1, le=1000, description="with fewer matches it waits for the next time")] = 1
    send_empty: Annotated[bool, Field(description="true: say so, too, when nothing was found")] = False
    stories: Annotated[bool, Field(description="group entries on one event")] = True
    template: Annotated[
        Name, Field(description="name of the templates NAME.html.j2 and NAME.txt.j2 in the templates folder")
    ] = "digest"


class Profile(ProfileSection):
    """A watch profile: what to look for, what it is worth, and where the findings go."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$",
            description="its name in files and commands: letters, digits, dots, dashes and underscores",
        ),
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
    ] = field(default_factory=dict)
    require: Annotated[
        tuple[Name | tuple[Name, ...], ...], Field(description="every line must be met: a concept, or any of a list")
    ] = ()
    terms: Annotated[
        tuple[Annotated[Term, WrapValidator(within_near)], ...],
        Field(description="words and phrases that make an entry worth more, or less"),
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
