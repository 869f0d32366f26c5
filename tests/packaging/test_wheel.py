"""The wheel, installed by itself, does the whole job."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.e2e.world import environment

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.e2e


def command(words: Sequence[str], folder: Path) -> str:
    done = subprocess.run(
        [*words], cwd=folder, capture_output=True, text=True, timeout=120, env=environment(), check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the project's own build backend."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    command([sys.executable, "-c", build, str(folder)], ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of an environment with the wheel; its dependencies are those of the tests: nothing is fetched."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    [packages] = (folder / "lib").glob("python*/site-packages")
    zipfile.ZipFile(wheel).extractall(packages)
    # The tests' own packages by path, without the editable install of the project that may lie among them.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    script = folder / "bin" / "newsbell"
    script.write_text(f"#!{folder}/bin/python\nfrom monitor.cli import main\nmain()\n", encoding="utf-8")
    script.chmod(0o755)
    return folder / "bin"


def test_the_wheel_holds_the_packages_with_their_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"monitor", "alerts"}
    for needed in ("alerts/py.typed", "alerts/schema/digest-v1.json", "alerts/templates/digest.html.j2"):
        assert needed in names
    tracked = {
        path.relative_to(ROOT).as_posix()
        for package in ("monitor", "alerts")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert tracked <= set(names)
    [entry] = [name for name in names if name.endswith("entry_points.txt")]
    assert "newsbell = monitor.cli:main" in zipfile.ZipFile(wheel).read(entry).decode()


def test_installed_it_does_the_whole_job(installed: Path, tmp_path: Path) -> None:
    where = command([str(installed / "python"), "-c", "import monitor; print(monitor.__file__)"], tmp_path)
    assert where.startswith(str(installed.parent))
    said = command([str(installed / "newsbell"), "demo"], tmp_path)
    [page] = [line.removeprefix("wrote ") for line in said.splitlines() if line.endswith(".html")]
    assert "Japan" in (tmp_path / page).read_text(encoding="utf-8")


def test_what_init_writes_passes_its_check(installed: Path, tmp_path: Path) -> None:
    newsbell = str(installed / "newsbell")
    command([newsbell, "init", "my-watch"], tmp_path)
    assert "well" in command([newsbell, "-c", "my-watch/newsbell.yaml", "check"], tmp_path)
