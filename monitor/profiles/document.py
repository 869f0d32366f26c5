"""A profile's YAML: read with every mistake at its place, written as a person would write it, with comments."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

import regex

from monitor.profiles.draft import Draft, Notes
from monitor.profiles.model import Concept, DigestPlan, Profile, Scope, Term
from monitor.yamldoc import load

_WIDTH = 112
_PLAIN = regex.compile(r"[\p{L}][\p{L}\p{M}\p{N} ./'’_-]*\*?")
_WORDS_WITH_MEANING = frozenset("true false null yes no on off y n none nan inf".split())
_TIMES = ("schedule", "timezone")  # always written: what a user changes first
_HEAD = ("name", "title", "threshold", "instant", "focus")


def load_profile(text: str, *, name: str) -> Profile:
    """Read a profile. ``name`` is its file's name in messages. Raises ``ConfigError`` with every mistake."""
    return load(text, file=name, model=Profile)


def dump_profile(profile: Profile) -> str:
    """A profile as YAML that ``load_profile`` reads back to the same profile."""
    return dump_draft(Draft(profile))


def dump_draft(draft: Draft) -> str:
    """The same with comments that say where everything came from."""
    return "".join(f"{line}\n" for line in _lines(draft))


def _lines(draft: Draft) -> Iterator[str]:
    for line in draft.head:
        yield f"# {line}".rstrip()
    for section in (_settings, _concepts, _require, _terms, _scope, _digest):
        yield from section(draft.profile, draft.notes)


def _settings(profile: Profile, notes: Notes) -> Iterator[str]:
    for key in _HEAD:
        value = getattr(profile, key)
        if value not in (None, "", 0.0):
            yield _noted(f"{key}: {_scalar(value)}", notes.get((key,)))


def _concepts(profile: Profile, notes: Notes) -> Iterator[str]:
    if profile.concepts:
        yield ""
        yield _noted("concepts:", notes.get(("concepts",)))
    for name, concept in profile.concepts.items():
        yield from _concept(name, concept, notes)


def _require(profile: Profile, notes: Notes) -> Iterator[str]:
    if profile.require:
        yield ""
        yield _noted("require:", notes.get(("require",)))
    for group in profile.require:
        yield f"  - {_scalar(group) if isinstance(group, str) else _flow(group)}"


def _terms(profile: Profile, notes: Notes) -> Iterator[str]:
    if profile.terms:
        yield ""
        yield _noted("terms:", notes.get(("terms",)))
    for number, term in enumerate(profile.terms):
        yield _noted(f"  - {_term(term)}", notes.get(("terms", number)))


def _scope(profile: Profile, notes: Notes) -> Iterator[str]:
    if profile.exclude:
        yield ""
        yield _noted(f"exclude: {_flow(profile.exclude)}", notes.get(("exclude",)))
    if profile.scope != Scope():
        yield ""
        yield _noted(f"scope: {_mapping(_changed(profile.scope))}", notes.get(("scope",)))


def _digest(profile: Profile, notes: Notes) -> Iterator[str]:
    if profile.digest == DigestPlan():
        return
    yield ""
    yield _noted("digest:", notes.get(("digest",)))
    shown = _changed(profile.digest) | {key: getattr(profile.digest, key) for key in _TIMES}
    for key in (each.name for each in fields(DigestPlan) if each.name in shown):
        yield _noted(f"  {key}: {_value(shown[key])}", notes.get(("digest", key)))


def _concept(name: str, concept: Concept, notes: Notes) -> Iterator[str]:
    yield _noted(f"  {_scalar(name)}:", notes.get(("concepts", name)))
    values = _changed(concept)
    for key in ("country", "weight"):
        if key in values:
            yield f"    {key}: {_scalar(values[key])}"
    for key in ("scripts", "ignore"):
        if key in values:
            yield from _wrapped(key, values[key], {})
    if concept.terms:
        path = ("concepts", name, "terms")
        chapters = {int(key[3]): note for key, note in notes.items() if key[:3] == path and len(key) == len(path) + 1}
        yield from _wrapped("terms", concept.terms, chapters)


def _wrapped(key: str, items: Iterable[str], chapters: Mapping[int, str]) -> Iterator[str]:
    """A list over several lines, with a comment before the items whose numbers are in ``chapters``."""
    texts = [_scalar(item) for item in items]
    if not chapters and len(one := f"    {key}: [{', '.join(texts)}]") <= _WIDTH:
        yield one
        return
    yield f"    {key}: ["
    line = "     "
    for number, text in enumerate(texts):
        if number in chapters:
            if line.strip():
                yield line
            line = "     "
            yield f"      # {chapters[number]}"
        if len(line) + len(text) + 2 > _WIDTH:
            yield line
            line = "     "
        line += f" {text},"
    yield line
    yield "    ]"


def _term(term: Term) -> str:
    values = _changed(term) | {"weight": term.weight}
    order = ("term", "near", "within", "regex", "case", "field", "weight")
    return _mapping({key: values[key] for key in order if key in values})


def _changed(part: Concept | Term | Scope | DigestPlan) -> dict[str, Any]:
    """What of a part differs from its defaults."""
    values = {each.name: (getattr(part, each.name), each.default) for each in fields(part)}
    return {name: value for name, (value, default) in values.items() if value != default}


def _mapping(values: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in values.items()) + "}"


def _value(value: Any) -> str:
    return _flow(value) if isinstance(value, list | tuple) else _scalar(value)


def _flow(items: Iterable[str]) -> str:
    return f"[{', '.join(map(_scalar, items))}]"


def _scalar(value: Any) -> str:
    """A value as YAML: text stays bare where it can mean nothing else (YAML 1.2, also inside brackets)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    bare = _PLAIN.fullmatch(text) and text.lower() not in _WORDS_WITH_MEANING and text == text.strip()
    return text if bare else json.dumps(text, ensure_ascii=False)


def _noted(line: str, note: str | None) -> str:
    return f"{line}  # {note}" if note else line
