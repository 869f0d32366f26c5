"""Finds the secrets that a configuration speaks of: in the environment, in files, in systemd's credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from alerts.model import Secret
from monitor.config.channels import SecretSection
from monitor.config.find import expand
from monitor.config.finding import Finding, Place
from monitor.config.model import Config
from monitor.config.sources import content

S = TypeVar("S", bound=SecretSection)


class SecretFinder:
    """Fills in the secrets of sections; ``findings`` gathers what is wrong with them.

    ``password_env: NAME`` is the environment variable NAME, else the credential NAME (systemd.exec(5),
    ``LoadCredential=``). ``password_file`` is a file, else the credential of that name. With neither, the credential
    ``<channel>.password`` is used when there is one.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self.findings: list[Finding] = []

    def fill_all(self, config: Config) -> Config:
        """``config`` with the secrets of all its sections."""
        channels = {
            name: self.fill(channel, ("channels", name)) if isinstance(channel, SecretSection) else channel
            for name, channel in config.channels.items()
        }
        ping = self.fill(config.ping, ("ping",)) if config.ping else None
        return replace(config, channels=channels, ping=ping, store=self.fill(config.store, ("store",)))

    def fill(self, section: S, place: Place) -> S:
        """``section``, which stands at ``place``, with its secrets in place of where to find them."""
        for key in section.secret_keys:
            section = self._filled(section, place, key)
        return section

    def _filled(self, section: S, place: Place, key: str) -> S:
        given = section.sources(key)
        if not given:
            found = self._from_credentials(f"{place[-1]}.{key}")
            if found is None and section.needs(key):
                self._complain((*place, key), "is missing", f"{key}_env names an environment variable that holds it")
            return section if found is None else self._accept(section, key, (*place, key), found)
        name, value = next(iter(given.items()))
        source = (*place, name)
        if name == key:
            secret = value.reveal() if isinstance(value, Secret) else str(value)
            if section.deserves_warning(key, secret):
                hint = f"use {key}_env or {key}_file"
                self.findings.append(Finding(source, "a secret stands in the file", hint, "warning"))
            return self._accept(section, key, source, secret)
        read = self._from_environment if name.endswith("_env") else self._from_file
        found = read(str(value), source)
        return section if found is None else self._accept(section, key, source, found)

    def _accept(self, section: S, key: str, source: Place, secret: str) -> S:
        objection = section.objection(key, secret)
        if objection:
            self._complain(source, objection)
        return section.with_secret(key, Secret(secret))

    def _from_environment(self, name: str, place: Place) -> str | None:
        found = self._environment.get(name) or self._from_credentials(name)
        if not found:
            hint = f"set it where Newsbell is started: export {name}=..."
            self._complain(place, f"the environment variable {name} is not set", hint)
        return found or None

    def _from_file(self, written: str, place: Place) -> str | None:
        path = self._folder / expand(written, self._environment)
        found = self._from_credentials(written) if not path.exists() else None
        try:
            found = found or _first_line(path)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self._complain(place, f"the secret cannot be read from {path}: {reason}")
            return None
        if not found:
            self._complain(place, f"{path} is empty", "the first line of the file is the secret")
        return found or None

    def _from_credentials(self, name: str) -> str | None:
        folder = self._environment.get("CREDENTIALS_DIRECTORY")
        path = Path(folder or "/", name)
        if not folder or not path.is_file():
            return None
        try:
            return _first_line(path) or None
        except (OSError, UnicodeDecodeError):
            return None  # as if it were not there: the key that needs it is then the mistake

    def _complain(self, place: Place, message: str, hint: str = "") -> None:
        self.findings.append(Finding(place, message, hint))


def _first_line(path: Path) -> str:
    return content(path).decode().replace("\r", "\n").partition("\n")[0]
