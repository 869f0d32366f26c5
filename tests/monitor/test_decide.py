"""What is new in a document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.parse.raw import RawEntry
from tests.monitor.parse.samples import item, rss
from tests.monitor.reading import LONG, START, Reader, raw

NUMBERS = range(3)


def polled(*documents: list[RawEntry]) -> Reader:
    reader = Reader()
    for document in documents:
        reader.poll(document)
    return reader


class TestFirstPoll:
    def test_it_sets_a_baseline(self) -> None:
        decided = Reader(baseline=False).poll(map(raw, NUMBERS))
        assert (len(decided.new), len(decided.baseline)) == (0, 3)
        assert all(entry.id and entry.found for entry in decided.baseline)

    def test_what_comes_after_it_is_new(self) -> None:
        reader = Reader(baseline=False)
        reader.poll(map(raw, NUMBERS))
        assert [entry.title for entry in reader.poll(map(raw, range(4))).new] == [raw(3).title]

    @pytest.mark.parametrize(("backlog", "count"), [(0, 0), (2, 2), (3, 3), (20, 3)])
    def test_a_backlog_counts_as_new(self, backlog: int, count: int) -> None:
        decided = Reader(baseline=False).poll(map(raw, NUMBERS), backlog=backlog)
        assert (len(decided.new), len(decided.baseline)) == (count, 3 - count)

    def test_the_newest_by_date_are_the_backlog(self) -> None:
        dated = [raw(day, published=f"2025-01-{day:02d}T00:00:00+00:00") for day in (3, 9, 5)]
        decided = Reader(baseline=False).poll(dated, backlog=2)
        assert [entry.title for entry in decided.new] == [raw(9).title, raw(5).title]

    def test_without_dates_the_first_of_the_document_are_the_backlog(self) -> None:
        undated = [raw(number, published="") for number in NUMBERS]
        decided = Reader(baseline=False).poll(undated, backlog=2)
        assert [entry.title for entry in decided.new] == [raw(0).title, raw(1).title]

    def test_a_backlog_means_nothing_later(self) -> None:
        reader = polled([])
        assert len(reader.poll(map(raw, NUMBERS), backlog=1).new) == 3


class TestOneArticleStaysOne:
    """None of these changes makes an article new."""

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "urn:other"},
            {"link": "https://elsewhere.example/x"},
            {"id": "urn:other", "link": "https://elsewhere.example/x"},
            {"id": ""},
            {"link": ""},
            {"id": "", "link": ""},
            {"summary": LONG},
            {"title": "Another headline altogether"},
            {"title": "Another headline altogether", "summary": LONG},
            {"published": "2025-02-01T00:00:00+00:00"},
            {"link": "http://www.port.example/articles/1/?utm_source=rss#top", "summary": LONG},
            {"link": "https://port.example/articles/1-new-slug", "summary": LONG},
            {"id": "urn:other", "summary": LONG},
            {"id": "", "summary": LONG, "title": "Another headline altogether"},
            {"link": "", "summary": LONG, "title": "Another headline altogether"},
        ],
    )
    def test_a_change(self, change: dict[str, str]) -> None:
        reader = polled([raw(1)])
        assert reader.poll([raw(1, **change)]).new == ()
        assert reader.poll([raw(1)]).new == ()

    @pytest.mark.parametrize("field", ["summary", "title"])
    def test_an_edit_is_told_under_the_id_it_had(self, field: str) -> None:
        reader = Reader()
        (first,) = reader.poll([raw(1)]).new
        (edited,) = reader.poll([raw(1, **{field: f"{LONG} And more."})]).edited
        assert edited.id == first.id
        assert edited.keys != first.keys

    def test_an_edit_of_a_bare_headline_is_told(self) -> None:
        headline = {"summary": "", "published": ""}
        reader = polled([raw(1, **headline)])
        assert len(reader.poll([raw(1, title="second thoughts", **headline)]).edited) == 1
        assert reader.poll([raw(1, title="second thoughts", **headline)]).edited == ()

    def test_a_move_in_two_steps(self) -> None:
        reader = polled([raw(1)])
        moved = {"id": "urn:other", "link": "https://elsewhere.example/x"}
        reader.poll([raw(1, **moved)])
        assert reader.poll([raw(1, **moved, title="Edited later", summary=LONG)]).new == ()

    def test_the_same_entry_several_times_in_a_document(self) -> None:
        assert len(Reader().poll([raw(1), raw(1), raw(1, author="x")]).new) == 1

    def test_an_article_under_two_addresses_in_a_document(self) -> None:
        again = raw(1, id="urn:other", link="https://port.example/sport/1")
        reader = Reader()
        assert len(reader.poll([raw(1), again]).new) == 1
        assert reader.poll([raw(1, id=again.id, link=again.link, summary=LONG)]).new == ()


class TestTwoArticlesStayTwo:
    def test_under_one_id(self) -> None:
        assert len(Reader().poll(raw(number, id="same") for number in NUMBERS).new) == 3

    def test_under_one_link(self) -> None:
        assert len(Reader().poll(raw(number, link="https://port.example/") for number in NUMBERS).new) == 3

    def test_under_one_id_and_link(self) -> None:
        same = {"id": "https://port.example/", "link": "https://port.example/"}
        reader = Reader()
        assert len(reader.poll(raw(number, **same) for number in NUMBERS).new) == 3
        assert len(reader.poll(raw(number, **same) for number in range(4)).new) == 1

    def test_under_one_id_and_with_one_title(self) -> None:
        same = {"id": "same", "title": "Picture of the day"}
        assert len(Reader().poll(raw(number, **same) for number in NUMBERS).new) == 3

    def test_without_titles_an_id_alone_does_not_make_them_one(self) -> None:
        """Rule 3: the link contradicts the id, and two missing titles are not alike."""
        reader = polled([raw(1, id="same", title="")])
        assert len(reader.poll([raw(2, id="same", title="")]).new) == 1
        assert len(reader.poll([raw(3, id="same")]).new) == 1

    def test_under_an_id_that_another_had_before(self) -> None:
        reader = polled([raw(1, id="same")])
        assert len(reader.poll([raw(2, id="same")]).new) == 1

    def test_under_a_link_that_another_had_before(self) -> None:
        reader = polled([raw(1, link="https://port.example/live")])
        assert len(reader.poll([raw(2, link="https://port.example/live")]).new) == 1

    def test_under_the_id_of_one_and_the_link_of_another(self) -> None:
        reader = polled([raw(1), raw(2)])
        assert len(reader.poll([raw(3, id=raw(1).id, link=raw(2).link)]).new) == 1

    def test_bare_headlines_that_repeat(self) -> None:
        daily = {"title": "Exchange rates", "summary": "", "published": ""}
        reader = polled([raw(1, **daily)])
        assert len(reader.poll([raw(2, **daily)]).new) == 1

    def test_short_texts_of_different_days(self) -> None:
        daily = {"id": "", "title": "Exchange rates", "summary": "See the table.", "link": "https://port.example/rates"}
        first = raw(1, **daily, published="2025-01-20T06:00:00+00:00")
        second = raw(1, **daily, published="2025-01-21T06:00:00+00:00")
        assert len(Reader().poll([first, second]).new) == 2

    def test_words_that_come_again_with_a_later_date(self) -> None:
        """As ministries announce their press conferences: id, link and date are new, title and text never."""
        words = {"title": "Press conference", "summary": LONG}
        days = [f"2025-01-{20 + day}T06:00:00+00:00" for day in range(4)]
        reader = polled([raw(9), raw(0, **words, published=days[0])])
        for day in (1, 2, 3):
            assert len(reader.poll([raw(day, **words, published=days[day]), raw(9)]).new) == 1
            assert reader.poll([raw(day, **words, published=days[day]), raw(9)]).new == ()
        together = [raw(number, **words, published=days[number]) for number in range(4)]
        assert len(Reader().poll(together).new) == 4

    def test_but_not_with_an_earlier_date_or_none(self) -> None:
        words = {"title": "Press conference", "summary": LONG}
        reader = polled([raw(9), raw(0, **words)])
        assert reader.poll([raw(9), raw(1, **words, published="2025-01-19T06:00:00+00:00")]).new == ()
        assert reader.poll([raw(9), raw(2, **words, published="")]).new == ()

    def test_nor_when_all_of_a_document_has_new_ids_links_and_dates(self) -> None:
        later = "2025-02-01T06:00:00+00:00"
        moved = [raw(n, id=f"new-{n}", link=f"https://new.example/{n}", published=later) for n in NUMBERS]
        assert polled([raw(number) for number in NUMBERS]).poll(moved).new == ()

    def test_with_neither_id_nor_link(self) -> None:
        assert len(Reader().poll(raw(number, id="", link="") for number in NUMBERS).new) == 3


class TestLinksWhoseQueriesTurn:
    """An unknown parameter of all links changes from poll to poll, the entries have no ids, and nothing else holds."""

    @staticmethod
    def turned(number: int, poll: int, **fields: str) -> RawEntry:
        link = f"https://port.example/articles/{number}?zx={1000 * poll + number}"
        return raw(number, **{"id": link, "link": link, "summary": f"{LONG} Read {poll} times.", **fields})

    def test_entries_are_told_once_and_then_edited(self) -> None:
        reader, told = Reader(baseline=False), []
        reader.poll(self.turned(number, 0) for number in range(8))
        for poll in (1, 2, 3):
            decided = reader.poll(self.turned(number, poll) for number in range(8 + poll))
            told += [entry.title for entry in decided.new]
            assert len(decided.edited) == 7 + poll
        assert told == [raw(number).title for number in (8, 9)] + [self.turned(10, 3).title]

    @pytest.mark.parametrize("fields", [{"summary": ""}, {"summary": "Short."}])
    def test_dates_may_change_as_well(self, fields: dict[str, str]) -> None:
        reader = Reader()
        for poll in range(4):
            date = {"published": f"2025-01-2{poll}T06:00:00+00:00"}
            decided = reader.poll(self.turned(number, poll, **fields, **date) for number in NUMBERS)
            assert len(decided.new) == (0 if poll else 3)
            assert poll == 0 or decided.touched == ()

    def test_beside_parameters_that_tell_entries_apart(self) -> None:
        def entry(number: int, poll: int) -> RawEntry:
            return self.turned(number, poll, id="", link=f"https://port.example/view?id={number}&zx={poll}{number}")

        reader = polled([entry(number, 0) for number in NUMBERS])
        assert reader.poll([entry(number, 1) for number in range(4)]).new[0].title == raw(3).title
        assert len(reader.poll([entry(number, 2) for number in range(4)]).edited) == 4

    @pytest.mark.parametrize("form", ["{link}&utm_source=rss", "{http}"])
    def test_with_an_id_that_is_the_link_in_another_form(self, form: str) -> None:
        def entry(number: int, poll: int) -> RawEntry:
            plain = self.turned(number, poll)
            return self.turned(number, poll, id=form.format(link=plain.link, http=plain.link.replace("https", "http")))

        reader = polled([entry(number, 0) for number in NUMBERS])
        assert len(reader.poll([entry(number, 1) for number in NUMBERS]).edited) == 3

    def test_beside_entries_that_are_as_they_were(self) -> None:
        def entry(number: int, poll: int) -> str:
            link = f"https://port.example/{number}?zx={poll}{number}"
            return item(number, link=link, guid="", description=f"{LONG} Read {poll} times.")

        reader, others = Reader(), [item(number) for number in range(20, 25)]
        reader.poll_document(rss(entry(1, 0), entry(2, 0), *others))
        decided = reader.poll_document(rss(entry(1, 1), entry(2, 1), entry(3, 1), *others))
        assert (len(decided.new), len(decided.edited)) == (1, 2)

    def test_one_entry_alone(self) -> None:
        reader = polled([self.turned(1, 0)])
        assert len(reader.poll([self.turned(1, 1)]).edited) == 1
        assert len(reader.poll([self.turned(1, 2, published="")]).edited) == 1

    def test_one_entry_alone_with_a_later_date_is_another(self) -> None:
        reader = polled([self.turned(1, 0)])
        assert len(reader.poll([self.turned(1, 1, published="2025-01-21T06:00:00+00:00")]).new) == 1

    def test_one_title_and_page_twice_in_a_document(self) -> None:
        """Then only the queries tell which is which."""
        same = {"title": "Press conference", "id": ""}

        def entries(numbers: range) -> list[RawEntry]:
            links = [f"https://port.example/view?id={number}" for number in numbers]
            return [raw(number, link=link, **same) for number, link in zip(numbers, links, strict=True)]

        reader = Reader()
        assert len(reader.poll(entries(range(4))).new) == 4
        assert len(reader.poll(entries(range(4, 8))).new) == 4

    def test_a_title_that_comes_again_on_a_page_whose_other_entries_stay(self) -> None:
        def entry(number: int, **fields: str) -> RawEntry:
            return raw(number, id="", link=f"https://port.example/view?id={number}", **fields)

        weekly = {"title": "Exchange rates"}
        reader = polled([entry(1), entry(2, **weekly), entry(3), entry(4)])
        edited = [entry(number, summary=f"{LONG} Once more.") for number in (1, 3, 4)]
        assert len(reader.poll([entry(6, **weekly), *edited]).new) == 1

    def test_a_title_that_comes_again_beside_entries_that_are_as_they_were(self) -> None:
        def entry(number: int, title: str) -> str:
            return item(number, title=title, link=f"https://port.example/rates?day={number}", guid="", pubDate="")

        reader, others = Reader(), [item(number) for number in range(20, 23)]
        assert len(reader.poll_document(rss(entry(1, "Dollar"), entry(2, "Euro"), *others)).new) == 5
        assert len(reader.poll_document(rss(entry(3, "Dollar"), entry(4, "Euro"), *others)).new) == 2

    @pytest.mark.parametrize("name", ["id", "p", "newsid", "article_ID", "date", "nr"])
    def test_parameters_that_name_an_article_are_none_of_them(self, name: str) -> None:
        """The hourly bulletins of a site, each under the title of the one before."""
        titles = ("Exchange rates", "Weather", "Traffic")

        def bulletins(hour: int) -> list[RawEntry]:
            link = f"https://port.example/bulletin?lang=en&{name}={hour}"
            return [raw(hour, id="", title=title, link=f"{link}{n}") for n, title in enumerate(titles)]

        reader = Reader()
        assert [len(reader.poll(bulletins(hour)).new) for hour in (1, 2, 3)] == [3, 3, 3]

    def test_a_live_text_under_one_address_whose_title_changes(self) -> None:
        """A page and a title are no id: they contradict nothing."""
        live = {"id": "", "link": "https://port.example/live?id=7"}
        reader = polled([raw(1, **live)])
        assert reader.poll([raw(1, **live, title="Something else altogether", summary=LONG)]).new == ()
        reader.poll([raw(1, link=live["link"], title="Once more all different", summary=f"{LONG} Hm.")])
        assert reader.poll([raw(2, **live)]).new == ()

    def test_words_that_move_to_another_page(self) -> None:
        later = {"published": "2025-02-01T06:00:00+00:00"}
        reader = polled([raw(1, id="", link="https://port.example/a/articles/1?x=1")])
        assert reader.poll([raw(1, id="", link="https://port.example/b/articles/1?x=2", **later)]).new == ()


class TestOutcome:
    def test_a_date_in_the_future_becomes_now(self) -> None:
        (entry,) = (
            Reader().poll([raw(1, published="2035-01-01T00:00:00+00:00", updated="2036-01-01T00:00:00+00:00")]).new
        )
        assert entry.published == entry.updated == entry.found == START + timedelta(hours=1)

    def test_an_old_date_is_kept(self) -> None:
        (entry,) = Reader().poll([raw(1, published="1999-01-01T00:00:00+00:00")]).new
        assert entry.published == datetime(1999, 1, 1, tzinfo=UTC)

    def test_ids_are_sixteen_hex_digits_and_the_same_everywhere(self) -> None:
        first, second = (Reader(now=START + timedelta(days=days)).poll(map(raw, NUMBERS)).new for days in (0, 9))
        assert [entry.id for entry in first] == [entry.id for entry in second]
        assert all(len(entry.id) == 16 and int(entry.id, 16) for entry in first)
        assert len({entry.id for entry in first}) == 3

    def test_the_order_of_the_document_is_kept(self) -> None:
        decided = Reader().poll(raw(number) for number in (5, 2, 7))
        assert [entry.title for entry in decided.new] == [raw(number).title for number in (5, 2, 7)]

    def test_an_entry_that_is_held_by_two_keys_is_not_touched(self) -> None:
        reader = polled([raw(1)])
        for poll in range(5):
            assert reader.poll([raw(1, id=f"urn:churn:{poll}")]).touched == ()

    def test_an_entry_that_is_held_by_its_content_alone_is_touched_once(self) -> None:
        reader = polled([raw(1)])
        moved = raw(1, id="urn:other", link="https://elsewhere.example/x")
        (touched,) = reader.poll([moved]).touched
        assert reader.owner(touched.keys.guid) == touched.id
        assert reader.poll([moved]).touched == ()
