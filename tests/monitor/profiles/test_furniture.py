"""Reading seeds: what is the article, and what the page has set around it."""

from __future__ import annotations

import pytest

from monitor.profiles.furniture import Seed, read_seed
from monitor.text.fold import words

ARTICLE = """Kenya and Germany sign labour agreement

13/09/2024 10:38
Email Print 3598
KNA NAIROBI - Kenya and Germany signed an agreement on skilled workers on Friday in Berlin, both governments said.

(KNA) Kenya and Germany signed an agreement on skilled workers on Friday in Berlin, both governments said.

President William Ruto called it a new chapter.
Sign in to continue reading this premium story.
This version maintains the original content but improves readability.

KNA

More news

    • Minister opens bridge in KisumuPolitics
      Minister opens bridge in Kisumu
      9/14/2024 8:15:36 PM
      The bridge spans the river.
"""


def test_an_article_is_left_when_the_furniture_is_gone() -> None:
    expected = Seed(
        "Kenya and Germany sign labour agreement",
        (
            "Kenya and Germany signed an agreement on skilled workers on Friday in Berlin, both governments said.",
            "President William Ruto called it a new chapter.",
        ),
    )
    assert expected == read_seed(ARTICLE.replace("NAIROBI - ", ""))


def test_a_list_of_other_news_is_known_without_a_heading() -> None:
    seed = read_seed(ARTICLE.replace("More news\n", ""))
    assert "bridge" not in seed.whole


@pytest.mark.parametrize(
    "line",
    [
        "September 3, 2024",
        "3 September 2024",
        "Published: 2024-09-03 10:15 UTC",
        "8/27/2025 8:15:36 PM",
        "Share Tweet 12",
        "120 views",
        "Facebook  Twitter  WhatsApp",
        "KPL",
    ],
)
def test_lines_that_say_nothing_go(line: str) -> None:
    assert Seed("Headline", ("A sentence of the article.",)) == read_seed(
        f"Headline\n{line}\nA sentence of the article."
    )


@pytest.mark.parametrize(
    "text",
    [
        "NAIROBI – Ruto spoke.",
        "NAIROBI: Ruto spoke.",
        "NAIROBI (Kyodo) -- Ruto spoke.",
        "(KNA) Ruto spoke.",
        "Ruto spoke.",
    ],
)
def test_a_dateline_goes(text: str) -> None:
    assert read_seed(f"Headline\n{text}").paragraphs == ("Ruto spoke.",)


@pytest.mark.parametrize(
    "line",
    [
        "Article URL: https://kenya.example/ruto?id=1",
        "Article URL: https://kenya.example/ruto Comments URL: https://forum.example/7 Points: 90 # Comments: 12",
        "Points: 128",
        "# Comments: 41",
        "submitted by /u/somebody [link] [comments]",
        "https://kenya.example/ruto",
        "Read more about Ruto's journey »",
        "Continue reading Ruto spoke →",
        "The post Headline: Ruto spoke! appeared first on Kenya.example Gazette.",
        "The post Headline first appeared on Kenya Gazette",
        "Der Beitrag Headline erschien zuerst auf Kenia-Zeitung.",
        "L’article Headline est apparu en premier sur Gazette.",
        "La entrada Headline se publicó primero en Gaceta.",
        "O post Headline apareceu primeiro em Gazeta.",
    ],
)
def test_what_a_feed_sets_around_an_article_goes(line: str) -> None:
    assert read_seed(f"Headline\n{line}\nRuto spoke.").paragraphs == ("Ruto spoke.",)
    [paragraph] = read_seed(f"Headline\nRuto spoke of work. {line}").paragraphs
    assert paragraph.startswith("Ruto spoke of work.")
    assert not set(words(paragraph)) - {"ruto", "spoke", "of", "work", "point", "128", "comment", "41"}


@pytest.mark.parametrize(
    "end", [" [...] Read more", " […] Continue reading", "... Read the full story »", " (Read more)"]
)
def test_an_invitation_behind_a_text_goes(end: str) -> None:
    assert words(read_seed(f"Headline\nRuto spoke of work{end}").text) == words("Ruto spoke of work")


def test_what_only_looks_like_an_invitation_stays() -> None:
    assert read_seed("Read the full text of the treaty\nText.").title == "Read the full text of the treaty"
    assert read_seed("Headline\nMany read more in winter than we do.").text == "Many read more in winter than we do."


def test_no_seed_holds_an_address() -> None:
    seed = read_seed("A headline of www.kenya.example today\nMore (see https://kenya.example/a_b?c=1). It went on.")
    assert (seed.title, words(seed.text)) == ("A headline of today", words("More (see). It went on."))


def test_a_headline_keeps_its_capitals() -> None:
    assert read_seed("GM recall: US files suit").title == "GM recall: US files suit"


def test_a_bullet_of_the_article_itself_stays() -> None:
    assert read_seed("The plan\n• more visas\n• more nurses").paragraphs == ("• more visas", "• more nurses")


def test_markdown_takes_its_title_from_the_front_matter_and_joins_wrapped_lines() -> None:
    text = (
        "---\ntitle: Kenya's plan\ndate: 2024-09-13\n---\n\n# Heading\n\nOne [link](https://x.example)\nand **more**.\n"
    )
    assert Seed("Kenya's plan", ("Heading", "One link and more.")) == read_seed(text)


def test_html_is_read_without_navigation() -> None:
    page = """<!doctype html><html><head><title>Site</title><style>p {}</style></head><body>
    <nav><p>Home</p></nav><article><h1>Kenya &amp; Germany</h1><p>They signed.</p><figure><p>Photo</p></figure>
    <aside><p>Other news</p></aside></article><footer><p>Imprint</p></footer></body></html>"""
    assert Seed("Kenya & Germany", ("They signed.",)) == read_seed(page)


def test_of_a_page_with_paragraphs_the_text_between_them_is_no_part() -> None:
    told = (
        "The two ministers signed an agreement on nurses in the capital, and drank tea.",
        "Nobody had thought that so many of them would want to leave before the rains.",
        "Flights go twice a week, and a school for languages opens in the spring.",
    )
    paragraphs = "".join(f"<p>{each}</p><div>Share this</div>" for each in told)
    assert read_seed(f"<html><body><h1>Talks</h1>{paragraphs}</body></html>") == Seed("Talks", told)


def test_a_page_that_is_made_of_divisions_is_read_too() -> None:
    page = """<html><body><div class="menu"><ul><li>Football</li></ul></div><div><h1>Kenya and Germany</h1>
    <div>12 May 2025</div><div>They signed<br><br>and went home.</div>
    <div><h3>Related stories</h3><p>Rain in Oslo</p></div></div></body></html>"""
    assert Seed("Kenya and Germany", ("They signed", "and went home.")) == read_seed(page)


PRINTED = """\ufeffKenya and Germany sign

By JANE MWENDE and PAUL OTIENO in Nairobi

The two ministers signed an agree-
ment on nurses in the capital.
\fThe Nation   Friday   Page 3
It is the well-known plan.
\fThe Nation   Friday   Page 4
The nurses go in May.
4
"""


def test_the_text_of_a_printed_page_loses_heads_numbers_authors_and_divided_words() -> None:
    expected = (
        "The two ministers signed an agreement on nurses in the capital.",
        "It is the well-known plan.",
        "The nurses go in May.",
    )
    assert Seed("Kenya and Germany sign", expected) == read_seed(PRINTED.replace("\n", "\r\n"))


def test_a_seed_without_end_is_cut() -> None:
    seed = read_seed("Talks\n" + "The ministers talked about tea. " * 10_000)
    assert len(seed.text) <= 50_000


def test_nothing_is_an_empty_seed() -> None:
    assert Seed("", ()) == read_seed(" \n\n")
