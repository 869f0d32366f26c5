"""Kinds of values that any file may hold, for the annotations of sections."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, Strict

__all__ = ["AfterValidator", "Field", "Number", "Whole"]

Whole = Annotated[int, Strict()]
"""A whole number; neither ``true`` nor ``"5"`` is one."""

Number = Annotated[float, Strict()]
"""A number with or without a fraction; neither ``true`` nor ``"5"`` is one."""
