"""Sections as pydantic sees them: their annotations evaluated, one validator for each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from importlib import import_module
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from alerts.record import record
from monitor.yamldoc.section import Section

S = TypeVar("S", bound=Section)


@record
class Key:
    """A key of a section: what may stand there, and what it is for."""

    kind: Any
    description: str


_ADAPTERS: dict[type[Section], TypeAdapter[Any]] = {}


def adapter(model: type[S]) -> TypeAdapter[S]:
    """The validator of ``model``, built when it is first asked for."""
    if model not in _ADAPTERS:
        _evaluate(model)
        _ADAPTERS[model] = TypeAdapter(model)
    return _ADAPTERS[model]


def validated(model: type[S], value: object) -> S:
    """``value``, plain data, as a ``model``; raises pydantic's ``ValidationError``, a ``ValueError``."""
    return adapter(model).validate_python(value)


def keys_of(model: type[Section]) -> dict[str, Key]:
    """The keys of ``model`` by the names that stand in the file."""
    _evaluate(model)
    keys = {}
    for field in dataclasses.fields(model):
        told = [info for info in getattr(field.type, "__metadata__", ()) if isinstance(info, FieldInfo)]
        name = next((info.alias for info in told if info.alias), field.name)
        kind = get_args(field.type)[0] if told else field.type
        keys[name] = Key(kind, next((info.description for info in reversed(told) if info.description), ""))
    return keys


def _evaluate(model: type[Section]) -> None:
    """Put the annotations themselves in place of their text, also in the sections that ``model`` holds."""
    fields = dataclasses.fields(model)
    if not any(isinstance(field.type, str) for field in fields):
        return
    for base in model.__bases__:
        if base is not Section and issubclass(base, Section):
            _evaluate(base)  # which shares its fields with its heirs
    names, kinds = vars(import_module(model.__module__)), vars(import_module(model.__kinds__))
    for field in fields:
        if isinstance(field.type, str):
            field.type = eval(field.type, names, kinds)
    for field in fields:
        for section in _sections(field.type):
            _evaluate(section)


def _sections(kind: Any) -> Iterator[type[Section]]:
    if isinstance(kind, type) and issubclass(kind, Section):
        yield kind
    for inner in get_args(kind)[:1] if get_origin(kind) is Annotated else get_args(kind):
        yield from _sections(inner)
