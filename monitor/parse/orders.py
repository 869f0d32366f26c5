"""What the nursery's two ends say to each other. Apart from both, for the process need not load asyncio."""

from __future__ import annotations

import struct
from typing import Final

READY: Final = b"+"
FORK: Final = b"f"
BORN: Final = 0
ENDED: Final = 1
FAILED: Final = 2
NEWS: Final = struct.Struct("=Bqq")  # what happened; a process number; an exit code, or an error's number
KILL: Final = struct.Struct("=q")  # whom
