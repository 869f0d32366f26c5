"""Feeds added, removed and switched in a hand-edited file: every other byte stays as it was."""

from __future__ import annotations

import difflib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.layout import EditError, with_enabled, with_feeds, without_feed
from monitor.model import Feed
from monitor.yamldoc import Document
from tests.examples import examples

BY_HAND = """\
# Our desk's watch list. Ask Ann before you change it.
contact:   desk@example.org        # goes into the User-Agent
fetch: {interval: 30m, timeout: 30s, concurrency: 50,
        allow_addresses: ["127.0.0.1:8911"]}   # the test server

feeds:
  # Laos
  - {url: "https://a.example/feed", title: Example A, lang: en}   # the fastest

  - {url: "https://b.example/feed",   interval: 2h, enabled: false}  # dead since May
  # Cambodia
  - url: https://c.example/feed    # in Khmer
    title: 'C'
    # slow on Sundays
    lang: km
# where it goes
channels:
  files:   {type: file, dir: out}
"""
NEW = Feed("https://new.example/feed", "New: Times", "ja", timedelta(hours=2), enabled=False)
NEW_LINE = '  - {url: "https://new.example/feed", title: "New: Times", lang: ja, interval: 2h, enabled: false}'


def changes(before: str, after: str) -> list[str]:
    """The lines that went and came."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def feeds(text: str) -> list[dict[str, object]]:
    return Document.parse(text, "f").value["feeds"] or []


class TestByHand:
    def test_a_feed_is_added_below_the_last_one(self):
        assert changes(BY_HAND, with_feeds(BY_HAND, [NEW])) == [f"+ {NEW_LINE}"]
        assert BY_HAND.splitlines().index("# where it goes") == with_feeds(BY_HAND, [NEW]).splitlines().index(NEW_LINE)

    def test_removing_takes_the_feeds_own_lines_and_no_comment_above(self):
        assert changes(BY_HAND, without_feed(BY_HAND, "https://c.example/feed")) == [
            "-   - url: https://c.example/feed    # in Khmer",
            "-     title: 'C'",
            "-     # slow on Sundays",
            "-     lang: km",
        ]
        assert len(changes(BY_HAND, without_feed(BY_HAND, "https://a.example/feed"))) == 1

    def test_switching_off_adds_a_key(self):
        assert "+     enabled: false" in changes(BY_HAND, with_enabled(BY_HAND, "https://c.example/feed", False))
        changed = with_enabled(BY_HAND, "https://a.example/feed", False)
        assert '{url: "https://a.example/feed", title: Example A, lang: en, enabled: false}   # the fastest' in changed

    def test_switching_on_changes_the_key_that_is_there(self):
        changed = with_enabled(BY_HAND, "https://b.example/feed", True)
        assert changed == BY_HAND.replace("enabled: false}  # dead", "enabled: true}  # dead")

    def test_a_feed_is_known_by_its_address_in_any_spelling(self):
        assert len(feeds(without_feed(BY_HAND, "https://A.example:443/feed#top"))) == 2

    def test_nothing_to_add_changes_nothing(self):
        assert with_feeds(BY_HAND, []) == BY_HAND

    @pytest.mark.parametrize("change", [without_feed, lambda text, url: with_enabled(text, url, True)])
    def test_a_feed_that_is_not_there_is_an_error(self, change):
        with pytest.raises(EditError, match=r"there is no feed https://d\.example/"):
            change(BY_HAND, "https://d.example/")


FEED = Feed("https://n.example/")
LITERAL = "feeds:\n- url: http://a\n  title: |\n    A\n    B\n"
LINE = '- {url: "https://n.example/"}'


class TestOtherLayouts:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("", f"feeds:\n  {LINE}\n"),
            ("a: 1", f"a: 1\nfeeds:\n  {LINE}\n"),
            ("feeds:", f"feeds:\n  {LINE}\n"),
            ("feeds:   # none yet\na: 1\n", f"feeds:   # none yet\n  {LINE}\na: 1\n"),
            ("feeds: []  # none yet\na: 1\n", f"feeds:  # none yet\n  {LINE}\na: 1\n"),
            ("feeds:\n- url: http://a\n\na: 1\n", f"feeds:\n- url: http://a\n{LINE}\n\na: 1\n"),
            ("feeds:\n    - url: http://a", f"feeds:\n    - url: http://a\n    {LINE}\n"),
            ("feeds:\r\n- url: http://a\r\na: 1\r\n", f"feeds:\r\n- url: http://a\r\n{LINE}\r\na: 1\r\n"),
            (
                "feeds: [{url: http://a},\n  {url: http://b}]",
                f"feeds: [{{url: http://a}},\n  {{url: http://b}}, {LINE[2:]}]",
            ),
            (f"{LITERAL}a: 1\n", f"{LITERAL}{LINE}\na: 1\n"),
        ],
    )
    def test_a_feed_is_added_in_any(self, before, after):
        assert with_feeds(before, [FEED]) == after

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("feeds:\n- url: http://a\na: 1\n", "feeds: []\na: 1\n"),
            ("feeds:  # ours\n  # the one\n  - url: http://a\n", "feeds: []  # ours\n  # the one\n"),
            ("feeds: [{url: http://a}]\n", "feeds: []\n"),
            ('"feeds":\n- url: http://a\n', '"feeds":\n'),
            ("feeds: [{url: http://a}, {url: http://b}]\n", "feeds: [{url: http://b}]\n"),
            ("feeds: [{url: http://b}, {url: http://a}]\n", "feeds: [{url: http://b}]\n"),
            ("feeds:\n- title: |\n    A\n  url: http://a\n- url: http://b\n", "feeds:\n- url: http://b\n"),
        ],
    )
    def test_a_feed_is_removed_from_any(self, before, after):
        assert without_feed(before, "http://a") == after

    @pytest.mark.parametrize("text", ["feeds:\n- url: http://a\n...\n", "{a: 1, feeds: [{url: http://a}]}\n"])
    def test_what_can_be_done_safely_is_done(self, text):
        assert feeds(with_feeds(text, [FEED]))[-1] == {"url": "https://n.example/"}

    @pytest.mark.parametrize("text", ["a: 1\n...\n", "{a: 1}\n", "--- {feeds: }\n"])
    def test_what_cannot_is_refused_and_not_tried(self, text):
        with pytest.raises(EditError, match="change it by hand"):
            with_feeds(text, [FEED])


TITLES = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
ITEMS = st.sampled_from(
    [
        '  - {{url: "{0}", title: T}}  # note\n',
        "  - {{url: {0},\n     lang: en}}\n",
        "  - url: {0}\n    # inside\n    title: x\n",
        "  # above\n  - title: 'y'\n    url: {0}\n\n",
        "  - url: {0}\n    title: >-\n      folded\n      text\n",
        "  -\n    url: {0}\n    enabled: true   # on\n",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, int]:
    """A configuration with feeds in many layouts, and their number."""
    items = draw(st.lists(ITEMS, min_size=1, max_size=5))
    body = "".join(item.format(f"https://e.example/{number}") for number, item in enumerate(items))
    text = f"# head\na: 1\nfeeds:   # list\n{body}# tail\nchannels: {{x:   {{type: file}}}}\n"
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return text.replace("\n", newline), len(items)


class TestAnyLayout:
    @given(documents(), TITLES)
    @examples(0.25)
    def test_an_added_feed_reads_back_and_every_old_line_stays(self, document, title):
        text, _ = document
        changed = with_feeds(text, [Feed("https://n.example/", title)])
        assert feeds(changed)[-1] == {"url": "https://n.example/"} | ({"title": title} if title else {})
        assert not [line for line in changes(text, changed) if line.startswith("-")]

    @given(documents())
    @examples(0.25)
    def test_removing_what_was_added_gives_the_file_back(self, document):
        text, _ = document
        assert without_feed(with_feeds(text, [FEED]), FEED.url) == text

    @given(documents(), st.data())
    @examples(0.25)
    def test_a_removed_feed_is_gone_and_nothing_comes_new(self, document, data):
        text, count = document
        number = data.draw(st.integers(0, count - 1))
        changed = without_feed(text, f"https://e.example/{number}")
        expected = [feed for feed in feeds(text) if feed["url"] != f"https://e.example/{number}"]
        assert feeds(changed) == expected
        assert [line for line in changes(text, changed) if line.startswith("+") and "feeds: []" not in line] == []
        assert "# tail" in changed

    @given(documents(), st.data(), st.booleans())
    @examples(0.25)
    def test_a_switched_feed_differs_in_that_alone(self, document, data, enabled):
        text, count = document
        number = data.draw(st.integers(0, count - 1))
        changed = with_enabled(text, f"https://e.example/{number}", enabled)
        expected = feeds(text)
        expected[number]["enabled"] = enabled
        assert feeds(changed) == expected
