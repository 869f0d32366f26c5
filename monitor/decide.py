"""What is new in a document? Pure: entries, what was seen before, and ``now`` in; new, edited and baseline out.

An entry is known by id (guid), link and content together, in this order of proof:

1. The same content was seen: it is known, whatever its id and link are now. But for a later article with the words of
   an earlier one, as ministries announce their press conferences: its id and link are both new, and so is its date.
2. Id and link lead to the same known entry, or one does and the other is missing on one side: known, and edited.
3. One leads to a known entry and the other contradicts it: the titles decide. Alike means edited in place, unlike
   means another article under a reused id or link. When in doubt it is new: better told twice than missed.
4. Neither leads anywhere, there is no id, and the link has parameters that name no article: where nearly all links of
   the document are new, but its pages and titles are not, the parameters identify nothing, and the same page and title
   is the same entry.

Before all that: an id or link that different entries of one document share identifies nothing there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from hashlib import blake2b
from typing import Final

from alerts.record import replace
from monitor.model import FINGERPRINT_BYTES, PAGE, Decided, Entry, EntryKeys, FeedRecord, ParsedFeed, SeenEntry

ALIKE: Final = 0.6  # ratio of two titles from which on they are taken for one title, edited
_COMPARED: Final = 200  # characters of a title
_ID_BYTES: Final = 8
_KIND_AT: Final = 8  # in a fingerprint: the kind of the guid
_UNDATED: Final = datetime.min.replace(tzinfo=UTC)
_REPAIRED: Final = timedelta(days=1)  # no site is under repair for so long
_YOUNG: Final = 3  # entries: a feed that was repaired shows more


def decide(
    record: FeedRecord,
    parsed: ParsedFeed,
    seen: Mapping[bytes, SeenEntry],
    now: datetime,
    *,
    backlog: int | None = None,
) -> Decided:
    """Sort the entries of ``parsed`` by what ``seen`` knows of their keys.

    On a feed's first poll that shows entries everything becomes its baseline, but for the newest ``backlog`` entries,
    which count as new, and what was published since the feed was first polled. ``touched`` names known entries that
    turned up under keys which are to be remembered as theirs.
    """
    entries: Sequence[Entry] = parsed.entries
    repeated: Sequence[tuple[Entry, Entry]] = ()
    if not _all_differ(entries):
        entries, repeated = _without_repetitions(_distinguishing(entries))
    fresh: list[Entry] = []
    edited: dict[str, Entry] = {}
    touched: list[SeenEntry] = []
    found: list[tuple[EntryKeys, str]] = []
    moved, turning = _has_moved(parsed, seen), _queries_turn(parsed, entries, seen)
    for entry in entries:
        known = _known_as(entry, seen) if seen else None
        if known and not moved and _comes_again(entry, known, seen):
            known = None
        if known is None and turning:
            known = None if entry.keys.own_id else seen.get(entry.keys.guid)
        if known is None or (known.id in edited and entry.keys.content not in seen):
            entry_id = _entry_id(record.feed.url, entry.keys)
            found.append((entry.keys, entry_id))
            fresh.append(_stamped(entry, entry_id, now))
            continue
        found.append((entry.keys, known.id))
        if _changed(entry, known, seen):
            edited[known.id] = _stamped(entry, known.id, now)
        elif _loosely_held(entry.keys, seen):
            touched.append(SeenEntry(known.id, entry.keys, entry.title))
    ids = dict(found) if repeated else {}
    touched += [SeenEntry(ids[original.keys], twin.keys, twin.title) for twin, original in repeated]
    new, baseline = (fresh, []) if record.baseline else _split(fresh, backlog or 0, record.memory.empty_since, now)
    return Decided(tuple(new), tuple(edited.values()), tuple(baseline), tuple(touched))


def entry_keys(entries: Iterable[Entry]) -> set[bytes]:
    """Every key of ``entries``: what to ask the store about before ``decide``."""
    return {key for entry in entries for key in entry.keys.present()}


# ------------------------------------------------------------------------------------ within one document


def _all_differ(entries: Iterable[Entry]) -> bool:
    """Whether no two of ``entries`` share a key, as is usual: then each identifies what it belongs to."""
    keys = [key for entry in entries for key in entry.keys.present()]
    return len(set(keys)) == len(keys)


def _distinguishing(entries: Sequence[Entry]) -> list[Entry]:
    """``entries`` without the ids and links that identify nothing, because different ones of them share them."""
    articles: dict[bytes, set[tuple[object, ...]]] = defaultdict(set)
    contents: set[bytes] = set()
    for entry in entries:
        keys = entry.keys
        if keys.content in contents:
            continue  # the same article once more
        contents.add(keys.content)
        article = (_folded(entry.title), keys if not (keys.own_id and keys.link) else (keys.guid, keys.link))
        for key in (keys.guid, keys.link):
            articles[key].add(article)
    shared = {key for key, different in articles.items() if key and len(different) > 1}
    return [
        replace(entry, keys=_without(entry.keys, shared)) if shared.intersection(entry.keys.present()) else entry
        for entry in entries
    ]


def _without(keys: EntryKeys, shared: Set[bytes]) -> EntryKeys:
    return EntryKeys(b"" if keys.guid in shared else keys.guid, b"" if keys.link in shared else keys.link, keys.content)


def _without_repetitions(entries: Sequence[Entry]) -> tuple[list[Entry], list[tuple[Entry, Entry]]]:
    """The first entry of each group that shares a key; and the rest under other keys, with the one each repeats."""
    first: dict[bytes, Entry] = {}
    kept: list[Entry] = []
    repeated: list[tuple[Entry, Entry]] = []
    for entry in entries:
        original = next((first[key] for key in entry.keys.present() if key in first), None)
        if original and _is_another(entry, original):
            original = None
        if original is None:
            kept.append(entry)
        elif original.keys != entry.keys:
            repeated.append((entry, original))
        for key in entry.keys.present():
            first.setdefault(key, original or entry)
    return kept, repeated


# ------------------------------------------------------------------------------------ against what was seen


def _known_as(entry: Entry, seen: Mapping[bytes, SeenEntry]) -> SeenEntry | None:
    """The known entry that ``entry`` is, or None when it is a new one."""
    keys = entry.keys
    if keys.content in seen:
        return seen[keys.content]
    by_guid = seen.get(keys.own_id) if keys.own_id else None
    by_link = seen.get(keys.link) if keys.link else None
    if by_guid and by_link and by_guid.id == by_link.id:
        return by_guid
    if by_guid and not by_link and not (keys.link and by_guid.keys.link):
        return by_guid
    if by_link and not by_guid and not (keys.own_id and by_link.keys.own_id):
        return by_link
    return next((known for known in (by_guid, by_link) if known and _alike(entry.title, known.title)), None)


def _is_another(entry: Entry, other: Entry | SeenEntry) -> bool:
    """Whether one says the same as the other but has an id, a link and a date of its own."""
    keys, others = entry.keys, other.keys
    return bool(
        keys.own_id and others.own_id and keys.guid != others.guid
        and keys.link and others.link and keys.link != others.link
        and entry.published and other.published and entry.published != other.published
    )  # fmt: skip


def _comes_again(entry: Entry, known: SeenEntry, seen: Mapping[bytes, SeenEntry]) -> bool:
    """Whether ``entry`` is a later article with the words of the ``known`` one."""
    if entry.keys.guid in seen or entry.keys.link in seen or not _is_another(entry, known):
        return False
    return _is_later(entry, known)


def _is_later(entry: Entry, known: SeenEntry) -> bool:
    return bool(entry.published and known.published and entry.published > known.published)


def _queries_turn(parsed: ParsedFeed, entries: Iterable[Entry], seen: Mapping[bytes, SeenEntry]) -> bool:
    """Whether the queries of a document's links change from poll to poll, so that pages and titles identify entries.

    That takes a document none of whose entries with such links is as it was. One entry alone proves little: a later
    date makes it another, such as each day's exchange rates.
    """
    kinds = parsed.fingerprints[_KIND_AT::FINGERPRINT_BYTES]
    if (
        not seen
        or PAGE not in kinds
        or sum(entry.keys.guid[:1] == PAGE for entry in parsed.entries) < kinds.count(PAGE)
    ):
        return False
    paged = [entry for entry in entries if entry.keys.guid[:1] == PAGE]
    known = [(entry, seen[entry.keys.guid]) for entry in paged if entry.keys.guid in seen]
    if 2 * len(known) < max(len(paged), 1) or 2 * sum(entry.keys.link in seen for entry in paged) >= len(known):
        return False
    return len(known) > 1 or not _is_later(*known[0])


def _has_moved(parsed: ParsedFeed, seen: Mapping[bytes, SeenEntry]) -> bool:
    """Whether all of a document is known by its words alone: then its ids, links and dates are worth nothing."""
    entries = parsed.entries
    if not 1 < parsed.total == len(entries):
        return False
    return all(
        entry.keys.content in seen and entry.keys.guid not in seen and entry.keys.link not in seen for entry in entries
    )


def _changed(entry: Entry, known: SeenEntry, seen: Mapping[bytes, SeenEntry]) -> bool:
    if entry.keys.content in seen:
        return False
    bare = not entry.summary and not entry.content  # a headline alone, whose key also holds its id and link
    return not bare or _folded(entry.title) != _folded(known.title)


def _loosely_held(keys: EntryKeys, seen: Mapping[bytes, SeenEntry]) -> bool:
    """Only one of several keys is known, so the others should be remembered.

    Two hold an entry well enough, and so do its page and title: what changes at every poll would otherwise pile up for
    ever.
    """
    if keys.guid[:1] == PAGE and keys.guid in seen:
        return False
    present = keys.present()
    return sum(key in seen for key in present) < min(2, len(present))


def _alike(title: str, other: str) -> bool:
    """Whether two titles are one title before and after an edit. A missing title is like none."""
    title, other = _folded(title)[:_COMPARED], _folded(other)[:_COMPARED]
    if not title or not other:
        return False
    return title == other or SequenceMatcher(None, title, other, autojunk=False).ratio() >= ALIKE


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())


# ------------------------------------------------------------------------------------ the outcome


def _split(
    fresh: Sequence[Entry], backlog: int, empty_since: datetime | None, now: datetime
) -> tuple[list[Entry], list[Entry]]:
    """New and baseline, both in the document's order: the newest ``backlog``, and what came ``empty_since`` then.

    A feed may be empty because its site is under repair, and then show again what is old; or because it is young. What
    has no date is taken for old where there is much of it, unless the feed was empty for a day.
    """
    dates = [entry.published or entry.updated or _UNDATED for entry in fresh]
    new = set(sorted(range(len(fresh)), key=dates.__getitem__, reverse=True)[:backlog])
    if empty_since is not None:
        young = len(fresh) <= _YOUNG or now - empty_since >= _REPAIRED
        new |= {at for at, date in enumerate(dates) if date >= empty_since or (young and date == _UNDATED)}
    return (
        [entry for at, entry in enumerate(fresh) if at in new],
        [entry for at, entry in enumerate(fresh) if at not in new],
    )


def _stamped(entry: Entry, entry_id: str, now: datetime) -> Entry:
    """``entry`` with its id, found at ``now``; a date that lies after ``now`` becomes ``now``."""
    published, updated = _not_after(entry.published, now), _not_after(entry.updated, now)
    # In full and by place: ``replace`` takes several times as long, which a first poll feels.
    return Entry(
        entry.feed_url,
        entry.keys,
        entry.title,
        entry.link,
        entry.summary,
        entry.content,
        entry.author,
        entry.source,
        published,
        updated,
        entry.lang,
        entry.fingerprint,
        entry_id,
        now,
    )


def _not_after(moment: datetime | None, now: datetime) -> datetime | None:
    return now if moment is not None and moment > now else moment


def _entry_id(feed_url: str, keys: EntryKeys) -> str:
    """16 hex digits: the same for the same feed and keys, on every machine."""
    told = b"\0".join((feed_url.encode(errors="replace"), keys.guid, keys.link, keys.content))
    return blake2b(told, digest_size=_ID_BYTES).hexdigest()
