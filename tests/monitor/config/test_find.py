"""Where the configuration and the state folder are looked for, in which order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from monitor.config import find_config, load_settings
from monitor.config.find import state_folder, usual_places
from monitor.config.peek import peek_state_dir
from monitor.errors import ConfigError
from tests.monitor.config.folders import CONFIG, PROFILE, write


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


class TestTheConfig:
    def test_the_option_goes_before_the_variable_and_that_before_the_usual_places(self, tmp_path):
        option, variable = touch(tmp_path / "a.yaml"), touch(tmp_path / "b.yaml")
        touch(tmp_path / "config/newsbell.yaml")
        environment = {"NEWSBELL_CONFIG": str(variable)}
        assert find_config(str(option), environment, tmp_path) == option
        assert find_config(None, environment, tmp_path) == variable
        assert find_config(None, {}, tmp_path) == Path("config/newsbell.yaml")

    def test_the_usual_places_follow_the_xdg_specification(self, tmp_path):
        home = {"HOME": "/home/ann"}
        assert [str(path) for path in usual_places(home)] == [
            "config/newsbell.yaml",
            "/home/ann/.config/newsbell/newsbell.yaml",
            "/etc/newsbell/newsbell.yaml",
        ]
        assert Path("/x/newsbell/newsbell.yaml") in usual_places({"XDG_CONFIG_HOME": "/x"})
        assert Path("/home/ann/.config/newsbell/newsbell.yaml") in usual_places({**home, "XDG_CONFIG_HOME": "x"})

    def test_the_users_own_is_found(self, tmp_path):
        own = touch(tmp_path / "newsbell/newsbell.yaml")
        assert find_config(None, {"XDG_CONFIG_HOME": str(tmp_path)}, tmp_path) == own

    def test_a_folder_stands_for_the_file_in_it(self, tmp_path):
        file = touch(tmp_path / "watch/newsbell.yaml")
        assert find_config(str(tmp_path / "watch"), {}, tmp_path) == file

    def test_a_tilde_is_the_home_folder(self, tmp_path):
        file = touch(tmp_path / "newsbell.yaml")
        assert find_config("~/newsbell.yaml", {"HOME": str(tmp_path)}, Path("/")) == file
        assert find_config("~", {"HOME": str(tmp_path)}, Path("/")) == file

    def test_one_in_this_folder_is_not_taken_silently_but_named(self, tmp_path):
        touch(tmp_path / "newsbell.yaml")
        with pytest.raises(ConfigError, match=r"no configuration was found .+newsbell -c \./newsbell\.yaml\)"):
            find_config(None, {"HOME": str(tmp_path)}, tmp_path)

    def test_one_that_is_named_but_missing_is_not_replaced_by_another(self, tmp_path):
        touch(tmp_path / "config/newsbell.yaml")
        with pytest.raises(ConfigError, match=r"other\.yaml:1:1: there is no such file \(newsbell init"):
            find_config("other.yaml", {}, tmp_path)

    def test_without_any_the_message_says_where_was_looked_and_how_to_start(self, tmp_path):
        with pytest.raises(ConfigError) as caught:
            find_config(None, {"HOME": str(tmp_path)}, tmp_path)
        assert f"{tmp_path}/.config/newsbell/newsbell.yaml" in str(caught.value)
        assert "newsbell init" in str(caught.value)

    @pytest.mark.parametrize(
        ("there", "start"),
        [
            (["newsbell.yaml", "watch/newsbell.yaml"], "newsbell -c ./newsbell.yaml"),
            (["zoo/newsbell.yaml", "my watch/newsbell.yaml"], "newsbell -c './my watch/newsbell.yaml'"),
            (["a/b/newsbell.yaml", "a/other.yaml"], "newsbell init writes one to start from"),
        ],
    )
    def test_one_that_lies_near_is_named(self, tmp_path, there, start):
        """Where ``init`` put it, most likely."""
        for name in there:
            touch(tmp_path / name)
        with pytest.raises(ConfigError) as caught:
            find_config(None, {"HOME": str(tmp_path / "home")}, tmp_path)
        assert str(caught.value).endswith(f"{start})")


class TestTheStateFolder:
    CONFIG = Path("/srv/watch/newsbell.yaml")

    @pytest.mark.parametrize(
        ("explicit", "environment", "written", "folder"),
        [
            ("/a", {"STATE_DIRECTORY": "/b"}, "/c", "/a"),
            (None, {"STATE_DIRECTORY": "/b"}, "/c", "/b"),
            (None, {"STATE_DIRECTORY": "/b:/d"}, "/c", "/b"),
            (None, {"STATE_DIRECTORY": ""}, "/c", "/c"),
            (None, {}, "../var", "/srv/var"),
            (None, {"HOME": "/home/ann"}, "~/state", "/home/ann/state"),
            (None, {"XDG_STATE_HOME": "/s"}, None, "/s/newsbell"),
            (None, {"HOME": "/home/ann"}, None, "/home/ann/.local/state/newsbell"),
            (None, {}, None, "/.local/state/newsbell"),
        ],
    )
    def test_the_option_the_service_manager_the_config_the_users_own(self, explicit, environment, written, folder):
        assert state_folder(self.CONFIG, written, environment, explicit) == Path(folder)

    @pytest.mark.parametrize("written", ["state_dir: ../var\n", "", "state_dir: ~\n", "state_dir: '~/x'\n"])
    @pytest.mark.parametrize(("explicit", "environment"), [(None, {}), ("s", {}), (None, {"STATE_DIRECTORY": "/b"})])
    def test_a_peek_finds_what_the_whole_reading_finds(self, tmp_path, written, explicit, environment):
        config = write(tmp_path, {"newsbell.yaml": written + CONFIG.partition("\n")[2], "profiles/laos.yaml": PROFILE})
        environment = {"HOME": str(tmp_path), **environment}
        whole = load_settings(config, environment, state_dir=explicit).state_dir
        assert peek_state_dir(config, environment, state_dir=explicit) == whole

    def test_a_peek_takes_a_byte_order_mark(self, tmp_path):
        config = write(tmp_path, {"newsbell.yaml": "\ufeffstate_dir: var\n"})
        assert peek_state_dir(config, {}) == tmp_path / "var"

    def test_a_peek_of_a_missing_file_is_a_config_error(self, tmp_path):
        with pytest.raises(ConfigError, match="cannot be read"):
            peek_state_dir(tmp_path / "newsbell.yaml", {})

    @pytest.mark.processes
    def test_a_peek_loads_nothing_heavy(self, tmp_path):
        config = write(tmp_path, {"newsbell.yaml": CONFIG})
        code = (
            "import sys; from pathlib import Path; from monitor.config import find_config;"
            "from monitor.config.peek import peek_state_dir;"
            f"peek_state_dir(find_config({str(config)!r}, {{}}, Path('.')), {{}});"
            "heavy = {'pydantic', 'lxml', 'jinja2', 'httpx', 'cronsim', 'ahocorasick_rs'} & set(sys.modules);"
            "print(*heavy)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")
