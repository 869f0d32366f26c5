"""Work that may have to wait, begun without an event loop: most passes find nothing to wait for.

Importing asyncio and starting a loop is an eighth of what such a pass costs.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

R = TypeVar("R")


@types.coroutine
def event_loop() -> Generator[None]:
    """To be awaited before anything that needs a running event loop; where one runs it is a turn for the others."""
    yield


def run(work: Coroutine[Any, Any, R], in_loop: Callable[[Coroutine[Any, Any, R]], R]) -> R:
    """Run ``work`` to its end; from its first ``event_loop()`` on by ``in_loop``, such as ``asyncio.run``."""
    try:
        work.send(None)
    except StopIteration as done:
        result: R = done.value
        return result
    return in_loop(_rest(work))


async def _rest(work: Coroutine[Any, Any, R]) -> R:
    result: R = await _Begun(work)
    return result


class _Begun:
    """Work that has begun, for whoever brings it to its end."""

    def __init__(self, work: Coroutine[Any, Any, Any]) -> None:
        self._work = work

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._work.__await__()
