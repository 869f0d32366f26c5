"""Writes the tables in ``monitor/profiles/data`` anew, after an update of their sources: ``make tables``."""

from __future__ import annotations

import importlib.util
import sys
from importlib import import_module
from pathlib import Path

from monitor.profiles import frequency
from tests import country_table

DATA = Path(frequency.__file__).parent / "data"


def write(folder: Path) -> list[str]:
    """Write what can be derived here into ``folder``; the names of the files."""
    tables = {"countries.tsv": "".join(f"{line}\n" for line in country_table.lines())}
    if importlib.util.find_spec("zxcvbn"):
        tables["words.txt"] = frequency.derive(import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS)
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(tables)


if __name__ == "__main__":
    sys.stdout.write("".join(f"wrote {DATA / name}\n" for name in write(DATA)))
