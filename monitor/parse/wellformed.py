"""Is it XML, and of what kind? One quick pass of expat, which refuses entity bombs and never reads other files."""

from __future__ import annotations

from typing import Final, NamedTuple
from xml.parsers import expat

_BOMBS: Final = (12, 43)  # expat's codes: an entity within itself; more than 100 times the document's size


class Survey(NamedTuple):
    """``error`` is "" for well-formed XML, else what is wrong and in which line.

    ``doctype``: there is one, so that entities may mean what only it says. ``bomb``: its entities grow without end.
    """

    error: str
    doctype: bool
    bomb: bool


def survey(body: bytes) -> Survey:
    """Look ``body`` (UTF-8, whatever its declaration says) through."""
    doctypes: list[str] = []
    parser = expat.ParserCreate("utf-8")

    def on_doctype(name: str, *_: object) -> None:
        doctypes.append(name)

    parser.StartDoctypeDeclHandler = on_doctype
    error, code = "", 0
    try:
        parser.Parse(body, True)
    except expat.ExpatError as problem:
        code = problem.code
        error = f"not well formed: line {problem.lineno}: {expat.ErrorString(code)}"
    return Survey(error, bool(doctypes), code in _BOMBS)
