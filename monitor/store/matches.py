"""Matches, the digest windows that tell them, and a user's judgements."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from alerts.model import Message
from monitor.errors import StoreError
from monitor.model import Match, ProfileState
from monitor.store.outbox import OutboxTable
from monitor.store.rows import (
    ENTRY_COLUMNS,
    Row,
    moment,
    moment_or_none,
    score_to_json,
    stamp,
    stamp_or_none,
    times_from_json,
    times_to_json,
    to_match,
)

_ADD = """INSERT INTO matches (entry, profile, score, source, at, story, digest)
    SELECT number, ?, ?, ?, ?, ?, ? FROM entries WHERE id = ?
    ON CONFLICT (entry, profile) DO UPDATE SET score = excluded.score, source = excluded.source WHERE digest = ''"""
_FOUND = f"""SELECT m.profile, m.score, m.source, m.at, m.story, m.digest, {ENTRY_COLUMNS}
    FROM matches m JOIN entries e ON e.number = m.entry JOIN feeds f ON f.id = e.feed
    WHERE m.profile = ? AND m.at >= ? AND m.at < ? {{}} ORDER BY m.at, m.number LIMIT ?"""
_TIMES = "SELECT at FROM matches WHERE profile = ? AND at >= ? ORDER BY at"
_TELL = """UPDATE matches SET digest = ?, story = coalesce(?, story)
    WHERE profile = ? AND digest = '' AND entry = (SELECT number FROM entries WHERE id = ?)"""
_STATES = "SELECT profile, window_end, last_sent, instant_sent, fence FROM profiles"
_STATE = _STATES + " WHERE profile = ?"
_SAVE_STATE = """INSERT INTO profiles (profile, window_end, last_sent, instant_sent, fence) VALUES (?, ?, ?, ?, 1)
    ON CONFLICT (profile) DO UPDATE SET window_end = excluded.window_end, last_sent = excluded.last_sent,
    instant_sent = excluded.instant_sent, fence = fence + 1"""
_END_OF_TIME = 2**63 - 1


class MatchTable(OutboxTable):
    """What profiles found, and what was told of it."""

    def matches(
        self,
        profile: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        waiting: bool = False,
        limit: int = 100_000,
    ) -> Sequence[Match]:
        """Matches found in [since, until), oldest first; ``waiting``: only those no digest has told."""
        query = _FOUND.format("AND m.digest = ''" if waiting else "")
        start = stamp(since) if since else -_END_OF_TIME
        end = stamp(until) if until else _END_OF_TIME
        with self._read() as db:
            return [to_match(row) for row in db.execute(query, (profile, start, end, limit))]

    def match_times(self, profile: str, since: datetime) -> Sequence[datetime]:
        """When the matches since then were found, oldest first: a fraction of the work of reading them."""
        with self._read() as db:
            return [moment(at) for (at,) in db.execute(_TIMES, (profile, stamp(since)))]

    def profile_state(self, profile: str) -> ProfileState:
        """Where a profile's digests stand; a fresh state when it is new."""
        with self._read() as db:
            row = db.execute(_STATE, (profile,)).fetchone()
        return _to_state(row) if row else ProfileState(profile)

    def profile_states(self) -> Mapping[str, ProfileState]:
        """Where the digests of every profile stand that is not new."""
        with self._read() as db:
            return {row[0]: _to_state(row) for row in db.execute(_STATES)}

    def waiting_profiles(self) -> frozenset[str]:
        """The profiles with matches that no digest has told."""
        with self._read() as db:
            return frozenset(name for (name,) in db.execute("SELECT DISTINCT profile FROM matches WHERE digest = ''"))

    def close_window(
        self,
        state: ProfileState,
        entry_ids: Sequence[str],
        digest: str,
        messages: Sequence[Message],
        now: datetime,
        *,
        stories: Mapping[str, str] | None = None,
    ) -> bool:
        """End a window in one commit; False when somebody else has changed the profile's state since it was read."""
        with self._write() as db:
            row = db.execute(_STATE, (state.profile,)).fetchone()
            if (row[4] if row else 0) != state.fence:
                return False
            values = (
                stamp_or_none(state.window_end),
                stamp_or_none(state.last_sent),
                times_to_json(state.instant_sent),
            )
            db.execute(_SAVE_STATE, (state.profile, *values))
            story = (stories or {}).get
            db.executemany(_TELL, [(digest, story(entry_id), state.profile, entry_id) for entry_id in entry_ids])
            self._enqueue(db, messages, now)
            return True

    def _match(self, db: sqlite3.Connection, match: Match) -> None:
        values = (match.profile, score_to_json(match.score), match.source, stamp(match.at), match.story, match.digest)
        if db.execute(_ADD, (*values, match.entry.id)).rowcount:
            return
        if not db.execute("SELECT 1 FROM entries WHERE id = ?", (match.entry.id,)).fetchone():
            raise StoreError(f"{self._name}: a match of the unknown entry {match.entry.id} cannot be stored")

    def add_label(self, profile: str, entry_id: str, label: str, now: datetime) -> None:
        """Remember a user's judgement (``on`` or ``off``) of an entry for a profile; the newest counts."""
        query = """INSERT INTO labels (profile, entry, label, at) VALUES (?, ?, ?, ?)
            ON CONFLICT (profile, entry) DO UPDATE SET label = excluded.label, at = excluded.at"""
        with self._write() as db:
            db.execute(query, (profile, entry_id, label, stamp(now)))

    def labels(self, profile: str) -> Mapping[str, str]:
        """The user's judgements, by entry id."""
        with self._read() as db:
            return dict(db.execute("SELECT entry, label FROM labels WHERE profile = ? ORDER BY entry", (profile,)))


def _to_state(row: Row) -> ProfileState:
    profile, window_end, last_sent, instant_sent, fence = row
    return ProfileState(
        profile, moment_or_none(window_end), moment_or_none(last_sent), times_from_json(instant_sent), fence
    )
