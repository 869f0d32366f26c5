"""Errors of Newsbell: one root, and what can go wrong when a message is handed over."""

from __future__ import annotations

from datetime import timedelta


class NewsbellError(Exception):
    """Root of every error that Newsbell raises on purpose; its text is written for the user."""


class TemplateError(NewsbellError):
    """A digest template cannot be read or rendered.

    ``template`` is the template's name, ``line`` its line (1-based; 0 when unknown), ``reason`` what is wrong.
    """

    def __init__(self, template: str, line: int, message: str) -> None:
        super().__init__(f"{template}:{line}: {message}" if line else f"{template}: {message}")
        self.template = template
        self.line = line
        self.reason = message


class DeliveryError(NewsbellError):
    """A channel did not take a message.

    ``reason``: why, without the channel's name.
    ``permanent``: trying again cannot help (SMTP 5xx, HTTP 410), so the delivery becomes a dead letter.
    ``gone``: permanent, and the receiver wants nothing else either (HTTP 410).
    ``unknown``: the message was handed over but no answer came, so it may have arrived.
    ``partial``: some of its targets may have it, so it is not sent again unless the user says so.
    ``retry_after``: the receiver's own wish for the pause before the next attempt.
    ``unreachable``: the channel itself did not answer, so its other messages would fare no better now.
    """

    def __init__(
        self,
        channel: str,
        message: str,
        *,
        permanent: bool = False,
        gone: bool = False,
        unknown: bool = False,
        partial: bool = False,
        retry_after: timedelta | None = None,
        unreachable: bool = False,
    ) -> None:
        super().__init__(f"{channel}: {message}")
        self.channel = channel
        self.reason = message
        self.permanent = permanent or gone
        self.gone = gone
        self.unknown = unknown
        self.partial = partial
        self.retry_after = retry_after
        self.unreachable = unreachable


class PostError(NewsbellError):
    """A webhook's POST brought no answer. ``sent``: the request may have reached the receiver."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent
