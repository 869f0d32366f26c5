"""The commonest mistakes: each is caught before anything is sent, with the right line and words that help.

A case is a text file in ``mistakes/``: the configuration's files, then what Newsbell says to them.
"""

from __future__ import annotations

import os
import re
from contextlib import chdir, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config import load_settings
from monitor.config.peek import peek_state_dir
from monitor.errors import ConfigError
from tests.examples import examples
from tests.monitor.config.folders import CONFIG, PROFILE, write
from tests.monitor.config.privileges import modes_count

CASES = sorted((Path(__file__).parent / "mistakes").glob("*.txt"))


def parts(case: Path) -> dict[str, str]:
    pieces = re.split(r"^### (.+)\n", case.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in, so that files go by short names."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@cache
def told(case: Path) -> tuple[str, ConfigError]:
    """What Newsbell says to a case, and the same as the problems that it found."""
    with TemporaryDirectory() as folder, chdir(folder):
        here = Path(folder)
        write(here, {name: text for name, text in parts(case).items() if name != "expected"})
        found = read(here)
        return str(found).replace(folder, "FOLDER") + "\n", found


def read(here: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_settings(Path("newsbell.yaml"), {})
    return caught.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
class TestCommonMistakes:
    def test_each_is_told_with_its_place_and_what_to_do(self, case):
        assert told(case)[0] == parts(case)["expected"]

    def test_each_shows_the_line_that_it_means(self, case):
        files = parts(case)
        for problem in told(case)[1].problems:
            lines = files[problem.file].splitlines() or [""]
            assert problem.line <= len(lines)
            assert problem.column <= len(lines[problem.line - 1]) + 1
            assert not problem.source or lines[problem.line - 1].startswith(problem.source.partition("***")[0].rstrip())


def test_there_are_at_least_thirty():
    assert len(CASES) >= 30


class TestEverythingAtOnce:
    def test_a_mistake_in_the_config_hides_none_in_how_its_parts_fit(self, here):
        config = """\
fetch: {interval: soon}
contcat: desk@example.org
feeds:
  - {url: "https://example.org/feed"}
  - {url: 5}
  - {url: "https://example.org/feed"}
channels:
  files: {type: file}
  hook: {type: webhook, url: "https://example.org/hook", secret_env: HOOK}
notices: {channels: [files, desk]}
profiles: [profiles/*.yaml, other.yaml]
templates: letters
"""
        profile = PROFILE.replace("[files]", "[files, hok]") + "scope: {feeds: [https://example.org/fed]}\n"
        write(here, {"newsbell.yaml": config, "profiles/laos.yaml": profile})
        assert [(problem.file, problem.line, problem.key) for problem in read(here).problems] == [
            ("newsbell.yaml", 1, "fetch.interval"),
            ("newsbell.yaml", 2, "contcat"),
            ("newsbell.yaml", 5, "feeds[1].url"),
            ("newsbell.yaml", 6, "feeds[2].url"),
            ("newsbell.yaml", 8, "channels.files.dir"),
            ("newsbell.yaml", 9, "channels.hook.secret_env"),
            ("newsbell.yaml", 10, "notices.channels[1]"),
            ("newsbell.yaml", 11, "profiles[1]"),
            ("newsbell.yaml", 12, "templates"),
            ("profiles/laos.yaml", 5, "digest.channels[1]"),
            ("profiles/laos.yaml", 6, "scope.feeds[0]"),
        ]

    def test_what_cannot_be_checked_alone_is_left_for_the_next_look(self, here):
        """A mistake in one section and a wrong term in another: the second is told as the first is."""
        profile = PROFILE + "terms: [{term: a, near: [b, c], weight: 1}]\nexclude: 5\n"
        write(here, {"newsbell.yaml": CONFIG, "profiles/laos.yaml": profile})
        assert {problem.key for problem in read(here).problems} == {"terms[0]", "exclude"}

    def test_every_profile_is_read_although_one_is_broken(self, here):
        write(here, {"newsbell.yaml": CONFIG, "profiles/a.yaml": "name: [", "profiles/b.yaml": "nmae: b"})
        assert {problem.file for problem in read(here).problems} == {"profiles/a.yaml", "profiles/b.yaml"}


class TestWhatUsersOfOtherProgramsComplainAbout:
    def test_a_text_that_is_not_utf8_is_named_with_its_line(self, here):
        Path("newsbell.yaml").write_bytes(b"feeds: []\n# caf\xe9\n")
        expected = "newsbell.yaml:2:6: the byte 0xE9 is not UTF-8 (save the file as UTF-8)"
        assert str(read(here)) == expected

    def test_a_file_that_cannot_be_read_is_a_mistake_and_no_crash(self, here):
        with pytest.raises(ConfigError, match=r"missing\.yaml:1:1: cannot be read"):
            load_settings(Path("missing.yaml"), {})

    def test_what_stands_among_the_profiles_is_read_or_a_mistake(self, here):
        write(here, {"newsbell.yaml": CONFIG, "profiles/closed.yaml": PROFILE})
        Path("profiles/closed.yaml").chmod(0)
        Path("profiles/folder.yaml").mkdir()
        Path("profiles/gone.yaml").symlink_to("nowhere")
        os.mkfifo("profiles/pipe.yaml")
        Path("profiles/ring.yaml").symlink_to("ring.yaml")
        with modes_count():
            assert str(read(here)).splitlines() == [
                "profiles/closed.yaml:1:1: cannot be read: Permission denied",
                "profiles/gone.yaml:1:1: cannot be read: No such file or directory",
                "profiles/pipe.yaml:1:1: cannot be read: it is no ordinary file",
                "profiles/ring.yaml:1:1: cannot be read: Too many levels of symbolic links",
            ]

    @pytest.mark.parametrize("mode", [0o000, 0o444, 0o111])
    @pytest.mark.parametrize(
        ("line", "place"), [("", "1:1: profiles"), ("profiles: [profiles/*.yaml]\n", "7:12: profiles[0]")]
    )
    def test_a_folder_that_may_not_be_looked_into_is_no_empty_one(self, here, mode, line, place):
        write(here, {"newsbell.yaml": CONFIG + line, "profiles/laos.yaml": PROFILE})
        Path("profiles").chmod(mode)
        with modes_count():
            told = str(read(here))
        if mode == 0o444:  # what it holds is seen
            assert told == "profiles/laos.yaml:1:1: cannot be read: Permission denied"
        else:
            hint = "(check the folder's permissions)"
            assert told == f"newsbell.yaml:{place}: {here}/profiles may not be looked into {hint}".replace(
                f"{here}/", ""
            )

    def test_a_file_in_a_folder_that_only_hides_its_list_is_read(self, here):
        write(here, {"newsbell.yaml": CONFIG + "profiles: [profiles/laos.yaml]\n", "profiles/laos.yaml": PROFILE})
        Path("profiles").chmod(0o111)
        with modes_count():
            assert len(load_settings(Path("newsbell.yaml"), {}).profiles) == 1

    @pytest.mark.parametrize("mode", [0o000, 0o444])
    @pytest.mark.parametrize(("line", "place"), [("", "1:1"), ("templates: templates\n", "7:12")])
    def test_nor_one_of_templates(self, here, mode, line, place):
        write(here, {"newsbell.yaml": CONFIG + line, "profiles/laos.yaml": PROFILE, "templates/own.txt.j2": "x"})
        Path("templates").chmod(mode)
        with modes_count():
            assert str(read(here)) == (
                f"newsbell.yaml:{place}: templates: {here}/templates may not be looked into "
                "(check the folder's permissions)"
            )

    def test_a_profile_of_nearly_the_right_name_is_not_passed_over_silently(self, here):
        write(here, {"newsbell.yaml": CONFIG, "profiles/laos.yaml": PROFILE, "profiles/more.yml": "name: ["})
        [warning] = load_settings(Path("newsbell.yaml"), {}).warnings
        assert str(warning) == (
            "newsbell.yaml:1:1: profiles: profiles/more.yml is not read: the pattern is profiles/*.yaml "
            "(give it the same ending, or name it here)"
        )

    @pytest.mark.parametrize("patterns", ["[profiles/*.yaml, profiles/*.yml]", '["profiles/*"]'])
    def test_and_read_where_a_pattern_finds_it(self, here, patterns):
        more = PROFILE.replace("name: laos", "name: more")
        files = {"newsbell.yaml": CONFIG + f"profiles: {patterns}\n", "profiles/laos.yaml": PROFILE}
        write(here, files | {"profiles/more.yml": more})
        loaded = load_settings(Path("newsbell.yaml"), {})
        assert ([each.profile.name for each in loaded.profiles], loaded.warnings) == (["laos", "more"], ())

    def test_the_other_ending_is_looked_for_as_well(self, here):
        files = {"newsbell.yaml": CONFIG + 'profiles: ["profiles/*.yml"]\n', "profiles/a.yml": PROFILE}
        write(here, files | {"profiles/b.yaml": PROFILE})
        assert [each.key for each in load_settings(Path("newsbell.yaml"), {}).warnings] == ["profiles[0]"]

    def test_what_editors_and_file_managers_leave_behind_is_no_profile(self, here):
        write(here, {"newsbell.yaml": CONFIG + 'profiles: ["**/laos.yaml"]\n', "profiles/laos.yaml": PROFILE})
        write(here, {"profiles/._laos.yaml": "\0", ".git/laos.yaml": "[", "profiles/.x/laos.yaml": "["})
        Path("profiles/.#laos.yaml").symlink_to("ann@desk.4711")
        assert len(load_settings(Path("newsbell.yaml"), {}).profiles) == 1

    def test_a_hidden_folder_may_be_named(self, here):
        write(here / "deep", {"newsbell.yaml": CONFIG + 'profiles: ["../.mine/*.yaml"]\n'})
        write(here, {".mine/laos.yaml": PROFILE, ".mine/.laos.yaml": "["})
        assert len(load_settings(Path("deep/newsbell.yaml"), {}).profiles) == 1

    def test_norway_is_a_language(self, here):
        write(here, {"newsbell.yaml": CONFIG.replace("lang: en", "lang: NO")})
        assert load_settings(Path("newsbell.yaml"), {}).feeds[0].lang == "NO"

    def test_a_pattern_that_finds_no_profile_is_no_silent_success(self, here):
        write(here, {"newsbell.yaml": CONFIG + "profiles: [rules/*.yaml]\n"})
        assert "no such file" in str(read(here))

    @pytest.mark.parametrize("pattern", ["rules/**x", "", ".", "/", "r*/deep/*.yaml"])
    def test_a_pattern_that_makes_no_sense_is_a_mistake(self, here, pattern):
        write(here, {"newsbell.yaml": CONFIG + f'profiles: ["{pattern}"]\n'})
        assert "no such file" in str(read(here))

    def test_a_path_with_a_control_character_is_a_mistake(self, here):
        write(here, {"newsbell.yaml": CONFIG.replace("dir: digests", 'dir: "a\\0b"')})
        assert "cannot be the name of a file (no control characters)" in str(read(here))

    def test_the_state_folder_of_a_broken_config_is_not_guessed(self, here):
        """Every command says the same about a broken file, also one that only wants the lock."""
        for text in ("state_dir: 5\nfeed: []\n", "feeds: [\nstate_dir: x\n", 'state_dir: ""\n'):
            write(here, {"newsbell.yaml": text})
            with pytest.raises(ConfigError) as caught:
                peek_state_dir(Path("newsbell.yaml"), {})
            assert str(caught.value) == str(read(here))


WORDS = """feeds channels profiles fetch interval url type email webhook file apprise dir secret secret_env ping digest
    name scope templates state_dir notices retention entries seen threshold require terms term near regex concepts
    country schedule timezone quiet template https://example.org/ 30m ../x * ** / ~ 5s [::1 http://[ a@b PATH""".split()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 100_000) | st.floats() | st.sampled_from(WORDS) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=25,
)


@given(config=VALUES, profile=VALUES)
@settings(examples(0.4), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_files_hold_they_load_or_are_a_config_error(config, profile, tmp_path):
    files = {"newsbell.yaml": config, "profiles/x.yaml": profile}
    path = write(tmp_path, {name: yaml.safe_dump(value, allow_unicode=True) for name, value in files.items()})
    with suppress(ConfigError):
        assert load_settings(path, {"PATH": "x"}).path == path
