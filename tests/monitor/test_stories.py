"""Which matches are one story."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Match
from monitor.stories import same_story, single, thread
from tests.monitor.samples import NOW, a_match, days

WIRE = (
    "The two governments agreed on Tuesday to raise their relations to a comprehensive strategic partnership, with "
    "new regular talks on security and on foreign affairs, according to officials who took part in the meeting."
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Laos, Japan upgrade ties to comprehensive strategic partnership",
            "Japan and Laos leaders agree on comprehensive strategic partnership",
        ),
        ("Japan grants Laos new school buses", "Japan grants Laos new school buses - The Valley Post"),
        ("Sonexay arrives in Tokyo for talks", "Sonexay arrives in Tokyo for summit talks"),
        ("ラオス首相が来日、首脳会談へ", "ラオスの首相が来日 首脳会談へ"),
        ("ラオス首相来日、首脳会談へ", "ラオスの首相が来日、首脳会談へ"),
        ("ຍີ່ປຸ່ນ ແລະ ລາວ ສະເຫຼີມສະຫຼອງ 70 ປີ", "ຍີ່ປຸ່ນ ແລະ ລາວ ສະເຫຼີມສະຫຼອງ 70 ປີ ການພົວພັນ"),
        ("Japan grants Laos school buses", "Japan granted Laos its school buses"),
        (
            "Cambodia, Japan mark 70th anniversary of ties",
            "Japan, Cambodia celebrate 70th anniversary of diplomatic ties",
        ),
        ("Japan, Laos sign rail deal in Tokyo", "Japan, Laos ink rail deal in Tokyo"),
        ("Japan, Laos Vow To Deepen Ties", "Japan, Laos Pledge To Strengthen Ties"),
        ("Japan gave Laos school buses", "Japan donates school buses to Laos"),
    ],
)
def test_the_same_event_in_other_words_is_one_story(one: str, other: str) -> None:
    assert same_story(a_match(one, source="A"), a_match(other, source="B"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Laos signs rail deal with Japan", "Laos signs rail deal with China"),
        ("Laos Signs Rail Deal With Japan", "Laos Signs Rail Deal With China"),
        ("Vietnam and Japan sign rail deal", "Laos and Japan sign rail deal"),
        ("Japan marks 70th anniversary of ties with Laos", "Japan marks 60th anniversary of ties with Laos"),
        ("Japan lends Laos 5 billion yen for power lines", "Japan gives Laos books for village schools"),
        ("Laos - Japan upgrade ties", "Laos - Japan sign rice deal"),
    ],
)
def test_other_names_numbers_or_matters_are_other_stories(one: str, other: str) -> None:
    assert not same_story(a_match(one, source="A"), a_match(other, source="B"))


ONE_WORD_APART = [
    ("Japan lifts ban on Cambodian rice imports", "Japan imposes ban on Cambodian rice imports"),
    ("Japanese man arrested in Phnom Penh over fraud", "Japanese man released in Phnom Penh over fraud"),
    ("Laos PM arrives in Tokyo", "Laos PM dies in Tokyo"),
    ("Japan's foreign minister visits Laos", "Japan's defence minister visits Laos"),
    ("Japan and Laos hold first human rights dialogue", "Japan and Laos hold second human rights dialogue"),
    ("Japan to open consulate in Luang Prabang, Laos", "Japan to close consulate in Luang Prabang, Laos"),
    ("Cambodia and Japan sign agreement on demining", "Cambodia and Japan sign agreement on cybersecurity"),
    ("Japan ambassador meets Lao deputy prime minister", "Japan ambassador meets Lao finance minister"),
    ("日本、ラオスと首脳会談", "日本、ラオスと外相会談"),
    ("日本、ラオスに総領事館開設へ", "日本、ラオスに総領事館閉鎖へ"),
    ("ຍີ່ປຸ່ນເປີດສະຖານກົງສຸນຢູ່ລາວ", "ຍີ່ປຸ່ນປິດລົງສະຖານກົງສຸນຢູ່ລາວ"),
    ("ญี่ปุ่นเปิดสถานกงสุลในลาว", "ญี่ปุ่นย้ายสถานกงสุลในลาว"),
]


@pytest.mark.parametrize(("one", "other"), ONE_WORD_APART)
def test_one_word_in_the_place_of_another_is_another_story_and_told_the_next_day(one: str, other: str) -> None:
    before, after = a_match(one, entry_id="e1"), a_match(other, entry_id="e2", source="B")
    assert len(thread([before, after], [], NOW).stories) == 2

    told = replace(before, at=NOW - days(1), digest="w1", story="e1")
    [story] = thread([after], [told], NOW).stories
    assert story.fresh == (after,)


def test_another_word_above_the_same_text_is_the_same_story() -> None:
    one, other = (f"Japan {verb} Laos twelve school buses" for verb in ("gives", "sells"))
    assert not same_story(a_match(one), a_match(other, source="B"))
    assert same_story(a_match(one, text=WIRE), a_match(other, text=WIRE, source="B"))


def test_headlines_alike_but_for_the_required_country_are_never_one_story() -> None:
    laos = a_match("Laos, Japan mark 70th anniversary of ties", text=WIRE, concepts=("japan", "laos"))
    cambodia = a_match("Cambodia, Japan mark 70th anniversary of ties", text=WIRE, concepts=("cambodia", "japan"))
    assert not same_story(laos, cambodia)


def test_the_country_of_the_headline_decides_when_both_texts_name_both() -> None:
    both = ("cambodia", "japan", "laos")
    laos = a_match("Laos mark 70 years with Japan", text=WIRE, concepts=both, in_title=("japan", "laos"))
    cambodia = a_match("Cambodia mark 70 years with Japan", text=WIRE, concepts=both, in_title=("cambodia", "japan"))
    assert not same_story(laos, cambodia)


def test_a_wire_copy_under_another_headline_is_the_same_story() -> None:
    assert same_story(
        a_match("Tokyo talks end in upgrade", text=WIRE, source="A"),
        a_match("New chapter opens, says premier", text=WIRE + " More follows.", source="B"),
    )


def test_a_headline_edited_in_place_is_the_same_story() -> None:
    before = a_match("Premier to visit Japan", entry_id="e1")
    after = a_match("Summit postponed", entry_id="e1")
    assert same_story(before, after)


def test_the_best_entry_leads_and_stories_come_best_first() -> None:
    weak = a_match("Laos, Japan upgrade ties to partnership", source="A", value=6)
    strong = a_match("Japan and Laos upgrade ties to partnership", source="B", value=9)
    other = a_match("Grant for bridges signed", source="C", value=8)
    stories = thread([weak, strong, other], [], NOW).stories
    assert [[m.source for m in story.fresh] for story in stories] == [["B", "A"], ["C"]]


def test_a_repeat_of_a_told_story_is_held_back() -> None:
    told = a_match("Laos, Japan upgrade ties", text=WIRE, at=NOW - days(2), told="w1")
    late = a_match("Japan, Laos upgrade ties", text=WIRE, source="B")
    result = thread([late], [told], NOW)
    assert result.stories == ()
    assert result.held == (late,)


@pytest.mark.parametrize(
    ("told", "late"),
    [
        ("Laos, Japan upgrade ties", "Laos, Japan upgrade ties to partnership"),
        ("Japan to send rice to Laos", "Japan not to send rice to Laos"),
        ("Japan not to send rice to Laos", "Japan to send rice to Laos"),
        ("Japan invites Laos to talks", "Laos invites Japan to talks"),
    ],
)
def test_a_later_piece_under_other_words_is_never_held_back(told: str, late: str) -> None:
    past, fresh = a_match(told, at=NOW - days(1), told="w1"), a_match(late, source="B")
    assert same_story(past, fresh)
    result = thread([fresh], [past], NOW)
    assert [(story.update, story.fresh) for story in result.stories] == [(True, (fresh,))]


def test_a_later_piece_in_synonyms_is_an_update_and_not_held_back() -> None:
    told = a_match("Laos, Japan sign rail deal", at=NOW - days(1), told="w1")
    [story] = thread([a_match("Laos, Japan ink rail deal", source="B")], [told], NOW).stories
    assert story.update


@pytest.mark.parametrize("late", ["Japan and Laos upgrade ties", "LAOS, JAPAN UPGRADE TIES | Valley Post"])
def test_copies_of_a_told_headline_are_held_back(late: str) -> None:
    told = a_match("Laos, Japan upgrade ties", at=NOW - days(1), told="w1")
    assert thread([a_match(late, source="Valley Post")], [told], NOW).stories == ()


def test_copies_of_one_update_are_told_together() -> None:
    told = a_match("Laos, Japan upgrade ties", at=NOW - days(1), told="w1")
    twins = [a_match("Laos, Japan upgrade ties to partnership", source=name) for name in "AB"]
    result = thread(twins, [told], NOW)
    assert [len(story.fresh) for story in result.stories] == [2]
    assert result.held == ()


def test_a_told_headline_edited_in_place_is_no_second_alert() -> None:
    told = a_match("Premier to visit Japan", at=NOW - days(1), told="w1", entry_id="e1")
    edited = a_match("Premier to visit Japan on Monday", entry_id="e1")
    assert thread([edited], [told], NOW).held == (edited,)


def test_a_later_piece_with_news_is_an_update() -> None:
    told = a_match("Laos, Japan upgrade ties", text=WIRE, at=NOW - days(2), told="w1")
    news = "Ministers meanwhile named a bridge near Pakse, two hospitals and a training centre as first projects, " * 2
    late = a_match("Laos, Japan upgrade ties further", text=news, source="B")
    result = thread([late], [told], NOW)
    assert [story.update for story in result.stories] == [True]
    assert result.held == ()


def test_after_fourteen_days_a_story_is_new_again() -> None:
    told = a_match("Laos, Japan upgrade ties", text=WIRE, at=NOW - days(14) - timedelta(seconds=1), told="w1")
    again = a_match("Japan, Laos upgrade ties", text=WIRE, source="B")
    assert [story.update for story in thread([again], [told], NOW).stories] == [False]


def test_without_stories_every_match_stands_alone() -> None:
    twins = [a_match("Laos, Japan upgrade ties", source=name) for name in "AB"]
    assert len(single(twins).stories) == 2


TITLES = st.lists(
    st.sampled_from(
        [
            "Laos, Japan upgrade ties",
            "Japan and Laos upgrade ties",
            "Cambodia, Japan mark 70 years",
            "Rail deal signed in Vientiane",
            "",
            "日本とラオス、関係を格上げ",
        ]
    ),
    max_size=8,
)


@given(TITLES, st.randoms(use_true_random=False))
def test_nothing_is_lost_and_the_order_does_not_matter(titles: list[str], random: object) -> None:
    matches = [a_match(title, entry_id=f"e{i}", source=f"S{i}") for i, title in enumerate(titles)]
    shuffled = sorted(matches, key=lambda _: random.random())  # type: ignore[attr-defined]
    one, other = thread(matches, [], NOW), thread(shuffled, [], NOW)
    assert one == other
    shown = [match.entry.id for story in one.stories for match in story.fresh]
    assert sorted(shown) == sorted(match.entry.id for match in matches)


WORDS = dict(
    zip(
        "abcdefghijklm",
        "laos japan China rail deal bridge Talks 70 60 years anniversary signs opens".split(),
        strict=True,
    )
)
TEXT_WORDS = {letter: f"word{number}" for number, letter in enumerate("abcdefgh")}


def some_words(words: dict[str, str], most: int) -> st.SearchStrategy[str]:
    """Up to ``most`` of ``words``: a text of letters, each of which stands for a word, is drawn faster than a list."""
    return st.text("".join(words), max_size=most).map(lambda letters: " ".join(words[letter] for letter in letters))


@st.composite
def some_matches(draw: st.DrawFn) -> list[Match]:
    """Matches that resemble each other in every way that counts, some of them told in a story."""
    texts = draw(st.lists(some_words(TEXT_WORDS, 40), min_size=1, max_size=4))
    found = []
    for number in range(draw(st.integers(0, 14))):
        told = draw(st.booleans())
        match = a_match(
            draw(some_words(WORDS, 7)),
            text=draw(st.sampled_from(texts)) + draw(st.sampled_from(["", " and some words more", " 9"])),
            entry_id=f"e{draw(st.integers(0, 20))}",
            source=f"S{number}",
            concepts=draw(st.sampled_from([("japan", "laos"), ("china", "laos")])),
            in_title=draw(st.sampled_from([(), ("laos",), ("japan",)])),
            at=NOW - days(draw(st.integers(0, 9))),
            told="w1" if told else "",
        )
        found.append(replace(match, story=draw(st.sampled_from(["", "s1", "s2"])) if told else ""))
    return found


def grouped_plainly(matches: list[Match]) -> list[list[Match]]:
    """The rule itself: each, in order, joins the story it was told in, else the first with a match like it."""
    groups: list[list[Match]] = []
    for match in matches:
        homes = (
            [group for group in groups if group[0].story == match.story]
            if match.story
            else [group for group in groups if any(same_story(match, other) for other in group)]
        )
        if homes:
            homes[0].append(match)
        else:
            groups.append([match])
    return groups


@given(some_matches())
def test_it_groups_as_if_all_were_compared_with_all(matches: list[Match]) -> None:
    told = sorted((match for match in matches if match.digest), key=lambda match: (match.at, match.entry.id))
    fresh = sorted((match for match in matches if not match.digest), key=lambda match: (match.at, match.entry.id))
    result = thread(fresh, told, NOW)
    groups = grouped_plainly([*told, *fresh])
    where = {match.source: number for number, group in enumerate(groups) for match in group}
    for story in result.stories:
        assert len({where[match.source] for match in (*story.fresh, *story.told)}) == 1
    homes = [where[story.fresh[0].source] for story in result.stories]
    assert len(set(homes)) == len(homes)
    assert {match.source for story in result.stories for match in story.fresh} | {
        match.source for match in result.held
    } == {match.source for match in fresh}


class TestNames:
    """What names a story from one digest to the next, and in feeds and webhooks."""

    def test_a_new_story_is_called_after_its_lead_and_so_are_its_entries(self) -> None:
        lead, second = (a_match("Laos, Japan upgrade ties", text=WIRE, source=name) for name in "AB")
        threads = thread([lead, second], [], NOW)
        [story] = threads.stories
        assert story.id == story.fresh[0].entry.id
        assert threads.ids() == {lead.entry.id: story.id, second.entry.id: story.id}

    def test_a_story_that_goes_on_keeps_its_name(self) -> None:
        told = replace(a_match("Laos, Japan upgrade ties", text=WIRE, at=NOW - days(2), told="w1"), story="first")
        news = "Ministers meanwhile named a bridge near Pakse, two hospitals and a centre as first projects, " * 2
        late = a_match("Laos, Japan upgrade ties further", text=news, source="B")
        threads = thread([late], [told], NOW)
        assert threads.ids() == {late.entry.id: "first"}

    def test_a_past_without_a_name_gives_none(self) -> None:
        """Told by a release that gave stories no names."""
        told = a_match("Laos, Japan upgrade ties", text=WIRE, at=NOW - days(2), told="w1")
        news = "Ministers meanwhile named a bridge near Pakse, two hospitals and a centre as first projects, " * 2
        late = a_match("Laos, Japan upgrade ties further", text=news, source="B")
        assert thread([late], [told], NOW).ids() == {late.entry.id: late.entry.id}
