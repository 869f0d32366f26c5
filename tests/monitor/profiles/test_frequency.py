"""How common words are taken to be where the table is silent."""

from __future__ import annotations

import pytest

from monitor.profiles.frequency import chance, is_english, shares
from monitor.text.fold import fold

LENGTH = 40


@pytest.mark.parametrize(
    "word", ["dans", "pour", "par", "depuis", "aussi", "también", "auch", "tylko", "untuk", "sono"]
)
def test_a_little_word_of_another_language_is_common_as_texts_hold_it(word: str) -> None:
    assert chance(fold(word).strip(), LENGTH) > chance("minister", LENGTH)


@pytest.mark.parametrize("word", ["die", "NY", "war"])
def test_what_means_something_in_english_is_no_little_word(word: str) -> None:
    assert chance(fold(word).strip(), LENGTH) < chance("pour", LENGTH)


@pytest.mark.parametrize("word", ["key", "oil", "gas", "ban", "app"])
def test_a_common_word_of_three_letters_is_rarer_than_little_words_and_far_from_rare(word: str) -> None:
    assert word not in shares()
    assert chance("xqz", LENGTH) * 8 < chance(word, LENGTH) < chance("about", LENGTH)


ENGLISH = (
    "Storm closes the port of Hamburg after a night of heavy rain",
    "Respawn shows Titanfall in a long talk with Vince Zampella",
    "Ottilie strikes",  # too few words to tell
)
NOT_ENGLISH = (
    "Wichura zniszczyła nabrzeże, mieszkańcy liczą straty",
    "Le ministre a signé un accord de partenariat pour le port",
    "México y Perú firman un acuerdo comercial en la capital de los dos",
    "Буря сорвала крыши домов в порту",
    "嵐で港が閉鎖",
    "ປະເທດລາວ",
    "한일 정상 회담",
    "港は嵐で閉鎖、住民は避難を続け、電力会社は復旧を急ぎ、政府は支援を表明した",
)


def test_a_text_is_english_as_far_as_its_longer_words_tell() -> None:
    assert [text for text in (*ENGLISH, *NOT_ENGLISH) if is_english(text)] == list(ENGLISH)
