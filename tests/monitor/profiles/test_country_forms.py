"""Countries are known in the forms in which texts of languages that bend names hold them."""

from __future__ import annotations

import pytest

from monitor.profiles import Matcher, Profile
from monitor.profiles.model import Concept
from tests.country_forms import forms

CODES = ("BD", "FR", "GR", "IN", "KE", "KR", "QA", "SN", "VN")
MATCHER = Matcher([Profile(name=code, threshold=1.0, concepts={code: Concept(country=code)}) for code in CODES])


def named(text: str) -> set[str]:
    return {score.profile for score in MATCHER.score(title=text, text="") if score.matched}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Премьер посетит Индию и Вьетнам", {"IN", "VN"}),
        ("О торговле с Вьетнамом и Францией", {"FR", "VN"}),
        ("Прем'єр у В'єтнамі та Індії", {"IN", "VN"}),
        ("الرئيس السنغالي يتحدث", {"SN"}),
        ("تعيد فرنسا والسنغال صياغة العلاقات", {"FR", "SN"}),
        ("السفيرة الفرنسية تتحدث", {"FR"}),
        ("ভারতের সঙ্গে বাংলাদেশের সম্পর্ক", {"BD", "IN"}),
        ("भारतीय दल केन्या में", {"IN", "KE"}),
        ("베트남과 케냐의 무역이 늘었다", {"KE", "VN"}),
        ("베트남정부, 인도측과 회담", {"IN", "VN"}),
        ("인도인 관광객, 케냐인 가이드", {"IN", "KE"}),
        ("პრეზიდენტი ვიეტნამში", {"VN"}),
    ],
)
def test_a_country_is_found_in_another_case_than_that_of_a_map(text: str, codes: set[str]) -> None:
    assert named(text) == codes


@pytest.mark.parametrize(
    "text",
    [
        "Папа Франциск выступил",
        "البابا فرنسيس يصلي",
        "인도주의 지원",
        "그리스도교",
        "카타르시스",
        "Индивидуальный подход",
    ],
)
def test_a_word_that_begins_like_a_country_is_none(text: str) -> None:
    assert named(text) == set()


def test_no_open_end_reaches_another_country() -> None:
    assert list(forms("নাইজার", lambda stem: True)) == ["নাইজার*"]
    assert list(forms("নাইজার", lambda stem: False)) == ["নাইজার"]


def test_names_of_other_scripts_stay_as_they_are() -> None:
    assert [list(forms(name, lambda stem: True)) for name in ("Kenya", "ラオス", "ລາວ", "هندوستان گ")] == [
        ["Kenya"],
        ["ラオス"],
        ["ລາວ"],
        ["هندوستان گ"],
    ]


def test_a_korean_name_that_is_a_common_word_takes_no_particles() -> None:
    assert list(forms("수단", lambda stem: True)) == ["수단"]


def test_a_short_korean_name_has_its_endings_written_out() -> None:
    assert list(forms("케냐", lambda stem: True))[:3] == ["케냐", "케냐은", "케냐는"]
    assert list(forms("베트남", lambda stem: True)) == ["베트남*"]


def test_initials_are_not_bent() -> None:
    assert list(forms("ОАЭ", lambda stem: True)) == ["ОАЭ"]
