"""Why, and why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import ScorePart
from monitor.model import PastItem
from monitor.profiles import Matcher, Profile, load_profile
from monitor.profiles.explain import Explanation, explain, lines
from monitor.profiles.trace import Words

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


# the words behind each part

EVERY_KIND = load_profile(
    r"""
name: every-kind
threshold: 6.0
focus: 4.0
concepts:
  japan: {country: JP, scripts: [Hiragana]}
  laos: {country: LA}
  cambodia: {country: KH}
  dealings: {terms: [talks, "arriv*", "*haus"], ignore: [talks show], weight: 1.5}
  noise: {terms: [concert], weight: -2.0}
require: [japan, [laos, cambodia]]
terms:
  - {term: "bilateral*", weight: 1.0}
  - {term: "bilateral*", weight: 0.5, field: summary}
  - {term: AID, weight: 1.0, case: true}
  - {near: [upgrade, ties], within: 4, weight: 2.0}
  - {near: [upgrade, ties], within: 1, weight: 1.0, field: title}
  - {regex: "\\d+ (?:yen|kip)", weight: 1.0}
  - {regex: "(?i)live\\b", weight: -1.0, field: title}
""",
    name="every-kind",
)
WORDS = load_profile(
    '{name: words, threshold: 1, terms: [{term: "rice*", weight: 1}, {term: trade, weight: 2}]}', name="w"
)
SCOPED = load_profile(
    "{name: s, threshold: 1, scope: {fields: [title]}, terms: [{term: AID, weight: 1, case: true}]}", name="s"
)
VOCABULARY = (
    "Japan Japanese Japan's Tokyo 日本 にほん Laos Lao Lào Vientiane ລາວ Cambodia Vietnam Hanoi Việt ASEAN EU "
    "talks Talks show arrive Arrivals Gasthaus concert concerts bilateral bilaterally AID aid upgrade upgrades ties "
    "China-backed yen 5 300 kip LIVE live rice ricefields trade my the of and — . , ( ) \n https://example.org/talks"
).split(" ")
TEXTS = st.lists(st.sampled_from(VOCABULARY), max_size=14).map(" ".join)


def traced(profile: Profile, title: str, text: str = "", content: str = "") -> list[tuple[ScorePart, Words]]:
    [(score, words)] = Matcher([profile]).trace(PastItem("1", title, text, content=content))
    return list(zip(score.parts, words, strict=True))


MATCHERS = Matcher([EVERY_KIND, WORDS, SCOPED])


@given(title=TEXTS, summary=TEXTS, content=TEXTS)
def test_what_is_named_is_what_was_counted(title: str, summary: str, content: str) -> None:
    item = PastItem("1", title, summary, content=content)
    written = {"title": title, "summary": summary, "content": content, "any": f"{title} {summary} {content}"}
    found = MATCHERS.trace(item)
    assert [score for score, _ in found] == MATCHERS.score_past(item)
    for score, behind in found:
        for part, words in zip(score.parts, behind, strict=True):
            assert sum(word.hits for word in words) == part.hits, part
            assert all(word.text and word.text in " ".join(written[part.field].split()) for word in words), words


@pytest.mark.parametrize(
    ("title", "text", "kind", "words"),
    [
        ("Talks, talks and no talks show as they arrive", "", "concept", {"Talks": 2, "arrive": 1}),
        ("Ein Gasthaus", "", "concept", {"Gasthaus": 1}),
        ("Bilaterally agreed", "", "term", {"Bilaterally": 1}),
        ("AID is not aid", "", "term", {"AID": 1}),
        ("They upgrade all these ties and then upgrade", "", "near", {"upgrade all these ties": 1}),
        ("Japan: 5 yen are 300 kip", "", "regex", {"5 yen": 1, "300 kip": 1}),
        ("Japan and Vietnam", "Vietnamese guests in Hanoi", "focus", {"Vietnam": 1, "Vietnamese": 1, "Hanoi": 1}),
        ("Arrivals", "にほんご、ひらがな", "script", {"にほんご": 1}),
        ("Japan meets ASEAN and China", "", "focus", {"China": 1, "ASEAN": 1}),
    ],
)
def test_the_words_are_named_as_they_are_written(title: str, text: str, kind: str, words: dict[str, int]) -> None:
    [found] = [some for part, some in traced(EVERY_KIND, title, text) if part.kind == kind]
    assert {word.text: word.hits for word in found} == words


def test_terms_of_one_label_have_words_of_their_own() -> None:
    parts = traced(EVERY_KIND, "", "bilateral, and bilaterally")
    assert [(part.weight, len(words)) for part, words in parts] == [(1.0, 2), (0.5, 2)]


def test_a_score_that_is_just_short_does_not_look_like_the_threshold() -> None:
    close = load_profile("{name: n, threshold: 1.02, terms: [{term: rice, weight: 1}]}", name="n")
    assert explained("", "rice", close).verdict == "does not match: 1.000 points, 0.020 short of 1.020"


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Modi and Ishiba of Japan meet in Laos", '   -8.00  focus: India (any), as the title is about others: "Modi"'),
        ("India watches as Japan helps Laos", "   -4.00  focus: India (any), as others are named first"),
        ("Japan to visit India and Laos", "   -1.33  focus: India (any), in their share"),
    ],
)
def test_why_other_countries_take_so_much_away_is_said(title: str, said: str) -> None:
    [(score, words)] = Matcher([EVERY_KIND]).trace(PastItem("1", title))
    assert said in list(lines(explain(EVERY_KIND, score, words)))


def test_five_words_are_shown_and_the_others_counted_and_a_long_one_is_cut() -> None:
    wide = load_profile(
        "{name: n, threshold: 1, terms: [{term: 'rice*', weight: 1}, {regex: 'x.*y', weight: 1}]}", name="n"
    )
    text = "rice ricefields rice riceland ricegrower ricemill ricepaper x" + 100 * "-" + "y"
    [(score, words)] = Matcher([wide]).trace(PastItem("1", "", text))
    explanation = explain(wide, score, words)
    _, rice, long = lines(explanation)
    assert rice == (
        '   +1.47  term: rice* (summary ×7): "rice" ×2, "ricefields", "riceland", "ricegrower", "ricemill" and 1 more'
    )
    assert long == f'   +1.00  regex: /x.*y/ (summary): "x{"-" * 29} … {"-" * 29}y"'
    near = load_profile("{name: n, threshold: 1, terms: [{near: [upgrade, ties], within: 20, weight: 1}]}", name="n")
    [(score, words)] = Matcher([near]).trace(
        PastItem("1", "upgrade, after long and fruitless talks on much else, old ties")
    )
    assert list(lines(explain(near, score, words)))[1].endswith(
        '"upgrade, after long and … talks on much else, old ties"'
    )
    narrow = "\n".join(lines(explanation, 60)).splitlines()
    assert max(map(len, narrow)) <= 60
    assert narrow[2].startswith(" " * 12 + '"riceland"')
