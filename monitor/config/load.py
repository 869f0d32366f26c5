"""Reads a configuration whole: the file, its profiles, its secrets, its templates, and how they fit together."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import alerts
from monitor.config.checks import Surroundings, check_config, check_names, check_profile_file
from monitor.config.find import expand, state_folder
from monitor.config.finding import Finding, Weight
from monitor.config.model import Config
from monitor.config.read import read_document
from monitor.config.salvage import salvage
from monitor.config.secrets import SecretFinder
from monitor.config.sense import Sense, check_profile
from monitor.config.settings import LoadedProfile, Settings, feeds_of
from monitor.config.sources import (
    DEFAULT_TEMPLATES,
    barred,
    is_closed,
    matching,
    misplaced,
    overlooked,
    stamp,
    template_files,
)
from monitor.errors import ConfigError, Problem
from monitor.profiles.model import Profile
from monitor.yamldoc import Document
from monitor.yamldoc.adapter import keys_of, validated

DEFAULT_PROFILES = ("profiles/*.yaml",)
DEFAULT_TEMPLATE = "digest"  # of a profile that names none; shipped


def load(path: Path, environment: Mapping[str, str], *, state_dir: str | None = None) -> Settings:
    """Read the configuration at ``path``; raises ``ConfigError`` with every mistake of every file."""
    return load_both(path, environment, state_dir=state_dir)[0]


def load_both(path: Path, environment: Mapping[str, str], *, state_dir: str | None = None) -> tuple[Settings, Config]:
    """The same, and the configuration as it is written: without the secrets that were found elsewhere."""
    loading = _Loading(path, environment)
    return loading.settings(state_dir), loading.written


class _Loading:
    """One reading: gathers every problem, gives the settings only when there is none."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self._path = path
        self._folder = path.resolve().parent
        self._environment = environment
        self._gathered: dict[Weight, list[Problem]] = {"error": [], "warning": [], "advice": []}
        self._stamp = stamp([path])  # before anything is read: a change meanwhile is then seen
        self._document = read_document(path)
        self._raw = self._document.value if isinstance(self._document.value, dict) else {}
        self.written = Config()

    def settings(self, state_dir: str | None) -> Settings:
        """Everything that was read. Raises ``ConfigError``."""
        config = self._config()
        templates = self._templates()
        paths = list(self._profile_paths())
        self._stamp += stamp([*paths, *template_files(templates)])
        profiles = self._profiles(paths, self._surroundings(config, templates))
        known = {problem.place for problem in self._gathered["error"]}
        found = _template_problems(templates, profiles)
        self._gathered["error"] += [problem for problem in found if problem.place not in known]
        state = state_folder(self._path, config.state_dir, self._environment, state_dir)
        self._take_all(Finding(*each) for each in misplaced(config, self._folder, state))
        if self._gathered["error"]:
            raise ConfigError(list(dict.fromkeys(self._gathered["error"])))
        return Settings(
            config=replace(config, feeds=()),
            path=self._path,
            state_dir=state,
            profiles=tuple(LoadedProfile(profile, Path(document.file)) for profile, document in profiles),
            feeds=feeds_of(config),
            warnings=tuple(sorted(self._gathered["warning"])),
            advice=tuple(sorted(self._gathered["advice"])),
            templates=templates,
            patterns=tuple(self._patterns()),
            stamp=tuple(sorted(self._stamp)),
        )

    def _config(self) -> Config:
        """The configuration with its secrets; of an invalid one what is right in it, for the checks that follow."""
        try:
            config = self._document.validate(Config)
        except ConfigError as error:
            self._gathered["error"] += error.problems
            config = salvage(self._raw)
        for finding in check_config(config, self._channel_names()):
            self._take(self._document, finding)
        self.written = config
        return self._with_secrets(config)

    def _with_secrets(self, config: Config) -> Config:
        finder = SecretFinder(self._folder, self._environment)
        filled = finder.fill_all(config)
        for finding in finder.findings:
            problem = self._document.problem(finding.place, finding.message, finding.hint)
            self._gathered[finding.weight].append(replace(problem, source=""))  # the line may hold the secret
        return filled

    def _surroundings(self, config: Config, templates: Path | None) -> Surroundings:
        shipped = Path(alerts.__file__).parent / "templates"
        folders = [shipped] if templates is None else [templates, shipped]
        return Surroundings(self._channel_names(), {feed.url for feed in config.feeds}, folders)

    def _channel_names(self) -> list[str]:
        """The names of all channels, of wrong ones too."""
        channels = self._raw.get("channels")
        return list(channels) if isinstance(channels, dict) else []

    def _patterns(self) -> Iterator[str]:
        """What ``profiles`` says, ``~`` read as the home folder."""
        written = self._raw.get("profiles", DEFAULT_PROFILES)
        for pattern in written if isinstance(written, list | tuple) else ():
            yield str(expand(str(pattern), self._environment))

    def _profile_paths(self) -> Iterator[Path]:
        """The profile files, each once; a pattern that somebody wrote must find something."""
        seen: set[Path] = set()
        for index, pattern in enumerate(self._patterns()):
            found = matching(self._path.parent, pattern)
            if not found:
                self._take_all(self._nothing_found(index, pattern))
            yield from (path for path in found if path not in seen)
            seen.update(found)
        self._take_all(self._overlooked(seen))
        if not seen:
            hint = "newsbell profile build writes one"
            self._take(self._document, Finding(("profiles",), "no profile: nothing can match", hint, "warning"))

    def _nothing_found(self, index: int, pattern: str) -> Iterator[Finding]:
        """Why a pattern finds no profile; nothing for one that nobody wrote and that had nothing to find."""
        folder = barred(self._path.parent, pattern)
        if folder is not None:
            place = ("profiles", index) if "profiles" in self._raw else ("profiles",)
            yield Finding(place, f"{folder} may not be looked into", "check the folder's permissions")
        elif "profiles" in self._raw and isinstance(self._raw["profiles"][index], str):
            yield Finding(("profiles", index), "no such file", "newsbell profile build writes one")

    def _overlooked(self, seen: Collection[Path]) -> Iterator[Finding]:
        """Files beside the profiles that are called nearly like one."""
        for index, pattern in enumerate(self._patterns()):
            for path in overlooked(self._path.parent, pattern):
                if path not in seen:
                    message = f"{path} is not read: the pattern is {pattern}"
                    place = ("profiles", index) if "profiles" in self._raw else ("profiles",)
                    yield Finding(place, message, "give it the same ending, or name it here", "warning")

    def _profiles(self, paths: Sequence[Path], around: Surroundings) -> list[tuple[Profile, Document]]:
        """The profiles that are valid; the problems of all."""
        documents, profiles = [], []
        for path in paths:
            try:
                documents.append(read_document(path))
            except ConfigError as error:
                self._gathered["error"] += error.problems
                continue
            try:
                profiles.append((documents[-1].validate(Profile), documents[-1]))
            except ConfigError as error:
                self._gathered["error"] += error.problems
                for place, message, hint in check_salvaged(documents[-1], error.problems):
                    self._take(documents[-1], Finding(place, message, hint))
        for profile, document in profiles:
            for place, message, hint in check_profile(profile):
                self._take(document, Finding(place, message, hint))
        for document in documents:
            for finding in check_profile_file(document, around):
                self._take(document, finding)
        for document, finding in check_names(documents):
            self._take(document, finding)
        return profiles

    def _templates(self) -> Path | None:
        """The folder of the user's templates; None when there is none."""
        written = self._raw.get("templates")
        folder = self._folder / expand(written if isinstance(written, str) else DEFAULT_TEMPLATES, self._environment)
        if is_closed(folder):
            hint = "check the folder's permissions"
            self._take(self._document, Finding(("templates",), f"{folder} may not be looked into", hint))
        elif os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises for what may not be looked at
            return folder
        elif isinstance(written, str):
            self._take(self._document, Finding(("templates",), f"there is no folder {folder}"))
        return None

    def _take_all(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._take(self._document, finding)

    def _take(self, document: Document, finding: Finding) -> None:
        problem = document.problem(finding.place, finding.message, finding.hint)
        self._gathered[finding.weight].append(problem)


def check_salvaged(document: Document, problems: Sequence[Problem]) -> Iterator[Sense]:
    """What else is wrong with a profile that has ``problems``: what makes no sense in the sections without any."""
    raw = document.value if isinstance(document.value, dict) else {}
    wrong = {re.split(r"[.\[]", problem.key)[0] for problem in problems}
    if "concepts" in wrong:
        wrong.add("require")  # which names could be right cannot be told
    kept = {key: value for key, value in raw.items() if key not in wrong and key in keys_of(Profile)}
    profile = validated(Profile, {"name": "salvaged", "threshold": 1.0} | kept)
    weightless = wrong & {"concepts", "terms", "threshold"}
    for place, message, hint in check_profile(profile):
        if place[0] in kept and not (weightless and place[0] in ("threshold", "instant")):
            yield place, message, hint


def _template_problems(folder: Path | None, profiles: Iterable[tuple[Profile, Document]]) -> Iterator[Problem]:
    """What the renderer has against the templates: the user's, tried on samples, and the names that profiles use."""
    named = {profile.digest.template: document for profile, document in profiles}
    if not template_files(folder) and named.keys() <= {DEFAULT_TEMPLATE}:
        return  # the shipped one needs no look
    from alerts.apart import renderer

    for error in renderer(folder).check(named):
        if error.template in named:
            yield named[error.template].problem(("digest", "template"), "no digest can be rendered by this name")
        else:
            yield Problem(str((folder or Path()) / error.template), max(error.line, 1), 1, "", error.reason)
