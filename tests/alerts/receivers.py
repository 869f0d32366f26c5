"""Real receivers on loopback that behave as badly as they are told: a mail server and a webhook's receiver."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class Request:
    """One request that the webhook's receiver read."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    mode: str = ""  # how it was answered


@dataclass
class HookReceiver:
    """A webhook's receiver. ``script`` holds the next behaviours, then it answers 200.

    ``503:9`` status with Retry-After, ``redirect:URL``, ``unread`` (closed at once), ``drop`` (no answer), ``junk``,
    ``hang``, ``big`` and ``slow`` (an answer that never ends).
    """

    url: str = ""
    script: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    serving: list[asyncio.Task[None]] = field(default_factory=list, repr=False)

    async def close(self) -> None:
        """End whoever still serves a connection."""
        for task in self.serving:
            task.cancel()
        await asyncio.gather(*self.serving, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request and answer as the script says."""
        task = asyncio.current_task()
        assert task is not None
        self.serving.append(task)
        try:
            mode = self.script.pop(0) if self.script else "200"
            if mode == "unread":
                writer.transport.abort()
                return
            request = await _read_request(reader)
            request.mode = mode
            self.requests.append(request)
            await self._answer(mode, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the client went away: its business
        finally:
            writer.close()

    async def _answer(self, mode: str, writer: asyncio.StreamWriter) -> None:
        name, _, argument = mode.partition(":")
        if name == "junk":
            writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        elif name == "hang":
            await asyncio.Event().wait()
        elif name == "redirect":
            writer.write(f"HTTP/1.1 302 X\r\nLocation: {argument}\r\nContent-Length: 0\r\n\r\n".encode())
        elif name in {"big", "slow"}:
            writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 1000000000\r\n\r\nx")
            while name == "big":
                writer.write(b"x" * 65_536)
                await writer.drain()
            await asyncio.Event().wait()
        elif name != "drop":
            after = f"Retry-After: {argument}\r\n" if argument else ""
            writer.write(f"HTTP/1.1 {name} X\r\nSet-Cookie: a=b\r\n{after}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)


@asynccontextmanager
async def hook_receiver() -> AsyncIterator[HookReceiver]:
    """A webhook's receiver on a free port."""
    receiver = HookReceiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()
        await receiver.close()


@dataclass
class Mail:
    """One mail that the server was given: who it is for, and what it is."""

    sender: str
    recipients: list[str]
    raw: bytes
    mode: str = ""  # how it was answered

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return BytesParser(policy=policy.default).parsebytes(self.raw)  # type: ignore[return-value]


@dataclass
class MailServer:
    """A mail server. ``script`` holds one behaviour for each connection, then it accepts.

    ``CODE-STAGE`` refuses at greet, mail, rcpt or data; ``drop-STAGE`` closes the connection there, at data after the
    text was read; ``hang-STAGE`` says nothing more; ``junk-data`` answers nonsense; ``bad-quit`` after accepting.
    """

    port: int = 0
    script: list[str] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    tls: bool = False
    greeted: list[str] = field(default_factory=list)  # names that clients gave themselves
    goodbyes: int = 0
    connections: list[Connection] = field(default_factory=list, repr=False)

    async def close(self) -> None:
        """End every connection that is still open, and whoever serves it."""
        serving = [connection._handler_coroutine for connection in self.connections if connection._handler_coroutine]
        for connection in self.connections:
            if connection.transport:
                connection.transport.abort()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    async def handle_MAIL(
        self, server: Connection, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await server.answer("mail", "250 OK")

    async def handle_RCPT(
        self, server: Connection, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await server.answer("rcpt", "250 OK")

    async def handle_DATA(self, server: Connection, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content
        assert isinstance(raw, bytes)
        self.mails.append(Mail(str(envelope.mail_from), list(envelope.rcpt_tos), raw, server.mode))
        self.tls = session.ssl is not None
        return await server.answer("data", "250 queued")

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        """Accept the password ``right``."""
        login, password = data.login, data.password  # type: ignore[attr-defined]
        self.logins.append((login, password))
        return AuthResult(success=password == b"right", handled=False)


class Connection(SMTP):
    """One connection to the mail server."""

    def __init__(self, owner: MailServer, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            owner,
            loop=asyncio.get_running_loop(),
            hostname="mail.example.org",
            tls_context=tls,
            authenticator=owner.authenticate,
            auth_require_tls=False,
        )
        self._owner = owner
        self.mode = owner.script.pop(0) if owner.script else "accept"
        owner.connections.append(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, unless the script has something else in mind."""
        super().connection_made(transport)
        if self.mode == "drop-greet":
            transport.abort()  # type: ignore[attr-defined]
        elif self.mode.endswith("-greet") and self.mode != "hang-greet":
            transport.write(f"{self.mode[:3]} not now\r\n".encode())  # type: ignore[attr-defined]
            transport.close()

    async def _handle_client(self) -> None:
        if self.mode == "hang-greet":
            await asyncio.Event().wait()
        if not self.mode.endswith("-greet"):
            await super()._handle_client()

    async def answer(self, stage: str, well: str) -> str:
        """What to say at ``stage``."""
        action, _, where = self.mode.partition("-")
        if where != stage:
            return well
        if action == "drop":
            self.transport.abort()
        elif action == "hang":
            await asyncio.Event().wait()
        elif action == "junk":
            self.transport.write(b"\x00\xff hello\r\n")
            self.transport.close()
        return f"{action} no" if action.isdigit() else "421 gone"

    async def smtp_QUIT(self, arg: str) -> None:
        """Say goodbye, or not."""
        self._owner.greeted.append(str(self.session.host_name))  # type: ignore[union-attr]
        self._owner.goodbyes += 1
        if self.mode == "bad-quit":
            self.transport.abort()
            return
        await super().smtp_QUIT(arg)


@asynccontextmanager
async def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[MailServer]:
    """A mail server on a free port; ``tls``: encrypted from the first byte."""
    owner = MailServer()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(owner, starttls), "127.0.0.1", 0, ssl=tls
    )
    owner.port = server.sockets[0].getsockname()[1]
    try:
        yield owner
    finally:
        server.close()
        await owner.close()
