"""Which characters XML 1.0 allows, one by one and at each end of its ranges; whose head is told apart by what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from monitor.parse.head import around, read
from monitor.parse.repair import mend
from tests.examples import examples

LAST = 0x10FFFF
ALLOWED = [(0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, LAST)]  # section 2.2
EDGES = sorted({code for ends in ALLOWED for end in ends for code in (end - 1, end, end + 1)})


def mended(text: str) -> str:
    return mend(f"<rss>{text}</rss>".encode("utf-8", "surrogatepass")).decode()[5:-6]


@pytest.mark.parametrize("code", EDGES, ids=hex)
def test_a_reference_stays_when_its_number_is_a_character_of_xml(code: int) -> None:
    """Whatever its base, its case and the noughts before it; any other becomes one sign of replacement."""
    allowed = any(first <= code <= last for first, last in ALLOWED)
    for reference in (f"&#{code};", f"&#x{code:x};", f"&#x{code:X};", f"&#X{code:x};", f"&#{code:09};"):
        assert mended(reference) == (reference.lower() if allowed else "\ufffd")


@given(st.integers(0, 2 * LAST))
@examples(0.5)
def test_what_is_left_of_a_reference_is_what_a_parser_takes(code: int) -> None:
    root = etree.fromstring(f"<a>{mended(f'&#{code};')}</a>")
    assert root.text == (chr(code) if any(first <= code <= last for first, last in ALLOWED) else "\ufffd")


@pytest.mark.parametrize("code", range(33))
def test_of_the_controls_only_those_of_a_line_stay(code: int) -> None:
    assert mended(f"a{chr(code)}b") == (f"a{chr(code)}b" if code in (9, 10, 13, 32) else "ab")


@pytest.mark.parametrize("code", [0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000])
def test_of_other_characters_surrogates_and_noncharacters_go(code: int) -> None:
    gone = 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF)
    assert mended(f"a{chr(code)}b") == ("ab" if gone else f"a{chr(code)}b")


@pytest.mark.parametrize(
    ("root", "dialect"),
    [
        ('<feed xmlns="http://www.w3.org/2005/Atom"/>', "atom10"),
        ('<feed xmlns="https://www.w3.org/2005/Atom"/>', "atom10"),
        ('<feed xmlns="http://purl.org/atom/ns#"/>', "atom03"),
        (
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            "<channel/></r:RDF>",
            "rss10",
        ),
        (
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            'xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel/></r:RDF>',
            "rss090",
        ),
    ],
)
def test_the_dialect_is_told_by_the_namespace(root: str, dialect: str) -> None:
    assert read(root.encode()).dialect == dialect


@pytest.mark.parametrize("name", ["item", "entry", "rdf:item"])
def test_the_head_is_what_stands_around_the_entries(name: str) -> None:
    """To the byte: nothing of an entry, and all of what stands before the first and behind the last."""
    body = f"<rss><title>A</title><{name}>x</{name}>between<{name}>y</{name}><link>z</link></rss>"
    assert around(body.encode()) == b"<rss><title>A</title><link>z</link></rss>"
