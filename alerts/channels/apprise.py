"""Any of the services that Apprise knows (chats, push, SMS): a short note, cut to what the service takes.

Apprise is an extra (``pip install 'newsbell[apprise]'``) and slow to load, so it is imported when a note is sent.
"""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from alerts.channels.own import check_type
from alerts.errors import DeliveryError, PostError
from alerts.model import Digest, Message, Secret
from alerts.ports import HostGuard
from alerts.threads import DaemonThreads
from alerts.view import headline

if TYPE_CHECKING:
    from alerts.render import Renderer

# Characters of one message, by the scheme of the service's address; others are given what the smallest of them takes.
_LIMITS = {"slack": 35_000, "discord": 2_000, "tgram": 4_096}
_SMALLEST = 1_000
_TYPE = "text/plain"
# What chats read as a call to everybody or as a reference: @everyone, <!channel>, <@user>.
_MENTION = re.compile(r"(?<![\w/])@(?=\w)|@(?=everyone|here)")
_REFERENCE = re.compile(r"<(?=[!@#])")


class AppriseChannel:
    """Sends a short note to one Apprise address, which holds its credentials and is therefore a secret.

    ``guard`` is asked about the hosts that the address itself names, as that of a service of one's own does; services
    in the cloud are where Apprise knows them to be. Redirects are not followed.
    Raises ``ValueError`` with a user's words when Apprise is not installed or the address has no scheme.
    """

    kind = "apprise"
    on_unknown = "resend"

    def __init__(
        self, name: str, url: Secret, timeout: float, renderer: Renderer, guard: HostGuard | None = None
    ) -> None:
        scheme, separator, _ = url.reveal().partition("://")
        if not separator or not scheme.isalnum():
            raise ValueError("url: an Apprise address looks like slack://...")
        if importlib.util.find_spec("apprise") is None:
            raise ValueError("type: apprise is an extra; install it with: pip install 'newsbell[apprise]'")
        self.name = name
        self.recipients = (scheme.lower(),)
        self.timeout = timeout
        self._url = url
        self._renderer = renderer
        self._guard = guard

    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        """The note as plain text: pure, the same bytes for the same arguments."""
        note = self._renderer.short(digest, _LIMITS.get(recipient, _SMALLEST))
        body = _MENTION.sub("＠", _REFERENCE.sub("‹", note)).encode()
        return Message(key, digest.profile, self.name, recipient, headline(digest), body, _TYPE)

    async def open(self) -> None:
        """Nothing: its services can be asked for nothing but to take a note."""

    async def send(self, message: Message, attempt: int, now: datetime) -> None:
        """Hand the note to Apprise; raises ``DeliveryError`` when the service did not take it."""
        check_type(message, _TYPE, self.kind)
        import apprise

        services = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
        if not services.add(self._url.reveal()):
            raise DeliveryError(self.name, "Apprise does not understand the url")
        try:
            async with asyncio.timeout(self.timeout):
                await self._check(services)
                taken = await asyncio.get_running_loop().run_in_executor(
                    DaemonThreads(), _notify, services, message.body.decode()
                )
        except PostError as refusal:
            raise DeliveryError(self.name, str(refusal), unreachable=True) from refusal
        except TimeoutError as error:
            text = f"no answer within {self.timeout:g} s"
            some = _targets(services) > 1
            raise DeliveryError(
                self.name, _told_some(text) if some else text, unknown=True, unreachable=True, partial=some
            ) from error
        if not all(taken):
            text = f"{message.recipient} did not take the note; Apprise's log lines tell more"
            some = any(taken) or any(_targets([service]) > 1 for service in services)
            raise DeliveryError(self.name, _told_some(text) if some else text, partial=some)

    async def _check(self, services: Any) -> None:
        if self._guard is not None:
            for host, port in _hosts(services):
                await self._guard.check(host, port)


def _targets(services: Iterable[Any]) -> int:
    """To how many chats, rooms or people these addresses go; Apprise tells of none which of them took a note."""
    return sum(len(service) for service in services)


def _told_some(text: str) -> str:
    return f"some of its targets may have the note, and another try would repeat it to them: {text}"


def _notify(services: Any, text: str) -> Sequence[bool]:
    """Hand the note to each service, and tell which took it. In this thread: Apprise's own keep the program alive."""
    return [bool(service.notify(body=text, title="", body_format="text")) for service in services]


def _hosts(services: Any) -> Iterator[tuple[str, int]]:
    """The hosts that the addresses name, as Apprise's own description of each service says, and their ports."""
    for service in services:
        mail_server = getattr(service, "smtp_host", None)
        described = service.template_tokens.get("host", {}).get("name", "")
        named = str(getattr(described, "text", described)).lower()  # as written, not as the user's language has it
        if mail_server or (service.host and "host" in named):
            port = service.port or getattr(service, "default_port", None) or (443 if service.secure else 80)
            yield mail_server or service.host, port
