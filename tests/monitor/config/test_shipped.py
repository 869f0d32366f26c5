"""The files that come with Newsbell: right as they are, for the program and for an editor."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, ValidationError

import monitor.config.model as config_model
import monitor.profiles.model as profile_model
from monitor.config import load_settings
from monitor.config.feeds import normal_url
from monitor.config.model import Config
from monitor.config.schema import json_schema, schema_text
from monitor.config.starter import starter_files
from monitor.config.values import format_duration, parse_duration
from monitor.errors import ConfigError
from monitor.yamldoc import Document
from monitor.yamldoc.section import Section
from tests.monitor.config.folders import CONFIG, PROFILE, write

SHIPPED = Path(__file__).parents[3] / "config"
MODELS = {**vars(config_model), **vars(profile_model), "config": Config, "profile": profile_model.Profile}
WITH_MODELINE = sorted(
    path
    for folder in (SHIPPED, SHIPPED.parent / "deploy")
    for path in folder.rglob("*.yaml")
    if (path.name == "newsbell.yaml" and path.parent.name == "config") or path.parent.name == "profiles"
)
MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


def schema_of(path: Path) -> dict[str, object]:
    """The schema that a file's first line names."""
    first = MODELINE.match(path.read_text(encoding="utf-8"))
    assert first is not None
    return json.loads((path.parent / first[1]).read_text(encoding="utf-8"))


class TestTheStarter:
    @pytest.fixture
    def folder(self, tmp_path):
        write(tmp_path, starter_files())
        return tmp_path

    def test_it_is_valid_as_written(self, folder):
        settings = load_settings(folder / "newsbell.yaml", {})
        assert settings.warnings == ()
        assert settings.feeds
        assert [loaded.profile.digest.channels for loaded in settings.profiles] == [("files",)]

    def test_its_examples_are_valid_when_uncommented(self, folder):
        config = folder / "newsbell.yaml"
        text = re.sub(r"^(\s*)# (contact:|mail:|hook:| {2}\w+:)", r"\1\2", config.read_text(), flags=re.MULTILINE)
        config.write_text(text)
        secrets = {"NEWSBELL_SMTP_PASSWORD": "x", "NEWSBELL_HOOK_SECRET": "whsec_YWJj"}
        settings = load_settings(config, secrets)
        assert set(settings.config.channels) == {"files", "mail", "hook"}
        assert settings.config.contact == "you@example.org"

    def test_an_editor_accepts_it(self, folder):
        for path in (folder / "newsbell.yaml", *folder.glob("profiles/*.yaml")):
            Draft7Validator(schema_of(path)).validate(yaml.safe_load(path.read_text()))

    def test_its_profile_finds_what_it_promises(self, folder):
        from monitor.profiles import Matcher

        matcher = Matcher([loaded.profile for loaded in load_settings(folder / "newsbell.yaml", {}).profiles])

        def matched(title: str) -> bool:
            (score,) = matcher.score(title=title, text="")
            return score.matched

        assert matched("Japan and Laos agree on a strategic partnership")
        assert not matched("Tokyo shares close higher")
        assert not matched("Japan beats Thailand in football friendly")


class TestTheShippedConfig:
    @pytest.fixture
    def config(self):
        document = Document.parse((SHIPPED / "newsbell.yaml").read_text(encoding="utf-8"), "newsbell.yaml")
        return document.validate(Config)

    def test_it_watches_at_least_twenty_five_feeds_in_the_languages_of_the_region(self, config):
        watched = [feed for feed in config.feeds if feed.enabled]
        assert len(watched) >= 25
        assert {feed.lang for feed in watched} >= {"en", "ja", "km"}
        assert all(feed.title and feed.lang for feed in config.feeds)

    def test_no_feed_stands_there_twice(self, config):
        urls = [normal_url(feed.url) for feed in config.feeds]
        assert len(urls) == len(set(urls))

    def test_every_feed_that_is_switched_off_has_its_reason_above(self):
        lines = (SHIPPED / "newsbell.yaml").read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if "enabled: false" in line:
                assert lines[number - 1].strip().startswith("# ")

    def test_it_needs_no_server(self, config):
        assert [channel.type for channel in config.channels.values()] == ["file"]

    @pytest.mark.parametrize("path", WITH_MODELINE, ids=lambda path: str(path.relative_to(SHIPPED.parent)))
    def test_an_editor_accepts_it_and_its_like(self, path):
        """Validates as YAML language servers do: with the schema that the first line names, beside the file."""
        Draft7Validator(schema_of(path)).validate(yaml.safe_load(path.read_text(encoding="utf-8")))

    def test_it_is_valid_as_a_whole(self):
        settings = load_settings(SHIPPED / "newsbell.yaml", {})
        assert (settings.warnings, settings.advice) == ((), ())
        assert settings.state_dir == SHIPPED.parent / "var"
        assert settings.profiles


class TestTheSchemas:
    @pytest.mark.parametrize(("which", "file"), [("config", "newsbell.json"), ("profile", "profile.json")])
    def test_the_shipped_ones_are_those_of_the_models(self, which, file):
        """To renew: newsbell schema config > config/schema/newsbell.json (and profile likewise)."""
        assert json.loads((SHIPPED / "schema" / file).read_text(encoding="utf-8")) == model_schema(which)

    @pytest.mark.parametrize("which", ["config", "profile"])
    def test_they_are_schemas(self, which):
        schema = json.loads(schema_text(which))
        Draft7Validator.check_schema(schema)
        assert schema["description"]

    @pytest.mark.parametrize(
        ("which", "text"),
        [("config", CONFIG), ("profile", PROFILE), ("config", "fetch: {interval: PT30M, max_bytes: 1000000}\n")],
    )
    def test_they_accept_what_is_right(self, which, text):
        Draft7Validator(model_schema(which)).validate(yaml.safe_load(text))

    @pytest.mark.parametrize(
        ("which", "text"),
        [
            ("config", "feed: []\n"),
            ("config", "fetch: {interval: 30}\n"),
            ("config", "feeds: [{title: x}]\n"),
            ("config", "feeds: [{url: example.org}]\n"),
            ("config", "channels: {desk: {type: e-mail}}\n"),
            ("config", "channels: {files: {type: file}}\n"),
            ("profile", PROFILE + "exclud: [x]\n"),
            ("profile", PROFILE.replace("1.0", "high")),
        ],
    )
    def test_they_refuse_what_is_wrong(self, which, text):
        with pytest.raises(ValidationError):
            Draft7Validator(model_schema(which)).validate(yaml.safe_load(text))

    @pytest.mark.parametrize("which", ["config", "profile"])
    def test_every_key_says_what_it_is_for(self, which):
        """An editor shows the description beside the key."""
        schema = model_schema(which)
        silent = [name for _, name, key in every_key(which) if not described(key, schema)]
        assert silent == []

    @pytest.mark.parametrize("which", ["config", "profile"])
    def test_the_loader_takes_every_default_that_they_name(self, which):
        """What an editor offers to fill in must be right."""
        taken = 0
        for section, name, key in every_key(which):
            if "default" in key:
                assert objections(MODELS[section or which], name, key["default"]) == []
                taken += 1
        assert taken >= 20

    @given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=36_500)))
    def test_any_length_of_time_is_written_as_it_is_read(self, span):
        whole = timedelta(seconds=span // timedelta(seconds=1))
        assert parse_duration(format_duration(whole)) == whole


model_schema = cache(json_schema)


def every_key(which: Literal["config", "profile"]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every key of a schema: the section that it belongs to ("" at the top), its name, what is said of it."""
    schema = model_schema(which)
    for section, of_section in {"": schema, **schema["definitions"]}.items():
        for name, key in keys(of_section).items():
            yield section, name, key


def described(key: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether an editor has something to show: the key's own words, or those of the section that it refers to."""
    referred = key.get("$ref", "").removeprefix("#/definitions/")
    return bool(key.get("description") or schema["definitions"].get(referred, {}).get("description"))


def objections(model: type[Section], name: str, default: object) -> list[str]:
    """What the loader has against a section with that value; what else the section needs is not asked."""
    try:
        Document.parse(json.dumps({name: default}), "x").validate(model)
    except ConfigError as error:
        return [str(problem) for problem in error.problems if problem.key.startswith(name)]
    return []


def keys(section: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The keys of a section, which may be one of several forms of a value."""
    forms = [section, *section.get("anyOf", ())]
    return {name: key for form in forms for name, key in form.get("properties", {}).items()}
