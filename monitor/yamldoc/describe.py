"""Values as messages name them."""

from __future__ import annotations

from monitor.yamldoc.secrets import is_secret, mask

Path = tuple[str | int, ...]
MAX_SHOWN = 60
MAX_READ = 1_000  # of a text, before it is cut to what is shown: enough to tell what is secret in it


def describe(value: object, path: Path = ()) -> str:
    """A value as a message names it; nothing of it when ``path`` leads to a secret."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a group of keys"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if is_secret(path):
        return "something else"
    if isinstance(value, bool):
        return "true" if value else "false"
    return describe_text(value) if isinstance(value, str) else f"the number {str(value)[:MAX_SHOWN]}"


def describe_text(text: str) -> str:
    """A text in quotes, on one line, not too long, without secrets."""
    text = mask(text[:MAX_READ])
    shown = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."
    return '"' + "".join(one if one.isprintable() else " " for one in shown) + '"'
