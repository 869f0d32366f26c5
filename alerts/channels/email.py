"""E-mail over SMTP: one message for each recipient, one deadline for each attempt."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.channels.own import check_recipient, check_type
from alerts.clean import clean
from alerts.errors import DeliveryError
from alerts.mail import Envelope, check_unsubscribe, compose_mail, mail_address
from alerts.model import Digest, Message, Secret
from alerts.reasons import in_words
from alerts.view import headline

if TYPE_CHECKING:
    import aiosmtplib

    from alerts.render import Renderer

SECURITY = ("none", "starttls", "tls")
THREADING = ("none", "day", "profile")
ON_UNKNOWN = ("resend", "hold")
_TYPE = "message/rfc822"
_HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


class EmailChannel:
    """Sends digests through a mail server.

    ``security``: ``none``, ``starttls`` (refuses to go on without it) or ``tls``. ``unsubscribe``: an https address for
    one-click unsubscribing; without it the sender's own address is named. ``tls``: another context than the system's,
    for a private certificate authority. ``archive``: where stories beyond the limit can be read.
    Raises ``ValueError`` with a user's words when a setting cannot work.
    """

    kind = "email"

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        security: str,
        username: str,
        password: Secret | None,
        sender: str,
        to: Sequence[str],
        timeout: float,
        renderer: Renderer,
        unsubscribe: str = "",
        threading: str = "none",
        on_unknown: str = "resend",
        *,
        archive: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        _one_of("security", security, SECURITY)
        _one_of("threading", threading, THREADING)
        _one_of("on_unknown", on_unknown, ON_UNKNOWN)
        if not to:
            raise ValueError("to: at least one address is needed")
        self.name = name
        self.on_unknown = on_unknown
        self.recipients = tuple(dict.fromkeys(mail_address(address).addr_spec for address in to))
        self._sender = mail_address(sender)
        self._server = (host, port)
        self._security = security
        self._login = (username, password) if username and password else None
        self.timeout = timeout
        self._renderer = renderer
        self._unsubscribe = check_unsubscribe(unsubscribe) if unsubscribe else ""
        self._threading = threading
        self._archive = archive
        self._tls = tls

    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        """The mail for ``recipient``, complete with its headers: pure, the same bytes for the same arguments."""
        envelope = Envelope(self._sender, mail_address(recipient), key, self._unsubscribe, self._threading)
        text, html = self._renderer.mail(digest, self._archive)
        raw = compose_mail(digest, text, html, envelope)
        return Message(key, digest.profile, self.name, recipient, headline(digest), raw, _TYPE)

    async def send(self, message: Message, attempt: int, now: datetime) -> None:
        """Hand the mail to the server; returns when it was accepted, raises ``DeliveryError`` otherwise."""
        check_type(message, _TYPE, self.kind)
        check_recipient(message, self.recipients)
        await self._talk(message)

    async def open(self) -> None:
        """Connect to the server and log in; raises ``DeliveryError`` when it cannot be reached or refuses that."""
        await self._talk(None)

    async def _talk(self, message: Message | None) -> None:
        import aiosmtplib  # here: a pass that sends no mail does without it

        client = self._client()
        progress = _Progress()
        try:
            async with asyncio.timeout(self.timeout):
                await self._log_in(client)
                if message is not None:
                    await self._hand_over(client, message, progress)
            await _farewell(client)
        except TimeoutError as error:
            raise self._failure(f"no answer within {self.timeout:g} s", progress) from error
        except aiosmtplib.SMTPResponseException as error:
            raise self._refusal(error, progress) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._failure(in_words(error), progress) from error
        finally:
            client.close()

    async def _log_in(self, client: aiosmtplib.SMTP) -> None:
        await client.connect()
        await client.ehlo()
        if self._login:
            username, password = self._login
            await client.login(username, password.reveal())

    async def _hand_over(self, client: aiosmtplib.SMTP, message: Message, progress: _Progress) -> None:
        progress.stage = "envelope"
        size = [f"SIZE={len(message.body)}"] if client.supports_extension("size") else []
        await client.mail(self._sender.addr_spec, options=size)
        await client.rcpt(message.recipient)
        progress.stage = "data"
        await client.data(message.body)

    def _client(self) -> aiosmtplib.SMTP:
        import aiosmtplib

        host, port = self._server
        return aiosmtplib.SMTP(
            hostname=host,
            port=port,
            timeout=None,  # one deadline around the whole attempt instead
            local_hostname=_hostname(),
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            tls_context=self._tls,
        )

    def _refusal(self, error: aiosmtplib.SMTPResponseException, progress: _Progress) -> DeliveryError:
        """A status that is no success. Only a refusal of this very mail is final.

        A refused greeting or login concerns the account or the server, and MTAs try those again too.
        """
        if error.code < 400 or error.code > 599:
            return self._failure(f"the server answered with nonsense: {error.message}", progress)
        early = progress.stage == "connect"
        text = f"{error.code} {clean(error.message, 300)}"
        return DeliveryError(self.name, text, permanent=error.code >= 500 and not early, unreachable=early)

    def _failure(self, text: str, progress: _Progress) -> DeliveryError:
        """No status. Once the text was on its way, nobody knows whether the server has it."""
        unknown = progress.stage == "data"
        host, port = self._server
        where = "after the text was sent, so it may have arrived" if unknown else f"{host}:{port}"
        return DeliveryError(self.name, f"{text} ({where})", unknown=unknown, unreachable=progress.stage == "connect")


class _Progress:
    """How far an attempt has come: connect, envelope, data."""

    __slots__ = ("stage",)

    def __init__(self) -> None:
        self.stage = "connect"


def _hostname() -> str:
    """The machine's own name for EHLO; the library would ask the network for a longer one."""
    name = socket.gethostname()
    return name if _HOSTNAME.fullmatch(name) else "localhost"


async def _farewell(client: aiosmtplib.SMTP) -> None:
    """QUIT. The mail is accepted by now: whatever happens here, it has been sent."""
    import aiosmtplib

    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=1)


def _one_of(key: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ValueError(f"{key}: {value!r} is none of {', '.join(allowed)}")
