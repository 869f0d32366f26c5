"""Feeds made up for measuring: the same for the same number, in RSS 2.0, Atom 1.0 and RSS 1.0, about 37 kB each."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

START = datetime(2025, 1, 1, tzinfo=UTC)
PACE = timedelta(minutes=30)  # between two entries
_COMMON = (
    "the of and to in a for on with as by at from that is was after before over under about more new first last year "
    "month week day people city region river port road bridge school market bank price harvest power water talks visit "
    "meeting plan budget report survey minister council company workers students team match festival museum film book "
    "said agreed opened closed began ended signed joined welcomed announced expects hopes shows finds"
).split()
_SYLLABLES = "ka mi ro ten sal vo lin dar pe zu han cor bel tis nor gra mu ve shi lo".split()
_SCRIPTS = ("日本と近隣諸国の会議が開かれた", "ກອງປະຊຸມຮ່ວມມື ລະຫວ່າງ ສອງປະເທດ", "កិច្ចប្រជុំសហប្រតិបត្តិការ", "การประชุมความร่วมมือ")


def words(rng: random.Random, count: int) -> list[str]:
    """Words as news have them: mostly common ones, now and then a rare one or another script."""
    found = []
    for _ in range(count):
        dice = rng.random()
        if dice < 0.85:
            found.append(_COMMON[int(len(_COMMON) * rng.random() ** 2)])
        elif dice < 0.98:
            found.append("".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))))
        else:
            found.append(rng.choice(_SCRIPTS))
    return found


def document(feed: int, round_number: int, entries: int) -> bytes:
    """Feed ``feed`` after ``round_number`` further entries, its newest ``entries`` first."""
    newest = entries + round_number - 1
    items = [_Item(feed, number) for number in range(newest, newest - entries, -1)]
    kind = (_rss, _rss, _atom, _rdf)[feed % 4]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{kind(feed, items)}'.encode()


class _Item:
    """One entry's texts."""

    def __init__(self, feed: int, number: int) -> None:
        rng = random.Random(f"{feed}/{number}")
        self.title = escape(" ".join(words(rng, rng.randint(6, 12))).capitalize())
        self.link = f"http://news.example/{feed}/{number}"
        self.id = f"tag:news.example,2025:{feed}/{number}"
        self.when = START + number * PACE
        paragraphs = (" ".join(words(rng, rng.randint(25, 60))) for _ in range(rng.randint(2, 7)))
        self.text = escape("".join(f"<p>{escape(paragraph)}.</p>" for paragraph in paragraphs))


def _rss(feed: int, items: list[_Item]) -> str:
    body = "".join(
        f"<item><title>{item.title}</title><link>{item.link}</link><guid isPermaLink='false'>{item.id}</guid>"
        f"<pubDate>{format_datetime(item.when, usegmt=True)}</pubDate><description>{item.text}</description></item>\n"
        for item in items
    )
    head = f"<title>Feed {feed}</title><link>http://news.example/{feed}</link><description>news</description>"
    return f'<rss version="2.0"><channel>{head}\n{body}</channel></rss>'


def _atom(feed: int, items: list[_Item]) -> str:
    body = "".join(
        f'<entry><title>{item.title}</title><link href="{item.link}"/><id>{item.id}</id>'
        f'<updated>{item.when.isoformat()}</updated><summary type="html">{item.text}</summary></entry>\n'
        for item in items
    )
    head = f"<title>Feed {feed}</title><id>tag:news.example,2025:{feed}</id><updated>{START.isoformat()}</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}\n{body}</feed>'


def _rdf(feed: int, items: list[_Item]) -> str:
    body = "".join(
        f'<item rdf:about="{item.id}"><title>{item.title}</title><link>{item.link}</link>'
        f"<dc:date>{item.when.isoformat()}</dc:date><description>{item.text}</description></item>\n"
        for item in items
    )
    head = f"<title>Feed {feed}</title><link>http://news.example/{feed}</link><description>news</description>"
    spaces = 'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    about = f'<channel rdf:about="http://news.example/{feed}">{head}</channel>'
    return f'<rdf:RDF xmlns:rdf="{rdf}" {spaces}>{about}\n{body}</rdf:RDF>'
