"""Matches, the digest windows that tell them, and a user's judgements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from alerts.model import Message
from monitor.errors import StoreError
from monitor.model import Match, PollOutcome, ProfileState
from monitor.store.postgres.outbox import OutboxTable
from monitor.store.postgres.server import Connection
from monitor.store.postgres.session import Row, arrays, table
from monitor.store.rows import (
    ENTRY_COLUMNS,
    moment,
    moment_or_none,
    score_to_json,
    stamp,
    stamp_or_none,
    times_from_json,
    times_to_json,
    to_match,
)

_GIVEN = table(
    "v", id="text", profile="text", score="text", source="text", at="bigint", story="text", digest="text"
)  # fmt: skip
_ADD = f"""INSERT INTO matches (entry, profile, score, source, at, story, digest)
    SELECT e.number, v.profile, v.score, v.source, v.at, v.story, v.digest
    FROM {_GIVEN} JOIN entries e ON e.id = v.id ORDER BY v.ord ON CONFLICT (entry, profile)
    DO UPDATE SET score = excluded.score, source = excluded.source WHERE matches.digest = ''"""
_UNKNOWN = """SELECT id FROM unnest(%s::text[]) AS v (id)
    WHERE NOT EXISTS (SELECT FROM entries e WHERE e.id = v.id) LIMIT 1"""
_FOUND = f"""SELECT m.profile, m.score, m.source, m.at, m.story, m.digest, {ENTRY_COLUMNS}
    FROM matches m JOIN entries e ON e.number = m.entry JOIN feeds f ON f.id = e.feed
    WHERE m.profile = %s AND m.at >= %s AND m.at < %s {{}} ORDER BY m.at, m.number LIMIT %s"""
_TIMES = "SELECT at FROM matches WHERE profile = %s AND at >= %s ORDER BY at"
_TELL = f"""UPDATE matches m SET digest = %s, story = coalesce(v.story, m.story)
    FROM {table("v", id="text", story="text")} JOIN entries e ON e.id = v.id
    WHERE m.profile = %s AND m.digest = '' AND m.entry = e.number"""
# From one profile to the next in the index: however many matches wait, each profile is looked at once.
_WAITING = """WITH RECURSIVE names AS (
        (SELECT profile FROM matches WHERE digest = '' ORDER BY profile LIMIT 1)
        UNION ALL
        SELECT (SELECT m.profile FROM matches m WHERE m.digest = '' AND m.profile > names.profile
            ORDER BY m.profile LIMIT 1) FROM names WHERE profile IS NOT NULL
    )
    SELECT profile FROM names WHERE profile IS NOT NULL"""
_STATES = "SELECT profile, window_end, last_sent, instant_sent, fence FROM profiles"
_OPEN = """INSERT INTO profiles (profile, window_end, last_sent, instant_sent, fence) VALUES (%s, %s, %s, %s, 1)
    ON CONFLICT (profile) DO NOTHING"""
_ADVANCE = """UPDATE profiles SET window_end = %s, last_sent = %s, instant_sent = %s, fence = fence + 1
    WHERE profile = %s AND fence = %s"""
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
        return [to_match(row) for row in self._all(query, (profile, start, end, limit))]

    def match_times(self, profile: str, since: datetime) -> Sequence[datetime]:
        """When the matches since then were found, oldest first: a fraction of the work of reading them."""
        return [moment(at) for (at,) in self._all(_TIMES, (profile, stamp(since)))]

    def waiting_profiles(self) -> frozenset[str]:
        """The profiles with matches that no digest has told."""
        return frozenset(name for (name,) in self._all(_WAITING))

    def profile_state(self, profile: str) -> ProfileState:
        """Where a profile's digests stand; a fresh state when it is new."""
        rows = self._all(_STATES + " WHERE profile = %s", (profile,))
        return _to_state(rows[0]) if rows else ProfileState(profile)

    def profile_states(self) -> Mapping[str, ProfileState]:
        """Where the digests of every profile stand that is not new."""
        return {row[0]: _to_state(row) for row in self._all(_STATES)}

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
        values = (stamp_or_none(state.window_end), stamp_or_none(state.last_sent), times_to_json(state.instant_sent))
        with self._write() as db:
            if state.fence:
                taken = db.execute(_ADVANCE, (*values, state.profile, state.fence)).rowcount
            else:
                taken = db.execute(_OPEN, (state.profile, *values)).rowcount
            if not taken:
                return False
            if entry_ids:
                story = (stories or {}).get
                told = arrays([(entry_id, story(entry_id)) for entry_id in entry_ids])
                db.execute(_TELL, (digest, *told, state.profile))
            self._enqueue(db, messages, now)
            return True

    def _match(self, db: Connection, outcomes: Sequence[PollOutcome]) -> None:
        found = {(match.entry.id, match.profile): match for outcome in outcomes for match in outcome.matches}
        rows = list(map(_to_row, found.values()))
        if not rows or db.execute(_ADD, arrays(rows)).rowcount == len(rows):
            return
        unknown = db.execute(_UNKNOWN, ([row[0] for row in rows],)).fetchone()
        if unknown:
            raise StoreError(f"{self._name}: a match of the unknown entry {unknown[0]} cannot be stored")

    def add_label(self, profile: str, entry_id: str, label: str, now: datetime) -> None:
        """Remember a user's judgement (``on`` or ``off``) of an entry for a profile; the newest counts."""
        query = """INSERT INTO labels (profile, entry, label, at) VALUES (%s, %s, %s, %s)
            ON CONFLICT (profile, entry) DO UPDATE SET label = excluded.label, at = excluded.at"""
        with self._write() as db:
            db.execute(query, (profile, entry_id, label, stamp(now)))

    def labels(self, profile: str) -> Mapping[str, str]:
        """The user's judgements, by entry id."""
        return dict(self._all("SELECT entry, label FROM labels WHERE profile = %s ORDER BY entry", (profile,)))


def _to_row(match: Match) -> Row:
    score = score_to_json(match.score)
    return (match.entry.id, match.profile, score, match.source, stamp(match.at), match.story, match.digest)


def _to_state(row: Row) -> ProfileState:
    profile, window_end, last_sent, instant_sent, fence = row
    return ProfileState(
        profile, moment_or_none(window_end), moment_or_none(last_sent), times_from_json(instant_sent), fence
    )
