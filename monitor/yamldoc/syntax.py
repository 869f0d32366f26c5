"""PyYAML's syntax errors, said in the words of somebody who edits a file and has never read the specification."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import yaml

from monitor.yamldoc.nodes import Flaw, Mark

_INDENT = "indent with spaces, and the keys of one group equally deep"
_QUOTE = 'put the whole text in quotes: "..."'

_BRACKETS = {"[": "]", "{": "}"}

# What the messages of libyaml and of PyYAML's own scanner have in common, and what it means.
_PLAIN_CASES = (
    ("expected '-'", 'expected a list item, "- ..."', _INDENT),
    ("sequence entries are not allowed", "a list may not start here", 'write each "- ..." on a line of its own'),
    ("unknown escape", "unknown \\ escape in double quotes", "in single quotes a backslash is an ordinary character"),
)


def split_lines(text: str) -> list[str]:
    """The lines of ``text``, broken where PyYAML breaks them."""
    return re.split(r"\r\n|[\r\n\x85\u2028\u2029]", text)


def explain(error: Exception, text: str, lines: Sequence[str]) -> Flaw:
    """What an error of PyYAML (or of encoding ``text``) means, and where it is."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        flaw = _marked(error, error.problem_mark, lines)
        if flaw.line < len(lines):
            return flaw
        return replace(flaw, line=len(lines) - 1, column=len(lines[-1]))
    position = error.position if isinstance(error, yaml.reader.ReaderError) else getattr(error, "start", 0)
    before = split_lines(text[:position])
    code = ord(text[position : position + 1] or "?")
    return Flaw(len(before) - 1, len(before[-1]), f"the character U+{code:04X} may not stand in a text", "remove it")


def _marked(error: yaml.MarkedYAMLError, mark: Mark, lines: Sequence[str]) -> Flaw:
    opened: Mark = error.context_mark or mark
    problem = error.problem or ""
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "parsing a flow" in (error.context or ""):
        return _flow(mark, opened, lines)
    if "alphabetic or numeric" in problem:
        return _bad_start(opened, line)
    if "end of stream" in problem:
        return Flaw(opened.line, opened.column, "this quote is never closed", "add the closing quote")
    if "expected ':'" in problem:
        hint = 'is a ":" missing, or the space after "-"?'
        return Flaw(opened.line, opened.column, 'this line is neither "key: value" nor "- item"', hint)
    if "cannot start any token" in problem or "tab character" in problem:
        return _bad_start(mark, line)
    if "mapping values are not allowed" in problem:
        return _stray_colon(mark, line)
    if "expected key" in problem or "expected <block end>" in problem:
        return _stray_text(mark, line)
    for sign, message, hint in _PLAIN_CASES:
        if sign in problem:
            return Flaw(mark.line, mark.column, message, hint)
    return Flaw(mark.line, mark.column, f"not valid YAML: {problem}", _INDENT)


def _flow(mark: Mark, opened: Mark, lines: Sequence[str]) -> Flaw:
    """A ``[`` or ``{`` that is not closed, or misses a comma."""
    line, column = opened.line, opened.column
    if line >= len(lines) or lines[line][column : column + 1] not in _BRACKETS:
        line, column = _last_bracket(lines, mark)
    bracket = lines[line][column]
    closing = _BRACKETS[bracket]
    if mark.line == line and mark.column < len(lines[line].rstrip()):
        return Flaw(mark.line, mark.column, f'expected "," or "{closing}" before this', "put odd texts in quotes")
    return Flaw(line, column, f'this "{bracket}" is never closed', f'is a "{closing}" or "," missing?')


def _last_bracket(lines: Sequence[str], mark: Mark) -> tuple[int, int]:
    """The last opening bracket before ``mark``: there is one, or the parser would not look for its end."""
    before = [*lines[: mark.line], *(line[: mark.column] for line in lines[mark.line : mark.line + 1])]
    return max(
        (number, line.rfind(bracket)) for number, line in enumerate(before) for bracket in _BRACKETS if bracket in line
    )


def _bad_start(mark: Mark, line: str) -> Flaw:
    character = line[mark.column : mark.column + 1]
    before = line[: mark.column]
    if character == "\t" or "\t" in before:
        column = min(index for index in (line.find("\t"), mark.column) if index >= 0)
        return Flaw(mark.line, column, "a tab stands where YAML allows only spaces", "replace tabs by spaces")
    return Flaw(mark.line, mark.column, f"a text may not start with {character}", _QUOTE)


def _stray_colon(mark: Mark, line: str) -> Flaw:
    """A second ``: `` in one line, or a group under a key that has a value already."""
    if re.search(r":\s", line[: mark.column]):
        return Flaw(mark.line, mark.column, 'a second ": " in one line', _QUOTE)
    start = len(line) - len(line.lstrip())
    return Flaw(mark.line, start, "this line does not fit under the line above", f'{_INDENT}; is a ":" missing above?')


def _stray_text(mark: Mark, line: str) -> Flaw:
    """Something where the next key of a group should start."""
    if line[: mark.column].strip():
        hint = "put the whole text in quotes; double a quote inside single quotes: 'it''s'"
        return Flaw(mark.line, mark.column, "nothing may follow here", hint)
    if line[mark.column : mark.column + 1] == "-":
        return Flaw(mark.line, mark.column, "a list item stands among keys", _INDENT)
    return Flaw(mark.line, mark.column, "the indentation of this line fits no line above", _INDENT)
