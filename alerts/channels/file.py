"""Files: each digest as ``.eml``, ``.html``, ``.txt`` and ``.json`` in a folder, and feeds of a profile's matches."""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alerts.channels.own import check_type
from alerts.errors import DeliveryError
from alerts.feeds import atom, feed_items, json_feed, merge
from alerts.mail import Envelope, compose_mail, mail_address
from alerts.model import Digest, Message
from alerts.view import headline

if TYPE_CHECKING:
    from alerts.render import Renderer

FORMATS = ("eml", "html", "txt", "json")
_TYPE = "application/vnd.newsbell.files+json"  # the bundle of all files: for no other channel to send
_log = logging.getLogger(__name__)
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_NOBODY = mail_address("Newsbell <newsbell@localhost>")


class FileChannel:
    """Writes digests into ``folder``, which is made when it does not exist.

    ``formats`` chooses the files. ``feeds``: also keep ``<profile>.atom.xml`` and ``<profile>.feed.json`` with the
    last 100 entries. Raises ``ValueError`` when a format is unknown.
    """

    kind = "file"
    on_unknown = "resend"

    def __init__(
        self,
        name: str,
        folder: Path,
        timeout: float,
        renderer: Renderer,
        formats: Sequence[str] = FORMATS,
        feeds: bool = False,
    ) -> None:
        if unknown := sorted(set(formats) - set(FORMATS)):
            raise ValueError(f"formats: {unknown[0]!r} is none of {', '.join(FORMATS)}")
        self.name = name
        self.recipients = (str(folder),)
        self.timeout = timeout
        self._folder = folder
        self._renderer = renderer
        self._formats = tuple(formats)
        self._feeds = feeds
        self._writing = threading.Lock()

    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        """All files as one JSON document: pure, the same bytes for the same arguments."""
        stem = _stem(digest)
        more_at = f"{stem}.json" if "json" in self._formats else ""
        text, html = self._renderer.text(digest, more_at), self._renderer.html(digest, more_at)
        mail = compose_mail(digest, text, html, Envelope(_NOBODY, _NOBODY, key))
        made = {"eml": mail.decode("ascii"), "html": html, "txt": text, "json": self._renderer.json(digest)}
        bundle = {
            "stem": stem,
            "files": {suffix: made[suffix] for suffix in self._formats},
            "feed": {"profile": _safe(digest.profile), "title": digest.title, "items": feed_items(digest)}
            if self._feeds
            else None,
        }
        body = json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()
        return Message(key, digest.profile, self.name, recipient, headline(digest), body, _TYPE)

    async def send(self, message: Message, attempt: int, now: datetime) -> None:
        """Write the files, each whole or not at all; raises ``DeliveryError`` when the folder cannot be written."""
        import asyncio

        check_type(message, _TYPE, self.kind)
        try:
            async with asyncio.timeout(self.timeout):
                await asyncio.to_thread(self._write, message)
        except TimeoutError as error:
            raise DeliveryError(self.name, f"{self._folder} did not take the files in {self.timeout:g} s") from error
        except OSError as error:
            raise DeliveryError(self.name, self._in_words(error)) from error

    async def open(self) -> None:
        """Look whether the folder, or the one that it will be made in, can be written; nothing is made."""
        import asyncio

        async with asyncio.timeout(self.timeout):
            near = await asyncio.to_thread(_nearest, self._folder)
        if not os.access(near, os.W_OK | os.X_OK):
            raise DeliveryError(self.name, f"{near} cannot be written")

    def _in_words(self, error: OSError) -> str:
        """What failed; where, unless it is the folder, which the line names anyway."""
        where = str(error.filename or self._folder)
        reason = error.strerror or str(error)
        return reason if where == str(self._folder) else f"{reason} ({where})"

    def _write(self, message: Message) -> None:
        bundle = json.loads(message.body)
        with self._writing:
            self._folder.mkdir(parents=True, exist_ok=True)
            files = {suffix: text.encode() for suffix, text in bundle["files"].items()}
            stem = self._free_stem(bundle["stem"], files, message.key)
            for suffix, content in files.items():
                write_atomically(self._folder / f"{stem}.{suffix}", content)
            if bundle["feed"]:
                self._update_feeds(bundle["feed"])

    def _free_stem(self, stem: str, files: Mapping[str, bytes], key: str) -> str:
        """``stem``, unless another delivery has files of that name: then with a piece of the key."""
        for suffix, content in files.items():
            path = self._folder / f"{stem}.{suffix}"
            if path.exists() and path.read_bytes() != content:
                return f"{stem}-{key[:8]}"
        return stem

    def _update_feeds(self, feed: Mapping[str, Any]) -> None:
        path = self._folder / f"{feed['profile']}.feed.json"
        items = merge(_known_items(path), feed["items"])
        write_atomically(path, json_feed(feed["title"], items).encode())
        write_atomically(self._folder / f"{feed['profile']}.atom.xml", atom(feed["profile"], feed["title"], items))


def _nearest(folder: Path) -> str:
    """``folder``, or that of the folders above it which is there; with a slash, so that no file passes for one."""
    return next(f"{each}/" for each in (folder, *folder.parents) if os.path.lexists(each))


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` so that a reader, or a crash, sees all of it or what was there before."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name, too, outlives a power cut
    finally:
        os.close(folder)


def _known_items(path: Path) -> Sequence[Mapping[str, Any]]:
    """The items of the feed as it is; none when it is missing or was changed into something else."""
    if not path.exists():
        return ()
    try:
        items = json.loads(path.read_text(encoding="utf-8"))["items"]
        return [item for item in items if isinstance(item, dict)]
    except (ValueError, LookupError, TypeError):
        _log.warning("%s is no JSON Feed any more; it is started anew", path)
        return ()


def _stem(digest: Digest) -> str:
    """The files' common name: profile, end of the window in UTC, and the kind when it is no plain digest."""
    end = digest.end.astimezone(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    kind = "" if digest.kind == "digest" else f"-{_safe(digest.kind)}"
    return f"{_safe(digest.profile)}-{end}{kind}"


def _safe(name: str) -> str:
    return _UNSAFE.sub("-", name).strip("-")[:100] or "profile"
