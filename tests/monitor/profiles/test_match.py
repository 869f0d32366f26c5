"""Matching and scoring: what is found, what it is worth, and why."""

from __future__ import annotations

import math
import pickle
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import PastItem, Score
from monitor.profiles import Matcher, Profile, load_profile
from monitor.profiles.late import LateScore
from monitor.profiles.model import Term
from monitor.profiles.page import Page
from monitor.profiles.score import IMPLIED, IN_TITLE, saturated
from tests.examples import examples

PAIR = """
name: pair
threshold: 5.0
instant: 9.0
focus: 3.0
concepts:
  germany: {country: DE, terms: [German, Berlin], weight: 1.75}
  kenya: {country: KE, terms: [Kenyan, Nairobi, Ruto], weight: 1.75}
  japan: {country: JP, scripts: [Hiragana, Katakana], ignore: [Japan Times], weight: 1.75}
  sport: {terms: [marathon*, football], weight: -2.0}
require: [[germany, japan], kenya]
terms:
  - {term: labour agreement, weight: 2.0}
  - {term: visit, weight: 1.0}
  - {near: [skilled, workers], within: 3, weight: 1.5}
"""


def profile(text: str) -> Profile:
    return load_profile(text, name="p.yaml")


def score(text: str, title: str, body: str = "", **more: Any) -> Score:
    [found] = Matcher([profile(text)]).score(title=title, text=body, **more)
    return found


_PAIR = Matcher([load_profile(PAIR, name="p.yaml")])


def pair(title: str, body: str = "", **more: Any) -> Score:
    [found] = _PAIR.score(title=title, text=body, **more)
    return found


def labels(found: Score) -> dict[str, float]:
    return {f"{part.kind} {part.label} {part.field}": round(part.points, 2) for part in found.parts}


def minimal(term: str) -> str:
    return f"{{name: p, threshold: 1, terms: [{term}]}}"


# what is found --------------------------------------------------------------------------------


NAMES = [field.name for field in fields(Score)]


def test_a_score_that_is_filled_in_later_shows_its_fields_like_any_other() -> None:
    """To whatever looks at the class: help(), documentation, a debugger."""
    assert {name: callable(getattr(getattr(LateScore, name), "__get__", None)) for name in NAMES} == dict.fromkeys(
        NAMES, True
    )


def test_an_entry_on_the_topic_matches() -> None:
    found = pair("Germany and Kenya sign labour agreement", "Nairobi wants jobs for skilled young workers.")
    assert found.matched
    assert found.eligible
    assert found.concepts == ("germany", "kenya")
    assert labels(found) == {
        "concept germany title": 2.26,
        "concept kenya title": 2.26,
        "concept kenya summary": 0.13,
        "near skilled … workers summary": 1.5,
        "term labour agreement title": 2.58,
    }


def test_a_country_is_found_by_its_name_in_every_language() -> None:
    for title in (
        "Allemagne - Kenya",
        "ドイツとケニア",
        "Almanya Kenya",
        "เยอรมนี เคนยา",
        "Германия Кения",
        "ເຢຍລະມັນ ເຄນຢາ",
    ):
        assert pair(title).eligible, title


@pytest.mark.parametrize(
    ("title", "missing"),
    [
        ("Kenya and Uganda sign labour agreement", ("names neither germany nor japan",)),
        ("German labour agreement", ("names no kenya",)),
        ("Rice prices", ("names neither germany nor japan", "names no kenya")),
    ],
)
def test_what_keeps_an_entry_from_being_eligible_is_said(title: str, missing: tuple[str, ...]) -> None:
    found = pair(title, "labour agreement " * 9 + "visit, skilled workers")
    assert missing == found.missing
    assert not found.eligible
    assert not found.matched


def test_a_title_on_another_country_takes_the_focus_away_twice() -> None:
    both = labels(pair("Germany and Kenya upgrade ties", "Uganda"))
    other = labels(pair("Germany and Uganda upgrade ties", "Kenya"))
    assert both["focus Uganda any"] > -3.0
    assert other["focus Uganda any"] == -6.0
    assert labels(pair("Uganda and Kenya upgrade ties", "日本"))["focus Uganda any"] == -6.0
    assert labels(pair("ケニアとウガンダ", "日本"))["focus Uganda any"] == -6.0  # whatever the script implies


@pytest.mark.parametrize(
    ("title", "body", "points"),
    [
        ("Germany and Kenya, watched by Uganda, upgrade ties", "", None),  # the pair comes first
        ("Uganda's leader visits Kenya; German envoy comments", "", -3.0),
        ("Germany and Uganda meet in Kenya", "", -6.0),  # but the place
        ("Germany and Uganda talk about Kenya", "", -3.0),  # named together
        ("German minister sees colleague from Uganda in Kenya", "", -6.0),
        ("German minister to see Uganda and Kenya", "", None),
        ("In Uganda, Kenya and Germany sign labour agreement", "", None),
        ("After Uganda, German minister to visit Kenya", "", None),
        ("German minister meets Ugandan, Kenyan leaders", "", None),
        ("ドイツとウガンダ、ケニア訪問", "", -3.0),
        ("ドイツ大統領、ウガンダからケニアへ", "", None),
        ("ドイツ大統領、ウガンダ大統領とケニアで会談", "", -6.0),
        ("Uganda's president meets Germans in Nairobi, Kenya", "", -6.0),
        ("ウガンダでドイツとケニアが会談", "", None),
        ("Leaders gather in Nairobi", "Ministers of Uganda and Germany flew in.", -3.0),
        ("Leaders gather in Nairobi", "Ministers of Germany and Uganda flew in.", None),
        ("日本、ウガンダ、ケニアが会談", "", -3.0),
        ("ケニア大統領、ウガンダの隣人として来日", "", -6.0),  # Japan is named by the script alone
        ("ケニア大統領、ウガンダの隣人として来日", "日本を訪問した。", -6.0),
        ("ケニア大統領、ウガンダの隣人として日本訪問", "", None),
        ("ケニア大統領が来日", "ウガンダの隣人。", None),
    ],
)
def test_an_entry_that_names_another_country_before_the_pair_is_about_that_one(
    title: str, body: str, points: float | None
) -> None:
    taken = labels(pair(title, body))["focus Uganda any"]
    assert taken == points if points else -3.0 < taken < 0.0


@pytest.mark.parametrize(
    ("title", "points"),
    [
        ("Germany and the EU upgrade ties", -6.0),
        ("ASEAN and Kenya upgrade ties", -6.0),
        ("Germany and Kenya upgrade ties at G20", None),
        ("독일, 아세안과 협력", -6.0),
        ("アセアンとケニアが会談", None),  # Japanese script implies Japan
        ("Germany upgrades ties", None),
    ],
)
def test_a_title_on_a_bloc_of_countries_that_leaves_one_of_the_pair_out_is_about_the_bloc(
    title: str, points: float | None
) -> None:
    body = "Leaders met for the first time in a decade. Kenya and Germany spoke." if points else "Kenya and Germany"
    assert labels(pair(title, body)).get(f"focus {_bloc(title)} any") == points


@pytest.mark.parametrize(
    ("title", "body", "points"),
    [
        ("Germany helps to train Uganda's nurses", "German and Kenyan teachers will train nurses from Uganda.", None),
        ("Germany and the EU fund wells", "Berlin and Nairobi signed the contract for them on Monday.", None),
        ("Germany and the EU fund wells", "Kenya and Germany signed the contract with the EU on Monday.", -6.0),
        ("Germany and Uganda fund wells", "German engineers will talk about it in Kenya on Monday.", -6.0),
        ("Kenya and Uganda fund wells", "German engineers will talk about it in Kenya on Monday.", -6.0),
        ("Kenya digs wells in Uganda", "German engineers will talk about it in Kenya on Monday.", None),
        ("Germany and Uganda fund wells", "NAIROBI (dpa) - German engineers will dig them in Uganda.", -6.0),
        ("Germany and Uganda fund wells", "Germany, Uganda and Kenya signed the contract for them.", -6.0),
        ("Germany and Uganda fund wells", "Kenya, Germany, Rwanda and Uganda signed the contract for them.", -6.0),
        ("Uganda digs wells", "Germany and Kenya will have signed the contract for them by Monday.", -6.0),
        ("Germany and Uganda fund wells", "The first of the wells was dug on Monday. Kenya and Germany paid.", -6.0),
        ("ウガンダの井戸", "ケニアとの契約に署名した。", -6.0),
        ("日本がウガンダの井戸を支援", "ケニアとの契約に署名した。", -6.0),
        ("日本がウガンダの井戸を支援", "日本はケニアとの契約に署名した。", None),
        ("ケニアとウガンダと覚書", "日本の各省はケニアおよびウガンダと覚書に署名した。", None),
        ("ケニアとウガンダが覚書", "ケニアとウガンダは覚書に署名した。日本は歓迎した。", -6.0),
    ],
)
def test_a_first_sentence_that_names_the_pair_before_others_says_that_both_take_part(
    title: str, body: str, points: float | None
) -> None:
    other = "the EU" if "EU" in title else "Uganda, Rwanda" if "Rwanda" in body else "Uganda"
    taken = labels(pair(title, body))[f"focus {other} any"]
    assert taken == points if points else -3.0 < taken < 0.0


def _bloc(title: str) -> str:
    return "the EU" if "EU" in title else "the G20" if "G20" in title else "ASEAN"


@pytest.mark.parametrize(
    ("title", "body", "captioned"),
    [
        ("Germany rethinks its labour agreements", "A minister walks in Nairobi. (Ann Lee/AFP via Getty Images)", True),
        ("Germany rethinks its labour agreements", "A minister walks in Nairobi on May 3, 2021. (Ann Lee) ", True),
        ("Germany rethinks its labour agreements", "A minister walks in Nairobi. (AP Photo/Ann Lee)", True),
        ("Germany and Uganda fund wells", "Germans and Kenyans are seen in Uganda in May. (Ann Lee/Reuters)", True),
        ("Germany and Kenya fund wells", "A minister walks in Nairobi. (Ann Lee/AFP via Getty Images)", False),
        ("Germany funds wells", "They are dug in Kenya. (AFP)", False),
        ("Germany funds wells", "They are dug in Kenya until 2031. (Kenya Gazette)", False),
        ("Germany funds wells", "They are dug in Kenya (as of May 3, 2021).", False),
        ("Germany funds wells", "(Ann Lee/Reuters) They are dug in Kenya.", False),
    ],
)
def test_a_caption_does_not_make_its_place_the_subject_of_a_title(title: str, body: str, captioned: bool) -> None:
    found = labels(pair(title, body))
    assert ("a picture's caption" in str(found)) is captioned
    assert (-6.0 in found.values()) is captioned


def test_of_the_countries_that_a_line_allows_only_the_best_counts() -> None:
    found = labels(pair("Germany, Kenya", "Japan"))
    assert list(found) == ["concept germany title", "concept kenya title"]
    assert list(labels(pair("Kenya and Japan", "Germany"))) == ["concept kenya title", "concept japan title"]
    assert pair("Germany, Kenya", "Japan").value == pair("Germany, Kenya").value
    without = profile(PAIR.replace("focus: 3.0", "focus: 0.0"))
    [all_count] = Matcher([without]).score(title="Germany, Kenya", text="Japan")
    assert len(all_count.parts) == 3


def test_the_gate_is_hard_however_many_points_there_are() -> None:
    found = pair("Kenyan labour agreement: a visit", "skilled workers, labour agreement, visit, visit")
    assert found.value > found.threshold
    assert not found.matched


def test_a_name_inside_a_longer_name_does_not_count() -> None:
    assert not pair("Kenya reads The Japan Times").eligible
    assert pair("Kenya reads The Japan Times in Japan").eligible
    assert not score(
        "{name: p, threshold: 1, concepts: {guinea: {country: GN}}, require: [guinea]}", "Papua New Guinea"
    ).eligible


def test_the_publisher_behind_a_headline_is_not_part_of_it() -> None:
    assert not pair("Kenya builds a road - The Japan Times").eligible
    assert not pair("Kenya builds a road | Japan Today").eligible
    assert not pair("Kenya builds a road - Japan's Voice", source="Japan's Voice").eligible
    assert pair("Kenya builds a road - with Japan").eligible


def test_the_script_of_a_text_implies_its_country() -> None:
    found = pair("ケニアで会談", "大臣がナイロビを訪れた")
    assert found.concepts == ("japan", "kenya")
    assert [part.points for part in found.parts if part.kind == "script"] == [IMPLIED * 1.75]
    assert not pair("Kenya meets", "minister").eligible


def test_other_countries_take_points_away() -> None:
    alone = pair("Germany and Kenya: visit")
    crowd = pair("Germany and Kenya: visit", "With France, Norway, Chile and Peru.")
    [focus] = [part for part in crowd.parts if part.kind == "focus"]
    assert focus.label == "France, Norway, Chile, Peru"
    assert crowd.value == pytest.approx(alone.value + focus.points)
    assert -3.0 < focus.points < 0


def test_a_concept_with_a_negative_weight_warns_off() -> None:
    assert pair("Kenya wins Berlin marathon before Germany").value < pair("Kenya wins Berlin vote before Germany").value


def test_excluded_phrases_are_a_hard_no() -> None:
    found = score(PAIR + "exclude: [lottery]\n", "Germany and Kenya sign labour agreement", "Lottery results")
    assert found.missing == ('holds "lottery", which is excluded',)
    assert not found.matched


@pytest.mark.parametrize(
    ("term", "text", "points"),
    [
        ("{term: GIZ, case: true, weight: 2}", "the GIZ", 2.0),
        ("{term: GIZ, case: true, weight: 2}", "the giz and Giz", 0.0),
        ("{term: diplomat*, case: true, weight: 2}", "diplomats", 2.0),
        ("{term: visit, field: title, weight: 2}", "a visit", 0.0),
        ("{term: visit, field: summary, weight: 2}", "a visit", 2.0),
        ("{near: [upgrade, ties], within: 2, weight: 2}", "ties to be upgraded; upgrade of ties", 2.0),
        ("{near: [upgrade, ties], within: 2, weight: 2}", "upgrade of all their old ties", 0.0),
        ("{near: [両国, 協力], within: 4, weight: 2}", "両国の協力", 2.0),
        ("{near: [両国, 協力], within: 2, weight: 2}", "両国の関係と経済の協力", 0.0),
        ("{regex: 'visa[- ]free', weight: 2}", "a visa-free week", 2.0),
        ("{regex: 'Visa[- ]free', weight: 2}", "a visa-free week", 0.0),
        ("{regex: '(?i)VISA', field: title, weight: 2}", "a visa", 0.0),
        ("{term: diplomat*, weight: 2}", "diplomatically", 2.0),
        ("{term: port, weight: 2}", "airport", 0.0),
        ("{term: japonais*, weight: 2}", "le ministre japonais", 2.0),
        ("{term: japonais*, weight: 2}", "une ministre japonaise", 2.0),
        ("{term: diplomatie*, weight: 2}", "la diplomatie", 2.0),
    ],
)
def test_every_form_of_a_term(term: str, text: str, points: float) -> None:
    assert pytest.approx(points) == score(minimal(term), "A title", text).value


def test_a_runaway_expression_counts_as_not_found() -> None:
    found = score(minimal("{regex: '(x+x+)+y', weight: 2}"), "x" * 60, "x" * 5000)
    assert found.value == 0


def test_a_scope_limits_fields_languages_and_feeds() -> None:
    text = (
        minimal("{term: visit, weight: 2}")[:-1]
        + ", scope: {langs: [en], fields: [title], feeds: ['https://a.example/']}}"
    )
    matcher = Matcher([profile(text)])

    def entry(lang: str | None = "en-GB", feed: str = "https://a.example/", title: str = "visit") -> list[Score]:
        found = matcher.score(title=title, text="visit", lang=lang, feed_url=feed)
        told = matcher.matches(title=title, summary="visit", content="", source="", lang=lang, feed_url=feed)
        assert told == [score for score in found if score.matched]
        return found

    assert [found.value for found in entry()] == [2 * IN_TITLE]
    assert [found.matched for found in entry(lang=None)] == [True]
    assert entry(lang="de")[0].missing == ("is in a language out of scope: de",)
    assert entry(feed="https://b.example/")[0].missing == ("is of a feed out of scope",)
    assert [found.value for found in entry(title="no such word")] == [0.0]


def test_a_term_that_minds_capitals_is_not_counted_out_of_scope() -> None:
    text = minimal("{term: GIZ, case: true, weight: 2}")[:-1] + ", scope: {fields: [title]}}"
    assert labels(score(text, "The GIZ", "GIZ and GIZ again")) == labels(score(text, "The GIZ"))
    assert score(text, "The giz", "GIZ").value == 0


def test_other_countries_out_of_scope_take_nothing_away() -> None:
    text = PAIR.rstrip() + "\nscope: {fields: [title]}\n"
    title = "Japan and Laos sign"
    assert score(text, title, "Uganda and Kenya object.").parts == score(text, title).parts
    assert "focus" in {part.kind for part in score(PAIR, title, "Uganda and Kenya object.").parts}


def test_a_text_of_one_doubtful_word_is_no_country_however_often_it_holds_it() -> None:
    assert len(Page("Japan", "my " * 20_000, "", "", None, "").countries) == 1  # in no time: it asks once


def test_a_summary_of_a_dash_leaves_the_first_sentence_to_the_content() -> None:
    page = Page("Japan", "—", "Kenya pays. " * 9, "", None, "")
    assert page.folded[page.lead.start : page.lead.stop] == " kenya pay kenya pay kenya pay kenya pay"


def test_a_summary_that_the_content_repeats_counts_once() -> None:
    matcher = Matcher([profile(minimal("{term: visit, weight: 2}"))])
    [found] = matcher.matches(
        title="", summary="A visit.", content="A visit. And more.", source="", lang=None, feed_url=""
    )
    assert [(part.field, part.hits) for part in found.parts] == [("content", 1)]


def test_instant_needs_its_own_points() -> None:
    assert not pair("Germany and Kenya: visit").instant
    strong = pair("Germany and Kenya: labour agreement and visit", "skilled workers")
    assert strong.instant
    assert not pair("Kenya: labour agreement and visit", "skilled workers, labour agreement, visit").instant


# many profiles --------------------------------------------------------------------------------


def test_profiles_without_a_hit_share_one_zero_score() -> None:
    matcher = Matcher([profile(PAIR), profile(minimal("{term: rice, weight: 1}"))])
    first = matcher.score(title="nothing of either", text="")
    second = matcher.score(title="again nothing", text="")
    assert [found.value for found in first] == [0.0, 0.0]
    assert first[0] is second[0]
    assert [found.missing for found in first] == [("names neither germany nor japan", "names no kenya"), ()]


def test_hits_are_the_scores_above_zero() -> None:
    matcher = Matcher(
        [profile(PAIR), profile(minimal("{term: rice, weight: -1}")), profile(minimal("{term: visit, weight: 1}"))]
    )
    assert [found.profile for found in matcher.hits(title="Rice visit", text="")] == ["pair", "p"]


def test_a_profile_scores_the_same_alone_and_among_others() -> None:
    others = [profile(minimal(f"{{term: {word}, weight: 1}}")) for word in ("visit", "Kenya", "agreement", "labour")]
    alone = Matcher([profile(PAIR)]).score(title="German visit to Kenya", text="labour agreement")
    among = Matcher([*others, profile(PAIR)]).score(title="German visit to Kenya", text="labour agreement")
    assert alone == among[-1:]


_LIST = (
    "threshold: 3, instant: 6, terms: [{term: visit, weight: 2}, {term: Kenya, weight: 1.5}, {term: 日本, weight: -1}]"
)


def test_two_spellings_of_a_name_that_fold_alike_count_once() -> None:
    one = profile("{name: p, threshold: 1, concepts: {tie: {terms: [tie, Ties, TIE], weight: 2}}}")
    assert [part.hits for part in Matcher([one]).score(title="", text="ties")[0].parts] == [1]


def test_no_profile_at_all_is_no_error() -> None:
    assert Matcher([]).score(title="Kenya", text="") == []


# what a reader sees ---------------------------------------------------------------------------


def test_spans_lead_to_the_names_and_terms_in_the_original() -> None:
    text = "The Japan Times: Kenya’s visits to Berlin; football. ケニアへ"
    found = Matcher([profile(PAIR)]).spans("pair", text)
    assert [text[start:end] for start, end in found] == ["Kenya", "visits", "Berlin", "ケニア"]


def test_spans_that_touch_are_one() -> None:
    text = "labour agreement"
    both = "{name: p, threshold: 1, terms: [{term: labour agreement, weight: 1}, {term: agreement, weight: 1}]}"
    assert [(0, len(text))] == Matcher([profile(both)]).spans("p", text)


# rules that always hold -----------------------------------------------------------------------

WORDS = """Germany Berlin Kenyan Nairobi labour agreement visit skilled workers France the marathon Japan Times ケニア
    ドイツ .""".split()
texts = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
english = st.lists(st.sampled_from([word for word in WORDS if word.isascii()]), max_size=14).map(" ".join)
some = examples(0.6)


@some
@given(texts, texts)
def test_the_parts_sum_to_the_value(title: str, body: str) -> None:
    found = pair(title, body)
    assert found.value == sum(part.points for part in found.parts)


@some
@given(english, english, st.sampled_from(["labour agreement", "visit", "skilled workers"]))
def test_one_more_matching_word_never_lowers_the_score(title: str, body: str, word: str) -> None:
    assert pair(title, f"{body} . {word}").value >= pair(title, body).value - 1e-9


@some
@given(texts, texts)
def test_case_and_compatibility_forms_do_not_matter(title: str, body: str) -> None:
    wide = unicodedata.normalize("NFKC", title), body.replace("e", "ｅ")
    assert labels(pair(title, body)) == labels(pair(title.upper(), body.lower())) == labels(pair(*wide))


@some
@given(texts, texts, texts)
def test_a_list_of_words_scores_as_the_same_list_beside_a_concept(title: str, summary: str, content: str) -> None:
    """A profile with nothing but words takes a shorter way; a concept that is never found sends it the long way."""
    short = profile(f"{{name: p, {_LIST}}}")
    long = profile(f"{{name: p, {_LIST}, concepts: {{none: {{terms: [zzzz]}}}}}}")
    pages = {"title": title, "summary": summary, "content": content, "source": "", "lang": None, "feed_url": ""}
    assert Matcher([short]).score(title=title, text=summary) == Matcher([long]).score(title=title, text=summary)
    assert Matcher([short]).matches(**pages) == Matcher([long]).matches(**pages)
    text = f"{title} {summary}"
    assert Matcher([short]).spans("p", text) == Matcher([long]).spans("p", text)


@pytest.mark.parametrize("words", [("visit", "visit"), ("visit", "Kenya"), ("Kenya", "visit")])
@pytest.mark.parametrize("places", list(product(range(3), repeat=2)))
def test_two_hits_in_any_fields_are_worth_the_sum_of_their_parts(words: tuple[str, str], places: Sequence[int]) -> None:
    """A list of words takes a shorter way for two hits, and a plan the long one; neither may be off by a rounding."""
    listed = "threshold: 0.1, terms: [{term: visit, weight: 0.7}, {term: Kenya, weight: 1.13}]"
    short = profile(f"{{name: p, {listed}}}")
    long = profile(f"{{name: p, {listed}, concepts: {{none: {{terms: [zzzz]}}}}}}")
    title, summary, content = (
        " ".join(
            ["alpha beta gamma".split()[n], *(word for word, place in zip(words, places, strict=True) if place == n)]
        )
        for n in range(3)
    )
    page = {"title": title, "summary": summary, "content": content, "source": "", "lang": None, "feed_url": ""}
    [quick], [slow] = Matcher([short]).matches(**page), Matcher([long]).matches(**page)
    assert quick == slow
    assert quick.value == sum(part.points for part in quick.parts)


def test_lists_of_words_and_other_profiles_do_not_disturb_each_other() -> None:
    listed = profile("{name: listed, threshold: 1, terms: [{term: visit, weight: 2}, {term: Kenya, weight: 1}]}")
    other = profile(PAIR)
    together = Matcher([other, listed, other])
    for title, text in (("Visit", ""), ("Visit to Kenya", "a visit"), ("Berlin", "Kenya"), ("Nothing", "")):
        alone = [*_PAIR.score(title=title, text=text), *Matcher([listed]).score(title=title, text=text)]
        assert together.score(title=title, text=text) == [*alone, alone[0]]


@some
@given(texts, texts)
def test_a_score_filled_in_late_is_as_one_that_was_made_whole(title: str, body: str) -> None:
    short = profile(f"{{name: p, {_LIST}}}")
    [late] = Matcher([short]).score(title=title, text=body)
    value, names = late.value, [one.name for one in fields(Score)]
    whole = Score(**{name: getattr(late, name) for name in names})
    assert whole == late == pickle.loads(pickle.dumps(late)) == replace(late)
    assert hash(whole) == hash(late)
    assert asdict(whole) == asdict(late)
    assert value == late.value == sum(part.points for part in late.parts)
    assert late not in ["a score"]
    with pytest.raises(AttributeError, match="nothing"):
        _ = late.nothing  # type: ignore[attr-defined]


_MANY_KINDS = [
    PAIR,
    f"{{name: p, {_LIST}}}",
    minimal("{regex: v.sit, weight: 2}"),
    minimal("{near: [visit, kenya], within: 2, weight: 2}, {term: agreement, weight: 0.5}"),
    minimal("{term: Visit, case: true, weight: 2}, {term: Kenya, weight: 0.7}"),
    minimal("{term: visit, field: title, weight: 1}, {term: labour*, weight: -1}"),
    "{name: p, threshold: 1.5, concepts: {kenya: {country: KE}}, require: [kenya], terms: [{term: visit, weight: 1}]}",
    "{name: p, threshold: 0.9, concepts: {kenya: {terms: [Kenya], ignore: [visit Kenya]}}, require: [kenya]}",
    "{name: p, threshold: 0.5, concepts: {japan: {country: JP, scripts: [Katakana]}}, require: [japan], terms: "
    "[{term: visit, weight: 1}], exclude: [agreement]}",
    "{name: p, threshold: 1, scope: {fields: [title]}, terms: [{term: visit, weight: 1}]}",
    "{name: p, threshold: 2, concepts: {kenya: {country: KE}}, terms: [{term: visit, weight: 1}, "
    "{regex: a, weight: 1}]}",
]
_TOLD = st.sampled_from(
    ["Kenya", "Germany", "ケニア", "ドイツと", "Japan", "Japan Times", "visit", "Visit", "labour agreement", "."]
)


@examples(2)
@given(st.lists(_TOLD, max_size=5), st.lists(_TOLD, max_size=6), st.lists(_TOLD, max_size=3))
def test_what_cannot_match_is_told_without_scoring_it(title: list[str], summary: list[str], content: list[str]) -> None:
    """Every shorter way gives what the long one gives: each profile by itself, made whole."""
    matcher = _EVERY_KIND
    page = {"title": " ".join(title), "source": "", "lang": None}
    told = matcher.matches(**page, summary=" ".join(summary), content=" ".join(content), feed_url="")
    item = PastItem("", page["title"], " ".join(summary), content=" ".join(content))
    assert told == [one for one in matcher.score_past(item) if one.matched]
    text = " ".join(summary)
    alone = [one for each in _ALONE for one in each.score(**page, text=text)]
    assert alone == matcher.score(**page, text=text)
    assert [one for one in alone if one.value > 0] == matcher.hits(**page, text=text)


_EVERY_KIND = Matcher([profile(text) for text in _MANY_KINDS * 3])
_ALONE = [Matcher([profile(text)]) for text in _MANY_KINDS] * 3


def test_what_many_profiles_look_for_is_counted_once_for_each() -> None:
    """Country names are kept once for all profiles; a profile that repeats one of them gains nothing."""
    short = "{name: p, threshold: 1, concepts: {kenya: {country: KE}}, require: [kenya]}"
    long = short.replace("country: KE", "country: KE, terms: [Kenya, KENYA, Nairobi]")
    matcher = Matcher([profile(short), profile(long), profile(minimal("{term: Kenya, weight: 1}"))])
    for text in ("Kenya, Kenya", "ケニア", "Nairobi in Kenya", "Rice"):
        hits = [[part.hits for part in found.parts] for found in matcher.score(title="", text=text)]
        assert (
            hits
            == {
                "Kenya, Kenya": [[2], [2], [2]],
                "ケニア": [[1], [1], []],
                "Nairobi in Kenya": [[1], [2], [1]],
                "Rice": [[], [], []],
            }[text]
        )


def test_of_very_many_profiles_those_that_match_are_found() -> None:
    """So many that they are told apart by the points they can reach, and not one by one."""
    profiles = [
        Profile(name=f"p{n}", threshold=2.0, terms=(Term(term="visit", weight=n / 100), Term(term="rice", weight=9)))
        for n in range(400)
    ]
    hopeless = Profile(name="hopeless", threshold=50.0, terms=(Term(term="visit", weight=1),))
    told = Matcher([*profiles, hopeless]).matches(
        title="", summary="visit, visit and visit", content="", source="", lang=None, feed_url=""
    )
    assert [f"p{n}" for n in range(400) if n / 100 * saturated(3) >= 2.0] == [one.profile for one in told]


@some
@given(st.lists(texts, max_size=4), st.randoms())
def test_the_order_of_entries_is_irrelevant(bodies: list[str], random: Any) -> None:
    matcher = _PAIR
    first = {body: matcher.score(title="Kenya", text=body) for body in bodies}
    shuffled = list(bodies)
    random.shuffle(shuffled)
    assert first == {body: matcher.score(title="Kenya", text=body) for body in shuffled}


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_more_hits_are_worth_more_but_never_more_than_1_6_times_the_weight(some: int, more: int) -> None:
    assert saturated(some / 2) <= saturated((some + more) / 2) <= 1.6
    assert math.isclose(saturated(1), 1.0)
