"""``store``: a file, or the address of a database whose password is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import load_settings
from monitor.config.settings import Settings
from monitor.errors import ConfigError

ADDRESS = "postgresql://newsbell@db.example/newsbell"
WITH_PASSWORD = "postgresql://newsbell:hush@db.example/newsbell"


def load(folder: Path, text: str, **environment: str) -> Settings:
    path = folder / "newsbell.yaml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, environment, state_dir=str(folder))


def test_by_default_it_is_a_file_in_the_state_folder(tmp_path: Path) -> None:
    settings = load(tmp_path, "feeds: []")

    assert (settings.database, settings.store) == (None, tmp_path / "newsbell.db")


@pytest.mark.parametrize("text", [f"store: {ADDRESS}", f"store: {{url: '{ADDRESS}'}}"])
def test_an_address_stands_for_the_section(tmp_path: Path, text: str) -> None:
    settings = load(tmp_path, text)

    assert settings.database is not None
    assert settings.database.reveal() == ADDRESS
    assert not [warning for warning in settings.warnings if warning.key.startswith("store")]


@pytest.mark.parametrize("address", [WITH_PASSWORD, f"{ADDRESS}?password=hush"])
def test_a_password_in_the_file_is_warned_of_but_not_shown(tmp_path: Path, address: str) -> None:
    settings = load(tmp_path, f"store: {address}")

    (warning,) = [warning for warning in settings.warnings if warning.key == "store.url"]
    assert "url_env" in warning.hint
    assert "hush" not in f"{settings!r}{warning}{warning.source}"


def test_a_variable_holds_the_address(tmp_path: Path) -> None:
    settings = load(tmp_path, "store: {url_env: NEWSBELL_STORE}", NEWSBELL_STORE=WITH_PASSWORD)

    assert settings.database is not None
    assert settings.database.reveal() == WITH_PASSWORD


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("store: mysql://root:hush@db.example/x", "begins with postgresql://"),
        ("store: {url_env: NEWSBELL_STORE}", "NEWSBELL_STORE is not set"),
        ("store: [1]", "expected a group of keys"),
    ],
)
def test_what_is_no_address(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint) as caught:
        load(tmp_path, text)

    assert "hush" not in "".join(f"{problem}{problem.source}" for problem in caught.value.problems)


def test_an_address_that_cannot_be_taken_apart_is_taken_for_a_secret(tmp_path: Path) -> None:
    settings = load(tmp_path, 'store: "postgresql://[hush/newsbell"')

    assert [warning.key for warning in settings.warnings if warning.key.startswith("store")] == ["store.url"]


def test_what_speaks_to_the_database_must_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with Apprise: said by ``check``, and not first in the middle of a pass."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError) as told:
        load(tmp_path, f"store: {ADDRESS}")
    assert str(told.value) == (
        f"{tmp_path}/newsbell.yaml:1:8: store: what speaks to PostgreSQL is not installed "
        "(pip install 'newsbell[postgres]')"
    )
