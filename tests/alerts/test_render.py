"""Rendering: sizes, templates of the user's own, and that feed text stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from alerts.errors import TemplateError
from alerts.model import Digest, Fragment, ScorePart, Story
from alerts.render import MAX_HTML, MAX_STORIES, MAX_TEXT, SHIPPED, Renderer
from alerts.wrap import WIDTH, columns
from tests.alerts.samples import digest, entry
from tests.examples import examples

RENDERER = Renderer(strict=True)


def with_templates(folder: Path, *, strict: bool = True, **files: str) -> Renderer:
    for name, source in files.items():
        (folder / (name.replace("_", ".", 1) + ".j2")).write_text(source, encoding="utf-8")
    return Renderer(folder, strict=strict)


# ---------------------------------------------------------------------------------------------- the page


def test_the_page_keeps_its_rules_for_phones_and_the_dark() -> None:
    page = RENDERER.html(digest(2))

    assert "@media (max-width: 480px)" in page
    assert "@media (prefers-color-scheme: dark)" in page
    assert page.index('<meta charset="utf-8">') < 200


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = lxml_html.fromstring(RENDERER.html(digest(8)))

    assert not page.xpath("//img | //script | //link | //iframe | //form | //object | //*[@src] | //*[@background]")
    assert "url(" not in RENDERER.html(digest(8))


def test_titles_and_excerpts_name_their_language() -> None:
    page = lxml_html.fromstring(RENDERER.html(digest(5)))

    assert page.get("lang") == "en"
    assert page.xpath("//h2/@lang") == ["en", "ja", "lo", "km", "th"]
    assert page.xpath("//p/@lang") == ["en", "ja", "lo", "km", "th"]


def test_the_matched_words_are_marked() -> None:
    page = lxml_html.fromstring(RENDERER.html(digest(1)))

    assert page.xpath("//h2//mark/text()") == ["Japan", "Laos"]
    assert page.xpath("//p//mark/text()") == ["Vientiane", "Tokyo"]


def test_everything_a_reader_should_know_is_in_both_parts() -> None:
    each = digest(3, more=2, notices=("The channel hook is down.",))
    page = " ".join(lxml_html.fromstring(RENDERER.html(each)).text_content().split()).replace("\u00a0", " ")
    text = " ".join(RENDERER.text(each).replace("\u00a0", " ").split())

    for told in (
        "Japan and the Mekong",
        "5 stories",
        "Mon 2 Mar, 07:00 – Tue 3 Mar 2026, 07:00",
        "Mekong Daily · Tue 3 Mar, 05:53",
        "UPDATE",
        "16.4",
        "strategic partnership in the text ×2 +3.1",
        "Tonle Post",
        "2 more stories",
        "newsbell digest japan-mekong --since 7d",
        "33 matches from 18 Feb to 3 Mar",
        "The channel hook is down.",
        "1,482 entries of 27 feeds read",
        "failing since Fri 27 Feb 2026",
        "(Asia/Vientiane)",
    ):
        assert told in page, told
        assert told in text, told


def test_who_has_no_shell_is_not_sent_to_one() -> None:
    each = digest(1, more=2)
    command, link = (
        "whoever runs it reads it with: newsbell digest japan-mekong",
        "See them all: https://a.example/",
    )

    for render in (RENDERER.text, RENDERER.html, lambda *args: RENDERER.short(args[0], 900, *args[1:])):
        kept, archived = (lxml_html.fromstring(render(each, *rest)).text_content() for rest in ((), (link[14:],)))
        assert command in " ".join(kept.split())
        assert link in " ".join(archived.split())


def test_no_title_is_hidden_behind_another() -> None:
    """Other words may be other news: in a story each title is shown with its link, and so is what is held back."""
    opens, closes = (entry(n, title=f"Japan to {verb} office") for n, verb in enumerate(("open", "close")))
    held = entry(9, title="A copy", link="https://copy.example/9")
    each = digest([Story((opens, closes))], held=(held,))

    for shown in (RENDERER.html(each), RENDERER.text(each), RENDERER.short(each, 9_000), RENDERER.json(each)):
        assert "Japan to close office" in shown
        assert closes.link in shown
    for shown in (RENDERER.html(each), RENDERER.text(each), RENDERER.json(each)):
        assert "A copy" in shown
        assert held.link in shown


@pytest.mark.parametrize("stories", [1, 8, 40, MAX_STORIES + 1])
def test_a_page_stays_below_the_size_where_gmail_cuts(stories: int) -> None:
    page = RENDERER.html(digest(stories, more=3))
    shown = page.count("<h2")

    assert len(page.encode()) <= MAX_HTML
    assert (f"{stories + 3 - shown} more stories" in page) == (stories + 3 > shown)
    assert shown == stories or len(page.encode()) > MAX_HTML * 0.9


@pytest.mark.parametrize(("stories", "news"), [(1, 0), (40, 3), (MAX_STORIES + 1, 7)])
def test_both_parts_of_a_mail_tell_the_same_stories_and_have_an_end(stories: int, news: int) -> None:
    each = digest([Story((entry(news, id=str(number)),)) for number in range(stories)])
    text, page = RENDERER.mail(each)
    shown = page.count("<h2")

    assert len(text.encode()) <= MAX_TEXT
    assert len(page.encode()) <= MAX_HTML
    assert len(re.findall(r"^\d+\. ", text, re.MULTILINE)) == shown
    for part in (text, page):
        assert (f"{stories - shown} more stories" in part) == (stories > shown)


def test_a_long_text_shortens_both_parts_of_a_mail(tmp_path: Path) -> None:
    renderer = with_templates(
        tmp_path, digest_txt="{% for story in digest.stories %}" + "x" * 9_000 + "{% endfor %}{{ digest.more }}"
    )
    text, page = renderer.mail(digest(12))

    assert text.endswith("3 more stories\n")
    assert "3 more stories" in page


@pytest.mark.parametrize("suffix", ["html", "txt"])
def test_a_template_that_is_too_large_by_itself_gives_way_to_the_shipped_one(tmp_path: Path, suffix: str) -> None:
    files = {f"digest_{suffix}": "w" * (MAX_HTML + 1) + "{{ digest.title }}"}
    text, page = with_templates(tmp_path, strict=False, **files).mail(digest(1))
    assert max(len(text.encode()), len(page.encode())) <= MAX_HTML
    assert "The template digest could not be used" in text
    assert "more than 90,000 bytes, however little it is given" in page

    strict = with_templates(tmp_path, **files)
    with pytest.raises(TemplateError, match="more than 90,000 bytes"):
        strict.mail(digest(1))
    assert [(error.template, error.line) for error in strict.check()] == [(f"digest.{suffix}.j2", 0)]


def test_thousands_of_stories_are_counted_not_printed() -> None:
    """``max_items`` is the user's; what a template may cost is ours."""
    each = digest(MAX_STORIES + 20, more=1_000)

    assert "1,020 more stories" in RENDERER.text(each)
    assert len(json.loads(RENDERER.json(each))["stories"]) == MAX_STORIES + 20


def test_a_monstrous_story_still_fits() -> None:
    parts = tuple(ScorePart("term", "label " * 50, "title", 1, 1.0, 1.0) for _ in range(200))
    link, words = "https://a.example/" + "x" * 2_000, "ຍ" * 9_000
    huge = entry(2, title=words, link=link, parts=parts, highlight=(Fragment(words),))
    page = RENDERER.html(digest([Story((huge,) * 20)] * 3))

    assert len(page.encode()) <= MAX_HTML


def test_the_text_has_no_line_wider_than_a_terminal() -> None:
    lines = RENDERER.text(digest(8, more=2, title="Long " * 40, notices=("word " * 50,))).splitlines()

    assert all(columns(line) <= WIDTH for line in lines if "https://" not in line)
    assert all(line == line.rstrip() for line in lines)
    assert "\n\n\n" not in "\n".join(lines)


def test_the_json_is_indented_for_files_and_compact_for_the_wire() -> None:
    each = digest(2, more=1, overflow=digest(3).stories[2:])

    assert len(json.loads(RENDERER.json(each))["stories"]) == 3
    assert "\n" not in RENDERER.json(each, max_bytes=20_000)
    assert json.loads(RENDERER.json(each, max_bytes=20_000, archive="x"))["archive"] == "x"


@pytest.mark.parametrize("limit", [100, 500, 2_000, 35_000])
def test_a_short_note_is_never_longer_than_asked(limit: int) -> None:
    assert len(RENDERER.short(digest(40), limit)) <= limit


# ---------------------------------------------------------------------------------------------- feed text stays text

TRAPS = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "--><style>*{display:none}</style><!--",
    "<![endif]--><a href='javascript:x'>",
    "{{ 7 * 191 }} {% for x in range(9) %}{{ x }}{% endfor %} {{ self.__init__.__globals__ }}",
    "{% include 'digest.html.j2' %}{# gone #}",
    "&lt;b&gt; &amp;amp; &#60;script&#62;",
    "\u202e<b>\x00</b>",
]
LINKS = ["javascript:alert(1)", "data:text/html,x", "vbscript:x", '" onclick="x']
HOSTILE = st.one_of(st.sampled_from(TRAPS), st.text(max_size=40))


def skeleton(page: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every element with the names of its attributes."""
    for element in lxml_html.document_fromstring(page).iter():
        yield str(element.tag), tuple(sorted(element.keys()))


def poisoned(text: str, link: str = "https://news.example/1") -> Digest:
    words = (Fragment(text, marked=True),)
    part = ScorePart("term", text, "title", 1, 1.0, 1.0)
    one = entry(0, title=text, source=text, link=link, parts=(part,), headline=words, highlight=words, lang="en")
    return digest([Story((one, one))], title=text, profile="p", notices=(text,), activity=())


HARMLESS = list(skeleton(RENDERER.html(poisoned("harmless"))))


@given(HOSTILE)
@examples(0.6)
def test_no_feed_text_becomes_markup(text: str) -> None:
    """Whatever the words, the page has the elements and attributes that it has for harmless ones."""
    assert list(skeleton(RENDERER.html(poisoned("x" + text)))) == HARMLESS


@pytest.mark.parametrize("trap", TRAPS[5:7])
def test_no_feed_text_is_run_as_a_template(trap: str) -> None:
    each = poisoned(trap)

    assert "1337" not in RENDERER.html(each) + RENDERER.text(each) + RENDERER.short(each, 9_000)
    assert trap.split(" %}")[0] in RENDERER.short(each, 9_000)


@given(st.one_of(st.sampled_from(LINKS), st.text(max_size=40)))
@examples(0.4)
def test_only_web_addresses_become_links(link: str) -> None:
    page = lxml_html.fromstring(RENDERER.html(poisoned("words", link)))

    assert all(re.match(r"https?://", str(target)) for target in page.xpath("//@href"))


# ---------------------------------------------------------------------------------------------- templates of one's own


def test_a_users_template_comes_first(tmp_path: Path) -> None:
    renderer = with_templates(tmp_path, digest_txt="{{ digest.title }}: {{ digest.stories | length }}\n")

    assert renderer.text(digest(3)) == "Japan and the Mekong: 3\n"
    assert renderer.html(digest(3)) == RENDERER.html(digest(3))


def test_a_profile_may_name_a_template(tmp_path: Path) -> None:
    renderer = with_templates(tmp_path, brief_html="<p>{{ digest.counted }}</p>")

    assert "<p>2 stories</p>" in renderer.html(digest(2, template="brief"))
    assert renderer.text(digest(2, template="brief")) == RENDERER.text(digest(2))


def test_a_template_may_replace_one_block(tmp_path: Path) -> None:
    renderer = with_templates(
        tmp_path, digest_txt='{% extends "shipped/digest.txt.j2" %}{% block footer %}The end.{% endblock %}'
    )

    assert renderer.text(digest(1)).endswith("\nThe end.\n")
    assert renderer.text(digest(1)).startswith(RENDERER.text(digest(1))[:400])


def test_a_users_page_is_escaped_and_inlined_too(tmp_path: Path) -> None:
    source = "<style>b{color:red}</style><b>{{ digest.stories[0].lead.title }}</b>"
    renderer = with_templates(tmp_path, digest_html=source)

    assert '<b style="color:red">&lt;i&gt;</b>' in renderer.html(digest([Story((entry(0, title="<i>"),))]))


def test_a_broken_template_does_not_stop_an_alert(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The shipped one is used, and the message says so."""
    renderer = with_templates(tmp_path, strict=False, digest_txt="a\n{{ digest.titel }}")

    text = renderer.text(digest(2))
    assert "Japan and Laos open a ferry school" in text
    assert "The template digest.txt.j2 could not be used" in text
    assert caplog.records


def test_a_broken_template_is_an_error_in_a_preview(tmp_path: Path) -> None:
    renderer = with_templates(tmp_path, digest_txt="a\n{{ digest.titel }}")

    with pytest.raises(TemplateError) as caught:
        renderer.text(digest(1))
    assert (caught.value.template, caught.value.line) == ("digest.txt.j2", 2)
    assert "titel" in str(caught.value)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "", "a.b"])
def test_a_template_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.txt.j2").write_text("secret")
    (tmp_path / "own").mkdir()
    renderer = Renderer(tmp_path / "own", strict=True)

    assert renderer.text(digest(1, template=name)) == RENDERER.text(digest(1))


# ---------------------------------------------------------------------------------------------- checking them


def test_the_shipped_templates_are_well() -> None:
    assert RENDERER.check(["digest"]) == []
    assert Renderer(SHIPPED).check() == []


@pytest.mark.parametrize(
    ("name", "source", "line", "words"),
    [
        ("a_txt", "one\n{% if %}", 2, "Expected an expression"),
        ("a_txt", "one\ntwo\n{{ digest.nothing }}", 3, "has no attribute 'nothing'"),
        ("a_txt", "{{ nothing }}", 1, "'nothing' is undefined"),
        ("a_html", "{% include 'gone.html.j2' %}", 0, "gone.html.j2 does not exist"),
        ("a_html", "{{ digest.title | safe }}", 1, "No filter named 'safe'"),
        ("a_html", "\n{{ 1 / 0 }}", 2, "division by zero"),
        ("a_html", "{{ ''.__class__.__mro__ }}", 1, "unsafe"),
        ("a_html", "\n\n{{ digest.stories[0].lead.score + 1 }}", 3, "concatenate"),
    ],
)
def test_mistakes_are_named_with_file_and_line(tmp_path: Path, name: str, source: str, line: int, words: str) -> None:
    (problem,) = with_templates(tmp_path, **{name: source}).check()

    assert (problem.template, problem.line) == (name.replace("_", ".") + ".j2", line)
    assert words in str(problem)


def test_memory_that_runs_out_is_a_mistake_of_the_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = with_templates(tmp_path, a_txt="x")

    def swell(name: str, names: object) -> str:
        raise MemoryError

    monkeypatch.setattr(renderer._environment, "run", swell)
    assert [str(problem) for problem in renderer.check()] == ["a.txt.j2: it takes too much memory"]


def test_a_template_that_fails_only_without_stories_is_found(tmp_path: Path) -> None:
    (problem,) = with_templates(tmp_path, a_txt="{{ digest.stories[0].lead.title }}").check()

    assert problem.line == 1


def test_missing_and_misnamed_templates_are_found(tmp_path: Path) -> None:
    (tmp_path / "digest.html").write_text("x")
    (tmp_path / "notes.md").write_text("x")

    assert [str(problem) for problem in Renderer(tmp_path).check(["digest", "brief"])] == [
        f"brief: there is no brief.html.j2 or brief.txt.j2 in {tmp_path}",
        "digest.html: is never used: call it NAME.html.j2 or NAME.txt.j2",
    ]


def test_a_missing_folder_is_found(tmp_path: Path) -> None:
    (problem,) = Renderer(tmp_path / "gone").check()

    assert "the template folder does not exist" in str(problem)
