"""From a text and the places of its matched words to what a digest shows of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import regex

from alerts.model import Fragment

Span = tuple[int, int]

LIMIT = 300  # characters
_ELLIPSIS = "…"
_SENTENCE = regex.compile(r"(?<=[.!?។။])\s+|(?<=[。！？])")
_BREAK = regex.compile(r"\s")


def marked(text: str, spans: Iterable[Span]) -> tuple[Fragment, ...]:
    """``text`` in fragments, those inside ``spans`` (sorted, not overlapping) marked."""
    fragments: list[Fragment] = []
    at = 0
    for start, end in spans:
        if start > at:
            fragments.append(Fragment(text[at:start]))
        fragments.append(Fragment(text[start:end], marked=True))
        at = end
    if at < len(text):
        fragments.append(Fragment(text[at:]))
    return tuple(fragments)


def excerpt(text: str, spans: Sequence[Span], limit: int = LIMIT) -> tuple[Fragment, ...]:
    """The stretch of ``text``, at most about ``limit`` characters, that shows most of ``spans``, in fragments.

    It begins with a sentence where it can; an ellipsis stands where something was left out.
    """
    start = _start(text, spans, limit)
    end = _end(text, start, limit)
    inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
    fragments = marked(text[start:end].rstrip(), _trimmed(inside, len(text[start:end].rstrip())))
    before = (Fragment(f"{_ELLIPSIS} "),) if start else ()
    after = (Fragment(f" {_ELLIPSIS}"),) if end < len(text.rstrip()) else ()
    return (*before, *fragments, *after)


def _trimmed(spans: Iterable[Span], length: int) -> list[Span]:
    return [(a, min(b, length)) for a, b in spans if a < length]


def _start(text: str, spans: Sequence[Span], limit: int) -> int:
    """Where to begin: the sentence from which most matched words are in reach, the last of equals."""
    if len(text) <= limit or not spans:
        return 0
    starts = [0, *(found.end() for found in _SENTENCE.finditer(text))]
    best = max(starts, key=lambda at: (_reached(spans, at, at + limit), at))
    if not _reached(spans, best, best + limit):
        best = max(0, spans[0][0] - limit // 3)  # one endless sentence
        gap = _BREAK.search(text, best, spans[0][0])
        best = gap.end() if gap else best
    return best


def _reached(spans: Sequence[Span], start: int, end: int) -> int:
    return sum(start <= a and b <= end for a, b in spans)


def _end(text: str, start: int, limit: int) -> int:
    """Where to stop: after a sentence when that keeps most of it, else between words."""
    end = start + limit
    if end >= len(text):
        return len(text)
    sentences = (found.start() for found in _SENTENCE.finditer(text, start, end + 1))
    ends = [at for at in sentences if start + limit * 0.6 < at <= end]
    if ends:
        return ends[-1]
    gaps = [found.start() for found in _BREAK.finditer(text, start + limit // 2, end)]
    return gaps[-1] if gaps else end
