"""What commands that change something say and leave behind; what they say when they cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.exits import Exit
from tests.cli.conftest import Office, Result


def read(shown: Result) -> Any:
    return json.loads(shown.out)


def states(office: Office) -> dict[str, str]:
    return {row["id"][0]: row["state"] for row in read(office("outbox", "list", "--json"))}


@pytest.mark.parametrize(
    ("arguments", "said", "after"),
    [
        (("retry", "2", "3"), "2 deliveries are due again.\n", {"4": "pending", "3": "pending", "2": "pending"}),
        (("retry", "--dead"), "1 delivery is due again.\n", {"4": "pending", "3": "pending", "2": "failed"}),
        (("retry", "1"), "0 deliveries are due again.\n", {"4": "pending", "3": "dead", "2": "failed"}),
        (("drop", "2", "3"), "2 deliveries dropped.\n", {"4": "pending"}),
        (("drop", "1"), "0 deliveries dropped.\n", {"4": "pending", "3": "dead", "2": "failed"}),
        (("drop", "4"), "1 delivery dropped.\n", {"3": "dead", "2": "failed"}),
    ],
)
def test_steering_touches_what_is_named_and_never_what_was_sent(
    office: Office, arguments: tuple[str, ...], said: str, after: dict[str, str]
) -> None:
    assert office("outbox", *arguments).err == said
    assert states(office) == {**after, "1": "sent"}


def test_who_wants_quiet_hears_nothing_of_what_went_well(office: Office) -> None:
    for arguments in (
        ("outbox", "retry", "2"),
        ("outbox", "drop", "2"),
        ("feeds", "pause", "https://post.example/rss"),
        ("feeds", "resume", "https://post.example/rss"),
        ("feeds", "add", "--offline", "https://new.example/rss"),
        ("feeds", "remove", "https://new.example/rss"),
        ("profile", "label", "pair", "bb", "off"),
        ("check",),
        ("store", "migrate"),
    ):
        shown = office("-q", *arguments)
        assert (shown.out, shown.err) == ("", ""), arguments


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("feeds", "pause", "https://post.example/rss"), "paused https://post.example/rss\n"),
        (("feeds", "resume", "https://echo.example/rss"), "resumed https://echo.example/rss\n"),
        (("feeds", "remove", "https://post.example/rss"), "removed https://post.example/rss\n"),
        (("feeds", "add", "--offline", "https://post.example/rss"), "https://post.example/rss was there already\n"),
        (("feeds", "add", "--offline", "https://new.example/rss"), "added https://new.example/rss\n"),
        (("profile", "label", "pair", "bb", "off"), "off: Vientiane concert with Japan\n"),
        (("store", "migrate"), "the store is up to date\n"),
    ],
)
def test_a_change_is_confirmed_in_one_line(office: Office, arguments: tuple[str, ...], said: str) -> None:
    shown = office(*arguments)
    assert (shown.out, shown.err) == ("", said)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("feeds", "remove", "https://no.example/rss"), Exit.FAILED, "there is no feed https://no.example/rss"),
        (("profile", "label", "pair", "zz", "off"), Exit.USAGE, "no single entry begins with 'zz'"),
        (("profile", "explain", "pair", "zz"), Exit.USAGE, "no single entry begins with 'zz'"),
        (("profile", "explain", "pair"), Exit.USAGE, "give the ID of a collected entry, or --title"),
        (
            ("profile", "explain", "pair", "bb", "--title", "x"),
            Exit.USAGE,
            "give the ID of a collected entry, or --title",
        ),
        (
            ("profile", "explain", "pear", "bb"),
            Exit.USAGE,
            "no profile is called 'pear' and no file either. Did you mean",
        ),
        (("digest", "pear"), Exit.USAGE, "no profile is called 'pear'. Did you mean 'pair'?"),
        (("channel", "test", "file"), Exit.USAGE, "no channel is called 'file'. Did you mean 'files'?"),
        (("healthcheck", "--within", "7 moons"), Exit.USAGE, "'7 moons' is not a span of time such as 7d, 12h or 30m"),
        (("healthcheck", "--within", "999999999w"), Exit.USAGE, "'999999999w' is too long a span of time"),
        (("store", "copy", "env:NOT_SET_HERE", "x.db"), Exit.USAGE, "the environment variable NOT_SET_HERE is not set"),
        (("worker",), Exit.USAGE, "workers share a PostgreSQL store"),
        (("profile", "score", "pair", "--items", "none.jsonl"), Exit.USAGE, "cannot read none.jsonl"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_mistake_is_named(office: Office, arguments: tuple[str, ...], code: Exit, said: str) -> None:
    shown = office(*arguments, code=code)
    assert said in shown.err
    assert shown.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("worker", "--probes", "8081x"), "'8081x' is not an address such as 0.0.0.0:8081"),
        (("worker", "--probes", ""), "'' is not an address such as 0.0.0.0:8081"),
        (("worker", "--jobs", "0"), "0 is not in the range 1<=x<=64"),
        (("worker", "--jobs", "65"), "65 is not in the range 1<=x<=64"),
        (("worker", "--shards", "4097"), "4097 is not in the range 1<=x<=4096"),
        (("restore", "newsbell.yaml"), "the store is a PostgreSQL database: restore it with that server's own tools"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_with_a_database_a_mistake_is_named_before_it_is_asked(
    office: Office, tmp_path: Path, arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "office")
    config = tmp_path / "office" / "newsbell.yaml"
    database = "store: postgresql://newsbell@127.0.0.1:1/newsbell\n"
    config.write_text(config.read_text(encoding="utf-8") + database, encoding="utf-8")
    assert said in office(*arguments, code=Exit.USAGE).err


@pytest.mark.parametrize(
    ("since", "told", "waiting"), [("3d", ["aaaa", "bbbb"], 0), ("1h", ["bbbb"], 0), ("10m", [], 1)]
)
def test_sent_now_it_reaches_back_as_far_as_it_is_told_and_waits_no_more(
    office: Office, tmp_path: Path, since: str, told: list[str], waiting: int
) -> None:
    """Its files are called after the profile and the end of the window, in UTC; a later digest leaves it out."""
    office("-q", "outbox", "drop", "2", "3", "4")
    assert office("digest", "pair", "--send", "--since", since).err == "1 message sent\n"
    folder = tmp_path / "office" / "digests"
    stem = "pair-2026-03-02T070000Z"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{stem}.{kind}" for kind in ("eml", "html", "json", "txt")
    ]
    stories = json.loads((folder / f"{stem}.json").read_text(encoding="utf-8"))["stories"]
    assert [story["entries"][0]["id"][:4] for story in stories] == told
    assert read(office("status", "--json"))["waiting"] == {"pair": waiting, "rice": 1}


def test_what_is_sent_to_a_channel_that_is_gone_is_said_and_kept(office: Office) -> None:
    """The messages that waited for it go nowhere; the others do."""
    shown = office("digest", "pair", "--send", "--since", "3d", code=Exit.FAILED)
    gone = "no such channel in the configuration; add it again, or `newsbell outbox drop` this delivery"
    assert sorted(shown.err.splitlines()) == ["1 message sent", f"newsbell: hook to https://example.org/hook: {gone}"]
    assert states(office) | {"4": "failed", "2": "failed", "3": "dead", "1": "sent"} == states(office)


@pytest.mark.parametrize(
    ("addresses", "said", "skipped"),
    [
        (["https://new.example/f"], "added 1 of 1 feed\n", []),
        (
            ["https://new.example/f", "https://post.example/rss"],
            "added 1 of 2 feeds; what is missing was there already\n",
            [],
        ),
        (["https://post.example/rss"], "added 0 of 1 feed; what is missing was there already\n", []),
        (
            ["gopher://a.example/", "https://new.example/f"],
            "newsbell: not added, as it is no address of the web: gopher://a.example/\nadded 1 of 1 feed\n",
            ["gopher"],
        ),
    ],
)
def test_what_was_imported_is_counted_and_what_was_not_is_named(
    office: Office, tmp_path: Path, addresses: list[str], said: str, skipped: list[str]
) -> None:
    opml = tmp_path / "theirs.opml"
    outlines = "".join(f"<outline xmlUrl='{address}' title='T'/>" for address in addresses)
    opml.write_text(f"<opml><body>{outlines}</body></opml>", encoding="utf-8")
    assert office("feeds", "import", str(opml)).err == said
    kept = [feed["url"] for feed in read(office("feeds", "export", "--json"))]
    assert sorted(set(addresses) & set(kept)) == sorted(each for each in addresses if "gopher" not in each)
    assert len(kept) == len(set(kept))


def test_what_is_exported_to_a_file_can_be_imported_elsewhere(office: Office, tmp_path: Path) -> None:
    target = tmp_path / "ours.opml"
    shown = office("feeds", "export", "-o", str(target))
    assert (shown.out, shown.err) == ("", "")
    office("-q", "feeds", "remove", "https://post.example/rss")
    assert office("feeds", "import", str(target)).err == "added 1 of 7 feeds; what is missing was there already\n"
    as_json = tmp_path / "ours.json"
    office("feeds", "export", "--json", "-o", str(as_json))
    assert [feed["title"] for feed in json.loads(as_json.read_text(encoding="utf-8"))][-1] == "Post"


def test_a_test_message_is_confirmed_and_stands_nowhere_in_the_outbox(office: Office, tmp_path: Path) -> None:
    before = states(office)
    assert office("channel", "test", "files").out == "files: the test message was accepted\n"
    assert len(list((tmp_path / "office" / "digests").glob("*.txt"))) == 1
    assert states(office) == before
    assert office("-q", "channel", "test", "files").out == ""


def test_a_test_message_that_is_not_accepted_says_why(office: Office, tmp_path: Path) -> None:
    (tmp_path / "office" / "digests").symlink_to("/proc/unmounted")
    shown = office("channel", "test", "files", code=Exit.FAILED)
    assert (shown.out, shown.err.startswith("newsbell: files to /proc/unmounted: ")) == ("", True)
