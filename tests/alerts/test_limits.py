"""How much of each text, number and list of a digest is told: to readers, and in the JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from alerts.model import Digest, FeedProblem, Fragment, ScorePart, Story
from alerts.payload import payload
from alerts.view import DigestView, rest_at, view
from tests.alerts.samples import HEALTH, digest, entry

ENDLESS = "n" * 5_000
PROBLEM = FeedProblem(ENDLESS, "https://a.example/", ENDLESS, ENDLESS, None)
TEXT = (Fragment(ENDLESS, marked=True),)
LONG = digest(
    [
        Story(
            (
                entry(
                    title=ENDLESS,
                    source=ENDLESS,
                    headline=TEXT,
                    highlight=TEXT,
                    score=1.23456,
                    threshold=0.00004,
                    parts=(ScorePart("term", ENDLESS, "title", 1, 2.34564, 3.45678),),
                ),
            )
        )
    ],
    title=ENDLESS,
    profile=ENDLESS,
    notices=(ENDLESS,),
    held=(entry(9, source=ENDLESS),),
    health=replace(HEALTH, problems=(PROBLEM,)),
)
VIEW = view(LONG)
JSON = payload(LONG)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        (VIEW.profile, 100),
        (VIEW.title, 120),
        (VIEW.headline, 200),
        (VIEW.headline.partition(" (1): ")[0], 80),
        (VIEW.preheader, 200),
        (VIEW.notices[0], 300),
        (VIEW.stories[0].lead.title, 300),
        (VIEW.stories[0].lead.headline[0].text, 300),
        (VIEW.stories[0].lead.excerpt[0].text, 360),
        (VIEW.stories[0].lead.source, 80),
        (VIEW.held[0].source, 80),
        (VIEW.problems[0].title, 80),
        (VIEW.problems[0].state, 20),
        (VIEW.problems[0].reason, 200),
        (rest_at(LONG), 500),
        (JSON["title"], 120),
        (JSON["notices"][0], 300),
        (JSON["held"][0]["source"], 80),
        (JSON["stories"][0]["entries"][0]["title"], 300),
        (JSON["stories"][0]["entries"][0]["parts"][0]["label"], 200),
        (JSON["feeds"]["problems"][0]["title"], 80),
        (JSON["feeds"]["problems"][0]["reason"], 200),
    ],
)
def test_a_text_without_end_is_cut_with_an_ellipsis(text: str, length: int) -> None:
    assert len(text) == length
    assert text.endswith("n…")


def test_numbers_have_four_decimals_in_the_json_and_one_for_readers() -> None:
    told = JSON["stories"][0]["entries"][0]
    assert (told["score"], told["threshold"]) == (1.2346, 0.0)
    assert (told["parts"][0]["weight"], told["parts"][0]["points"]) == (2.3456, 3.4568)
    assert (VIEW.stories[0].lead.score, VIEW.stories[0].lead.threshold) == ("1.2", "0.0")


def crowded(number: int) -> Digest:
    """A digest with ``number`` of all that is told in lines."""
    problems = tuple(replace(PROBLEM, title=f"feed {n}") for n in range(number))
    return digest(
        1,
        held=tuple(entry(n % 8, id=f"held-{n}", source="One Post") for n in range(number)),
        notices=tuple(f"notice {n}" for n in range(number)),
        health=replace(HEALTH, problems=problems),
    )


@pytest.mark.parametrize(("number", "shown", "more"), [(0, 0, 0), (1, 1, 0), (12, 12, 0), (13, 12, 1), (40, 12, 28)])
def test_readers_see_twelve_lines_and_how_many_more_there_are(number: int, shown: int, more: int) -> None:
    seen: DigestView = view(crowded(number))
    assert (len(seen.held), seen.held_more) == (shown, more)
    assert (len(seen.problems), seen.problems_more) == (shown, more)
    told = [f"notice {n}" for n in range(shown)]
    assert list(seen.notices[:shown]) == told
    assert len(seen.notices) == shown + bool(more)
    if more:
        assert seen.notices[-1].startswith(f"… and {more} more notice")


@pytest.mark.parametrize(("every", "lines"), [(False, 12), (True, 40)])
def test_the_json_of_a_file_has_every_line_and_that_of_a_message_twelve(every: bool, lines: int) -> None:
    made: dict[str, Any] = payload(crowded(40), every=every)
    assert [len(made["held"]), len(made["feeds"]["problems"])] == [lines, lines]
    assert made["held"][-1]["id"] == f"held-{lines - 1}"
    assert len(made["notices"]) == 12


@pytest.mark.parametrize(
    ("copies", "shown", "said"), [(4, 4, ""), (5, 5, ""), (6, 5, "1 more"), (1_205, 5, "1,200 more")]
)
def test_five_copies_of_a_title_are_named(copies: int, shown: int, said: str) -> None:
    """The rest is counted, with what the story left out before."""
    story = Story(tuple(entry(0, id=f"e{n}", source="One Post") for n in range(copies + 1)))
    [seen] = view(digest([story])).stories
    assert (len(seen.copies), seen.copies_more, seen.also) == (shown, said, ())
    [again] = view(digest([replace(story, more=2)])).stories
    assert again.copies_more == f"{max(copies - 5, 0) + 2:,} more"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, ""),
        (1, "1 further report of stories you already have was held back (Post 0)."),
        (2, "2 further reports of stories you already have were held back (Post 0, Post 1)."),
        (9, "9 further reports of stories you already have were held back (Post 0, Post 1, Post 2, Post 3, Post 4)."),
    ],
)
def test_what_was_held_back_is_counted_with_five_of_its_sources(count: int, said: str) -> None:
    assert view(digest(1, held=tuple(entry(n, source=f"Post {n}") for n in range(count)))).held_text == said


@pytest.mark.parametrize(
    ("score", "threshold", "widths"),
    [
        (10.0, 5.0, (25, 25, 50)),
        (5.0, 5.0, (25, 0, 75)),
        (4.0, 5.0, (20, 0, 80)),
        (20.0, 5.0, (25, 75, 0)),
        (99.0, 5.0, (25, 75, 0)),
        (-3.0, 5.0, (0, 0, 100)),
        (10.0, -1.0, (0, 50, 50)),
    ],
)
def test_a_bar_shows_what_was_asked_for_and_what_there_is_beyond(
    score: float, threshold: float, widths: tuple[int, int, int]
) -> None:
    [story] = view(digest([Story((entry(score=score, threshold=threshold),))], full_score=20.0)).stories
    assert (story.lead.bar.needed, story.lead.bar.beyond, story.lead.bar.rest) == widths


@pytest.mark.parametrize(("scores", "full"), [((10.0, 30.0), 40.0), ((-1.0, 0.0), 0.0)])
def test_no_score_is_beyond_a_full_bar_and_without_scores_bars_are_empty(
    scores: tuple[float, ...], full: float
) -> None:
    stories = [Story((entry(score=score, threshold=0.0),)) for score in scores]
    bars = [story.lead.bar for story in view(digest(stories, full_score=full)).stories]
    assert [bar.beyond for bar in bars] == [round(100 * score / full) if full else 0 for score in scores]
    assert [bar.needed + bar.beyond + bar.rest for bar in bars] == [100, 100]
