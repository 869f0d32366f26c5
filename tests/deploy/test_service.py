"""The daemon as systemd sees it (sd_notify(3)): ready, alive, reloading, stopping, killed."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest

from monitor.daemon import Daemon
from tests.deploy import confined
from tests.deploy.test_metrics import free_port, samples
from tests.e2e.world import ON_TOPIC, PROFILE, Desk, FeedHost, environment, feed_host, rss, wait_for

CONFIG = """\
contact: https://newsbell.example/bot
fetch: {{allow_addresses: ["127.0.0.1:{port}"]}}
feeds:
  - {{url: "{base}/a.xml", title: Gazette}}
channels:
  hook: {{type: webhook, url: "{base}/hook"}}
metrics: {{listen: "127.0.0.1:{metrics}"}}
"""


class Manager:
    """What systemd is to a service of Type=notify: a socket to speak to."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._socket.settimeout(30)

    def wait(self, message: str) -> dict[str, str]:
        """Read on until a message with that first line comes; its variables."""
        while True:
            said = self._socket.recv(4096).decode()
            if said.partition("\n")[0] == message:
                return dict(line.split("=", 1) for line in said.splitlines())

    def waiting(self) -> list[str]:
        """What was said and not read yet."""
        found = []
        self._socket.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                found.append(self._socket.recv(4096).decode())
        self._socket.settimeout(30)
        return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path)
    yield manager
    manager.close()


@pytest.fixture
def feeds() -> Iterator[FeedHost]:
    with feed_host() as host:
        host.pages["/a.xml"] = rss(ON_TOPIC)
        yield host


@contextmanager
def service(desk: Desk, manager: Manager, *before: str) -> Iterator[subprocess.Popen[str]]:
    """``newsbell daemon`` under ``manager``, started by the words ``before`` it; killed when it still runs."""
    process = subprocess.Popen(
        [*before, *desk.arguments("daemon", "--backlog", "20")],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment() | {"NOTIFY_SOCKET": manager.address},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def configured(tmp_path: Path, feeds: FeedHost, metrics: int) -> Desk:
    desk = Desk(tmp_path)
    desk.write(CONFIG.format(port=feeds.port, base=feeds.base, metrics=metrics), pair=PROFILE % "hook")
    return desk


@pytest.mark.e2e
def test_the_service_manager_is_told_everything_and_prometheus_is_answered(
    tmp_path: Path, feeds: FeedHost, manager: Manager
) -> None:
    port = free_port()
    desk = configured(tmp_path, feeds, port)
    with service(desk, manager) as daemon:
        manager.wait("READY=1")
        wait_for(lambda: feeds.posts)
        manager.wait("WATCHDOG=1")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert samples(answer.read().decode())[("newsbell_deliveries", "sent")] == 1
        daemon.send_signal(signal.SIGHUP)
        since = time.monotonic_ns() // 1000 - 60_000_000
        assert since < int(manager.wait("RELOADING=1")["MONOTONIC_USEC"]) < since + 120_000_000
        manager.wait("READY=1")
        manager.wait("WATCHDOG=1")
        daemon.send_signal(signal.SIGTERM)
        manager.wait("STOPPING=1")
        assert daemon.wait(10) == 0


@pytest.mark.e2e
def test_killed_in_the_middle_of_a_pass_it_goes_on_after_a_restart_and_tells_nothing_twice(
    tmp_path: Path, feeds: FeedHost, manager: Manager
) -> None:
    desk = configured(tmp_path, feeds, free_port())
    feeds.gate = threading.Event()
    with service(desk, manager) as daemon:
        wait_for(lambda: feeds.requests)  # the answer is held back
        daemon.send_signal(signal.SIGKILL)
        assert daemon.wait(10) == -signal.SIGKILL
    feeds.gate.set()
    with service(desk, manager) as daemon:
        manager.wait("READY=1")
        wait_for(lambda: feeds.posts)
        manager.wait("WATCHDOG=1")
        daemon.send_signal(signal.SIGKILL)  # and after it was told
        daemon.wait(10)
    with service(desk, manager) as daemon:
        manager.wait("READY=1")
        manager.wait("WATCHDOG=1")
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(10) == 0
    assert len(feeds.posts) == 1


@pytest.mark.e2e
def test_the_watchdog_starves_while_the_store_is_broken_and_is_fed_again_after_it(
    tmp_path: Path, feeds: FeedHost, manager: Manager
) -> None:
    desk = configured(tmp_path, feeds, free_port())
    with ExitStack() as stack:
        daemon = stack.enter_context(service(desk, manager))
        assert daemon.stderr is not None
        wait_for(lambda: feeds.posts)
        manager.wait("WATCHDOG=1")
        intruder = stack.enter_context(closing(sqlite3.connect(tmp_path / "state" / "newsbell.db")))
        intruder.execute("ALTER TABLE feeds RENAME TO hidden")
        intruder.commit()
        failures = (line for line in daemon.stderr if "cannot be told" in line)
        next(failures)
        manager.waiting()
        next(failures)
        assert manager.waiting() == []
        intruder.execute("ALTER TABLE hidden RENAME TO feeds")
        intruder.commit()
        manager.wait("WATCHDOG=1")
        daemon.send_signal(signal.SIGTERM)
        manager.wait("STOPPING=1")
        assert daemon.wait(10) == 0


UNIT = Path(__file__).parents[2] / "deploy" / "systemd" / "newsbell.service"
confinable = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None or not confined.possible(), reason="needs systemd's lists and Linux 6.3"
)


@confinable
@pytest.mark.processes
def test_what_the_unit_takes_away_is_gone() -> None:
    tried = (
        "import mmap, os, socket\n"
        "for attempt in (lambda: os.nice(1), lambda: os.chroot('/'), lambda: socket.socket(socket.AF_NETLINK),\n"
        "                lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)):\n"
        "    try: attempt()\n"
        "    except PermissionError: print('refused')"
    )
    command = [sys.executable, "-m", "tests.deploy.confined", str(UNIT), sys.executable, "-c", tried]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=UNIT.parents[2])
    assert (done.stdout.split(), done.stderr) == (["refused"] * 4, "")


@confinable
@pytest.mark.e2e
def test_the_daemon_does_its_work_with_what_the_unit_leaves_it(
    tmp_path: Path, feeds: FeedHost, manager: Manager
) -> None:
    feeds.pages["/a.xml"] = rss(ON_TOPIC).replace(b"</item>", b"</itm>")  # for the slow parser, too
    desk = configured(tmp_path, feeds, free_port())
    jail = (sys.executable, "-m", "tests.deploy.confined", str(UNIT))
    with service(desk, manager, *jail) as daemon:
        manager.wait("READY=1")
        wait_for(lambda: feeds.posts)
        daemon.send_signal(signal.SIGHUP)
        manager.wait("RELOADING=1")
        manager.wait("READY=1")
        manager.wait("WATCHDOG=1")
        daemon.send_signal(signal.SIGTERM)
        _, said = daemon.communicate(timeout=20)
    assert daemon.returncode == 0
    assert "rror" not in said
    assert "not permitted" not in said


class FailingWork:
    """Work whose only pass fails; ``looked_again`` is set when the daemon looks again after it."""

    def __init__(self) -> None:
        self.failed = False
        self.looked_again = asyncio.Event()

    def due(self) -> bool:
        if self.failed:
            self.looked_again.set()
        return not self.failed

    async def run_pass(self) -> object:
        self.failed = True
        raise OSError("the disk is full")

    async def upkeep(self) -> object:
        return None

    def config_changed(self) -> bool:
        return False

    def reload(self) -> None:
        raise AssertionError("nobody asked for it")


class StubbornWork(FailingWork):
    """Work that can take over no configuration."""

    def due(self) -> bool:
        return False

    def reload(self) -> None:
        raise OSError("the disk is full")


async def test_the_manager_is_told_that_it_is_ready_again_whatever_a_reload_comes_to() -> None:
    told, twice = list[str](), asyncio.Event()

    def notify(state: str) -> None:
        told.append(state)
        if told.count("READY=1") == 2:
            twice.set()

    daemon = Daemon(StubbornWork(), notify, monotonic=lambda: 12.5)
    running = asyncio.create_task(daemon.run())
    await asyncio.sleep(0)  # let it put up its signal handlers
    signal.raise_signal(signal.SIGHUP)
    await asyncio.wait_for(twice.wait(), 30)
    daemon.stop()
    await running
    assert [state for state in told if state != "WATCHDOG=1"] == [
        "READY=1",
        "RELOADING=1\nMONOTONIC_USEC=12500000",
        "READY=1",
        "STOPPING=1",
    ]


async def test_the_watchdog_starves_while_passes_fail() -> None:
    work, told = FailingWork(), list[str]()
    daemon = Daemon(work, told.append)
    running = asyncio.create_task(daemon.run())
    await asyncio.wait_for(work.looked_again.wait(), 30)
    daemon.stop()
    await running
    assert told == ["READY=1", "STOPPING=1"]
