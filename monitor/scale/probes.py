"""What a worker answers to whatever looks after it: about itself alone, and without reading anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitor.app.metrics_server import Page


def pages(ready: Callable[[], bool]) -> Mapping[str, Callable[[], Page]]:
    """``/live`` answers for as long as the worker gets round to it, ``/ready`` says whether it takes jobs."""
    return {
        "/live": lambda: Page(b"alive\n"),
        "/ready": lambda: Page(b"at work\n") if ready() else Page(b"waiting for the database\n", status=503),
    }
