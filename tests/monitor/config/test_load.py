"""A valid configuration as a whole: what comes out of it, and what Newsbell remarks on."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from alerts import apart
from alerts.render import Renderer
from monitor.config import load_settings
from monitor.config.model import Config, EmailChannel, FileChannel
from monitor.config.sources import current_stamp, stamp
from monitor.errors import ConfigError
from monitor.model import Feed
from monitor.yamldoc import load as load_text
from tests.monitor.config.folders import CONFIG, PROFILE, load, write


class TestTheWhole:
    def test_defaults_are_those_of_the_documentation(self):
        config = load_text("feeds: []", file="f", model=Config)
        fetch = config.fetch
        assert (fetch.interval, fetch.timeout) == (timedelta(minutes=30), timedelta(seconds=30))
        assert (fetch.max_bytes, fetch.concurrency, fetch.per_host) == (10 * 2**20, 50, 2)
        assert config.retention.entries == timedelta(days=180)
        assert config.profiles == ("profiles/*.yaml",)

    def test_retention_is_read_as_written(self, tmp_path):
        kept = load(tmp_path, CONFIG + "retention: {entries: 30d, seen: 60d}\n").config.retention
        assert (kept.entries, kept.seen) == (timedelta(days=30), timedelta(days=60))

    def test_paths_are_relative_to_the_config(self, tmp_path):
        settings = load(tmp_path)
        assert settings.state_dir == tmp_path / "state"
        assert settings.store == tmp_path / "state/newsbell.db"
        assert settings.resolve("digests") == tmp_path / "digests"
        assert settings.resolve("/elsewhere") == Path("/elsewhere")
        assert settings.folder == tmp_path

    def test_feeds_come_in_the_order_of_the_file(self, tmp_path):
        more = "  - {url: 'https://example.org/2', interval: 2h, enabled: no}\nchannels:"
        settings = load(tmp_path, CONFIG.replace("channels:", more))
        assert settings.feeds == (
            Feed("https://example.org/feed", "Example", "en"),
            Feed("https://example.org/2", interval=timedelta(hours=2), enabled=False),
        )

    def test_profiles_come_with_their_file(self, tmp_path):
        (loaded,) = load(tmp_path).profiles
        assert loaded.profile.name == "laos"
        assert loaded.path == tmp_path / "profiles/laos.yaml"

    def test_a_profile_that_two_patterns_find_is_read_once(self, tmp_path):
        assert len(load(tmp_path, CONFIG + "profiles: [profiles/*.yaml, profiles/laos.yaml]\n").profiles) == 1

    def test_profiles_may_lie_anywhere(self, tmp_path):
        write(tmp_path / "other", {"deep/er/x.yaml": PROFILE.replace("laos\n", "other\n", 1)})
        patterns = f'profiles: [profiles/*.yaml, "{tmp_path}/other/**/*.yaml"]\n'
        names = [loaded.profile.name for loaded in load(tmp_path, CONFIG + patterns).profiles]
        assert names == ["laos", "other"]

    def test_a_mail_servers_port_is_the_one_that_is_written(self):
        text = "channels: {m: {type: email, host: h, port: 2525, security: none, from: a@b, to: [c@d, e@f]}}"
        channel = load_text(text, file="f", model=Config).channels["m"]
        assert isinstance(channel, EmailChannel)
        assert (channel.port, channel.to) == (2525, ("c@d", "e@f"))

    @pytest.mark.parametrize(("security", "port"), [("none", 25), ("starttls", 587), ("tls", 465)])
    def test_a_mail_servers_port_follows_from_its_security(self, security, port):
        text = f"channels: {{m: {{type: email, host: h, security: {security}, from: a@b, to: [c@d]}}}}"
        channel = load_text(text, file="f", model=Config).channels["m"]
        assert isinstance(channel, EmailChannel)
        assert (channel.port, channel.sender) == (port, "a@b")

    def test_a_file_channel_writes_every_format(self, tmp_path):
        channel = load(tmp_path).config.channels["files"]
        assert isinstance(channel, FileChannel)
        assert channel.formats == ("eml", "html", "txt", "json")

    def test_a_valid_config_has_nothing_remarked(self, tmp_path):
        settings = load(tmp_path)
        assert (settings.warnings, settings.advice) == ((), ())


class TestRemarks:
    def warnings(self, folder: Path, config: str = CONFIG, profile: str = PROFILE) -> list[str]:
        return [f"{one.key}: {one.message}" for one in load(folder, config, profile).warnings]

    def advice(self, folder: Path, config: str) -> list[str]:
        return [f"{one.key}: {one.message}" for one in load(folder, config).advice]

    def test_a_secret_in_the_file_is_accepted_with_a_warning(self, tmp_path):
        hook = "  hook: {type: webhook, url: 'https://example.org/hook', secret: whsec_c2VjcmV0}\n"
        assert self.warnings(tmp_path, CONFIG + hook) == ["channels.hook.secret: a secret stands in the file"]

    def test_a_feed_that_cannot_be_reached_is_warned_of(self, tmp_path):
        config = CONFIG.replace("example.org/feed", "10.0.0.1:8080/feed")
        (warning,) = load(tmp_path, config).warnings
        assert warning.hint == 'add "10.0.0.1:8080" to fetch.allow_addresses'

    @pytest.mark.parametrize("allowed", ["10.0.0.1:443", "10.0.0.0/8", '11.0.0.0/8", "10.0.0.1'])
    def test_a_feed_that_was_allowed_is_not(self, tmp_path, allowed):
        config = (
            CONFIG.replace("example.org/feed", "10.0.0.1/feed") + f'fetch: {{allow_addresses: ["a:1", "{allowed}"]}}\n'
        )
        assert self.warnings(tmp_path, config) == []

    def test_nor_one_that_is_switched_off(self, tmp_path):
        assert (
            self.warnings(tmp_path, CONFIG.replace("//example.org", "//[::1]").replace("lang: en", "enabled: false"))
            == []
        )

    @pytest.mark.parametrize("host", ["127.1", "2130706433", "1.2.3.4.5"])
    def test_an_address_in_an_odd_form_is_warned_of(self, tmp_path, host):
        config = CONFIG.replace("//example.org", f"//{host}")
        assert self.warnings(tmp_path, config) == ["feeds[0].url: is not an address in the usual form"]

    def test_a_public_address_is_as_good_as_a_name(self, tmp_path):
        assert self.warnings(tmp_path, CONFIG.replace("//example.org", "//9.9.9.9:8080")) == []

    def test_a_password_in_a_feeds_address_is_warned_of(self, tmp_path):
        (warning,) = load(tmp_path, CONFIG.replace("//example", "//me:hunter2@example")).warnings
        assert "user name" in warning.message
        assert "hunter2" not in f"{warning} {warning.source}"

    def test_a_profile_that_reaches_nobody_is_warned_of(self, tmp_path):
        profile = PROFILE.replace("digest: {channels: [files]}", "")
        assert self.warnings(tmp_path, profile=profile) == ["digest.channels: no channel: its digests reach nobody"]

    def test_a_list_whose_lines_were_all_taken_out_says_how_to_write_none(self, tmp_path):
        with pytest.raises(
            ConfigError, match=r"feeds: expected a list, got nothing \(the feeds to watch; write \[\] for"
        ):
            load_settings(write(tmp_path, {"newsbell.yaml": "feeds:\n  # - {url: https://example.org}\n"}), {})

    def test_a_config_without_feeds_or_profiles_is_warned_of(self, tmp_path):
        settings = load_settings(write(tmp_path, {"newsbell.yaml": "contact: a@b\n"}), {})
        assert [one.key for one in settings.warnings] == ["feeds", "profiles"]

    @pytest.mark.parametrize(
        ("more", "advised"),
        [
            ("fetch: {interval: 1m}\n", "fetch.interval: polls more often than most publishers welcome"),
            (
                "  mail: {type: email, host: smtp.example.org, security: none, from: a@b, to: [c@d]}\n",
                "channels.mail.security: mails, and the password if there is one, travel unencrypted",
            ),
        ],
    )
    def test_what_could_be_better_is_advised(self, tmp_path, more, advised):
        assert self.advice(tmp_path, CONFIG + more) == [advised]

    @pytest.mark.parametrize("count", [2, 9, 10])
    def test_up_to_ten_names_are_listed_in_order_where_none_is_near(self, tmp_path, count):
        names = [f"hook{number:02}" for number in range(count)]
        channels = "".join(f"  {name}: {{type: file, dir: {name}}}\n" for name in reversed(names))
        profile = PROFILE.replace("channels: [files]", "channels: [zzz]")
        with pytest.raises(ConfigError) as found:
            load(tmp_path, CONFIG.replace("channels:\n", f"channels:\n{channels}"), profile=profile)
        listed = f"there are: {', '.join(['files', *names])}" if count < 10 else ""
        assert [problem.hint for problem in found.value.problems] == [listed]

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_an_encrypted_way_needs_no_advice(self, tmp_path, security):
        mail = f"  mail: {{type: email, host: smtp.example.org, security: {security}, from: a@b, to: [c@d]}}\n"
        assert self.advice(tmp_path, CONFIG + mail) == []

    def test_a_mail_server_on_this_machine_needs_no_encryption(self, tmp_path):
        mail = "  mail: {type: email, host: localhost, security: none, from: a@b, to: [c@d]}\n"
        assert self.advice(tmp_path, CONFIG + mail) == []

    def test_publishers_like_to_know_whom_to_write_to(self, tmp_path):
        assert self.advice(tmp_path, CONFIG.replace("contact: desk@example.org\n", "")) == ["contact: is missing"]

    def test_the_same_feed_by_http_and_https_is_remarked(self, tmp_path):
        twin = '  - {url: "http://example.org/feed", interval: 1m}\nchannels:'
        assert self.advice(tmp_path, CONFIG.replace("channels:", twin)) == [
            "feeds[1].url: differs from feeds[0] only in http and https",
            "feeds[1].interval: polls more often than most publishers welcome",
        ]


CHAT_URL = "https://hooks.example/services/T00000000/B00000000/h7fk29dkqPz01mmWq8"


class TestSecrets:
    HOOK = CONFIG + "  hook: {type: webhook, url: 'https://example.org/hook', %s}\n"
    MAIL = CONFIG + "  desk: {type: email, host: h, username: me, %s from: a@b, to: [c@d]}\n"

    def secret(self, folder: Path, config: str, **environment: str) -> str:
        channel = list(load(folder, config, **environment).config.channels.values())[-1]
        found = getattr(channel, channel.secret_keys[-1])
        return found.reveal() if found else ""

    def test_it_comes_from_the_environment(self, tmp_path):
        assert self.secret(tmp_path, self.HOOK % "secret_env: HOOK", HOOK="whsec_YWJj") == "whsec_YWJj"

    def test_it_comes_from_the_first_line_of_a_file_beside_the_config(self, tmp_path):
        write(tmp_path, {"hook.key": "whsec_YWJj\r\nmore"})
        assert self.secret(tmp_path, self.HOOK % "secret_file: hook.key") == "whsec_YWJj"

    @pytest.mark.parametrize(
        ("key", "file"),
        [
            ("secret_env: HOOK_KEY", "HOOK_KEY"),
            ("secret_file: hook.key", "hook.key"),
            ("timeout: 5s", "hook.secret"),
        ],
    )
    def test_it_comes_from_the_credentials_of_the_service_manager(self, tmp_path, key, file):
        write(tmp_path / "credentials", {file: "whsec_YWJj\n"})
        credentials = str(tmp_path / "credentials")
        assert self.secret(tmp_path, self.HOOK % key, CREDENTIALS_DIRECTORY=credentials) == "whsec_YWJj"

    def test_a_pipe_is_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "hook.key")
        with pytest.raises(ConfigError, match=r"hook\.key: it is no ordinary file"):
            load(tmp_path, self.HOOK % "secret_file: hook.key")

    def test_a_mail_accounts_password_does_too(self, tmp_path):
        assert self.secret(tmp_path, self.MAIL % "password_env: SMTP,", SMTP="hunter2") == "hunter2"

    def test_a_webhook_may_do_without(self, tmp_path):
        assert self.secret(tmp_path, self.HOOK % "timeout: 5s") == ""

    def test_a_mail_account_may_not(self, tmp_path):
        with pytest.raises(ConfigError, match=r"channels\.desk\.password: is missing"):
            load(tmp_path, self.MAIL % "")

    @pytest.mark.parametrize(
        ("key", "files", "message"),
        [
            ("secret_env: HOOK,", {}, "the environment variable HOOK is not set"),
            ("secret_file: none.key,", {}, "No such file"),
            ("secret_file: empty.key,", {"empty.key": "\n"}, "is empty"),
            ("secret_file: profiles,", {}, "it is no ordinary file"),
            ("secret: 'whsec_',", {}, "a webhook's secret is whsec_ and base64"),
            ("secret: abcde,", {}, "a webhook's secret is whsec_ and base64"),
        ],
    )
    def test_what_is_wrong_with_it_is_told_at_its_key(self, tmp_path, key, files, message):
        write(tmp_path, files)
        with pytest.raises(ConfigError) as caught:
            load(tmp_path, self.HOOK % key.rstrip(","), HOOK="")
        (problem,) = caught.value.problems
        assert message in problem.message
        assert problem.key == f"channels.hook.{key.partition(':')[0]}"

    def webhook(self, folder: Path, keys: str, **environment: str) -> str:
        settings = load(folder, CONFIG + f"  hook: {{type: webhook, {keys}}}\n", **environment)
        assert settings.warnings == ()
        return settings.config.channels["hook"].url.reveal()

    def test_the_address_of_a_webhook_may_be_a_secret_too(self, tmp_path):
        write(tmp_path, {"hook.url": f"{CHAT_URL}\n"})
        assert self.webhook(tmp_path, "url_env: HOOK", HOOK=CHAT_URL) == CHAT_URL
        assert self.webhook(tmp_path, "url_file: hook.url") == CHAT_URL
        assert self.webhook(tmp_path, "url: 'https://example.org/hook'") == "https://example.org/hook"
        write(tmp_path / "credentials", {"hook.url": CHAT_URL})
        credentials = str(tmp_path / "credentials")
        assert self.webhook(tmp_path, "timeout: 5s", CREDENTIALS_DIRECTORY=credentials) == CHAT_URL

    def test_one_that_holds_a_token_is_better_kept_outside_and_shows_nowhere(self, tmp_path):
        settings = load(tmp_path, CONFIG + f"  hook: {{type: webhook, url: '{CHAT_URL}'}}\n")
        [warning] = settings.warnings
        assert (warning.key, warning.message) == ("channels.hook.url", "a secret stands in the file")
        assert "url_env" in warning.hint
        assert "h7fk29dk" not in repr(settings) + repr(warning)

    @pytest.mark.parametrize(
        ("keys", "key", "message"),
        [
            ("timeout: 5s", "url", "is missing"),
            ("url_env: HOOK", "url_env", "the environment variable HOOK is not set"),
            ("url_env: MAIL", "url_env", "a webhook needs an http or https address"),
            ("url_env: MAIL, url_file: x", "url_file", "url_env and url_file say the same thing"),
            ("url: 7", "url", "expected text, got the number 7"),
        ],
    )
    def test_what_is_wrong_with_an_address_is_told_at_its_key(self, tmp_path, keys, key, message):
        with pytest.raises(ConfigError) as caught:
            load(tmp_path, CONFIG + f"  hook: {{type: webhook, {keys}}}\n", HOOK="", MAIL="hunter2@example.org")
        [problem] = caught.value.problems
        assert (problem.key, problem.message) == (f"channels.hook.{key}", message)
        assert "hunter2" not in f"{problem} {problem.source}"

    def test_a_file_that_is_no_text_is_told(self, tmp_path):
        (tmp_path / "raw.key").write_bytes(b"\xff\xfe")
        with pytest.raises(ConfigError, match="not UTF-8"):
            load(tmp_path, self.HOOK % "secret_file: raw.key")

    def test_unreadable_credentials_are_as_good_as_none(self, tmp_path):
        (tmp_path / "HOOK").write_bytes(b"\xff\xfe")
        with pytest.raises(ConfigError, match="HOOK is not set"):
            load(tmp_path, self.HOOK % "secret_env: HOOK", CREDENTIALS_DIRECTORY=str(tmp_path))

    def test_a_ping_must_be_a_web_address_and_is_no_great_secret(self, tmp_path):
        settings = load(tmp_path, CONFIG + "ping: {url: 'https://ping.example.org/x'}\n")
        assert settings.warnings == ()
        with pytest.raises(ConfigError, match=r"ping\.url_env: a ping needs an http or https address"):
            load(tmp_path, CONFIG + "ping: {url_env: PING}\n", PING="hunter2")

    def test_no_planted_secret_shows_anywhere(self, tmp_path):
        config = """\
channels:
  a: {type: email, host: h, username: u, password: hunter2, from: a@b, to: [c@d]}
  b: {type: webhook, url: "https://u:hunter2@example.org", secret: hunter2, prot: 1}
  c: {type: apprise, url: "tgram://hunter2/chat", prot: 1}
  d: {type: apprise, url_env: CHAT}
ping: {url: hunter2}
"""
        with pytest.raises(ConfigError) as caught:
            load(tmp_path, config, CHAT="hunter2")
        shown = "".join(f"{one} {one.source}" for one in caught.value.problems)
        assert "hunter2" not in shown
        settings = load(tmp_path, CONFIG + "  e: {type: webhook, url: 'https://x', secret: whsec_aHVudGVyMg==}\n")
        assert "aHVudGVyMg" not in repr(settings)

    def test_an_apprise_channel_needs_apprise(self, tmp_path, monkeypatch):
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(ConfigError, match=r"Apprise is not installed \(pip install 'newsbell\[apprise\]'\)"):
            load(tmp_path, CONFIG + "  chat: {type: apprise, url_env: CHAT}\n", CHAT="slack://a/b/c")

    def test_an_apprise_address_is_checked_roughly(self, tmp_path, monkeypatch):
        monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
        config = CONFIG + "  chat: {type: apprise, url_env: CHAT}\n"
        assert self.secret(tmp_path, config, CHAT="slack://a/b/c") == "slack://a/b/c"
        with pytest.raises(ConfigError, match=r"looks like slack://\.\.\."):
            load(tmp_path, config, CHAT="slack")


class TestTemplates:
    @pytest.fixture(autouse=True)
    def _tried_in_this_process(self, monkeypatch):
        monkeypatch.setattr(apart, "ApartRenderer", Renderer)

    def test_the_folder_beside_the_config_is_used_when_it_is_there(self, tmp_path):
        assert load(tmp_path).templates is None
        (tmp_path / "templates").mkdir()
        assert load(tmp_path).templates == tmp_path / "templates"

    def test_a_profile_may_use_a_template_of_the_users(self, tmp_path):
        write(tmp_path, {"templates/letter.txt.j2": "{{ digest.title }}\n"})
        profile = PROFILE.replace("{channels", "{template: letter, channels")
        assert load(tmp_path, profile=profile).profiles[0].profile.digest.template == "letter"

    @pytest.mark.parametrize("folder", [{}, {"templates/le.tter.txt.j2": "fine"}])
    def test_a_name_that_no_digest_could_be_rendered_by_is_a_mistake_of_the_profile(self, tmp_path, folder):
        write(tmp_path, folder)
        profile = PROFILE.replace("{channels", "{template: le.tter, channels")
        with pytest.raises(ConfigError) as caught:
            load(tmp_path, profile=profile)
        assert {problem.key for problem in caught.value.problems} == {"digest.template"}

    def test_a_broken_template_is_told_with_its_line(self, tmp_path):
        write(tmp_path, {"templates/letter.txt.j2": "fine\n{% if %}\n"})
        with pytest.raises(ConfigError) as caught:
            load(tmp_path)
        (problem,) = caught.value.problems
        assert (problem.file, problem.line) == (str(tmp_path / "templates/letter.txt.j2"), 2)


class TestSalvaged:
    """A profile with a mistake is still looked at for others, so that all are told at once."""

    def told(self, folder: Path, profile: str) -> list[tuple[str, str]]:
        with pytest.raises(ConfigError) as caught:
            load(folder, CONFIG, profile)
        return [(problem.key, problem.message) for problem in caught.value.problems]

    def test_sections_without_a_mistake_are_judged(self, tmp_path):
        senseless = 'terms: [{term: "!?", weight: 1}]\nexclude: ["…"]\nscope: {langs: [english]}\ntitel: x\n'
        assert self.told(tmp_path, PROFILE + senseless) == [
            ("terms[0].term", '"!?" holds no letter or digit, so it can never be found'),
            ("exclude[0]", '"…" holds no letter or digit, so it can never be found'),
            ("scope.langs[0]", 'no language has the code "english"'),
            ("titel", "unknown key"),
        ]

    def test_what_hangs_on_a_section_with_a_mistake_is_not(self, tmp_path):
        """Whether a name in require is right, or a threshold within reach, cannot be told then."""
        assert self.told(tmp_path, PROFILE.replace("country: LA", "country: Laos") + "instant: 900.0\n") == [
            ("concepts.laos.country", '"Laos" is not allowed here')
        ]
        assert ("threshold", "nothing in this profile gives points, so it can never match") in self.told(
            tmp_path, "name: laos\nthreshold: 1.0\ntitel: x\n"
        )

    @pytest.mark.parametrize("mistake", ["1: x", "titel: x", "title: &a x", "title: a\ntitle: b", "title: !!int x"])
    def test_whatever_the_mistake_is(self, tmp_path, mistake):
        told = self.told(tmp_path, PROFILE + f'exclude: ["!?"]\n{mistake}\n')
        assert ("exclude[0]", '"!?" holds no letter or digit, so it can never be found') in told
        assert len(told) == 2


class TestChanges:
    def test_nothing_changed_is_seen_as_such(self, tmp_path):
        settings = load(tmp_path)
        assert current_stamp(settings) == settings.stamp

    @pytest.mark.parametrize(
        "file", ["newsbell.yaml", "profiles/laos.yaml", "profiles/new.yaml", "templates/x.html.j2"]
    )
    def test_a_changed_or_new_file_is_seen(self, tmp_path, file):
        (tmp_path / "templates").mkdir()
        settings = load(tmp_path)
        path = tmp_path / file
        path.touch()
        os.utime(path, ns=(1, 1))
        assert current_stamp(settings) != settings.stamp

    def test_a_file_that_goes_while_it_is_looked_at_is_as_good_as_gone(self, tmp_path):
        assert stamp([tmp_path / "gone"]) == ()

    def test_a_file_that_went_is_seen(self, tmp_path):
        settings = load(tmp_path)
        (tmp_path / "profiles/laos.yaml").unlink()
        assert current_stamp(settings) != settings.stamp
