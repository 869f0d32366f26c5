"""What all tests share."""

from __future__ import annotations

import logging
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine than of the code: speed is measured by `make bench`.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("usual", _PATIENT)
settings.register_profile("same", _PATIENT, derandomize=True)  # where a run must not depend on luck
settings.register_profile("quick", _PATIENT, derandomize=True, max_examples=40)  # while one works
settings.register_profile("thorough", _PATIENT, max_examples=2_000)
settings.load_profile("usual")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a PostgreSQL server: it is a process."""
    for item in items:
        if "postgres" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.processes)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """A command that was run inside this process leaves the log of the next test alone.

    No fixture: that would cost thousands of tests more than many of them take.
    """
    loggers = [logging.getLogger(name) for name in ("monitor", "alerts", "apscheduler")]
    before = [(logger.handlers, logger.propagate, logger.level) for logger in loggers]
    done = yield
    for logger, (handlers, propagate, level) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        if logger.level != level:  # it makes every logger forget what it knows
            logger.setLevel(level)
    return done
