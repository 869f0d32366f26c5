"""A user's templates are rendered in a process that can be stopped, with the same result."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.apart import ApartRenderer, renderer
from alerts.model import Digest
from alerts.render import Renderer
from tests.alerts.samples import digest

pytestmark = pytest.mark.processes
# Each escapes the sandbox's count of steps in a way of its own.
ENDLESS = (
    "{% set n = (n | default(0)) + 1 %}"
    + f"{{% set m = {' + '.join(['n'] * 50)} %}}" * 20
    + "{% if n < 60 %}{% include 'own.txt.j2' %}{% include 'own.txt.j2' %}{% endif %}"
)
GROWING = "{% set x = [1, 1] %}" + "{% set x = [x, x] %}" * 40 + "{{ x }}"
SWELLING = "{% set x %}xx{% endset %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 40


def own(folder: Path, **templates: str) -> Path:
    for name, text in templates.items():
        (folder / f"{name.replace('_', '.')}.j2").write_text(text, encoding="utf-8")
    return folder


def asking_for(template: str) -> Digest:
    return replace(digest(2), template=template)


def test_it_gives_what_a_renderer_gives(tmp_path: Path) -> None:
    own(
        tmp_path, own_txt="{{ digest.headline }}!", own_html="<html><head></head><body>{{ digest.title }}</body></html>"
    )
    apart, here = ApartRenderer(tmp_path), Renderer(tmp_path)
    asked = asking_for("own")

    assert apart.text(asked) == here.text(asked) == f"{here.text(asked).strip()}\n"
    assert apart.html(asked) == here.html(asked)
    assert apart.mail(asked, "https://archive.example/") == here.mail(asked, "https://archive.example/")
    assert apart.check(["own", "none"])[0].reason == here.check(["own", "none"])[0].reason


def test_only_a_folder_with_templates_needs_a_process(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("none yet", encoding="utf-8")
    assert [type(renderer(folder)) for folder in (None, tmp_path, tmp_path / "gone")] == [Renderer] * 3
    assert type(renderer(own(tmp_path, own_txt="x"))) is ApartRenderer


@pytest.mark.parametrize(
    ("text", "limits", "reason"),
    [
        (ENDLESS, {"cpu_seconds": 1}, "own: it takes more than 1 s of computing"),
        (GROWING, {"cpu_seconds": 1, "memory": 1 << 40}, "own: it takes more than 1 s of computing"),
        (ENDLESS, {"patience": 0.2}, "own: it was not done within 0.2 s"),
    ],
)
def test_what_has_to_be_stopped_is_replaced_and_not_tried_again(
    text: str, limits: dict[str, float], reason: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    apart = ApartRenderer(own(tmp_path, own_txt=text), **limits)  # type: ignore[arg-type]
    told = apart.text(asking_for("own"))
    own(tmp_path, own_txt="well again")

    assert f"could not be used, so this is the built-in one. {reason}" in " ".join(told.split())
    assert Renderer().text(digest(2)).splitlines()[1] in told
    assert apart.text(asking_for("own")) == told
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_memory_that_runs_out_is_a_mistake_of_the_template(tmp_path: Path) -> None:
    apart = ApartRenderer(own(tmp_path, own_txt=SWELLING), memory=400 << 20)

    assert "own.txt.j2: it takes too much memory" in " ".join(apart.text(asking_for("own")).split())


def test_a_mistake_costs_this_message_its_template_and_no_more(tmp_path: Path) -> None:
    apart = ApartRenderer(own(tmp_path, own_txt="fine\n{{ digest.stories[1].none }}"))
    told = apart.text(asking_for("own"))
    own(tmp_path, own_txt="well again")

    assert "own.txt.j2:2" in told
    assert apart.text(asking_for("own")) == "well again\n"


def test_every_recipient_gets_what_was_rendered_once(tmp_path: Path) -> None:
    apart, asked = ApartRenderer(own(tmp_path, own_txt="first")), asking_for("own")
    first = apart.mail(asked)
    own(tmp_path, own_txt="second")

    assert apart.mail(asked) == first
    assert apart.mail(asking_for("own")) != first


def test_a_check_names_the_file_that_has_to_be_stopped(tmp_path: Path) -> None:
    apart = ApartRenderer(own(tmp_path, own_txt=ENDLESS, fine_txt="fine"), cpu_seconds=1)

    assert [(error.template, error.line) for error in apart.check(["own"])] == [("own.txt.j2", 0)]
