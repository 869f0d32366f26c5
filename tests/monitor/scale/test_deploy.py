"""The files of ``deploy/scale``, each put through its own tool."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import psycopg
import pytest
import yaml
from compose_spec import PyCompose

from monitor.config import load_settings
from monitor.scale.probes import pages
from monitor.store.postgres.server import conninfo

SCALE = Path(__file__).parents[3] / "deploy" / "scale"
STORE = {"NEWSBELL_STORE": "postgresql://newsbell:hush@database/newsbell", "NEWSBELL_SMTP_PASSWORD": "hush"}


@pytest.mark.processes
def test_hadolint_finds_no_fault_in_the_containerfile() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, SCALE / "Containerfile"], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_the_compose_file_starts_two_workers_after_the_migration() -> None:
    compose = yaml.safe_load((SCALE / "compose.yaml").read_text(encoding="utf-8"))
    PyCompose.from_yaml(yaml.safe_dump(compose)).validate()  # without the merge keys, which it does not know
    services = compose["services"]

    worker = services["worker"]
    assert worker["deploy"]["replicas"] == 2
    assert worker["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert [services[name]["command"] for name in ("migrate", "worker")] == [["store", "migrate"], ["worker"]]
    assert (SCALE / worker["build"]["context"]).resolve() == SCALE.parents[1]


def test_a_password_may_hold_what_ends_one_in_an_address(
    postgres: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes to PostgreSQL's library by itself, beside the address."""
    environment = yaml.safe_load((SCALE / "compose.yaml").read_text(encoding="utf-8"))["x-newsbell"]["environment"]
    assert environment["PGPASSWORD"].startswith("${NEWSBELL_DB_PASSWORD")
    assert "PASSWORD" not in environment["NEWSBELL_STORE"]

    monkeypatch.setenv("PGPASSWORD", "a@b:c/d?e#f%")
    with psycopg.connect(conninfo(url)) as db:
        assert db.info.password == "a@b:c/d?e#f%"


def test_its_configuration_is_valid(tmp_path: Path) -> None:
    settings = load_settings(SCALE / "config" / "newsbell.yaml", STORE, state_dir=str(tmp_path))

    assert settings.database is not None


def test_kubernetes_finds_no_fault_in_the_resources(tmp_path: Path) -> None:
    resources = list(yaml.safe_load_all((SCALE / "kubernetes.yaml").read_text(encoding="utf-8")))
    for resource in resources:
        kubernetes_validate.validate(resource, "1.31", strict=True)
    config, migration, workers = resources
    for name, text in config["data"].items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert load_settings(tmp_path / "newsbell.yaml", STORE, state_dir=str(tmp_path)).database is not None
    pods = [resource["spec"]["template"]["spec"] for resource in (migration, workers)]
    assert [pod["containers"][0]["args"][:2] for pod in pods] == [["store", "migrate"], ["worker", "--probes"]]
    assert all(pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] for pod in pods)
    worker = pods[1]["containers"][0]
    probed = {worker[f"{kind}Probe"]["httpGet"]["path"] for kind in ("readiness", "liveness", "startup")}
    assert probed == set(pages(lambda: True))
