"""How the records that flow through the program are defined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from dataclasses import replace as replace
else:

    def replace(record: Any, /, **changes: object) -> Any:
        """As that of ``dataclasses``, for records: in half of the time."""
        places, values = record._shape
        fields = [*values(record)]
        for name, value in changes.items():
            fields[places[name]] = value
        return type(record)(*fields)


_Class = TypeVar("_Class")


@dataclass_transform(frozen_default=True, eq_default=True)
def record(cls: type[_Class]) -> type[_Class]:
    """A slotted data class that only the type checker holds to be frozen.

    Python takes five times as long to make one that is frozen when it runs (1.4 against 0.3 µs for nine fields), and
    three times as long to define one whose comparison, hash and text are written anew for it: a quarter of what a
    short command takes went into that.
    """
    made: Any = dataclass(slots=True, eq=False, repr=False)(cls)
    names: tuple[str, ...] = made.__match_args__
    get = attrgetter(*names)
    values: Callable[[object], tuple[object, ...]] = get if len(names) > 1 else lambda record: (get(record),)
    made._shape = {name: place for place, name in enumerate(names)}, values  # for ``replace``
    made.__eq__, made.__hash__, made.__repr__ = _methods(names, values)
    return made  # type: ignore[no-any-return]


def _methods(
    names: tuple[str, ...], values: Callable[[object], tuple[object, ...]]
) -> tuple[Callable[..., object], Callable[..., int], Callable[..., str]]:
    """``__eq__``, ``__hash__`` and ``__repr__`` as ``dataclass`` means them, by all fields."""

    def equal(self: object, other: object) -> object:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def number(self: object) -> int:
        return hash(values(self))

    def text(self: object) -> str:
        shown = (f"{name}={value!r}" for name, value in zip(names, values(self), strict=True))
        return f"{type(self).__qualname__}({', '.join(shown)})"

    return equal, number, text
