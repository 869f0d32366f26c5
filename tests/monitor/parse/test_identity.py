"""What an entry is known by."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import PAGE, EntryKeys
from monitor.parse.identity import SHORT_CONTENT, entry_keys, fingerprint, normalize_link
from monitor.parse.raw import RawEntry

LONG = "Many words about the harbour and its ferries. " * 4
RAW = RawEntry(
    id="f-1", link="https://port.example/1", title="Ferry", summary=LONG, published="2025-01-22T00:00:00+00:00"
)


def keys(raw: RawEntry) -> EntryKeys:
    return entry_keys(raw, raw.link, raw.title, raw.content or raw.summary)


class TestNormalizeLink:
    @pytest.mark.parametrize(
        "variant",
        [
            "http://port.example/news/1?b=2&a=1",
            "https://www.port.example/news/1?a=1&b=2",
            "HTTPS://Port.Example/news/1?a=1&b=2",
            "https://port.example:443/news/1?a=1&b=2",
            "http://port.example:80/news/1/?a=1&b=2",
            "https://port.example/news/1?a=1&b=2#comments",
            "https://port.example/news/1?utm_source=rss&a=1&UTM_Campaign=x&b=2&fbclid=y",
            "https://port.example/news/1?a=1&PHPSESSID=0123&b=2&sid=6bc1bee22e409f96e93d7e117393172a&jsessionid=7",
            "https://port.example/news/1;jsessionid=0A1B?a=1&b=2",
            "https://port.example/(S(lit3py55t21z5v55vlm25s55))/news/1?a=1&b=2",
            "https://port.example/news/1?a=1&b=2&ncid=txtlnkusaolp00000618",
            "https://port.example/news/1?a=1&b=2&rnd=18273&nocache=1",
            "https://port.example/news/1?a=1&&b=2&at_medium=RSS&ns_mchannel=social&xtor=x",
        ],
    )
    def test_what_changes_while_the_page_stays_is_left_out(self, variant: str) -> None:
        assert normalize_link(variant) == normalize_link("https://port.example/news/1?a=1&b=2")

    @pytest.mark.parametrize(
        "other",
        [
            "https://port.example/news/2",
            "https://port.example/News/1",
            "https://port.example/news/1?id=1",
            "https://port.example/news/1?sid=17",
            "https://port.example/news/1?sid=26/11/21/1234",
            "https://port.example/news/1?cmp=lisbon-and-macau-sign",
            "https://port.example/(a)/news/1",
            "https://port.example:8080/news/1",
            "https://other.example/news/1",
            "ftp://port.example/news/1",
        ],
    )
    def test_other_pages_stay_apart(self, other: str) -> None:
        assert normalize_link(other) != normalize_link("https://port.example/news/1")

    @given(st.text())
    def test_any_text_is_taken(self, link: str) -> None:
        normalize_link(link)

    @given(st.from_regex(r"https?://[a-z]{1,5}\.example/[a-z0-9/]{0,9}(\?[a-z]=[0-9](&[a-z]=[0-9])*)?", fullmatch=True))
    def test_campaign_parameters_never_matter(self, link: str) -> None:
        tagged = f"{link}{'&' if '?' in link else '?'}utm_source=feed&gclid=1#top"
        assert normalize_link(tagged) == normalize_link(link)


class TestKeys:
    def test_every_key_has_its_kind_and_eight_bytes(self) -> None:
        guid, link, content = keys(RAW).present()
        assert (guid[:1], link[:1], content[:1]) == (b"g", b"l", b"c")
        assert {len(guid), len(link), len(content)} == {8}

    @pytest.mark.parametrize("field", ["author", "source", "updated", "lang"])
    def test_other_fields_do_not_matter(self, field: str) -> None:
        assert keys(replace(RAW, **{field: "x"})) == keys(RAW)

    def test_blanks_around_an_id_do_not_matter(self) -> None:
        assert keys(replace(RAW, id=" \n f-1\t")) == keys(RAW)

    def test_an_id_that_repeats_the_link_counts_as_none(self) -> None:
        assert keys(replace(RAW, id=RAW.link)).guid == b""
        assert keys(replace(RAW, id="")).guid == b""

    def test_an_id_that_repeats_a_link_with_a_fragment_counts(self) -> None:
        first, second = (replace(RAW, id=link, link=link) for link in (f"{RAW.link}#1", f"{RAW.link}#2"))
        assert keys(first).link == keys(second).link
        assert keys(first).guid != keys(second).guid

    def test_a_page_with_telling_and_other_parameters_is_known_by_its_title_and_the_telling_ones(self) -> None:
        """Whatever the id is: none, the link, or the link in another form."""
        link = "https://port.example/show?id=7&token={}"
        first = replace(RAW, id="", link=link.format(1))
        again = [
            replace(RAW, id=identifier, link=link.format(2))
            for identifier in ("", link.format(2), link.format(2).replace("https://", "http://www."))
        ]
        assert keys(first).guid[:1] == PAGE
        assert {keys(each).guid for each in again} == {keys(first).guid}
        assert keys(replace(first, link=link.format(1).replace("id=7", "id=8"))).guid != keys(first).guid
        assert keys(replace(first, title="Bridge")).guid != keys(first).guid

    def test_no_page_is_known_without_a_title_or_where_every_parameter_tells(self) -> None:
        link = "https://port.example/show?id=7"
        assert keys(replace(RAW, id="", link=link)).guid == b""
        assert keys(replace(RAW, id="", link=f"{link}&token=1", title="")).guid == b""

    def test_an_id_with_a_fragment_counts_beside_a_link_with_parameters(self) -> None:
        link = "https://port.example/show?id=7&token=1"
        first, second = (keys(replace(RAW, id=f"{link}#{number}", link=link)) for number in (1, 2))
        assert first.guid != second.guid

    def test_the_case_of_a_title_does_not_matter(self) -> None:
        assert keys(replace(RAW, title="FERRY")) == keys(RAW)

    def test_the_date_of_a_long_text_does_not_matter(self) -> None:
        assert keys(replace(RAW, published="")) == keys(RAW)

    def test_a_short_text_is_told_apart_by_its_date(self) -> None:
        short = replace(RAW, summary="x" * (SHORT_CONTENT - len("Ferry\n")))
        assert keys(short).content != keys(replace(short, published="2025-01-23T00:00:00+00:00")).content
        assert keys(replace(short, summary=short.summary + "x")).content == (
            keys(replace(short, summary=short.summary + "x", published="")).content
        )

    @pytest.mark.parametrize("field", ["id", "link"])
    def test_a_short_text_without_a_date_is_told_apart_by_its_id_and_link(self, field: str) -> None:
        short = replace(RAW, summary="", published="")
        assert keys(short).content != keys(replace(short, **{field: "https://port.example/2"})).content
        tagged = replace(short, link=f"{short.link}?utm_source=rss")
        assert keys(short).content == keys(tagged).content

    def test_a_short_text_alone_is_known_by_itself(self) -> None:
        short = replace(RAW, summary="", id="", link="")
        assert keys(short) == keys(replace(short, published=""))

    @given(st.text(), st.text(), st.text())
    def test_every_entry_has_a_content_key(self, identifier: str, link: str, title: str) -> None:
        assert keys(RawEntry(id=identifier, link=link, title=title)).content


@pytest.mark.parametrize("field", list(RawEntry.__slots__))
def test_a_fingerprint_covers_every_field(field: str) -> None:
    assert len(fingerprint(RAW)) == 8
    assert fingerprint(replace(RAW, **{field: "changed"})) != fingerprint(RAW)
