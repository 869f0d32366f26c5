"""Webhook: POST JSON, signed as the Standard Webhooks specification says (https://www.standardwebhooks.com)."""

from __future__ import annotations

import asyncio
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from alerts.channels.own import check_type
from alerts.clean import safe_link
from alerts.errors import DeliveryError, PostError
from alerts.model import Digest, HttpAnswer, Message, Secret
from alerts.ports import HttpPoster
from alerts.view import headline

if TYPE_CHECKING:
    from standardwebhooks.webhooks import Webhook

    from alerts.render import Renderer

MAX_PAYLOAD = 20_000  # bytes; the specification asks for less than 20 kB
_TYPE = "application/json"
_GONE = 410  # the receiver wants no more of it
_TOKEN = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w-]{16,}")
_OVERLOADED = frozenset({429, 503})


class WebhookChannel:
    """Posts digests to one address; what waits in the outbox goes to the address that is configured by then.

    ``secret``: ``whsec_`` and base64; without one the payload is not signed. ``archive``: an address or words that
    tell where the entries are that did not fit. Raises ``ValueError`` with a user's words when a setting cannot work.
    """

    kind = "webhook"

    def __init__(
        self,
        name: str,
        url: str,
        secret: Secret | None,
        timeout: float,
        renderer: Renderer,
        poster: HttpPoster,
        archive: str = "",
        *,
        on_unknown: str = "resend",
    ) -> None:
        if not safe_link(url):
            raise ValueError("url: a webhook needs an http or https address")
        self.name = name
        self.recipients = (_public(url),)
        self.on_unknown = on_unknown
        self._url = url
        self._webhook = _signer(secret) if secret else None
        self.timeout = timeout
        self._renderer = renderer
        self._poster = poster
        self._archive = archive

    def compose(self, digest: Digest, recipient: str, key: str) -> Message:
        """The payload, at most 20,000 bytes: pure, the same bytes for the same arguments."""
        body = self._renderer.json(digest, archive=self._archive, max_bytes=MAX_PAYLOAD).encode()
        return Message(key, digest.profile, self.name, recipient, headline(digest), body, _TYPE)

    async def open(self) -> None:
        """Nothing: what takes messages at an address can be asked for nothing else."""

    async def send(self, message: Message, attempt: int, now: datetime) -> None:
        """Post the payload; returns on any 2xx status, raises ``DeliveryError`` otherwise."""
        check_type(message, _TYPE, self.kind)
        try:
            async with asyncio.timeout(self.timeout):
                answer = await self._poster.post(self._url, message.body, self._headers(message, now), self.timeout)
        except TimeoutError as error:
            raise DeliveryError(
                self.name, f"no answer within {self.timeout:g} s", unknown=True, unreachable=True
            ) from error
        except PostError as error:
            raise DeliveryError(self.name, str(error), unknown=error.sent, unreachable=not error.sent) from error
        if not 200 <= answer.status < 300:
            raise self._refusal(answer, now)

    def _headers(self, message: Message, now: datetime) -> Mapping[str, str]:
        """The id stays the same at every try, the time is that of this one."""
        headers = {
            "content-type": _TYPE,
            "user-agent": "Newsbell-Webhook/1",
            "webhook-id": message.key,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        if self._webhook:
            headers["webhook-signature"] = self._webhook.sign(message.key, now.astimezone(UTC), message.body.decode())
        return headers

    def _refusal(self, answer: HttpAnswer, now: datetime) -> DeliveryError:
        """A status that is no success: 410 ends it, a redirect is not followed, the rest is tried again."""
        text = f"the receiver answered {answer.status}"
        if 300 <= answer.status < 400:
            aim = _public(safe_link(answer.headers.get("location", "")))
            text += f", a redirect to {aim or 'nowhere'}; webhooks follow none"
        if answer.status == _GONE:
            text += ": it wants no more, and gets none until you change the url or `newsbell outbox retry` this"
        wish = _retry_after(answer.headers.get("retry-after", ""), now) if answer.status in _OVERLOADED else None
        return DeliveryError(self.name, text, gone=answer.status == _GONE, retry_after=wish)


def _signer(secret: Secret) -> Webhook:
    from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

    try:
        return Webhook(secret.reveal())
    except (binascii.Error, EmptyWebhookSecretError, ValueError):
        raise ValueError("secret: a webhook's secret is whsec_ and base64 (Standard Webhooks)") from None


def _public(url: str) -> str:
    """``url`` without the parts that often hold a password or token: it is stored and shown as the recipient.

    A few digits of its hash stand for what is left out, so that another address is another recipient.
    """
    parts = urlsplit(url)
    first, _, rest = parts.path.removeprefix("/").partition("/")
    if _TOKEN.fullmatch(first):
        first, rest = "", parts.path
    kept = f"/{first}" if first else "" if rest else parts.path
    shown = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], kept, "", ""))
    return f"{shown}/… ({hashlib.sha256(url.encode()).hexdigest()[:6]})" if rest else shown


def _retry_after(value: str, now: datetime) -> timedelta | None:
    """RFC 9110, 10.2.3: seconds or a date; None when it says nothing useful."""
    if value.strip().isascii() and value.strip().isdigit():
        return timedelta(seconds=min(int(value[:12]), 10**9))
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta(0))
