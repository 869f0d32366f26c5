"""What each command prints, changes, and ends with."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from alerts.errors import DeliveryError
from alerts.fakes import RecordingChannel
from alerts.model import DeliveryState, Digest, Message, Receipt
from monitor import __version__
from monitor.app import Application
from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation, invoked
from monitor.cli.root import cli
from monitor.config.load import load
from monitor.errors import ConfigError
from tests.cli.conftest import Command
from tests.e2e.world import OFF_TOPIC, ON_TOPIC, FeedHost, Item, rss
from tests.monitor.config.privileges import modes_count


@pytest.mark.parametrize(
    ("options", "verbosity"), [(["-v"], 1), (["-vv"], 2), (["-q"], -1), (["--verbose"], 1), ([], 0)]
)
def test_how_much_is_said_may_stand_before_or_behind_the_command(options: list[str], verbosity: int) -> None:
    said: list[int] = []

    @click.command()
    @invoked
    def told(invocation: Invocation) -> None:
        said.append(invocation.verbosity)

    told.main(options, obj=Invocation(None, None, 0), standalone_mode=False)
    assert said == [verbosity]


def test_the_configuration_may_be_named_behind_the_command_too(newsbell: Command, config: Path, tmp_path: Path) -> None:
    newsbell("init", str(tmp_path / "other"), "-q")
    assert "7 feeds" in newsbell("check", "-c", str(tmp_path / "other")).out
    assert newsbell("feeds", "list", "-c", str(tmp_path / "nowhere"), check=3).err.count("nowhere") == 1


def test_v_behind_run_shows_what_was_found(newsbell: Command) -> None:
    assert "Laos" in newsbell("run", "-v", "--backlog", "20").out
    assert newsbell("status", "-q").out


def test_an_address_that_is_not_asked_comes_with_what_to_do(newsbell: Command) -> None:
    said = newsbell("feeds", "add", "http://127.0.0.1:9/feed", check=Exit.FAILED).err
    assert said == (
        "newsbell: 127.0.0.1 is not a public address, so it is not asked "
        '(if this is your own server, add "127.0.0.1:9" to fetch.allow_addresses)\n'
    )


def test_feeds_list_tells_how_each_is_doing(newsbell: Command, host: FeedHost) -> None:
    [before] = newsbell("feeds", "list", "--json").json()
    assert (before["title"], before["state"], before["entries"]) == ("Gazette", "new", 0)
    newsbell("run")
    [after] = newsbell("feeds", "list", "--json").json()
    assert list(after) == ["url", "title", "state", "entries", "last_status", "last_ok", "next_poll", "error", "loss"]
    assert (after["state"], after["entries"], after["last_status"], after["error"]) == ("ok", 5, 200, "")
    assert host.base in newsbell("feeds", "list").out


def test_a_feed_that_is_not_read_whole_is_named_though_it_is_well(newsbell: Command, host: FeedHost) -> None:
    host.pages["/a.xml"] = json.dumps({"items": [{"id": str(number)} for number in range(5_001)]}).encode()
    newsbell("run")
    loss = "it shows 5,001 entries: none is dated, and 5,000 at both ends are read"
    assert [feed["loss"] for feed in newsbell("feeds", "list", "--json").json()] == [loss]
    assert [feed["loss"] for feed in newsbell("status", "--json").json()["incomplete"]] == [loss]
    assert f"ok: Gazette ({host.base}/a.xml): {loss}" in newsbell("status").out
    assert newsbell("feeds", "check").out == f"ok: Gazette ({host.base}/a.xml): {loss}\n"
    assert newsbell("feeds", "check", "--json").json() == []


class Mute(RecordingChannel):
    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        raise DeliveryError("mail", "it does not read back", permanent=True)


def test_a_channel_that_nothing_can_be_composed_for_is_refused(config: Path) -> None:
    mail = "{type: email, host: localhost, security: none, from: a@example.org, to: [b@example.org]}"
    text = config.read_text(encoding="utf-8").replace("{type: file, dir: ../digests}", mail)
    config.write_text(text, encoding="utf-8")
    application = Application(load(config, {}))
    application.check_channels()
    application.channels = {"files": Mute("files")}
    with pytest.raises(ConfigError, match=r"newsbell\.yaml:8:10: channels\.files: .*it does not read back"):
        application.check_channels()


def test_feeds_check_sets_the_exit_code(newsbell: Command, host: FeedHost) -> None:
    newsbell("run")
    assert newsbell("feeds", "check").out == ""
    del host.pages["/a.xml"]
    newsbell("run", "--force", check=0)  # failed once: not beyond its limit
    assert "404" in newsbell("feeds", "check", check=4).out


def test_feeds_are_added_paused_and_removed_without_losing_a_comment(
    newsbell: Command, config: Path, host: FeedHost
) -> None:
    newsbell("feeds", "add", "--offline", "https://b.example/feed", "--title", "B")
    newsbell("feeds", "pause", "https://b.example/feed")
    paused = newsbell("feeds", "list", "--json").json()[1]
    assert (paused["state"], paused["next_poll"]) == ("paused", None)
    newsbell("feeds", "resume", "https://b.example/feed")
    text = config.read_text(encoding="utf-8")
    assert "b.example" in text
    newsbell("feeds", "remove", "https://b.example/feed")
    text = config.read_text(encoding="utf-8")
    assert "b.example" not in text
    assert "# the one feed of these tests" in text
    assert "# who asks" in text


def test_feeds_add_takes_a_sites_page(newsbell: Command, config: Path, host: FeedHost) -> None:
    link = b'<link rel="alternate" type="application/rss+xml" title="News" href="/b.xml">'
    more = link.replace(b"/b.xml", b"/c.xml")
    host.pages["/"] = b"<!doctype html><html><head>" + link + more + b"</head><body>Home</body></html>"
    host.pages["/b.xml"] = rss(OFF_TOPIC)
    host.pages["/none"] = b"<!doctype html><html></html>"
    assert f"{host.base}/b.xml" in newsbell("feeds", "discover", f"{host.base}/").out
    added = newsbell("feeds", "add", f"{host.base}/").err
    assert f"the page names 1 other feed: newsbell feeds discover {host.base}/" in added
    assert f"{host.base}/b.xml" in config.read_text(encoding="utf-8")
    assert "no feed was found" in newsbell("feeds", "discover", f"{host.base}/none", check=4).err
    newsbell("feeds", "add", f"{host.base}/nothing", check=1)


@pytest.mark.parametrize(
    ("page", "written"),
    [
        (rss(OFF_TOPIC, "The  Rice &amp; Trade\nPost"), ', title: "The Rice & Trade Post"}'),
        (rss(OFF_TOPIC, ""), "}"),
        (b"<rss version='2.0'>", "}"),  # it seems to be one
    ],
)
def test_a_feed_that_is_added_by_its_own_address_goes_by_its_own_title(
    newsbell: Command, config: Path, host: FeedHost, page: bytes, written: str
) -> None:
    host.pages["/b.xml"] = page
    newsbell("feeds", "add", f"{host.base}/b.xml")
    assert f'url: "{host.base}/b.xml"{written}\n' in config.read_text(encoding="utf-8")


def test_a_feed_that_is_switched_off_worries_nobody(newsbell: Command, config: Path, host: FeedHost) -> None:
    del host.pages["/a.xml"]
    newsbell("run", check=4)
    assert newsbell("feeds", "check", check=4).out
    newsbell("feeds", "pause", f"{host.base}/a.xml")
    assert newsbell("feeds", "check").out == ""
    status = newsbell("status", "--json").json()
    assert (status["feeds"], status["troubled"], status["next_poll"]) == ({"paused": 1}, [], None)
    assert "404" not in newsbell("status").out
    assert newsbell("schedule", "--json").json()["polls"] == []
    newsbell("feeds", "resume", f"{host.base}/a.xml")
    assert "404" in newsbell("feeds", "check", check=4).out


def test_a_pass_that_finds_nothing_due_says_when_something_is(newsbell: Command, config: Path, host: FeedHost) -> None:
    assert "(--force polls" not in newsbell("-v", "run").err
    said = newsbell("-v", "run").err
    assert re.search(
        r"no feed was due: the next one is at \d{4}-\d\d-\d\d \d\d:\d\d \(--force polls all of them now\)", said
    )
    assert newsbell("run").err == newsbell("-v", "run", "--dry-run").err == ""
    newsbell("feeds", "remove", f"{host.base}/a.xml")
    assert "newsbell feeds add ADDRESS" in newsbell("-v", "run").err


def test_opml_goes_out_and_comes_in(newsbell: Command, config: Path, tmp_path: Path) -> None:
    opml = tmp_path / "feeds.opml"
    newsbell("feeds", "export", "-o", str(opml))
    assert "a.xml" in newsbell("feeds", "export").out
    opml.write_text(opml.read_text(encoding="utf-8").replace("a.xml", "c.xml"), encoding="utf-8")
    newsbell("feeds", "import", str(opml))
    assert "c.xml" in config.read_text(encoding="utf-8")


def test_what_an_opml_file_names_and_cannot_be_watched_is_said(newsbell: Command, config: Path, tmp_path: Path) -> None:
    opml = tmp_path / "feeds.opml"
    outlines = "<outline XMLURL='https://a.example/f'/><outline xmlUrl='gopher://b.example/f'/>"
    opml.write_text(f"<opml><body>{outlines}</body></opml>")

    said = newsbell("feeds", "import", str(opml)).err

    assert "gopher://b.example/f" in said
    assert "added 1 of 1 feed" in said
    assert "https://a.example/f" in config.read_text(encoding="utf-8")


def test_entries_are_found_again_by_any_word(newsbell: Command) -> None:
    newsbell("run")
    [found] = newsbell("entries", "search", "rice", "--json").json()
    assert (found["title"], found["source"]) == (OFF_TOPIC[0].title, "Gazette")
    assert OFF_TOPIC[0].title in newsbell("entries", "search", "rice").out


def test_all_dead_letters_are_retried_and_what_a_list_leaves_out_is_said(newsbell: Command, config: Path) -> None:
    """However many there are: a page of the outbox is a thousand."""
    with closing(Application(load(config, {})).store) as store:
        now = datetime(2026, 3, 2, tzinfo=UTC)
        store.enqueue([Message(f"k{n}", "p", "files", "x", "s", b"", "t/t") for n in range(1003)], now)
        for each in store.claim(now, limit=1003, lease=timedelta(1)):
            store.settle(Receipt(each.message.key, now, DeliveryState.DEAD, 1, None, fence=each.fence))

    assert "3 older deliveries are not listed" in newsbell("outbox", "list").err
    assert "1,000 older deliveries" in newsbell("outbox", "list", "--state", "dead", "--limit", "3").err
    assert newsbell("outbox", "list", "--limit", "1003", "--json").err == ""
    assert newsbell("status", "--json").json()["outbox"] == {"dead": 1003}
    assert "1,003 deliveries are due again" in newsbell("outbox", "retry", "--dead").err


def test_a_digest_is_previewed_in_every_form_and_changes_nothing(newsbell: Command, tmp_path: Path) -> None:
    newsbell("run", "--backlog", "20")
    for form in ("text", "html", "eml"):
        assert ON_TOPIC[0].title in newsbell("digest", "pair", "--format", form).out.replace("=\n", "") or form == "eml"
    stories = json.loads(newsbell("digest", "pair", "--format", "json").out)["stories"]
    assert len(stories) == 2
    newsbell("digest", "pair", "--format", "html", "-o", str(tmp_path / "d.html"))
    assert "<html" in (tmp_path / "d.html").read_text(encoding="utf-8")
    assert len(newsbell("outbox", "list", "--json").json()) == 1


def test_a_digest_is_sent_now_on_request(newsbell: Command, tmp_path: Path) -> None:
    newsbell("run", "--backlog", "20")
    before = len(list((tmp_path / "digests").glob("*.json")))
    newsbell("digest", "pair", "--send")
    assert len(newsbell("outbox", "list", "--json").json()) == 2
    assert len(list((tmp_path / "digests").glob("*.json"))) >= before


def test_the_outbox_is_shown_and_a_delivery_by_the_beginning_of_its_id(newsbell: Command) -> None:
    assert newsbell("outbox", "list", "--json").json() == []
    newsbell("run", "--backlog", "20")
    [row] = newsbell("outbox", "list", "--json").json()
    assert (row["profile"], row["channel"], row["state"], row["attempts"]) == ("pair", "files", "sent", 1)
    assert row["id"][:12] in newsbell("outbox", "list").out
    assert "files" in newsbell("outbox", "show", row["id"][:8]).out
    assert newsbell("outbox", "show", row["id"], "--json").json()["id"] == row["id"]
    newsbell("outbox", "drop", row["id"])  # a sent one stays
    assert len(newsbell("outbox", "list", "--json").json()) == 1
    assert "no single delivery" in newsbell("outbox", "show", "zzz", check=2).err


def test_status_answers_on_one_screen(newsbell: Command) -> None:
    assert "No pass yet" in newsbell("status").out
    newsbell("run", "--backlog", "20")
    shown = newsbell("status").out
    assert "1 feed polled" in shown
    assert "1 sent" in shown
    assert len(shown.splitlines()) < 25
    status = newsbell("status", "--json").json()
    assert status["feeds"] == {"ok": 1}
    assert status["waiting"] == {"pair": 0}


def test_the_schedule_shows_what_comes(newsbell: Command, config: Path) -> None:
    profile = config.parent / "profiles" / "pair.yaml"
    profile.write_text(profile.read_text().replace("@run", "0 7 * * mon-fri"), encoding="utf-8")
    newsbell("run")
    plan = newsbell("schedule", "--next", "3", "--json").json()
    assert len(plan["digests"]["pair"]) == 3
    assert len(plan["polls"]) == 1
    assert "07:00" in newsbell("schedule").out


def test_healthcheck_fails_until_a_pass_has_ended(newsbell: Command) -> None:
    said = newsbell("healthcheck", check=1).err
    assert "no pass has ended yet: is the daemon running, or the cron line in place?" in said
    newsbell("run")
    newsbell("healthcheck")
    assert newsbell("healthcheck", "--json").json()["healthy"] is True
    newsbell("healthcheck", "--within", "soon", check=2)


def test_channel_test_sends_a_marked_message(newsbell: Command, tmp_path: Path) -> None:
    newsbell("channel", "test", "files")
    [page] = (tmp_path / "digests").glob("*.txt")
    assert "sample" in page.read_text(encoding="utf-8").lower()
    assert "Did you mean 'files'?" in newsbell("channel", "test", "file", check=2).err


def test_check_says_well_or_what_is_wrong(newsbell: Command, config: Path, host: FeedHost) -> None:
    assert "well (1 feed, 1 profile, 1 channel)" in newsbell("check").out
    newsbell("check", "--online")
    del host.pages["/a.xml"]
    assert "404" in newsbell("check", "--online", check=4).err
    config.write_text(config.read_text().replace("contact", "kontact"), encoding="utf-8")
    broken = newsbell("check", check=3).err
    assert 'newsbell.yaml:2:1: kontact: error: unknown key (did you mean "contact"?)' in broken
    assert "^" in broken


def test_a_check_asks_the_store_for_advice_once_there_is_one(
    newsbell: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Application, "advice", lambda self: ["passes are too far apart"])
    assert newsbell("check").err == ""
    newsbell("run")
    assert newsbell("check").err == "advice: passes are too far apart\n"


def test_warnings_of_a_command_are_for_a_person_at_a_terminal(newsbell: Command, config: Path) -> None:
    text = config.read_text(encoding="utf-8").replace("feeds:\n", 'feeds:\n  - {url: "http://10.0.0.1/x"}\n')
    config.write_text(text, encoding="utf-8")
    assert newsbell("status").err == ""
    assert "10.0.0.1/x" in newsbell("check").err


def test_the_version_comes_with_the_name_of_the_program(newsbell: Command) -> None:
    assert newsbell("--version").out == f"newsbell, version {__version__}\n"


def test_what_is_restored_is_a_file_that_is_there(newsbell: Command, tmp_path: Path) -> None:
    assert "is a directory" in newsbell("restore", str(tmp_path), check=Exit.USAGE).err
    assert "does not exist" in newsbell("restore", str(tmp_path / "gone.db"), check=Exit.USAGE).err


def test_online_a_channel_that_cannot_be_reached_is_a_failure(newsbell: Command, config: Path) -> None:
    """Nothing is sent to find that out; offline it is no mistake of the configuration."""
    desk = "desk: {type: email, host: 127.0.0.1, port: 1, security: none, from: bell@example.org, to: [a@example.org]}"
    config.write_text(config.read_text().replace("channels:", f"channels:\n  {desk}"), encoding="utf-8")
    newsbell("check")
    said = newsbell("check", "--online", check=Exit.FAILED).err
    assert said.startswith("newsbell: channel desk: ")
    assert "(127.0.0.1:1)" in said
    report = newsbell("check", "--online", "--json", check=Exit.FAILED).json()
    assert (report["valid"], report["failures"]) == (True, [said.removeprefix("newsbell: ").rstrip()])


def test_check_reports_as_json_whether_the_configuration_is_good_or_bad(newsbell: Command, config: Path) -> None:
    good = newsbell("check", "--json").json()
    assert good == {"valid": True, "errors": [], "warnings": [], "advice": [], "failures": []}
    config.write_text(config.read_text().replace("contact", "kontact"), encoding="utf-8")
    result = newsbell("check", "--json", check=3)
    bad = result.json()
    assert list(bad) == list(good)
    assert bad["valid"] is False
    [error] = bad["errors"]
    assert (error["line"], error["column"], error["key"], error["hint"]) == (2, 1, "kontact", 'did you mean "contact"?')
    assert "newsbell.yaml:2:1: kontact: error: " in result.err  # for people, as ever


def test_the_caret_stands_under_the_place_whatever_the_script(newsbell: Command, config: Path) -> None:
    """East Asian letters take two columns of a terminal, Lao vowel signs above and below none."""
    text = config.read_text(encoding="utf-8")
    for title, columns in (("Gazette", 7), ("日本経済新聞", 12), ("ໜັງສືພິມ", 5)):
        line = f'  - {{title: "{title}", url: 5}}'
        config.write_text(re.sub(r"^  - .*$", line, text, flags=re.MULTILINE), encoding="utf-8")
        shown, caret = re.findall(r"^    (.*)$", newsbell("check", check=3).err, re.MULTILINE)[:2]
        assert (shown, caret) == (line, " " * (len('  - {title: "", url: ') + columns) + "^")


def test_a_check_makes_no_store(newsbell: Command, tmp_path: Path) -> None:
    newsbell("check")
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("closed", ["there", "to be made"])
def test_a_check_says_that_no_store_could_be_made(newsbell: Command, tmp_path: Path, closed: str) -> None:
    """With the exit code of the pass that would fail on it."""
    folder = tmp_path / "state" if closed == "there" else tmp_path
    folder.mkdir(exist_ok=True)
    folder.chmod(0o500)
    with modes_count():
        said = newsbell("check", check=1).err
        newsbell("run", check=1)
    folder.chmod(0o700)
    assert said == f"newsbell: {tmp_path}/state/newsbell.db: cannot be made: check the permissions of {folder}\n"


def test_a_warning_says_that_it_is_one_and_advice_too(newsbell: Command, config: Path) -> None:
    text = config.read_text(encoding="utf-8").replace("contact:", "# contact:")
    config.write_text(text.replace("feeds:\n", 'feeds:\n  - {url: "http://10.0.0.1/x"}\n'), encoding="utf-8")
    said = newsbell("check").err
    assert re.search(r"^\S+newsbell\.yaml:5:11: feeds\[0\]\.url: warning: .+ \(add .+\)$", said, re.MULTILINE)
    assert re.search(r"^\S+newsbell\.yaml:1:1: contact: advice: is missing \(.+\)$", said, re.MULTILINE)


def test_init_writes_a_configuration_that_passes_its_check_and_overwrites_nothing(
    newsbell: Command, tmp_path: Path
) -> None:
    target = tmp_path / "mine"
    assert "crontab" in newsbell("init", str(target)).out
    first = (target / "newsbell.yaml").read_bytes()
    again = newsbell("init", str(target))
    assert "left as it is" in again.err
    assert (target / "newsbell.yaml").read_bytes() == first
    newsbell("-c", str(target / "newsbell.yaml"), "check")


@pytest.mark.parametrize("which", ["config", "profile"])
def test_schema_is_json_schema(newsbell: Command, which: str) -> None:
    said = newsbell("schema", which)
    assert said.json()["$schema"].startswith("http://json-schema.org/")
    assert said.out.endswith("\n}\n")


def test_scores_come_as_json_lines_whose_points_add_up(newsbell: Command, tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text(
        '{"id": "a", "title": "Laos and Japan", "text": "strategic partnership"}\n\n{"id": "b", "title": "Rice"}\n',
        encoding="utf-8",
    )
    lines = [json.loads(line) for line in newsbell("profile", "score", "pair", "--items", str(items)).out.splitlines()]
    assert [line["id"] for line in lines] == ["a", "b"]
    assert set(lines[0]) == {"id", "score", "threshold", "eligible", "matched", "parts"}
    assert sum(part["points"] for part in lines[0]["parts"]) == pytest.approx(lines[0]["score"])
    assert (lines[0]["matched"], lines[1]["matched"]) == (True, False)
    items.write_text("nonsense\n", encoding="utf-8")
    assert "items.jsonl:1" in newsbell("profile", "score", "pair", "--items", str(items), check=2).err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("stauts",), "Did you mean 'status'?"),
        (("digest", "pear"), "Did you mean 'pair'?"),
        (("digest", "pair", "--since", "lately"), "7d"),
        (("run", "--backlog", "0"), "backlog"),
        (("profile", "score", "pear", "--items", "-"), "Did you mean 'pair'?"),
    ],
)
def test_a_mistyped_command_ends_with_2_and_a_hint(newsbell: Command, arguments: tuple[str, ...], said: str) -> None:
    assert said in newsbell(*arguments, check=2).err


def test_what_was_collected_is_explained_as_the_pass_scored_it(
    newsbell: Command, config: Path, host: FeedHost, tmp_path: Path
) -> None:
    """The publisher behind a headline, whom only the feed names, and what feeds and parts a profile is limited to."""
    profile = config.parent / "profiles" / "pair.yaml"
    scope = f'scope: {{feeds: ["{host.base}/a.xml"], fields: [title, content]}}\n'
    text = profile.read_text(encoding="utf-8").replace("threshold: 3.0", "threshold: 0.5")
    profile.write_text(text.replace("require: [japan, laos]", "require: [laos]") + scope, encoding="utf-8")
    body = "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>Vientiane</content:encoded>"
    page = rss([Item("Laos signs - Japan Gazette", "A strategic partnership", 1)], "Japan Gazette")
    host.pages["/a.xml"] = page.replace(b"</item>", body.encode() + b"</item>")
    config.write_text(config.read_text(encoding="utf-8").replace(", title: Gazette", ""), encoding="utf-8")

    newsbell("run", "--backlog", "5")
    [story] = json.loads(newsbell("digest", "pair", "--json").out)["stories"]
    [told] = story["entries"]
    explained = newsbell("profile", "explain", "pair", told["id"], "--json").json()
    tested = newsbell("profile", "backtest", "pair", "--json").json()["backtest"]

    assert {part["label"] for part in told["parts"]} == {"laos"}
    assert explained["score"]["value"] == pytest.approx(told["score"], abs=1e-4)
    [(item, score)] = tested["hits"]
    assert (item["source"], score["value"]) == ("Japan Gazette", explained["score"]["value"])


def test_explain_says_why_and_why_not(newsbell: Command) -> None:
    assert "matches" in newsbell("profile", "explain", "pair", "--title", "Japan and Laos: strategic partnership").out
    shown = newsbell("profile", "explain", "pair", "--title", "Japan and Laos meet").out
    assert "short of" in shown
    assert "strategic partnership" in shown
    assert newsbell("profile", "explain", "pair", "--title", "Rice", "--json").json()["missing"]
    newsbell("profile", "explain", "pair", check=2)
    newsbell("run")
    [entry] = newsbell("entries", "search", "rice", "--json").json()
    assert entry["title"] in newsbell("profile", "explain", "pair", entry["id"]).out


def test_backtest_counts_what_would_have_been_told(newsbell: Command, config: Path, tmp_path: Path) -> None:
    newsbell("run")
    result = newsbell("profile", "backtest", "pair", "--json").json()["backtest"]
    assert (result["items"], len(result["hits"])) == (5, 2)
    assert "2 of 5 entries match" in newsbell("profile", "backtest", "pair").out
    stricter = tmp_path / "strict.yaml"
    text = (config.parent / "profiles" / "pair.yaml").read_text(encoding="utf-8")
    stricter.write_text(text.replace("threshold: 3.0", "threshold: 50.0"), encoding="utf-8")
    change = newsbell("profile", "backtest", str(stricter), "--against", "pair", "--json").json()["comparison"]
    assert (len(change["gained"]), len(change["lost"])) == (0, 2)
    items = tmp_path / "items.jsonl"
    items.write_text('{"title": "Laos and Japan: strategic partnership", "date": "2025-01-20"}\n', encoding="utf-8")
    assert "1 of 1 entry matches" in newsbell("profile", "backtest", "pair", "--items", str(items)).out


def test_judgements_become_a_proposal_that_is_applied_only_on_request(newsbell: Command, config: Path) -> None:
    newsbell("run")
    assert "judged entries are needed" in newsbell("profile", "tune", "pair").out
    entries = {entry["title"]: entry["id"] for entry in newsbell("entries", "search", "a", "--json").json()}
    entries |= {entry["title"]: entry["id"] for entry in newsbell("entries", "search", "i", "--json").json()}
    for item in ON_TOPIC:
        newsbell("profile", "label", "pair", entries[item.title], "off")
    for item in OFF_TOPIC[:2]:
        newsbell("profile", "label", "pair", entries[item.title], "off")
    profile = config.parent / "profiles" / "pair.yaml"
    before = profile.read_text(encoding="utf-8")
    shown = newsbell("profile", "tune", "pair").out
    assert "→" in shown
    assert profile.read_text(encoding="utf-8") == before
    newsbell("profile", "tune", "pair", "--apply")
    assert profile.read_text(encoding="utf-8") != before
    newsbell("check")
    newsbell("profile", "label", "pair", "zzz", "on", check=2)


def test_when_no_feed_can_be_read_the_network_is_suspected(newsbell: Command, config: Path, host: FeedHost) -> None:
    text = config.read_text(encoding="utf-8")
    line = f'  - {{url: "{host.base}/a.xml", title: Gazette}}'
    config.write_text(text.replace(line, line + "\n" + line.replace("a.xml", "b.xml")), encoding="utf-8")
    host.pages.clear()
    result = newsbell("run", check=4)
    assert "/a.xml: " in result.err
    assert "none of the 2 feeds" in result.err


def test_a_state_folder_that_cannot_be_made_is_said_in_one_line(newsbell: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = newsbell("--state-dir", str(tmp_path / "file" / "state"), "run", check=1)
    assert len(result.err.splitlines()) == 1
    assert "cannot be written (Not a directory)" in result.err


def test_every_mistake_of_a_profile_is_told_at_once(newsbell: Command, config: Path) -> None:
    profile = config.parent / "profiles" / "pair.yaml"
    text = (
        profile.read_text(encoding="utf-8").replace('"@run"', '"61 7 * * *"').replace("[japan, laos]", "[japn, laos]")
    )
    profile.write_text(text, encoding="utf-8")
    told = newsbell("check", check=3).err
    assert "digest.schedule" in told
    assert "japn" in told


def test_everything_that_reads_has_json(newsbell: Command, tmp_path: Path) -> None:
    newsbell("run", "--backlog", "20")
    items = tmp_path / "items.jsonl"
    items.write_text('{"id": "a", "title": "Laos and Japan"}\n', encoding="utf-8")
    assert len(newsbell("digest", "pair", "--json").json()["stories"]) == 2
    [feed] = newsbell("feeds", "export", "--json").json()
    assert (feed["title"], feed["interval_seconds"], feed["enabled"]) == ("Gazette", None, True)
    assert newsbell("profile", "score", "pair", "--items", str(items), "--json").json()["id"] == "a"
    assert newsbell("schema", "--json").json()["type"] == "object"


def summaries(group: click.Group, columns: int) -> Iterator[str]:
    """The lines on commands in the help of ``group`` and of the groups below it."""
    context = click.Context(group)
    below = {name: group.get_command(context, name) for name in group.list_commands(context)}
    for command in below.values():
        assert command is not None
        yield command.get_short_help_str(columns - 8 - max(map(len, below)))
        if isinstance(command, click.Group):
            yield from summaries(command, columns)


def test_no_summary_of_a_command_is_cut_off_on_a_terminal_of_80_columns() -> None:
    assert [line for line in summaries(cli, 80) if line.endswith("...")] == []


def commands(group: click.Group, path: str = "newsbell") -> Iterator[tuple[str, click.Command]]:
    """Every command below ``group`` with the words that call it."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def test_the_help_of_every_command_has_an_example_that_calls_it() -> None:
    for called, command in commands(cli):
        example = (command.help or "").partition("Example")[2].replace("newsbell -v ", "newsbell ")
        example = re.sub(r"newsbell -c \S+ (-v )?", "newsbell ", example)
        assert called in example, called


def test_a_reload_that_comes_before_the_daemon_listens_does_not_end_it(newsbell: Command, config: Path) -> None:
    config.write_text("feeds: [", encoding="utf-8")
    before = signal.getsignal(signal.SIGHUP)
    try:
        newsbell("daemon", check=3)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


class Unforeseen:
    """In the application's place: what nobody foresaw."""

    def __init__(self, *arguments: object, **options: object) -> None:
        raise ZeroDivisionError("a\nb")


def test_what_nobody_foresaw_is_one_line_and_its_traceback_is_kept(
    newsbell: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsbell("run")
    monkeypatch.setattr("monitor.app.Application", Unforeseen)
    kept = tmp_path / "state" / "last-error.txt"
    said = newsbell("run", check=1).err
    assert said == (f"newsbell: unexpected ZeroDivisionError: a b: a fault of Newsbell; its traceback is in {kept}\n")
    assert "Traceback" in kept.read_text(encoding="utf-8")
    assert "Traceback" in newsbell("-v", "run", check=1).err


def test_without_a_state_folder_the_traceback_is_shown_on_request(
    newsbell: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.app.Application", Unforeseen)
    assert newsbell("check", check=1).err.endswith("; -v shows its traceback\n")


def test_what_fails_before_the_state_folder_is_known_is_one_line_too(
    newsbell: Command, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text("feeds: [", encoding="utf-8")
    monkeypatch.setattr("monitor.config.load.load", Unforeseen)
    monkeypatch.setattr("monitor.config.load_settings", Unforeseen)
    assert newsbell("check", check=1).err.endswith("; -v shows its traceback\n")


def test_a_file_that_cannot_be_written_is_one_line(newsbell: Command, tmp_path: Path) -> None:
    wrong = tmp_path / "no" / "such" / "page.html"
    assert newsbell("digest", "pair", "-o", str(wrong), check=1).err == (
        f"newsbell: {wrong}: No such file or directory\n"
    )


def test_a_first_rehearsal_leaves_nothing_but_the_lock(newsbell: Command, tmp_path: Path) -> None:
    newsbell("run", "--backlog", "5", "--dry-run")
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["newsbell.lock"]


def test_a_pass_keeps_its_settings_and_a_command_that_reads_does_not(newsbell: Command, tmp_path: Path) -> None:
    kept = tmp_path / "state" / "settings.cache"
    newsbell("status")
    newsbell("check")
    assert not kept.exists()
    newsbell("run")
    assert kept.exists()
