"""From a user's judgements to a proposed change of a profile. Pure: nothing is applied here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from monitor.model import PastItem, Score
from monitor.profiles.backtest import score_all
from monitor.profiles.model import Profile

ON, OFF = "on", "off"
ENOUGH = 4  # judgements below which nothing is proposed
_LEAST_SEEN = 2  # judged entries that a term must stand in before its weight is questioned
_MISS = 2.0  # a missed entry weighs as much as so many false ones


@dataclass(frozen=True, slots=True)
class Change:
    """One value to change: ``path`` leads to it in the profile's YAML."""

    path: tuple[str | int, ...]
    label: str
    old: float
    new: float
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a profile does on the judged entries."""

    right: int
    missed: tuple[str, ...]  # ids of entries judged on that it does not match
    false: tuple[str, ...]  # ids of entries judged off that it matches


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to change and what that would do; no ``changes`` when there is nothing to gain."""

    changes: tuple[Change, ...]
    before: Outcome
    after: Outcome
    note: str = ""


def propose(profile: Profile, items: Sequence[PastItem], labels: Mapping[str, str]) -> Proposal:
    """The change of weights and threshold under which ``profile`` does best on the judged ``items``.

    ``labels``: ``on`` or ``off`` by item id. A term that stood only in entries judged off loses its weight; then the
    threshold moves to where the fewest entries are judged wrongly, a missed one counting double.
    """
    judged = [item for item in items if labels.get(item.id) in (ON, OFF)]
    before = _outcome(score_all(profile, judged), labels)
    if len(judged) < ENOUGH:
        note = f"{ENOUGH} judged entries are needed at least; so far: {len(judged)}"
        return Proposal((), before, before, note)
    weights = _demoted(profile, judged, labels)
    better = applied(profile, weights)
    threshold = _best_threshold(score_all(better, judged), labels, profile.threshold)
    if abs(threshold - profile.threshold) > 0.05:
        reason = "fewest judged entries are on the wrong side"
        weights += (Change(("threshold",), "threshold", profile.threshold, round(threshold, 2), reason),)
    after = _outcome(score_all(applied(profile, weights), judged), labels)
    if _cost(after) >= _cost(before):
        return Proposal((), before, before, "the profile as it is does as well on the judged entries")
    return Proposal(weights, before, after)


def applied(profile: Profile, changes: Sequence[Change]) -> Profile:
    """``profile`` with ``changes`` made."""
    terms = list(profile.terms)
    threshold = profile.threshold
    for change in changes:
        if change.path[0] == "threshold":
            threshold = change.new
        else:
            number = int(change.path[1])
            terms[number] = replace(terms[number], weight=change.new)
    return replace(profile, terms=tuple(terms), threshold=threshold)


def _demoted(profile: Profile, judged: Sequence[PastItem], labels: Mapping[str, str]) -> tuple[Change, ...]:
    seen: dict[str, list[str]] = {}
    for item, score in score_all(profile, judged):
        for label in {part.label for part in score.parts if part.points > 0}:
            seen.setdefault(label, []).append(labels[item.id])
    return tuple(
        Change(("terms", number, "weight"), term.label, term.weight, 0.0, f"stood in {len(found)} entries, all off")
        for number, term in enumerate(profile.terms)
        if term.weight > 0 and len(found := seen.get(term.label, [])) >= _LEAST_SEEN and ON not in found
    )


def _best_threshold(scored: Sequence[tuple[PastItem, Score]], labels: Mapping[str, str], present: float) -> float:
    """Half-way between two neighbouring scores; the one nearest to the present threshold of equals."""
    eligible = [(score.value, labels[item.id] == ON) for item, score in scored if score.eligible and score.value > 0]
    values = sorted({value for value, _ in eligible})
    between = [(low + high) / 2 for low, high in pairwise(values)]
    choices = [present, *(value / 2 for value in values[:1]), *between]

    def cost(threshold: float) -> float:
        return sum(_MISS * (value < threshold) if on else value >= threshold for value, on in eligible)

    return min(choices, key=lambda threshold: (cost(threshold), abs(threshold - present)))


def _outcome(scored: Sequence[tuple[PastItem, Score]], labels: Mapping[str, str]) -> Outcome:
    missed = tuple(item.id for item, score in scored if labels[item.id] == ON and not score.matched)
    false = tuple(item.id for item, score in scored if labels[item.id] == OFF and score.matched)
    return Outcome(len(scored) - len(missed) - len(false), missed, false)


def _cost(outcome: Outcome) -> float:
    return _MISS * len(outcome.missed) + len(outcome.false)
