"""YAML with places: values in the meaning of YAML 1.2, and every mistake where it stands, in a user's words."""

from __future__ import annotations

import json
import math
import re
from dataclasses import FrozenInstanceError, field, replace
from datetime import date
from typing import Annotated, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, Field

from monitor.errors import ConfigError, Problem
from monitor.yamldoc import Document, InvalidValueError, load, shape
from monitor.yamldoc.kinds import Number, Whole
from monitor.yamldoc.nodes import MAX_DEPTH, events, peek, resolve
from monitor.yamldoc.secrets import mask
from monitor.yamldoc.section import Section
from monitor.yamldoc.syntax import explain
from tests.examples import examples


class Cat(Section):
    kind: Literal["cat"]
    lives: Annotated[Whole, Field(ge=1, le=9, description="how often it falls on its feet")] = 9


class Bird(Section):
    kind: Literal["bird"]
    song: Annotated[str, Field(min_length=3)]


class Home(Section):
    city: str = ""
    garden: bool = False


def loud(name: str) -> str:
    if name == "quiet":
        raise InvalidValueError("a zoo is never quiet", "choose another name")
    return name


class Zoo(Section):
    """A model with one of everything."""

    name: Annotated[str, AfterValidator(loud), Field(description="what the sign at the gate says")]
    open: bool = True
    price: Number = 0.0
    home: Home = Home()
    animals: dict[Annotated[str, Field(pattern="^[a-z]+$")], Annotated[Cat | Bird, Field(discriminator="kind")]] = (
        field(default_factory=dict)
    )
    food: tuple[str | tuple[str, ...], ...] = ()
    keepers: tuple[Home, ...] = ()
    size: Literal["small", "large"] = "small"
    opened: Annotated[str | None, Field(alias="since", pattern="^[0-9]{4}$", description="a year, such as 1882")] = None

    def __post_init__(self) -> None:
        if self.size == "small" and len(self.animals) > 2:
            raise InvalidValueError("too many animals", "make it large", at=("animals",))


def problems(text: str) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        load(text, file="zoo.yaml", model=Zoo)
    return list(caught.value.problems)


def problem(text: str) -> Problem:
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


class TestScalars:
    @pytest.mark.parametrize(
        ("written", "value"),
        [
            ("NO", "NO"),
            ("yes", "yes"),
            ("on", "on"),
            ("true", True),
            ("False", False),
            ("null", None),
            ("~", None),
            ("", None),
            ("'true'", "true"),
            ("12", 12),
            ("+12", 12),
            ("-3", -3),
            ("007", 7),
            ("0o17", 15),
            ("0x1F", 31),
            ("0b11", "0b11"),
            ("1_000", "1_000"),
            ("12:30:45", "12:30:45"),
            ("22:00-06:00", "22:00-06:00"),
            ("2024-05-01", "2024-05-01"),
            ("1.5", 1.5),
            (".5", 0.5),
            ("1e3", 1000.0),
            ("1.", 1.0),
            (".inf", math.inf),
            ("-.INF", -math.inf),
            ("1.2.3", "1.2.3"),
            ("=", "="),
            ("-", None),
            ("١٢", "١٢"),
        ],
    )
    def test_a_plain_scalar_means_what_the_core_schema_of_yaml_1_2_says(self, written, value):
        if written == "-":
            assert resolve("-") == "-"
        else:
            assert Document.parse(f"key: {written}", "f").value == {"key": value}

    def test_nan_is_a_number(self):
        assert math.isnan(Document.parse("key: .nan", "f").value["key"])

    def test_a_literal_text_is_text(self):
        assert Document.parse("key: |\n  12\n", "f").value == {"key": "12\n"}

    def test_a_number_without_end_is_a_mistake(self):
        found = problem(f"name: zoo\nprice: {'9' * 400}")
        assert (found.line, found.column, found.key) == (2, 8, "price")


class TestPlaces:
    def test_a_value_is_located_where_it_starts(self):
        document = Document.parse("a:\n  - b: 1\n    c: {d: x}\n", "f")
        place = document.locate(("a", 0, "c", "d"))
        assert (place.line, place.column, place.source) == (3, 12, "    c: {d: x}")

    def test_a_key_is_located_where_its_name_starts(self):
        place = Document.parse("a:\n  b: 1\n", "f").locate(("a", "b"), key=True)
        assert (place.line, place.column) == (2, 3)

    def test_what_is_missing_stands_at_the_key_of_its_parent(self):
        place = Document.parse("x: 1\na:\n  b:\n    c: 1\n", "f").locate(("a", "b", "nothing"))
        assert (place.line, place.column) == (3, 3)

    def test_what_is_missing_from_a_list_item_stands_at_the_item(self):
        place = Document.parse("a:\n  - b: 1\n  - c: 2\n", "f").locate(("a", 1, "b"))
        assert (place.line, place.column) == (3, 5)

    def test_an_empty_value_stands_at_its_key(self):
        place = Document.parse("a: 1\nport:\nb: 2\n", "f").locate(("port",))
        assert (place.line, place.column) == (2, 1)

    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_lines_count_whatever_ends_them(self, newline):
        place = Document.parse(newline.join(["a: 1", "b: 2", "c: 3"]), "f").locate(("c",))
        assert (place.line, place.source) == (3, "c: 3")

    def test_columns_count_characters_in_every_script(self):
        assert Document.parse("ກຂ: {あ: 1}", "f").locate(("ກຂ", "あ")).column == 9

    def test_a_byte_order_mark_moves_nothing(self):
        document = Document.parse("\ufeffa: 1", "f")
        assert (document.value, document.locate(("a",)).column) == ({"a": 1}, 4)

    def test_a_problem_reads_as_file_line_column_path_message_and_hint(self):
        found = Document.parse("feeds:\n  - url: x\n", "my.yaml").problem(("feeds", 0, "url"), "is odd", "why?")
        assert str(found) == "my.yaml:2:10: feeds[0].url: is odd (why?)"
        assert found.source == "  - url: x"

    def test_an_odd_name_is_quoted_in_a_path_and_stays_on_one_line(self):
        document = Document.parse('"a.b\\nc": 1', "f")
        assert document.problem(("a.b\nc",), "x").key == '"a.b c"'

    def test_a_line_that_is_too_long_to_show_is_left_out(self):
        document = Document.parse(f"a: {{x: {'y' * 400}, b: 1}}", "f")
        assert document.locate(("a", "b")).source == ""


class TestPlainMistakes:
    """Mistakes that PyYAML alone would let pass."""

    @pytest.mark.parametrize(
        ("text", "line", "column", "word"),
        [
            ("name: a\nname: b", 2, 1, "line 1"),
            ("name: a\nhome:\n  city: x\n  city: y", 4, 3, "line 3"),
            ("name: &n a\n", 1, 7, "anchors such as &n"),
            ("name: a\nsize: *n", 2, 7, "aliases such as *n"),
            ("name: a\nhome:\n  <<: {city: x}", 3, 3, "merge keys"),
            ("name: !secret a", 1, 7, "tags such as !secret"),
            ("name: a\nhome: &h {city: x}", 2, 7, "anchors such as &h"),
            ("name: !!python/name:os.system x", 1, 7, "tags such as !!python/name:os.system"),
            ("name: a\n3: b", 2, 1, "a key must be text, not 3"),
            ("name: a\nnull: b", 2, 1, "a key must be text, not null"),
            ('name: a\n"": b', 2, 1, "a key must be text, not empty"),
            ("name: a\n{x: y}: b", 2, 1, "a key must be text"),
        ],
    )
    def test_each_is_found_where_it_stands(self, text, line, column, word):
        found = [one for one in problems(text) if word in one.message]
        assert [(one.line, one.column) for one in found] == [(line, column)]

    def test_a_template_in_braces_asks_for_quotes(self):
        assert any("quotes" in one.hint for one in problems("name: {{ secret }}"))

    def test_a_second_document_is_refused(self):
        found = problem("name: a\n---\nname: b")
        assert (found.line, found.message) == (2, "a second document starts here")

    def test_depth_is_bounded_before_the_stack_is(self):
        found = problem("name: " + "[" * 5000)
        assert f"{MAX_DEPTH} levels" in found.message

    @pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "null"])
    def test_an_empty_file_is_a_mistake(self, text):
        assert str(problem(text)) == "zoo.yaml:1:1: the file is empty"

    def test_they_are_reported_together_with_those_of_the_model(self):
        found = problems("name: a\nname: b\nsiez: large\nprice: much")
        assert [one.line for one in found] == [2, 3, 4]

    def test_what_waits_in_problems_is_not_lost(self):
        assert len(Document.parse("a: 1\na: 2", "f").problems) == 1


SYNTAX = [
    ("a:\n\t- b", 2, 1, "a tab"),
    ("a:\tb\n\tc: d", 2, 1, "a tab"),
    ("title: News: today", 1, 12, 'a second ": "'),
    ("a: b\n c: d", 2, 2, "does not fit under the line above"),
    ("a: b # c\n  d: e", 2, 3, "fits no line above"),
    ("a:\n   b: 1\n  c: 2", 3, 3, "fits no line above"),
    ("a:\n  - b\n c: d", 3, 2, "fits no line above"),
    ("a: 1\n- b", 2, 1, "a list item stands among keys"),
    ("- a\nb: c", 2, 1, "expected a list item"),
    ("a: - b", 1, 4, "a list may not start here"),
    ("a: [1, 2\nb: 3", 1, 4, '"[" is never closed'),
    ("a: {b: 1\nc: 3", 1, 4, '"{" is never closed'),
    ("a: [}", 1, 5, 'expected "," or "]" before this'),
    ("a: 1\nb: [- c", 2, 5, 'expected "," or "]" before this'),
    ("a: [: , ", 1, 5, 'expected "," or "]" before this'),
    ('a: ["x" "y"]', 1, 9, 'expected "," or "]"'),
    ("a: [x, y]]", 1, 10, "nothing may follow here"),
    ("a: 'it's'", 1, 8, "nothing may follow here"),
    ("a: 'x\nb: c", 1, 4, "this quote is never closed"),
    ('a: "\\d"', 1, 5, "escape"),
    ("a: @home", 1, 4, "a text may not start with @"),
    ("a: `x`", 1, 4, "a text may not start with `"),
    ("a: %x", 1, 4, "a text may not start with %"),
    ("a: [*.yaml]", 1, 5, "a text may not start with *"),
    ("a: b\nc", 2, 1, 'neither "key: value" nor "- item"'),
    ("- a\n-b\n- c", 2, 1, 'neither "key: value" nor "- item"'),
    ("a: \x07", 1, 4, "U+0007"),
    ("a: 1\nb: x\ud800", 2, 5, "U+D800"),
    ("a: !x!y z", 1, 4, "not valid YAML"),
]


class TestSyntax:
    @pytest.mark.parametrize(("text", "line", "column", "word"), SYNTAX)
    def test_a_syntax_mistake_is_named_at_its_place_in_plain_words(self, text, line, column, word):
        found = problem(text)
        assert (found.line, found.column) == (line, column)
        assert word in found.message
        assert found.hint

    @pytest.mark.parametrize("text", [case[0] for case in SYNTAX if not {"\ud800", "\t"} & set(case[0])])
    def test_the_parser_without_libyaml_finds_the_same_line(self, text, monkeypatch):
        with_c = problem(text)
        monkeypatch.setattr("monitor.yamldoc.nodes._LOADER", yaml.SafeLoader)
        assert problem(text).line == with_c.line


class TestModelMistakes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("size: small", "1:1: name: is missing (what the sign at the gate says)"),
            ("name: 5", "1:7: name: expected text, got the number 5 (put it in quotes)"),
            ("name:", "1:1: name: expected text, got nothing (what the sign at the gate says)"),
            ("name: a\nfood:", "2:1: food: expected a list, got nothing (write [] for none)"),
            ("name: quiet", "1:7: name: a zoo is never quiet (choose another name)"),
            ("name: a\nnaem: b", '2:1: naem: unknown key (did you mean "name"?)'),
            ("name: a\ncity: b", '2:1: city: unknown key (it belongs under "home")'),
            ("name: a\nopen: maybe", '2:7: open: expected true or false, got "maybe"'),
            ("name: a\nprice: true", "2:8: price: expected a number, got true"),
            ("name: a\nprice: .nan", "2:8: price: must be a finite number, got the number nan"),
            ("name: a\nhome: [x]", '2:7: home: expected a group of keys, got a list (write "name: ..." lines without '
             'the leading "- ")'),
            ("name: a\nsize: lrage", '2:7: size: expected one of small, large, got "lrage" (did you mean "large"?)'),
            ("name: a\nsize: Large", '2:7: size: expected one of small, large, got "Large" (did you mean "large"?)'),
            ("name: a\nsince: x", '2:8: since: "x" is not allowed here (a year, such as 1882)'),
            ("name: a\nfood: hay", '2:7: food: expected a list, got "hay" (write ["hay"])'),
            ("name: a\nfood: [hay, 5]", "2:13: food[1]: expected text or a list, got the number 5"),
            ("name: a\nfood: [[hay, 5]]", "2:14: food[0][1]: expected text, got the number 5 (put it in quotes)"),
            ("name: a\nkeepers: [x]", '2:11: keepers[0]: expected a group of keys, got "x" (write city: ...)'),
            ("name: a\nanimals: {tom: {kind: cta}}", '2:23: animals.tom.kind: expected one of cat, bird, got "cta" '
             '(did you mean "cat"?)'),
            ("name: a\nanimals: {tom: {lives: 3}}", "2:11: animals.tom.kind: is missing (one of cat, bird)"),
            ("name: a\nanimals: {tom: {kind: cat, lives: 12}}", "2:35: animals.tom.lives: must be at most 9, got the "
             "number 12"),
            ("name: a\nanimals: {tom: {kind: cat, lives: 2.5}}", "2:35: animals.tom.lives: expected a whole number, "
             "got the number 2.5 (how often it falls on its feet)"),
            ("name: a\nanimals: {tom: {kind: bird}}", "2:11: animals.tom.song: is missing"),
            ("name: a\nanimals: {tom: {kind: bird, song: la}}", "2:35: animals.tom.song: needs at least 3, has 2"),
            ("name: a\nanimals: {tom: {kind: bird, song: lala, lives: 3}}", "2:41: animals.tom.lives: unknown key "
             "(known keys: kind, song)"),
            ("name: a\nanimals: {Tom: {kind: cat}}", '2:11: animals.Tom: "Tom" is no name that can stand here '
             "(letters, digits, dots, dashes and underscores)"),
            ("name: a\nanimals: {a: {kind: cat}, b: {kind: cat}, c: {kind: cat}}", "2:10: animals: too many animals "
             "(make it large)"),
            ("name: a\nfood: {hay: 1}", '2:7: food: expected a list, got a group of keys (begin each item with "- ")'),
            ("[a]", '1:1: expected a group of keys, got a list (write "name: ..." lines without the leading "- ")'),
        ],
    )  # fmt: skip
    def test_it_is_said_in_a_users_words_at_its_place(self, text, expected):
        assert str(problem(text)) == f"zoo.yaml:{expected}"

    def test_all_mistakes_come_at_once_sorted_by_place(self):
        found = problems("price: x\nsiez: large\nfood: 3\nhome: {garden: perhaps, citty: y}")
        assert [(one.line, one.key) for one in found] == [
            (1, "name"),
            (1, "price"),
            (2, "siez"),
            (3, "food"),
            (4, "home.garden"),
            (4, "home.citty"),
        ]

    def test_no_jargon_of_the_library_is_left(self):
        text = "\n".join(str(one) for one in problems("name: [1]\nopen: 7\nprice: {}\nhome: x\nanimals: 3\nfood: {}"))
        assert not any(word in text for word in ("Input", "valid", "dict", "tuple", "instance", "type=", "pydantic"))

    def test_a_right_file_is_the_model(self):
        zoo = load("name: a\nfood: [hay, [fish, meat]]\nanimals: {tom: {kind: cat}}", file="f", model=Zoo)
        assert zoo.food == ("hay", ("fish", "meat"))
        assert zoo.animals["tom"] == Cat(kind="cat")

    def test_sections_are_values(self):
        tom, tim = Cat(kind="cat"), Cat(kind="cat", lives=8)
        assert {tom, tim, Cat(kind="cat")} == {tom, tim}
        assert tom != Home()
        assert replace(tom, lives=8) == tim == eval(repr(tim))
        with pytest.raises(FrozenInstanceError):
            tom.lives = 8
        with pytest.raises(FrozenInstanceError):
            del tom.lives


class Plant(Section):
    leaf: str
    height: Whole = 1


class Stone(Section):
    weight: Number
    colour: str = ""


class Garden(Section):
    things: tuple[Plant | Stone, ...] = ()


class TestUnions:
    """A union without a word that tells its members apart: the nearest member is meant."""

    @pytest.mark.parametrize(
        ("thing", "expected"),
        [
            ("{leaf: x, hight: 3}", 'things[0].hight: unknown key (did you mean "height"?)'),
            ("{weight: heavy, colour: red}", 'things[0].weight: expected a number, got "heavy"'),
            ("7", "things[0]: expected a group of keys, got the number 7 (write leaf: ...)"),
        ],
    )
    def test_only_the_nearest_member_is_spoken_of(self, thing, expected):
        with pytest.raises(ConfigError) as caught:
            load(f"things: [{thing}]", file="f", model=Garden)
        assert [str(one).partition(": ")[2] for one in caught.value.problems] == [expected]


class TestSecrets:
    @pytest.mark.parametrize(
        ("line", "shown"),
        [
            ("  password: hunter2", "  password: ***"),
            ("x: {api_key: 'abc', y: 1}", "x: {api_key: ***"),
            ("  pasword: hunter2 # old", "  pasword: ***"),
            ("  password_env: NAME", "  password_env: NAME"),
            ("  token-file: x", "  token-file: ***"),
            ("url: https://me:hunter2@example.org/", "url: https://***@example.org/"),
            ("url: https://example.org/?token=hunter2", "url: https://example.org/?token=***"),
            ("url: tgram://123:hunter2/chat", "url: tgram://***"),
            ("url: htp://me:hunter2@example.org/feed?key=1", "url: htp://***@example.org/feed?key=1"),
            ("url: hhtps://example.org/feed?token=hunter2", "url: hhtps://example.org/feed?token=***"),
            ("url: gopher://example.org/hunter2", "url: gopher://example.org***"),
            ("url: slack://example.hunter2/b/c", "url: slack://***"),
            ("url: mailtos://me:hunter2@example.org/?to=a", "url: mailtos://***@example.org***"),
            ("url: sendgrid://SG.hunterhunter.hunter/x", "url: sendgrid://***"),
            ("url: https://hooks.example.org/T00/hunter2hunter2hunter2", "url: https://hooks.example.org/T00/***"),
            ("url: https://example.org/feed", "url: https://example.org/feed"),
        ],
    )
    def test_a_shown_line_has_none(self, line, shown):
        assert mask(line) == shown

    @pytest.mark.parametrize(
        ("text", "source"),
        [
            ("a: 1\nname: [x\n", "name: [x"),
            ("name: x\nname: y", "name: y"),
            ("name: x\npassword: &a hunter2", "password:***"),
            ("name: x\n---\nname: y", "---"),
        ],
    )
    def test_a_mistake_of_the_yaml_shows_its_line_too(self, text, source):
        [told] = problems(text)
        assert told.source.replace(" ***", "***") == source

    @pytest.mark.parametrize("text", ["open: true", "# nothing else\nopen: true"])
    def test_what_is_missing_from_the_whole_file_shows_no_line_of_another_key(self, text):
        told = problem(text)
        assert (told.key, told.message, told.source) == ("name", "is missing", "")

    @pytest.mark.parametrize("piece", ["x", "-", "x-", "a.", "secret", "/a1", "://a", "?sig="])
    def test_a_line_without_end_is_looked_through_all_the_same(self, piece):
        """In time that grows with the line, not with its square: a text of 20,000 letters took minutes."""
        line = piece * (20_000 // len(piece))
        told = problem(f"name: a\nsize: {line}")
        assert (told.line, told.column) == (2, 7)
        assert len(f"{told}{told.source}") < 1000

    def test_what_stands_behind_a_long_text_is_not_shown(self):
        [told] = problems(f'{{name: "{"x " * 600}", password: hunter2}}')
        assert (told.key, told.source) == ("password", "")

    @pytest.mark.parametrize(
        "text",
        [
            "name: a\npassword: hunter2",
            "name: a\npassword:\n  - hunter2",
            "name: a\nhome: {token: hunter2, city: 3}",
            "name: ftp://me:hunter2@x\nsize: ftp://me:hunter2@x",
            "name: a\npassword: hunter2: x",
            "name: a\npassword: 'hunter2",
            "name: a\nhome: {city: a, token: [hunter2]}\nkeepers: [{token: 1}]",
        ],
    )
    def test_no_message_shows_one(self, text):
        for found in problems(text):
            assert "hunter2" not in f"{found} {found.source}"

    def test_the_caret_never_points_beside_what_it_means(self):
        document = Document.parse("a: {password: hunter2, b: 1}", "f")
        assert document.locate(("a", "b")).source == ""


def even(count: int) -> int:
    if count % 2:
        raise ValueError("must be even")
    return count


class Loose(Section):
    """A model that leans on pydantic's own kinds and errors."""

    count: Annotated[int, AfterValidator(even)] = 0
    day: date | None = None
    token: str = ""
    tags: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)] = ("a",)


class TestPydanticsOwn:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("count: 1.5", "1:8: count: expected a whole number, got the number 1.5"),
            ("count: 3", "1:8: count: must be even"),
            ("day: soon", "1:6: day: must be a valid date"),
            ("tags: []", "1:7: tags: must not be empty"),
            ("tags: {}", "1:7: tags: expected a list, got a group of keys"),
            ("tags: [a, b, c]", "1:7: tags: has more than 2 items, got a list"),
            ("colour: red", "1:1: colour: unknown key (known keys: count, day, tags, token)"),
            ("token: 123456", "1:8: token: expected text, got something else (put it in quotes)"),
            ("count: []", "1:8: count: expected a whole number, got an empty list"),
        ],
    )
    def test_its_errors_are_said_in_plain_words_too(self, text, expected):
        with pytest.raises(ConfigError) as caught:
            load(text, file="f", model=Loose)
        assert str(caught.value).startswith(f"f:{expected}")

    def test_an_error_beyond_the_last_line_is_put_at_its_end(self):
        error = yaml.MarkedYAMLError(problem="odd", problem_mark=yaml.Mark("f", 9, 7, 0, None, 0))
        flaw = explain(error, "a: 1", ["a: 1"])
        assert (flaw.line, flaw.column, flaw.message) == (0, 4, "not valid YAML: odd")


class TestPeek:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("state_dir: ../var\n", "../var"),
            ("a: {state_dir: no}\nb: [state_dir, x]\nstate_dir: 'yes'", "yes"),
            ("a: state_dir\nb: 1", None),
            ("state_dir:\n", None),
            ("", None),
            ("[state_dir, x]", None),
            ("state_dir: x\nbroken: [", "x"),
        ],
    )
    def test_it_finds_the_text_of_an_outermost_key(self, text, value):
        assert peek(text, "state_dir") == value

    @pytest.mark.parametrize("text", ["state_dir: 5", "state_dir: [x]", 'state_dir: ""'])
    def test_anything_but_text_is_refused(self, text):
        with pytest.raises(ValueError, match="not a text"):
            peek(text, "state_dir")

    def test_a_broken_text_before_the_key_is_refused(self):
        with pytest.raises(yaml.YAMLError):
            peek("a: [\nstate_dir: x", "state_dir")


LINES = st.lists(
    st.sampled_from(
        """name: a§name:§  - x§- y§\t§home: {city: [§]§}§a: *b§&c d§? q§: r§'§"§--- §...§!t v§<<: {}§price: 0o9§
        |§  >-§# c§%TAG§\x85§animals: {x: {kind: cat}}""".split("§")
    ),
    max_size=8,
).map("\n".join)


PRINTABLE = st.characters(exclude_categories=("Cc", "Cn", "Co", "Cs"))


class TestAnyText:
    @given(st.one_of(st.text(max_size=80), LINES))
    def test_any_text_gives_a_model_or_a_config_error_with_places_inside_the_text(self, text):
        lines = len(re.findall(r"\r\n|[\r\n\x85\u2028\u2029]", text)) + 1
        try:
            load(text, file="f", model=Zoo)
        except ConfigError as error:
            places = [(one.line, one.column) for one in error.problems]
        else:
            places = [(1, 1)]
        assert places
        assert all(1 <= line <= lines and column >= 1 for line, column in places)

    @given(LINES)
    @examples(0.3)
    def test_peek_agrees_with_the_whole_document(self, text):
        try:
            document = Document.parse(text, "f")
            list(events(text))
        except ConfigError:
            return
        if document.problems or not isinstance(document.value, dict):
            return
        value = document.value.get("name")
        if value is None or (isinstance(value, str) and value):
            assert peek(text, "name") == value

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(PRINTABLE, max_size=12),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text("abcxyz", min_size=1, max_size=5), inner, max_size=3)
            ),
            max_leaves=12,
        )
    )
    @examples(0.3)
    def test_what_a_writer_of_json_writes_is_read_as_it_was(self, value):
        text = json.dumps({"key": value}, ensure_ascii=False)
        assert Document.parse(text, "f").value == {"key": value}


class TestWhatMayStandAtAPlace:
    """What hints are made of."""

    @pytest.mark.parametrize(
        ("loc", "keys"),
        [
            ((), ["name", "open", "price", "home", "animals", "food", "keepers", "size", "since"]),
            (("home",), ["city", "garden"]),
            (("keepers", 3), ["city", "garden"]),
            (("animals", "tom"), ["kind", "lives", "song"]),
            (("animals", "tom", "cat"), ["kind", "lives"]),
            (("animals", "tom", "bird"), ["kind", "song"]),
            (("name",), []),
            (("nowhere",), ["name", "open", "price", "home", "animals", "food", "keepers", "size", "since"]),
        ],
    )
    def test_keys(self, loc, keys):
        assert shape.keys(Zoo, loc) == keys

    @pytest.mark.parametrize(
        ("loc", "words"),
        [
            (("size",), ["small", "large"]),
            (("animals", "tom", "kind"), ["cat", "bird"]),
            (("animals", "tom", "cat", "kind"), ["cat"]),
            (("keepers",), []),
            (("food", 0), []),
            (("name",), []),
            ((), []),
        ],
    )
    def test_words(self, loc, words):
        assert shape.choices(Zoo, loc) == words

    @pytest.mark.parametrize(
        ("loc", "key", "group"),
        [((), "city", "home"), ((), "lives", ""), ((), "wings", ""), (("home",), "city", "")],
    )
    def test_the_group_that_a_key_belongs_to(self, loc, key, group):
        assert shape.home(Zoo, loc, key) == group

    @pytest.mark.parametrize(
        ("loc", "advice"),
        [
            (("name",), "what the sign at the gate says"),
            (("since",), "a year, such as 1882"),
            (("animals", "tom", "cat", "lives"), "how often it falls on its feet"),
            (("name", 3), "what the sign at the gate says"),
            (("home",), ""),
            ((), ""),
        ],
    )
    def test_advice(self, loc, advice):
        assert shape.advice(Zoo, loc) == advice
