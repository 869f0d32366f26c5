"""What the models of files share: nothing unknown, nothing changeable, numbers that are numbers.

A section is a plain dataclass, so that settings which need no checking any more are had without pydantic. Its
annotations say all that is to be checked and told; they stay text until ``monitor.yamldoc.adapter`` reads them.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(dataclasses.field,))
class Section:
    """A group of keys. Unknown keys are errors; a field's description is the hint when it is missing or wrong.

    Every class below this one is made a dataclass with keywords only. What goes beyond one key is checked in its
    ``__post_init__``. Sections are equal when all keys are, and no key is set twice: said here once, as the decorator
    would write it anew for each class, at 0.5 ms apiece of every start.
    """

    __kinds__: ClassVar[str] = "monitor.yamldoc.kinds"
    """The module that holds the names which the annotations use and the section's own module does not import."""
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "allow_inf_nan": False}
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def __init_subclass__(cls) -> None:
        dataclasses.dataclass(kw_only=True, eq=False, repr=False)(cls)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash(tuple(vars(self)[field.name] for field in dataclasses.fields(self)))

    def __repr__(self) -> str:
        keys = ", ".join(f"{field.name}={vars(self)[field.name]!r}" for field in dataclasses.fields(self))
        return f"{type(self).__name__}({keys})"

    def __setattr__(self, name: str, value: object) -> None:
        if name in vars(self):
            raise dataclasses.FrozenInstanceError(f"{name} cannot be changed")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"{name} cannot be removed")
