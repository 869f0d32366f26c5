"""The ``Parser`` port: the same behaviour in this process and in workers; and what only workers can promise."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.errors import ParseError
from monitor.model import Document
from monitor.parse.inline import InlineParser
from monitor.parse.pool import ParseLimits, ProcessParser
from monitor.ports import Parser
from tests.monitor.parse.samples import FILES, URL, item, parse, rss

GOOD = rss(item(1), item(2))
# Takes several times the processor time that the tests allow.
HEAVY = rss(*(f"<item><title>{number}</title><link>{number}</link></item>" for number in range(4_900)))
LARGE = rss(item(1, description="x" * 300_000))


class TestParser:
    @pytest.fixture(params=[InlineParser, pytest.param(ProcessParser, marks=pytest.mark.processes)])
    async def parser(self, request: pytest.FixtureRequest) -> AsyncIterator[Parser]:
        parser: Parser = request.param()
        yield parser
        await parser.aclose()

    async def test_every_sample_is_read_alike(self, parser: Parser) -> None:
        bodies = [path.read_bytes() for path in FILES]
        feeds = await asyncio.gather(*(parser.parse(Document(URL, body)) for body in bodies))
        assert list(feeds) == [parse(body) for body in bodies]

    async def test_what_is_known_is_not_handed_over(self, parser: Parser) -> None:
        feed = await parser.parse(Document(URL, GOOD, known=parse(GOOD).fingerprints))
        assert (feed.total, feed.entries) == (2, ())

    async def test_what_is_no_feed_is_a_parse_error_of_its_address(self, parser: Parser) -> None:
        with pytest.raises(ParseError, match="web page") as caught:
            await parser.parse(Document(URL, b"<!doctype html><html>"))
        assert caught.value.url == URL
        await parser.aclose()  # closing twice is well

    async def test_one_bad_document_among_many_spoils_no_other(self, parser: Parser) -> None:
        bodies = [GOOD if number % 3 else b"no feed" for number in range(30)]
        results = await asyncio.gather(*(parser.parse(Document(URL, body)) for body in bodies), return_exceptions=True)
        assert [isinstance(result, ParseError) for result in results] == [number % 3 == 0 for number in range(30)]


def workers(parent: int | None = None) -> set[int]:
    """The processes that this one, or ``parent``, has started."""
    found: set[int] = set()
    for thread in Path(f"/proc/{parent or os.getpid()}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that has ended meanwhile
            found |= {int(pid) for pid in (thread / "children").read_text().split()}
    return found


@pytest.mark.processes
class TestWorkers:
    @pytest.fixture
    async def impatient(self) -> AsyncIterator[ProcessParser]:
        parser = ProcessParser(ParseLimits(workers=2, cpu_seconds=0.1, patience=0.03))
        yield parser
        await parser.aclose()

    async def test_no_process_runs_before_the_first_document_nor_after_the_end(self) -> None:
        before = workers()
        parser = ProcessParser()
        assert workers() == before
        await parser.parse(Document(URL, GOOD))
        assert len(workers() - before) == 1
        await parser.aclose()
        assert workers() == before

    async def test_a_document_that_takes_too_long_is_stopped_and_says_so(self, impatient: ProcessParser) -> None:
        with pytest.raises(ParseError, match=r"took more than 0.1 s of processor time"):
            await impatient.parse(Document(URL, HEAVY))
        assert (await impatient.parse(Document(URL, GOOD))).total == 2

    async def test_only_such_documents_are_stopped(self, impatient: ProcessParser) -> None:
        bodies = [HEAVY, GOOD, HEAVY, GOOD, GOOD]
        results = await asyncio.gather(
            *(impatient.parse(Document(URL, body)) for body in bodies), return_exceptions=True
        )
        assert [isinstance(result, ParseError) for result in results] == [True, False, True, False, False]

    async def test_one_that_goes_on_is_not_stopped_by_the_clock(self) -> None:
        parser = ProcessParser(ParseLimits(cpu_seconds=0.7, patience=0.02, deadline=0.5))
        with pytest.raises(ParseError, match=r"of processor time"):
            await parser.parse(Document(URL, rss(*(f"<item><title>{n}</title><b></item>" for n in range(4_900)))))
        await parser.aclose()

    async def test_one_that_gets_no_further_is_stopped(self) -> None:
        before = workers()
        parser = ProcessParser(ParseLimits(patience=0.02, deadline=0.25))
        await parser.parse(Document(URL, GOOD))
        (nursery,) = workers() - before
        (worker,) = workers(nursery)
        os.kill(worker, signal.SIGSTOP)
        with pytest.raises(ParseError, match="too long"):
            await parser.parse(Document(URL, GOOD))
        assert (await parser.parse(Document(URL, GOOD))).total == 2
        await parser.aclose()

    async def test_a_large_document_lets_small_ones_pass(self) -> None:
        parser = ProcessParser()
        finished: list[int] = []

        async def read(body: bytes) -> None:
            await parser.parse(Document(URL, body))
            finished.append(len(body))

        await asyncio.gather(*map(read, [LARGE, GOOD, LARGE, GOOD, GOOD]))
        assert finished == [len(GOOD)] * 3 + [len(LARGE)] * 2
        await parser.aclose()

    async def test_documents_behind_one_that_takes_long_do_not_wait_for_its_end(self) -> None:
        parser = ProcessParser(ParseLimits(patience=0.01))
        finished: list[int] = []

        async def read(number: int, body: bytes) -> None:
            await parser.parse(Document(URL, body))
            finished.append(number)

        await asyncio.gather(*(read(number, HEAVY if number in (1, 3) else GOOD) for number in range(40)))
        assert {*finished[-2:]} == {1, 3}
        await parser.aclose()

    async def test_no_answer_is_taken_for_another_documents(self) -> None:
        """The held worker answers for what was behind, too, and all of it is read at once: the program was busy."""
        parser = ProcessParser(ParseLimits(patience=0.02))
        slow = rss(*(f"<item><title>{number}</title><b></item>" for number in range(250)))

        async def read(name: str) -> str:
            return (await parser.parse(Document(URL, rss(item(1, title=name))))).entries[0].title

        for turn in "ab":
            reading = asyncio.create_task(parser.parse(Document(URL, slow)))
            behind = [f"{turn} behind {number}" for number in range(15)]
            assert await asyncio.gather(*map(read, behind)) == behind  # by another worker
            for _ in range(3):
                parse(slow)  # meanwhile the first one comes to its end
            later = [f"{turn} later {number}" for number in range(40)]
            assert await asyncio.gather(*map(read, later)) == later
            assert (await reading).total == 250
        await parser.aclose()

    async def test_all_workers_but_one_end_when_nothing_waits(self) -> None:
        before = workers()
        parser = ProcessParser(ParseLimits(patience=0.01))
        await asyncio.gather(*(parser.parse(Document(URL, body)) for body in (HEAVY, GOOD, HEAVY, GOOD)))
        await parser.parse(Document(URL, GOOD))
        (nursery,) = workers() - before
        descriptors = [os.pidfd_open(pid) for pid in workers(nursery)]
        while sum(not select.select([each], [], [], 0)[0] for each in descriptors) > 1:
            await asyncio.sleep(0)
        for each in descriptors:
            os.close(each)
        await parser.aclose()

    async def test_memory_is_limited(self) -> None:
        parser = ProcessParser(ParseLimits(memory=64 * 1_048_576))
        with pytest.raises(ParseError, match=r"memory|ended its process"):
            await parser.parse(Document(URL, rss(item(1, description="x" * 20_000_000))))
        assert (await parser.parse(Document(URL, GOOD))).total == 2
        await parser.aclose()

    async def test_a_worker_that_has_grown_is_replaced(self) -> None:
        parser = ProcessParser(ParseLimits(recycle=1))
        for _ in range(2):
            assert (await parser.parse(Document(URL, GOOD))).total == 2
        await parser.aclose()

    @pytest.mark.parametrize("which", ["the worker", "the one that started it"])
    async def test_a_worker_that_is_killed_costs_at_most_its_document(self, which: str) -> None:
        before = workers()
        parser = ProcessParser()
        await parser.parse(Document(URL, GOOD))
        (nursery,) = workers() - before
        (worker,) = workers(nursery)
        os.kill(worker if which == "the worker" else nursery, signal.SIGKILL)
        results = await asyncio.gather(*(parser.parse(Document(URL, GOOD)) for _ in range(20)), return_exceptions=True)
        assert sum(isinstance(result, ParseError) for result in results) <= 1
        await parser.aclose()

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    async def test_a_signal_to_all_processes_leaves_the_end_to_the_program(self, number: signal.Signals) -> None:
        """A terminal and systemd send it to all of them; the daemon ends its pass before it ends."""
        before = workers()
        parser = ProcessParser()
        await parser.parse(Document(URL, GOOD))
        (nursery,) = workers() - before
        for pid in (*workers(nursery), nursery):
            os.kill(pid, number)
        assert (await parser.parse(Document(URL, GOOD))).total == 2
        assert workers() - before == {nursery}
        await parser.aclose()
        assert workers() == before

    async def test_a_caller_that_goes_away_does_no_harm(self, impatient: ProcessParser) -> None:
        gone = asyncio.ensure_future(impatient.parse(Document(URL, GOOD)))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await impatient.parse(Document(URL, GOOD))).total == 2

    async def test_closing_ends_documents_on_their_way(self) -> None:
        parser = ProcessParser()
        late = asyncio.ensure_future(parser.parse(Document(URL, HEAVY)))
        await asyncio.sleep(0)
        await parser.aclose()
        with pytest.raises(ParseError):
            await late
        with pytest.raises(ParseError, match="stopped before"):
            await parser.parse(Document(URL, GOOD))

    async def test_a_program_that_cannot_start_processes_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "executable", "/no/such/python")
        parser = ProcessParser()
        with pytest.raises(ParseError, match="no process could be started"):
            await parser.parse(Document(URL, GOOD))
        await parser.aclose()

    def test_a_worker_gets_no_secret_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NEWSBELL_TEST_SECRET", "a-secret-of-this-test")

        async def environment() -> bytes:
            before = workers()
            parser = ProcessParser()
            await parser.parse(Document(URL, GOOD))
            (pid,) = workers() - before
            found = Path(f"/proc/{pid}/environ").read_bytes()
            await parser.aclose()
            return found

        assert b"a-secret-of-this-test" not in asyncio.run(environment())

    def test_workers_end_with_a_program_that_is_killed(self) -> None:
        program = f"""
            import asyncio, os, signal
            from pathlib import Path
            from monitor.model import Document
            from monitor.parse.pool import ProcessParser

            async def main():
                await ProcessParser().parse(Document("{URL}", {GOOD!r}))
                children = [(task / "children").read_text() for task in Path("/proc/self/task").iterdir()]
                print(*children, flush=True)
                os.kill(os.getpid(), signal.SIGKILL)

            asyncio.run(main())
        """
        ended = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, check=False, timeout=30
        )
        assert ended.returncode == -signal.SIGKILL
        for pid in map(int, ended.stdout.split()):
            descriptor = os.pidfd_open(pid) if Path(f"/proc/{pid}").exists() else None
            if descriptor is not None:
                ready = select.select([descriptor], [], [], 10)[0]
                os.close(descriptor)
                assert ready
