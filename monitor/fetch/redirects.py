"""Redirects are followed by hand: where one leads, and when to stop. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin

from monitor.fetch.guard import MAX_URL, AddressError
from monitor.fetch.statuses import Failure
from monitor.model import Redirect

MAX_REDIRECTS = 5
STATUSES = frozenset({301, 302, 303, 307, 308})


def location(url: str, raw: bytes) -> str:
    """The absolute address that a Location field (UTF-8, mostly) leads to from ``url``, "" when it cannot be read.

    One that was sent several times counts when all say the same.
    """
    first, *others = raw.split(b", ")
    if others and all(other == first for other in others):
        raw = first
    elif any(other.startswith((b"http://", b"https://", b"/")) for other in others):
        return ""
    try:
        text = raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        text = raw.decode("latin-1").strip()
    if not text or not text.isprintable() or len(text) > MAX_URL:
        return ""
    try:
        return urljoin(url, text).partition("#")[0]
    except ValueError:  # such as an unclosed bracket
        return ""


def problem(answer: Redirect, first: str, hops: Sequence[Redirect]) -> Failure | None:
    """Why ``answer`` is not followed after ``hops`` from the address ``first``, None when it is."""
    if not answer.url:
        return Failure(f"the site redirects to nowhere ({answer.status} without a usable Location)")
    if answer.url == first or any(hop.url == answer.url for hop in hops):
        return Failure("the site redirects in a circle", "perhaps it insists on cookies, which are never sent")
    if len(hops) >= MAX_REDIRECTS:
        return Failure(f"the site redirects more than {MAX_REDIRECTS} times")
    return None


def refused(error: AddressError, hops: Sequence[Redirect]) -> Failure:
    """The failure of an address that is not asked: after ``hops`` it is a stranger's wish, and nothing to allow."""
    if hops:
        return Failure(f"the site redirects elsewhere: {error}")
    return Failure(str(error), error.advice, error.permanent)
