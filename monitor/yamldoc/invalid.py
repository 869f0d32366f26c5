"""What a model's validator raises to say what is wrong in a user's words."""

from __future__ import annotations


class InvalidValueError(ValueError):
    """A value that means nothing. ``hint`` says what to write; ``at`` leads to the spot within the value.

    A section or a validator of one of its kinds raises it; ``Document.validate`` gives it a line and a column.
    """

    def __init__(self, message: str, hint: str = "", *, at: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.at = at
