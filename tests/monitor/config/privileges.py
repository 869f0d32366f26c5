"""Tests of what may not be read have to do without root's right to read everything."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

_VERSION = 0x2008_0522  # capget(2), two words for each set
_ABOVE_MODES = 0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH


@contextmanager
def modes_count() -> Iterator[None]:
    """Let the modes of files and folders count in this thread, also for root."""
    if os.geteuid() != 0:
        yield
        return
    system = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(_VERSION, 0), (ctypes.c_uint32 * 6)()
    assert system.capget(header, sets) == 0
    before = sets[0]
    sets[0] &= ~_ABOVE_MODES  # the effective ones; what is still permitted can be taken back
    assert system.capset(header, sets) == 0
    try:
        yield
    finally:
        sets[0] = before
        assert system.capset(header, sets) == 0
