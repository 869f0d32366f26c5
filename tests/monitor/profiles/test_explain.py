"""Why, and why not."""

from __future__ import annotations

from monitor.profiles import Matcher, Profile, load_profile
from monitor.profiles.explain import Explanation, explain, lines

PROFILE = load_profile(
    """
name: pair
threshold: 6.0
concepts:
  japan: {country: JP}
  laos: {country: LA}
require: [japan, laos]
terms:
  - {term: strategic partnership, weight: 4.0}
  - {term: anniversary, weight: 2.0}
  - {term: football, weight: -3.0}
""",
    name="pair",
)


def explained(title: str, text: str = "", profile: Profile = PROFILE) -> Explanation:
    [score] = Matcher([profile]).score(title=title, text=text)
    return explain(profile, score)


def test_a_match_lists_its_points() -> None:
    result = explained("Japan and Laos agree on strategic partnership")
    assert result.verdict.startswith("matches: ")
    assert result.short == 0
    shown = list(lines(result))
    assert any("strategic partnership" in line for line in shown[1:])
    assert not any("not found" in line for line in shown)


def test_what_is_required_and_missing_is_named() -> None:
    result = explained("Japan signs strategic partnership")
    assert "requirement" in result.verdict
    assert any("laos" in reason.lower() for reason in result.missing)


def test_too_few_points_are_counted_and_the_absent_terms_named_strongest_first() -> None:
    result = explained("Japan sends rice to Laos")
    assert result.score.eligible
    assert result.short == result.score.threshold - result.score.value
    assert f"{result.short:.1f} short" in result.verdict
    assert result.absent == (("strategic partnership", 4.0), ("anniversary", 2.0))
    assert "strategic partnership (+4.0)" in list(lines(result))[-1]
