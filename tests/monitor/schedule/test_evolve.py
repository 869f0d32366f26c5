"""What one poll makes of a feed's record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import (
    Decided,
    Feed,
    FeedHints,
    FeedRecord,
    FeedState,
    FetchFailed,
    FetchResult,
    NotModified,
    Redirect,
    Validators,
)
from monitor.schedule import after_failure, after_success, after_unchanged
from tests.monitor.schedule.samples import (
    DAY,
    EXACT,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    URL,
    a_document,
    a_record,
    an_entry,
    fail,
    fetched,
    not_modified,
    stay,
    succeed,
    well,
)

BOTH = Validators('W/"a,b"', "yesterday-ish")
LATER = NOW + HOUR
MOVED = "https://new.example/feed"


# a good answer ----------------------------------------------------------------------------------------


def test_a_first_document_is_taken_in() -> None:
    hints = FeedHints(ttl=HOUR)
    record = succeed(
        a_record(title="a.example"),
        an_entry(1, NOW - HOUR),
        an_entry(2),
        answer=fetched(validators=BOTH, freshness=MINUTE),
        hints=hints,
        title="A News",
    )

    assert (record.state, record.baseline, record.title, record.error) == (FeedState.OK, True, "A News", "")
    assert (record.validators, record.body_hash, record.last_status) == (BOTH, b"h" * 16, 200)
    assert (record.last_poll, record.last_ok, record.last_new) == (NOW, NOW, NOW)
    assert record.fingerprints == an_entry(1).fingerprint + an_entry(2).fingerprint
    assert (record.memory.hints, record.memory.freshness, record.memory.window) == (hints, MINUTE, 2)


@pytest.mark.parametrize(
    ("configured", "said", "known", "shown"),
    [("Mine", "Theirs", "x", "Mine"), ("", "Theirs", "x", "Theirs"), ("", "", "a.example", "a.example")],
)
def test_the_title_is_the_users_else_the_documents(configured: str, said: str, known: str, shown: str) -> None:
    record = a_record(feed=Feed(URL, title=configured), title=known)

    assert succeed(record, title=said).title == shown


def test_last_new_moves_only_with_something_new() -> None:
    record = well()

    assert stay(record, LATER).last_new == NOW
    assert succeed(record, an_entry(0), at=LATER, new=()).last_new == NOW
    assert succeed(record, an_entry("new"), an_entry(0), at=LATER).last_new == LATER
    assert succeed(a_record()).last_new is None


# validators -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (Validators(), BOTH),
        (Validators('"new"'), Validators('"new"', BOTH.last_modified)),
        (Validators(None, "today"), Validators(BOTH.etag, "today")),
        (Validators('"new"', "today"), Validators('"new"', "today")),
    ],
)
def test_a_304_updates_the_validators_that_it_carries(said: Validators, kept: Validators) -> None:
    record = after_unchanged(replace(well(), validators=BOTH), not_modified(said), LATER, EXACT)

    assert (record.validators, record.last_status, record.last_ok) == (kept, 304, LATER)


@pytest.mark.parametrize("said", [Validators(), Validators('"new"'), Validators(None, "today")])
def test_a_200_replaces_both_validators_also_when_its_body_is_unchanged(said: Validators) -> None:
    record = replace(well(), validators=BOTH)

    assert after_unchanged(record, fetched(validators=said), LATER, EXACT).validators == said
    assert succeed(record, an_entry(0), answer=fetched(validators=said)).validators == said


def test_a_document_without_entries_sets_no_baseline() -> None:
    empty = succeed(a_record())
    assert (empty.baseline, empty.memory.empty_since, empty.last_new) == (False, NOW, None)

    still = succeed(stay(replace(empty, validators=BOTH), LATER), at=LATER + HOUR)
    assert (still.state, still.baseline, still.memory.empty_since) == (FeedState.OK, False, NOW)
    assert fail(still, LATER + 2 * HOUR).state == FeedState.DEGRADED

    shown = succeed(still, an_entry(1), at=LATER + 2 * HOUR)
    assert (shown.baseline, shown.memory.empty_since, shown.last_new) == (True, None, LATER + 2 * HOUR)


def test_an_unchanged_body_changes_nothing_else() -> None:
    record = well()
    after = after_unchanged(record, fetched(), LATER, EXACT)

    assert after == replace(
        record, last_poll=LATER, last_ok=LATER, next_poll=after.next_poll, validators=Validators(), last_status=200
    )


def test_a_304_to_a_first_request_is_a_failure() -> None:
    record = after_unchanged(a_record(), not_modified(), NOW, EXACT)

    assert (record.failures, record.last_status, record.last_ok) == (1, 304, None)
    assert record.error == "its server answered 'not modified' to a first request, which no reader can use"


# failures ---------------------------------------------------------------------------------------------


def test_a_failure_keeps_what_is_known_and_says_why() -> None:
    record = well()
    after = fail(fail(record, LATER), LATER + HOUR, status=500, advice="wait")

    assert fail(record, LATER).error == "no answer"
    assert (after.failures, after.error, after.last_status) == (2, "no answer (wait)", 500)
    assert (after.last_ok, after.last_poll, after.memory.failing_since) == (NOW, LATER + HOUR, LATER)
    assert (after.fingerprints, after.body_hash, after.title) == (record.fingerprints, record.body_hash, record.title)


def test_a_success_forgets_the_failures() -> None:
    after = stay(fail(fail(well(), LATER), LATER), LATER + HOUR)

    assert (after.failures, after.error, after.memory.failing_since, after.state) == (0, "", None, FeedState.OK)


@pytest.mark.parametrize("status", [None, 200, 400, 401, 403, 404, 418, 429, 451, 500, 503, 520])
def test_nothing_but_410_retires_a_feed(status: int | None) -> None:
    record = well()
    for hours in range(1, 400, 7):
        record = fail(record, NOW + hours * HOUR, status=status)

    assert record.next_poll is not None
    assert record.state == FeedState.FAILING


def test_410_retires_a_feed() -> None:
    record = fail(well(), LATER, status=410)

    assert (record.state, record.next_poll) == (FeedState.GONE, None)


@pytest.mark.parametrize(("hops", "gone"), [((301,), True), ((302,), False), ((301, 302), False), ((307, 301), False)])
def test_a_410_behind_a_temporary_redirect_says_nothing_of_the_feed(hops: tuple[int, ...], gone: bool) -> None:
    """Otherwise a wrong turn of one day, to a page that is gone, would end the feed for good."""
    redirects = tuple(Redirect(status, f"https://{at}.example/") for at, status in enumerate(hops))
    failure = FetchFailed(MOVED, "gone", 410, redirects=redirects)

    record = after_failure(well(), failure, LATER, EXACT)

    assert (record.state == FeedState.GONE, record.next_poll is None) == (gone, gone)


# a clock that was ahead -------------------------------------------------------------------------------


def test_what_a_clock_remembered_that_was_ahead_holds_nothing_up() -> None:
    ahead = LATER + 30 * DAY
    record = fail(fail(fail(well(), ahead), LATER), LATER + DAY + HOUR)
    assert record.state == FeedState.FAILING

    record = redirected(redirected(well(), ahead, (301, MOVED)), LATER, (301, MOVED))
    record = redirected(redirected(record, LATER + DAY, (301, MOVED)), LATER + 2 * DAY, (301, MOVED))
    assert record.address == MOVED

    record = succeed(succeed(well(), an_entry("x"), at=ahead), an_entry("y"), at=LATER)
    assert arrivals(record)[0] == LATER - NOW


# redirects --------------------------------------------------------------------------------------------


def redirected(record: FeedRecord, at: datetime, *hops: tuple[int, str]) -> FeedRecord:
    answer = not_modified(redirects=tuple(Redirect(status, url) for status, url in hops))
    return after_unchanged(record, answer, at, EXACT)


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_is_believed_after_days_of_the_same_answer(status: int) -> None:
    record, addresses = well(), []
    for hours in range(0, 60, 6):
        record = redirected(record, NOW + hours * HOUR, (status, MOVED))
        addresses.append((hours, record.address))

    assert next(hours for hours, address in addresses if address == MOVED) == 48
    assert (record.feed.url, record.state) == (URL, FeedState.MOVED)
    assert record.memory.redirect_to == ""


def test_two_answers_are_not_enough_however_far_apart() -> None:
    record = redirected(redirected(well(), NOW, (301, MOVED)), NOW + 9 * DAY, (301, MOVED))

    assert record.address == URL
    assert redirected(record, NOW + 9 * DAY + HOUR, (301, MOVED)).address == MOVED


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_never_believed(status: int) -> None:
    record = well(DAY)
    for days in range(4):
        record = redirected(record, NOW + days * DAY, (status, MOVED))

    assert (record.address, record.state, record.memory.redirect_to) == (URL, FeedState.OK, "")


def test_permanent_hops_are_followed_up_to_the_first_temporary_one() -> None:
    record = well()
    for days in range(3):
        record = redirected(
            record, NOW + days * DAY, (301, "https://b.example/"), (308, MOVED), (302, "https://c.example/")
        )

    assert record.address == MOVED


@pytest.mark.parametrize("other", [(), ((301, "https://c.example/"),), ((302, MOVED),)])
def test_another_answer_in_between_begins_the_count_anew(other: tuple[tuple[int, str], ...]) -> None:
    record = well()
    for days, hops in enumerate([[(301, MOVED)], [(301, MOVED)], other, [(301, MOVED)], [(301, MOVED)]]):
        record = redirected(record, NOW + days * DAY, *hops)

    assert record.address == URL


def test_a_failure_in_between_does_not_begin_it_anew() -> None:
    record = redirected(redirected(well(), NOW, (301, MOVED)), NOW + DAY, (301, MOVED))
    record = redirected(fail(record, NOW + 2 * DAY), NOW + 3 * DAY, (301, MOVED))

    assert record.address == MOVED


def moved() -> FeedRecord:
    return replace(well(), address=MOVED, state=FeedState.MOVED)


def test_a_new_address_that_fails_for_long_gives_way_to_the_old_one() -> None:
    record = moved()
    for hours in (1, 2, 3):
        record = fail(record, NOW + hours * HOUR)
    assert record.address == MOVED

    record = fail(record, NOW + 30 * HOUR)

    assert (record.address, record.state) == (URL, FeedState.FAILING)


def test_a_410_of_a_new_address_does_not_retire_the_feed() -> None:
    record = fail(moved(), LATER, status=410)

    assert record.state == FeedState.DEGRADED
    assert record.next_poll is not None


# arrivals ---------------------------------------------------------------------------------------------


def arrivals(record: FeedRecord) -> list[timedelta]:
    return [timedelta(seconds=arrival - NOW.timestamp()) for arrival in record.memory.arrivals]


def test_a_first_document_tells_by_its_dates_alone() -> None:
    record = succeed(a_record(), an_entry(1, NOW - HOUR), an_entry(2), an_entry(3, NOW - DAY), an_entry(4, NOW + DAY))

    assert arrivals(record) == [-HOUR, -DAY]


def test_new_entries_arrived_between_the_polls() -> None:
    """Their dates are believed within that time: an old or a future date says nothing about the rhythm."""
    known = succeed(a_record(), an_entry(0, NOW - HOUR))
    dates = [NOW + MINUTE, NOW - 300 * DAY, NOW + DAY, None]

    record = succeed(known, *(an_entry(f"new {n}", date) for n, date in enumerate(dates)), an_entry(0), at=LATER)

    assert arrivals(record) == [HOUR, HOUR, MINUTE, timedelta(0), -HOUR]


def test_no_more_than_32_arrivals_are_kept() -> None:
    assert arrivals(well(MINUTE, count=50)) == [-number * MINUTE for number in range(32)]


# roll-over --------------------------------------------------------------------------------------------


def test_a_document_without_a_known_entry_rolled_over() -> None:
    record = well(count=3)

    over = succeed(record, an_entry("x"), an_entry("y"), at=LATER)
    overlapping = succeed(over, an_entry("z"), an_entry("y"), at=LATER + HOUR)

    assert (over.memory.rolled_over, overlapping.memory.rolled_over) == (True, False)


@pytest.mark.parametrize(
    ("shown", "new"),
    [
        (("x", 2), ("x",)),
        ((), ()),
        (("x", "changed bytes of 2"), ("x",)),
    ],
    ids=["one is as it was", "an empty document", "one is known by its keys"],
)
def test_it_did_not_when_something_is_known(shown: tuple[object, ...], new: tuple[object, ...]) -> None:
    record = well(count=3)

    after = succeed(record, *map(an_entry, shown), at=LATER, new=tuple(map(an_entry, new)))

    assert after.memory.rolled_over is False


def test_a_first_document_cannot_roll_over() -> None:
    assert well().memory.rolled_over is False
    assert succeed(succeed(a_record()), an_entry(1), at=LATER).memory.rolled_over is False


def test_a_304_leaves_it_as_it_was() -> None:
    over = succeed(well(), an_entry("x"), at=LATER)

    assert stay(over, LATER + HOUR).memory.rolled_over is True


# what always holds ------------------------------------------------------------------------------------

answers = st.sampled_from(["304", "same", "new", "503", "410", "301", "empty"])


@given(st.lists(st.tuples(answers, st.timedeltas(SECOND, 3 * DAY)), max_size=25))
def test_any_history_leaves_a_sound_record(history: list[tuple[str, timedelta]]) -> None:
    record, at = a_record(), NOW
    for number, (answer, pause) in enumerate(history):
        if record.next_poll is None and record.state == FeedState.GONE:
            break
        at += pause
        record = _after(record, answer, number, at)

        assert (record.failures > 0) == bool(record.error) == (record.memory.failing_since is not None)
        assert (record.state == FeedState.GONE) == (record.next_poll is None)
        assert record.next_poll is None or record.next_poll > at
        assert record.last_ok is not None or not record.baseline
        assert (record.memory.empty_since is not None) == (record.last_ok is not None and not record.baseline)
        assert record.memory.arrivals == tuple(sorted(record.memory.arrivals, reverse=True))
        assert all(arrival <= at.timestamp() for arrival in record.memory.arrivals)


def _after(record: FeedRecord, answer: str, number: int, at: datetime) -> FeedRecord:
    result: FetchResult
    if answer in ("503", "410"):
        return fail(record, at, status=int(answer))
    if answer in ("304", "301"):
        hops = (Redirect(301, MOVED),) if answer == "301" else ()
        return after_unchanged(record, NotModified(URL, Validators(), None, hops), at, EXACT)
    if answer == "same" and record.baseline:
        return after_unchanged(record, fetched(), at, EXACT)
    entries = () if answer == "empty" else (an_entry(number, at), an_entry("always"))
    document = a_document(*entries, known=record.fingerprints)
    result = fetched()
    return after_success(record, result, document, Decided(new=document.entries), at, EXACT, body_hash=b"")
