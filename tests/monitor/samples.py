"""Matches and entries for tests, with only what a test cares about spelled out."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from monitor.model import Entry, EntryKeys, Match, Score, ScorePart

NOW = datetime(2025, 1, 22, 9, 0, tzinfo=UTC)


def an_entry(
    title: str = "A headline",
    *,
    text: str = "",
    link: str = "",
    feed: str = "https://a.example/feed",
    at: datetime = NOW,
    entry_id: str = "",
    source: str = "",
    lang: str | None = "en",
) -> Entry:
    """An entry whose id follows from its feed and title."""
    digest = hashlib.blake2b(f"{feed} {title}".encode(), digest_size=8).digest()
    return Entry(
        feed_url=feed,
        keys=EntryKeys(b"g" + digest[1:], b"l" + digest[1:], b"c" + digest[1:]),
        title=title,
        link=link or f"https://a.example/{digest.hex()}",
        summary=text,
        source=source,
        published=at,
        lang=lang,
        fingerprint=digest,
        id=entry_id or digest.hex(),
        found=at,
    )


def a_score(
    value: float = 7.0,
    *,
    profile: str = "pair",
    concepts: tuple[str, ...] = ("japan", "laos"),
    in_title: tuple[str, ...] = (),
    threshold: float = 5.0,
    instant: bool = False,
) -> Score:
    """A matched score of ``value`` points, the concepts of ``in_title`` found in the title."""
    parts = tuple(ScorePart("concept", name, "title", 1, 0.0, 0.0) for name in in_title)
    return Score(
        profile=profile,
        value=value,
        threshold=threshold,
        eligible=True,
        matched=value >= threshold,
        parts=(*parts, ScorePart("term", "partnership", "any", 1, value, value)),
        concepts=concepts,
        instant=instant,
    )


def a_match(
    title: str = "A headline",
    *,
    text: str = "",
    at: datetime = NOW,
    source: str = "A",
    feed: str = "",
    value: float = 7.0,
    concepts: tuple[str, ...] = ("japan", "laos"),
    in_title: tuple[str, ...] = (),
    told: str = "",
    entry_id: str = "",
    instant: bool = False,
    profile: str = "pair",
) -> Match:
    """A match of an entry of the outlet ``source``."""
    entry = an_entry(title, text=text, at=at, feed=feed or f"https://{source.lower()}.example/feed", entry_id=entry_id)
    score = a_score(value, profile=profile, concepts=concepts, in_title=in_title, instant=instant)
    return Match(profile=profile, entry=entry, score=score, source=source, at=at, digest=told)


def days(number: float) -> timedelta:
    """``number`` days."""
    return timedelta(days=number)
