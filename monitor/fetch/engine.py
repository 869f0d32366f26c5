"""aiohttp and the transport over it, imported without what it would read for nothing.

It makes two TLS contexts when it is imported, and each reads every certificate authority of the machine: 70 ms of a
start, needed or not. Here it finds none, so its own contexts trust nobody; ``door`` makes the one that is used.
"""

from __future__ import annotations

import os

from monitor.environment import overridden

__all__ = ["AiohttpTransport", "aiohttp"]

with overridden({"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}):
    import aiohttp
    from httpx_aiohttp import AiohttpTransport
    from httpx_aiohttp.transport import AiohttpResponseStream

AiohttpResponseStream.CHUNK_SIZE = 65_536  # bytes: most feeds in one piece, of which 16,384 make three
