"""The files of ``deploy/``, each put through its own tool, and what they name put through Newsbell."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose
from cronsim import CronSim

from monitor.cli.exits import Exit
from monitor.config import load_settings
from monitor.metrics import Snapshot, Tally, exposition, pass_counts
from monitor.model import PassReport

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
WORST_EXPOSURE = 1.5
with_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


def tool(*command: str) -> str:
    """What a lint tool says; it must be content."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def installed(name: str) -> str:
    """A tool that came with the test dependencies."""
    return str(Path(sys.executable).with_name(name))


# systemd ------------------------------------------------------------------------------------------------


@with_systemd
@pytest.mark.processes
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace("/opt/newsbell/bin/newsbell", installed("newsbell")))
    assert tool("systemd-analyze", "verify", *map(str, tmp_path.iterdir())) == ""


@with_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
@pytest.mark.processes
def test_a_unit_is_exposed_as_little_as_promised(unit: Path) -> None:
    said = tool("systemd-analyze", "security", "--offline=true", "--no-pager", str(unit))
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert exposure is not None
    assert float(exposure[1]) <= WORST_EXPOSURE


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_line_of_hardening_says_what_it_is_for(unit: Path) -> None:
    lines = hardening(unit)
    assert len(lines) > 60
    for comment, setting in zip(lines[::2], lines[1::2], strict=True):
        assert comment.startswith("# "), setting
        assert re.match(r"[A-Z]\w+=", setting), comment


def test_daemon_and_timer_are_hardened_alike() -> None:
    daemon, once = map(hardening, UNITS[::-1])
    assert daemon == once


def hardening(unit: Path) -> list[str]:
    section = unit.read_text(encoding="utf-8").partition("# --- Hardening")[2].partition("\n[")[0]
    return [line for line in section.splitlines()[1:] if line]


def settings_of(unit: str) -> dict[str, str]:
    lines = (DEPLOY / "systemd" / unit).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))


def test_exit_codes_mean_to_systemd_what_they_mean_to_us() -> None:
    daemon, once = settings_of("newsbell.service"), settings_of("newsbell-run.service")
    assert daemon["RestartPreventExitStatus"].split() == [str(int(Exit.USAGE)), str(int(Exit.CONFIG))]
    assert once["SuccessExitStatus"] == str(int(Exit.LOCKED))
    assert daemon["Type"] == "notify"


def test_a_check_by_hand_finds_the_passwords_where_the_service_does() -> None:
    """Each lies in a file of its own name: then their folder can stand in for what systemd makes of them."""
    page = (DEPLOY.parent / "docs" / "how-to" / "systemd.md").read_text(encoding="utf-8")
    for text in (page, *(unit.read_text(encoding="utf-8") for unit in UNITS)):
        [(name, path)] = re.findall(r"LoadCredential=(\w+):(\S+)", text)
        assert Path(path).name == name
        assert f"CREDENTIALS_DIRECTORY={Path(path).parent} newsbell check" in page


# cron ---------------------------------------------------------------------------------------------------


def test_the_crontab_has_lines_that_cron_understands() -> None:
    lines = (DEPLOY / "cron" / "newsbell").read_text(encoding="utf-8").splitlines()
    jobs = [line.split(maxsplit=6) for line in lines if line and line[0] in "*0123456789"]
    assert len(jobs) == 2
    for *schedule, user, command in jobs:
        assert next(CronSim(" ".join(schedule), NOW)) > NOW
        assert user == "newsbell"
        assert command.startswith(("/", "PATH="))
        assert "%" not in command  # cron would end the line there


def test_the_page_on_cron_makes_all_that_the_crontab_names() -> None:
    table = (DEPLOY / "cron" / "newsbell").read_text(encoding="utf-8")
    page = (DEPLOY.parent / "docs" / "how-to" / "cron.md").read_text(encoding="utf-8")
    commands = [line.removeprefix("# ") for line in page.splitlines() if line.startswith("# ")]
    made = {word for command in commands for word in command.split()}
    named = set(re.findall(r"(?<==)/[\w./-]+$|(?<= )/[\w./-]+", "\n".join(re.findall(r"^[^#].*", table, re.M)), re.M))
    assert named == {
        "/etc/newsbell/newsbell.yaml",
        "/opt/newsbell/bin/newsbell",
        "/opt/newsbell/deploy/backup.sh",
        "/var/backups/newsbell",
        "/var/lib/newsbell",
    }
    assert {Path(path) for path in named} - {Path(word) for word in made} == {Path("/etc/newsbell/newsbell.yaml")}
    assert "useradd" in made


# containers ---------------------------------------------------------------------------------------------


@pytest.mark.processes
def test_hadolint_finds_no_fault_in_the_containerfile() -> None:
    assert tool(installed("hadolint"), str(DEPLOY / "container" / "Containerfile")) == ""


@pytest.mark.processes
def test_shellcheck_finds_no_fault_in_the_script() -> None:
    assert tool(installed("shellcheck"), str(DEPLOY / "backup.sh")) == ""


def test_the_image_copies_what_the_ignore_file_lets_in() -> None:
    root = DEPLOY.parent
    copied = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "container" / "Containerfile").read_text(), re.MULTILINE
    )
    names = {name for line in copied for name in line.split()}
    ignored = (root / ".containerignore").read_text(encoding="utf-8")
    assert names == set(re.findall(r"^!(\S+)$", ignored, re.MULTILINE))
    assert all((root / name).exists() for name in names)
    assert (root / ".dockerignore").read_text(encoding="utf-8") == ignored


def test_the_compose_file_is_valid_and_writes_nothing_but_its_state() -> None:
    text = (DEPLOY / "container" / "compose.yaml").read_text(encoding="utf-8")
    PyCompose.from_yaml(text).validate()
    services = yaml.safe_load(text)["services"]
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in services["mail"]["ports"])
    assert (DEPLOY / "container" / services["newsbell"]["build"]["context"]).resolve() == DEPLOY.parent


def test_its_configuration_is_valid() -> None:
    settings = load_settings(
        DEPLOY / "container" / "config" / "newsbell.yaml", {"STATE_DIRECTORY": "/var/lib/newsbell"}
    )
    assert settings.warnings == ()
    assert [channel.host for channel in settings.config.channels.values()] == ["mail"]  # type: ignore[union-attr]


def resources() -> Iterator[dict[str, Any]]:
    yield from yaml.safe_load_all((DEPLOY / "kubernetes" / "newsbell.yaml").read_text(encoding="utf-8"))


def test_kubernetes_takes_every_resource() -> None:
    found = list(resources())
    assert [resource["kind"] for resource in found] == ["ConfigMap", "PersistentVolumeClaim", "CronJob"]
    for resource in found:
        kubernetes_validate.validate(resource, "1.31", strict=True)


def test_the_cronjob_runs_restricted_and_names_what_exists() -> None:
    config, volume, job = resources()
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    assert pod["volumes"][0]["configMap"]["name"] == config["metadata"]["name"]
    assert pod["volumes"][1]["persistentVolumeClaim"]["claimName"] == volume["metadata"]["name"]
    [rule] = job["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    assert rule["onExitCodes"]["values"] == [Exit.USAGE, Exit.CONFIG, Exit.FEEDS, Exit.LOCKED]


def test_the_configuration_in_the_config_map_is_valid(tmp_path: Path) -> None:
    config, _, _ = resources()
    for name, text in config["data"].items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    settings = load_settings(tmp_path / "newsbell.yaml", {"NEWSBELL_SMTP_PASSWORD": "secret"})
    assert settings.warnings == ()
    assert [loaded.profile.name for loaded in settings.profiles] == ["japan-laos"]


# Prometheus and Grafana ---------------------------------------------------------------------------------


def exposed() -> set[str]:
    """The name of every metric there is."""
    report = PassReport(NOW, NOW)
    tally = Tally(last_sent={"pair": NOW}, next_poll=NOW, next_attempt=NOW, totals=pass_counts(report))
    text = exposition(Snapshot("1", NOW, tally, ("pair",), report))
    return set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))


def test_the_dashboard_asks_only_for_what_is_exposed() -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "newsbell.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    named = {name for expression in asked for name in re.findall(r"newsbell_\w+", expression)}
    assert named <= exposed()
    assert len(named) >= 15
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert [expression for expression in asked if expression.count("(") != expression.count(")")] == []


def test_no_two_panels_of_the_dashboard_lie_on_each_other() -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "newsbell.json").read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_every_alert_asks_for_what_is_exposed_and_says_what_to_do() -> None:
    [group] = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]:
        assert set(re.findall(r"newsbell_\w+", rule["expr"])) <= exposed()
        assert set(rule["annotations"]) == {"summary", "action"}
