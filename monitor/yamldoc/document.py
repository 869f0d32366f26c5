"""A YAML text that knows where everything in it stands."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from alerts.record import record
from monitor.errors import ConfigError, Problem
from monitor.yamldoc import nodes, syntax
from monitor.yamldoc.describe import MAX_READ
from monitor.yamldoc.secrets import mask

if TYPE_CHECKING:
    from monitor.yamldoc.section import Section

M = TypeVar("M", bound="Section")
Path = tuple[str | int, ...]
"""A way into a document, such as ``("feeds", 3, "url")``; list items count from 0."""

MAX_SOURCE = 300


@record
class Located:
    """A place in a text: line and column from 1, and the line itself without its secrets."""

    line: int
    column: int
    source: str


class Document:
    """A parsed YAML text: its plain ``value``, and the place of every part of it."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self._text = text
        self._tree = nodes.Tree()
        try:
            self._tree = nodes.build(text)
        except (yaml.YAMLError, UnicodeEncodeError) as error:
            flaw = syntax.explain(error, text, self._lines)
            raise ConfigError([self._flaw(flaw)]) from None
        if self._tree.broken:
            raise ConfigError(self.problems)

    @cached_property
    def _lines(self) -> list[str]:
        """Looked at only where something is wrong."""
        return syntax.split_lines(self._text)

    @classmethod
    def parse(cls, text: str, file: str) -> Document:
        """Read ``text``; ``file`` is its name in messages. Raises ``ConfigError`` when it is no YAML.

        Mistakes that leave a value behind (a repeated key, an alias) wait in ``problems`` and are raised by
        ``validate`` together with everything else.
        """
        return cls(text.removeprefix("\ufeff"), file)

    @property
    def value(self) -> Any:
        """The document as dicts, lists, text and numbers; None when it is empty."""
        return self._tree.root.value if self._tree.root else None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the YAML itself."""
        return tuple(self._flaw(flaw) for flaw in self._tree.flaws)

    def validate(self, model: type[M]) -> M:
        """The document as a ``model``; raises ``ConfigError`` with every mistake, each with its place."""
        from pydantic import ValidationError

        from monitor.yamldoc.adapter import validated

        problems = list(self.problems)
        if self.value is None and not problems:
            raise ConfigError([Problem(self.file, 1, 1, "", "the file is empty")])
        try:
            valid = validated(model, self.value)
        except ValidationError as error:
            from monitor.yamldoc import wording

            told = {(one.line, one.key) for one in problems}
            found = wording.explain(error.errors(include_url=False), self._tree.root, model)
            more = [self.problem(one.path, one.message, one.hint, key=one.at_key) for one in found]
            raise ConfigError([*problems, *(one for one in more if (one.line, one.key) not in told)]) from None
        if problems:
            raise ConfigError(problems)
        return valid

    def locate(self, path: Path, *, key: bool = False) -> Located:
        """Where ``path`` stands: its value, or with ``key`` its key. What is missing stands where its parent does."""
        line, column = self._position(path, key)
        source = self._lines[line] if line < len(self._lines) else ""
        return Located(line + 1, column + 1, _shown(source, path, column))

    def problem(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """A mistake at ``path``, for checks that a model cannot make itself."""
        place = self.locate(path, key=key)
        root = self._tree.root
        nowhere = root is not None and len(path) == 1 and not _leads(root, path[0])  # then the line shows another key
        return Problem(
            self.file, place.line, place.column, dotted(path), message, hint, "" if nowhere else place.source
        )

    def _position(self, path: Path, key: bool) -> tuple[int, int]:
        node = self._tree.root
        here = (node.line, node.column) if node else (0, 0)
        for depth, element in enumerate(path):
            last = depth == len(path) - 1
            if isinstance(node, nodes.Mapping) and element in node.members:
                at_key = node.keys[str(element)]
                node = node.members[str(element)]
                missing_below = not last and not _leads(node, path[depth + 1])
                here = at_key if node.value is None or missing_below or (last and key) else (node.line, node.column)
            elif isinstance(node, nodes.Sequence) and isinstance(element, int) and element < len(node.items):
                node = node.items[element]
                here = (node.line, node.column)
            else:
                break
        return here

    def _flaw(self, flaw: nodes.Flaw) -> Problem:
        shown = _shown(self._lines[flaw.line], flaw.path, flaw.column)
        return Problem(self.file, flaw.line + 1, flaw.column + 1, dotted(flaw.path), flaw.message, flaw.hint, shown)


def load(text: str, *, file: str, model: type[M]) -> M:
    """``text`` as a ``model``; raises ``ConfigError`` with every mistake of the file, each with its place."""
    return Document.parse(text, file).validate(model)


def dotted(path: Path) -> str:
    """A path as a user reads it: ``feeds[3].url``."""
    text = ""
    for element in path:
        if isinstance(element, int):
            text += f"[{element}]"
        else:
            name = element if re.fullmatch(r"[\w-]+", element) else _quoted(element)
            text += f".{name}" if text else name
    return text


def _quoted(name: str) -> str:
    return '"' + "".join(one if one.isprintable() else " " for one in name) + '"'


def _leads(node: nodes.Node, element: str | int) -> bool:
    if isinstance(node, nodes.Mapping):
        return element in node.members
    return isinstance(node, nodes.Sequence) and isinstance(element, int) and element < len(node.items)


def _shown(source: str, path: Path, column: int) -> str:
    """A line without its secrets; none when it is too long, or when the place would no longer be under the caret."""
    masked = mask(source[:MAX_READ], path).rstrip()[:MAX_SOURCE]
    return masked if masked[:column] == source[:column] else ""
