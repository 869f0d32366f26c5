"""The whole job without the internet: sample feeds, served on loopback by the program itself."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_HERE = Path(__file__).parent
FEEDS = _HERE / "feeds"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing: the pass itself tells how each feed did."""


@contextmanager
def serving() -> Iterator[str]:
    """Serve the sample feeds on a free port of 127.0.0.1; gives the address without a slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(FEEDS)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def prepare(folder: Path, address: str) -> Path:
    """Write a configuration for the feeds at ``address`` into ``folder``, made anew; returns its path."""
    if folder.exists() and (folder / "demo").is_file():
        shutil.rmtree(folder)  # our own, from an earlier demo
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "demo").write_text("Made by 'newsbell demo', which deletes this folder when it is run again.\n", "utf-8")
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
