"""Why an entry matches a profile, and why not: what is missing, how many points short. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat

from alerts.model import ScorePart
from alerts.wrap import wrap
from monitor.model import Score
from monitor.profiles.model import Profile
from monitor.profiles.score import ELSEWHERE, OVERTAKEN
from monitor.profiles.trace import Words

_NAMED = 5  # absent terms that are named, and words behind a part
_QUOTED = 60  # letters of such words
_JUST_SHORT = 0.05  # points, below which one decimal would say "0.0 short"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a profile thinks of one text, in a user's words."""

    score: Score
    verdict: str
    short: float  # points that are lacking to the threshold; 0 when none are
    missing: tuple[str, ...]  # what keeps it from being eligible, one line each
    absent: tuple[tuple[str, float], ...]  # the profile's strongest terms that were not found, with their weights
    words: tuple[Words, ...] = ()  # of each part of the score, what stands in the text, as it is written there


def explain(profile: Profile, score: Score, words: tuple[Words, ...] = ()) -> Explanation:
    """The explanation of ``score``, which ``profile`` gave; ``words``: what stands behind each of its parts."""
    short = max(0.0, score.threshold - score.value)
    found = {part.label for part in score.parts}
    wanted = sorted((term for term in profile.terms if term.weight > 0), key=lambda term: -term.weight)
    absent = tuple((term.label, term.weight) for term in wanted if term.label not in found)[:_NAMED]
    return Explanation(score, _verdict(score, short), short, score.missing, absent, words)


def _verdict(score: Score, short: float) -> str:
    if score.matched:
        return f"matches: {score.value:.1f} points, {score.threshold:.1f} needed"
    digits = 1 if short >= _JUST_SHORT else 3
    if not score.eligible:
        more = f", and {short:.{digits}f} points short" if short else ""
        return f"does not match: a requirement is not met{more}"
    return f"does not match: {score.value:.{digits}f} points, {short:.{digits}f} short of {score.threshold:.{digits}f}"


def lines(explanation: Explanation, width: int | None = None) -> Iterator[str]:
    """The explanation as lines of text, the points first; broken after ``width`` columns where that is given."""
    score = explanation.score
    yield explanation.verdict
    for part, words in zip(score.parts, explanation.words or repeat(()), strict=False):
        points = f"  {part.points:+6.2f}  "
        yield points + _folded(_part(part, words), len(points), width)
    for reason in explanation.missing:
        yield f"  {_folded(f'missing: {reason}', 2, width)}"
    if explanation.short and explanation.absent:
        named = ", ".join(f"{label} ({weight:+.1f})" for label, weight in explanation.absent)
        yield f"  {_folded(f'not found: {named}', 2, width)}"


def _folded(text: str, indent: int, width: int | None) -> str:
    """``text`` in lines that fit behind ``indent`` columns, the further ones set in by two more."""
    return wrap(text, indent, indent + 2, width)[indent:] if width else text


def _part(part: ScorePart, words: Words) -> str:
    """What gave the points, where, and what stands there, unless the label says just that."""
    times = f" ×{part.hits}" if part.hits > 1 else ""
    said = f"{part.kind}: {part.label} ({part.field}{times}){_because(part)}"
    telling = [word.text for word in words] not in ([], [part.label])
    return f"{said}: {_quoted(words)}" if telling else said


def _because(part: ScorePart) -> str:
    """Why other countries took so much away."""
    if part.kind != "focus":
        return ""
    share = part.points / part.weight
    if share >= ELSEWHERE:
        return ", as the title is about others"
    return ", as others are named first" if share >= OVERTAKEN else ", in their share"


def _quoted(words: Words) -> str:
    """The first of ``words`` in quotes, with how often each is found, and how many more there are."""
    named = [f'"{_cut(word.text)}"{f" ×{word.hits}" if word.hits > 1 else ""}' for word in words[:_NAMED]]
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return ", ".join(named) + more


def _cut(text: str) -> str:
    """``text``, of which the middle is left out where it is long: between words, as far as there are any."""
    if len(text) <= _QUOTED:
        return text
    head, tail = text[: _QUOTED // 2].rpartition(" "), text[-_QUOTED // 2 :].partition(" ")
    return f"{head[0] or head[2]} … {tail[2] or tail[0]}"
