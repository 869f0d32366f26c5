"""What of a text is shown, and what of it is marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Fragment
from monitor.excerpt import LIMIT, excerpt, marked


def find(text: str, *words: str) -> list[tuple[int, int]]:
    return sorted((text.index(word), text.index(word) + len(word)) for word in words)


def shown(fragments: tuple[Fragment, ...]) -> str:
    return "".join(fragment.text for fragment in fragments)


def test_matched_words_are_marked_where_they_stand() -> None:
    text = "Laos and Japan agree"
    assert marked(text, find(text, "Laos", "Japan")) == (
        Fragment("Laos", marked=True),
        Fragment(" and "),
        Fragment("Japan", marked=True),
        Fragment(" agree"),
    )


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("Laos and Japan agree.", []) == (Fragment("Laos and Japan agree."),)


def test_a_long_text_is_shown_from_the_sentence_with_the_matches() -> None:
    text = "Rain fell on the hills. " * 30 + "Laos and Japan signed. " + "The river rose. " * 30
    result = excerpt(text, find(text, "Laos", "Japan"), limit=60)
    assert shown(result).startswith("… Laos and Japan signed.")
    assert [f.text for f in result if f.marked] == ["Laos", "Japan"]
    assert shown(result).endswith(" …")


def test_without_a_match_the_beginning_is_shown() -> None:
    text = "First things first. " + "And so on and on. " * 50
    assert shown(excerpt(text, [])).startswith("First things first.")


def test_a_text_without_sentences_is_cut_between_words_around_the_match() -> None:
    text = "word " * 300 + "Japan " + "word " * 300
    result = shown(excerpt(text, find(text, "Japan"), limit=80))
    assert "Japan" in result
    assert len(result) <= 90


def test_scripts_without_blanks_are_cut_too() -> None:
    text = "日本とラオスは合意した。" + "川は流れる。" * 200
    result = excerpt(text, find(text, "日本"))
    assert shown(result).startswith("日本とラオス")
    assert len(shown(result)) <= LIMIT + 4


@given(st.text(max_size=900), st.data())
def test_nothing_is_invented_and_marks_stay_inside_their_words(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b]
    result = excerpt(text, spans, limit=100)
    assert len(shown(result)) <= 104
    assert shown(result).removeprefix("… ").removesuffix(" …") in text
    wanted = {text[a:b] for a, b in spans}
    assert all(any(f.text in word for word in wanted) for f in result if f.marked)
    assert shown(marked(text, spans)) == text
