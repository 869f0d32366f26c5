"""``python -m tests.bench.soak``: workers on one PostgreSQL, killed again and again, and what became of every entry.

Feeds on many hosts of loopback bring new entries all the time, and every entry matches. Watched from the feeds' side:
polls of one feed that overlap, hosts that are asked for more than ``per_host`` at a time, and the longest pause of a
feed. At the end the workers get time to catch up; then each entry must be stored, and told in exactly one digest.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from monitor.model import Feed
from monitor.store.postgres.store import PostgresStore
from tests.bench.cpu import cpu_of
from tests.bench.scale import DURABLE, database_cpu
from tests.servers.postgres import Server, database, server

PER_HOST = 2
KEPT = 15  # entries of a feed's document
READING = 2e-4  # seconds for each feed of the configuration until a worker has read it
ANSWER_AFTER = 0.02  # seconds: what overlaps can be seen
PROFILE = """
name: storm
title: Storm
threshold: 1.0
terms:
  - {term: Ottilie, weight: 3.0}
digest: {schedule: "@run", channels: [files], stories: false, max_items: 1000}
"""


class Feeds:
    """The feeds' side: documents that grow, and what was seen of those who ask for them."""

    def __init__(self, feeds: int, hosts: int, chance: float, match_every: int) -> None:
        self.addresses = [f"127.{8 + host // 62_500}.{host // 250 % 250}.{1 + host % 250}" for host in range(hosts)]
        self._feeds = feeds
        self._chance = chance
        self._match_every = match_every
        self.entries = [0] * feeds
        self.polls = 0
        self.overlaps = 0
        self.crowded = 0
        self.growing = True
        self.longest = 0.0
        self._last: dict[int, float] = {}
        self._at_feed: Counter[int] = Counter()
        self._at_host: Counter[int] = Counter()
        self._random = random.Random(5)
        self.port = 0

    def urls(self) -> Iterator[str]:
        """Where each feed is."""
        for feed in range(self._feeds):
            yield f"http://{self.addresses[feed % len(self.addresses)]}:{self.port}/{feed}"

    async def start(self) -> asyncio.Server:
        """Serve on one port of all hosts."""
        first = await asyncio.start_server(self._connected, self.addresses[0], 0, backlog=512)
        self.port = first.sockets[0].getsockname()[1]
        for at in range(1, len(self.addresses), 500):
            await asyncio.start_server(self._connected, self.addresses[at : at + 500], self.port)
        return first

    def due_in_turn(self, start: float, interval: int) -> None:
        """From ``start`` on each is due in its turn, as if all had been polled in the ``interval`` seconds before."""
        self._last = {feed: start + interval * (feed / self._feeds - 1) for feed in range(self._feeds)}

    def waiting(self, now: float) -> float:
        """For how long the feed that waits longest has waited, in seconds."""
        return now - min(self._last.values(), default=now)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                feed = int(head.split(b" ", 2)[1][1:])
                writer.write(await self._answer(feed, head))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _answer(self, feed: int, head: bytes) -> bytes:
        host = feed % len(self.addresses)
        self._seen(feed, host)
        await asyncio.sleep(ANSWER_AFTER)
        self._at_feed[feed] -= 1
        self._at_host[host] -= 1
        tag = b'"%d"' % self.entries[feed]
        if b"If-None-Match: " + tag in head:
            return b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % tag
        body = self._document(feed)
        return b"HTTP/1.1 200 OK\r\nETag: %s\r\nContent-Length: %d\r\n\r\n%s" % (tag, len(body), body)

    def _seen(self, feed: int, host: int) -> None:
        now = time.monotonic()
        self.polls += 1
        self._at_feed[feed] += 1
        self._at_host[host] += 1
        self.overlaps += self._at_feed[feed] > 1
        self.crowded += self._at_host[host] > PER_HOST
        if feed in self._last:
            self.longest = max(self.longest, now - self._last[feed])
        self._last[feed] = now
        if self.growing and self._random.random() < self._chance:
            self.entries[feed] += 1

    def matches(self, feed: int, number: int) -> bool:
        """Whether a feed's entry of this number matches the profile."""
        return (feed + number) % self._match_every == 0

    def _document(self, feed: int) -> bytes:
        newest = self.entries[feed]
        items = "".join(
            f"<item><title>{'Ottilie' if self.matches(feed, number) else 'Olga'} {feed} {number}</title>"
            f"<link>http://news.example/{feed}/{number}</link><guid>{feed}-{number}</guid></item>"
            for number in range(newest, max(0, newest - KEPT), -1)
        )
        return f"<rss version='2.0'><channel><title>Feed {feed}</title>{items}</channel></rss>".encode()


class Workers:
    """The processes under test."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._running = [self._begin() for _ in range(count)]
        self.killed = 0

    def _begin(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "monitor", "-c", str(self._folder / "newsbell.yaml"), "worker"]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log)

    def kill_one(self, number: int) -> None:
        """``kill -9`` one and start another in its place."""
        number %= len(self._running)
        self._running[number].kill()
        self._running[number].wait()
        self._running[number] = self._begin()
        self.killed += 1

    @property
    def numbers(self) -> list[int]:
        """The processes."""
        return [process.pid for process in self._running]

    def end(self) -> None:
        """Ask all to end."""
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            process.wait()


def write_config(folder: Path, database_url: str, feeds: Feeds, interval: int) -> None:
    """The configuration that all workers share."""
    (folder / "profiles").mkdir()
    (folder / "profiles" / "storm.yaml").write_text(PROFILE)
    lines = "".join(f'  - {{url: "{url}"}}\n' for url in feeds.urls())
    (folder / "newsbell.yaml").write_text(
        f"contact: https://example.org/soak\nstate_dir: state\nstore: '{database_url}'\n"
        f"fetch: {{interval: {interval}s, max_interval: {interval}s, per_host: {PER_HOST}, "
        f"allow_addresses: [127.0.0.0/8]}}\n"
        f"channels:\n  files: {{type: file, dir: digests, formats: [json]}}\nfeeds:\n{lines}"
    )


def told(folder: Path) -> Counter[str]:
    """In how many digests each entry stands, by its link."""
    found: Counter[str] = Counter()
    for path in folder.glob("digests/**/*.json"):
        digest = json.loads(path.read_text())
        found.update({entry["link"] for story in digest["stories"] for entry in story["entries"]})
    return found


def stored(url: str) -> set[str]:
    """The links of the stored entries."""
    with psycopg.connect(url, options="-c search_path=newsbell") as db:
        return {link for (link,) in db.execute("SELECT link FROM entries")}


def take_over(url: str, feeds: Feeds, interval: int) -> None:
    """Put the feeds into the store as if each had been polled before, due one after the other over ``interval``."""
    watched = tuple(Feed(address) for address in feeds.urls())
    store = PostgresStore(url)
    store.sync_feeds(watched, datetime.now(UTC))
    store.close()
    with psycopg.connect(url, options="-c search_path=newsbell", autocommit=True) as db:
        wait = len(watched) * READING
        feeds.due_in_turn(time.monotonic() + wait, interval)
        db.execute(
            "UPDATE feeds SET state = 'ok', baseline = TRUE, etag = '\"0\"', next_poll = "
            "(1e6 * (extract(epoch FROM now()) + %s::float + %s::float * position / %s::float))::bigint",
            (wait, interval, len(watched)),
        )
        db.execute("VACUUM ANALYZE feeds")


async def stop_for(database_server: Server, seconds: float, folder: Path) -> int:
    """Stop the database for a while; returns what ``healthcheck`` ended with meanwhile."""
    await asyncio.to_thread(database_server.stop)
    check = [sys.executable, "-m", "monitor", "-c", str(folder / "newsbell.yaml"), "healthcheck"]
    found = await asyncio.to_thread(subprocess.run, check, capture_output=True, check=False)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(database_server.start)
    return found.returncode


async def soak(chosen: argparse.Namespace, folder: Path, url: str, database_server: Server) -> bool:
    """Run it and print what was found; whether all was well."""
    feeds = Feeds(chosen.feeds, chosen.hosts, chosen.chance, chosen.match_every)
    listening = await feeds.start()
    write_config(folder, url, feeds, chosen.interval)
    if chosen.known:
        await asyncio.to_thread(take_over, url, feeds, chosen.interval)
    started = time.monotonic()
    workers = Workers(folder, chosen.workers)
    while feeds.polls < (1 if chosen.known else chosen.feeds):  # a first poll is the baseline: nobody is told of it
        await asyncio.sleep(0.5)
    sys.stdout.write(f"{feeds.polls} were polled for the first time after {time.monotonic() - started:.0f} s\n")
    sys.stdout.flush()
    begun, baseline = time.monotonic(), list(feeds.entries)
    before, pauses = feeds.polls, 0.0
    feeds.longest = 0.0
    next_kill = begun + chosen.kill_every
    spent = cpu_of(workers.numbers), database_cpu(url)
    if chosen.database_away:
        code = await stop_for(database_server, chosen.database_away, folder)
        sys.stdout.write(f"database away for {chosen.database_away:g} s; healthcheck ended with {code}\n")
    while time.monotonic() < begun + 60 * chosen.minutes:
        await asyncio.sleep(max(0.25, chosen.feeds / 100_000))  # it looks at every feed
        pauses = max(pauses, feeds.waiting(time.monotonic()))
        if chosen.kill_every and time.monotonic() >= next_kill:
            next_kill += chosen.kill_every
            await asyncio.to_thread(workers.kill_one, workers.killed)
    polls = feeds.polls - before
    rate = polls / (time.monotonic() - begun)
    mine, theirs = cpu_of(workers.numbers) - spent[0], database_cpu(url) - spent[1]
    if not chosen.kill_every:  # what was killed is not counted
        sys.stdout.write(f"CPU of the workers: {1000 * mine / polls:.2f} ms a poll; ")
    sys.stdout.write(f"of the database: {1000 * theirs / polls:.2f} ms a poll\n")
    feeds.growing = False
    await asyncio.sleep(chosen.settle or 2 * chosen.interval + 40)
    await asyncio.to_thread(workers.end)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = 1000 * (used.ru_utime + used.ru_stime) / feeds.polls
    sys.stdout.write(f"CPU of the workers with all their starts: {total:.2f} ms a poll\n")
    listening.close()
    return verdict(feeds, workers, baseline, max(feeds.longest, pauses), rate, stored(url), told(folder), chosen)


def verdict(
    feeds: Feeds,
    workers: Workers,
    baseline: list[int],
    longest: float,
    rate: float,
    kept: set[str],
    counts: Counter[str],
    chosen: argparse.Namespace,
) -> bool:
    """Print what was found; whether all was well."""
    wanted = {
        f"http://news.example/{feed}/{number}"
        for feed, last in enumerate(feeds.entries)
        for number in range(baseline[feed] + 1, last + 1)
    }
    telling = {link for link in wanted if feeds.matches(*map(int, link.split("/")[-2:]))}
    lost, untold = wanted - kept, telling - counts.keys()
    twice = [link for link, count in counts.items() if count > 1]
    sys.stdout.write(
        f"{chosen.workers} workers, {chosen.feeds} feeds of {chosen.hosts} hosts every {chosen.interval} s for "
        f"{chosen.minutes:g} min, {workers.killed} workers killed\n"
        f"polls: {feeds.polls}, {rate:.0f} a second; overlapping: {feeds.overlaps}; beyond {PER_HOST} at a host: "
        f"{feeds.crowded}\n"
        f"longest pause of a feed: {longest:.1f} s, {longest - chosen.interval:.1f} s late\n"
        f"entries: {len(wanted)} new, {len(telling)} to be told; not stored: {len(lost)}; not told: {len(untold)}; "
        f"told twice: {len(twice)}\n"
    )
    return not (lost or untold or twice or feeds.overlaps or feeds.crowded)


@contextmanager
def place() -> Iterator[tuple[Path, str, Server]]:
    """A folder and a database, both gone at the end, with the server that holds it."""
    with tempfile.TemporaryDirectory() as folder, server(DURABLE) as own, database(own.url, "soak") as url:
        yield Path(folder), url, own


def main() -> None:
    """Measure, print, and leave with 1 when something was lost, doubled or impolite."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--interval", type=int, default=30, help="seconds between two polls of a feed")
    parser.add_argument("--known", action="store_true", help="all were polled before, and are due in their turn")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--kill-every", type=float, default=9, help="seconds; 0: nobody is killed")
    parser.add_argument("--chance", type=float, default=0.2, help="that a poll finds one more entry")
    parser.add_argument("--match-every", type=int, default=1, help="which entries match; 1: all of them")
    parser.add_argument("--database-away", type=float, default=0, help="seconds without the database, at the beginning")
    parser.add_argument("--settle", type=float, help="seconds to catch up in at the end; two intervals and 40 s")
    chosen = parser.parse_args()
    with place() as (folder, url, own):
        well = asyncio.run(soak(chosen, folder, url, own))
        if not well:
            sys.stdout.write((folder / "log").read_text()[-4000:])
    raise SystemExit(0 if well else 1)


if __name__ == "__main__":
    main()
