"""Words of scripts that set no blank between them, told by what comes again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.profiles import Matcher, build_profile
from monitor.profiles.corpus import Background, bag
from monitor.profiles.draft import origin
from monitor.profiles.frequency import chance
from monitor.profiles.unspaced import Pieces, is_piece, signs

RICE = {
    "ja": [
        "コメ輸出が過去最多に\n農林水産省によると、コメの輸出量は過去最多となった。",
        "コメ輸出へ新法人\n農家がコメ輸出の法人を設立した。輸出量を倍にする。",
        "カリフォルニア米と競う\n国産のコメは輸出量で追う。コメ輸出には検疫が要る。",
    ],
    "zh": [
        "大米出口增长\n今年大米出口量增加。",
        "越南限制大米出口\n大米出口量下降。",
        "泰国大米出口商担忧\n大米价格下跌，农民不满。",
    ],
    "th": [
        "ส่งออกข้าวไทยเพิ่มขึ้น\nราคาข้าวหอมมะลิสูงขึ้น",
        "ชาวนาขอให้รัฐช่วย ราคาข้าวหอมมะลิตก\nผู้ส่งออกข้าวไทยกังวล",
        "เวียดนามแข่งส่งออกข้าวไทย\nข้าวหอมมะลิยังขายดี",
    ],
    "km": [
        "ការនាំចេញអង្ករកើនឡើង\nតម្លៃស្រូវឡើងថ្លៃ។",
        "កសិករលក់ស្រូវ\nតម្លៃស្រូវធ្លាក់ចុះ ការនាំចេញអង្ករថយចុះ។",
        "ចិនទិញអង្ករ\nអង្ករក្រអូបថ្លៃ ស្រូវថោក។",
    ],
}


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ja", {"コメ", "輸出量", "農林水産省", "検疫"}),
        ("zh", {"大米", "大米出口"}),
        ("th", {"ข้าวหอมมะลิ", "ข้าว"}),
        ("km", {"អង្ករ", "ស្រូវ", "តម្លៃស្រូវ"}),
    ],
)
def test_words_are_found_without_blanks(lang: str, words: set[str]) -> None:
    found = Pieces.of(RICE[lang])
    assert words <= set(found.found)
    assert found.alone


@pytest.mark.parametrize("lang", RICE)
def test_a_topic_of_words_is_found_in_its_own_script(lang: str) -> None:
    on = {
        "ja": "コメ輸出、輸出量が倍に",
        "zh": "印度大米出口量大增",
        "th": "ข้าวหอมมะลิ ส่งออกข้าวไทยคึกคัก",
        "km": "តម្លៃស្រូវ និងការនាំចេញអង្ករ",
    }
    off = {"ja": "高校野球、決勝へ", "zh": "台风登陆福建", "th": "ฟุตบอลไทยชนะ", "km": "ការប្រកួតបាល់ទាត់"}
    matcher = Matcher([build_profile(RICE[lang], ["Tea prices rise\nTea is dear."] * 60, name="rice")])
    assert matcher.score(title=on[lang], text="")[0].matched
    assert matcher.score(title=off[lang], text="")[0].value == 0


def test_what_only_stands_in_a_longer_word_or_is_torn_off_is_left_out() -> None:
    found = Pieces.of(["半導体を守る。半導体の国。製半導体", "先端半導体だ。先端半導体も。製半導体"]).found
    assert {"半導体", "先端半導体"} <= set(found)
    assert not {"半導", "導体", "端半導体", "先端"} & set(found)
    assert not [one for one in found if one.startswith("製") and len(one) < 4]


def test_no_mark_is_torn_off_its_letter() -> None:
    found = Pieces.of([*RICE["th"], *RICE["km"]]).found
    assert not [one for one in found if one[0] in "ะาิีึืุู่้៊្ាុូ" or one[-1] in "เแโใไ្"]


def test_few_seeds_show_words_that_they_repeat() -> None:
    assert "大米" in Pieces.of(["大米出口增长。大米价格上涨"]).found


@pytest.mark.parametrize("seeds", [["米"], ["大米涨价"], ["大米涨价", "天气很好。天气很好", "Tea is dear"], ["ສະບາຍດີ"]])
def test_seeds_that_share_nothing_are_taken_as_they_are_written(seeds: list[str]) -> None:
    matcher = Matcher([build_profile(seeds, name="rice")])
    assert all(matcher.score(title=seed, text="")[0].value > 0 for seed in seeds)


def test_where_blanks_part_words_there_are_no_pieces() -> None:
    nothing = Pieces.of(["Tea is dear", "чай дорог"])
    assert (nothing.found, nothing.alone) == ((), False)
    assert nothing.comparable(["Rice", "大米"]) == ["Rice", "大米"]


def test_news_in_other_scripts_tells_nothing_of_such_words() -> None:
    pieces = Pieces.of(RICE["zh"])
    assert pieces.comparable(["Rice is dear", "大米降价"]) == ["大米降价"]
    background = Background.of(["Rice is dear", "大米降价"], pieces)
    assert (background.size, background.counts["大米"]) == (1, 1)
    both = Pieces.of([RICE["zh"][0], "Rice exports grow in all of the south"])
    assert both.comparable(["Rice is dear"]) == ["Rice is dear"]


def test_pieces_are_counted_as_the_matcher_finds_them_and_make_no_phrases() -> None:
    pieces = Pieces(("大米", "大米出口"))
    assert bag("", "New 大米出口 rules of 大米 trade", pieces=pieces).body == {
        "new": 1,
        "大米": 2,
        "大米出口": 1,
        "rule": 1,
        "of": 1,
        "rule of": 1,
        "trade": 1,
    }


def test_a_short_word_is_common_and_where_it_stands_is_said_without_english() -> None:
    assert chance("中国", 40) > chance("半導体", 40) > chance("先端半導体", 40)
    assert [signs(one) for one in ("半導体", "ข้าวไทย")] == [3, 3]
    assert [is_piece(one) for one in ("半導体", "ຢ້ຽມ", "tea", "чай")] == [True, True, False, False]
    seeds = [bag("大米出口", "", pieces=Pieces(("大米",)))]
    assert origin("大米", seeds, Background.of([], Pieces(("大米",), True))) == "in 1 of 1 seeds"


@given(st.lists(st.text("半導体輸出規制をのアメข้าวเแ្កស្រូវ。 a", max_size=60), min_size=1, max_size=3))
def test_every_piece_stands_in_a_seed(seeds: list[str]) -> None:
    pieces = Pieces.of(seeds)
    whole = [bag("", seed, pieces=pieces) for seed in seeds]
    assert all(any(piece in one.terms for one in whole) for piece in pieces.found)


def test_a_text_without_blanks_holds_no_words_for_seeds_that_have_them() -> None:
    assert bag("半導体の輸出", "chips and 半導体").terms == {"chip", "and"} | {"chip and"}
