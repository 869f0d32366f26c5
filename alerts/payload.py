"""A Digest as JSON: the webhook's payload and the file channel's ``.json``, version 1 of a published schema. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alerts.clean import clean, clean_fragments, safe_lang, safe_link
from alerts.model import Digest, DigestEntry, FeedProblem, Fragment, ScorePart, Story
from alerts.view import MAX_LINES, MAX_TITLE, rest_at

VERSION = 1
MAX_HIGHLIGHT = 600
_SCHEMA = Path(__file__).parent / "schema" / "digest-v1.json"


def payload(digest: Digest, *, archive: str = "", every: bool = False) -> dict[str, Any]:
    """``digest`` as JSON values that follow ``schema()``.

    ``archive`` says where to read what is left out; a command when it is empty. ``every``: also the stories beyond
    ``max_items``.
    """
    stories = digest.stories + (digest.overflow if every else ())
    more = max(0, len(digest.stories) + digest.more - len(stories))
    return {
        "type": "digest",
        "version": VERSION,
        "kind": digest.kind,
        "profile": digest.profile,
        "title": clean(digest.title or digest.profile, 120),
        "window": {"start": timestamp(digest.start), "end": timestamp(digest.end)},
        "timezone": digest.timezone,
        "stories": [_story(story) for story in stories],
        "more": more,
        "archive": rest_at(digest, archive) if more else "",
        "held": [_held(entry) for entry in digest.held[: None if every else MAX_LINES]],
        "notices": [clean(notice, 300) for notice in digest.notices[:MAX_LINES]],
        "activity": [{"day": day.day, "count": day.count} for day in digest.activity],
        "feeds": {
            "watched": digest.health.feeds,
            "healthy": digest.health.healthy,
            "entries": digest.health.entries,
            "problems": [_problem(problem) for problem in digest.health.problems[: None if every else MAX_LINES]],
        },
    }


def encode(value: dict[str, Any], *, indent: int | None = None) -> str:
    """JSON text; compact unless ``indent`` is given. Letters of every script stand as themselves."""
    separators = (",", ":") if indent is None else None
    return json.dumps(value, ensure_ascii=False, indent=indent, separators=separators, allow_nan=False)


def schema() -> dict[str, Any]:
    """The published JSON Schema (draft 2020-12) of the payload."""
    loaded: dict[str, Any] = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return loaded


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, such as ``2026-03-02T07:00:00Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _story(story: Story) -> dict[str, Any]:
    return {"update": story.update, "entries": [_entry(entry) for entry in story.entries], "more": story.more}


def _held(entry: DigestEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": clean(entry.title, MAX_TITLE),
        "link": safe_link(entry.link),
        "source": clean(entry.source, 80),
    }


def _entry(entry: DigestEntry) -> dict[str, Any]:
    return {
        **_held(entry),
        "lang": safe_lang(entry.lang),
        "published": timestamp(entry.published) if entry.published else None,
        "found": timestamp(entry.found),
        "score": round(entry.score, 4),
        "threshold": round(entry.threshold, 4),
        "parts": [_part(part) for part in entry.parts],
        "headline": _fragments(entry.headline or (Fragment(entry.title),), MAX_TITLE),
        "highlight": _fragments(entry.highlight, MAX_HIGHLIGHT),
    }


def _part(part: ScorePart) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "label": clean(part.label, 200),
        "field": part.field,
        "hits": part.hits,
        "weight": round(part.weight, 4),
        "points": round(part.points, 4),
    }


def _fragments(fragments: Sequence[Fragment], limit: int) -> list[dict[str, Any]]:
    return [{"text": part.text, "marked": part.marked} for part in clean_fragments(fragments, limit)]


def _problem(problem: FeedProblem) -> dict[str, Any]:
    return {
        "title": clean(problem.title, 80),
        "url": safe_link(problem.url),
        "state": problem.state,
        "reason": clean(problem.reason, 200),
        "since": timestamp(problem.since) if problem.since else None,
    }
