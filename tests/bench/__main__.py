"""``python -m tests.bench``: CPU, memory and time of a pass, with its stages, beside other programs in one run."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.bench import standing
from tests.bench.programs import PEERS, Program, Run, UnavailableError, newsbell, newsbell_command

ENTRIES = 20
STATES = {"first poll": 0, "all 304": 0, "one new": 1}  # state of the feeds: how many entries were added
STAGES = ("start", "fetch", "parse", "decide", "score", "store", "digest")
_STARTS: Mapping[str, Sequence[str]] = {"--help": ["--help"], "check": ["check"], "run, nothing due": ["run"]}
_SERVER = [sys.executable, "-m", "tests.bench.server"]

Samples = dict[tuple[str, str], list["Sample"]]


@dataclass(frozen=True)
class Sample:
    """One process with its children: wall and CPU seconds, the largest one's memory in MiB, CPU by stage."""

    wall: float
    cpu: float
    memory: float
    stages: Mapping[str, float] = field(default_factory=dict)


def measure(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> tuple[Sample, str]:
    """Run ``command`` to its end in ``folder``; what it cost and what it printed."""
    with (folder / "out").open("w+") as out, (folder / "errors").open("a") as errors:
        started = time.monotonic()
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=out, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - started
        out.seek(0)
        printed = out.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}, see {folder / 'errors'}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), printed


def with_stages(sample: Sample, printed: str, start: float) -> Sample:
    """``sample`` of a newsbell pass with its CPU by stage.

    A pass reports its own stages. ``start`` is the CPU of a run with nothing due; what neither accounts for are the
    worker processes that parse.
    """
    told: dict[str, float] = json.loads(printed)["durations"]
    named = {stage: told.get(stage, 0.0) for stage in ("decide", "score", "store", "digest")}
    named["digest"] += told.get("deliver", 0.0)
    fetch = told["all"] - sum(named.values())
    rest = sample.cpu - told["all"] - start
    return Sample(
        sample.wall, sample.cpu, sample.memory, {"start": start, "fetch": fetch, "parse": max(0.0, rest), **named}
    )


class Bench:
    """One comparison: ``feeds`` feeds, polled by each program in turn, round by round."""

    def __init__(self, options: argparse.Namespace, folder: Path, port: int) -> None:
        self._options = options
        self._folder = folder
        self._port = port
        self._urls = [f"http://127.0.0.1:{port}/feed/{feed}.xml" for feed in range(options.feeds)]
        self.samples: Samples = defaultdict(list)
        self.skipped: dict[str, str] = {}

    def run(self) -> None:
        """Measure every program ``runs`` times, interleaved, so that a busy moment of the machine hits all alike."""
        programs = [newsbell(self._options.profiles), *(PEERS if self._options.peers else ())]
        for number in range(self._options.runs):
            for program in programs:
                if program.name not in self.skipped:
                    self._states(program, self._folder / f"{program.name}-{number}")

    def _states(self, program: Program, folder: Path) -> None:
        folder.mkdir()
        try:
            how = program.prepare(folder, self._urls, self._options.tools)
        except (UnavailableError, subprocess.CalledProcessError) as problem:
            self.skipped[program.name] = str(problem)
            return
        start = 0.0
        for state, added in STATES.items():
            _ask(self._port, f"round/{added}")
            try:
                sample, printed = measure(self._command(how, state), how.environment, folder)
            except RuntimeError as problem:
                self.skipped[program.name] = str(problem)
                return
            if program.name == "newsbell":
                start = start or self._starts(folder)
                sample = with_stages(sample, printed, start)
            self.samples[program.name, state].append(sample)

    @staticmethod
    def _command(how: Run, state: str) -> Sequence[str]:
        return how.first if how.first and state == "first poll" else how.command

    def _starts(self, folder: Path) -> float:
        """Measure the commands that poll nothing; returns the CPU of a run with nothing due."""
        for name, arguments in _STARTS.items():
            sample, _ = measure([*newsbell_command(folder), *arguments], {}, folder)
            self.samples["newsbell", name].append(sample)
        return sample.cpu


@contextmanager
def feed_server(feeds: int, latency: int) -> Iterator[int]:
    """A feed server in a process of its own, ready to answer; gives its port."""
    process = subprocess.Popen([*_SERVER, str(feeds), str(ENTRIES)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        _ask(port, f"latency/{latency}")
        yield port
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _ask(port: int, path: str) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}") as answer:
        answer.read()


# -------------------------------------------------------------------------------------------- what it came to


def summary(samples: Samples, feeds: int) -> dict[str, dict[str, dict[str, float]]]:
    """Medians by program and state: wall seconds, CPU ms and the stages' ms for a feed, memory in MiB."""
    told: dict[str, dict[str, dict[str, float]]] = {}
    for (program, state), runs in samples.items():
        share = 1000.0 / (feeds if state in STATES else 1)
        row = {
            "wall": median(run.wall for run in runs),
            "cpu": median(run.cpu for run in runs) * share,
            "memory": median(run.memory for run in runs),
        }
        row |= {stage: median(run.stages[stage] for run in runs) * share for stage in runs[0].stages}
        told.setdefault(program, {})[state] = row
    return told


def table(told: Mapping[str, Mapping[str, Mapping[str, float]]], before: Mapping[str, object]) -> Iterator[str]:
    """The lines of the one table; ``before``: the summary of an earlier run, to compare with."""
    yield f"{'program':12} {'state':17} {'wall s':>7} {'CPU ms':>8} {'MiB':>5}  " + " ".join(
        f"{stage:>7}" for stage in STAGES
    )
    for program, states in told.items():
        for state, row in states.items():
            stages = " ".join(f"{row[stage]:7.3f}" for stage in STAGES if stage in row)
            yield (
                f"{program:12} {state:17} {row['wall']:7.2f} {row['cpu']:8.2f} {row['memory']:5.0f}  "
                f"{stages}{_change(before, program, state, row['cpu'])}"
            )


def _change(before: Mapping[str, object], program: str, state: str, cpu: float) -> str:
    known = before.get(program)
    row = known.get(state) if isinstance(known, dict) else None
    return f"  {100 * (cpu / row['cpu'] - 1):+.0f} % CPU" if row else ""


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--profiles", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3, help="rounds; the medians are shown")
    parser.add_argument("--latency-ms", type=int, default=0, help="how long the server waits before each answer")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="only newsbell")
    parser.add_argument(
        "--daemon", type=int, default=0, metavar="SECONDS", help="instead: a daemon that stands by, and its memory"
    )
    parser.add_argument("--tools", type=Path, default=Path("build/bench"), help="where other programs are installed")
    parser.add_argument("--output", type=Path, default=Path("bench-latest.json"))
    parser.add_argument("--compare", type=Path, help="the JSON of an earlier run")
    return parser.parse_args(arguments)


def daemon(chosen: argparse.Namespace) -> Iterator[str]:
    """What a daemon with ``chosen.feeds`` takes while it stands by, told in lines."""
    with tempfile.TemporaryDirectory() as name, feed_server(chosen.feeds, chosen.latency_ms) as port:
        folder = Path(name)
        urls = [f"http://127.0.0.1:{port}/feed/{feed}.xml" for feed in range(chosen.feeds)]
        newsbell(chosen.profiles).prepare(folder, urls, chosen.tools)
        yield from standing.lines(standing.stand(folder, chosen.daemon), chosen.feeds)


def main() -> None:
    """Measure, print the table, write the JSON."""
    chosen = options()
    chosen.tools = chosen.tools.resolve()
    if chosen.daemon:
        sys.stdout.write("\n".join(daemon(chosen)) + "\n")
        return
    before = json.loads(chosen.compare.read_text())["programs"] if chosen.compare else {}
    with tempfile.TemporaryDirectory() as folder, feed_server(chosen.feeds, chosen.latency_ms) as port:
        bench = Bench(chosen, Path(folder), port)
        bench.run()
    told = summary(bench.samples, chosen.feeds)
    size = f"{chosen.feeds} feeds x {ENTRIES} entries, {chosen.profiles} profiles, {chosen.latency_ms} ms latency"
    lines = [f"{size}: medians of {chosen.runs}; CPU with children, ms for a feed (a start: ms)", *table(told, before)]
    lines += [f"{program}: skipped, {reason}" for program, reason in bench.skipped.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    about = {"feeds": chosen.feeds, "profiles": chosen.profiles, "latency_ms": chosen.latency_ms, "runs": chosen.runs}
    chosen.output.write_text(json.dumps({"about": about, "programs": told, "skipped": bench.skipped}, indent=1) + "\n")


if __name__ == "__main__":
    main()
