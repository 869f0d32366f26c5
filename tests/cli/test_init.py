"""``newsbell init`` beyond its files: the crontab's line, systemd's units, and when it asks."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.cli import periodic
from monitor.errors import NewsbellError
from tests.e2e.world import Result, environment, in_process

# A crontab like Vixie's: -l lists, - replaces; REFUSE makes it refuse one of the two.
CRONTAB = """\
#!/bin/sh
test "$1" = "$REFUSE" && { echo "you are not allowed to use this program" >&2; exit 1; }
case "$1" in
-l) cat "$CRONTAB_FILE" 2>/dev/null || { echo "no crontab for ann" >&2; exit 1; } ;;
-) cat > "$CRONTAB_FILE" ;;
esac
"""
OTHERS = "MAILTO=ann@example.org\n# backups\n0 3 * * * backup --all"


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with a crontab program of its own."""
    program = tmp_path / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(CRONTAB, encoding="utf-8")
    program.chmod(0o755)
    return {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "CRONTAB_FILE": str(tmp_path / "crontab"),
        "XDG_CONFIG_HOME": str(tmp_path / "xdg"),
        "HOME": str(tmp_path),
    }


def init(machine: dict[str, str], folder: Path, *options: str, code: int = 0) -> Result:
    result = in_process(["init", str(folder), *options], **machine)
    assert result.code == code, result
    return result


def table(machine: dict[str, str]) -> str:
    return Path(machine["CRONTAB_FILE"]).read_text(encoding="utf-8")


class TestTheWords:
    """What a newcomer reads, word for word: each command can be copied as it stands."""

    FILES = ("newsbell.yaml", "profiles/japan-asean.yaml", "schema/newsbell.json", "schema/profile.json")

    def said(self, machine: dict[str, str], folder: Path, *options: str) -> tuple[str, str]:
        result = init(machine, folder, *options)
        program = " ".join(periodic.command(folder / "newsbell.yaml")[:-3])
        return tuple(  # type: ignore[return-value]
            text.replace(program, "PROGRAM").replace(str(folder.parent), "HERE") for text in (result.out, result.err)
        )

    def test_of_a_first_start(self, machine: dict[str, str], tmp_path: Path) -> None:
        out, err = self.said(machine, tmp_path / "watch")
        assert out == (
            "".join(f"wrote HERE/watch/{name}\n" for name in self.FILES) + "\nNext:\n"
            "  newsbell -c HERE/watch/newsbell.yaml check\n"
            "  newsbell -c HERE/watch/newsbell.yaml -v run --backlog 20\n\n"
            "Then, for a pass every 15 minutes, use --cron or --systemd, or add this line with 'crontab -e':\n"
            "  */15 * * * * PROGRAM -c HERE/watch/newsbell.yaml run\n"
        )
        assert err == ""

    def test_of_a_second_one(self, machine: dict[str, str], tmp_path: Path) -> None:
        self.said(machine, tmp_path / "watch")
        (tmp_path / "watch" / "newsbell.yaml").write_text("feeds: []\n", encoding="utf-8")
        out, err = self.said(machine, tmp_path / "watch", "--no-schedule")
        assert err == "".join(f"newsbell: HERE/watch/{name} exists and was left as it is\n" for name in self.FILES)
        assert out.startswith("\nNext:\n")
        assert (tmp_path / "watch" / "newsbell.yaml").read_text(encoding="utf-8") == "feeds: []\n"

    @pytest.mark.processes
    def test_with_cron(self, machine: dict[str, str], tmp_path: Path) -> None:
        line = "  */15 * * * * PROGRAM -c HERE/watch/newsbell.yaml run\n"
        assert self.said(machine, tmp_path / "watch", "--cron")[0].endswith(f"\n\nadded to your crontab:\n{line}")
        assert self.said(machine, tmp_path / "watch", "--cron")[0].endswith("\n\nyour crontab runs it already\n")

    def test_with_systemd(self, machine: dict[str, str], tmp_path: Path) -> None:
        units = "".join(f"wrote HERE/xdg/systemd/user/newsbell-watch.{kind}\n" for kind in ("service", "timer"))
        assert self.said(machine, tmp_path / "watch", "--systemd")[0].endswith(
            f"\n\n{units}To set it to work:\n"
            "  systemctl --user daemon-reload && systemctl --user enable --now newsbell-watch.timer\n"
            "and, so that it goes on while you are logged out:\n"
            "  loginctl enable-linger\n"
        )

    def test_a_folder_with_blanks_can_be_copied_too(self, machine: dict[str, str], tmp_path: Path) -> None:
        out, _ = self.said(machine, tmp_path / "my watch")
        assert "  newsbell -c 'HERE/my watch/newsbell.yaml' check\n" in out

    def test_who_wants_quiet_hears_nothing(self, machine: dict[str, str], tmp_path: Path) -> None:
        result = in_process(["-q", "init", str(tmp_path / "watch"), "--systemd"], **machine)
        assert (result.code, result.out, result.err) == (0, "", "")
        assert (tmp_path / "xdg" / "systemd" / "user" / "newsbell-watch.timer").is_file()


class TestTheLine:
    @pytest.mark.parametrize(
        ("beside", "on_path", "program"),
        [
            (True, True, ["HERE/venv/newsbell"]),
            (True, False, ["HERE/venv/newsbell"]),
            (False, True, ["HERE/bin/newsbell"]),
            (False, False, ["HERE/venv/python", "-m", "monitor"]),
        ],
    )
    def test_the_program_is_the_one_that_runs_by_its_full_path(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: bool, on_path: bool, program: list[str]
    ) -> None:
        """The one of the same environment, before any other of that name."""
        for folder, there in (("venv", beside), ("bin", on_path)):
            (tmp_path / folder).mkdir()
            if there:
                (tmp_path / folder / "newsbell").touch(0o755)
        monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "python"))
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        monkeypatch.chdir(tmp_path)
        words = [word.replace(str(tmp_path), "HERE") for word in periodic.command(Path("newsbell.yaml"))]
        assert words == [*program, "-c", "HERE/newsbell.yaml", "run"]

    @pytest.mark.parametrize(
        ("crontab", "added"),
        [
            ("", True),
            ("0 3 * * * backup\n", True),
            ("0 3 * * * backup", True),
            ("*/15 * * * * newsbell -c CONFIG run\n", False),
            ("@hourly cd /srv && /usr/bin/newsbell -c CONFIG run >/dev/null\n", False),
            ("  # */15 * * * * newsbell -c CONFIG run\n", True),
            ("*/15 * * * * newsbell -c CONFIG.old run\n", True),
            ("*/15 * * * * newsbell -c CONFIG check\n", True),
        ],
    )
    def test_it_is_added_unless_something_runs_this_configuration(
        self, tmp_path: Path, crontab: str, added: bool
    ) -> None:
        config = tmp_path / "newsbell.yaml"
        before = crontab.replace("CONFIG", str(config))
        after = periodic.with_cron_line(before, config)
        ours = f"# Newsbell: a pass every 15 minutes\n{periodic.cron_line(config)}\n"
        assert after == (before + ("" if not before or before.endswith("\n") else "\n") + ours if added else before)

    @pytest.mark.parametrize(
        ("folder", "name"),
        [
            ("watch", "newsbell-watch"),
            ("my watch", "newsbell-my-watch"),
            ("50% of it", "newsbell-50-of-it"),
            ("ຂ່າວ", "newsbell-watch"),
            ("-a-", "newsbell-a"),
        ],
    )
    def test_units_bear_the_name_of_the_folder(self, tmp_path: Path, folder: str, name: str) -> None:
        units = periodic.units(tmp_path / folder / "newsbell.yaml")
        assert list(units) == [f"{name}.service", f"{name}.timer"]
        assert f"started by {name}.timer" in units[f"{name}.service"]
        assert periodic.enabling(list(units)).endswith(f"enable --now {name}.timer")

    @pytest.mark.parametrize(
        ("folder", "written"),
        [
            ("plain", "/plain/newsbell.yaml run"),
            ("a b", '/a b/newsbell.yaml" run'),
            ("50%", "/50%%/newsbell.yaml run"),
            ("$HOME", "/$$HOME/newsbell.yaml run"),
            ('a"b', '/a\\"b/newsbell.yaml" run'),
            ("a\\b", '/a\\\\b/newsbell.yaml" run'),
            ("a;b", '/a;b/newsbell.yaml" run'),
        ],
    )
    def test_systemd_reads_the_path_as_it_is(self, tmp_path: Path, folder: str, written: str) -> None:
        """What its manual page calls special is escaped (systemd.service(5), "Command lines")."""
        [service, _] = periodic.units(tmp_path / folder / "newsbell.yaml").values()
        [line] = [line for line in service.splitlines() if line.startswith("ExecStart=")]
        assert line.endswith(written)


class TestTheCrontab:
    @pytest.mark.processes
    def test_the_line_is_added_below_what_is_there(self, machine: dict[str, str], tmp_path: Path) -> None:
        Path(machine["CRONTAB_FILE"]).write_text(OTHERS, encoding="utf-8")
        said = init(machine, tmp_path / "watch", "--cron").out
        before, comment, line = table(machine).removesuffix("\n").rsplit("\n", 2)
        assert before == OTHERS
        assert comment == "# Newsbell: a pass every 15 minutes"
        assert line.startswith("*/15 * * * * /")
        assert line.endswith(f" -c {tmp_path}/watch/newsbell.yaml run")
        assert line in said

    @pytest.mark.processes
    def test_a_first_crontab_is_begun(self, machine: dict[str, str], tmp_path: Path) -> None:
        init(machine, tmp_path / "watch", "--cron")
        assert len(table(machine).splitlines()) == 2

    @pytest.mark.processes
    def test_a_line_is_added_once_and_one_for_each_configuration(self, machine: dict[str, str], tmp_path: Path) -> None:
        init(machine, tmp_path / "watch", "--cron")
        once = table(machine)
        assert "runs it already" in init(machine, tmp_path / "watch", "--cron").out
        assert table(machine) == once
        init(machine, tmp_path / "other", "--cron")
        assert table(machine).count(" run\n") == 2

    def test_a_line_that_was_switched_off_by_hand_does_not_count(self, tmp_path: Path) -> None:
        config = tmp_path / "newsbell.yaml"
        off = f"# {periodic.cron_line(config)}\n"
        assert periodic.with_cron_line(off, config).startswith(off)
        assert periodic.with_cron_line(off, config) != off

    def test_blanks_and_percent_signs_reach_the_shell(self, tmp_path: Path) -> None:
        line = periodic.cron_line(tmp_path / "50% of it" / "newsbell.yaml")
        assert "'" + str(tmp_path) + "/50\\% of it/newsbell.yaml'" in line

    @pytest.mark.parametrize("argument", ["-l", "-"])
    @pytest.mark.processes
    def test_a_crontab_that_refuses_is_left_as_it_is(
        self, machine: dict[str, str], tmp_path: Path, argument: str
    ) -> None:
        Path(machine["CRONTAB_FILE"]).write_text(OTHERS, encoding="utf-8")
        refused = init({**machine, "REFUSE": argument}, tmp_path / "watch", "--cron", code=1)
        assert "you are not allowed to use this program" in refused.err
        assert table(machine) == OTHERS

    def test_a_machine_without_cron_is_told_so(self, machine: dict[str, str], tmp_path: Path) -> None:
        with pytest.raises(NewsbellError, match="install cron, or use init --systemd"):
            periodic.add_to_crontab(tmp_path / "newsbell.yaml", {**machine, "PATH": str(tmp_path)})


class TestTheUnits:
    def test_they_are_written_where_the_users_systemd_looks(self, machine: dict[str, str], tmp_path: Path) -> None:
        said = init(machine, tmp_path / "my watch", "--systemd").out
        folder = tmp_path / "xdg" / "systemd" / "user"
        assert sorted(path.name for path in folder.iterdir()) == [
            "newsbell-my-watch.service",
            "newsbell-my-watch.timer",
        ]
        assert "systemctl --user enable --now newsbell-my-watch.timer" in said
        service = (folder / "newsbell-my-watch.service").read_text(encoding="utf-8")
        assert f' -c "{tmp_path}/my watch/newsbell.yaml" run\n' in service

    def test_what_was_changed_by_hand_stays(self, machine: dict[str, str], tmp_path: Path) -> None:
        init(machine, tmp_path / "watch", "--systemd")
        timer = tmp_path / "xdg" / "systemd" / "user" / "newsbell-watch.timer"
        timer.write_text("mine", encoding="utf-8")
        assert "newsbell-watch.timer exists and was left as it is" in init(machine, tmp_path / "watch", "--systemd").err
        assert timer.read_text(encoding="utf-8") == "mine"

    @pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
    @pytest.mark.processes
    def test_systemd_finds_no_fault_in_them(self, tmp_path: Path) -> None:
        for name, text in periodic.units(tmp_path / "50% of $it" / "newsbell.yaml").items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        paths = sorted(map(str, tmp_path.iterdir()))
        done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


class TestTheQuestion:
    def test_in_a_pipe_nothing_is_asked_and_nothing_is_scheduled(self, machine: dict[str, str], tmp_path: Path) -> None:
        said = init(machine, tmp_path / "watch").out
        assert "crontab -e" in said
        assert not Path(machine["CRONTAB_FILE"]).exists()
        assert not (tmp_path / "xdg").exists()

    @pytest.mark.e2e
    @pytest.mark.parametrize(("answer", "scheduled"), [("cron", True), ("", False)])
    def test_on_a_terminal_it_is_asked(
        self, machine: dict[str, str], tmp_path: Path, answer: str, scheduled: bool
    ) -> None:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "monitor", "init", str(tmp_path / "watch")]
        with subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment() | machine
        ) as process:
            os.write(ours, f"{answer}\n".encode())  # waits in the terminal until it is asked for
            assert process.wait(60) == 0
        said = os.read(ours, 65_536).decode()
        os.close(ours)
        os.close(theirs)
        assert "by your crontab or a systemd timer? (cron, systemd, no) [no]" in said
        assert Path(machine["CRONTAB_FILE"]).exists() is scheduled
