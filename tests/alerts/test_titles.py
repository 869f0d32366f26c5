"""What a headline says, whoever prints it."""

from __future__ import annotations

import pytest

from alerts.titles import bare_title, title_key


@pytest.mark.parametrize(
    ("title", "source", "link", "bare"),
    [
        ("Ties grow - The Valley Post", "The Valley Post", "", "Ties grow"),
        ("Ties grow | Valley Post", "The Valley Post: Asia", "", "Ties grow"),
        ("Ties grow – Kawabe News", "Feed 7", "https://www.kawabenews.example/a", "Ties grow"),
        ("関係を格上げ - 河辺新聞", "河辺新聞", "", "関係を格上げ"),
        (
            "Laos - Japan upgrade ties",
            "The Valley Post",
            "https://valley.example/laos-japan",
            "Laos - Japan upgrade ties",
        ),
        ("Talks end - Japan", "Japan and Mekong Affairs Review", "", "Talks end - Japan"),
        ("Ties grow - A", "The Valley Post", "https://a.example/1", "Ties grow - A"),
        ("Ties grow - !!", "", "", "Ties grow - !!"),
        ("Ties grow - The Valley Post Online", "Valley Post Online", "", "Ties grow"),
        ("Ties grow - Post", "Postmail", "", "Ties grow"),  # half of the name, and less
        ("Ties grow - Post", "Postmails", "", "Ties grow - Post"),
    ],
)
def test_only_the_publishers_name_is_cut_off(title: str, source: str, link: str, bare: str) -> None:
    assert bare_title(title, source, link) == bare


def test_case_and_punctuation_make_no_other_title() -> None:
    assert title_key("Laos, Japan  upgrade ties") == title_key("LAOS – Japan upgrade ties!")
    assert title_key("Japan opens office") != title_key("Japan closes office")
    assert title_key("!!") != title_key("??")
