"""What crosses the border to a worker arrives as it was sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Document, Entry, EntryKeys, FeedHints, ParsedFeed
from monitor.parse import frames

URL = "https://port.example/feed"
texts = st.text(max_size=20)
moments = st.none() | st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
spans = st.none() | st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400))
entries = st.builds(
    Entry,
    feed_url=st.just(URL),
    keys=st.builds(EntryKeys, guid=st.binary(), link=st.binary(), content=st.binary()),
    title=texts,
    link=texts,
    summary=texts,
    content=texts,
    author=texts,
    source=texts,
    published=moments,
    updated=moments,
    lang=st.none() | texts,
    fingerprint=st.binary(),
    id=st.just(""),
    found=st.none(),
)
feeds = st.builds(
    ParsedFeed,
    title=texts,
    link=texts,
    lang=st.none() | texts,
    entries=st.lists(entries, max_size=3).map(tuple),
    fingerprints=st.binary(),
    hints=st.builds(
        FeedHints,
        ttl=spans,
        update_period=spans,
        skip_hours=st.frozensets(st.integers(0, 23)),
        skip_days=st.frozensets(st.integers(0, 6)),
    ),
    dialect=texts,
    warnings=st.lists(texts, max_size=2).map(tuple),
    previous=texts,
    loss=texts,
)


def arrived(data: bytes, step: int) -> list[tuple[int, bytes]]:
    """The frames of ``data`` as it arrives ``step`` bytes at a time."""
    buffer, found = bytearray(), []
    for at in range(0, len(data), step):
        buffer += data[at : at + step]
        found += frames.split_frames(buffer)
    assert not buffer
    return found


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), feeds | texts), max_size=3), st.integers(1, 50))
def test_answers_arrive_as_they_were_sent(answers: list[tuple[int, ParsedFeed | str]], step: int) -> None:
    data = b"".join(frames.pack_answer(answer, number) for number, answer in answers)
    assert [(number, frames.unpack_answer(payload, URL)) for number, payload in arrived(data, step)] == answers


@given(st.lists(st.builds(Document, texts, st.binary(), texts, st.binary(), st.none() | texts), max_size=3))
def test_documents_arrive_as_they_were_sent(documents: list[Document]) -> None:
    ((number, payload),) = arrived(frames.pack_documents(documents, 12), 7)
    assert (number, frames.unpack_documents(payload)) == (12, documents)


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_every_year_crosses(year: int) -> None:
    entry = Entry(URL, EntryKeys(), "", "", published=datetime(year, 1, 1, tzinfo=UTC))
    feed = ParsedFeed("", "", None, (entry,), b"")
    ((_, payload),) = arrived(frames.pack_answer(feed, 0), 1000)
    assert frames.unpack_answer(payload, URL) == feed
