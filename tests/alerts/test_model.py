"""The data that flows, and the type that keeps secrets out of it."""

from __future__ import annotations

import logging
import pickle

import pytest

from alerts.errors import DeliveryError
from alerts.model import Secret
from tests.alerts.samples import digest


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("hunter2")

    assert {f"{secret}", repr(secret), str([secret]), f"{secret!r:>5}".strip()} == {"***", "[***]"}
    assert "hunter2" not in logging.Formatter().format(logging.makeLogRecord({"msg": "key %s", "args": (secret,)}))
    assert secret.reveal() == "hunter2"


def test_a_secret_is_compared_but_not_pickled() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret("a"))


def test_a_digest_lists_the_entries_of_its_stories() -> None:
    each = digest(2)

    assert [entry.id for entry in each.entries] == ["entry-0", "entry-5", "entry-6", "entry-1"]
    assert each.stories[0].lead.id == "entry-0"


def test_a_delivery_error_names_its_channel_once() -> None:
    error = DeliveryError("desk", "connection refused")
    assert (str(error), error.reason) == ("desk: connection refused", "connection refused")
