"""What a person reads on the screen, word for word: nothing of it is left out, mixed up, or at another hour's time."""

from __future__ import annotations

import io
import json
import re
import shutil
from contextlib import redirect_stdout
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from monitor.cli.exits import Exit
from monitor.cli.root import run
from tests.cli.conftest import Office, Result
from tests.cli.office import LOSS


def screen(text: str) -> str:
    return dedent(text).removeprefix("\n")


SCREENS: dict[tuple[str, ...], str] = {
    ("status",): f"""
        Last pass   2026-03-02 15:45: 6 feeds polled, 2 failed, 3 new entries, 2 matched, 1 message sent
        Feeds       7: 1 ok, 1 failing, 1 silent, 1 moved, 1 gone, 1 paused, 1 new
                    ok: Gazette (https://gazette.example/rss): {LOSS}
                    failing: Herald (https://herald.example/rss): answered 503
                    silent: Courier (https://courier.example/rss): nothing new since 2026-01-21
                    gone: Mirror (https://mirror.example/rss): is gone
        Digest      pair: next 2026-03-03 07:00 (Asia/Vientiane), 1 entry waiting
        Digest      rice: next with the next find (UTC), 1 entry waiting
        Outbox      1 dead, 1 failed, 1 pending, 1 sent
        """,
    ("feeds", "list"): f"""
        state|title|entries|last ok|next poll|url|error
        ok|Gazette|3|2026-03-02 15:45|2026-03-02 16:15|https://gazette.example/rss|{LOSS}
        failing|Herald|0|2026-02-27 16:00|2026-03-02 19:00|https://herald.example/rss|answered 503
        silent|Courier|1|2026-03-02 15:45|2026-03-02 16:15|https://courier.example/rss|nothing new since 2026-01-21
        moved|Post|0|2026-03-02 15:45|2026-03-02 16:15|https://post.example/rss|
        gone|Mirror|0|-|-|https://mirror.example/rss|is gone
        paused|Echo|0|-|-|https://echo.example/rss|
        new|Star|0|-|2026-03-02 16:00|https://star.example/rss|
        """,
    ("schedule",): """
        Digests of pair (Asia/Vientiane): 0 7 * * mon-fri
          2026-03-03 07:00
          2026-03-04 07:00
          2026-03-05 07:00
          2026-03-06 07:00
          2026-03-09 07:00
        Digests of rice (UTC): @run
        Polls
          2026-03-02 16:00  https://star.example/rss
          2026-03-02 16:15  https://courier.example/rss
          2026-03-02 16:15  https://gazette.example/rss
          2026-03-02 16:15  https://post.example/rss
          2026-03-02 19:00  https://herald.example/rss
        """,
    ("schedule", "--next", "1"): """
        Digests of pair (Asia/Vientiane): 0 7 * * mon-fri
          2026-03-03 07:00
        Digests of rice (UTC): @run
        Polls
          2026-03-02 16:00  https://star.example/rss
        """,
    ("entries", "search", "laos"): """
        id|date|title|link
        cccccccccccccccc|2026-03-02 14:30|Rice prices steady in Laos|https://gazette.example/12
        aaaaaaaaaaaaaaaa|2026-02-28 15:00|Laos and Japan agree on strategic partnership|https://gazette.example/10
        """,
    ("entries", "search", "rice", "prices"): """
        id|date|title|link
        cccccccccccccccc|2026-03-02 14:30|Rice prices steady in Laos|https://gazette.example/12
        """,
    ("entries", "search", "weather"): """
        id|date|title|link
        """,
    ("outbox", "list"): """
        id|profile|channel|recipient|state|attempts|next try|error
        444444444444|pair|hook|https://example.org/hook|pending|0|2026-03-02 15:55|
        333333333333|pair|desk|reader3@example.org|dead|9|-|550 refused
        222222222222|pair|desk|reader2@example.org|failed|2|2026-03-02 16:05|451 later
        111111111111|pair|desk|reader1@example.org|sent|1|-|
        """,
    ("outbox", "list", "--state", "dead", "--state", "failed"): """
        id|profile|channel|recipient|state|attempts|next try|error
        333333333333|pair|desk|reader3@example.org|dead|9|-|550 refused
        222222222222|pair|desk|reader2@example.org|failed|2|2026-03-02 16:05|451 later
        """,
    ("outbox", "show", "33"): """
        id:        33333333333333333333333333333333
        profile:   pair
        channel:   desk
        recipient: reader3@example.org
        subject:   Pair (3): Laos and Japan
        state:     dead
        attempts:  9
        created:   2026-03-02 15:53
        next:      -
        error:     desk: 550 refused

        From: bell@example.org
        Subject: 3

        letter 3

        """,
    ("profile", "explain", "pair", "bb"): """
        Vientiane concert with Japan
        matches: 4.6 points, 3.0 needed
           +1.29  concept: japan (title): "Japan"
           +1.29  concept: laos (title): "Vientiane"
           +2.00  term: 70th anniversary (summary)
        """,
    ("profile", "explain", "pair", "cc"): """
        Rice prices steady in Laos
        does not match: a requirement is not met, and 1.7 points short
           +1.29  concept: laos (title): "Laos"
          missing: names no japan
          not found: strategic partnership (+3.0), 70th anniversary (+2.0)
        """,
    ("profile", "explain", "rice", "--title", "Weather", "--text", "Rain over the rice fields"): """
        Weather
        matches: 1.5 points, 1.0 needed
           +1.50  term: rice (summary)
        """,
    ("check",): """
        FOLDER/newsbell.yaml: well (7 feeds, 2 profiles, 1 channel)
        """,
    ("healthcheck", "--within", "5m"): "",
}


@pytest.mark.parametrize("arguments", SCREENS, ids=" ".join)
def test_what_a_command_shows(office: Office, arguments: tuple[str, ...]) -> None:
    shown = office(*arguments)
    assert (shown.out, shown.err) == (screen(SCREENS[arguments]), "")


FRESH: dict[tuple[str, ...], str] = {
    ("status",): """
        No pass yet. Start with: newsbell -v run --backlog 20
        Feeds       7: 6 new, 1 paused
        Digest      pair: next 2026-03-03 07:00 (Asia/Vientiane), 0 entries waiting
        Digest      rice: next with the next find (UTC), 0 entries waiting
        Outbox      empty
        """,
    ("schedule", "--next", "1"): """
        Digests of pair (Asia/Vientiane): 0 7 * * mon-fri
          2026-03-03 07:00
        Digests of rice (UTC): @run
        Polls
          2026-03-02 16:00  https://courier.example/rss
        """,
    ("feeds", "list"): """
        state|title|entries|last ok|next poll|url|error
        new|Gazette|0|-|2026-03-02 16:00|https://gazette.example/rss|
        new|Herald|0|-|2026-03-02 16:00|https://herald.example/rss|
        new|Courier|0|-|2026-03-02 16:00|https://courier.example/rss|
        new|Post|0|-|2026-03-02 16:00|https://post.example/rss|
        new|Mirror|0|-|2026-03-02 16:00|https://mirror.example/rss|
        paused|Echo|0|-|-|https://echo.example/rss|
        new|Star|0|-|2026-03-02 16:00|https://star.example/rss|
        """,
    ("feeds", "check"): "",
    ("entries", "search", "laos"): """
        id|date|title|link
        """,
    ("profile", "backtest", "pair"): """
        0 of 0 entries match (threshold 3)

        best matches: none

        nearest below: none
        """,
}


@pytest.mark.parametrize("arguments", FRESH, ids=" ".join)
def test_what_a_command_shows_before_the_first_pass(office: Office, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    shutil.rmtree(tmp_path / "office" / "state")
    shown = office(*arguments)
    assert (shown.out, shown.err) == (screen(FRESH[arguments]), "")


def test_before_the_first_pass_nobody_is_healthy_and_the_outbox_is_empty(office: Office, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "office" / "state")
    assert office("outbox", "list").err == "The outbox is empty.\n"
    assert office("healthcheck", code=Exit.FAILED).err == (
        "newsbell: no pass has ended yet: is the daemon running, or the cron line in place? (see: newsbell status)\n"
    )
    assert read(office("healthcheck", "--json", code=Exit.FAILED)) == {
        "healthy": False,
        "overdue_seconds": 0.0,
        "last_pass": None,
    }


HITS = """
    hits by day, month or year|count
    2026-02-28|1
    2026-03-01|0
    2026-03-02|1
    """
BEST = """
    best matches: 2
    score|source|title|id
    6.5|Gazette|Laos and Japan agree on strategic partnership|aaaaaaaaaaaaaaaa
    4.6|Gazette|Vientiane concert with Japan|bbbbbbbbbbbbbbbb

    nearest below: none
    """


def test_a_backtest_shows_days_a_curve_and_the_best(office: Office) -> None:
    shown = office("profile", "backtest", "pair").out
    assert shown.startswith("2 of 4 entries match (threshold 3)\n" + screen(HITS))
    assert "\nentries that a threshold would pass|count\n0.00|2\n" in shown
    assert "\n4.35|2\n4.62|1\n" in shown
    assert shown.endswith("\n" + screen(BEST))


def test_a_backtest_names_what_another_profile_would_lose(office: Office) -> None:
    """With the points that each has now: those that were lost have none."""
    shown = office("profile", "backtest", "rice", "--against", "pair").out
    assert shown.endswith(
        screen("""
            gained: 1
            score|source|title|id
            1.9|Gazette|Rice prices steady in Laos|cccccccccccccccc

            lost: 2
            score|source|title|id
            0.0|Gazette|Vientiane concert with Japan|bbbbbbbbbbbbbbbb
            0.0|Gazette|Laos and Japan agree on strategic partnership|aaaaaaaaaaaaaaaa
            """)
    )


@pytest.mark.parametrize(("since", "said"), [("1d", "1 of 2 entries matches"), ("3d", "2 of 3 entries match ")])
def test_a_backtest_goes_back_as_far_as_it_is_told(office: Office, since: str, said: str) -> None:
    assert office("profile", "backtest", "pair", "--since", since).out.startswith(said)


@pytest.mark.parametrize(
    ("within", "healthy", "said"),
    [
        ("5m", True, ""),
        ("299s", False, "newsbell: no pass has done what has been due for 5 min: "),
        ("4m 59s", False, "newsbell: no pass has done what has been due for 5 min: "),
        ("1h", True, ""),
    ],
)
def test_a_health_check_measures_from_what_has_been_due_longest(
    office: Office, within: str, healthy: bool, said: str
) -> None:
    """Here that is a message that nobody has tried for five minutes."""
    shown = office("healthcheck", "--within", within, code=Exit.OK if healthy else Exit.FAILED)
    assert shown.err.startswith(said)
    assert bool(shown.err) is not healthy
    told = office("healthcheck", "--within", within, "--json", code=Exit.OK if healthy else Exit.FAILED).json()
    assert (told["healthy"], told["overdue_seconds"]) == (healthy, 300.0)
    assert told["last_pass"]["finished"] == "2026-03-02T06:45:00+00:00"


def read(shown: Result) -> Any:
    return json.loads(shown.out)


def test_status_for_programs(office: Office) -> None:
    status = read(office("status", "--json"))
    assert status["feeds"] == dict.fromkeys(("ok", "failing", "silent", "moved", "gone", "paused", "new"), 1)
    assert [(feed["title"], feed["state"], feed["error"]) for feed in status["troubled"]] == [
        ("Herald", "failing", "answered 503"),
        ("Courier", "silent", "nothing new since 2026-01-21"),
        ("Mirror", "gone", "is gone"),
    ]
    assert status["troubled"][0]["url"] == "https://herald.example/rss"
    assert status["incomplete"] == [{"title": "Gazette", "url": "https://gazette.example/rss", "loss": LOSS}]
    assert (status["last_pass"]["polled"], status["last_pass"]["gap"]) == (6, "0:15:00")
    assert status["next_poll"] == "2026-03-02T07:00:00+00:00"
    assert status["next_digests"] == {"pair": "2026-03-03T00:00:00+00:00", "rice": None}
    assert status["waiting"] == {"pair": 1, "rice": 1}
    assert status["outbox"] == {"dead": 1, "failed": 1, "pending": 1, "sent": 1}
    assert status["advice"] == []


def test_feeds_for_programs(office: Office) -> None:
    """Who checks sees of the feeds that are not well what the list shows of all."""
    feeds = {feed["title"]: feed for feed in read(office("feeds", "list", "--json"))}
    assert feeds["Gazette"] == {
        "url": "https://gazette.example/rss",
        "title": "Gazette",
        "state": "ok",
        "entries": 3,
        "last_status": 200,
        "last_ok": "2026-03-02T06:45:00+00:00",
        "next_poll": "2026-03-02T07:15:00+00:00",
        "error": "",
        "loss": LOSS,
    }
    assert [feed["state"] for feed in feeds.values()] == ["ok", "failing", "silent", "moved", "gone", "paused", "new"]
    ill = read(office("feeds", "check", "--json", code=Exit.FEEDS))
    assert ill == [feeds["Herald"], feeds["Courier"], feeds["Mirror"]]


def test_feeds_that_are_not_well_come_before_those_that_are_not_read_whole(office: Office) -> None:
    assert office("feeds", "check", code=Exit.FEEDS).out == screen(f"""
        failing: Herald (https://herald.example/rss): answered 503
        silent: Courier (https://courier.example/rss): nothing new since 2026-01-21
        gone: Mirror (https://mirror.example/rss): is gone
        ok: Gazette (https://gazette.example/rss): {LOSS}
        """)


def test_the_schedule_for_programs(office: Office) -> None:
    assert read(office("schedule", "--next", "2", "--json")) == {
        "digests": {"pair": ["2026-03-03T00:00:00+00:00", "2026-03-04T00:00:00+00:00"], "rice": []},
        "polls": [
            {"url": "https://star.example/rss", "at": "2026-03-02T07:00:00+00:00"},
            {"url": "https://courier.example/rss", "at": "2026-03-02T07:15:00+00:00"},
        ],
    }


def test_found_entries_for_programs(office: Office) -> None:
    assert read(office("entries", "search", "laos", "--limit", "1", "--json")) == [
        {
            "id": "cccccccccccccccc",
            "title": "Rice prices steady in Laos",
            "link": "https://gazette.example/12",
            "feed": "https://gazette.example/rss",
            "source": "Gazette",
            "published": "2026-03-02T05:30:00+00:00",
            "found": "2026-03-02T06:30:00+00:00",
            "text": "Traders expect no change.",
        }
    ]


def test_deliveries_for_programs(office: Office) -> None:
    rows = read(office("outbox", "list", "--json"))
    assert [(row["id"][:2], row["state"], row["attempts"]) for row in rows] == [
        ("44", "pending", 0),
        ("33", "dead", 9),
        ("22", "failed", 2),
        ("11", "sent", 1),
    ]
    assert rows[2] == {
        "id": "2" * 32,
        "profile": "pair",
        "channel": "desk",
        "recipient": "reader2@example.org",
        "subject": "Pair (2): Laos and Japan",
        "state": "failed",
        "attempts": 2,
        "created": "2026-03-02T06:52:00+00:00",
        "next": "2026-03-02T07:05:00+00:00",
        "error": "desk: 451 later",
    }
    assert read(office("outbox", "show", "2", "--json")) == rows[2]


def test_the_newest_deliveries_are_listed_and_the_others_counted(office: Office) -> None:
    shown = office("outbox", "list", "--limit", "3")
    assert [line[:2] for line in shown.out.splitlines()[1:]] == ["44", "33", "22"]
    assert shown.err == "1 older delivery is not listed; see --limit and --state.\n"
    assert office("-q", "outbox", "list", "--limit", "3").err == ""
    narrowed = office("outbox", "list", "--limit", "1", "--state", "dead", "--state", "sent")
    assert narrowed.err == "1 older delivery is not listed; see --limit and --state.\n"


def test_what_is_configured_of_each_feed_goes_out_whole(office: Office) -> None:
    office("feeds", "add", "--offline", "https://new.example/rss", "--title", "New", "--lang", "km")
    feeds = {feed["title"]: feed for feed in read(office("feeds", "export", "--json"))}
    assert list(feeds) == ["Gazette", "Herald", "Courier", "Post", "Mirror", "Echo", "Star", "New"]
    gazette = {"url": "https://gazette.example/rss", "lang": "en", "interval_seconds": 7200.0, "enabled": True}
    assert feeds["Gazette"] == {"title": "Gazette", **gazette}
    assert (feeds["Echo"]["enabled"], feeds["New"]["lang"], feeds["Herald"]["lang"]) == (False, "km", None)
    outline = '<outline type="rss" text="New" title="New" xmlUrl="https://new.example/rss" language="km"/>'
    assert outline in office("feeds", "export").out


DIGEST = f"""
Japan with Laos
2 stories · Fri 27 Feb, 14:00 – Mon 2 Mar 2026, 14:00
(Asia/Vientiane)

▁▁▁▁▁▁▁▁▁▁▁█▁█  2 matches from 17 Feb to 2 Mar, most on 28 Feb (1)

{"-" * 72}
1. Laos and Japan agree on strategic partnership
   Gazette · Sat 28 Feb, 13:00
   https://gazette.example/10

   Signed in *Tokyo*.

   Score 6.5 (1.0 needed): a term\u00a0+6.5

{"-" * 72}
2. Vientiane concert with Japan
   Gazette · Mon 2 Mar, 12:40
   https://gazette.example/11

   It marks the *70th anniversary* of ties.

   Score 4.2 (1.0 needed): a term\u00a0+4.2

{"-" * 72}
3 entries of 6 feeds read; 3 of 6 feeds are well.
- Mirror: gone, is gone
- Courier: silent, nothing new since 2026-01-21
- Herald: failing, answered 503
Sent by Newsbell for the profile pair.
"""


def test_a_preview_is_the_digest_as_its_reader_would_get_it(office: Office) -> None:
    assert office("digest", "pair", "--since", "3d").out == screen(DIGEST)


class Terminal(io.StringIO):
    """A screen that shows no bold letters."""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return super().write(re.sub(r"\x1b\[[0-9;]*m", "", text))


TABLES: dict[tuple[str, ...], str] = {
    ("outbox", "list"): """
        id            profile  channel  recipient           state    attempts  next try          error
        444444444444  pair     hook     https://example.or  pending  0         2026-03-02 15:55
                                        g/hook
        333333333333  pair     desk     reader3@example.or  dead     9         -                 550 refused
                                        g
        222222222222  pair     desk     reader2@example.or  failed   2         2026-03-02 16:05  451 later
                                        g
        111111111111  pair     desk     reader1@example.or  sent     1         -
                                        g
        """,
    ("entries", "search", "laos"): """
        id                date              title                                 link
        cccccccccccccccc  2026-03-02 14:30  Rice prices steady in Laos            https://gazette.example/12
        aaaaaaaaaaaaaaaa  2026-02-28 15:00  Laos and Japan agree on strategic     https://gazette.example/10
                                            partnership
        """,
}


@pytest.mark.parametrize("arguments", TABLES, ids=" ".join)
def test_a_table_on_a_narrow_terminal_is_folded_and_nothing_of_it_cut_off(
    office: Office, tmp_path: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an address that is cut off nothing can be copied."""
    for name, value in (("COLUMNS", "100"), ("TERM", "xterm")):
        monkeypatch.setenv(name, value)
    with redirect_stdout(Terminal()) as terminal:
        assert run(["-c", str(tmp_path / "office" / "newsbell.yaml"), *arguments]) == Exit.OK
    lines = [line.rstrip() for line in terminal.getvalue().splitlines()]
    assert lines == screen(TABLES[arguments]).splitlines()
