"""Files in a folder: whole or not at all, safely named, and the feeds beside them."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from alerts.channels import file as file_module
from alerts.channels.file import FileChannel, write_atomically
from alerts.deliver import compose_all
from alerts.errors import DeliveryError
from alerts.model import Digest, Story
from alerts.ports import Channel
from alerts.render import Renderer
from tests.alerts.channel_contract import ChannelContract
from tests.alerts.samples import END, digest, entry

RENDERER = Renderer()
STEM = "japan-mekong-2026-03-03T000000Z"


def channel_in(folder: Path, **changes: Any) -> FileChannel:
    return FileChannel(**({"name": "files", "folder": folder, "timeout": 10.0, "renderer": RENDERER} | changes))


async def write(channel: FileChannel, each: Digest) -> None:
    for message in compose_all(each, [channel]):
        await channel.send(message, 1, END)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestFileChannel(ChannelContract):
    @pytest.fixture
    def channel(self, tmp_path: Path) -> Channel:
        return channel_in(tmp_path, feeds=True)


async def test_everybody_may_read_the_files_and_only_their_owner_write_them(tmp_path: Path) -> None:
    await write(channel_in(tmp_path), digest(1))

    assert {stat.filemode(path.stat().st_mode) for path in tmp_path.iterdir()} == {"-rw-r--r--"}


async def test_four_files_hold_the_renderings(tmp_path: Path) -> None:
    each = digest(3)
    await write(channel_in(tmp_path / "new" / "folder"), each)

    folder = tmp_path / "new" / "folder"
    assert names(folder) == [f"{STEM}.{suffix}" for suffix in ("eml", "html", "json", "txt")]
    assert (folder / f"{STEM}.html").read_text(encoding="utf-8") == RENDERER.html(each, f"{STEM}.json")
    assert (folder / f"{STEM}.txt").read_text(encoding="utf-8") == RENDERER.text(each, f"{STEM}.json")
    assert (folder / f"{STEM}.json").read_text(encoding="utf-8") == RENDERER.json(each)
    mail = BytesParser(policy=policy.default).parsebytes((folder / f"{STEM}.eml").read_bytes())
    assert mail["Subject"] == "Japan and the Mekong (3): Japan and Laos open a ferry school on the Mekong"


async def test_the_json_has_every_entry(tmp_path: Path) -> None:
    """Neither ``max_items`` nor a webhook's 20 kB cut it."""
    overflow = tuple(Story((entry(n),)) for n in range(50, 150))
    await write(channel_in(tmp_path), digest(12, more=100, overflow=overflow))

    written = json.loads((tmp_path / f"{STEM}.json").read_text(encoding="utf-8"))
    assert (len(written["stories"]), written["more"]) == (112, 0)
    assert "100 more stories" in (tmp_path / f"{STEM}.txt").read_text(encoding="utf-8")
    assert f"{STEM}.json" in (tmp_path / f"{STEM}.txt").read_text(encoding="utf-8")


async def test_formats_are_chosen(tmp_path: Path) -> None:
    await write(channel_in(tmp_path, formats=("txt", "json")), digest(1))

    assert names(tmp_path) == [f"{STEM}.json", f"{STEM}.txt"]


async def test_the_same_delivery_again_gives_the_same_files(tmp_path: Path) -> None:
    channel = channel_in(tmp_path, feeds=True)
    await write(channel, digest(3))
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    await write(channel, digest(3))

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


async def test_another_delivery_of_the_same_name_overwrites_nothing(tmp_path: Path) -> None:
    channel = channel_in(tmp_path, formats=("txt",))
    await write(channel, digest(1))
    await write(channel, digest(2))
    await write(channel, digest(2))

    assert len(names(tmp_path)) == 2
    assert "1 story" in (tmp_path / f"{STEM}.txt").read_text(encoding="utf-8")


async def test_an_instant_alert_has_its_own_name(tmp_path: Path) -> None:
    await write(channel_in(tmp_path, formats=("txt",)), digest(1, kind="instant"))

    assert names(tmp_path) == [f"{STEM}-instant.txt"]


@pytest.mark.parametrize("profile", ["../../etc/passwd", "a/b\\c", "..", "ລາວ", "con\0", "x" * 300])
async def test_a_profile_cannot_leave_the_folder(tmp_path: Path, profile: str) -> None:
    await write(channel_in(tmp_path / "in", formats=("txt",), feeds=True), digest(1, profile=profile))

    assert names(tmp_path) == ["in"]
    assert all(len(name) < 200 and "/" not in name and not name.startswith(".") for name in names(tmp_path / "in"))


async def test_a_folder_that_cannot_be_made_is_a_failure_to_try_again(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, no folder")

    with pytest.raises(DeliveryError, match="File exists") as caught:
        await write(channel_in(tmp_path / "taken"), digest(1))
    assert not caught.value.permanent


async def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    write_atomically(tmp_path / f"{STEM}.txt", b"before")
    monkeypatch.setattr(file_module.os, "fsync", full)

    with pytest.raises(DeliveryError, match="No space left on device"):
        await write(channel_in(tmp_path, formats=("html",)), digest(1))
    assert names(tmp_path) == [f"{STEM}.txt"]


async def test_a_folder_that_does_not_answer_is_left_at_the_deadline(tmp_path: Path) -> None:
    channel = channel_in(tmp_path, timeout=0.05)

    with channel._writing, pytest.raises(DeliveryError, match=r"did not take the files in 0\.05 s"):
        await write(channel, digest(1))


@pytest.mark.parametrize("name", ["", "new", "new/deep/er"])
async def test_a_folder_that_can_be_written_or_made_is_opened_and_not_made(tmp_path: Path, name: str) -> None:
    await channel_in(tmp_path / name).open()
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["file", "file/deep", "gone", "gone/deep"])
async def test_a_folder_that_cannot_be_made_is_told_when_it_is_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "gone").symlink_to("/nowhere/at/all")
    with pytest.raises(DeliveryError, match=f"^files: {tmp_path}/{name[:4]}/ cannot be written$"):
        await channel_in(tmp_path / name).open()


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="formats: 'pdf' is none of eml, html, txt, json"):
        channel_in(tmp_path, formats=("txt", "pdf"))


async def test_feeds_gather_the_matches_of_several_digests(tmp_path: Path) -> None:
    channel = channel_in(tmp_path, formats=("txt",), feeds=True)
    later = digest([Story((entry(9, found=END + timedelta(hours=1)),))], end=END + timedelta(days=1))
    await write(channel, later)
    await write(channel, digest(2))  # a retry that comes late

    feed = json.loads((tmp_path / "japan-mekong.feed.json").read_text(encoding="utf-8"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["_newsbell"]["entry"] for item in feed["items"]] == [
        "entry-9",
        "entry-0",
        "entry-1",
        "entry-5",
        "entry-6",
    ]
    tree = ElementTree.parse(tmp_path / "japan-mekong.atom.xml")
    assert [link.get("href") for link in tree.iter("{http://www.w3.org/2005/Atom}link")] == [
        item["url"] for item in feed["items"]
    ]


async def test_a_feed_that_somebody_broke_is_started_anew(tmp_path: Path) -> None:
    for broken in ("{", "[]", '{"items": 3}', '{"items": [3, null]}'):
        (tmp_path / "japan-mekong.feed.json").write_text(broken)
        await write(channel_in(tmp_path, formats=("txt",), feeds=True), digest(1))

        feed = json.loads((tmp_path / "japan-mekong.feed.json").read_text(encoding="utf-8"))
        assert len(feed["items"]) == 3
