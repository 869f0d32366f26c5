"""What a section allows at a place: its keys, a key's description, the words to choose from."""

from __future__ import annotations

import types
from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from monitor.yamldoc.adapter import keys_of
from monitor.yamldoc.section import Section

Path = tuple[str | int, ...]


def keys(model: type[Section], loc: Path) -> list[str]:
    """The keys that are known at ``loc`` (a pydantic ``loc``, which also names the members of unions)."""
    return list({name: None for owner in _models(_follow(model, loc)) for name in keys_of(owner)})


def home(model: type[Section], loc: Path, key: str) -> str:
    """The group at ``loc`` that knows ``key``, "" when there is none."""
    for owner in _models(_follow(model, loc)):
        for name, known in keys_of(owner).items():
            if any(key in keys_of(inner) for inner in _models([known.kind])):
                return name
    return ""


def advice(model: type[Section], loc: Path) -> str:
    """The description of the last key in ``loc``, "" when it has none."""
    for end in range(len(loc), 0, -1):
        for owner in _models(_follow(model, loc[: end - 1])):
            known = keys_of(owner).get(str(loc[end - 1]))
            if known is not None:
                return known.description
    return ""


def choices(model: type[Section], loc: Path) -> list[str]:
    """The words that may stand at ``loc``, when they are a fixed set."""
    return list({word: None for kind in _flatten(_follow(model, loc)) for word in _words(kind)})


def _follow(model: type[Section], loc: Path) -> list[Any]:
    """The annotations that ``loc`` leads to."""
    kinds: list[Any] = [model]
    for step in loc:
        flat = list(_flatten(kinds))
        further = [inner for kind in flat for inner in _inside(kind, step)]
        kinds = further or [kind for kind in flat if _is_branch(kind, step)] or flat
    return kinds


def _inside(kind: Any, step: str | int) -> Iterable[Any]:
    """The annotation of what stands under ``step`` in a value of ``kind``."""
    if isinstance(kind, type) and issubclass(kind, Section):
        known = keys_of(kind).get(str(step))
        return [known.kind] if known is not None else []
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(step, int):
        return arguments[:1] if origin in {list, tuple, set, frozenset} else []
    return arguments[1:2] if origin is dict else []


def _is_branch(kind: Any, step: str | int) -> bool:
    """Whether a member of a union goes by the name ``step``: its class, or the word that tells it apart."""
    if not (isinstance(kind, type) and issubclass(kind, Section)):
        return False
    return step == kind.__name__ or any(step in _words(known.kind) for known in keys_of(kind).values())


def _flatten(kinds: Iterable[Any]) -> Iterable[Any]:
    """The plain kinds of annotations: without ``Annotated``, each member of a union apart."""
    for kind in kinds:
        origin = get_origin(kind)
        if origin is Annotated:
            yield from _flatten(get_args(kind)[:1])
        elif origin is Union or origin is types.UnionType:
            yield from _flatten(get_args(kind))
        else:
            yield kind


def _models(kinds: Iterable[Any]) -> list[type[Section]]:
    return [kind for kind in _flatten(kinds) if isinstance(kind, type) and issubclass(kind, Section)]


def _words(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [str(word) for word in get_args(kind)]
    return [str(member.value) for member in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []
