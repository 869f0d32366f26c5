"""The process environment: the only place that reads environment variables, or sets one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


def variables() -> Mapping[str, str]:
    """The environment variables of this process."""
    return os.environ


@contextmanager
def overridden(values: Mapping[str, str]) -> Iterator[None]:
    """Other values for some variables, for as long as a library reads them; not for use beside threads."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def without_plugins() -> None:
    """Let pydantic look for no plugins: Newsbell has none, and the search goes through every installed package."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
