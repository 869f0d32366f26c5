"""Deliveries seen and steered by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.cli.exits import Exit
from tests.cli.conftest import Command


@pytest.fixture
def obstacle(config: Path) -> Path:
    """The folder of the digests lies on a disk that is not there: what is delivered fails and is tried again later."""
    path = config.parent.parent / "digests"
    path.symlink_to("/proc/unmounted/digests")  # where not even root makes a folder
    return path


@pytest.fixture
def failed(newsbell: Command, obstacle: Path) -> str:
    """The id of a delivery that failed."""
    newsbell("run", "--backlog", "20", check=Exit.FAILED)
    [row] = newsbell("outbox", "list", "--json").json()
    assert (row["state"], row["attempts"], row["next"] is not None) == ("failed", 1, True)
    return str(row["id"])


def test_a_failed_delivery_waits_unless_it_is_made_due_again(newsbell: Command, failed: str, obstacle: Path) -> None:
    obstacle.unlink()
    newsbell("run")
    assert [row["state"] for row in newsbell("outbox", "list", "--json").json()] == ["failed"]
    assert "1 delivery is due again." in newsbell("outbox", "retry", failed[:6]).err
    newsbell("run")
    assert [row["state"] for row in newsbell("outbox", "list", "--json").json()] == ["sent"]
    assert list(obstacle.glob("*.html"))


def test_what_is_dropped_is_forgotten_for_good(newsbell: Command, failed: str, obstacle: Path) -> None:
    assert "1 delivery dropped." in newsbell("outbox", "drop", failed).err
    obstacle.unlink()
    newsbell("run")
    assert newsbell("outbox", "list", "--json").json() == []
    assert not obstacle.exists()


def test_the_list_says_what_is_wrong_and_can_be_narrowed(newsbell: Command, failed: str) -> None:
    line = newsbell("outbox", "list", "--state", "failed").out
    assert failed[:12] in line
    assert "files" in line
    assert newsbell("outbox", "list", "--state", "sent", "--json").json() == []
    shown = newsbell("outbox", "show", failed).out
    assert "failed" in shown


def test_a_mail_is_shown_as_its_reader_sees_it_or_as_it_is_sent(newsbell: Command, config: Path) -> None:
    desk = "desk: {type: email, host: 127.0.0.1, port: 1, security: none, from: bell@example.org, to: [a@example.org]}"
    config.write_text(config.read_text().replace("channels:", f"channels:\n  {desk}"))
    profile = config.parent / "profiles" / "pair.yaml"
    profile.write_text(profile.read_text().replace("[files]", "[desk]"))
    newsbell("run", "--backlog", "20", check=Exit.FAILED)
    [row] = newsbell("outbox", "list", "--json").json()

    shown, raw = newsbell("outbox", "show", row["id"]).out, newsbell("outbox", "show", row["id"], "--raw").out
    assert "To: a@example.org\n" in shown
    assert "\n1. " in shown
    assert "<html" not in shown
    assert "multipart/alternative" in raw


def test_all_dead_letters_may_be_none(newsbell: Command, failed: str) -> None:
    assert "0 deliveries are due again." in newsbell("outbox", "retry", "--dead").err
    assert newsbell("-q", "outbox", "retry", "--dead").err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("retry",), "name a delivery, or --dead for all dead letters"),
        (("retry", "nosuch"), "no single delivery begins with 'nosuch'"),
        (("drop", "nosuch"), "no single delivery begins with 'nosuch'"),
        (("show", "nosuch"), "no single delivery begins with 'nosuch'"),
        (("drop",), "Missing argument"),
    ],
)
def test_what_is_not_there_is_a_mistake_of_the_command(
    newsbell: Command, arguments: tuple[str, ...], said: str
) -> None:
    result = newsbell("outbox", *arguments, check=Exit.USAGE)
    assert said in result.err


def test_an_empty_outbox_says_so_unless_it_should_be_quiet(newsbell: Command) -> None:
    assert "The outbox is empty." in newsbell("outbox", "list").err
    assert newsbell("-q", "outbox", "list").err == ""
