"""The second half of a pass: close the windows that are due and put their messages into the outbox."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alerts.model import Digest
from monitor.cycle.compose import Composed, compose_each, note_uncomposed
from monitor.cycle.notices import OvertakenError, take_notices
from monitor.cycle.tools import Tools, Watch
from monitor.digest import ACTIVITY_DAYS, NAMED_FEEDS, activity, build_digest, feed_health
from monitor.errors import StoreError
from monitor.model import Match, ProfileState
from monitor.notices import concerns, ill_feeds
from monitor.schedule import Window, due_window, instant_due, opens

if TYPE_CHECKING:
    from monitor.stories import Threads

_HOUR = timedelta(hours=1)
_HELD = "held"  # what is made of a window with nothing but repeats
PREVIEWED = 10_000  # stories of a preview: whoever asks wants to see them all

log = logging.getLogger(__name__)


def close_due_windows(tools: Tools, *, backlog: bool = False, problems: list[str] | None = None) -> int:
    """Build and enqueue every digest that is due now; returns how many. ``problems`` takes up what went wrong.

    ``backlog``: a profile's first pass makes its digest due at once. One profile's failure leaves the others alone:
    its matches keep waiting.
    """
    count, now, wrong = 0, tools.clock.now(), problems if problems is not None else []
    states, waiting = tools.store.profile_states(), tools.store.waiting_profiles()
    for watch in tools.watches:
        state, waits = states.get(watch.name, ProfileState(watch.name)), watch.name in waiting
        if watch.is_due(state, now, waits=waits, backlog=backlog):
            count += close_due_window(tools, watch, wrong, backlog=backlog)
    return count


def close_due_window(tools: Tools, watch: Watch, problems: list[str], *, backlog: bool = False) -> int:
    """Build and enqueue the digest of one profile if it is due now; returns how many that makes. As above, for one."""
    try:
        return _close(tools, watch, problems, backlog=backlog)
    except StoreError:
        raise
    except Exception as error:
        log.exception("the digest of %s could not be made; its matches keep waiting", watch.name)
        problems.append(f"the digest of {watch.name} could not be made; its matches keep waiting: {error}")
        return 0


def preview(tools: Tools, watch: Watch, since: datetime) -> Digest:
    """Everything that matched since then, told or not, without the limit of a mail; changes nothing."""
    everything = replace(watch, layout=replace(watch.layout, max_items=PREVIEWED))
    threads = _anew(tools, watch, tools.store.matches(watch.name, since=since))
    return _digest(tools, everything, threads, Window(since, tools.clock.now()), "digest")


def send_now(tools: Tools, watch: Watch, since: datetime) -> list[str]:
    """Enqueue the digest of everything that matched since then, told or not, whatever the schedule says.

    What waited counts as told, so that no later digest tells it again. Returns what went wrong, one line each.
    """
    store, now = tools.store, tools.clock.now()
    state, matches = store.profile_state(watch.name), store.matches(watch.name, since=since)
    threads = _anew(tools, watch, matches)
    composed = compose_each(tools, _digest(tools, watch, threads, Window(since, now), "digest"), watch.channels)
    if composed.messages:
        waiting = [match.entry.id for match in matches if not match.digest]
        name, stories = f"{watch.name}@{now.isoformat()} by hand", threads.ids()
        told = {entry: stories[entry] for entry in waiting if entry in stories}
        after = replace(state, last_sent=now)
        if not store.close_window(after, waiting, name, composed.messages, now, stories=told):
            return send_now(tools, watch, since)  # another worker has told something meanwhile
    note_uncomposed(tools, watch.name, composed)
    return composed.problems(watch.name)


def _anew(tools: Tools, watch: Watch, matches: Sequence[Match]) -> Threads:
    """The stories of ``matches`` as if nothing had been told yet."""
    from monitor.stories import single, thread

    untold = [replace(match, digest="", story="") for match in matches]
    return thread(untold, [], tools.clock.now()) if watch.stories else single(untold)


def _close(tools: Tools, watch: Watch, problems: list[str], *, backlog: bool) -> int:
    store, now = tools.store, tools.clock.now()
    state = store.profile_state(watch.name)
    waiting = store.matches(watch.name, waiting=True)
    window = due_window(watch.clock, state, now, found_something=bool(waiting), first_backlog=backlog)
    if window is not None:
        return _tell(tools, watch, state, waiting, window, problems)
    if opens(state, now):
        store.close_window(replace(state, window_end=now), (), "", (), now)
        return 0
    urgent = [match for match in waiting if match.score.instant]
    if urgent and instant_due(watch.clock, state, now):
        return _tell_at_once(tools, watch, state, urgent, problems)
    return 0


def _tell(
    tools: Tools, watch: Watch, state: ProfileState, waiting: Sequence[Match], window: Window, problems: list[str]
) -> int:
    """End ``window``: with a digest when there is enough to tell, else silently; what is untold keeps waiting."""
    now = tools.clock.now()
    after = replace(state, window_end=window.end)
    if len(waiting) < watch.min_items and not watch.send_empty:
        tools.store.close_window(after, (), "", (), now)
        return 0
    start = min((window.start, *(match.at for match in waiting)))  # some have waited for more to come
    return _enqueue(tools, watch, after, waiting, Window(start, window.end), "digest", problems)


def _tell_at_once(tools: Tools, watch: Watch, state: ProfileState, urgent: Sequence[Match], problems: list[str]) -> int:
    window = Window(min(match.at for match in urgent), tools.clock.now())
    return _enqueue(tools, watch, state, urgent, window, "instant", problems)


def _after_sending(state: ProfileState, kind: str, now: datetime) -> ProfileState:
    if kind == "digest":
        return replace(state, last_sent=now)
    recent = tuple(sent for sent in state.instant_sent if now - sent < _HOUR)
    return replace(state, instant_sent=(*recent, now))


def _enqueue(
    tools: Tools,
    watch: Watch,
    state: ProfileState,
    matches: Sequence[Match],
    window: Window,
    kind: str,
    problems: list[str],
) -> int:
    """Render for every channel and commit: window, matches and messages together. Returns 1 when something is sent.

    Where nothing could be composed for any channel, the matches keep waiting.
    """
    store, now = tools.store, tools.clock.now()
    past = _past(tools, watch)
    threads = _threads(tools, watch, matches, past)
    notices = [each for each in store.notices() if kind == "digest" and concerns(each[0], watch.name)]
    silent = not threads.stories and not notices and not watch.send_empty
    if silent:
        composed = Composed()  # nothing but repeats of what the reader has: the next digest lists them
    else:
        if kind == "digest":
            threads = replace(threads, held=(*_held_silently(past, state.last_sent), *threads.held))
        digest = _digest(tools, watch, threads, window, kind, dict(notices))
        composed = compose_each(tools, digest, watch.channels)
    messages = composed.messages
    after = _after_sending(state, kind, now) if messages else state
    if composed.failed and not messages:
        note_uncomposed(tools, watch.name, composed)
        problems += composed.problems(watch.name)
        return 0
    told = [match.entry.id for match in matches]
    name = _name(watch, window.end, _HELD if silent else kind)
    try:
        with store.transaction():
            if not store.close_window(after, told, name, messages, now, stories=threads.ids()):
                return 0  # another worker has told it meanwhile
            if messages:
                take_notices(tools, [key for key, _ in notices])
            note_uncomposed(tools, watch.name, composed)
    except OvertakenError:
        return _enqueue(tools, watch, state, matches, window, kind, problems)  # without what another digest has told
    problems += composed.problems(watch.name)
    return int(bool(messages))


def _past(tools: Tools, watch: Watch) -> Sequence[Match]:
    """What was told lately, where it matters."""
    if not watch.stories:
        return ()
    from monitor.stories import MEMORY

    recent = tools.store.matches(watch.name, since=tools.clock.now() - MEMORY)
    return [match for match in recent if match.digest]


def _threads(tools: Tools, watch: Watch, matches: Sequence[Match], past: Sequence[Match]) -> Threads:
    from monitor.stories import single, thread

    return thread(matches, past, tools.clock.now()) if watch.stories else single(matches)


def _name(watch: Watch, end: datetime, kind: str) -> str:
    """What names a window's end, and what was made of it."""
    return f"{watch.name}@{end.isoformat()}{'' if kind == 'digest' else ' ' + kind}"


def _held_silently(past: Iterable[Match], last_sent: datetime | None) -> list[Match]:
    """The repeats in windows that brought nothing else, which ended after the last digest: no reader has seen them."""
    held = [match for match in past if match.digest.endswith(f" {_HELD}")]
    ends = [datetime.fromisoformat(match.digest.rpartition("@")[2].removesuffix(f" {_HELD}")) for match in held]
    return [match for match, end in zip(held, ends, strict=True) if last_sent is None or end > last_sent]


def _digest(
    tools: Tools, watch: Watch, threads: Threads, window: Window, kind: str, notices: Mapping[str, str] | None = None
) -> Digest:
    """``notices``: texts by key."""
    store, now = tools.store, tools.clock.now()
    recent = store.match_times(watch.name, now - timedelta(days=ACTIVITY_DAYS))
    return build_digest(
        watch.layout,
        threads,
        window.start,
        window.end,
        kind=kind,
        health=feed_health(
            store.fleet(worst=NAMED_FEEDS), store.count_entries(window.start, window.end), ill_feeds(notices or ())
        ),
        notices=tuple((notices or {}).values()),
        activity=activity(recent, now, watch.layout.timezone),
    )
