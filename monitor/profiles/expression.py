"""Regular expressions as a user writes them in a profile: what can be tried at all, and what is found everywhere."""

from __future__ import annotations

import regex

from monitor.yamldoc import InvalidValueError

MAX_PIECES = 20_000  # they take the machine 40 ms to make ready; without a limit, some 20 characters take it for ever
_PATIENCE = 0.5  # seconds; a text of no letters is read at once, but by what calls itself
_ANY_TEXT = "a b."
_HINT = "see pypi.org/project/regex for what it may hold"
# An escape, a set, the opening of a group, a count that is written out when it is made ready, any other character.
_PIECE = regex.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!>|]|<[=!]|P?<\w+>))?|\{(?<count>\d+)(?:,\d*)?\}|.", regex.DOTALL
)


def check_expression(written: str) -> None:
    """Raise ``InvalidValueError`` unless ``written`` is a regular expression that can be made ready and tried."""
    if pieces(written) > MAX_PIECES:
        raise InvalidValueError("a regular expression that repeats too often", f"at most {MAX_PIECES:,} times in all")
    try:
        compiled = regex.compile(written)
    except regex.error as error:
        raise InvalidValueError(f"not a regular expression: {error}", _HINT) from None
    try:
        compiled.fullmatch("", timeout=_PATIENCE)
    except (TimeoutError, MemoryError):
        message = "a regular expression that comes to no end, even in a text without a letter"
        raise InvalidValueError(message, "does it call itself?") from None


def matches_nothing(written: str) -> bool:
    """Whether a valid expression is content with no text at all, or with a place between letters of any text."""
    empty = regex.fullmatch(written, "", timeout=_PATIENCE)
    found = empty or regex.search(written, _ANY_TEXT, timeout=_PATIENCE)
    return found is not None and not found[0]


def pieces(written: str) -> int:
    """How many pieces an expression has when every ``{n}`` is written out, as its compiler does."""
    open_groups, last = [0], 0
    for piece in _PIECE.finditer(written):
        if piece["count"] is not None:
            open_groups[-1] += last * max(0, int(piece["count"]) - 1)  # no count may follow on a count
        elif piece[0].startswith("("):
            open_groups.append(0)
        elif piece[0] == ")" and len(open_groups) > 1:
            last = open_groups.pop()
            open_groups[-1] += last
        else:
            last = 1
            open_groups[-1] += 1
    return sum(open_groups)
