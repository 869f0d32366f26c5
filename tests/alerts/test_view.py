"""Figures in words, times in the reader's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import DayCount, FeedHealth, FeedProblem, Fragment, Story
from alerts.view import Bar, headline, view, window
from tests.alerts.samples import END, PARTS, digest, entry
from tests.examples import examples

at = partial(datetime, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (at(2026, 3, 2, 7), at(2026, 3, 3, 7), "Mon 2 Mar, 07:00 – Tue 3 Mar 2026, 07:00"),
        (at(2026, 3, 2, 7), at(2026, 3, 2, 19, 30), "Mon 2 Mar 2026, 07:00 – 19:30"),
        (at(2025, 12, 31, 7), at(2026, 1, 1, 7), "Wed 31 Dec 2025, 07:00 – Thu 1 Jan 2026, 07:00"),
    ],
)
def test_a_window_says_no_date_twice(start: datetime, end: datetime, text: str) -> None:
    assert window(start, end) == text


@pytest.mark.parametrize(
    ("zone", "shown", "time"),
    [
        ("Asia/Vientiane", "Mon 2 Mar, 07:00 – Tue 3 Mar 2026, 07:00", "Tue 3 Mar, 05:53"),
        ("America/New_York", "Sun 1 Mar, 19:00 – Mon 2 Mar 2026, 19:00", "Mon 2 Mar, 17:53"),
        ("UTC", "Mon 2 Mar, 00:00 – Tue 3 Mar 2026, 00:00", "Mon 2 Mar, 22:53"),
    ],
)
def test_times_are_those_of_the_profile(zone: str, shown: str, time: str) -> None:
    seen = view(digest(1, timezone=zone))

    assert (seen.window, seen.stories[0].lead.time, seen.zone) == (shown, time, zone)


def test_an_entry_without_a_date_says_when_it_was_found() -> None:
    assert view(digest([Story((entry(0, published=None),))])).stories[0].lead.time == "found Tue 3 Mar, 06:00"


@pytest.mark.parametrize(
    ("score", "threshold", "full", "bar"),
    [
        (10.0, 5.0, 20.0, Bar(25, 25, 50)),
        (20.0, 5.0, 20.0, Bar(25, 75, 0)),
        (99.0, 5.0, 20.0, Bar(25, 75, 0)),
        (5.0, 5.0, 20.0, Bar(25, 0, 75)),
        (3.0, 5.0, 20.0, Bar(15, 0, 85)),
        (-3.0, 5.0, 20.0, Bar(0, 0, 100)),
        (8.0, -1.0, 16.0, Bar(0, 50, 50)),
        (10.0, 5.0, 0.0, Bar(50, 50, 0)),
        (-3.0, -5.0, 0.0, Bar(0, 0, 100)),
    ],
)
def test_a_bar_shows_what_was_needed_and_what_lies_beyond(
    score: float, threshold: float, full: float, bar: Bar
) -> None:
    each = digest([Story((entry(0, score=score, threshold=threshold),))], full_score=full)

    assert view(each).stories[0].lead.bar == bar


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 1e6))
@examples(0.8)
def test_a_bar_is_always_whole(score: float, threshold: float, full: float) -> None:
    each = digest([Story((entry(0, score=score, threshold=threshold),))], full_score=full)
    bar = view(each).stories[0].lead.bar

    assert bar.needed + bar.beyond + bar.rest == 100
    assert min(bar.needed, bar.beyond, bar.rest) >= 0


def test_the_legend_says_what_full_means() -> None:
    assert view(digest(1)).legend == "A full bar is 20.0 points; its first part is the 5.0 that this profile asks for."
    assert view(digest(1, full_score=0.0)).legend.startswith("A full bar is 16.4 points")
    assert view(digest(0)).legend == ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Japan and the Mekong (3): Japan and Laos open a ferry school on the Mekong"),
        ({"more": 7}, "Japan and the Mekong (10): Japan and Laos open a ferry school on the Mekong"),
        ({"kind": "instant"}, "Japan and the Mekong (alert): Japan and Laos open a ferry school on the Mekong"),
        ({"kind": "test"}, "Test message: Japan and the Mekong"),
        ({"stories": ()}, "Japan and the Mekong: nothing new"),
        ({"stories": (), "notices": ("Feed down",)}, "Japan and the Mekong: Feed down"),
        ({"stories": (Story((entry(0, title=" "),)),)}, "Japan and the Mekong (1): (no title)"),
        ({"title": ""}, "japan-mekong (3): Japan and Laos open a ferry school on the Mekong"),
    ],
)
def test_the_headline_names_profile_count_and_top_story(changes: dict[str, Any], expected: str) -> None:
    stories = digest(3).stories

    assert headline(digest(changes.pop("stories", stories), **changes)) == expected


def test_the_headline_has_at_most_200_characters() -> None:
    long = digest([Story((entry(0, title="word " * 200),))], title="title " * 90)

    assert len(headline(long)) == 200
    assert headline(long).endswith("…")


def test_the_preheader_goes_on_where_the_subject_ends() -> None:
    assert view(digest(3)).preheader.startswith("日本とラオス")
    assert view(digest(1)).preheader.startswith("The school in Vientiane")
    assert view(digest(0, notices=("Feed down",))).preheader == "Feed down"


def test_activity_is_drawn_against_the_busiest_day() -> None:
    counts = (DayCount("2026-03-01", 0), DayCount("2026-03-02", 1), DayCount("2026-03-03", 8))
    seen = view(digest(1, activity=counts))

    assert [(day.label, day.height, day.spark) for day in seen.activity] == [
        ("1 Mar", 0, "▁"),
        ("2 Mar", 12, "▂"),
        ("3 Mar", 100, "█"),
    ]
    assert seen.activity_text == "9 matches from 1 Mar to 3 Mar, most on 3 Mar (8)"


def test_a_single_day_with_matches_is_no_plot() -> None:
    """A first digest has nothing to compare with."""
    days = (DayCount("2026-03-01", 0), DayCount("2026-03-02", 8))
    seen = view(digest(1, activity=days))

    assert (seen.activity, seen.activity_text) == ((), "")


def test_feed_health_in_a_sentence() -> None:
    def told(*numbers: int) -> str:
        return view(digest(1, health=FeedHealth(*numbers))).health

    assert told(27, 25, 1482) == "1,482 entries of 27 feeds read; 25 of 27 feeds are well."
    assert told(1, 0, 1) == "1 entry of 1 feed read; it is not well."
    assert told(1, 1, 1) == "1 entry of 1 feed read; all feeds are well."
    assert told(0, 0, 0) == ""


def test_long_lists_are_cut_and_counted() -> None:
    sick = tuple(FeedProblem(f"Feed {n}", f"https://f{n}.example/", "failing", "timeout") for n in range(40))
    seen = view(digest(1, health=FeedHealth(40, 0, 0, sick), notices=tuple(f"Notice {n}" for n in range(15))))

    assert (len(seen.problems), seen.problems_more) == (12, 28)
    assert (len(seen.notices), seen.notices[-1]) == (13, "… and 3 more notices")


def test_a_feed_that_a_notice_names_is_not_named_again_below() -> None:
    sick = (
        FeedProblem("Feed 1", "https://f1.example/", "failing", "timeout", told=True),
        FeedProblem("Feed 2", "https://f2.example/", "failing", "timeout"),
    )
    seen = view(digest(1, health=FeedHealth(9, 7, 0, sick), notices=("Feed 1: cannot be read: timeout",)))

    assert [problem.title for problem in seen.problems] == ["Feed 2"]
    assert seen.health == "0 entries of 9 feeds read; 7 of 9 feeds are well."


def test_a_story_names_five_further_sources_of_one_title() -> None:
    seen = view(digest([Story((entry(0),) * 9)])).stories[0]

    assert (len(seen.also), len(seen.copies), seen.copies_more) == (0, 5, "3 more")


def test_every_title_of_a_story_is_shown_once() -> None:
    lead = entry(0, title="Japan to open office", source="A")
    titles = [
        ("JAPAN TO OPEN OFFICE - Bee", "Bee"),
        ("Japan to close office", "C"),
        ("Japan to close office | Dee", "Dee"),
    ]
    others = [entry(n, title=title, source=source) for n, (title, source) in enumerate(titles, 1)]
    many = [entry(n, title=f"Japan opens office number {n}") for n in range(10, 30)]
    seen = view(digest([Story((lead, *others, *many), more=4)])).stories[0]

    assert [each.title for each in seen.also] == ["Japan to close office", *(each.title for each in many)]
    assert [each.source for each in seen.copies] == ["Bee", "Dee"]
    assert seen.copies_more == "4 more"


def test_what_is_held_back_is_named() -> None:
    seen = view(digest(1, held=tuple(entry(n) for n in range(15))))

    assert (len(seen.held), seen.held_more, seen.held[0].link) == (12, 3, "https://news.example/en/0")
    assert seen.held_text.startswith("15 further reports of stories you already have were held back (Mekong Daily, ")
    assert view(digest(1, held=(entry(0),))).held_text == (
        "1 further report of stories you already have was held back (Mekong Daily)."
    )
    assert view(digest(1)).held_text == ""


def test_where_the_rest_is_told() -> None:
    command, link = view(digest(1, more=2)), view(digest(1, more=1), "https://news.example/archive")

    assert (command.more, command.more_at, command.more_link) == (
        "2 more stories",
        "newsbell digest japan-mekong --since 7d",
        "",
    )
    assert command.more_hint == "Newsbell keeps what is not shown here; whoever runs it reads it with"
    assert link.more_hint == "See them all"
    assert (link.more, link.more_link) == ("1 more story", "https://news.example/archive")


def test_marks_of_the_title_are_kept_and_made_up_when_missing() -> None:
    lead = view(digest(1)).stories[0].lead
    plain = view(digest([Story((entry(0, headline=()),))])).stories[0].lead

    assert [part.text for part in lead.headline if part.marked] == ["Japan", "Laos"]
    assert plain.headline == (Fragment(plain.title),)
    assert PARTS[0].label in lead.why
    assert END.tzinfo is UTC
