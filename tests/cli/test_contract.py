"""What scripts rely on whatever command they call: the same words of a broken configuration, JSON, nothing written."""

from __future__ import annotations

import json
import logging
import math
import os
from pathlib import Path

import pytest

from monitor.cli.exits import Exit
from monitor.cli.invocation import Invocation
from monitor.cli.root import run
from monitor.profiles import load_profile
from monitor.store.lock import StateLock
from tests.cli.conftest import Office
from tests.cli.office import PAIR

READING = [
    ("status",),
    ("schedule",),
    ("metrics",),
    ("healthcheck",),
    ("entries", "search", "laos"),
    ("feeds", "list"),
    ("feeds", "check"),
    ("feeds", "export"),
    ("feeds", "discover", "https://gazette.example/"),
    ("outbox", "list"),
    ("outbox", "show", "3"),
    ("outbox", "retry", "--dead"),
    ("outbox", "drop", "3"),
    ("digest", "pair"),
    ("digest", "pair", "--send"),
    ("profile", "explain", "pair", "bb"),
    ("profile", "backtest", "pair"),
    ("profile", "label", "pair", "bb", "off"),
    ("profile", "tune", "pair"),
    ("channel", "test", "files"),
    ("backup", "copy.db"),
    ("store", "migrate"),
    ("worker",),
    ("run",),
    ("run", "--dry-run"),
    ("daemon",),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where ``office`` has its files."""
    return tmp_path / "office"


BROKEN = """\
FOLDER/newsbell.yaml:2:1: kontact: error: unknown key (did you mean "contact"?)
    kontact: https://newsbell.example/bot
    ^
FOLDER/profiles/rice.yaml:2:12: threshold: error: must be more than 0, got the number -1
    threshold: -1
               ^
"""


@pytest.mark.parametrize("arguments", [("check",), *READING], ids=" ".join)
def test_of_a_broken_configuration_every_command_says_what_check_says(
    office: Office, folder: Path, arguments: tuple[str, ...]
) -> None:
    config = folder / "newsbell.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("contact:", "kontact:"), encoding="utf-8")
    (folder / "profiles" / "rice.yaml").write_text("name: rice\nthreshold: -1\n", encoding="utf-8")
    shown = office(*arguments, code=Exit.CONFIG)
    assert (shown.out, shown.err) == ("", BROKEN)


AS_JSON = [
    ("status",),
    ("schedule",),
    ("metrics",),
    ("healthcheck",),
    ("check",),
    ("schema", "profile"),
    ("entries", "search", "weather"),
    ("feeds", "list"),
    ("feeds", "export"),
    ("outbox", "list"),
    ("outbox", "show", "3"),
    ("digest", "pair"),
    ("profile", "explain", "pair", "bb"),
    ("profile", "backtest", "pair"),
    ("profile", "tune", "pair"),
]


LOCKING = [
    ("run",),
    ("run", "--dry-run"),
    ("daemon",),
    ("digest", "pair", "--send"),
    ("outbox", "retry", "--dead"),
    ("outbox", "drop", "3"),
    ("restore", "newsbell.yaml"),
]


@pytest.mark.parametrize("arguments", LOCKING, ids=" ".join)
def test_what_changes_something_leaves_with_75_and_one_line_while_a_pass_is_under_way(
    office: Office, folder: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    before = office("outbox", "list", "--json").out
    with StateLock(folder / "state"):
        shown = office(*arguments, code=Exit.LOCKED)
        whose = f"process {os.getpid()} is at work here already (it holds FOLDER/state/newsbell.lock)"
        assert (shown.out, shown.err) == ("", f"newsbell: {whose}\n")
        assert office("outbox", "list", "--json").out == before


@pytest.mark.parametrize("arguments", AS_JSON, ids=" ".join)
def test_what_only_looks_does_so_while_a_pass_is_under_way_and_its_json_stands_alone(
    office: Office, folder: Path, arguments: tuple[str, ...]
) -> None:
    with StateLock(folder / "state"):
        shown = office(*arguments, "--json")
    assert isinstance(json.loads(shown.out), dict | list)
    assert shown.err == ""


def test_a_state_folder_that_is_not_there_is_made_with_its_parents(office: Office, folder: Path) -> None:
    state = folder / "deep" / "er" / "state"
    office("--state-dir", str(state), "outbox", "retry", "--dead")
    assert (state / "newsbell.db").is_file()


@pytest.mark.parametrize(
    ("level", "verbosity", "service", "logged"),
    [
        ("info", 0, False, logging.ERROR),
        ("info", -1, False, logging.ERROR),
        ("info", 1, False, logging.WARNING),
        ("info", 2, False, logging.INFO),
        ("info", 3, False, logging.DEBUG),
        ("debug", 0, False, logging.ERROR),  # a command says itself what it did
        ("error", 0, True, logging.ERROR),
        ("warning", 0, True, logging.WARNING),
        ("info", 0, True, logging.INFO),
        ("debug", 0, True, logging.DEBUG),
        ("info", 1, True, logging.DEBUG),
        ("warning", 1, True, logging.INFO),
        ("debug", -1, True, logging.ERROR),
    ],
)
def test_a_service_logs_what_its_config_says_and_a_command_what_is_asked_for(
    office: Office, folder: Path, level: str, verbosity: int, service: bool, logged: int
) -> None:
    config = folder / "newsbell.yaml"
    config.write_text(f"{config.read_text(encoding='utf-8')}log: {{level: {level}}}\n", encoding="utf-8")
    with Invocation(str(config), None, verbosity).application(service=service):
        assert logging.getLogger("monitor").level == logged


def written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


ITEM = '{"id": "a", "title": "Laos and Japan: strategic partnership", "text": "On the 70th anniversary of ties."}\n'


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without any configuration, nor is there one of the user's own."""
    folder = tmp_path / "nowhere"
    folder.mkdir()
    (folder / "pair.yaml").write_text(PAIR, encoding="utf-8")
    (folder / "items.jsonl").write_text(ITEM + '{"title": "Rice", "lang": "en"}\n', encoding="utf-8")
    for number, place in enumerate(("a bridge", "a school", "a port")):
        text = f"Laos and Japan open {place}\n\nMinisters of Laos and Japan met in Vientiane for the 70th anniversary."
        (folder / f"seed{number}.txt").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    for name in ("NEWSBELL_CONFIG", "STATE_DIRECTORY", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return folder


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (("schema",), []),
        (("profile", "score", "pair.yaml", "--items", "items.jsonl"), []),
        (("profile", "build", "seed0.txt", "seed1.txt", "seed2.txt", "-o", "new.yaml"), ["new.yaml"]),
        (("init", "watch", "-q"), None),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_what_needs_no_configuration_writes_no_state(
    nowhere: Path, arguments: tuple[str, ...], files: list[str] | None
) -> None:
    before = written(nowhere.parent)
    assert run(arguments) == Exit.OK
    new = [name.removeprefix("nowhere/") for name in written(nowhere.parent) if name not in before]
    assert new == files if files is not None else all(name.startswith("watch/") for name in new)


class TestScoring:
    def lines(self, capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, object]]:
        assert run(["profile", "score", "pair.yaml", *options]) == Exit.OK
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    def test_each_item_is_one_line_whose_points_sum_to_its_score(
        self, nowhere: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first, second = self.lines(capsys, "--items", "items.jsonl")
        assert list(first) == ["id", "score", "threshold", "eligible", "matched", "parts"]
        assert (first["id"], first["threshold"], first["eligible"], first["matched"]) == ("a", 3.0, True, True)
        parts = first["parts"]
        assert isinstance(parts, list)
        assert [list(part) for part in parts] == [["kind", "label", "field", "hits", "weight", "points"]] * len(parts)
        assert [(part["kind"], part["label"], part["field"], part["hits"]) for part in parts] == [
            ("concept", "japan", "title", 1),
            ("concept", "laos", "title", 1),
            ("term", "strategic partnership", "title", 1),
            ("term", "70th anniversary", "summary", 1),
        ]
        assert math.isclose(sum(part["points"] for part in parts), float(str(first["score"])))
        assert second == {
            "id": None,
            "score": 0.0,
            "threshold": 3.0,
            "eligible": False,
            "matched": False,
            "parts": [],
        }

    def test_items_may_come_through_a_pipe(
        self, nowhere: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from_file = self.lines(capsys, "--items", "items.jsonl")
        with (nowhere / "items.jsonl").open(encoding="utf-8") as pipe:
            monkeypatch.setattr("sys.stdin", pipe)
            assert self.lines(capsys, "--items", "-", "--json") == from_file

    @pytest.mark.parametrize(
        ("scope", "item", "eligible"),
        [
            ("{langs: [en]}", {"lang": "en"}, True),
            ("{langs: [en]}", {"lang": "ja"}, False),
            ("{langs: [en]}", {}, True),
        ],
    )
    def test_what_an_item_says_of_itself_is_regarded(
        self,
        nowhere: Path,
        capsys: pytest.CaptureFixture[str],
        scope: str,
        item: dict[str, str],
        eligible: bool,
    ) -> None:
        (nowhere / "pair.yaml").write_text(f"{PAIR}scope: {scope}\n", encoding="utf-8")
        line = json.dumps({"title": "Laos and Japan", **item})
        (nowhere / "items.jsonl").write_text(line, encoding="utf-8")
        [scored] = self.lines(capsys, "--items", "items.jsonl")
        assert scored["eligible"] is eligible


class TestBuilding:
    SEEDS = ("seed0.txt", "seed1.txt", "seed2.txt")

    def test_a_profile_is_shown_with_its_reasons_and_can_be_used_as_it_is(
        self, nowhere: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["profile", "build", *self.SEEDS, "--name", "mekong"]) == Exit.OK
        shown = capsys.readouterr()
        assert shown.err == ""
        assert shown.out.startswith("# Built from 3 seeds, compared with English at large;")
        profile = load_profile(shown.out, name="x")
        assert profile.name == "mekong"
        assert profile.terms
        assert "# in 3 of 3 seeds" in shown.out

    def test_written_to_a_file_it_bears_its_name_and_says_what_to_do_next(
        self, nowhere: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(["profile", "build", *self.SEEDS, "-o", "mekong.yaml"]) == Exit.OK
        shown = capsys.readouterr()
        assert (shown.out, shown.err) == (
            "",
            "wrote mekong.yaml; read it, then try: newsbell profile backtest mekong.yaml\n",
        )
        assert load_profile((nowhere / "mekong.yaml").read_text(encoding="utf-8"), name="x").name == "mekong"
        assert run(["-q", "profile", "build", *self.SEEDS, "-o", "quiet.yaml"]) == Exit.OK
        assert capsys.readouterr().err == ""

    @pytest.mark.parametrize(
        ("text", "said"), [(" \n", "Error: "), ('{"title": 5}', "news.jsonl:1: expected an object")]
    )
    def test_seeds_and_news_that_say_nothing_are_a_mistake_of_the_command(
        self, nowhere: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
    ) -> None:
        (nowhere / "empty.txt").write_text(" \n", encoding="utf-8")
        (nowhere / "news.jsonl").write_text(text, encoding="utf-8")
        seeds = ["empty.txt"] if said == "Error: " else [*self.SEEDS, "--background", "news.jsonl"]
        assert run(["profile", "build", *seeds]) == Exit.USAGE
        assert said in capsys.readouterr().err


class TestTuning:
    JUDGED = (("aa", "on"), ("bb", "off"), ("cc", "off"), ("dd", "off"))
    PROPOSED = """\
now: 3 right, 0 missed, 1 false
  threshold: 3 → 5.55 (fewest judged entries are on the wrong side)
then: 4 right, 0 missed, 0 false
"""

    def test_a_proposal_is_made_from_judgements_and_written_only_on_request(self, office: Office, folder: Path) -> None:
        for entry, label in self.JUDGED:
            office("-q", "profile", "label", "pair", entry, label)
        profile = folder / "profiles" / "pair.yaml"
        assert office("profile", "tune", "pair").out == self.PROPOSED
        assert profile.read_text(encoding="utf-8") == PAIR
        applied = office("profile", "tune", "pair", "--apply")
        assert (applied.out, applied.err) == (self.PROPOSED, "wrote FOLDER/profiles/pair.yaml\n")
        assert profile.read_text(encoding="utf-8") == PAIR.replace("threshold: 3.0", "threshold: 5.55")
        again = json.loads(office("profile", "tune", "pair", "--json").out)
        assert (again["changes"], again["before"]["false"]) == ([], [])

    def test_the_newest_judgement_of_an_entry_counts(self, office: Office) -> None:
        for label in ("on", "off", "on"):
            office("profile", "label", "pair", "aa", label)
        told = json.loads(office("profile", "tune", "pair", "--json").out)
        assert (told["before"]["right"], told["before"]["false"]) == (1, [])
        assert office("profile", "tune", "pair").out.startswith("now: 1 right, 0 missed, 0 false\n")

    def test_a_profile_in_a_file_may_be_tuned_too(self, office: Office, folder: Path) -> None:
        """It is known by the name in it."""
        for entry, label in self.JUDGED:
            office("-q", "profile", "label", "pair", entry, label)
        other = folder / "other.yaml"
        other.write_text(PAIR, encoding="utf-8")
        assert office("profile", "tune", str(other)).out == self.PROPOSED


class TestCopies:
    def test_a_backup_can_be_gone_back_to_and_what_was_there_is_kept(self, office: Office, folder: Path) -> None:
        assert office("backup", str(folder / "copy.db")).err == "wrote FOLDER/copy.db\n"
        office("-q", "outbox", "drop", "2", "3", "4")
        kept = "FOLDER/state/newsbell.db.before-restore"
        said = office("restore", str(folder / "copy.db")).err
        assert said == f"restored FOLDER/copy.db; the former database is {kept}\n"
        assert len(json.loads(office("outbox", "list", "--json").out)) == 4
        (folder / "state" / "newsbell.db").unlink()
        assert office("restore", str(folder / "copy.db")).err == "restored FOLDER/copy.db\n"
        assert office("-q", "backup", str(folder / "second.db")).err == ""

    def test_the_database_itself_is_no_place_for_its_backup(self, office: Office, folder: Path) -> None:
        store = folder / "state" / "newsbell.db"
        before = store.read_bytes()
        said = office("backup", str(store), code=Exit.USAGE).err
        assert said.endswith("Error: FOLDER/state/newsbell.db is the database itself\n")
        assert store.read_bytes() == before

    def test_a_store_is_copied_table_by_table(self, office: Office, folder: Path) -> None:
        source, target = str(folder / "state" / "newsbell.db"), str(folder / "copy.db")
        lines = [line.split("|") for line in office("store", "copy", source, target).out.splitlines()]
        assert lines[0] == ["table", "rows", "hash"]
        counts = {table: int(rows) for table, rows, _ in lines[1:]}
        assert counts | {"feeds": 7, "entries": 4, "matches": 3, "outbox": 4, "reports": 1} == counts
        copied = json.loads(office("store", "copy", source, str(folder / "other.db"), "--json").out)
        assert [[each["table"], str(each["rows"]), each["digest"]] for each in copied] == lines[1:]
        assert office("-q", "store", "copy", source, str(folder / "third.db")).out == ""
