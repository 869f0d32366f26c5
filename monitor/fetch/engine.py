"""aiohttp and the transport over it, imported without what it would read for nothing.

It makes two TLS contexts when it is imported, and each reads every certificate authority of the machine: 70 ms of a
start, needed or not. Here it finds none, so its own contexts trust nobody; ``door`` makes the one that is used.
The transport asks the package's metadata for the version of aiohttp, which aiohttp itself says: 15 imports and a long
text, 3 % of a start.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType

from monitor.environment import overridden

__all__ = ["AiohttpTransport", "aiohttp"]

_METADATA = "importlib.metadata"

with overridden({"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}):
    import aiohttp

    if _METADATA in sys.modules:
        from httpx_aiohttp import AiohttpTransport
    else:
        stand_in = sys.modules[_METADATA] = ModuleType(_METADATA)
        stand_in.__dict__["version"] = lambda name: aiohttp.__version__
        try:
            from httpx_aiohttp import AiohttpTransport
        finally:
            del sys.modules[_METADATA]
