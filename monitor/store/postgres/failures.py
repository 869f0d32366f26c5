"""What PostgreSQL's errors mean to a user: every one leaves the store as a ``StoreError`` without a password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors
from psycopg_pool import PoolTimeout

from monitor.errors import StoreBusyError, StoreError

_MEANINGS: tuple[tuple[type[psycopg.Error], str], ...] = (
    (errors.InsufficientPrivilege, "the user may not do that: let the user own the database"),
    (errors.DiskFull, "there is no room left on its disk: make room; nothing was sent without a record"),
    (errors.ReadOnlySqlTransaction, "it takes no changes: it is a standby, or its disk is full"),
    (errors.IntegrityError, "it was given contradictory data; nothing of it was stored"),
    (errors.DataError, "a value cannot be stored"),
    (errors.TransactionRollback, "two workers stood in each other's way: try again"),
    (errors.LockNotAvailable, "another program keeps it busy: try again"),
    (PoolTimeout, "it does not answer: check that the server runs and can be reached"),
    (errors.OperationalError, "it cannot be reached: check that the server runs and that the address is right"),
)
_GAVE_WAY = (errors.DeadlockDetected, errors.SerializationFailure)


def explain(error: psycopg.Error, name: str) -> StoreError:
    """The error of the database called ``name`` in a user's words."""
    meaning = next((text for kind, text in _MEANINGS if isinstance(error, kind)), "it failed")
    detail = " ".join(str(error).split())
    kind = StoreBusyError if isinstance(error, _GAVE_WAY) else StoreError
    return kind(f"{name}: {meaning} ({detail})")


@contextmanager
def as_store_errors(name: str) -> Iterator[None]:
    """Turn what PostgreSQL raises inside into a ``StoreError`` about the database called ``name``."""
    try:
        yield
    except psycopg.Error as error:
        raise explain(error, name) from error
    except (OverflowError, UnicodeEncodeError) as error:  # a number beyond 64 bits, half a surrogate pair
        raise StoreError(f"{name}: a value cannot be stored ({error})") from error
