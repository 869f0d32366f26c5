"""Reads a configuration whole: the file, its profiles, its secrets, its templates, and how they fit together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from monitor.config.checks import Finding, check_config, check_profiles, check_templates
from monitor.config.feeds import to_feed
from monitor.config.find import expand, state_folder
from monitor.config.model import Config, SecretSection
from monitor.config.read import read_document
from monitor.config.secrets import SecretFinder
from monitor.config.settings import LoadedProfile, Settings, Stamp
from monitor.errors import ConfigError, Problem
from monitor.profiles.model import Profile
from monitor.yamldoc import Document

DEFAULT_PROFILES = ("profiles/*.yaml",)
DEFAULT_TEMPLATES = "templates"
_TEMPLATE_ENDINGS = (".html.j2", ".txt.j2", ".j2", ".jinja", ".jinja2")


def load(path: Path, environment: Mapping[str, str], *, state_dir: str | None = None) -> Settings:
    """Read the configuration at ``path``; raises ``ConfigError`` with every mistake of every file."""
    return _Loading(path, environment).settings(state_dir)


def stamp(paths: Iterable[Path]) -> Stamp:
    """What tells whether any of ``paths`` has changed, come or gone."""
    found = []
    for path in sorted(set(paths)):
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(found)


def current_stamp(settings: Settings) -> Stamp:
    """The stamp of the files that ``settings`` would be read from now; differs from theirs when something changed."""
    written = settings.config.profiles
    profiles = (path for pattern in written for path in _matching(settings.path.parent, pattern))
    return stamp([settings.path, *profiles, *_template_files(settings.templates)])


class _Loading:
    """One reading: gathers every problem, gives the settings only when there is none."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self._path = path
        self._folder = path.resolve().parent
        self._environment = environment
        self._problems: list[Problem] = []
        self._warnings: list[Problem] = []
        self._advice: list[Problem] = []
        self._document = read_document(path)

    def settings(self, state_dir: str | None) -> Settings:
        config = self._config()
        profile_paths = list(self._profile_paths())
        profiles = [loaded for path in profile_paths if (loaded := self._profile(path)) is not None]
        raw = self._document.value if isinstance(self._document.value, dict) else {}
        urls = [feed.url for feed in config.feeds] if config else _raw_urls(raw)
        self._take_profiles(check_profiles(profiles, _names(raw.get("channels")), urls))
        templates = self._templates(raw)
        shipped = Path(str(files("alerts"))) / "templates"
        self._take_profiles(check_templates(profiles, templates, shipped))
        self._problems += _template_problems(templates)
        if self._problems or config is None:
            raise ConfigError(list(dict.fromkeys(self._problems)))
        return Settings(
            config=config,
            path=self._path,
            state_dir=state_folder(self._path, config.state_dir, self._environment, state_dir),
            profiles=tuple(profiles),
            feeds=tuple(to_feed(feed) for feed in config.feeds),
            warnings=tuple(sorted(self._warnings)),
            advice=tuple(sorted(self._advice)),
            templates=templates,
            stamp=stamp([self._path, *profile_paths, *_template_files(templates)]),
        )

    def _config(self) -> Config | None:
        """The configuration with its secrets, None when the file is not valid in itself."""
        try:
            config = self._document.validate(Config)
        except ConfigError as error:
            self._problems += error.problems
            return None
        for finding in check_config(config):
            self._take(self._document, finding)
        return self._with_secrets(config)

    def _with_secrets(self, config: Config) -> Config:
        finder = SecretFinder(self._document, self._folder, self._environment)
        channels = {
            name: finder.fill(channel, ("channels", name)) if isinstance(channel, SecretSection) else channel
            for name, channel in config.channels.items()
        }
        ping = finder.fill(config.ping, ("ping",)) if config.ping else None
        self._problems += finder.problems
        self._warnings += finder.warnings
        return config.model_copy(update={"channels": channels, "ping": ping})

    def _profile_paths(self) -> Iterator[Path]:
        """The profile files, each once; a pattern that somebody wrote must find something."""
        raw = self._document.value if isinstance(self._document.value, dict) else {}
        written = raw.get("profiles", DEFAULT_PROFILES)
        seen: set[Path] = set()
        patterns = written if isinstance(written, list | tuple) else ()
        for index, pattern in enumerate(pattern for pattern in patterns if isinstance(pattern, str)):
            found = _matching(self._path.parent, str(expand(pattern, self._environment)))
            if not found and "profiles" in raw:
                hint = "newsbell profile build writes one"
                self._problems.append(self._document.problem(("profiles", index), "no such file", hint))
            yield from (path for path in found if path not in seen)
            seen.update(found)
        if not seen and isinstance(written, list | tuple):
            self._warnings.append(self._document.problem(("profiles",), "no profile: nothing can match"))

    def _profile(self, path: Path) -> LoadedProfile | None:
        try:
            document = read_document(path)
            return LoadedProfile(document.validate(Profile), path, document)
        except ConfigError as error:
            self._problems += error.problems
            return None

    def _templates(self, raw: Mapping[str, Any]) -> Path | None:
        """The folder of the user's templates; None when there is none."""
        written = raw.get("templates")
        folder = self._folder / expand(written if isinstance(written, str) else DEFAULT_TEMPLATES, self._environment)
        if folder.is_dir():
            return folder
        if isinstance(written, str):
            self._problems.append(self._document.problem(("templates",), f"there is no folder {folder}"))
        return None

    def _take_profiles(self, found: Iterable[tuple[LoadedProfile, Finding]]) -> None:
        for loaded, finding in found:
            self._take(loaded.document, finding)

    def _take(self, document: Document, finding: Finding) -> None:
        gathered = {"error": self._problems, "warning": self._warnings, "advice": self._advice}[finding.weight]
        gathered.append(document.problem(finding.place, finding.message, finding.hint))


def _matching(folder: Path, pattern: str) -> list[Path]:
    """The files that a pattern of ``profiles`` stands for, sorted; none for a pattern that makes no sense."""
    root, relative = (Path("/"), pattern.lstrip("/")) if pattern.startswith("/") else (folder, pattern)
    try:
        return sorted(path for path in root.glob(relative) if path.is_file())
    except ValueError:
        return []


def _template_files(folder: Path | None) -> Sequence[Path]:
    if folder is None:
        return ()
    return sorted(path for path in folder.iterdir() if path.name.endswith(_TEMPLATE_ENDINGS))


def _template_problems(folder: Path | None) -> Iterator[Problem]:
    """What is wrong with the user's templates, tried on samples."""
    if not _template_files(folder):
        return
    from alerts.render import Renderer

    for error in Renderer(folder).check():
        yield Problem(str((folder or Path()) / error.template), max(error.line, 1), 1, "", str(error))


def _names(channels: Any) -> list[str]:
    return list(channels) if isinstance(channels, dict) else []


def _raw_urls(raw: Mapping[str, Any]) -> list[str]:
    """The feeds' addresses of a configuration that is not valid, as far as they can be read."""
    feeds = raw.get("feeds")
    listed = feeds if isinstance(feeds, list) else []
    return [url for feed in listed if isinstance(feed, dict) and isinstance(url := feed.get("url"), str)]
