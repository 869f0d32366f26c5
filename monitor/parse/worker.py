"""The worker process: documents in on standard input, feeds out on standard output, until the input ends.

It limits itself before it reads a byte: memory, processor time for each document (the kernel ends the process, in
whatever library it is stuck), no files, no core dumps. Its environment holds no secrets: the pool gives it none.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import traceback
from pathlib import Path
from typing import BinaryIO

from monitor.errors import ParseError
from monitor.model import Document, ParsedFeed
from monitor.parse import frames
from monitor.parse.documents import parse_document


def main(arguments: list[str]) -> int:
    """Serve until standard input ends or the process has grown. Arguments: CPU seconds, memory and recycling bytes."""
    cpu_seconds, memory, recycle_at = float(arguments[0]), int(arguments[1]), int(arguments[2])
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not pass for an answer
    _limit(memory)
    gc.freeze()  # what was imported stays: the collector need not look at it after each document
    try:
        answers.write(frames.READY)
        while documents := _next_batch(sys.stdin.buffer):
            for document in documents:
                signal.setitimer(signal.ITIMER_PROF, cpu_seconds)  # its signal's default action ends the process
                answer = frames.pack_answer(_parse(document))
                signal.setitimer(signal.ITIMER_PROF, 0)
                answers.write(answer)
            if _held() >= recycle_at:
                break
    except (BrokenPipeError, KeyboardInterrupt):  # the pool is gone, or the whole program is asked to stop
        pass
    return 0


def _parse(document: Document) -> ParsedFeed | str:
    try:
        return parse_document(document)
    except ParseError as error:
        return str(error)
    except MemoryError:
        return "this feed needs more memory than it is allowed"
    except RecursionError:
        return "this feed is nested too deeply"
    except Exception as error:  # noqa: BLE001 - a mistake of ours costs one document; its place goes to whoever logs it
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"this feed cannot be read: {type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def _next_batch(source: BinaryIO) -> list[Document]:
    """The documents of the next frame; none at the end of the input."""
    header = source.read(frames.HEADER_BYTES)
    if len(header) < frames.HEADER_BYTES:
        return []
    return frames.unpack_documents(source.read(frames.payload_length(header)))


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _held() -> int:
    """The memory that this process holds, in bytes; 0 where there is no ``/proc`` to tell."""
    try:
        resident = Path("/proc/self/statm").read_bytes().split()[1]
    except OSError:
        return 0
    return int(resident) * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
