"""Threads that nobody waits for: whatever hangs in one ends with the program and does not keep it from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonThreads(ThreadPoolExecutor):
    """A thread of its own for each call.

    An ordinary executor's threads are waited for when the event loop is closed and again when the interpreter ends: one
    look-up, disk or receiver that never answers would keep a program alive for ever. asyncio takes only a
    ``ThreadPoolExecutor`` as its default, hence the base class.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call ``fn`` in a new thread."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()  # it cannot be called back from here on

        def run() -> None:
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever awaits the future
                future.set_exception(error)
            else:
                future.set_result(result)

        threading.Thread(target=run, name="newsbell", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for nobody."""
