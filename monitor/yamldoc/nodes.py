"""Text to a tree of nodes with their places, by the events of PyYAML (libyaml where it is there).

The events, and not the composed nodes, because only they still show anchors, aliases and tags, and because
building from them needs no recursion: no document can exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import yaml

from alerts.record import record

MAX_DEPTH = 50
MAX_DIGITS = 300
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, object] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((sign + dot for sign in ("", "+") for dot in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


class Mark(Protocol):
    """A place in the text, both counted from 0."""

    line: int
    column: int


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """A value as plain data, and where it stands (both from 0)."""

    line: int
    column: int
    value: Any


@dataclass(slots=True, eq=False, repr=False)
class Mapping(Node):
    """Keys and values; ``keys`` says where each key stands."""

    value: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    members: dict[str, Node] = field(default_factory=dict)


@dataclass(slots=True, eq=False, repr=False)
class Sequence(Node):
    """A list."""

    value: list[Any] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)


@record
class Flaw:
    """A mistake of the YAML itself: its place (from 0), what is wrong, what to do."""

    line: int
    column: int
    message: str
    hint: str = ""
    path: tuple[str | int, ...] = ()


@dataclass(slots=True, eq=False, repr=False)
class Tree:
    """What a text holds; ``root`` is None when it is empty, ``broken`` when it could not be read to its end."""

    root: Node | None = None
    flaws: list[Flaw] = field(default_factory=list)
    broken: bool = False


class _RefusedError(Exception):
    """The document goes beyond what is read; ``flaw`` says where."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message)
        self.flaw = flaw


def events(text: str) -> Iterator[Any]:
    """The YAML events of ``text``; raises ``yaml.YAMLError`` where it is no YAML."""
    loader = _LOADER(text)
    try:
        yield from iter(loader.get_event, None)
    finally:
        loader.dispose()


def resolve(text: str) -> object:
    """The value of a plain scalar in the core schema of YAML 1.2; raises ``ValueError`` for an endless number."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > MAX_DIGITS:
            raise ValueError(text)
        return int(text, 8) if text[1:2] == "o" else int(text, 16) if text[1:2] == "x" else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def build(text: str) -> Tree:
    """Read ``text`` into a tree; raises ``yaml.YAMLError`` where it is no YAML, after which nothing can be read."""
    builder = _Builder()
    try:
        for event in events(text):
            builder.take(event)
    except _RefusedError as refused:
        builder.tree.broken = True
        builder.tree.flaws.append(refused.flaw)
    return builder.tree


def peek(text: str, key: str) -> str | None:
    """The text at ``key`` of the outermost mapping, read no further than needed; None when it is missing or null.

    Raises ``ValueError`` when something else than text stands there, ``yaml.YAMLError`` where it is no YAML.
    """
    depth, position, found = 0, 0, -1
    for event in events(text):
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            continue
        if depth == 1 and isinstance(event, yaml.NodeEvent):
            position += 1
            if position - 1 == found:
                return _text(event)
            if position % 2 and isinstance(event, yaml.ScalarEvent) and event.value == key:
                found = position
        if isinstance(event, yaml.SequenceStartEvent) and not depth:
            return None
        depth += isinstance(event, yaml.CollectionStartEvent)
    return None


def _text(event: yaml.NodeEvent) -> str | None:
    if isinstance(event, yaml.ScalarEvent):
        value = resolve(event.value) if event.implicit[0] else event.value
        if value is None or (isinstance(value, str) and value):
            return value
    raise ValueError("not a text")


@dataclass(slots=True, eq=False, repr=False)
class _Frame:
    """A collection that is not closed yet: its name in its parent, and the key that waits for a value."""

    node: Mapping | Sequence
    name: str | int | None
    waiting: bool = False
    key: str | None = None  # None while waiting: a key that was refused, its value is left out


class _Builder:
    """Takes events one by one and grows the tree."""

    def __init__(self) -> None:
        self.tree = Tree()
        self._open: list[_Frame] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent:
            self._begin(event, Mapping(event.start_mark.line, event.start_mark.column))
        elif kind is yaml.SequenceStartEvent:
            self._begin(event, Sequence(event.start_mark.line, event.start_mark.column))
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._open.pop()
        elif kind is yaml.AliasEvent:
            self._flaw(event.start_mark, f"aliases such as *{event.anchor} are not supported", "write the value out")
            self._add(Node(event.start_mark.line, event.start_mark.column, None), None)
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                raise self._refuse(event, "a second document starts here", "remove this line: one file, one document")

    def _scalar(self, event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            self._decorated(event)
        value: object = event.value
        if event.implicit[0]:
            try:
                value = resolve(event.value)
            except ValueError:
                self._flaw(event.start_mark, f"a number of more than {MAX_DIGITS} digits", "put it in quotes")
        mark = event.start_mark
        self._add(Node(mark.line, mark.column, value), event)

    def _begin(self, event: Any, node: Mapping | Sequence) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        if event.anchor is not None or event.tag is not None:
            self._decorated(event)
        name = self._place()
        self._add(node, None)
        self._open.append(_Frame(node, name))

    def _decorated(self, event: Any) -> None:
        if event.anchor is not None:
            self._flaw(event.start_mark, f"anchors such as &{event.anchor} are not supported", "remove it")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._flaw(event.start_mark, f"tags such as {tag} are not supported", "remove it, or quote the text")

    def _add(self, node: Node, scalar: Any) -> None:
        """Put a node where it belongs: the root, a list, a mapping; or take it as a mapping's next key."""
        if not self._open:
            self.tree.root = node
            return
        frame = self._open[-1]
        parent = frame.node
        if isinstance(parent, Sequence):
            parent.items.append(node)
            parent.value.append(node.value)
        elif frame.waiting:
            frame.waiting = False
            if frame.key is not None:
                parent.members[frame.key] = node
                parent.value[frame.key] = node.value
        else:
            frame.key = self._accept_key(parent, node, scalar)
            frame.waiting = True

    def _accept_key(self, parent: Mapping, node: Node, scalar: Any) -> str | None:
        """The key that ``node`` is, or None after noting why it cannot be one."""
        name = node.value
        if scalar is None:
            self._flaw(node, "a key must be text", "put a text that starts with { or [ in quotes")
        elif not isinstance(name, str) or not name:
            self._flaw(node, f"a key must be text, not {scalar.value or 'empty'}", f'write "{scalar.value or "name"}"')
        elif name == "<<" and scalar.implicit[0]:
            self._flaw(node, "merge keys (<<) are not supported", "write the keys out")
        elif name in parent.keys:
            first = parent.keys[name][0] + 1
            self._flaw(node, f'"{name}" stands here already, on line {first}', "keep one of the two", name)
        else:
            parent.keys[name] = (node.line, node.column)
            return name
        return None

    def _place(self) -> str | int | None:
        """The path element of what comes next in the innermost collection."""
        if not self._open:
            return None
        frame = self._open[-1]
        return len(frame.node.items) if isinstance(frame.node, Sequence) else frame.key if frame.waiting else None

    def _path(self, *more: str) -> tuple[str | int, ...]:
        names = [*(frame.name for frame in self._open[1:]), self._place(), *more]
        return tuple(name for name in names if name is not None)

    def _flaw(self, mark: Mark, message: str, hint: str = "", *more: str) -> None:
        self.tree.flaws.append(Flaw(mark.line, mark.column, message, hint, self._path(*more)))

    def _refuse(self, event: Any, message: str, hint: str = "") -> _RefusedError:
        return _RefusedError(Flaw(event.start_mark.line, event.start_mark.column, message, hint, self._path()))
