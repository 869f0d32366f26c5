"""Folding: the one form in which texts and terms are compared."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.text.fold import UNSPACED, fold, fold_mapped, pattern, patterns, scripts, words
from tests.examples import examples

_ALPHABET = "aZéßÅłđİıſﬁ½ ’'s-.:/*\u00a0\u200b\u0301\u3099カンボジアｶﾝﾎﾞｼﾞｱ日本ລາວຫຼຫລກໍາកម្ពុជាไทยΣςÇ한글ies"
_MARKS = "\u17d2\u178a\u17d2\u179a\u17d2\u178f\u0e4d\u0e49\u0ecd\u0ec9"
_WORDS = [
    *"the talks' Kenya’s ties, U.S. é naïve Łódź Việt ½ ２５ ﬁ 日本 カン・ボ ラオス 한국 Россия Ελλάς".split(" "),
    *"ລາວ ຫຼວງ ກໍາ កម្ពុជា ខ្មែរ ไทย เยือน မြန်မာ – 's https://a.example/日本".split(" "),
    *(" ", "\u00a0", "\n", "\u0301", "\u200b", "\x01", "\x02"),
]
few = examples(0.4)
texts = st.text(st.one_of(st.sampled_from(_ALPHABET + _MARKS), st.characters(exclude_categories=["Cs"])), max_size=60)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Japan", " japan "),
        ("The Kenyan–German talks", " the kenyan german talk "),
        ("Kenya’s president", " kenya president "),
        ("no\u00a0break\u202fspaces", " no break space "),
        ("Nairobi, Việt Nam, Łódź", " nairobi viet nam lodz "),
        ("soft\u00adhyphen and zero\u200bwidth", " softhyphen and zerowidth "),
        ("ﬁnance ½", " finance 1 2 "),
        ("see https://japan.example/laos?x=1 now", " see now "),
        ("HTTPS://a.example, Www.b.example WWW.c.example/d?e and/or 1/2", " and or 1 2 "),
        ("Ǿre й ế Ή 한글", " ore и e η 한글 "),
        ("か\u3099ガﾎﾞ が\u0301", " がガボ が "),
        ("", " "),
        ("…!?", " "),
    ],
)
def test_folds_case_accents_punctuation_and_addresses(text: str, folded: str) -> None:
    assert folded == fold(text)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("treaty", "treaties"),
        ("movie", "movies"),
        ("ambassador", "ambassadors"),
        ("speech", "speeches"),
        ("headache", "headaches"),
        ("class", "classes"),
        ("tax", "taxes"),
        ("hero", "heroes"),
        ("virus", "viruses"),
        ("Israeli", "Israelis"),
    ],
)
def test_singular_and_plural_fold_alike(one: str, many: str) -> None:
    assert fold(one) == fold(many)


@pytest.mark.parametrize(("one", "other"), [("Lao", "Laos"), ("gas", "ga"), ("bus", "bu"), ("class", "clas")])
def test_words_that_only_look_like_plurals_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_lao_is_the_same_with_and_without_the_ligature_sign() -> None:
    assert fold("ຫຼວງພະບາງ") == fold("ຫລວງພະບາງ")


@pytest.mark.parametrize(
    "spellings",
    [
        (
            "រដ្ឋមន\u17d2\u178f\u17d2\u179aី",
            "រដ្ឋមន\u17d2\u178a\u17d2\u179aី",
            "រដ្ឋមន\u17d2\u179a\u17d2\u178fី",
            "រដ្ឋមន\u17d2\u179a\u17d2\u178aី",
        ),
        ("ນ\u0ec9\u0eb3", "ນ\u0ec9\u0ecd\u0eb2", "ນ\u0ecd\u0ec9\u0eb2"),
        ("น\u0e49\u0e33", "น\u0e49\u0e4d\u0e32", "น\u0e4d\u0e49\u0e32"),
    ],
)
def test_marks_are_the_same_in_whatever_order_they_were_typed(spellings: Sequence[str]) -> None:
    assert len({fold(one) for one in spellings}) == 1
    assert len({fold_mapped(one).text for one in spellings}) == 1
    assert len({pattern(one) for one in spellings}) == 1


def test_japanese_names_are_the_same_with_and_without_the_dot() -> None:
    assert fold("フン・マネット") == fold("フンマネット")


def test_a_change_of_script_parts_words() -> None:
    assert fold("第25回ASEAN首脳") == " 第 25 回 asean 首脳 "


def test_scripts_without_blanks_are_those_of_unicode() -> None:
    planes = map(chr, range(0x40000))  # beyond them is no letter
    letters = "".join(char for char in planes if unicodedata.category(char)[0] in "LN")
    unicode = regex.compile(r"[\p{Lao}\p{Khmer}\p{Thai}\p{Myanmar}\p{Hiragana}\p{Katakana}\p{Han}ー々〆]+")
    ours = regex.compile(f"[{UNSPACED}]+")
    assert ours.findall(letters) == unicode.findall(letters)


@pytest.mark.parametrize(
    "mixed",
    [
        "Việt Nam and ລາວ",
        "ไทย–Kenya's 日本",
        "é’s កម្ពុជា\x01x\x02y",
        "\x02ລາວ\x02",
        "ម\u17d2\u179a\u17d2\u178aី ນ\u0ecd\u0ec9\u0eb2",
    ],
)
def test_what_is_folded_in_bulk_is_the_same_as_step_by_step(mixed: str) -> None:
    assert fold_mapped(mixed).text == fold(mixed)


@examples(2)
@given(st.lists(st.sampled_from(_WORDS), max_size=12).map("".join))
def test_scripts_beside_each_other_fold_in_bulk_as_step_by_step(text: str) -> None:
    assert fold_mapped(text).text == fold(text)


@few
@given(texts)
@example("ǰ")
@example("ΐ")
@example("ẞßSS")
@example("İİı")
def test_case_and_compatibility_forms_do_not_matter(text: str) -> None:
    assert fold(text) == fold(unicodedata.normalize("NFKC", text))
    assert fold(text) == fold(fold(text))


@few
@given(st.text(st.sampled_from("abcXYZéÉλΛжЖ '’-"), max_size=40))
def test_case_does_not_matter_in_scripts_that_have_it(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@few
@given(texts)
def test_the_mapped_form_is_the_same_and_leads_back(text: str) -> None:
    folded = fold_mapped(text)
    assert folded.text.split() == fold(text).split()
    for start in range(0, len(folded.text), 3):
        begin, end = folded.span(start, min(start + 4, len(folded.text)))
        assert 0 <= begin <= end <= len(text)


@pytest.mark.parametrize(
    ("text", "term", "written"),
    [
        ("Two embassies, one flag", "embassy", "embassies"),
        ("Busy ports of Kenya", "port", "ports"),
        ("The ports", "port", "ports"),
        ("Kenya’s port", "kenya", "Kenya"),
        ("Das Auswärtige Amt", "auswartige", "Auswärtige"),
        ("在ケニア日本大使館", "日本", "日本"),
        ("to Nairobi.", "nairobi", "Nairobi"),
    ],
)
def test_a_hit_leads_back_to_what_was_written(text: str, term: str, written: str) -> None:
    folded = fold_mapped(text)
    found = pattern(term)
    start = folded.text.index(found)
    begin, end = folded.span(start, start + len(found))
    assert written == text[begin:end]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("port", "the port opens", True),
        ("port", "an airport opens", False),
        ("port", "ports", True),
        ("diplomat*", "diplomatically", True),
        ("diplomat*", "undiplomatic", False),
        ("*port", "an airport opens", True),
        ("*port*", "airportable", True),
        ("countries*", "countriesque", True),
        ("tie*", "type", False),
        ("日本", "在日本大使館", True),
        ("ຍີ່ປຸ່ນ", "ປະເທດຍີ່ປຸ່ນໃຫ້", True),
        ("70周年", "170周年", False),
        ("U.S.", "the U.S. said", True),
        ("U.S.", "contact us", False),
    ],
)
def test_terms_are_whole_words_but_where_no_blanks_are_written(term: str, text: str, found: bool) -> None:
    assert found is (pattern(term) in fold(text))


@pytest.mark.parametrize("term", ["", "*", "!?", "**"])
def test_a_term_without_a_word_has_no_pattern(term: str) -> None:
    assert pattern(term) == ""


@few
@given(
    st.lists(
        st.one_of(
            texts, st.sampled_from(["ties", "a*", "U.S.", "x/y", "日本", "カンボ*", "it’s", "hạn chế*", "Лаос*"])
        ),
        max_size=8,
    )
)
def test_many_patterns_at_once_are_the_same(terms: list[str]) -> None:
    assert [pattern(term) for term in terms] == patterns(terms)


def test_words_are_the_folded_words() -> None:
    assert words("Two countries: 日本") == ["two", "country", "日本"]


def test_scripts_have_shares_among_the_letters() -> None:
    found = scripts("ab ລາ")
    assert pytest.approx(0.5) == found["Latin"]
    assert pytest.approx(0.5) == found["Lao"]
    assert scripts("123 !") == {}
