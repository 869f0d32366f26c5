"""Why an entry matches a profile, and why not: what is missing, how many points short. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.model import Score
from monitor.profiles.model import Profile

_NAMED = 5  # absent terms that are named


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a profile thinks of one text, in a user's words."""

    score: Score
    verdict: str
    short: float  # points that are lacking to the threshold; 0 when none are
    missing: tuple[str, ...]  # what keeps it from being eligible, one line each
    absent: tuple[tuple[str, float], ...]  # the profile's strongest terms that were not found, with their weights


def explain(profile: Profile, score: Score) -> Explanation:
    """The explanation of ``score``, which ``profile`` gave."""
    short = max(0.0, score.threshold - score.value)
    found = {part.label for part in score.parts}
    wanted = sorted((term for term in profile.terms if term.weight > 0), key=lambda term: -term.weight)
    absent = tuple((term.label, term.weight) for term in wanted if term.label not in found)[:_NAMED]
    return Explanation(score, _verdict(score, short), short, score.missing, absent)


def _verdict(score: Score, short: float) -> str:
    if score.matched:
        return f"matches: {score.value:.1f} points, {score.threshold:.1f} needed"
    if not score.eligible:
        more = f", and {short:.1f} points short" if short else ""
        return f"does not match: a requirement is not met{more}"
    return f"does not match: {score.value:.1f} points, {short:.1f} short of {score.threshold:.1f}"


def lines(explanation: Explanation) -> Iterator[str]:
    """The explanation as lines of text, the points first."""
    score = explanation.score
    yield explanation.verdict
    for part in score.parts:
        times = f" ×{part.hits}" if part.hits > 1 else ""
        yield f"  {part.points:+6.2f}  {part.kind}: {part.label} ({part.field}{times})"
    for reason in explanation.missing:
        yield f"  missing: {reason}"
    if explanation.short and explanation.absent:
        named = ", ".join(f"{label} ({weight:+.1f})" for label, weight in explanation.absent)
        yield f"  not found: {named}"
