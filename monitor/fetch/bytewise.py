"""Requests with header fields that are not ASCII: a server's entity tag goes back as the very bytes that came.

aiohttp writes fields as UTF-8, which such tags may not be. Here a field holds its bytes beyond ASCII as Python keeps
those of file names (lone surrogates, PEP 383); aiohttp is given a word that stands for it, and where the header is
written, the word gives way to the bytes.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any, cast

from monitor.fetch.engine import aiohttp


class BytewiseRequest(aiohttp.ClientRequest):
    """A request without a body, whose header goes out before ``send`` returns."""

    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        """Send it; the fields beyond ASCII as their bytes."""
        words: dict[bytes, bytes] = {}
        for name, value in list(self.headers.items()):
            if not value.isascii():
                word = secrets.token_hex(16)
                words[word.encode()] = value.encode("utf-8", "surrogateescape")
                self.headers[name] = word
        protocol = conn.protocol
        transport = protocol.transport
        protocol.transport = cast(asyncio.Transport, _Replacing(transport, words))
        try:
            return await super().send(conn)
        finally:
            if protocol.transport is not None:  # else the connection was lost meanwhile
                protocol.transport = transport


class _Replacing:
    """A transport that writes other words."""

    def __init__(self, transport: asyncio.Transport, words: Mapping[bytes, bytes]) -> None:
        self._transport = transport
        self._words = words

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, header: bytes) -> None:
        for word, value in self._words.items():
            header = header.replace(word, value)
        self._transport.write(header)
