"""Why an entry is told: the parts of its score in plain words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.clean import clean
from alerts.model import ScorePart

MAX_REASONS = 6  # that are named; the rest is summed up


def why(parts: Sequence[ScorePart]) -> str:
    """The parts in plain words, the weightiest first, such as "Japan ×3 +2.4 · railway in the text +1.2".

    What one term gave in several fields is told as one; the points still add up to the score. Where it was found is
    said only of what stands nowhere but in the text: in headline and summary the reader sees it marked.
    """
    groups: dict[tuple[str, str], list[ScorePart]] = {}
    for part in parts:
        if part.points:
            groups.setdefault((part.kind, part.label), []).append(part)
    ranked = sorted(groups.values(), key=lambda group: -abs(_sum(group)))
    shown = ranked[:MAX_REASONS] if len(ranked) > MAX_REASONS + 1 else ranked
    words = [_reason(group) for group in shown]
    if rest := ranked[len(shown) :]:
        words.append(f"{len(rest)} smaller ones {points(sum(map(_sum, rest)))}")
    return " · ".join(words)


def points(value: float) -> str:
    """Points with their sign, such as "+2.0" or "−1.5", the minus as long as the plus."""
    return f"{value:+.1f}".replace("-", "−")


def _reason(group: Sequence[ScorePart]) -> str:
    hits = sum(part.hits for part in group)
    times = f"\N{NO-BREAK SPACE}×{hits}" if hits > 1 else ""
    return f"{_name(group[0])}{_where(group)}{times}\N{NO-BREAK SPACE}{points(_sum(group))}"


def _name(part: ScorePart) -> str:
    """The label as a reader would write it: a concept is often a bare key, such as ``phnom-penh``."""
    label = clean(part.label, 80)
    bare = part.kind == "concept" and label.islower() and label.isascii()
    return label.replace("-", " ").replace("_", " ").title() if bare else label


def _where(group: Sequence[ScorePart]) -> str:
    return " in the text" if {part.field for part in group} == {"content"} else ""


def _sum(group: Sequence[ScorePart]) -> float:
    return sum(part.points for part in group)
