"""Changes to the feeds of a hand-edited, valid configuration that leave every other byte as it was. Text to text.

The places come from PyYAML's nodes and the text is cut there, because a round trip through a YAML writer re-wraps
lines, moves comments and loses those above a removed feed. Every change is checked: the new text must mean exactly
what was asked for, or it is not returned.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import yaml

from monitor.config.feeds import normal_url
from monitor.config.values import format_duration
from monitor.errors import ConfigError, NewsbellError
from monitor.model import Feed
from monitor.yamldoc import Document
from monitor.yamldoc.nodes import resolve

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE = re.compile(r".*?(?:\r\n|[\r\n\x85\u2028\u2029]|\Z)", re.DOTALL)  # as PyYAML counts lines
_DASH = re.compile(r"\s*-(\s|$)")
_PLAIN = re.compile(r"(?:[0-9]+[dhms])+|[^\W\d_][\w ’'()-]*[\w)]|[^\W\d_]")


class EditError(NewsbellError):
    """A configuration is laid out in a way that cannot be edited without losing something."""


def with_feeds(text: str, feeds: Sequence[Feed]) -> str:
    """``text`` with ``feeds`` added below those that are there."""
    if not feeds:
        return text
    listed = _listed(text)
    entries = [_flow(feed) for feed in feeds]
    if listed is None:
        body = text if not text or text.endswith("\n") else text + _newline(text)
        changed = body + _lines(text, ["feeds:", *(f"  - {entry}" for entry in entries)])
    elif not listed.value:
        changed = _fill_empty(text, listed, entries)
    elif listed.flow_style:
        end = _end(listed.value[-1]).index
        changed = text[:end] + "".join(f", {entry}" for entry in entries) + text[end:]
    else:
        indent = " " * listed.start_mark.column
        changed = _insert_after(text, _last_line(listed.value[-1]), [f"{indent}- {entry}" for entry in entries])
    old = _feeds_of(text)
    return _checked(text, changed, [*old, *(_plain(feed) for feed in feeds)])


def without_feed(text: str, url: str) -> str:
    """``text`` without the feed at ``url``; raises ``EditError`` when there is none."""
    listed, index = _find(text, url)
    items = listed.value
    if listed.flow_style:
        start, end = items[index].start_mark.index, _end(items[index]).index
        if index + 1 < len(items):
            end = items[index + 1].start_mark.index
        elif index:
            start = _end(items[index - 1]).index
        changed = text[:start] + text[end:]
    else:
        changed = _without_lines(text, listed, index)
    old = _feeds_of(text)
    return _checked(text, changed, old[:index] + old[index + 1 :])


def with_enabled(text: str, url: str, enabled: bool) -> str:
    """``text`` with the feed at ``url`` switched on or off; raises ``EditError`` when there is none."""
    listed, index = _find(text, url)
    word = "true" if enabled else "false"
    item = listed.value[index]
    keys = {key.value: value for key, value in item.value}
    if "enabled" in keys:
        start, end = keys["enabled"].start_mark.index, keys["enabled"].end_mark.index
        changed = text[:start] + word + text[end:]
    elif item.flow_style:
        end = _end(item.value[-1][1]).index
        changed = f"{text[:end]}, enabled: {word}{text[end:]}"
    else:
        changed = _insert_after(text, _last_line(item), [f"{' ' * item.start_mark.column}enabled: {word}"])
    expected = _feeds_of(text)
    expected[index] = {**expected[index], "enabled": enabled}
    return _checked(text, changed, expected)


def _listed(text: str) -> Any:
    """The node of ``feeds``, None when the key is missing."""
    root = yaml.compose(text, Loader=_LOADER)
    return next((value for key, value in root.value if key.value == "feeds"), None) if root is not None else None


def _find(text: str, url: str) -> tuple[Any, int]:
    wanted = normal_url(url)
    for index, feed in enumerate(_feeds_of(text)):
        if normal_url(feed["url"]) == wanted:
            return _listed(text), index
    raise EditError(f"there is no feed {url}")


def _feeds_of(text: str) -> list[dict[str, Any]]:
    value = Document.parse(text, "").value or {}
    return list(value.get("feeds") or ())


def _plain(feed: Feed) -> dict[str, Any]:
    """The keys that a feed is written with."""
    written: dict[str, Any] = {"url": feed.url, "title": feed.title, "lang": feed.lang}
    if feed.interval is not None:
        written["interval"] = format_duration(feed.interval)
    if not feed.enabled:
        written["enabled"] = False
    return {key: value for key, value in written.items() if value not in ("", None)}


def _flow(feed: Feed) -> str:
    return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in _plain(feed).items()) + "}"


def _scalar(value: object) -> str:
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and isinstance(resolve(value), str)
        return value if plain else _quoted(value)
    return "true" if value else "false"


def _quoted(text: str) -> str:
    """A text in double quotes; what cannot be printed is escaped, as YAML wants it (specification 5.7)."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08X}" for one in written)


def _fill_empty(text: str, listed: Any, entries: Sequence[str]) -> str:
    """Put ``entries`` under a ``feeds`` that holds nothing: ``feeds:`` or ``feeds: []``."""
    start, end = listed.start_mark, listed.end_mark
    flow = isinstance(listed, yaml.SequenceNode)
    without = text[: start.index].rstrip(" ") + text[end.index :] if flow else text
    return _insert_after(without, start.line, [f"  - {entry}" for entry in entries])


def _without_lines(text: str, listed: Any, index: int) -> str:
    """Cut a block item with its own lines; comments above it stay, for they may speak of what follows."""
    item = listed.value[index]
    lines = _split(text)
    first = item.start_mark.line
    while first > listed.start_mark.line and not _DASH.match(lines[first][: item.start_mark.column]):
        first -= 1
    del lines[first : _last_line(item) + 1]
    if len(listed.value) == 1:
        for number in range(first - 1, -1, -1):
            if re.match(r"feeds\s*:", lines[number]):
                lines[number] = re.sub(r"^feeds\s*:", "feeds: []", lines[number])
                break
    return "".join(lines)


def _insert_after(text: str, line: int, new: Sequence[str]) -> str:
    lines = _split(text)
    if lines and not lines[min(line, len(lines) - 1)].endswith(("\n", "\r")):
        lines[min(line, len(lines) - 1)] += _newline(text)
    return "".join(lines[: line + 1]) + _lines(text, new) + "".join(lines[line + 1 :])


def _split(text: str) -> list[str]:
    return [line for line in _LINE.findall(text) if line]


def _lines(text: str, new: Sequence[str]) -> str:
    return "".join(line + _newline(text) for line in new)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _end(node: Any) -> Any:
    """Where a node's own text ends: PyYAML lets a block collection reach to what comes after it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return node.end_mark
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _last_line(node: Any) -> int:
    """The last line that belongs to a node; a literal text ends where the next line begins."""
    end = _end(node)
    return int(end.line - (end.column == 0 and end.line > node.start_mark.line))


def _checked(old: str, new: str, feeds: list[dict[str, Any]]) -> str:
    """``new``, if it means ``old`` with other ``feeds``."""
    expected = {**(Document.parse(old, "").value or {}), "feeds": feeds}
    try:
        document = Document.parse(new, "")
        well = not document.problems and {**document.value, "feeds": document.value["feeds"] or []} == expected
    except (ConfigError, TypeError, KeyError):
        well = False
    if not well:
        raise EditError("the file is laid out in a way that cannot be edited safely; change it by hand")
    return new
