"""Whatever a feed does with its articles, each is told once and none is missed."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

from hypothesis import given
from hypothesis import strategies as st

from monitor.parse.raw import RawEntry
from tests.examples import examples
from tests.monitor.parse.samples import item, rss
from tests.monitor.reading import Reader, raw

numbers = st.lists(st.integers(0, 9), max_size=8, unique=True)
documents = st.lists(numbers, min_size=1, max_size=6)


TAGS = ["utm_source=a", "fbclid=b", "PHPSESSID=c", "gclid=d"]
# Every way to write a link, as one choice: drawn piece by piece, drawing took longer than what is tested.
STARTS = [f"{scheme}://{www}" for scheme in ("http", "https") for www in ("", "www.")]
ENDS = ["", "/", "#comments", *("?" + "&".join(tags) for count in range(1, 5) for tags in permutations(TAGS, count))]
LINKS = st.sampled_from(list(product(STARTS, ENDS)))
CHANGES = st.sampled_from(
    [
        {},
        *({"id": f"urn:churned:{number}"} for number in range(20)),
        *({"id": ""},) * 20,
        *({"summary": f"Rewritten from the first to the last word, for the {n}th time." * 2} for n in range(20)),
        *({"published": "2025-01-21T00:00:00+00:00"},) * 20,
    ]
)


def as_served(number: int, link: tuple[str, str], changes: dict[str, str]) -> RawEntry:
    """Article ``number`` as a careless system serves it this time: at least two of its three marks can be relied on."""
    start, end = link
    return replace(raw(number, link=raw(number).link.replace("https://", start) + end), **changes)


disguised = st.builds(as_served, st.integers(0, 9), LINKS, CHANGES)
disguised_documents = st.lists(
    st.lists(disguised, max_size=8, unique_by=lambda entry: entry.title), min_size=1, max_size=6
)


@given(documents, st.booleans())
def test_entries_that_come_and_go_are_told_once(polls: list[list[int]], baseline: bool) -> None:
    reader, told = Reader(baseline=baseline), []
    for poll in polls:
        told += [entry.id for entry in reader.poll(map(raw, poll)).new]
    shown = {number for poll in (polls if baseline else polls[1:]) for number in poll}
    expected = shown if baseline else shown - set(polls[0])
    assert len(told) == len(set(told)) == len(expected)


@examples(0.5)
@given(disguised_documents)
def test_disguised_entries_are_told_once(polls: list[list[RawEntry]]) -> None:
    reader = Reader()
    reader.poll(map(raw, range(10)))
    assert [entry for poll in polls for entry in reader.poll(poll).new] == []


@given(st.data(), numbers)
def test_the_order_of_a_document_does_not_matter(data: st.DataObject, numbers: list[int]) -> None:
    before = data.draw(st.lists(st.integers(0, 9), unique=True))
    shuffled = data.draw(st.permutations(numbers))
    first, second = Reader(), Reader()
    first.poll(map(raw, before))
    second.poll(map(raw, before))
    one, other = first.poll(map(raw, numbers)), second.poll(map(raw, shuffled))
    assert {entry.id for entry in one.new} == {entry.id for entry in other.new}
    assert {entry.id for entry in one.edited} == {entry.id for entry in other.edited}


@examples(0.5)
@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=5),
    st.from_regex(r"[bcz][a-z]{1,3}", fullmatch=True),
    st.sampled_from(["", "id={number}&", "lang=en&"]),
    st.booleans(),
)
def test_links_that_change_at_each_poll_tell_nothing_again(
    additions: list[int], name: str, before: str, dated: bool
) -> None:
    """Six articles without ids, of which up to three are new at a poll; everything but page and title changes."""

    def article(number: int, poll: int) -> RawEntry:
        link = f"https://port.example/{'view' if 'id' in before else number}?{before}{name}={poll}{number}"
        date = f"2025-01-{poll + 1:02d}T00:00:00+00:00" if dated else ""
        text = f"What there is to say of it at the time of poll number {poll}, and it is not little at all."
        return raw(number, id="", link=link.format(number=number), summary=text, published=date)

    reader, last = Reader(), 6
    assert len(reader.poll(article(number, 0) for number in range(6)).new) == 6
    for poll, more in enumerate(additions, 1):
        last += more
        decided = reader.poll(article(number, poll) for number in range(last - 6, last))
        assert (len(decided.new), len(decided.edited)) == (more, 6 - more)


odd_entries = st.builds(
    RawEntry,
    id=st.sampled_from(["", "a", "b", "https://port.example/x"]),
    link=st.sampled_from(["", "https://port.example/x", "https://port.example/y#1", "nonsense"]),
    title=st.sampled_from(["", "Ferry", "Ferry again", "Crane and crew"]),
    summary=st.sampled_from(["", "short", "A text that is long enough to stand for itself in every way." * 2]),
    published=st.sampled_from(["", "2025-01-20T06:00:00+00:00"]),
)


@given(st.lists(st.lists(odd_entries, max_size=5), min_size=1, max_size=4))
def test_deciding_a_document_again_gives_nothing_new(polls: list[list[RawEntry]]) -> None:
    reader = Reader()
    for poll in polls:
        decided = reader.poll(poll)
        ids = [entry.id for entry in (*decided.new, *decided.edited)]
        assert len(ids) == len(set(ids))
        assert reader.poll(poll).new == ()


@given(numbers, st.sampled_from(["id", "link"]))
def test_different_articles_under_one_mark_are_all_told(numbers: list[int], mark: str) -> None:
    decided = Reader().poll(raw(number, **{mark: "https://port.example/one"}) for number in numbers)
    assert len(decided.new) == len(numbers)


@examples(0.5)
@given(documents)
def test_documents_as_they_are_served_tell_each_article_once(polls: list[list[int]]) -> None:
    reader, told = Reader(), 0
    for poll in polls:
        told += len(reader.poll_document(rss(*map(item, poll))).new)
    assert told == len({number for poll in polls for number in poll})
