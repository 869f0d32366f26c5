"""The feeds and their leases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta

from monitor.lanes import slot_of, slots_of
from monitor.model import TROUBLED, Feed, FeedRecord, FeedState, Fleet
from monitor.store.feeds import clock_limits, moved_to
from monitor.store.postgres.schema import RECOUNT, WATCHED
from monitor.store.postgres.server import Connection
from monitor.store.postgres.session import Row, Session, again, arrays, table
from monitor.store.rows import (
    FEED_COLUMNS,
    moment_or_none,
    span,
    stamp,
    to_record,
)

_ACTIVE = f"{WATCHED} AND next_poll IS NOT NULL"
_FREE = "claimed_at <> %(now)s AND lease_until <= %(now)s"
# Evaluated once, so that no more rows are locked than the limit says; rows that another worker holds are passed over.
_CLAIM = f"""UPDATE feeds SET fence = fence + 1, lease_until = %(until)s, claimed_at = %(now)s
    WHERE id = ANY (ARRAY (SELECT id FROM feeds WHERE {_ACTIVE} AND {_FREE} {{}} LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED)) RETURNING {FEED_COLUMNS}"""
_DUE = "AND next_poll <= %(now)s "
_NAMED = "AND url = ANY (%(urls)s) AND (%(every)s OR next_poll <= %(now)s) "
_SHARD = "AND slot >= %(first)s AND slot < %(end)s "
# The first that is free, and the end of a lease on one that stands before it. In two queries, for the second is planned
# for the few rows before the first that is free: in one it would be planned for a third of all, and read all.
_FREE_FROM = "SELECT {due} FROM {name} WHERE {active} AND lease_until <= {due} ORDER BY {due} LIMIT 1"
_LEASED_UNTIL = "SELECT min(lease_until) FROM {name} WHERE {active} AND lease_until > {due} AND {due} < %s"
_POLLS = {"name": "feeds", "due": "next_poll", "active": _ACTIVE}
_ATTEMPTS = {"name": "outbox", "due": "next_attempt", "active": "next_attempt IS NOT NULL"}
_FOREVER = 2**63 - 1
# Leased ones too: whoever leased them may be dead, and only the one who takes up their shard next frees them.
_DUE_SLOTS = f"SELECT DISTINCT slot FROM feeds WHERE {_ACTIVE} AND next_poll <= %(now)s"
_CONFIGURED_ROWS = table(
    "v", url="text", config_title="text", lang="text", interval="bigint", enabled="boolean", position="bigint",
    slot="smallint",
)  # fmt: skip
_CONFIGURE = f"""INSERT INTO feeds
    (url, config_title, lang, interval, enabled, position, present, address, slot, state, next_poll)
    SELECT v.url, v.config_title, v.lang, v.interval, v.enabled, v.position, TRUE, v.url, v.slot, 'new', %s
    FROM {_CONFIGURED_ROWS} ORDER BY v.ord
    ON CONFLICT (url) DO UPDATE SET title = CASE WHEN feeds.title = feeds.config_title THEN '' ELSE feeds.title END,
    config_title = excluded.config_title, lang = excluded.lang, interval = excluded.interval,
    enabled = excluded.enabled, position = excluded.position, present = TRUE"""
_CONFIGURED = "SELECT url, config_title, lang, interval, enabled, position FROM feeds WHERE present ORDER BY position"
_TROUBLED = f"{WATCHED} AND state IN ({', '.join(repr(state.value) for state in TROUBLED)})"
_ILL = f"SELECT state, count(*) FROM feeds WHERE {_TROUBLED} GROUP BY state"
_WORST = f"""SELECT {FEED_COLUMNS} FROM feeds WHERE {_TROUBLED} ORDER BY CASE state
    {" ".join(f"WHEN '{state.value}' THEN {-rank}" for rank, state in enumerate(TROUBLED))} END, url LIMIT %s"""
_AHEAD = f"{_ACTIVE} AND next_poll > %(ahead)s AND (next_poll > %(latest)s OR last_poll > %(ahead)s)"
_BRING_BACK = f"UPDATE feeds SET next_poll = %(now)s WHERE {_AHEAD}"
_TRY_AGAIN = """UPDATE outbox SET next_attempt = %(now)s WHERE next_attempt > %(pause)s
    AND (next_attempt > %(latest)s OR created > %(ahead)s OR %(wrong)s)"""
# As a poll's commit locks them, so that neither waits for the other for ever.
_LOCK_IN_ORDER = f"""SELECT FROM feeds WHERE id IN (SELECT id FROM feeds WHERE url = ANY (%(urls)s)
    UNION ALL SELECT id FROM feeds WHERE {_AHEAD}) ORDER BY id FOR UPDATE"""
_SUCCESSORS = """SELECT url, address, memory FROM feeds
    WHERE NOT present AND (address <> url OR memory LIKE '%"redirect_to"%') ORDER BY url"""
_RENAME = """UPDATE feeds SET url = %(url)s, address = %(url)s, fence = fence + 1, lease_until = 0,
    state = CASE state WHEN 'moved' THEN 'ok' ELSE state END
    WHERE url = %(old)s AND NOT EXISTS (SELECT FROM feeds WHERE url = %(url)s)"""
_SYNCING = 0x4E657763  # the advisory lock of the one who takes over a configuration
_LISTED = f"SELECT {FEED_COLUMNS} FROM feeds WHERE present ORDER BY position"
_ALL = f"SELECT {FEED_COLUMNS} FROM feeds ORDER BY present DESC, position, id"


class FeedTable(Session):
    """What the store knows of feeds, and who polls them now."""

    @again
    def sync_feeds(self, feeds: Sequence[Feed], now: datetime) -> None:
        """Make the stored feeds equal to the configured ones: new ones are due at ``now``, missing ones rest.

        Polls and attempts that a clock planned that was ahead are due at ``now`` too. A new address that a feed which
        has left the config was led to is that feed.
        """
        wanted = {feed.url: _configured(feed, position) for position, feed in enumerate(feeds)}
        with self._write() as db:
            db.execute("SELECT pg_advisory_xact_lock(%s)", (_SYNCING,))
            stored = {row[0]: row[1:] for row in db.execute(_CONFIGURED)}
            changed = [(url, *values, slot_of(url)) for url, values in wanted.items() if stored.get(url) != values]
            gone = list(stored.keys() - wanted.keys())
            limits = clock_limits(now)
            db.execute(_LOCK_IN_ORDER, {**limits, "urls": [row[0] for row in changed] + gone})
            if gone:
                db.execute("UPDATE feeds SET present = FALSE WHERE url = ANY (%s)", (gone,))
            self._follow(db, wanted.keys() - stored.keys())
            if changed:
                db.execute(_CONFIGURE, (stamp(now), *arrays(changed)))
            if changed or gone:
                db.execute(RECOUNT)
            wrong = db.execute(_BRING_BACK, limits).rowcount > 0
            db.execute(_TRY_AGAIN, {**limits, "wrong": wrong})

    def _follow(self, db: Connection, added: Set[str]) -> None:
        """Give the record of a feed that has moved, and left the config, to the ``added`` address it was led to."""
        if added:
            for url, old in moved_to(db.execute(_SUCCESSORS).fetchall(), added):
                db.execute(_RENAME, {"url": url, "old": old})

    def claim_due(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        every: bool = False,
        urls: Sequence[str] = (),
        shard: tuple[int, int] | None = None,
    ) -> Sequence[FeedRecord]:
        """Lease up to ``limit`` feeds that are due, longest due first, each under a new fence."""
        asked = {"now": stamp(now), "until": stamp(now + lease), "limit": limit, "every": every, "urls": list(urls)}
        where = _NAMED if urls else "" if every else _DUE
        if shard is not None:
            asked |= dict(zip(("first", "end"), slots_of(*shard), strict=True))
            where += _SHARD
        with self._write() as db:
            rows = db.execute(_CLAIM.format(where + "ORDER BY next_poll"), asked).fetchall()
        records = [to_record(row) for row in rows]
        return sorted(records, key=lambda record: (record.next_poll or now, record.id))

    def due_slots(self, now: datetime) -> frozenset[int]:
        """The slots (see ``monitor.lanes``) with feeds that are due, whether or not somebody is at them."""
        return frozenset(slot for (slot,) in self._all(_DUE_SLOTS, {"now": stamp(now)}))

    def next_due(self) -> datetime | None:
        """The earliest moment at which a feed is to be polled or a delivery to be tried; None when there is neither.

        What is leased is not to be done before its lease ends.
        """
        due = [at for what in (_POLLS, _ATTEMPTS) for at in self._next(what) if at is not None]
        return moment_or_none(min(due, default=None))

    def _next(self, what: Mapping[str, str]) -> tuple[int | None, int | None]:
        free = self._all(_FREE_FROM.format(**what))
        first: int | None = free[0][0] if free else None
        leased: int | None = self._all(_LEASED_UNTIL.format(**what), (_FOREVER if first is None else first,))[0][0]
        return first, leased

    @again
    def release_claims(self) -> None:
        """End every lease of feeds and deliveries at once."""
        with self._write() as db:
            db.execute("UPDATE feeds SET lease_until = 0 WHERE lease_until > 0")
            db.execute("UPDATE outbox SET lease_until = 0 WHERE lease_until > 0")

    @again
    def release_shard(self, shard: tuple[int, int], now: datetime) -> int:
        """End the leases of a shard's due feeds, for the one who holds the shard; returns how many there were."""
        query = f"""WITH leased AS (SELECT id FROM feeds WHERE {_ACTIVE} AND next_poll <= %s
            AND slot >= %s AND slot < %s AND lease_until > 0 ORDER BY id FOR UPDATE)
            UPDATE feeds f SET lease_until = 0 FROM leased WHERE f.id = leased.id"""
        with self._write() as db:
            return db.execute(query, (stamp(now), *slots_of(*shard))).rowcount

    def feeds(self, *, include_removed: bool = False) -> Sequence[FeedRecord]:
        """All configured feeds in the order of the config, then the removed ones when asked for."""
        return [to_record(row) for row in self._all(_ALL if include_removed else _LISTED)]

    def fleet(self, *, worst: int = 0) -> Fleet:
        """How the watched feeds do, with up to ``worst`` of those in trouble: their number is kept as a fact."""
        with self._read() as db:
            watched = db.execute("SELECT value FROM facts WHERE name = 'watched'").fetchone()
            ill = dict(db.execute(_ILL).fetchall())
            rows = db.execute(_WORST, (worst,)).fetchall() if ill and worst else []
            return Fleet(watched[0] if watched else 0, ill, tuple(map(to_record, rows)))

    def set_paused(self, url: str, paused: bool) -> bool:
        """Pause or resume a feed; a retired one becomes due again when it is resumed. False when it is not known."""
        resumed = "UPDATE feeds SET next_poll = last_poll, state = %s WHERE url = %s AND next_poll IS NULL"
        with self._write() as db:
            if not paused:
                db.execute(resumed, (FeedState.DEGRADED.value, url))
            known = db.execute("UPDATE feeds SET paused = %s WHERE url = %s", (paused, url)).rowcount == 1
            db.execute(RECOUNT)
            return known

    def entry_counts(self) -> Mapping[str, int]:
        """Stored entries by the URL of every configured feed."""
        return dict(self._all("SELECT url, entries FROM feeds WHERE present ORDER BY position"))


def _configured(feed: Feed, position: int) -> Row:
    return (feed.title, feed.lang, span(feed.interval), feed.enabled, position)
