"""What countries are called, and which of them a text is about."""

from __future__ import annotations

from pathlib import Path

import pytest
import regex

from monitor.profiles.atlas import codes, mentions
from monitor.profiles.countries import countries, country
from monitor.profiles.facets import Facets, find_facets
from monitor.profiles.facets import mentions as mentions_of
from monitor.profiles.furniture import Seed, read_seed
from monitor.text.fold import fold, pattern
from tests import tables
from tests.bench.made import PAIR_SEEDS


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("JP", {"Japan", "Japon", "日本", "ญี่ปุ่น", "ຍີ່ປຸ່ນ", "ជប៉ុន", "Nhật Bản", "Япония", "Nippon"}),
        ("LA", {"Laos", "ラオス", "ລາວ", "ឡាវ", "老挝", "Lào", "Lao PDR"}),
        ("KH", {"Cambodia", "カンボジア", "កម្ពុជា", "ກຳປູເຈຍ", "柬埔寨", "Kampuchea"}),
        ("MM", {"Myanmar", "Burma", "ビルマ"}),
        ("KE", {"Kenya", "Kenia", "ケニア"}),
    ],
)
def test_a_country_has_names_in_every_language_and_those_that_cldr_does_not_know(code: str, names: set[str]) -> None:
    assert names <= set(countries()[code].names)


@pytest.mark.parametrize(
    "text",
    [
        "5 ລ້ານໂດລາສະຫະລັດ",
        "៥ លានដុល្លារអាមេរិក",
        "5 ล้านดอลลาร์สหรัฐ",
        "5 triệu đô la Mỹ",
        "5 млн долларов США",
        "5 millions de dollars américains",
        "500만 미국 달러",
        "lors d'une réunion",
        "la réunion de mardi",
    ],
)
def test_sums_of_money_and_meetings_are_no_countries(text: str) -> None:
    assert not mentions(fold(text))


def test_what_stands_in_brackets_behind_several_islands_is_none_of_their_names() -> None:
    assert [codes()[slot] for slot, _, _ in mentions(fold("Президент США"))] == ["US"]


def test_people_places_bodies_and_leaders_stand_beside_the_names() -> None:
    japan = countries()["JP"]
    assert japan.title == "Japan"
    assert {"Japanese", "Tokyo", "JICA", "Toyota"} <= set(japan.terms)
    assert japan.scripts == ("Hiragana", "Katakana")
    assert "Japan Times" in japan.ignore


def test_there_is_no_country_without_a_code() -> None:
    assert country("XQ") is None
    assert len(countries()) > 240


def test_every_alias_can_be_found() -> None:
    empty = [
        (one.code, term) for one in countries().values() for term in (*one.terms, *one.ignore) if not pattern(term)
    ]
    assert empty == []


def test_no_name_of_a_country_is_an_everyday_word_of_english() -> None:
    everyday = {" man ", " law ", " indie ", " turn ", " must ", " us ", " it "}
    found = {(one.code, name) for one in countries().values() for name in one.names if pattern(name) in everyday}
    assert found == set()


def test_no_country_goes_by_the_name_of_another() -> None:
    assert "China" not in {*countries()["HK"].names, *countries()["MO"].names}
    assert found("Chinese tea from China") == {"CN"}


def test_scripts_are_those_that_unicode_names() -> None:
    for one in countries().values():
        for script in one.scripts:
            assert regex.compile(rf"\p{{Script={script}}}")


@pytest.mark.e2e  # reads all of CLDR, which only an update of babel changes
def test_the_table_is_what_cldr_says(tmp_path: Path) -> None:
    assert "countries.tsv" in tables.write(tmp_path)
    written = (tmp_path / "countries.tsv").read_text(encoding="utf-8").splitlines()
    lines = {line.split("\t")[0]: line for line in written}
    assert lines.keys() >= countries().keys()
    for code in ("JP", "LA", "KH", "DE", "KE"):
        first, rest = lines[code].split("\t")[1:]
        assert {"Japan", "Laos", "Cambodia", "Germany", "Kenya"} & set(first.split("|"))
        assert set(first.split("|")) <= set(countries()[code].names)
        assert not {"Laws", "laws"} & set(rest.split("|"))


def found(text: str) -> set[str]:
    return {codes()[slot] for slot, _, _ in mentions(fold(text))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vietnamese officials in Hanoi", {"VN"}),
        ("Macron and Scholz", {"FR", "DE"}),
        ("中国・タイ", {"CN", "TH"}),
        ("o primeiro-ministro português e o homólogo brasileiro", {"PT", "BR"}),
        ("türkische und kenianische Minister in Lissabon", {"TR", "KE", "PT"}),
        ("une délégation sud-coréenne à Moscou", {"KR", "RU"}),
        ("葡萄牙总理抵达莫斯科", {"PT", "RU"}),
        ("日豪首脳、豪州で会談", {"AU"}),
        ("อังกฤษ-ສະວິດ-ហ្វីលីពីន", {"GB", "CH", "PH"}),
        ("Russell and Tedesco sing", set()),
        ("Ships in the Indian Ocean", set()),
        ("India and the Indian Ocean", {"IN"}),
        ("無償資金協力のタイトル", set()),
        ("nothing of the kind", set()),
        ("近来日益紧张", set()),
        ("a strike at Toyota and Siemens", set()),
        ("a rider of UAE Team Emirates at Paris-Nice", set()),
        ("the Irish Guards and the Royal Westminster Regiment", set()),
        ("Nazi Germany, the Iraq war and Frances McDormand", set()),
        ("German Frances in Westminster, in Paris and in Iraq", {"DE", "FR", "GB", "IQ"}),
        ("N. Ireland, N Ireland's DUP and Northern Ireland", {"GB"}),
        ("Ireland and N. Ireland", {"GB", "IE"}),
    ],
)
def test_the_atlas_knows_countries_by_people_places_and_leaders(text: str, expected: set[str]) -> None:
    assert found(text) == expected


def test_only_inside_a_misleading_name_a_name_is_no_mention() -> None:
    text = fold("Indian Ocean, India, the Indian Ocean; Jordan, Jordan Spieth and an Indian in Jordan")
    assert [codes()[slot] for slot, _, _ in mentions(text)] == ["IN", "JO", "IN", "JO"]


def test_the_mentions_of_a_seed_count_double_in_its_title() -> None:
    count = mentions_of(Seed("Kenya and Germany", ("Kenyan tea, a German ship.", "Nairobi waits.")))
    assert (count["KE"], count["DE"], count["FR"]) == (4, 3, 0)


def seeds() -> list[Seed]:
    return [read_seed(text) for text in PAIR_SEEDS]


def test_a_pair_that_every_seed_names_most_is_found() -> None:
    assert find_facets(seeds()) == Facets(("DE", "KE"), ())


def test_facets_need_two_countries_and_their_dealings() -> None:
    assert find_facets(seeds()[:1]) == Facets(("DE", "KE"), ())
    assert find_facets([Seed("Rice is dear", ("Prices rose.",))] * 3) is None
    assert find_facets([Seed("Kenya and Germany", ("Rain fell in both.",))] * 3) is None
    assert find_facets([Seed("Kenya opens embassy", ("The ambassador of Kenya spoke of bilateral ties.",))] * 3) is None


@pytest.mark.parametrize(
    ("title", "text", "codes"),
    [
        ("ラオス首相が訪日、首相と会談", "日本とラオスの両首脳は協力を確認した。", ("JP", "LA")),
        ("ລາວ-ຍີ່ປຸ່ນ ເຊັນສັນຍາຮ່ວມມື", "ນາຍົກລັດຖະມົນຕີ ລາວ ຕ້ອນຮັບ ເອກອັກຄະລັດຖະທູດ ຍີ່ປຸ່ນ.", ("JP", "LA")),
        ("Deutschland und Kenia", "Die Präsidenten unterzeichneten ein Abkommen über Zusammenarbeit.", ("DE", "KE")),
    ],
)
def test_dealings_are_known_in_the_language_of_the_seed(title: str, text: str, codes: tuple[str, ...]) -> None:
    assert find_facets([Seed(title, (text,))]) == Facets(codes, ())


def test_partners_that_change_from_seed_to_seed_are_no_topic() -> None:
    partners = ("Norway", "Chile", "Peru", "Ghana")
    many = [
        Seed(f"Kenya and {one} sign treaty", (f"The ambassadors of Kenya and {one} held talks on bilateral ties.",))
        for one in partners
    ]
    assert find_facets(many) is None
    assert find_facets(many[:2]) == Facets(("KE",), ("CL", "NO"))


def test_no_leader_stands_for_two_countries() -> None:
    bearers: dict[str, set[str]] = {}
    for code, one in countries().items():
        for name in one.leaders:
            bearers.setdefault(fold(name), set()).add(code)
    assert {name: codes for name, codes in bearers.items() if len(codes) > 1} == {}
