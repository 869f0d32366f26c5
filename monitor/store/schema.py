"""The tables, and the steps from one version of them to the next.

The version is SQLite's ``user_version``: 0 is an empty file, n means that the first n steps of ``MIGRATIONS`` are done.
Times are whole microseconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence

APPLICATION_ID = 0x4E657762  # "Newb": tells a Newsbell database from any other SQLite file

_FEEDS = """
CREATE TABLE feeds (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL,          -- in the config
    present INTEGER NOT NULL,           -- the config names it
    enabled INTEGER NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    config_title TEXT NOT NULL,
    lang TEXT,
    interval INTEGER,
    address TEXT NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    etag TEXT,
    last_modified TEXT,
    body_hash BLOB NOT NULL DEFAULT x'',
    fingerprints BLOB NOT NULL DEFAULT x'',
    last_poll INTEGER,
    last_ok INTEGER,
    last_new INTEGER,
    last_status INTEGER,
    next_poll INTEGER,                  -- NULL: retired
    failures INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    baseline INTEGER NOT NULL DEFAULT 0,
    memory TEXT NOT NULL DEFAULT '{}',
    fence INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    lease_of INTEGER NOT NULL DEFAULT 0, -- a lease counts while this is the fact 'generation'
    claimed_at INTEGER NOT NULL DEFAULT -9223372036854775808,
    entries INTEGER NOT NULL DEFAULT 0, -- kept ones
    keys INTEGER NOT NULL DEFAULT 0     -- in ``seen``
);
CREATE INDEX feeds_due ON feeds (next_poll)
    WHERE present = 1 AND enabled = 1 AND paused = 0 AND next_poll IS NOT NULL;
CREATE INDEX feeds_claimed ON feeds (claimed_at)
    WHERE present = 1 AND enabled = 1 AND paused = 0 AND next_poll IS NOT NULL;
CREATE INDEX feeds_position ON feeds (position) WHERE present = 1;
CREATE INDEX feeds_full ON feeds (id) WHERE keys > 3000;
"""

_ENTRIES = """
CREATE TABLE entries (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    feed INTEGER NOT NULL REFERENCES feeds (id),
    guid BLOB NOT NULL,
    link_key BLOB NOT NULL,
    content_key BLOB NOT NULL,
    kept INTEGER NOT NULL DEFAULT 1,    -- 0: forgotten but for its keys and title
    found INTEGER NOT NULL,
    published INTEGER,
    updated INTEGER,
    lang TEXT,
    fingerprint BLOB NOT NULL,
    title TEXT NOT NULL,
    link TEXT NOT NULL,
    author TEXT NOT NULL,
    source TEXT NOT NULL,
    summary TEXT NOT NULL,
    content TEXT NOT NULL
);
CREATE INDEX entries_found ON entries (found) WHERE kept = 1;
CREATE TABLE seen (
    feed INTEGER NOT NULL,
    key BLOB NOT NULL,
    entry INTEGER NOT NULL,
    met INTEGER NOT NULL,
    PRIMARY KEY (feed, key)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
    title, summary, content, content = 'entries', content_rowid = 'number', tokenize = 'trigram', detail = none
);
CREATE TABLE unindexed (entry INTEGER PRIMARY KEY);  -- edited since the index met them
"""

_MATCHES = """
CREATE TABLE matches (
    number INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL REFERENCES entries (number),
    profile TEXT NOT NULL,
    score TEXT NOT NULL,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    story TEXT NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (entry, profile)
);
CREATE INDEX matches_at ON matches (profile, at);
CREATE INDEX matches_waiting ON matches (profile, at) WHERE digest = '';
CREATE TABLE profiles (
    profile TEXT PRIMARY KEY,
    window_end INTEGER,
    last_sent INTEGER,
    instant_sent TEXT NOT NULL,
    fence INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE labels (
    profile TEXT NOT NULL,
    entry TEXT NOT NULL,
    label TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (profile, entry)
) WITHOUT ROWID;
"""

_OUTBOX = """
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    profile TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    created INTEGER NOT NULL,
    next_attempt INTEGER,
    fence INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    lease_of INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    mark TEXT NOT NULL DEFAULT '',
    content_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_attempt) WHERE next_attempt IS NOT NULL;
CREATE INDEX outbox_state ON outbox (state, created, number);
CREATE INDEX outbox_created ON outbox (created, number);
CREATE INDEX outbox_gone ON outbox (channel, recipient) WHERE mark = 'gone';
"""

_UPKEEP = """
CREATE TABLE reports (number INTEGER PRIMARY KEY, report TEXT NOT NULL);
CREATE TABLE notices (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX notices_untold ON notices (number) WHERE told = 0;
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""

MIGRATIONS: Sequence[str] = (_FEEDS + _ENTRIES + _MATCHES + _OUTBOX + _UPKEEP,)
"""Each step is SQL that takes the tables from version n to n + 1; a step that was released is never changed."""
