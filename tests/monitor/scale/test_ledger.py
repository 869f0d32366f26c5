"""What a worker reports of what it did."""

from __future__ import annotations

from datetime import timedelta

from alerts.deliver import DeliverReport
from alerts.model import Delivery, DeliveryState, Message
from monitor.cycle.tools import Failed, PollTotals
from monitor.model import FeedState, PassReport
from monitor.scale.ledger import Ledger
from tests.monitor.cycle.desk import START

MINUTE = timedelta(minutes=1)


def ledger() -> Ledger:
    return Ledger(START, cpu=2.0)


def test_there_is_nothing_to_report_until_something_was_done() -> None:
    idle, busy = ledger(), ledger()
    busy.told(0, ["the digest of pair could not be made"])

    assert (bool(idle), bool(busy)) == (False, True)


def test_jobs_add_up() -> None:
    failed = Failed("https://a.example/", "404", FeedState.DEGRADED)
    message = Message("k", "pair", "desk", "desk@example.org", "s", b"", "text/plain")
    delivery = Delivery(message, DeliveryState.SENT, 1, START, None)
    done = ledger()
    done.polled(PollTotals(polled=3, unchanged=1, new=2, cpu={"store": 0.5}))
    done.polled(PollTotals(polled=1, failed=1, failures=[failed], cpu={"store": 0.25, "score": 1.0}))
    done.told(2, ["nothing could be composed"])
    done.delivered(DeliverReport((delivery, delivery), (delivery,), (delivery,)))

    assert done.report(START + MINUTE, 5.0, PassReport(START - MINUTE, START)) == PassReport(
        START,
        START + MINUTE,
        polled=4,
        unchanged=1,
        failed=1,
        new=2,
        digests=2,
        sent=2,
        undelivered=1,
        dead=2,
        problems=("nothing could be composed", "https://a.example/: 404"),
        gap=MINUTE,
        durations={"store": 0.75, "score": 1.0, "all": 3.0},
    )


def test_another_worker_may_have_begun_its_report_later() -> None:
    done = ledger()

    assert done.report(START + MINUTE, 2.0, PassReport(START + MINUTE, START + MINUTE)).gap == timedelta(0)
    assert done.report(START + MINUTE, 2.0, None).gap is None
