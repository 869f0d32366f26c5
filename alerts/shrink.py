"""Makes a digest smaller until it fits: excerpts go first, then further sources, then whole stories. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from alerts.model import Digest, Story

T = TypeVar("T")
_LEVELS = 3  # without excerpts; lead only; gone


def shrink(digest: Digest, render: Callable[[Digest], T], fits: Callable[[T], bool]) -> T:
    """Render ``digest`` with as little left out as ``fits`` allows.

    What goes, goes from the end, and whole stories are counted as more. The first story always stays, so what can
    never fit comes back as small as it gets.
    """
    text = render(digest)
    low, high = 1, _LEVELS * len(digest.stories) - 1
    if fits(text) or high < low:
        return text
    best = None
    while low <= high:
        middle = (low + high) // 2
        text = render(_smaller(digest, middle))
        if fits(text):
            best, high = text, middle - 1
        else:
            low = middle + 1
    return text if best is None else best


def first(digest: Digest, number: int) -> Digest:
    """``digest`` with at most ``number`` stories; the others are counted as more."""
    gone = digest.stories[number:]
    stories = digest.stories[:number]
    return replace(digest, stories=stories, more=digest.more + len(gone), overflow=gone + digest.overflow)


def _smaller(digest: Digest, steps: int) -> Digest:
    """``digest`` after ``steps`` cuts, each of which makes one story, from the end, one level poorer."""
    total = len(digest.stories)
    level, extra = divmod(steps, total)
    levels = [level + (index >= total - extra) for index in range(total)]
    stories = tuple(_cut(story, depth) for story, depth in zip(digest.stories, levels, strict=True) if depth < _LEVELS)
    return replace(first(digest, len(stories)), stories=stories)


def _cut(story: Story, level: int) -> Story:
    if level == 0:
        return story
    entries = tuple(replace(entry, highlight=()) for entry in story.entries[: None if level == 1 else 1])
    return replace(story, entries=entries, more=story.more + len(story.entries) - len(entries))
