"""What a pydantic model allows at a place: its keys, a key's description, the words to choose from."""

from __future__ import annotations

import types
from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Path = tuple[str | int, ...]


def keys(model: type[BaseModel], loc: Path) -> list[str]:
    """The keys that are known at ``loc`` (a pydantic ``loc``, which also names the members of unions)."""
    return list({name: None for owner in _models(_follow(model, loc)) for name in _fields(owner)})


def home(model: type[BaseModel], loc: Path, key: str) -> str:
    """The group at ``loc`` that knows ``key``, "" when there is none."""
    for owner in _models(_follow(model, loc)):
        for name, info in _fields(owner).items():
            if any(key in _fields(inner) for inner in _models([info.annotation])):
                return name
    return ""


def advice(model: type[BaseModel], loc: Path) -> str:
    """The description of the last key in ``loc``, "" when it has none."""
    for end in range(len(loc), 0, -1):
        for owner in _models(_follow(model, loc[: end - 1])):
            info = _fields(owner).get(str(loc[end - 1]))
            if info is not None:
                return info.description or ""
    return ""


def choices(model: type[BaseModel], loc: Path) -> list[str]:
    """The words that may stand at ``loc``, when they are a fixed set."""
    return list({word: None for kind in _flatten(_follow(model, loc)) for word in _words(kind)})


def _follow(model: type[BaseModel], loc: Path) -> list[Any]:
    """The annotations that ``loc`` leads to."""
    kinds: list[Any] = [model]
    for step in loc:
        flat = list(_flatten(kinds))
        further = [inner for kind in flat for inner in _inside(kind, step)]
        kinds = further or [kind for kind in flat if _is_branch(kind, step)] or flat
    return kinds


def _inside(kind: Any, step: str | int) -> Iterable[Any]:
    """The annotation of what stands under ``step`` in a value of ``kind``."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        info = _fields(kind).get(str(step))
        return [info.annotation] if info is not None else []
    origin, arguments = get_origin(kind), get_args(kind)
    if not arguments:
        return []
    if isinstance(step, int):
        return arguments[:1] if origin in {list, tuple, set, frozenset} else []
    return arguments[1:2] if origin is dict else []


def _is_branch(kind: Any, step: str | int) -> bool:
    """Whether a member of a union goes by the name ``step``: its class, or the word that tells it apart."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return False
    return step == kind.__name__ or any(step in _words(info.annotation) for info in kind.model_fields.values())


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


def _models(kinds: Iterable[Any]) -> list[type[BaseModel]]:
    return [kind for kind in _flatten(kinds) if isinstance(kind, type) and issubclass(kind, BaseModel)]


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """A model's fields by the name that stands in the file."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def _words(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [str(word) for word in get_args(kind)]
    return [str(member.value) for member in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []
