"""From a digest to what lies in a folder."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from alerts.channels.file import FileChannel
from alerts.deliver import compose_all, deliver
from alerts.fakes import MemoryOutbox
from alerts.render import Renderer
from alerts.sample import sample_digest


class StandingClock:
    def now(self) -> datetime:
        return datetime(2026, 3, 2, tzinfo=UTC)


async def test_a_digest_ends_up_in_the_folder(tmp_path: Path) -> None:
    """Composed once, queued, claimed, written: four files that tell the same stories."""
    channel = FileChannel("files", tmp_path, 5, Renderer())
    outbox = MemoryOutbox()
    outbox.enqueue(compose_all(sample_digest(kind="digest"), [channel]), StandingClock().now())

    report = await deliver(outbox, {"files": channel}, StandingClock())

    assert [len(report.sent), report.problems] == [1, ()]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"sample-2026-03-02T000000Z.{suffix}" for suffix in ("eml", "html", "json", "txt")
    ]
    written = json.loads((tmp_path / "sample-2026-03-02T000000Z.json").read_text())
    assert [len(story["entries"]) for story in written["stories"]] == [2, 1, 1]
