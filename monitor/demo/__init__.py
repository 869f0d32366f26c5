"""The whole job without the internet: sample feeds, served on loopback by the program itself."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_HERE = Path(__file__).parent
FEEDS = _HERE / "feeds"
_AGE = re.compile(r"\{(\d+)h ago\}")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: the pass itself tells how each feed did."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve ``folder`` on a free port of 127.0.0.1; gives the address without a slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_feeds(folder: Path, now: datetime) -> Path:
    """Write the sample feeds, dated as if it were news of the last days, into ``folder``, made anew; returns where."""
    if (folder / "demo").is_file():
        shutil.rmtree(folder)  # our own, from an earlier demo
    target = folder / "feeds"
    target.mkdir(parents=True, exist_ok=True)
    (folder / "demo").write_text("Made by 'newsbell demo', which deletes this folder when it is run again.\n", "utf-8")
    for path in FEEDS.glob("*.xml"):
        (target / path.name).write_text(_dated(path.read_text("utf-8"), now), "utf-8")
    return target


def _dated(feed: str, now: datetime) -> str:
    """``feed`` with its ages as dates: as RSS wants them, or as Atom and RDF do."""
    form = format_datetime if "<rss" in feed else datetime.isoformat
    return _AGE.sub(lambda age: form(now - timedelta(hours=int(age[1]))), feed)


def write_config(folder: Path, address: str) -> Path:
    """Write a configuration for the feeds at ``address`` into ``folder``; returns its path."""
    host = address.removeprefix("http://")
    feeds = "\n".join(f'  - {{url: "{address}/{path.name}"}}' for path in sorted(FEEDS.glob("*.xml")))
    config = folder / "newsbell.yaml"
    config.write_text(
        f"""\
state_dir: state
contact: https://newsbell.example/demo
fetch: {{allow_addresses: ["{host}"]}}
feeds:
{feeds}
channels:
  files: {{type: file, dir: digests}}
profiles: [profile.yaml]
""",
        encoding="utf-8",
    )
    shutil.copyfile(_HERE / "profile.yaml", folder / "profile.yaml")
    return config
