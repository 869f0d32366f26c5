"""What the models of files share: nothing unknown, nothing changeable, numbers that are numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Strict

__all__ = ["Number", "Section", "Whole"]

Whole = Annotated[int, Strict()]
"""A whole number; neither ``true`` nor ``"5"`` is one."""

Number = Annotated[float, Strict()]
"""A number with or without a fraction; neither ``true`` nor ``"5"`` is one."""


class Section(BaseModel):
    """A group of keys. Unknown keys are errors; a field's description is the hint when it is missing or wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)
