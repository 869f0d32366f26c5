"""A template can format and nothing else, and it always ends."""

from __future__ import annotations

import jinja2
import pytest
from jinja2.exceptions import SecurityError, TemplateSyntaxError

from alerts import sandbox
from alerts.sandbox import MAX_OUTPUT, MAX_STEPS, TemplateEnvironment


def run(source: str, name: str = "t.html.j2", **variables: object) -> str:
    return TemplateEnvironment(jinja2.DictLoader({name: source})).run(name, variables)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ names | join(', ') }}", "a, b"),
        ("{{ names | map('upper') | list | length }}", "2"),
        ("{% for name in names %}{{ loop.index }}{{ name }}{% endfor %}", "1a2b"),
        ("{{ nothing | default(2026) }}{{ [5000, 1] | select('gt', 2000) | list }}", "2026[5000]"),
        ("{{ 3.14159 | round(2) }}{{ '<b>x</b>' | striptags }}", "3.14x"),
        ("{{ 2 * 3 + 1 }}{{ 7 % 4 }}", "73"),
        ("{{ 'a' ~ 'b' + 'c' }}", "abc"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m('&') }}", "<&amp;>"),
        ("{{ '<b>' }}{{ '<b>' | upper }}", "&lt;b&gt;&lt;B&gt;"),
        ("{% set ns = namespace(n=0) %}{% for x in range(5) %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}", "10"),
    ],
)
def test_ordinary_templates_work(source: str, expected: str) -> None:
    assert run(source, names=["a", "b"]) == expected


def test_plain_text_is_not_escaped() -> None:
    assert run("{{ '<b>' }}", "t.txt.j2") == "<b>"


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(400) recursive %}{% for b in range(400) %}{{ loop }}{% endfor %}{% endfor %}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
        "{{ 'x' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ 'x'.zfill(1000000000) }}",
        "{{ ('x' | upper).center(1000000000) }}",
        "{% set n = namespace(x='xx') %}{% for a in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        "{% set n = namespace(x='xx') %}{% for a in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
        "{% set n = namespace(x=3) %}{% for a in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}",
        "{% set n = namespace(x='xx') %}{% for a in range(99) %}{% set n.x = [n.x ~ n.x][0] %}{% endfor %}",
        "{% set n = namespace(x='xx') %}{% for a in range(99) %}{% set n.x = (n.x, n.x) | join(n.x) %}{% endfor %}",
        "{{ range(99999) | join('x' * 1) }}",
        "{{ range(99999) | join(words) }}",
        "{{ 1 | round(300000000, 'ceil') }}",
        "{{ 1 | round(precision=-300000000) }}",
        "{{ 'x' | truncate(1e99) }}",
        "{% set n = namespace(x='x') %}{% for a in range(17) %}{% set n.x = n.x ~ n.x %}{% endfor %}"
        "{% for a in range(9999) %}{% set b = n.x | upper %}{% endfor %}",
        "{% set n = namespace(x='x') %}{% for a in range(17) %}{% set n.x = n.x ~ n.x %}{% endfor %}"
        "{% for a in range(9999) %}{% set b = n.x.upper() %}{% endfor %}",
        "{% set n = namespace(x='<>') %}{% for a in range(16) %}{% set n.x = n.x ~ n.x %}{% endfor %}"
        "{{ n.x | striptags }}",
        "{% for a in range(9999) %}{% set b = range(99999) | sort %}{% endfor %}",
    ],
)
def test_a_template_that_would_take_for_ever_is_stopped(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_STEPS", MAX_STEPS // 10)  # in a tenth of the time
    with pytest.raises((SecurityError, OverflowError)):
        run(source, words="many words " * 100)


def test_a_rendering_takes_fifty_thousand_steps_and_no_more() -> None:
    assert run("{% for a in range(49990) %}{% endfor %}x") == "x"
    with pytest.raises(SecurityError, match="more than 50,000 steps"):
        run("{% for a in range(50001) %}{% endfor %}x")


def test_output_is_bounded() -> None:
    with pytest.raises(SecurityError, match=f"more than {MAX_OUTPUT:,} characters"):
        run("{% for a in range(9999) %}{{ words }}{% endfor %}", words="word " * 100)


def test_each_rendering_has_its_own_budget() -> None:
    environment = TemplateEnvironment(jinja2.DictLoader({"t": "{% for a in range(30000) %}{% endfor %}x"}))

    assert [environment.run("t", {}) for _ in range(3)] == ["x", "x", "x"]


@pytest.mark.parametrize("name", "safe xmlattr urlize center format indent batch random tojson".split())
def test_filters_that_make_markup_or_mountains_are_gone(name: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=f"No filter named '{name}'"):
        run(f"{{{{ 'x' | {name} }}}}")


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ words.__class__.__mro__ }}",
        "{{ range.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{% set l = [] %}{{ l.append(1) }}",
        "{% autoescape false %}{{ words }}{% endautoescape %}",
        "{{ 'x'.format_map({}) }}",
    ],
)
def test_python_is_out_of_reach(source: str) -> None:
    with pytest.raises(SecurityError):
        run(source, words="words")


def test_an_endless_recursion_ends() -> None:
    with pytest.raises((RecursionError, SecurityError)):
        run("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")
