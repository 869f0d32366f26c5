"""A few kills of the many that ``make kills`` makes: around the commit, the sending and the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.kills.__main__ import one_kill
from tests.kills.tracer import WRITES
from tests.kills.world import World, world

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not WRITES, reason="the numbers of this machine's system calls are not known"),
]


@pytest.fixture(scope="module")
def place() -> Iterator[World]:
    with world() as made:
        yield made


def test_a_kill_around_commit_and_send_loses_and_doubles_nothing(place: World) -> None:
    """Just before: the commit, the post, the end of the first mail, the last receipt."""
    place.show([f"T0-{number}" for number in range(6)])
    calls = place.run("run", "--force", "--backlog", "20", trace=True)["calls"]
    written = len(calls) - calls[::-1].index("rename")  # the digest's file, which is the last to be renamed
    sent = [at for at, name in enumerate(calls, 1) if at > written and name == "sendto"]
    commit = max(at for at, name in enumerate(calls[:written], 1) if name == "fdatasync")
    points = [commit, sent[0], sent[len(sent) // 2], sent[-1] + 2]

    told = {at: one_kill(place, number, at, later=1) for number, at in enumerate(points, 1)}

    wrong = {at: [line for line in lines if not line.startswith("repeat ")] for at, lines in told.items()}
    assert wrong == {at: [] for at in points}


def test_the_verdict_sees_what_is_lost_doubled_or_changed(place: World) -> None:
    assert one_kill(place, 9, at=100_000, later=0) == ["finished"]
    tokens, whole = [f"T9-{number}" for number in range(6)], list(place.mail.mails)
    first = whole[0].recipients[0]

    del place.mail.mails[0]
    lost = place.judge(tokens)
    place.mail.mails[:] = [*whole, whole[0]]
    again = place.judge(tokens)
    place.mail.mails[:] = [*whole, replace(whole[0], raw=whole[0].raw.replace(b"Message-ID: <", b"Message-ID: <x"))]
    place.adopt()
    renamed = place.judge(tokens)
    place.mail.mails[:] = [*whole, replace(whole[0], raw=whole[0].raw + b"\r\n")]
    place.adopt()
    changed = place.judge(tokens)

    assert lost.lost == {(first, token) for token in tokens}
    assert len(again.needless) == 1
    assert renamed.two_ids == {(first, token) for token in tokens}
    assert len(changed.changed) == 1
    assert not any(verdict.well for verdict in (lost, again, renamed, changed))
