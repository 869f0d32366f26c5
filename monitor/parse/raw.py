"""What a parser reads from a document before anything is cleaned: the common ground of all parsers."""

from __future__ import annotations

from dataclasses import dataclass


class UnreadableError(ValueError):
    """A parser cannot make a feed of a document. The text says why, in a user's words."""


@dataclass(slots=True)
class RawEntry:
    """One entry as the document has it: markup and blanks included, addresses unresolved; "" where it says nothing.

    Its dates are in ISO 8601, in UTC, as the parser understood them.
    """

    id: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    author: str = ""
    source: str = ""
    lang: str = ""
    published: str = ""
    updated: str = ""


@dataclass(slots=True)
class RawFeed:
    """A document's entries in their order, and what its head says."""

    entries: list[RawEntry]
    dialect: str
    title: str = ""
    link: str = ""
    lang: str = ""
