"""Settings that were kept: the same as those that are read, and used only while nothing has changed."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import alerts
import monitor
from alerts import apart
from alerts.render import Renderer
from monitor.config import cache, current_settings, load_settings
from monitor.config.kept import circumstances, known_folder
from monitor.config.peek import peek_state_dir
from monitor.config.settings import Settings
from monitor.errors import ConfigError
from tests.examples import examples
from tests.monitor.config.folders import CONFIG, PROFILE, write

SECRET = "whsec_YWJjZGVmZ2hpamts"
ENVIRONMENT = {"HOME": "/nowhere", "HOOK": SECRET}
HOOK = '  hook: {type: webhook, url: "https://example.org/hook", secret_env: HOOK}\n'
FILES = {
    "newsbell.yaml": CONFIG + HOOK + "fetch: {max_bytes: 5MiB}\n",
    "profiles/laos.yaml": PROFILE + 'terms: [{near: [upgrade, ties], weight: 2.5}, {regex: "a+", weight: 1}]\n',
    "profiles/japan.yaml": PROFILE.replace("laos", "japan").replace("LA", "JP"),
}
TEMPLATES = {
    "profiles/japan.yaml": FILES["profiles/japan.yaml"].replace("]}", "], template: own}"),
    "templates/own.txt.j2": "{{ digest.title }}\n",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A configuration with all kinds of files."""
    (tmp_path / "state").mkdir()
    return write(tmp_path, FILES)


def kept(path: Path, **environment: str) -> Settings:
    """The settings, after they were kept."""
    return current_settings(path, ENVIRONMENT | environment, keep=True)


def recalled(path: Path, **environment: str) -> Settings | None:
    return cache.recall(path, ENVIRONMENT | environment)


class TestWhatIsKept:
    def test_it_is_what_is_read(self, path):
        assert recalled(path) is None
        assert kept(path) == recalled(path) == load_settings(path, ENVIRONMENT)

    def test_the_shipped_configuration_is_kept_like_any_other(self, tmp_path):
        shipped = Path(__file__).parents[3] / "config" / "newsbell.yaml"
        read = current_settings(shipped, ENVIRONMENT, state_dir=str(tmp_path), keep=True)
        assert cache.recall(shipped, ENVIRONMENT, state_dir=str(tmp_path)) == read
        assert read.feeds
        assert read.warnings == ()

    def test_warnings_and_advice_are_kept_too(self, path):
        write(path.parent, {"newsbell.yaml": FILES["newsbell.yaml"].replace("contact: desk@example.org\n", "")})
        read = kept(path)
        again = recalled(path)
        assert again is not None
        assert again.advice == read.advice != ()

    def test_it_is_only_kept_on_request(self, path):
        """Such as by a pass, which holds the lock of the state folder; a look changes nothing."""
        assert current_settings(path, ENVIRONMENT) == load_settings(path, ENVIRONMENT)
        assert recalled(path) is None

    def test_what_a_killed_start_left_half_written_goes(self, path):
        left = path.parent / "state" / f".{cache.NAME}.x1y2z3"
        left.write_bytes(b"half")
        kept(path)
        assert not left.exists()

    def test_only_the_user_may_read_it(self, path):
        kept(path)
        assert (path.parent / "state" / cache.NAME).stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("written", ["state", "'state'", '"state"', "./state # there", "state\r"])
    def test_the_folder_is_found_however_it_is_written(self, path, written):
        text = FILES["newsbell.yaml"].replace("state_dir: state", f"state_dir: {written}")
        path.write_bytes(text.encode())
        assert kept(path) == recalled(path)

    def test_a_folder_that_cannot_be_told_at_once_means_reading(self, path):
        write(path.parent, {"newsbell.yaml": '{"state_dir": "state", channels: {files: {type: file, dir: x}}}'})
        assert kept(path).state_dir == path.parent / "state"
        assert recalled(path) is None

    def test_without_a_state_folder_nothing_is_kept(self, path):
        (path.parent / "state").rmdir()
        kept(path)
        assert not (path.parent / "state").exists()

    def test_nothing_is_kept_of_files_that_changed_while_they_were_read(self, path):
        from monitor.config.load import load_both

        read, written = load_both(path, ENVIRONMENT)
        write(path.parent, {"profiles/laos.yaml": PROFILE + "# more\n"})
        cache.keep(read, written, ENVIRONMENT)
        assert recalled(path) is None


class TestChanges:
    def test_no_byte_may_differ(self, path):
        kept(path)

        @examples(0.2)
        @given(st.sampled_from(sorted(FILES)), st.integers(0, 10_000), st.integers(1, 255))
        def differ(name: str, position: int, change: int) -> None:
            content = bytearray(FILES[name].encode())
            content[position % len(content)] ^= change
            (path.parent / name).write_bytes(content)
            assert recalled(path) is None
            (path.parent / name).write_text(FILES[name])

        differ()
        assert recalled(path) is not None

    def test_a_pipe_among_the_profiles_is_not_waited_for(self, path):
        kept(path)
        (path.parent / "profiles/laos.yaml").unlink()
        os.mkfifo(path.parent / "profiles/laos.yaml")
        assert recalled(path) is None

    @pytest.mark.parametrize("name", ["profiles/new.yaml", "templates/new.html.j2"])
    def test_no_file_may_come(self, path, name):
        kept(path)
        write(path.parent, {name: ""})
        assert recalled(path) is None

    @pytest.mark.parametrize("name", ["newsbell.yaml", "profiles/laos.yaml", "templates/own.txt.j2"])
    def test_no_file_may_go(self, path, name, monkeypatch):
        monkeypatch.setattr(apart, "ApartRenderer", Renderer)
        write(path.parent, TEMPLATES)
        assert kept(path) == recalled(path)
        (path.parent / name).unlink()
        assert recalled(path) is None

    def test_nor_the_folder_of_templates_itself_come_or_go(self, tmp_path):
        (tmp_path / "state").mkdir()
        path = write(tmp_path, {"newsbell.yaml": CONFIG, "profiles/laos.yaml": PROFILE})
        kept(path)
        (tmp_path / "templates").mkdir()
        assert recalled(path) is None
        kept(path)
        (tmp_path / "templates").rmdir()
        assert recalled(path) is None

    def test_other_files_may(self, path):
        (path.parent / "templates").mkdir()
        kept(path)
        write(path.parent, {"profiles/notes.txt": "", "templates/notes.md": ""})
        assert recalled(path) is not None

    def test_the_program_must_be_the_same(self, path, monkeypatch):
        kept(path)
        monkeypatch.setattr(monitor, "__version__", "0.0.1")
        assert recalled(path) is None

    def test_in_each_of_its_files(self, path, tmp_path, monkeypatch):
        package = write(tmp_path / "program", {"newsbell.yaml": "", "__init__.py": ""}).parent
        monkeypatch.setattr(alerts, "__file__", str(package / "__init__.py"))
        monkeypatch.setattr(cache, "_code", cache._code.__wrapped__)  # each look is that of a program just started
        kept(path)
        write(package, {"__pycache__/x.pyc": ""})
        assert recalled(path) is not None
        write(package, {"__init__.py": "# changed"})
        assert recalled(path) is None

    @pytest.mark.parametrize("name", ["HOME", "XDG_STATE_HOME", "STATE_DIRECTORY"])
    def test_what_was_asked_of_the_environment_must_be_the_same(self, path, name):
        (path.parent / "other").mkdir()
        kept(path)
        assert recalled(path, **{name: str(path.parent / "other")}) is None
        assert recalled(path, OTHER="x") is not None

    def test_the_state_folder_must_be_the_one_that_was_named(self, path):
        named = str(path.parent / "state")
        current_settings(path, ENVIRONMENT, state_dir=named, keep=True)
        assert recalled(path) is None
        assert cache.recall(path, ENVIRONMENT, state_dir=named) is not None

    def test_a_copy_beside_another_configuration_is_none_of_its_own(self, path, tmp_path):
        kept(path)
        other = write(tmp_path / "other", FILES)
        (other.parent / "state").mkdir()
        (other.parent / "state" / cache.NAME).write_bytes((tmp_path / "state" / cache.NAME).read_bytes())
        (other.parent / "state" / cache.NAME).chmod(0o600)
        assert recalled(other) is None


class TestTheFolder:
    """The state folder is known by what is kept, without looking at what follows the configuration in it."""

    def test_it_is_known_from_then_on(self, path):
        assert known_folder(path, ENVIRONMENT) is None
        kept(path)
        assert known_folder(path, ENVIRONMENT) == path.parent / "state"

    def test_a_peek_then_reads_no_yaml(self, path, monkeypatch):
        kept(path)
        monkeypatch.setitem(sys.modules, "yaml", None)
        assert peek_state_dir(path, ENVIRONMENT) == path.parent / "state"

    def test_not_by_a_name_that_is_no_text(self, path):
        path.write_bytes(b'state_dir: "\xff"\n')
        assert known_folder(path, ENVIRONMENT) is None

    def test_also_when_the_settings_have_to_be_read_again(self, path):
        kept(path)
        write(path.parent, {"profiles/laos.yaml": "name: ["})
        assert recalled(path) is None
        assert known_folder(path, ENVIRONMENT) == path.parent / "state"

    @pytest.mark.parametrize("added", ["# more\n", "state_dir: other\n", "fetch: ["])
    def test_not_when_the_configuration_has_another_byte_or_lacks_one(self, path, added):
        kept(path)
        text = path.read_text()
        path.write_text(text + added)
        assert known_folder(path, ENVIRONMENT) is None
        path.write_text(text[:-1])
        assert known_folder(path, ENVIRONMENT) is None

    @pytest.mark.parametrize("name", ["HOME", "XDG_STATE_HOME"])
    def test_nor_when_the_environment_may_name_another(self, path, name):
        kept(path)
        assert known_folder(path, ENVIRONMENT | {name: str(path.parent)}) is None

    def test_nor_in_a_folder_that_it_was_copied_to(self, path, tmp_path):
        """A key in quotes is overlooked by the quick search, which then leads to the user's own state folder."""
        write(path.parent, {"newsbell.yaml": FILES["newsbell.yaml"].replace("state_dir", '"state_dir"')})
        home = ENVIRONMENT | {"XDG_STATE_HOME": str(tmp_path / "xdg")}
        assert current_settings(path, home, keep=True).state_dir == tmp_path / "state"
        (tmp_path / "xdg").mkdir()
        (tmp_path / "state").rename(tmp_path / "xdg" / "newsbell")
        assert known_folder(path, home) is None

    def test_nor_from_a_file_that_others_may_write_or_from_the_beginning_of_one(self, path):
        kept(path)
        file = path.parent / "state" / cache.NAME
        file.chmod(0o602)
        assert known_folder(path, ENVIRONMENT) is None
        file.chmod(0o600)
        file.write_bytes(file.read_bytes()[:200])
        assert known_folder(path, ENVIRONMENT) is None


class TestSecrets:
    def test_they_are_found_anew(self, path):
        kept(path)
        again = recalled(path, HOOK="whsec_bmV3bmV3bmV3")
        assert again is not None
        assert again.config.channels["hook"].secret.reveal() == "whsec_bmV3bmV3bmV3"

    @pytest.mark.parametrize("found", ["", "whsec_"])
    def test_a_missing_or_wrong_one_is_told_as_ever(self, path, found):
        kept(path)
        with pytest.raises(ConfigError) as told:
            current_settings(path, ENVIRONMENT | {"HOOK": found}, keep=True)
        with pytest.raises(ConfigError) as expected:
            load_settings(path, ENVIRONMENT | {"HOOK": found})
        assert told.value.problems == expected.value.problems
        assert [problem.line for problem in told.value.problems] == [7]

    def test_they_are_written_nowhere(self, path):
        kept(path)
        assert (path.parent / "state" / cache.NAME).exists()
        for file in (path.parent / "state").iterdir():
            assert SECRET.encode() not in file.read_bytes()

    def test_not_even_one_in_a_comment(self, path):
        write(path.parent, {"newsbell.yaml": FILES["newsbell.yaml"] + f"# it used to be {SECRET}\n"})
        kept(path)
        assert SECRET.encode() not in (path.parent / "state" / cache.NAME).read_bytes()

    def test_a_configuration_that_holds_one_is_not_kept(self, path):
        write(path.parent, {"newsbell.yaml": CONFIG + HOOK.replace("secret_env: HOOK", f"secret: {SECRET}")})
        assert kept(path).config.channels["hook"].secret.reveal() == SECRET
        assert list((path.parent / "state").iterdir()) == []

    def test_nor_is_one_whose_webhook_has_a_token_in_its_address(self, path):
        token = "https://hooks.example/services/T00/h7fk29dkqPz01mmWq8"
        write(path.parent, {"newsbell.yaml": CONFIG + HOOK.replace("https://example.org/hook", token)})
        assert kept(path).config.channels["hook"].url.reveal() == token
        assert list((path.parent / "state").iterdir()) == []

    def test_an_address_from_elsewhere_is_found_anew(self, path):
        hook = HOOK.replace('url: "https://example.org/hook"', "url_env: WHERE")
        write(path.parent, {"newsbell.yaml": CONFIG + hook})
        current_settings(path, ENVIRONMENT | {"WHERE": "https://a.example/x"}, keep=True)
        again = recalled(path, WHERE="https://b.example/y")
        assert again is not None
        assert again.config.channels["hook"].url.reveal() == "https://b.example/y"
        assert recalled(path, WHERE="nowhere") is None

    def test_apprise_must_still_be_there(self, path, monkeypatch):
        note = "  note: {type: apprise, url_env: NOTE}\n"
        write(path.parent, {"newsbell.yaml": CONFIG + note})
        kept(path, NOTE="slack://example")
        assert recalled(path, NOTE="slack://example") is not None
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        assert recalled(path, NOTE="slack://example") is None


@pytest.mark.parametrize(
    ("gone", "make"), [("digests", Path.touch), ("numbers.prom", Path.mkdir), ("state/newsbell.db", Path.mkdir)]
)
def test_a_folder_that_became_a_file_is_told_as_by_a_check(path, gone, make):
    write(path.parent, {"newsbell.yaml": FILES["newsbell.yaml"] + "metrics: {file: numbers.prom}\n"})
    kept(path)
    make(path.parent / gone)
    assert recalled(path) is None
    with pytest.raises(ConfigError, match=r"is a (file|folder), not a (file|folder)"):
        current_settings(path, ENVIRONMENT, keep=True)


class Intruder:
    """Runs code of its own where it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> object:
        return (Path.touch, (self.file,))


class Opener(Intruder):
    """What makes it is a type, but none of ours."""

    def __reduce__(self) -> object:
        return (io.FileIO, (str(self.file), "w"))


class TestDoubts:
    def test_a_damaged_file_is_none(self, path):
        kept(path)
        file = path.parent / "state" / cache.NAME
        content = file.read_bytes()

        @examples(0.2)
        @given(st.integers(0, len(content) - 1), st.integers(0, 255))
        def damaged(place: int, change: int) -> None:
            file.write_bytes(content[:place] + bytes([content[place] ^ change] if change else []))
            assert recalled(path) is None

        damaged()
        file.write_bytes(content)
        assert recalled(path) is not None

    def test_one_that_others_may_write_is_none(self, path):
        kept(path)
        (path.parent / "state" / cache.NAME).chmod(0o620)
        assert recalled(path) is None

    def test_nor_one_of_another_user(self, path, monkeypatch):
        kept(path)
        file = path.parent / "state" / cache.NAME
        if os.geteuid() == 0:
            os.chown(file, 65534, 65534)
        else:
            monkeypatch.setattr(os, "geteuid", lambda: 65534)
        assert recalled(path) is None

    def test_nor_one_that_lies_elsewhere(self, path):
        kept(path)
        file = path.parent / "state" / cache.NAME
        file.rename(path.parent / "elsewhere")
        file.symlink_to(path.parent / "elsewhere")
        assert recalled(path) is None

    @pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
    def test_nor_what_is_no_file_at_all(self, path, make):
        make(path.parent / "state" / cache.NAME)
        assert recalled(path) is None
        assert kept(path) == load_settings(path, ENVIRONMENT)

    @pytest.mark.parametrize("content", [Intruder, Opener, str])
    def test_nothing_but_settings_is_made_of_it(self, path, content):
        made = path.parent / "made"
        raw, payload = path.read_bytes(), pickle.dumps(content(made))
        file = path.parent / "state" / cache.NAME
        begin = circumstances(file.parent, path, raw, ENVIRONMENT, None)
        file.write_bytes(begin + cache._digest(raw, payload) + payload)
        file.chmod(0o600)
        assert recalled(path) is None
        assert not made.exists()


@pytest.mark.processes
def test_several_at_once_read_and_keep_the_same(path):
    program = (
        "import sys; from pathlib import Path; from monitor.config import current_settings;"
        "read = current_settings(Path(sys.argv[1]), {'HOME': '/nowhere', 'HOOK': sys.argv[2]}, keep=True);"
        "print(len(read.feeds), len(read.profiles))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, str(path), SECRET], stdout=subprocess.PIPE) for _ in range(3)
    ]
    assert [process.communicate()[0] for process in started] == [b"1 2\n"] * 3
    assert [file.name for file in (path.parent / "state").iterdir()] == [cache.NAME]
    assert recalled(path) == load_settings(path, ENVIRONMENT)


@pytest.mark.processes
def test_what_is_kept_needs_neither_pydantic_nor_yaml(path):
    kept(path)
    program = (
        "import sys; from pathlib import Path; from monitor.config.cache import recall;"
        "read = recall(Path(sys.argv[1]), {'HOME': '/nowhere', 'HOOK': sys.argv[2]});"
        "heavy = {'pydantic', 'yaml', 'regex', 'jinja2', 'asyncio'} & set(sys.modules);"
        "print(len(read.profiles), *heavy)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path), SECRET], capture_output=True, check=True, text=True
    )
    assert done.stdout == "2\n"
