"""Bodies come out whole, bounded, and the same however the network cut them."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.body import Body, BodyError

MIB = 1 << 20


def read(sent: bytes, coding: str = "gzip", *, limit: int = MIB, cuts: list[int] | None = None) -> bytes:
    """What ``Body`` makes of ``sent``, handed over in pieces that end at ``cuts``."""
    body = Body(coding, limit)
    places = sorted({cut % (len(sent) + 1) for cut in cuts or []})
    for start, end in zip([0, *places], [*places, len(sent)], strict=True):
        body.feed(sent[start:end])
    return body.finish()


contents = st.binary(min_size=1, max_size=2_000) | st.binary(min_size=1, max_size=8).map(lambda piece: piece * 4_000)
cut_places = st.lists(st.integers(min_value=0), max_size=12)


@given(st.lists(contents, min_size=1, max_size=3), cut_places, st.sampled_from([b"", b"\0\0\0", b"junk", b"\x1f?"]))
def test_a_gzip_body_of_any_members_is_the_same_however_it_is_cut(
    members: list[bytes], cuts: list[int], tail: bytes
) -> None:
    sent = b"".join(gzip.compress(member) for member in members) + tail
    assert read(sent, cuts=cuts) == b"".join(members)


@given(contents, cut_places)
def test_an_uncompressed_body_is_handed_over_untouched(content: bytes, cuts: list[int]) -> None:
    assert read(content, "identity", cuts=cuts) == content


@given(st.lists(contents, min_size=1, max_size=2), st.integers(min_value=0), cut_places)
def test_a_gzip_body_that_stops_early_is_never_a_smaller_feed(members: list[bytes], stop: int, cuts: list[int]) -> None:
    packed = [gzip.compress(member) for member in members]
    sent = b"".join(packed)[: stop % sum(map(len, packed))]
    if len(sent) == len(packed[0]):
        assert read(sent, cuts=cuts) == members[0]  # the end of a member cannot be told from the end of the body
    else:
        with pytest.raises(BodyError):
            read(sent, cuts=cuts)


@given(contents, st.integers(min_value=0), st.integers(min_value=1, max_value=255), cut_places)
def test_a_damaged_gzip_body_is_refused_or_the_same(content: bytes, place: int, flip: int, cuts: list[int]) -> None:
    sent = bytearray(gzip.compress(content))
    sent[place % len(sent)] ^= flip
    try:
        whole = read(bytes(sent), cuts=cuts)
    except BodyError:
        return
    assert whole == content  # the time stamp in the header may change


@given(contents, st.integers(min_value=0, max_value=3_000), cut_places)
def test_no_body_beyond_the_limit_comes_through(content: bytes, limit: int, cuts: list[int]) -> None:
    for sent, coding in ((content, "identity"), (gzip.compress(content), "gzip")):
        if len(content) <= limit and len(sent) <= limit:
            assert read(sent, coding, limit=limit, cuts=cuts) == content
        else:
            with pytest.raises(BodyError, match="larger than"):
                read(sent, coding, limit=limit, cuts=cuts)


def bomb(mib: int) -> bytes:
    """A gzip stream of about 1 kB for each MiB it inflates to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(mib)) + packer.flush()


def test_a_gzip_bomb_takes_no_more_memory_than_the_limit() -> None:
    sent = bomb(16)
    tracemalloc.start()
    try:
        with pytest.raises(BodyError, match="larger than 1 MiB"):
            read(sent)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * MIB


def test_endless_empty_members_are_bounded_by_what_was_sent() -> None:
    with pytest.raises(BodyError, match="larger than 1,000 bytes"):
        read(gzip.compress(b"", mtime=0) * 100, limit=1_000, cuts=list(range(2_000)))


def test_a_doubly_compressed_body_is_inflated_once() -> None:
    inner = gzip.compress(b"<rss/>", mtime=0)
    assert read(gzip.compress(inner)) == inner


def test_gzip_without_its_label_is_recognised() -> None:
    assert read(gzip.compress(b"<rss/>", mtime=0), "") == b"<rss/>"


def test_gzip_that_calls_itself_identity_is_left_alone() -> None:
    assert read(gzip.compress(b"<rss/>", mtime=0), "identity") == gzip.compress(b"<rss/>", mtime=0)


def test_plain_text_that_calls_itself_gzip_is_refused() -> None:
    with pytest.raises(BodyError):
        read(b"<rss/>")


@pytest.mark.parametrize("coding", ["GZIP", "x-gzip"])
def test_the_other_names_of_gzip_are_known(coding: str) -> None:
    assert read(gzip.compress(b"<rss/>", mtime=0), coding) == b"<rss/>"


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "compress", "gzip, br", "BR"])
def test_a_coding_that_was_not_asked_for_is_refused(coding: str) -> None:
    with pytest.raises(BodyError, match="not asked for"):
        Body(coding, MIB)


FEEDS = [b"<rss/>", b"\r\n <feed/>", b'\xef\xbb\xbf{"items": []}', "<rss/>".encode("utf-16")]


@pytest.mark.parametrize("coding", ["UTF-8", "none", "binary", "8bit", "identity, x-nope", "utf-8, utf-8"])
@pytest.mark.parametrize("feed", FEEDS)
def test_a_coding_that_is_none_does_not_keep_a_feed_from_its_readers(coding: str, feed: bytes) -> None:
    assert read(feed, coding) == feed
    assert read(gzip.compress(feed, mtime=0), coding) == feed


@pytest.mark.parametrize("coding", ["identity, gzip", "gzip, identity", "gzip, gzip", "gzip, utf-8"])
def test_gzip_among_other_names_is_inflated_once(coding: str) -> None:
    assert read(gzip.compress(b"<rss/>", mtime=0), coding) == b"<rss/>"


@pytest.mark.parametrize(
    ("sent", "coding"),
    [(b"\x8b\x02\x80<rss/>\x03", "x-nope"), (gzip.compress(gzip.compress(b"<rss/>", mtime=0), mtime=0), "gzip, gzip")],
)
def test_what_does_not_begin_as_a_feed_is_refused_under_an_odd_coding(sent: bytes, coding: str) -> None:
    with pytest.raises(BodyError, match="not asked for"):
        read(sent, coding)


@pytest.mark.parametrize(("sent", "coding"), [(b"", ""), (b"", "identity"), (gzip.compress(b"", mtime=0), "gzip")])
def test_an_empty_body_is_no_feed(sent: bytes, coding: str) -> None:
    with pytest.raises(BodyError, match="empty answer"):
        read(sent, coding)


def test_a_body_beyond_the_limit_says_what_to_do() -> None:
    with pytest.raises(BodyError, match="larger than 10 bytes") as caught:
        read(b"x" * 11, "", limit=10)
    assert "fetch.max_bytes" in caught.value.advice
