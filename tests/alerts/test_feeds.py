"""The feeds of a profile's matches."""

from __future__ import annotations

import json
from datetime import timedelta
from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.feeds import MAX_ITEMS, atom, feed_items, json_feed, merge
from alerts.model import Fragment, Story
from tests.alerts.samples import END, digest, entry
from tests.examples import examples

ATOM = "{http://www.w3.org/2005/Atom}"


def test_every_entry_becomes_an_item() -> None:
    items = feed_items(digest(2, more=1, overflow=digest(3).stories[2:]))

    assert [item["_newsbell"]["entry"] for item in items] == ["entry-0", "entry-5", "entry-6", "entry-1", "entry-2"]
    assert {key: items[0][key] for key in ("title", "url", "language", "date_published", "authors")} == {
        "title": "Japan and Laos open a ferry school on the Mekong",
        "url": "https://news.example/en/0",
        "language": "en",
        "date_published": "2026-03-02T22:53:00Z",
        "authors": [{"name": "Mekong Daily"}],
    }
    assert items[0]["_newsbell"] == {"entry": "entry-0", "found": "2026-03-02T23:00:00Z", "score": 16.4}
    assert items[0]["content_text"].startswith("The school in Vientiane")
    assert "Score 16.4: ferry ×3" in items[0]["content_text"].replace("\xa0", " ")


def test_what_is_missing_is_left_out() -> None:
    (item,) = feed_items(digest([Story((entry(0, link="javascript:x", lang="", highlight=(), title=""),))]))

    assert not {"url", "language"} & set(item)
    assert item["title"] == "(no title)"
    assert item["content_text"].startswith("Score ")


def test_ids_are_stable_and_belong_to_the_profile() -> None:
    one, again, other = (feed_items(each)[0]["id"] for each in (digest(1), digest(2), digest(1, profile="other")))

    assert one == again != other
    assert one.startswith("urn:uuid:")


def test_the_newest_hundred_stay() -> None:
    def items(first: int, number: int) -> list[dict[str, object]]:
        return feed_items(
            digest([Story((entry(n, found=END + timedelta(minutes=n)),)) for n in range(first, first + number)])
        )

    merged = merge(items(0, 80), items(60, 60))

    assert len(merged) == MAX_ITEMS
    assert [item["_newsbell"]["entry"] for item in merged] == [f"entry-{n}" for n in range(119, 19, -1)]
    assert merge(merged, items(60, 60)) == merged


def test_a_feed_reader_understands_the_atom_feed() -> None:
    items = merge([], feed_items(digest(5)))
    read = feedparser.parse(atom("japan-mekong", "Japan and the Mekong", items))

    assert (read.bozo, read.version, read.feed.title) == (False, "atom10", "Japan and the Mekong")
    assert [(each.title, each.link) for each in read.entries] == [(item["title"], item["url"]) for item in items]
    assert [each.summary_detail.language for each in read.entries] == [item["language"] for item in items]
    assert read.feed.updated == max(item["_newsbell"]["found"] for item in items)


def test_both_feeds_can_be_read_by_people_too() -> None:
    items = feed_items(digest([Story((entry(0, title="ລາວ"),))]))
    text = json_feed("ຍີ່ປຸ່ນ " * 99, items)

    assert text.startswith('{\n  "version": "https://jsonfeed.org/version/1.1",\n  "title": "ຍີ່ປຸ່ນ ')
    assert '"title": "ລາວ"' in text
    assert len(json.loads(text)["title"]) <= 120
    assert atom("p", "T", items).startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<feed")


@pytest.mark.parametrize(
    ("authors", "name"),
    [
        ([{"name": "Tonle Post"}], "Tonle Post"),
        ([{"name": "A"}, {"name": "B"}], "A"),
        ([{}], "Unknown source"),
        (["Tonle Post"], "Unknown source"),
        ([], "Unknown source"),
        ("Tonle Post", "Unknown source"),
        (None, "Unknown source"),
    ],
)
def test_every_atom_entry_names_an_author_whatever_became_of_the_file(authors: object, name: str) -> None:
    """RFC 4287, 4.1.2 asks for one; the items are read from a file that somebody may have changed."""
    item = feed_items(digest(1))[0] | {"authors": authors}
    root = ElementTree.fromstring(atom("p", "T", [item]))

    assert root.findtext(f"{ATOM}entry/{ATOM}author/{ATOM}name") == name


@pytest.mark.parametrize("own", [None, {}, [], "2026", {"entry": "e"}])
def test_an_item_that_says_not_when_it_was_found_was_found_never(own: object) -> None:
    items = [feed_items(digest(1))[0] | {"_newsbell": own}]

    assert ElementTree.fromstring(atom("p", "T", items)).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"


def test_an_empty_feed_is_a_feed() -> None:
    root = ElementTree.fromstring(atom("p", "Title", []))

    assert [root.findtext(f"{ATOM}{tag}") for tag in ("title", "updated")] == ["Title", "1970-01-01T00:00:00Z"]
    assert json.loads(json_feed("Title", []))["items"] == []


@given(st.text(max_size=40))
@examples(0.6)
def test_any_text_gives_well_formed_documents(text: str) -> None:
    one = entry(0, title=text, source=text, highlight=(Fragment(text),), lang="en")
    items = feed_items(digest([Story((one,))]))
    root = ElementTree.fromstring(atom(text, text, items))

    assert root.find(f"{ATOM}entry/{ATOM}title") is not None
    assert json.loads(json_feed(text, items))["items"] == items


@pytest.mark.parametrize("broken", [{}, {"id": 3, "_newsbell": 4, "authors": [7]}, {"authors": [], "language": None}])
def test_items_that_somebody_changed_do_no_harm(broken: dict[str, object]) -> None:
    (item,) = merge([broken], [])

    assert ElementTree.fromstring(atom("p", "Title", [item])).find(f"{ATOM}entry") is not None
