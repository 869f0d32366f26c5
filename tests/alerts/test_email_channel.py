"""E-mail against a real mail server that behaves well, badly and not at all."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.email import EmailChannel
from alerts.deliver import compose_all
from alerts.errors import DeliveryError
from alerts.model import Message, Secret
from alerts.ports import Channel
from alerts.render import Renderer
from tests.alerts.channel_contract import ChannelContract
from tests.alerts.receivers import MailServer, mail_server
from tests.alerts.samples import END, digest

TLS = Path(__file__).parent / "tls"
RENDERER = Renderer()


def channel_to(port: int, **changes: Any) -> EmailChannel:
    settings: dict[str, Any] = {
        "name": "desk",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "username": "",
        "password": None,
        "sender": "Newsbell <newsbell@example.org>",
        "to": ["desk@example.org"],
        "timeout": 5.0,
        "renderer": RENDERER,
    }
    return EmailChannel(**(settings | changes))


def mail(channel: EmailChannel) -> Message:
    return compose_all(digest(2), [channel])[0]


async def refusal(channel: EmailChannel) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await channel.send(mail(channel), 1, END)
    return caught.value


def server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    return context


def client_context() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(TLS / "cert.pem"))


class TestEmailChannel(ChannelContract):
    @pytest.fixture
    async def channel(self, mailbox: MailServer) -> Channel:
        return channel_to(mailbox.port, to=["desk@example.org", "Chief <chief@example.org>"])


async def test_the_server_gets_exactly_the_composed_bytes(mailbox: MailServer) -> None:
    channel = channel_to(mailbox.port)
    message = mail(channel)

    await channel.send(message, 1, END)

    (received,) = mailbox.mails
    assert (received.sender, received.recipients) == ("newsbell@example.org", ["desk@example.org"])
    assert received.raw == message.body


@pytest.mark.parametrize(
    ("machine", "said"),
    [("desk-7.example.org", "desk-7.example.org"), ("desk 7", "localhost"), ("bad\r\nMAIL FROM:<x>", "localhost")],
)
async def test_it_says_its_name_and_goodbye(
    mailbox: MailServer, monkeypatch: pytest.MonkeyPatch, machine: str, said: str
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: machine)
    channel = channel_to(mailbox.port)

    await channel.send(mail(channel), 1, END)

    assert (mailbox.greeted, mailbox.goodbyes) == ([said], 1)


async def test_a_line_that_starts_with_a_dot_arrives_whole(mailbox: MailServer) -> None:
    channel = channel_to(mailbox.port)
    message = replace(mail(channel), body=b"Subject: dots\r\n\r\n.\r\n..two\r\n")

    await channel.send(message, 1, END)

    assert mailbox.mails[0].raw == message.body


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("code", [500, 550, 599])
async def test_a_5xx_for_the_mail_is_final(mailbox: MailServer, stage: str, code: int) -> None:
    mailbox.script = [f"{code}-{stage}"]

    error = await refusal(channel_to(mailbox.port))

    assert (error.permanent, error.unknown, error.unreachable) == (True, False, False)
    assert str(error) == f"desk: {code} no"


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("code", [400, 451, 499])
async def test_a_4xx_is_tried_again(mailbox: MailServer, stage: str, code: int) -> None:
    mailbox.script = [f"{code}-{stage}"]

    error = await refusal(channel_to(mailbox.port))

    assert (error.permanent, error.unknown, error.unreachable) == (False, False, False)
    assert str(error) == f"desk: {code} no"


@pytest.mark.parametrize("mode", ["421-greet", "554-greet", "drop-greet"])
async def test_a_server_that_does_not_serve_is_unreachable(mailbox: MailServer, mode: str) -> None:
    """A greeting concerns the server, not this mail: even with 5xx it is tried again, as MTAs do."""
    mailbox.script = [mode]

    error = await refusal(channel_to(mailbox.port))

    assert (error.permanent, error.unknown, error.unreachable) == (False, False, True)


@pytest.mark.parametrize("stage", ["mail", "rcpt"])
async def test_a_connection_lost_before_the_text_is_no_riddle(mailbox: MailServer, stage: str) -> None:
    mailbox.script = [f"drop-{stage}"]

    error = await refusal(channel_to(mailbox.port))

    assert (error.permanent, error.unknown) == (False, False)


@pytest.mark.parametrize("mode", ["drop-data", "junk-data", "hang-data"])
async def test_an_answer_lost_after_the_text_is_unknown(mailbox: MailServer, mode: str) -> None:
    mailbox.script = [mode]

    error = await refusal(channel_to(mailbox.port, timeout=0.5))

    assert (error.permanent, error.unknown, error.unreachable) == (False, True, False)
    assert "may have arrived" in str(error)


@pytest.mark.parametrize("stage", ["greet", "mail"])
async def test_one_deadline_ends_a_silent_server(mailbox: MailServer, stage: str) -> None:
    mailbox.script = [f"hang-{stage}"]

    error = await refusal(channel_to(mailbox.port, timeout=0.3))

    assert "no answer within 0.3 s" in str(error)
    assert (error.permanent, error.unknown) == (False, False)


async def test_what_is_accepted_is_sent_even_when_the_goodbye_fails(mailbox: MailServer) -> None:
    mailbox.script = ["bad-quit"]
    channel = channel_to(mailbox.port)

    await channel.send(mail(channel), 1, END)

    assert len(mailbox.mails) == 1


async def test_a_closed_port_is_unreachable(closed_port: int) -> None:
    error = await refusal(channel_to(closed_port))

    assert error.unreachable
    assert f"127.0.0.1:{closed_port}" in str(error)


async def test_it_logs_in(mailbox: MailServer) -> None:
    channel = channel_to(mailbox.port, username="newsbell", password=Secret("right"))

    await channel.send(mail(channel), 1, END)

    assert mailbox.logins == [(b"newsbell", b"right")]


async def test_a_wrong_password_waits_for_the_user_and_is_not_shown(mailbox: MailServer) -> None:
    """A refused login is about the account: the mail stays in the outbox until the password is put right."""
    error = await refusal(channel_to(mailbox.port, username="newsbell", password=Secret("hunter2")))

    assert (error.permanent, error.unreachable) == (False, True)
    assert str(error).startswith("desk: 535")
    assert "hunter2" not in repr(error) + str(error)


async def opening(channel: EmailChannel) -> str:
    with pytest.raises(DeliveryError) as caught:
        await channel.open()
    return str(caught.value)


async def test_it_is_opened_as_for_a_mail_which_is_then_not_sent(mailbox: MailServer) -> None:
    await channel_to(mailbox.port, username="me", password=Secret("right")).open()
    assert (mailbox.logins, mailbox.mails, mailbox.goodbyes) == ([(b"me", b"right")], [], 1)


async def test_what_will_keep_mails_from_being_sent_is_seen_when_it_is_opened(
    mailbox: MailServer, closed_port: int
) -> None:
    assert f"127.0.0.1:{closed_port}" in await opening(channel_to(closed_port))
    assert "535" in await opening(channel_to(mailbox.port, username="me", password=Secret("wrong")))
    mailbox.script = ["554-greet"]
    assert "554" in await opening(channel_to(mailbox.port))
    mailbox.script = ["hang-greet"]
    assert "no answer within 0.05 s" in await opening(channel_to(mailbox.port, timeout=0.05))
    assert mailbox.mails == []


async def test_starttls_encrypts() -> None:
    async with mail_server(starttls=server_context()) as server:
        channel = channel_to(server.port, security="starttls", tls=client_context())
        await channel.send(mail(channel), 1, END)

        assert (len(server.mails), server.tls) == (1, True)


async def test_tls_encrypts_from_the_first_byte() -> None:
    async with mail_server(tls=server_context()) as server:
        channel = channel_to(server.port, security="tls", tls=client_context())
        await channel.send(mail(channel), 1, END)

        assert len(server.mails) == 1


async def test_a_port_where_nobody_listens_is_told_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    error = await refusal(channel_to(port))

    assert (error.reason, error.unreachable) == (f"connection refused (127.0.0.1:{port})", True)


async def test_starttls_never_falls_back_to_plain_text(mailbox: MailServer) -> None:
    error = await refusal(channel_to(mailbox.port, security="starttls"))

    assert "STARTTLS" in str(error)
    assert mailbox.mails == []


async def test_an_unknown_certificate_is_refused() -> None:
    async with mail_server(tls=server_context()) as server:
        error = await refusal(channel_to(server.port, security="tls"))

        assert (error.permanent, error.unreachable) == (False, True)
        assert "certificate" in str(error).lower()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"security": "ssl"}, "security: 'ssl' is none of none, starttls, tls"),
        ({"threading": "week"}, "threading: 'week' is none of none, day, profile"),
        ({"on_unknown": "drop"}, "on_unknown: 'drop' is none of resend, hold"),
        ({"to": []}, "to: at least one address is needed"),
        ({"to": ["desk"]}, "'desk' is no e-mail address"),
        ({"sender": "a@b.example\nBcc: c@d.example"}, "is no e-mail address"),
        ({"unsubscribe": "http://example.org/u"}, "unsubscribe: only an https address"),
    ],
)
def test_settings_that_cannot_work_are_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match="^" + complaint if "'" in complaint[:2] else complaint):
        channel_to(25, **changes)


def test_an_unsubscribe_address_allows_one_click() -> None:
    (message,) = compose_all(digest(1), [channel_to(25, unsubscribe="https://example.org/u/{recipient}")])

    assert b"List-Unsubscribe: <https://example.org/u/desk%40example.org>, <mailto:" in message.body
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in message.body


def test_a_recipient_named_twice_is_written_to_once() -> None:
    assert channel_to(25, to=["a@example.org", "A <a@example.org>"]).recipients == ("a@example.org",)


def test_more_stories_are_found_in_the_archive() -> None:
    channel = channel_to(25, archive="https://news.example/archive")
    (message,) = compose_all(digest(1, more=3), [channel])

    assert b"https://news.example/archive" in message.body


async def test_who_was_taken_off_the_list_gets_nothing_that_still_waited(mailbox: MailServer) -> None:
    gone, _ = compose_all(digest(2), [channel_to(mailbox.port, to=["gone@example.org", "desk@example.org"])])

    with pytest.raises(DeliveryError, match=r"gone@example\.org is no longer a recipient.* outbox retry") as caught:
        await channel_to(mailbox.port).send(gone, 1, END)

    assert caught.value.permanent
    assert mailbox.mails == []
