"""Any of the services that Apprise knows (chats, push, SMS): a short note, cut to what the service takes.

Apprise is an extra (``pip install 'newsbell[apprise]'``) and slow to load, so it is imported when a note is sent.
"""

from __future__ import annotations

import asyncio
import importlib.util
import re
from datetime import datetime

from alerts.errors import DeliveryError
from alerts.model import Digest, Message, Secret
from alerts.render import Renderer
from alerts.view import headline

# Characters of one message, by the scheme of the service's address; services that are not named take the smallest.
LIMITS = {"slack": 35_000, "discord": 2_000, "msteams": 1_000, "workflow": 1_000, "workflows": 1_000, "tgram": 4_096}
_SMALLEST = 1_000
# What chats read as a call to everybody or as a reference: @everyone, <!channel>, <@user>.
_MENTION = re.compile(r"(?<![\w/])@(?=\w)|@(?=everyone|here)")
_REFERENCE = re.compile(r"<(?=[!@#])")


class AppriseChannel:
    """Sends a short note to one Apprise address, which holds its credentials and is therefore a secret.

    Raises ``ValueError`` with a user's words when Apprise is not installed or the address has no scheme.
    """

    kind = "apprise"
    on_unknown = "resend"

    def __init__(self, name: str, url: Secret, timeout: float, renderer: Renderer) -> None:
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

    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        """The note as plain text: pure, the same bytes for the same arguments."""
        note = self._renderer.short(digest, LIMITS.get(recipient, _SMALLEST))
        body = _MENTION.sub("＠", _REFERENCE.sub("‹", note)).encode()
        return Message(key, digest.profile, self.name, recipient, headline(digest), body, "text/plain")

    async def send(self, message: Message, attempt: int, now: datetime) -> None:
        """Hand the note to Apprise; raises ``DeliveryError`` when the service did not take it."""
        import apprise

        service = apprise.Apprise()
        if not service.add(self._url.reveal()):
            raise DeliveryError(self.name, "Apprise does not understand the url")
        try:
            async with asyncio.timeout(self.timeout):
                taken = await service.async_notify(body=message.body.decode(), title="", body_format="text")
        except TimeoutError as error:
            text = f"no answer within {self.timeout:g} s"
            raise DeliveryError(self.name, text, unknown=True, unreachable=True) from error
        if not taken:
            raise DeliveryError(self.name, f"{message.recipient} did not take the note; Apprise's log lines tell more")
