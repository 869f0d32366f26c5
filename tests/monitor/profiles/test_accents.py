"""Short words that are countries by their accents or capitals alone."""

from __future__ import annotations

import pytest

from monitor.profiles import Matcher, Profile
from monitor.profiles.model import Concept

CODES = ("CL", "CZ", "DE", "DK", "FR", "IN", "JP", "KR", "LA", "PE", "PL", "TR", "US")
MATCHER = Matcher([Profile(name=code, threshold=1.0, concepts={code: Concept(country=code)}) for code in CODES])
PAIR = Matcher(
    [
        Profile(
            name="pair",
            threshold=2.0,
            focus=4.0,
            concepts={"japan": Concept(country="JP"), "laos": Concept(country="LA")},
            require=("japan", "laos"),
        )
    ]
)


def named(text: str) -> set[str]:
    return {score.profile for score in MATCHER.score(title=text, text="") if score.matched}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Mỹ và Đức hợp tác với Lào", {"DE", "LA", "US"}),
        ("NHẬT BẢN, PHÁP THĂM LÀO", {"FR", "JP", "LA"}),
        ("Cảnh sát Nhật tới Séc", {"CZ", "JP"}),
        ("Lao minister in Peru", {"LA", "PE"}),
        ("RoK leader in the USA, says ROK ministry", {"KR", "US"}),
        ("Chile and Turkey", {"CL", "TR"}),
        ("CHILE AND TURKEY", {"CL", "TR"}),
        ("Dania i Indie", {"DK", "IN"}),
        ("Peru hợp tác về thương mại", {"PE"}),
    ],
)
def test_a_country_is_found_as_it_is_written(text: str, codes: set[str]) -> None:
    assert named(text) == codes


@pytest.mark.parametrize(
    "text",
    [
        "My house and my garden",
        "Nowy rok szkolny",
        "La donna usa la chiave",
        "The SEC fines a bank",
        "Cây cầu dài nhất, cập nhật tin",
        "Giải pháp cho người lao động",
        "Xe tải lao xuống vực, viện dưỡng lão đóng cửa",
        "Đạo đức và mỹ thuật",
        "Nowe dane o cenach, ulubione dania",
        "A chili pepper and cold turkey in indie films",
    ],
)
def test_a_word_that_only_folds_into_a_country_is_none(text: str) -> None:
    assert named(text) == set()


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("My friend, said the minister.", []),
        ("The poles got new polish, and a kiwi ate chili.", []),
        ("Poles and Swedes were there.", ["Poland, Sweden"]),
    ],
)
def test_a_word_that_only_folds_into_another_country_takes_nothing_away(text: str, others: list[str]) -> None:
    (score,) = PAIR.score(title="Lào, Nhật Bản ký biện pháp hợp tác", text=text)
    assert [part.label for part in score.parts if part.kind == "focus"] == others
    assert score.matched == (not others)
