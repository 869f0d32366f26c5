"""Persons and bodies that a text ties to a country."""

from __future__ import annotations

import pytest

from monitor.profiles.names import tied_names

CODES = ("DE", "KE")


def tied(*texts: str) -> dict[str, tuple[str, ...]]:
    return tied_names(texts, CODES)


@pytest.mark.parametrize(
    ("sentence", "code", "name"),
    [
        ("On Friday Kenyan President Wanjala Otienoko spoke.", "KE", "Wanjala Otienoko"),
        ("The German foreign minister, Ms Xaveria Brunnwald, agreed.", "DE", "Xaveria Brunnwald"),
        ("Then Kenyan Ambassador to Germany, Mrs Amondina Chebetwa, came along.", "KE", "Amondina Chebetwa"),
        ("It was signed by Xaveria Brunnwald, minister of Germany.", "DE", "Xaveria Brunnwald"),
        ("Talks with Germany's Blaue Heimat Party followed.", "DE", "Blaue Heimat Party"),
        ("Talks with Germany's coalition and the Heimatlich Party followed.", "DE", "Heimatlich"),
    ],
)
def test_a_name_is_tied_by_the_country_before_its_role(sentence: str, code: str, name: str) -> None:
    assert name in tied(sentence)[code]
    assert name not in tied(sentence)["KE" if code == "DE" else "DE"]


def test_a_name_is_found_in_either_order_and_by_its_telling_parts() -> None:
    assert tied("On Friday Kenyan President Wanjala Otienoko spoke.")["KE"] == (
        "Wanjala Otienoko",
        "Otienoko Wanjala",
        "Wanjala",
        "Otienoko",
    )


def test_short_or_everyday_parts_do_not_stand_alone() -> None:
    assert tied("On Friday Kenyan President Tom Oduya spoke.")["KE"] == ("Tom Oduya", "Oduya Tom")
    assert tied("On Friday Kenyan President Daniel Walker spoke.")["KE"] == ("Daniel Walker", "Walker Daniel")


def test_a_family_belongs_to_one_country() -> None:
    found = tied("On Friday Kenyan President Tom Oduya spoke.", "He thanked Prime Minister Grace Oduya.")
    assert "Grace Oduya" in found["KE"]


@pytest.mark.parametrize(
    "sentence",
    [
        "On Friday President Wanjala Otienoko spoke.",
        "Kenya renovates the King Baruti Stadium.",
        "The tourists saw Mount Elgonia in Kenya.",
        "On Friday Kenyan and German ministers met in January.",
    ],
)
def test_what_is_not_tied_is_left_out(sentence: str) -> None:
    assert tied(sentence) == {"DE": (), "KE": ()}


def test_a_name_that_both_sides_claim_is_left_out() -> None:
    assert tied("Once Kenyan President Wanjala Otienoko spoke.", "Once German President Wanjala Otienoko spoke.") == {
        "DE": (),
        "KE": (),
    }


def test_a_word_for_bodies_is_no_name() -> None:
    assert tied("Kenya's Party General Secretary spoke.", "The German Foreign Ministry spokesman left.") == {
        "DE": (),
        "KE": (),
    }


def test_a_headline_in_capitals_is_no_name() -> None:
    assert tied("Kenyan President Otienoko Gets Badly Needed Boost With New Boss") == {"DE": (), "KE": ()}


@pytest.mark.parametrize(
    "sentence",
    [
        "So Otienoko, the first foreign leader to visit Germany since the vote, left.",
        "They met at Expo Forum, President Xaveria Brunnwald left Kenya for Germany.",
    ],
)
def test_where_somebody_goes_is_not_where_an_office_is_held(sentence: str) -> None:
    found = tied(sentence)
    assert not {"Otienoko", "Expo Forum"} & {*found["DE"], *found["KE"]}


def test_a_surname_belongs_to_the_country_of_its_bearer() -> None:
    found = tied("On Friday Kenyan President Wanjala Otienoko spoke.", "Then German guests met Minister Otienoko.")
    assert "Otienoko" in found["KE"]
    assert found["DE"] == ()


def test_a_surname_belongs_to_the_country_of_a_known_leader() -> None:
    assert tied("In Nairobi German Minister Kenyatta spoke.")["DE"] == ()


def test_a_body_of_many_countries_belongs_to_none() -> None:
    text = "Kenya's way to the African Union. Kenyan aid of the World Bank. Kenya and the Kenyan Tea Board Agency."
    assert not {"African Union", "World Bank"} & set(tied_names([text], ["KE"])["KE"])
