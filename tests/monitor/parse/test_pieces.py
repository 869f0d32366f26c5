"""A document cut into its entries by their bytes."""

from __future__ import annotations

import pytest

from monitor.parse.pieces import cut
from tests.monitor.parse.samples import FOLDER, item, rss


def test_the_pieces_put_together_are_the_document() -> None:
    body = rss(item(1), item(2), item(3))
    pieces = cut(body)
    assert pieces is not None
    assert len(pieces.entries) == 3
    assert pieces.document().replace(b"\n", b"") == body.replace(b"\n", b"")
    assert pieces.around.count(b"item") == 0


def test_a_mark_changes_with_its_entry_alone() -> None:
    first, second = cut(rss(item(1), item(2))), cut(rss(item(1), item(2, title="x"), head="<ttl>5</ttl>"))
    assert first is not None
    assert second is not None
    assert first.marks()[0] == second.marks()[0]
    assert first.marks()[1] != second.marks()[1]


def test_a_document_of_more_entries_than_are_wanted_is_not_cut() -> None:
    body = rss(item(1), item(2), item(3))
    assert cut(body, 3) == cut(body)
    assert cut(body, 2) is None


def test_some_entries_can_be_kept() -> None:
    pieces = cut(rss(item(1), item(2), item(3)))
    assert pieces is not None
    assert [b"Lesson 2" in one.document() for one in pieces.singly()] == [False, True, False]
    assert b"Lesson 2" not in pieces.keep([0, 2]).document()


@pytest.mark.parametrize(
    ("items", "more"),
    [
        ((item(1), item(2)), False),
        ((item(1), item(2, description="&lt;item> and <![CDATA[<item>X</item >]]><!-- <entry> -->")), False),
        ((item(1), item(2, description="the item:item of the items")), False),
        ((item(1).replace("item>", "ITEM>"), item(2)), True),
        ((item(1), f"<item>{item(2)}"), True),
        ((item(1), item(2), "<x:entry/>"), True),
    ],
)
def test_entries_that_were_not_cut_apart_are_noticed(items: tuple[str, ...], more: bool) -> None:
    pieces = cut(rss(*items))
    assert pieces is not None
    assert pieces.hold_more() is more


def test_rss_1_is_put_together_as_rss_2() -> None:
    pieces = cut((FOLDER / "rss10.rdf").read_bytes())
    assert pieces is not None
    assert pieces.document().startswith(b'<rss version="2.0" xmlns:rdf=')
    assert b'xmlns="' not in pieces.document()


@pytest.mark.parametrize(
    "body",
    [
        rss(),
        b"",
        b"<rss><channel><ITEM></ITEM></channel></rss>",
        rss(item(1, description="<![CDATA[</item>]]>")),
        rss(item(1), "<!-- between -->", item(2)),
        rss(item(1)) + b"<item>",
        rss("<item>"),
    ],
)
def test_what_cannot_be_cut_safely_is_not_cut(body: bytes) -> None:
    assert cut(body) is None
