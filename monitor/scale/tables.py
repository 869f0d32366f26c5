"""Procrastinate's own tables, beside the store's: made, and brought up to date by the migrations that it ships.

How far they are is a fact of the store: the number of the last migration, from the beginning of its file's name
(``03.04.00_50_post_...sql`` is 3040050). https://procrastinate.readthedocs.io/en/stable/howto/production/migrations.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from procrastinate.schema import SchemaManager

from monitor.store.postgres.failures import as_store_errors
from monitor.store.postgres.server import Connection, StoreTooNewError, connect, display_name

log = logging.getLogger(__name__)

STATE = "SELECT value FROM facts WHERE name = 'procrastinate'"
_REMEMBER = """INSERT INTO facts (name, value) VALUES ('procrastinate', %s)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
_BEFORE_IT_WAS_A_FACT = 3_04_00_50  # what Procrastinate 3.10 makes, the oldest that was ever used here
_PREPARING = 0x4E657764  # the advisory lock of the one who makes the tables of the jobs
_NAMED = re.compile(r"(\d\d)\.(\d\d)\.(\d\d)_(\d\d)_\w+\.sql")


def migrations(folder: Path | None = None) -> Mapping[int, Path]:
    """The migrations that the installed Procrastinate ships, by their numbers, in order."""
    files = (folder or Path(SchemaManager.get_migrations_path())).glob("*.sql")
    found = {int("".join(name.groups())): path for path in files if (name := _NAMED.fullmatch(path.name))}
    return dict(sorted(found.items()))


def prepare(url: str, folder: Path | None = None) -> int:
    """Make the tables of the jobs, or do the migrations that are missing; returns how many. Several at once do it once.

    The store's own tables must be there. Raises ``StoreTooNewError`` when a newer Procrastinate was here.
    """
    name, steps = display_name(url), migrations(folder)
    with closing(connect(url)) as db, as_store_errors(name):
        db.execute("SELECT pg_advisory_lock(%s)", (_PREPARING,))
        found = _state(db)
        if found is None:
            with db.transaction():
                db.execute(SchemaManager.get_schema())
                db.execute(_REMEMBER, (max(steps),))
            return 0
        refuse_newer(found, name, max(steps))
        missing = {number: path for number, path in steps.items() if number > found}
        for number, path in missing.items():
            log.info("the tables of the jobs: %s", path.stem)
            with db.transaction():  # each its own: a value that was added to a type cannot be used at once
                db.execute(path.read_bytes())
                db.execute(_REMEMBER, (number,))
        return len(missing)


def refuse_newer(found: int, name: str, known: int | None = None) -> None:
    """Raise ``StoreTooNewError`` when the tables of the jobs were made by a newer Procrastinate."""
    if found > (known or max(migrations())):
        raise StoreTooNewError(
            f"{name}: the tables of the jobs were made by a newer Procrastinate (their state is {found}): "
            "install the version that the other workers have, or a newer one"
        )


def _state(db: Connection) -> int | None:
    """The number of the last migration that was done; None when there are no tables yet."""
    row = db.execute("SELECT to_regclass('procrastinate_jobs') IS NULL").fetchone()
    if row and row[0]:
        return None
    known = db.execute(STATE).fetchone()
    return known[0] if known else _BEFORE_IT_WAS_A_FACT
