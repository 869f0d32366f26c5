"""What is said of mistakes in files, and what the program's errors carry."""

from __future__ import annotations

import pytest

from monitor.errors import ConfigError, FetchError, NewsbellError, ParseError, Problem, StoreError


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("a.yaml", 3, 7, "", "no feeds"), "a.yaml:3:7: no feeds"),
        (Problem("a.yaml", 3, 7, "feeds[0].url", "no address"), "a.yaml:3:7: feeds[0].url: no address"),
        (Problem("a.yaml", 3, 7, "fetch", "unknown", "did you mean?"), "a.yaml:3:7: fetch: unknown (did you mean?)"),
    ],
)
def test_a_problem_is_a_line_that_editors_can_jump_to(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_all_problems_are_told_sorted_by_place() -> None:
    places = [("b.yaml", 1, 1), ("a.yaml", 10, 1), ("a.yaml", 9, 4), ("a.yaml", 9, 2)]
    error = ConfigError([Problem(*place, "", "wrong") for place in places])
    assert [problem.place for problem in error.problems] == sorted(places)
    assert str(error).splitlines() == [f"{file}:{line}:{column}: wrong" for file, line, column in sorted(places)]


@pytest.mark.parametrize("permanent", [False, True])
def test_a_failed_fetch_names_its_feed_and_says_whether_asking_again_can_help(permanent: bool) -> None:
    error = FetchError("https://a.example/feed", "answered 410", permanent=permanent)
    assert (str(error), error.url, error.permanent) == ("answered 410", "https://a.example/feed", permanent)


def test_what_cannot_be_read_names_its_feed() -> None:
    error = ParseError("https://a.example/feed", "this is not a feed")
    assert (str(error), error.url) == ("this is not a feed", "https://a.example/feed")


@pytest.mark.parametrize("error", [ConfigError([]), FetchError("", ""), ParseError("", ""), StoreError("full")])
def test_one_name_catches_them_all(error: Exception) -> None:
    assert isinstance(error, NewsbellError)
