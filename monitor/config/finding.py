"""What a check of the configuration finds."""

from __future__ import annotations

from typing import Literal

from alerts.record import record

Place = tuple[str | int, ...]
Weight = Literal["error", "warning", "advice"]


@record
class Finding:
    """Something that does not fit: where, what, what to do.

    An error: a run could not do what the file says. A warning: it does, but hardly what was meant, or not safely.
    Advice: it could be better.
    """

    place: Place
    message: str
    hint: str = ""
    weight: Weight = "error"
