"""Whichever parser reads a document, its entries are known by the same keys."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Document, EntryKeys
from monitor.parse import encodings, fast, head, pieces, tolerant
from monitor.parse.documents import entry_of
from monitor.parse.raw import RawEntry
from monitor.parse.repair import end_properly, mend
from monitor.parse.wellformed import survey
from tests.examples import examples
from tests.monitor.parse.samples import FILES, URL, item, rss

XML = [path for path in FILES if path.suffix != ".json"]


def keys(entries: list[RawEntry]) -> list[EntryKeys]:
    return [entry_of(Document(URL, b""), raw, b"", None).keys for raw in entries]


def mended(path: Path) -> bytes:
    return end_properly(mend(encodings.decode(path.read_bytes()).utf8))


def same_keys(body: bytes) -> int:
    """Compare all paths that read ``body``; how many did."""
    cut = pieces.cut(body)
    ways = [tolerant.read(body).entries]
    ways += [found for found in (fast.read(body, head.items_at(body)), cut and fast.read_native(cut)) if found]
    for other in ways[1:]:
        assert keys(other) == keys(ways[0])
    return len(ways)


@pytest.mark.parametrize("path", XML, ids=lambda path: path.name)
def test_every_path_gives_the_same_keys(path: Path) -> None:
    body = mended(path)
    if not survey(body).error:
        same_keys(body)


def test_most_samples_are_read_by_every_path() -> None:
    readable = [body for body in map(mended, XML) if not survey(body).error]
    assert sum(same_keys(body) == 3 for body in readable) > len(readable) / 2


# Without Latin-1: two of its letters in a row can pass for UTF-8 that was misread, which feedparser then corrects.
letters = st.characters(categories=["L", "N", "Zs"], exclude_characters=[chr(code) for code in range(128, 256)])
words = st.text(alphabet=letters, min_size=1, max_size=30).filter(str.strip)
links = st.sampled_from(
    ["https://a.example/x?utm_source=rss&amp;b=1", "http://www.a.example:80/x/", "https://a.example/#1"]
)


@examples(0.4)
@given(
    st.lists(
        st.fixed_dictionaries({"title": words, "link": links, "guid": words | links, "description": words}),
        max_size=3,
    )
)
def test_every_path_gives_the_same_keys_for_any_items(fields: list[dict[str, str]]) -> None:
    same_keys(rss(*(item(number, **each) for number, each in enumerate(fields))))


@pytest.mark.parametrize(
    "body",
    [
        rss(item(1, guid="", link="")),
        rss(item(1, title="")),
        rss(item(1, description="<p>markup</p> and more")),
        rss(item(1, title="Wood <i>and</i> steel")),
        rss(),
        rss(item(1, link="one.html")).replace(b"<rss ", b'<rss xml:base="https://base.example/" '),
    ],
)
def test_the_fast_path_is_not_believed(body: bytes) -> None:
    cut = pieces.cut(body)
    assert fast.read(body, head.items_at(body)) is None
    assert cut is None or fast.read_native(cut) is None


@pytest.mark.parametrize("body", [rss(item(1, title="a & b")), rss(item(1))[:-9], rss(item(1, title="&nbsp;"))])
def test_the_native_extractor_refuses_what_is_not_well_formed(body: bytes) -> None:
    cut = pieces.cut(body)
    assert cut is not None
    assert fast.read_native(cut) is None


def test_without_the_native_extractor_the_public_function_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    body = rss(item(1), item(2))
    cut = pieces.cut(body)
    assert cut is not None
    native = fast.read_native(cut)
    monkeypatch.setattr(fast, "_NATIVE", None)
    assert fast.read_native(cut) is None
    assert native == fast.read(body, head.items_at(body))


def test_the_native_extractor_needs_nothing_of_its_package() -> None:
    """Which a worker's start would wait for, and hardly any document needs."""
    code = "import sys, monitor.parse.worker; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    assert "fastfeedparser._core" in loaded
    assert not {"fastfeedparser", "http.client", "ssl", "dateutil", "asyncio"} & set(loaded)


@pytest.mark.parametrize(
    "core",
    [
        None,
        SimpleNamespace(),
        SimpleNamespace(parse_entries=lambda body: []),
        SimpleNamespace(parse_entries=lambda *asked: "not well-formed"),
        SimpleNamespace(parse_entries=lambda *asked: ("rss", None, b"", [{"id": "g", "title": "a"}])),
        SimpleNamespace(parse_entries=lambda *asked: ("rss", [])),
    ],
)
def test_a_native_extractor_that_is_not_as_expected_is_not_used(core: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no public interface of its package."""
    assert fast.find_native() is not None
    monkeypatch.setitem(sys.modules, "fastfeedparser._core", core)
    assert fast.find_native() is None


def test_a_machine_for_which_it_is_not_built_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "fastfeedparser._core")
    monkeypatch.setattr(fast, "PathFinder", SimpleNamespace(find_spec=lambda name, folders: None))
    assert fast.find_native() is None
