"""Full-text search over every script.

An entry is known by its n-grams, an array under PostgreSQL's inverted index (GIN): trigrams, and pairs where a
character is beyond ASCII, so that words of scripts without blanks between them (Lao, Khmer, Thai, Japanese) are
found too, whatever the database's locale. A poll only notes which entries are to be indexed; ``index_text`` does it
later. Every hit is checked against the entry's own text.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from monitor.model import Entry
from monitor.store.postgres.server import Connection
from monitor.store.postgres.session import Session, arrays, table
from monitor.store.rows import ENTRY_COLUMNS, to_entry
from monitor.store.search import Query, best

_HIT = f"SELECT {ENTRY_COLUMNS} FROM entries e JOIN feeds f ON f.id = e.feed WHERE e.kept"
_FOUND = f"""{_HIT} AND e.number IN (
    SELECT entry FROM words WHERE grams @> %s::text[] UNION SELECT entry FROM unindexed) ORDER BY e.number DESC"""
_EVERYTHING = f"{_HIT} ORDER BY e.number DESC"
_TAKE = """DELETE FROM unindexed WHERE entry = ANY (ARRAY (SELECT entry FROM unindexed ORDER BY entry
    LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING entry"""
_TEXTS = "SELECT number, title, summary, content FROM entries WHERE number = ANY (%s) AND kept"
_FILL = f"""INSERT INTO words (entry, grams) SELECT entry, string_to_array(grams, chr(30))
    FROM {table("v", entry="bigint", grams="text")}
    ON CONFLICT (entry) DO UPDATE SET grams = excluded.grams"""
_SEPARATOR = "\x1e"
_PAGE = 200  # candidates that are fetched at a time
_GRAMS = 24  # n-grams of a query that are looked up; the check does the rest


def grams(text: str) -> set[str]:
    """The trigrams of folded ``text``, and its pairs that hold a character beyond ASCII."""
    folded = text.casefold().replace(_SEPARATOR, " ")
    found = {folded[at : at + 3] for at in range(len(folded) - 2)}
    if not folded.isascii():
        found.update(pair for at in range(len(folded) - 1) if not (pair := folded[at : at + 2]).isascii())
    return found


def wanted(query: Query) -> list[str]:
    """The n-grams that every hit of ``query`` has; none when it is too short for the index."""
    found = sorted({gram for needle in query.needles for gram in grams(needle)}, key=lambda gram: (-len(gram), gram))
    return found[:_GRAMS]


class SearchIndex(Session):
    """The full-text index of the entries."""

    def search(self, query: str, *, limit: int = 50) -> Sequence[Entry]:
        """Entries that hold every word and "quoted phrase" of ``query``, hits in the title first, then the newest."""
        parsed = Query.parse(query)
        if not parsed.needles:
            return []
        with self._write() as db:  # a cursor of the server lives in a transaction
            return best(parsed, self._candidates(db, wanted(parsed)), limit)

    def _candidates(self, db: Connection, grams: Sequence[str]) -> Iterator[Entry]:
        with db.cursor(f"search_{secrets.token_hex(4)}") as cursor:
            cursor.itersize = _PAGE
            cursor.execute(_FOUND if grams else _EVERYTHING, (list(grams),) if grams else ())
            yield from map(to_entry, cursor)

    def index_text(self, *, limit: int = 1_000) -> int:
        """Take up to ``limit`` entries into the index that it does not know yet; returns how many it took."""
        with self._write() as db:
            taken = [number for (number,) in db.execute(_TAKE, (limit,))]
            rows = [
                (number, _SEPARATOR.join(sorted(grams("\n".join(texts)))))
                for number, *texts in db.execute(_TEXTS, (taken,))
            ]
            if rows:
                db.execute(_FILL, arrays(rows))
            return len(taken)

    def _outdate(self, db: Connection, numbers: Sequence[int]) -> None:
        """Note entries whose texts are new; ``index_text`` takes them in."""
        if numbers:
            db.execute(
                "INSERT INTO unindexed (entry) SELECT DISTINCT unnest(%s::bigint[]) ON CONFLICT DO NOTHING",
                (list(numbers),),
            )
