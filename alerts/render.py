"""Renders a Digest to text, HTML, JSON and a short note. Templates are the shipped ones or a user's own.

A template ``digest`` is two files, ``digest.html.j2`` and ``digest.txt.j2``, each looked for in the user's folder
first. A user's template may extend a shipped one: ``{% extends "shipped/digest.html.j2" %}``.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import css_inline
import jinja2

from alerts.clean import cut
from alerts.errors import TemplateError
from alerts.model import Digest
from alerts.payload import encode, payload
from alerts.sample import empty_digest, sample_digest
from alerts.sandbox import TemplateEnvironment
from alerts.shrink import first, shrink
from alerts.view import DigestView, view
from alerts.wrap import wrap

SHIPPED = Path(__file__).parent / "templates"
MAX_HTML = 90_000  # bytes: Gmail cuts a mail at 102 kB
MAX_TEXT = 90_000  # of the other part of a mail
_TOO_LARGE = f"it writes more than {MAX_HTML:,} bytes, however little it is given"
MAX_STORIES = 200  # that a template is given; whatever a profile's ``max_items``, the rest is counted
DEFAULT = "digest"
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_SUFFIXES = (".html.j2", ".txt.j2")
_MISTAKES = (ArithmeticError, LookupError, RecursionError, SyntaxError, TypeError, ValueError)
_log = logging.getLogger(__name__)
T = TypeVar("T")


class Renderer:
    """Turns digests into what is sent. The same digest always gives the same text.

    A user's template that fails, or is too large without any story, is replaced by the shipped one, with a notice in
    the message that says so, because an alert must arrive; with ``strict`` the ``TemplateError`` is raised instead, for
    previews and checks.
    """

    def __init__(self, template_dir: Path | None = None, *, strict: bool = False) -> None:
        self._folder = template_dir
        self._strict = strict
        self._shipped = _environment(None)
        self._environment = _environment(template_dir) if template_dir else self._shipped
        self._inliner = css_inline.CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False)

    def text(self, digest: Digest, more_at: str = "") -> str:
        """Plain text for a mail's first part and for terminals; ``more_at`` says where the rest can be read."""
        return self._render(digest, ".txt.j2", more_at).strip("\n") + "\n"

    def html(self, digest: Digest, more_at: str = "") -> str:
        """An HTML page for mail programs, at most 90,000 bytes: what does not fit is counted as "more"."""
        return self._fitting(digest, more_at, Renderer._page, _page_fits)

    def mail(self, digest: Digest, more_at: str = "") -> tuple[str, str]:
        """Text and page of one mail: both tell the same stories, and neither is longer than 90,000 bytes."""
        return self._fitting(
            digest,
            more_at,
            lambda own, smaller, where: (own.text(smaller, where), own._page(smaller, where)),
            lambda parts: len(parts[0].encode()) <= MAX_TEXT and _page_fits(parts[1]),
        )

    def json(self, digest: Digest, *, archive: str = "", max_bytes: int | None = None) -> str:
        """The JSON of ``alerts.payload``: every entry; with ``max_bytes`` compact, and as many as fit, maybe none."""
        if max_bytes is None:
            return encode(payload(digest, every=True), indent=2) + "\n"
        text = shrink(
            digest,
            lambda smaller: encode(payload(smaller, archive=archive)),
            lambda text: len(text.encode()) <= max_bytes,
        )
        if len(text.encode()) <= max_bytes:
            return text
        bare = replace(first(digest, 0), held=(), notices=(), activity=(), health=replace(digest.health, problems=()))
        return encode(payload(bare, archive=archive))

    def short(self, digest: Digest, max_length: int, more_at: str = "") -> str:
        """A short note of at most ``max_length`` characters, for chats."""
        note = shrink(
            first(digest, MAX_STORIES),
            lambda smaller: _run(self._shipped, "short.txt.j2", view(smaller, more_at)).strip(),
            lambda text: len(text) <= max_length,
        )
        return cut(note, max_length)

    def check(self, names: Iterable[str] = ()) -> list[TemplateError]:
        """What is wrong with the user's templates, and which of ``names`` do not exist; nothing when all is well."""
        problems = [problem for name in sorted(set(names)) if (problem := self._missing(name))]
        files = sorted(self._folder.glob("*")) if self._folder and self._folder.is_dir() else []
        if self._folder and not self._folder.is_dir():
            problems.append(TemplateError(str(self._folder), 0, "the template folder does not exist"))
        for file in files:
            if file.name.endswith(_SUFFIXES):
                problems += self.attempt(file.name)
            elif file.suffix in {".j2", ".html", ".txt", ".jinja", ".jinja2"}:
                problems.append(TemplateError(file.name, 0, "is never used: call it NAME.html.j2 or NAME.txt.j2"))
        return problems

    def _fitting(
        self, digest: Digest, more_at: str, render: Callable[[Renderer, Digest, str], T], fits: Callable[[T], bool]
    ) -> T:
        """``digest`` made so small that it fits; by the shipped template where a user's never does."""
        result = shrink(digest, lambda smaller: render(self, smaller, more_at), fits)
        if self._environment is self._shipped or fits(result):
            return result
        error = TemplateError(digest.template, 0, _TOO_LARGE)
        if self._strict:
            raise error
        _log.error("template %s is not used: %s", digest.template, error.reason)
        return Renderer()._fitting(without(digest, error), more_at, render, fits)

    def _page(self, digest: Digest, more_at: str) -> str:
        return self._inline(self._render(digest, ".html.j2", more_at))

    def _render(self, digest: Digest, suffix: str, more_at: str) -> str:
        name = self._file(digest.template, suffix)
        digest = first(digest, MAX_STORIES)
        try:
            return _run(self._environment, name, view(digest, more_at))
        except TemplateError as error:
            if self._strict or self._environment is self._shipped:
                raise
            _log.exception("template %s failed; the shipped one is used", name)
            digest = without(digest, error)
        return _run(self._shipped, DEFAULT + suffix, view(digest, more_at))

    def _file(self, template: str, suffix: str) -> str:
        """The file that renders ``template``; the default when it has none of this kind."""
        return template + suffix if self._has(template, suffix) else DEFAULT + suffix

    def _has(self, template: str, suffix: str) -> bool:
        if not _NAME.fullmatch(template):
            return False
        return any((folder / (template + suffix)).is_file() for folder in (self._folder, SHIPPED) if folder)

    def _missing(self, name: str) -> TemplateError | None:
        if any(self._has(name, suffix) for suffix in _SUFFIXES):
            return None
        where = f" in {self._folder}" if self._folder else ""
        return TemplateError(name, 0, f"there is no {name}.html.j2 or {name}.txt.j2{where}")

    def attempt(self, file: str) -> list[TemplateError]:
        """What is wrong with one of the user's template files, found out on samples."""
        try:
            texts = [_run(self._environment, file, view(digest)) for digest in (sample_digest(), empty_digest())]
        except TemplateError as error:
            return [error]
        pages = map(self._inline, texts) if file.endswith(".html.j2") else texts
        return [] if all(map(_page_fits, pages)) else [TemplateError(file, 0, _TOO_LARGE)]

    def _inline(self, html: str) -> str:
        """Move the style sheet into the elements; media queries stay.

        What stays is put at the top of the head, so the character set is named again before it: it has to come first.
        """
        inlined = self._inliner.inline(html).replace("<head>", '<head><meta charset="utf-8">', 1)
        return re.sub(r"\n\s*", "\n", inlined).strip() + "\n"


def _page_fits(page: str) -> bool:
    return len(page.encode()) <= MAX_HTML


def without(digest: Digest, error: TemplateError) -> Digest:
    """``digest`` for the shipped template, with a notice that says why it is this one."""
    notice = f"The template {error.template} could not be used, so this is the built-in one. {error}"
    return replace(digest, template=DEFAULT, notices=(*digest.notices, notice))


def _environment(folder: Path | None) -> TemplateEnvironment:
    shipped = jinja2.FileSystemLoader(SHIPPED)
    own = [jinja2.FileSystemLoader(folder)] if folder else []
    environment = TemplateEnvironment(
        jinja2.ChoiceLoader([*own, shipped, jinja2.PrefixLoader({"shipped": shipped})]),
    )
    environment.add_filters({"wrap": wrap})
    return environment


def _run(environment: TemplateEnvironment, name: str, digest: DigestView) -> str:
    """Render template ``name``; whatever goes wrong in it becomes a ``TemplateError`` with its line."""
    try:
        return environment.run(name, {"digest": digest})
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(error.name or name, error.lineno, error.message or "wrong syntax") from error
    except jinja2.TemplateNotFound as error:
        raise TemplateError(name, 0, f"the template {error.name} does not exist") from error
    except MemoryError as error:
        raise TemplateError(name, 0, "it takes too much memory") from error
    except (jinja2.TemplateError, *_MISTAKES) as error:
        where, line = _place(error, name)
        raise TemplateError(where, line, str(error) or type(error).__name__) from error


def _place(error: BaseException, name: str) -> tuple[str, int]:
    """The template and line where ``error`` was raised, as far as the traceback tells."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    return (Path(frames[-1].filename).name, frames[-1].lineno or 0) if frames else (name, 0)
