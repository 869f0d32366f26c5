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


class TestTheCrontab:
    def test_the_line_is_added_below_what_is_there(self, machine: dict[str, str], tmp_path: Path) -> None:
        Path(machine["CRONTAB_FILE"]).write_text(OTHERS, encoding="utf-8")
        said = init(machine, tmp_path / "watch", "--cron").out
        before, comment, line = table(machine).removesuffix("\n").rsplit("\n", 2)
        assert before == OTHERS
        assert comment == "# Newsbell: a pass every 15 minutes"
        assert line.startswith("*/15 * * * * /")
        assert line.endswith(f" -c {tmp_path}/watch/newsbell.yaml run")
        assert line in said

    def test_a_first_crontab_is_begun(self, machine: dict[str, str], tmp_path: Path) -> None:
        init(machine, tmp_path / "watch", "--cron")
        assert len(table(machine).splitlines()) == 2

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
