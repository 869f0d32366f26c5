"""What a headline says, whoever prints it."""

from __future__ import annotations

import pytest

from alerts.titles import bare_title, same_title


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
    ],
)
def test_only_the_publishers_name_is_cut_off(title: str, source: str, link: str, bare: str) -> None:
    assert bare_title(title, source, link) == bare


def test_case_and_punctuation_make_no_other_title() -> None:
    assert same_title("Laos, Japan  upgrade ties", "LAOS – Japan upgrade ties!")
    assert not same_title("Japan opens office", "Japan closes office")
