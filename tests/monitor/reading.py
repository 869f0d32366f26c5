"""A reader in miniature: polls documents of one feed and remembers what a store would, for tests of ``decide``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from monitor.decide import decide, entry_keys
from monitor.model import Decided, Document, Entry, EntryKeys, Feed, FeedRecord, ParsedFeed, SeenEntry
from monitor.parse.documents import entry_of, parse_document
from monitor.parse.identity import fingerprint
from monitor.parse.raw import RawEntry

URL = "https://port.example/feed"
START = datetime(2025, 1, 22, 12, tzinfo=UTC)
LONG = "Passengers crossed the bay again on Sunday after nine weeks in which the ferry lay in dry dock."


def raw(number: int, **fields: str) -> RawEntry:
    """Article ``number`` of a well-kept feed; ``fields`` replace what it says."""
    return replace(
        RawEntry(
            id=f"urn:article:{number}",
            link=f"https://port.example/articles/{number}",
            title=f"{'first second third fourth fifth sixth seventh eighth ninth tenth'.split()[number % 10]} {number}",
            summary=f"{LONG} This was article {number}.",
            published="2025-01-20T06:00:00+00:00",
        ),
        **fields,
    )


def entries(raws: Iterable[RawEntry]) -> tuple[Entry, ...]:
    """Clean entries with their keys."""
    return tuple(entry_of(Document(URL, b""), each, fingerprint(each), None) for each in raws)


@dataclass
class Reader:
    """One feed's reader. ``baseline`` False: its next poll is the first."""

    baseline: bool = True
    now: datetime = START
    fingerprints: bytes = b""
    _owners: dict[bytes, str] = field(default_factory=dict)
    _entries: dict[str, SeenEntry] = field(default_factory=dict)

    def poll(self, raws: Iterable[RawEntry], *, backlog: int | None = None) -> Decided:
        """Poll a document with these entries."""
        found = entries(raws)
        return self._decide(ParsedFeed("", "", None, found, b"".join(each.fingerprint for each in found)), backlog)

    def poll_document(self, body: bytes) -> Decided:
        """Poll a document as it is served."""
        return self._decide(parse_document(Document(URL, body, known=self.fingerprints)), None)

    def _decide(self, parsed: ParsedFeed, backlog: int | None) -> Decided:
        self.now += timedelta(hours=1)
        record = FeedRecord(1, Feed(URL), URL, baseline=self.baseline)
        known = {key: self._entries[self._owners[key]] for key in entry_keys(parsed.entries) if key in self._owners}
        decided = decide(record, parsed, known, self.now, backlog=backlog)
        self.baseline, self.fingerprints = True, parsed.fingerprints
        for entry in (*decided.new, *decided.edited, *decided.baseline):
            self._remember(SeenEntry(entry.id, entry.keys, entry.title, entry.published))
        for touched in decided.touched:
            self._remember(
                replace(self._entries[touched.id], keys=_merged(self._entries[touched.id].keys, touched.keys))
            )
        return decided

    def owner(self, key: bytes) -> str:
        """The id of the entry that ``key`` stands for."""
        return self._owners[key]

    def _remember(self, entry: SeenEntry) -> None:
        """A key stays with the entry that it was first seen with, as in every store."""
        self._entries[entry.id] = entry
        for key in entry.keys.present():
            self._owners.setdefault(key, entry.id)


def _merged(known: EntryKeys, later: EntryKeys) -> EntryKeys:
    return EntryKeys(later.guid or known.guid, later.link or known.link, later.content or known.content)
