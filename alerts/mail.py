"""Composes a digest as an e-mail and proves that no text of a feed has become a header. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from alerts.clean import clean
from alerts.errors import DeliveryError
from alerts.model import Digest
from alerts.view import headline

MAX_SUBJECT = 200  # characters
_MAILBOX = re.compile(r"(?:(?P<name>[^<>]*)<)?(?P<user>[^<>,@\s]+)@(?P<domain>[^<>,@\s]+)(?(name)>)")
_ENCODED_WORD = re.compile(r"=(?=\?)")
_SLUG = re.compile(r"[^a-z0-9-]+")
_BASE64_FROM = 0.15  # the share of bytes beyond ASCII from which base64 is the shorter encoding
_MAX_LINE, _MAX_WORD = 76, 60  # columns of a folded line; a longer word is written as encoded words
# Tokens that must stay in one piece; the standard library would break long ones into encoded words.
_UNFOLDED = frozenset({"list-unsubscribe", "list-id", "message-id", "references", "in-reply-to"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a mail needs beside its text. Addresses are those of ``mail_address``."""

    sender: Address
    recipient: Address
    key: str
    unsubscribe: str = ""  # an https address (``{profile}`` and ``{recipient}`` are filled in), or ""
    threading: str = "none"  # none | day | profile


class _Policy(policy.EmailPolicy):
    """The SMTP policy, but long tokens stay on one line and the subject is never folded before its first word."""

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in _UNFOLDED:
            return f"{name}: {value}\r\n"
        if name.lower() == "subject":
            plain = value.isascii() and max(map(len, value.split()), default=0) < _MAX_WORD
            header = Header(str(value), None if plain else "utf-8", _MAX_LINE, name)
            return f"{name}: {header.encode(linesep=self.linesep)}\r\n"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")


_POLICY = _Policy(linesep="\r\n", cte_type="7bit", raise_on_defect=False)


def mail_address(text: str) -> Address:
    """``text``, such as ``Newsbell <newsbell@example.org>``, as an address; domains beyond ASCII become punycode.

    Raises ``ValueError`` with a user's words when it is none.
    """
    match = _MAILBOX.fullmatch(text.strip())
    try:
        if match is None or not match["user"].isascii() or clean(text) != text.strip():
            raise ValueError
        domain = match["domain"].encode("idna").decode("ascii")
        return Address((match["name"] or "").strip('" '), addr_spec=f"{match['user']}@{domain}")
    except (ValueError, LookupError, MessageError) as error:
        raise ValueError(f"{text!r} is no e-mail address such as name@example.org") from error


def header_text(text: str, limit: int = MAX_SUBJECT) -> str:
    """``text`` as a header may carry it: one line, at most ``limit`` characters, nothing that decodes to more."""
    return clean(_ENCODED_WORD.sub("= ", clean(text, limit)), limit)


def compose_mail(digest: Digest, text: str, html: str, envelope: Envelope) -> bytes:
    """The whole mail as bytes: multipart/alternative, text first, lines end in CRLF and hold at most 998 bytes.

    The same arguments give the same bytes. Raises ``DeliveryError`` when the mail, parsed back, is not what was meant.
    """
    headers = _headers(digest, envelope)
    message = EmailMessage(policy=_POLICY)
    for name, value in headers:
        message[name] = value
    message.set_content(text, cte=_encoding(text))
    message.add_alternative(html, subtype="html", cte=_encoding(html))
    for part in message.iter_parts():
        del part["MIME-Version"]
    message.set_boundary(f"=_newsbell_{envelope.key[:32]}")
    try:
        raw = message.as_bytes()
    except MessageError as error:
        raise DeliveryError("mail", f"the mail cannot be written: {error}", permanent=True) from error
    _verify(raw, headers, envelope)
    return raw


def _headers(digest: Digest, envelope: Envelope) -> list[tuple[str, str | Address]]:
    domain = envelope.sender.domain
    slug = _SLUG.sub("-", digest.profile.lower()).strip("-") or "profile"
    headers: list[tuple[str, str | Address]] = [
        ("Subject", header_text(headline(digest))),
        ("From", envelope.sender),
        ("To", envelope.recipient),
        ("Date", format_datetime(digest.end)),
        ("Message-ID", f"<{envelope.key}@{domain}>"),
        ("List-Id", f"<{slug[:60]}.newsbell.{domain}>"),
        ("List-Unsubscribe", _unsubscribe(slug, envelope)),
    ]
    if envelope.unsubscribe:
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    headers += [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")]
    if thread := _thread(digest, envelope):
        headers += [("In-Reply-To", thread), ("References", thread)]
    return headers


def _unsubscribe(slug: str, envelope: Envelope) -> str:
    """RFC 2369 and RFC 8058: an https address, which has to name list and recipient, and always a mailto."""
    mailto = f"<mailto:{quote(envelope.sender.addr_spec, safe='@')}?subject=unsubscribe%20{slug}>"
    if not envelope.unsubscribe:
        return mailto
    recipient = quote(envelope.recipient.addr_spec, safe="")
    url = envelope.unsubscribe.replace("{profile}", slug).replace("{recipient}", recipient)
    return f"<{url}>, {mailto}"


def check_unsubscribe(url: str) -> str:
    """``url`` when mail programs can use it for one-click unsubscribing; raises ``ValueError`` otherwise."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or re.search(r"[^\x21-\x7e]|[<>,]", url) or len(url) > 500:
        raise ValueError("unsubscribe: only an https address of at most 500 characters allows one-click (RFC 8058)")
    return url


def _thread(digest: Digest, envelope: Envelope) -> str:
    """The id of the thread that this mail belongs to, "" when each mail stands for itself."""
    if envelope.threading == "none":
        return ""
    day = digest.end.astimezone(ZoneInfo(digest.timezone)).date().isoformat() if envelope.threading == "day" else ""
    name = "\0".join((digest.profile, envelope.recipient.addr_spec, day))
    return f"<{hashlib.sha256(name.encode()).hexdigest()[:32]}.thread@{envelope.sender.domain}>"


def _encoding(text: str) -> str:
    """The shorter of the two encodings that keep lines short and every byte ASCII."""
    raw = text.encode()
    beyond = len(raw) - len(raw.decode("ascii", "ignore"))
    return "base64" if beyond > _BASE64_FROM * len(raw) else "quoted-printable"


def _verify(raw: bytes, headers: Sequence[tuple[str, str | Address]], envelope: Envelope) -> None:
    """Parse the mail back and compare it with what was meant.

    Python 3.11.7 writes a header that an encoded word smuggled a line break into (CVE-2024-6923).
    """
    parsed = BytesParser(policy=policy.default).parsebytes(raw)
    expected = [(name, str(value)) for name, value in headers]
    found = [(name, str(value)) for name, value in parsed.items() if name not in {"MIME-Version", "Content-Type"}]
    head = raw.partition(b"\r\n\r\n")[0]
    to = parsed["To"].addresses if parsed["To"] else ()
    well = (
        found == expected
        and [address.addr_spec for address in to] == [envelope.recipient.addr_spec]
        and head.isascii()
        and all(len(line) <= 998 and b"\n" not in line and b"\r" not in line for line in raw.split(b"\r\n"))
        and [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    )
    if not well:
        raise DeliveryError("mail", "the composed mail does not read back as it was meant", permanent=True)
