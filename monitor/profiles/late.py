"""Scores that are worked out when somebody looks at them: of the hundreds that a text gives, few are looked at."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Protocol

from alerts.model import ScorePart
from monitor.model import Score

_NAMES = tuple(field.name for field in fields(Score))
_SETTERS = {name: getattr(Score, name).__set__ for name in _NAMES}
_SET_PARTS = _SETTERS["parts"]
_SET_OTHERS = tuple(setter for name, setter in _SETTERS.items() if name != "parts")


class Source(Protocol):
    """What late scores are worked out from: a text with all that was found in it."""

    def fill(self, score: LateScore) -> None:
        """Settle ``score``, which is that of its profile ``number``; its parts may wait."""
        ...

    def parts(self, number: int) -> tuple[ScorePart, ...]:
        """The parts of a score that was settled without them."""
        ...


class LateScore(Score):
    """A score that knows only whose it is and where to ask; the rest is filled in when it is first looked at.

    ``number``: that of its profile, below 0 once all but its parts is settled. ``source``: None once they are, too.
    """

    __slots__ = ("number", "source")

    number: int
    source: Source | None

    def __init__(self, *args: Any, **values: Any) -> None:
        """A whole score; one that waits is made by ``__new__`` alone, for speed."""
        self.number, self.source = -1, None
        super().__init__(*args, **values)

    def settle(self, *others: object) -> None:
        """Set everything but the parts, in the order of the fields."""
        self.number = -1 - self.number
        for setter, value in zip(_SET_OTHERS, others, strict=True):
            setter(self, value)

    def settle_as(self, score: Score) -> None:
        """Set everything as it is in ``score``."""
        self.number = -1 - self.number
        self.source = None
        for name, setter in _SETTERS.items():
            setter(self, getattr(score, name))

    def __eq__(self, other: object) -> bool:
        return _values(self) == _values(other) if isinstance(other, Score) else NotImplemented

    __hash__ = Score.__hash__

    def __reduce__(self) -> tuple[type[Score], tuple[object, ...]]:
        return Score, _values(self)


class _Later:
    """A field of a late score. A descriptor for each: with ``__getattr__`` Python would take 28 times as long."""

    def __init__(self, name: str) -> None:
        self._slot = getattr(Score, name)

    def __get__(self, score: LateScore | None, owner: type[LateScore]) -> object:
        if score is None:
            return self
        self._ask(score)
        return self._slot.__get__(score)

    def __set__(self, score: LateScore, value: object) -> None:
        self._slot.__set__(score, value)

    def _ask(self, score: LateScore) -> None:
        if score.number >= 0 and score.source is not None:
            score.source.fill(score)


class _LaterParts(_Later):
    def _ask(self, score: LateScore) -> None:
        super()._ask(score)
        if score.source is not None:
            _SET_PARTS(score, score.source.parts(-1 - score.number))
            score.source = None


for _name in _NAMES:
    setattr(LateScore, _name, _LaterParts(_name) if _name == "parts" else _Later(_name))


def _values(score: Score) -> tuple[object, ...]:
    return tuple(getattr(score, name) for name in _NAMES)
