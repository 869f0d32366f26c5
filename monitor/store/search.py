"""Full-text search over every script.

The index knows trigrams, so it also finds words in scripts that write without blanks (Lao, Khmer, Thai, Japanese).
It is dear to fill (0.3 ms an entry), so a poll leaves that for later: ``index_text`` takes entries in batches, and a
search reads the newest ones that are not indexed yet as they are. Every hit is checked against the entry's own text.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from monitor.model import Entry
from monitor.store.rows import ENTRY_COLUMNS, Row, to_entry
from monitor.store.session import Session, fact, set_fact

_HIT = f"SELECT {ENTRY_COLUMNS} FROM entries e JOIN feeds f ON f.id = e.feed WHERE e.kept = 1 AND "
_INDEXED = (
    f"SELECT {ENTRY_COLUMNS} FROM words w JOIN entries e ON e.number = w.rowid JOIN feeds f ON f.id = e.feed "
    "WHERE words MATCH ? AND e.kept = 1 ORDER BY w.rowid DESC"
)
_EDITED = _HIT + "e.number IN (SELECT entry FROM unindexed) ORDER BY e.number DESC"
_TAIL = _HIT + "e.number > ? ORDER BY e.number DESC"
_FILL = "INSERT INTO words (rowid, title, summary, content) SELECT number, title, summary, content FROM entries WHERE "
_UNFILL = (
    "INSERT INTO words (words, rowid, title, summary, content) "
    "SELECT 'delete', number, title, summary, content FROM entries WHERE "
)
_EDITED_BATCH = "SELECT entry FROM unindexed ORDER BY entry LIMIT ?"
_NEVER = datetime.min.replace(tzinfo=UTC)
_MOST_HITS = 1_000  # newest hits that are weighed against each other
_BATCH = 100
_GRAMS = 24  # trigrams of a query that are looked up; the check does the rest


class Query(NamedTuple):
    """What a search asks for: folded words and quoted phrases, all of which must occur."""

    needles: tuple[str, ...]
    grams: str  # the query in the index's language, "" when the index cannot help

    @classmethod
    def parse(cls, text: str) -> Query:
        """Read what a user typed: words, and phrases in double quotes."""
        found = (phrase or word for phrase, word in re.findall(r'"([^"]*)"|([^\s"]+)', text))
        parts = [" ".join(part.split()) for part in found if part.strip()]
        grams = dict.fromkeys(gram for part in parts for gram in _grams(part.lower()))
        quoted = ['"' + gram.replace('"', '""') + '"' for gram in grams]
        return cls(tuple(dict.fromkeys(part.casefold() for part in parts)), " AND ".join(quoted[:_GRAMS]))

    def rank(self, entry: Entry) -> int:
        """0: not found; 2: every needle stands in the title; 1: otherwise."""
        title = entry.title.casefold()
        missing = [needle for needle in self.needles if needle not in title]
        if not missing:
            return 2
        text = f"{entry.summary}\n{entry.content}".casefold()
        return int(all(needle in text for needle in missing))


def _grams(text: str) -> Iterator[str]:
    """The trigrams of ``text`` that the index folds as Python does: not those with ß or a final sigma."""
    grams = (text[at : at + 3] for at in range(len(text) - 2))
    return (gram for gram in grams if gram == gram.casefold())


def best(query: Query, entries: Iterator[Entry], limit: int) -> list[Entry]:
    """The best ``limit`` hits among ``entries``, roughly newest first: hits in the title before others."""
    ranked: tuple[list[Entry], list[Entry], list[Entry]] = ([], [], [])
    for entry in entries:
        ranked[query.rank(entry)].append(entry)
        ranked[0].clear()
        if len(ranked[2]) >= limit or len(ranked[1]) + len(ranked[2]) >= _MOST_HITS:
            break
    for hits in ranked:
        hits.sort(key=lambda entry: entry.found or _NEVER, reverse=True)
    return (ranked[2] + ranked[1])[:limit]


class SearchIndex(Session):
    """The full-text index of the entries."""

    def search(self, query: str, *, limit: int = 50) -> Sequence[Entry]:
        """Entries that hold every word and "quoted phrase" of ``query``, hits in the title first, then the newest."""
        parsed = Query.parse(query)
        if not parsed.needles:
            return []
        with self._read() as db:
            return best(parsed, (to_entry(row) for row in self._candidates(db, parsed)), limit)

    def _candidates(self, db: sqlite3.Connection, query: Query) -> Iterator[Row]:
        if not query.grams:
            yield from db.execute(_TAIL, (0,))
            return
        yield from db.execute(_TAIL, (fact(db, "indexed"),))
        yield from db.execute(_EDITED)
        yield from db.execute(_INDEXED, (query.grams,))

    def index_text(self, *, limit: int = 1_000) -> int:
        """Take up to ``limit`` entries into the index that it does not know yet; returns how many it took."""
        with self._write() as db:
            again = db.execute(_FILL + f"kept = 1 AND number IN ({_EDITED_BATCH})", (limit,)).rowcount
            db.execute(f"DELETE FROM unindexed WHERE entry IN ({_EDITED_BATCH})", (limit,))
            start = fact(db, "indexed")
            end = self._batch_end(db, start, limit - again)
            if end > start:
                db.execute(_FILL + "kept = 1 AND number > ? AND number <= ?", (start, end))
                set_fact(db, "indexed", end)
            return again + end - start

    def _batch_end(self, db: sqlite3.Connection, start: int, limit: int) -> int:
        query = "SELECT max(number) FROM (SELECT number FROM entries WHERE number > ? ORDER BY number LIMIT ?)"
        end = db.execute(query, (start, limit)).fetchone()[0] if limit > 0 else None
        return end or start

    def _outdate(self, db: sqlite3.Connection, numbers: Sequence[int]) -> None:
        """Take entries out of the index before their texts change; ``index_text`` takes them in again."""
        indexed = fact(db, "indexed")
        query = "INSERT INTO unindexed (entry) VALUES (?) ON CONFLICT DO NOTHING"
        first = [number for number in numbers if number <= indexed and db.execute(query, (number,)).rowcount]
        for start in range(0, len(first), _BATCH):
            batch = first[start : start + _BATCH]
            db.execute(_UNFILL + f"number IN ({','.join('?' * len(batch))})", batch)
