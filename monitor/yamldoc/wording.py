"""pydantic's errors, said in a user's words and tied to the path in the document that they are about."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.yamldoc import shape
from monitor.yamldoc.describe import describe, describe_text
from monitor.yamldoc.invalid import InvalidValueError
from monitor.yamldoc.nodes import Mapping as MappingNode
from monitor.yamldoc.nodes import Node
from monitor.yamldoc.nodes import Sequence as SequenceNode
from monitor.yamldoc.secrets import is_secret
from monitor.yamldoc.section import Section

Path = tuple[str | int, ...]
MAX_KEYS = 14

_EXPECTED = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen_set": "a list",
    "iterable": "a list",
    "dict": "a group of keys",
    "mapping": "a group of keys",
    "dataclass": "a group of keys",
    "model_attributes": "a group of keys",
    "none": "nothing",
}
_LIMITS: dict[str, str] = {
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": "must be a finite number",
    "string_too_long": "is longer than {max_length} characters",
    "too_long": "has more than {max_length} items",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """One mistake: where, what, and what to do. ``at_key``: it is about the key, not the value."""

    path: Path
    message: str
    hint: str = ""
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class _Finding:
    """One error of pydantic, its path in the document, and the members of unions that it went through."""

    kind: str
    path: Path
    value: Any
    context: Mapping[str, Any]
    text: str
    loc: Path
    branches: tuple[tuple[Path, str], ...]
    about_key: bool = False

    @property
    def expected(self) -> str:
        """What the value should have been, when this is a matter of type."""
        name, _, ending = self.kind.rpartition("_")
        if self.kind == "int_from_float":
            return _EXPECTED["int"]
        return _EXPECTED.get(name, "") if ending in {"type", "parsing", "required"} else ""


def explain(errors: Iterable[Mapping[str, Any]], root: Node | None, model: type[Section]) -> list[Explained]:
    """What ``errors`` (of ``ValidationError.errors()``) of a document with that ``root`` mean."""
    located = [_locate(error, root) for error in errors]
    wrong_items = {finding.path[:-1] for finding in located if finding.path}
    # What is wrong in a list does not count for pydantic: to the user the list is not empty for that.
    findings = [one for one in located if not (one.kind == "too_short" and one.path in wrong_items)]
    return [_word(group, model) for group in _one_branch(findings)]


def _locate(error: Mapping[str, Any], root: Node | None) -> _Finding:
    loc = tuple(error["loc"])
    about_key = loc[-1:] == ("[key]",)
    loc = loc[:-1] if about_key else loc
    steps, named = (loc[:-1], loc[-1:]) if error["type"] == "missing" else (loc, ())
    node = root
    path: Path = ()
    branches: list[tuple[Path, str]] = []
    for step in steps:
        if isinstance(node, MappingNode) and step in node.keys:
            node, path = node.members.get(str(step)), (*path, step)
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
            node, path = node.items[step], (*path, step)
        else:
            branches.append((path, str(step)))
    place = (*path, *named)
    context = error.get("ctx", {})
    return _Finding(error["type"], place, error["input"], context, error["msg"], loc, tuple(branches), about_key)


def _one_branch(findings: Sequence[_Finding]) -> list[list[_Finding]]:
    """Of a union, only the member that the user most likely meant; type errors at one place belong together."""
    groups: dict[Path, dict[str, list[_Finding]]] = {}
    alone: list[list[_Finding]] = []
    for finding in findings:
        if finding.branches and not finding.about_key:
            place, branch = finding.branches[0]
            groups.setdefault(place, {}).setdefault(branch, []).append(finding)
        else:
            alone.append([finding])
    for place, members in groups.items():
        deeper = [found for found in members.values() if any(len(one.path) > len(place) for one in found)]
        if deeper:
            alone += [[one] for one in min(deeper, key=len)]
        else:
            alone.append([one for found in members.values() for one in found])
    return alone


def _word(group: Sequence[_Finding], model: type[Section]) -> Explained:
    first = next((one for one in group if one.kind in _WORDING), group[0])
    if first.kind in _WORDING:
        return _WORDING[first.kind](first, model)
    expected = list(dict.fromkeys(one.expected for one in group if one.expected))
    if expected:
        return _wrong_type(first, model, " or ".join(expected))
    if first.kind in _LIMITS:
        return _beyond(first, model)
    return Explained(first.path, first.text.replace("Input should be", "must be").replace("Input should", "must"))


def _missing(finding: _Finding, model: type[Section]) -> Explained:
    return Explained(finding.path, "is missing", shape.advice(model, finding.loc))


def _unknown(finding: _Finding, model: type[Section]) -> Explained:
    name, owner = str(finding.path[-1]), finding.loc[:-1]
    home = shape.home(model, owner, name)
    hint = f'it belongs under "{home}"' if home else did_you_mean(name, shape.keys(model, owner), "keys")
    return Explained(finding.path, "unknown key", hint, at_key=True)


def _wrong_type(finding: _Finding, model: type[Section], expected: str) -> Explained:
    advice = shape.advice(model, finding.loc)
    value = finding.value
    if value is None and expected == "a list":
        advice = f"{advice}; write [] for none" if advice else "write [] for none"
    elif value is None:
        advice = advice or "write a value, or remove this line"
    elif expected == "text" and isinstance(value, bool | int | float):
        advice = "put it in quotes"
    elif expected == "a list" and isinstance(value, str) and not is_secret(finding.path):
        advice = f"write [{describe_text(value)}]"
    elif expected == "a group of keys" and isinstance(value, list):
        advice = 'write "name: ..." lines without the leading "- "'
    elif expected == "a group of keys":
        known = shape.keys(model, finding.loc)
        advice = f"write {known[0]}: ..." if known else advice
    elif expected == "a list" and isinstance(value, dict):
        advice = 'begin each item with "- "'
    return Explained(finding.path, f"expected {expected}, got {describe(value, finding.path)}", advice)


def _beyond(finding: _Finding, model: type[Section]) -> Explained:
    limits = {name: f"{limit:g}" if isinstance(limit, float) else limit for name, limit in finding.context.items()}
    message = _LIMITS[finding.kind].format_map(limits)
    return Explained(finding.path, f"{message}, got {describe(finding.value, finding.path)}")


def _too_short(finding: _Finding, model: type[Section]) -> Explained:
    least = finding.context.get("min_length", 1)
    message = "must not be empty" if least == 1 else f"needs at least {least}, has {len(finding.value)}"
    return Explained(finding.path, message, shape.advice(model, finding.loc))


def _pattern(finding: _Finding, model: type[Section]) -> Explained:
    if finding.about_key:
        message = f"{describe(finding.value)} is no name that can stand here"
        return Explained(finding.path, message, "letters, digits, dots, dashes and underscores", at_key=True)
    message = f"{describe(finding.value, finding.path)} is not allowed here"
    return Explained(finding.path, message, shape.advice(model, finding.loc))


def _choice(finding: _Finding, model: type[Section]) -> Explained:
    choices = shape.choices(model, finding.loc) or _unquote(finding.context.get("expected", ""))
    return _not_among(finding, finding.path, finding.value, choices)


def _tag(finding: _Finding, model: type[Section]) -> Explained:
    """A group of keys whose ``type`` names no kind that there is."""
    key = str(finding.context.get("discriminator", "")).strip("'")
    choices = _unquote(finding.context.get("expected_tags", ""))
    value = finding.value.get(key) if isinstance(finding.value, dict) else finding.context.get("tag")
    return _not_among(finding, (*finding.path, key), value, choices)


def _no_tag(finding: _Finding, model: type[Section]) -> Explained:
    key = str(finding.context.get("discriminator", "")).strip("'")
    return Explained(
        (*finding.path, key), "is missing", f"one of {', '.join(shape.choices(model, (*finding.loc, key)))}"
    )


def _not_among(finding: _Finding, path: Path, value: object, choices: Sequence[str]) -> Explained:
    wanted = choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
    near = difflib.get_close_matches(value.lower(), choices, n=1) if isinstance(value, str) else []
    hint = f'did you mean "{near[0]}"?' if near else ""
    return Explained(path, f"expected {wanted}, got {describe(value, path)}", hint)


def _own(finding: _Finding, model: type[Section]) -> Explained:
    """A mistake that a validator found."""
    cause = finding.context.get("error")
    if isinstance(cause, InvalidValueError):
        return Explained((*finding.path, *cause.at), cause.message, cause.hint)
    return Explained(finding.path, str(cause or finding.text))


_WORDING: dict[str, Callable[[_Finding, type[Section]], Explained]] = {
    "missing": _missing,
    "unexpected_keyword_argument": _unknown,
    "literal_error": _choice,
    "enum": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _no_tag,
    "string_too_short": _too_short,
    "too_short": _too_short,
    "string_pattern_mismatch": _pattern,
    "value_error": _own,
    "assertion_error": _own,
}


def did_you_mean(word: str, known: Sequence[str], what: str) -> str:
    """A hint that names the nearest of ``known`` words, or all of them when they are few."""
    near = difflib.get_close_matches(word.lower().replace("-", "_"), known, n=1, cutoff=0.6)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"known {what}: {', '.join(sorted(known))}" if 0 < len(known) <= MAX_KEYS else ""


def _unquote(choices: str) -> list[str]:
    """The words of pydantic's ``'a', 'b' or 'c'`` as a list."""
    return [part.strip().strip("'") for part in choices.replace(" or ", ", ").split(",") if part.strip()]
