"""User-written templates, rendered where they can be stopped: in a process of their own that ends with its work.

``alerts.sandbox`` bounds what a template may do step by step. What it cannot foresee, such as a value that grows
without a step, a style sheet that takes for ever to apply or memory that runs out, ends with this process. It gets no
secrets: its environment is empty, and what it renders comes to it over a pipe.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from alerts.errors import TemplateError
from alerts.model import Digest
from alerts.render import Renderer, without

CPU_SECONDS = 5  # for all that one message takes
MEMORY = 1 << 30  # bytes of address space, most of which is taken by what is only loaded
PATIENCE = 60.0  # seconds: a machine may be busy with something else
_log = logging.getLogger(__name__)
_SOURCE_ROOT = Path(__file__).resolve().parents[1]


def renderer(folder: Path | None) -> Renderer:
    """What renders with the templates of ``folder``: apart when there are any, for they are a user's."""
    theirs = folder is not None and folder.is_dir() and any(folder.glob("*.j2"))
    return ApartRenderer(folder) if folder is not None and theirs else Renderer(folder)


class StoppedError(TemplateError):
    """A template's process ended before it had an answer."""


class ApartRenderer(Renderer):
    """Renders with the templates in ``folder`` as a ``Renderer`` does, but in another process.

    When they fail, the shipped ones make the whole message. A template that had to be stopped is not tried again.
    """

    def __init__(
        self, folder: Path, *, cpu_seconds: int = CPU_SECONDS, memory: int = MEMORY, patience: float = PATIENCE
    ) -> None:
        super().__init__(folder)
        self._shipped_only = Renderer()
        self._limits = (cpu_seconds, memory)
        self._patience = patience
        self._stopped: dict[str, TemplateError] = {}
        self._last: dict[str, tuple[Digest, str, Any]] = {}  # by method: every recipient gets the same

    def text(self, digest: Digest, more_at: str = "") -> str:
        """Plain text for a mail's first part and for terminals; ``more_at`` says where the rest can be read."""
        return str(self._rendered("text", digest, more_at, self._shipped_only.text))

    def html(self, digest: Digest, more_at: str = "") -> str:
        """An HTML page for mail programs, at most 90,000 bytes: what does not fit is counted as "more"."""
        return str(self._rendered("html", digest, more_at, self._shipped_only.html))

    def mail(self, digest: Digest, more_at: str = "") -> tuple[str, str]:
        """Text and page of one mail: both tell the same stories, and neither is longer than 90,000 bytes."""
        text, html = self._rendered("mail", digest, more_at, self._shipped_only.mail)
        return text, html

    def check(self, names: Iterable[str] = ()) -> list[TemplateError]:
        """What is wrong with the user's templates, and which of ``names`` do not exist; nothing when all is well."""
        asked = sorted(set(names))
        try:
            return self._problems("check", asked)
        except StoppedError:
            return super().check(asked)  # one file at a time, so that the culprit has a name

    def attempt(self, file: str) -> list[TemplateError]:
        """What is wrong with one of the user's template files."""
        try:
            return self._problems("attempt", file)
        except StoppedError as error:
            return [TemplateError(file, 0, error.reason)]

    def _problems(self, method: str, argument: object) -> list[TemplateError]:
        return [TemplateError(*each) for each in self._apart("templates", method, argument)]

    def _rendered(self, method: str, digest: Digest, more_at: str, shipped: Callable[[Digest, str], Any]) -> Any:
        known = self._last.get(method)
        if known is not None and known[0] is digest and known[1] == more_at:
            return known[2]
        try:
            if digest.template in self._stopped:
                raise self._stopped[digest.template]
            result = self._apart(digest.template, method, digest, more_at)
        except TemplateError as error:
            _log.error("template %s failed; the shipped one is used: %s", digest.template, error)
            if isinstance(error, StoppedError):
                self._stopped[digest.template] = error
            result = shipped(without(digest, error), more_at)
        self._last[method] = (digest, more_at, result)
        return result

    def _apart(self, template: str, method: str, *arguments: object) -> Any:
        """What ``method`` of a ``Renderer`` with the user's templates gives, as JSON has it."""
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-S", "-m", "alerts.apart"],
                input=pickle.dumps((self._limits, str(self._folder), method, arguments)),
                capture_output=True,
                timeout=self._patience,
                check=False,
                env={"PYTHONPATH": os.pathsep.join((str(_SOURCE_ROOT), *filter(None, sys.path)))},
            )
        except subprocess.TimeoutExpired:
            raise StoppedError(template, 0, f"it was not done within {self._patience:g} s") from None
        except OSError as error:
            raise StoppedError(template, 0, f"no process could be started for it: {error}") from error
        if done.returncode:
            raise StoppedError(template, 0, self._last_words(done.returncode, done.stderr.decode(errors="replace")))
        answer = json.loads(done.stdout)
        if "error" in answer:
            raise TemplateError(*answer["error"])
        return answer["result"]

    def _last_words(self, code: int, said: str) -> str:
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return f"it takes more than {self._limits[0]} s of computing"
        last = next(iter(said.splitlines()[-1:]), "")
        return f"its process ended with {code}{': ' if last else ''}{last}"


def main() -> None:
    """Carry out one order of an ``ApartRenderer``: from standard input to standard output."""
    (seconds, memory), folder, method, arguments = pickle.load(sys.stdin.buffer)
    soft = seconds + int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) + 1  # after what loading took
    resource.setrlimit(resource.RLIMIT_CPU, (soft, soft + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        result = getattr(Renderer(Path(folder), strict=True), method)(*arguments)
        listed = [_plain(each) for each in result] if method in ("check", "attempt") else result
        answer: dict[str, object] = {"result": listed}
    except TemplateError as error:
        answer = {"error": _plain(error)}
    sys.stdout.write(json.dumps(answer))


def _plain(error: TemplateError) -> tuple[str, int, str]:
    return error.template, error.line, error.reason


if __name__ == "__main__":
    main()
