"""The page as a browser shows it: on a phone and on a desk, by day and by night."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.model import Story
from alerts.render import Renderer
from tests.alerts.browser import SCHEMES, Measured, measure
from tests.alerts.golden import CASES
from tests.alerts.samples import digest, entry

pytestmark = pytest.mark.e2e
WIDTHS = (375, 700)


def pages() -> dict[str, str]:
    renderer = Renderer(strict=True)
    unbroken = entry(0, title="x" * 300, source="y" * 80, link="https://a.example/" + "z" * 900, headline=(), parts=())
    thai = entry(4, title="ก" * 300, headline=(), highlight=entry(4).highlight * 5)
    long_words = digest([Story((unbroken, unbroken)), Story((thai,))], title="w" * 120, notices=("n" * 300,), more=1)
    digests = {str(number): digest(number, more=3) for number in (1, 8, 40)} | CASES
    return {name: renderer.html(each) for name, each in digests.items()} | {
        "unbroken": renderer.html(long_words, "https://archive.example/" + "a" * 300)
    }


@pytest.fixture(scope="module", params=SCHEMES)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Measured]:
    found = measure(pages(), WIDTHS, request.param, tmp_path_factory.mktemp("browser"))
    assert [page.dark for page in found] == [request.param == "dark"] * len(found)
    assert len(found) == len(pages()) * len(WIDTHS)
    return found


def test_nothing_overflows(seen: list[Measured]) -> None:
    assert [(page.name, page.scroll, page.wide[:3]) for page in seen if page.scroll > page.width or page.wide] == []


def test_every_text_stands_out_from_its_ground(seen: list[Measured]) -> None:
    """WCAG 2, 1.4.3: a contrast of 4.5, here for large text as well."""
    assert all(len(page.texts) >= 4 for page in seen)
    assert {(text, round(ratio, 2)) for page in seen for text, ratio, _ in page.texts if ratio < 4.5} == set()


def test_every_text_is_large_enough_to_read(seen: list[Measured]) -> None:
    assert {(text, size) for page in seen for text, _, size in page.texts if size < 11} == set()


def test_the_measuring_finds_what_is_wrong(tmp_path: Path) -> None:
    bad = "<body style='margin:0;background:#fff'><p style='color:#888'>pale</p><div style='width:999px'>wide</div>"
    (page,) = measure({"bad": bad}, (375,), "light", tmp_path)

    assert (page.scroll, page.wide) == (999, ["DIV."])
    assert [(text, round(ratio, 2)) for text, ratio, _ in page.texts] == [("pale", 3.54), ("wide", 21.0)]
