"""What the HTTP engine brings along when it is imported, and what it leaves behind."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from monitor.fetch.engine import aiohttp
print("importlib.metadata" in sys.modules)
from importlib import metadata
print(metadata.version("aiohttp") == aiohttp.__version__)
"""


@pytest.mark.processes
def test_it_reads_no_package_metadata_which_is_there_for_others() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True"]
