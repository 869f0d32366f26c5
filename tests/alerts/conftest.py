"""Fixtures that several tests of the delivery share."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest

from alerts.render import Renderer
from tests.alerts.receivers import HookReceiver, MailServer, hook_receiver, mail_server


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer()


@pytest.fixture
async def hook() -> AsyncIterator[HookReceiver]:
    async with hook_receiver() as receiver:
        yield receiver


@pytest.fixture
async def mailbox() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
def closed_port() -> int:
    """A port of 127.0.0.1 where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
