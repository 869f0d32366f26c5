"""The composed mail: its headers, its parts, and that nothing foreign gets into them."""

from __future__ import annotations

import re
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts import mail as mail_module
from alerts.errors import DeliveryError
from alerts.mail import Envelope, check_unsubscribe, compose_mail, header_text, mail_address
from alerts.model import Digest, Story
from alerts.render import Renderer
from tests.alerts.samples import END, digest, entry
from tests.examples import examples

RENDERER = Renderer()
HEADERS = [
    "Subject", "From", "To", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "Auto-Submitted",
    "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
]  # fmt: skip


def envelope(**changes: Any) -> Envelope:
    values: dict[str, Any] = {
        "sender": mail_address("Newsbell <newsbell@example.org>"),
        "recipient": mail_address("desk@example.org"),
        "key": "0123456789abcdef" * 2,
    }
    return Envelope(**(values | changes))


def composed(each: Digest, **changes: Any) -> bytes:
    return compose_mail(each, RENDERER.text(each), RENDERER.html(each), envelope(**changes))


def parsed(each: Digest, **changes: Any) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(composed(each, **changes))
    assert isinstance(message, EmailMessage)
    return message


def test_the_headers_are_these_and_no_others() -> None:
    message = parsed(digest(3))

    assert message.keys() == HEADERS
    assert dict(message.items()) | {"Content-Type": ""} == {
        "Subject": "Japan and the Mekong (3): Japan and Laos open a ferry school on the Mekong",
        "From": "Newsbell <newsbell@example.org>",
        "To": "desk@example.org",
        "Date": "Tue, 03 Mar 2026 00:00:00 +0000",
        "Message-ID": "<0123456789abcdef0123456789abcdef@example.org>",
        "List-Id": "<japan-mekong.newsbell.example.org>",
        "List-Unsubscribe": "<mailto:newsbell@example.org?subject=unsubscribe%20japan-mekong>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }


def test_text_comes_first_then_html_and_both_read_back() -> None:
    each = digest(6)
    message = parsed(each)
    text, html = message.iter_parts()

    assert message.get_content_type() == "multipart/alternative"
    assert [text.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert [part.get_content().replace("\r\n", "\n") for part in (text, html)] == [  # type: ignore[attr-defined]
        RENDERER.text(each),
        RENDERER.html(each),
    ]


@pytest.mark.parametrize("stories", [0, 1, 8, 40])
def test_lines_are_short_ascii_and_end_in_crlf(stories: int) -> None:
    raw = composed(digest(stories))

    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert composed(digest(8)) == composed(digest(8))


@pytest.mark.parametrize(("stories", "encoding"), [((5, 6), "quoted-printable"), ((2, 3), "base64")])
def test_each_script_has_the_shorter_encoding(stories: tuple[int, ...], encoding: str) -> None:
    each = digest([Story((entry(number),)) for number in stories])
    text = next(iter(parsed(each).iter_parts()))

    assert text["Content-Transfer-Encoding"] == encoding


def test_an_address_of_five_hundred_characters_can_be_used() -> None:
    longest = "https://a.example/{recipient}?".ljust(500, "x")

    assert check_unsubscribe(longest) == longest
    with pytest.raises(ValueError, match="at most 500 characters"):
        check_unsubscribe(longest + "x")


def test_one_click_needs_an_https_address() -> None:
    message = parsed(digest(1), unsubscribe="https://example.org/u/{profile}/{recipient}?t=1")

    assert message["List-Unsubscribe"] == (
        "<https://example.org/u/japan-mekong/desk%40example.org?t=1>, "
        "<mailto:newsbell@example.org?subject=unsubscribe%20japan-mekong>"
    )
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe-Post" not in parsed(digest(1))


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/u",
        "https://",
        "https://a.example/ü",
        "https://a.example/>,<x",
        "https://a.example/" + "x" * 500,
    ],
)
def test_other_unsubscribe_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="unsubscribe: only an https address"):
        check_unsubscribe(url)


def test_threads_join_a_day_or_a_profile() -> None:
    tomorrow = digest(1, end=END + timedelta(days=1))

    def thread(each: Digest, threading: str) -> str | None:
        message = parsed(each, threading=threading)
        assert message["References"] == message["In-Reply-To"]
        return None if message["References"] is None else str(message["References"])

    assert thread(digest(1), "none") is None
    assert thread(digest(1), "day") == thread(digest(2), "day") != thread(tomorrow, "day")
    assert thread(digest(1), "profile") == thread(tomorrow, "profile") != thread(digest(1), "day")
    assert thread(digest(1, profile="other"), "profile") != thread(digest(1), "profile")


def test_what_joins_mails_stays_in_one_piece_however_long_it_is() -> None:
    """A folded identifier is one that no mail program finds again."""
    profile, sender = "long-" * 12 + "name", mail_address(f"newsbell@{'a' * 60}.example.org")
    lines = (
        composed(digest(1, profile=profile), threading="profile", sender=sender)
        .partition(b"\r\n\r\n")[0]
        .split(b"\r\n")
    )
    joins = [line for line in lines if line.startswith((b"In-Reply-To:", b"References:", b"Message-ID:", b"List-Id:"))]

    assert len(joins) == 4
    assert all(line.endswith(b">") and b"=?" not in line and len(line) > 76 for line in joins)


def test_a_day_is_the_readers_day() -> None:
    """23:30 and 00:30 UTC are one morning in Vientiane."""
    late, early = (digest(1, end=END + timedelta(minutes=minutes)) for minutes in (-30, 30))

    assert parsed(late, threading="day")["References"] == parsed(early, threading="day")["References"]


# ---------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("text", "name", "spec"),
    [
        ("desk@example.org", "", "desk@example.org"),
        ("Desk <desk@example.org>", "Desk", "desk@example.org"),
        ('"Desk, the" <a.b+c@example.org>', "Desk, the", "a.b+c@example.org"),
        ("ສະຖານທູດ <desk@ລາວ.example>", "ສະຖານທູດ", "desk@xn--q7ce6a.example"),
        ("root@localhost", "", "root@localhost"),
    ],
)
def test_addresses_are_read(text: str, name: str, spec: str) -> None:
    address = mail_address(text)

    assert (address.display_name, address.addr_spec) == (name, spec)


@pytest.mark.parametrize(
    "text",
    ["", "desk", "@example.org", "desk@", "a@b@c d", "a b@example.org", "desk@example.org, x@example.org",
     "desk@example.org\r\nBcc: x@example.org", "Desk <desk@example.org", "desk@example.org>", "ໂຕະ@example.org",
     "a@" + "x" * 64 + ".example", "a..b@example.org", "a@example..org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no e-mail address"):
        mail_address(text)


# ---------------------------------------------------------------------------------------------- injection

TRAPS = [
    "x\r\nBcc: evil@example.net",
    "=?utf-8?q?x=0D=0ABcc=3A_evil=40example.net?=",
    "=?utf-8?b?eA0KQmNjOiBldmlsQGV4YW1wbGUubmV0?=",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=",
    "=\u202e?utf-8?q?x=0ABcc:y?=",
    "=\x00?utf-8?q?x=0ABcc:y?=",
    "x\u2028Bcc: evil@example.net",
    "x\x85Bcc: evil@example.net",
    "x\x0bX-Inj: 1",
    "\ud800",
    "日本" * 150,
    "x" * 300,
    " leading and trailing ",
    "a\tb",
]
ANYTHING = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(["=?", "?=", "=", "?", "utf-8", "q", "b", "=0A", "\r\n", "Bcc: ", "a@b.c", " ", "日", "\x00"])
    ).map("".join),
)


def check_untouched(each: Digest) -> None:
    """The mail has exactly the usual headers, and only the one recipient."""
    raw = compose_mail(each, "text", "<p>page</p>", envelope())
    message = BytesParser(policy=policy.default).parsebytes(raw)
    head = raw.partition(b"\r\n\r\n")[0]
    names = [line.split(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in b" \t"]

    assert message.keys() == names == HEADERS
    assert [address.addr_spec for address in message["To"].addresses] == ["desk@example.org"]
    assert len(str(message["Subject"])) <= 200
    assert not re.search(r"[\x00-\x1f\x7f]", str(message["Subject"]))


@pytest.mark.parametrize("trap", TRAPS)
def test_known_traps_stay_text(trap: str) -> None:
    check_untouched(digest([Story((entry(0, title=trap, source=trap),))], title=trap, profile=trap[:40]))


@given(title=ANYTHING, name=ANYTHING, source=ANYTHING)
@example(title=TRAPS[1], name=TRAPS[2], source=TRAPS[0])
@examples(0.6)
def test_no_text_becomes_a_header(title: str, name: str, source: str) -> None:
    check_untouched(digest([Story((entry(0, title=title, source=source, headline=()),))], title=name, profile=name))


@given(ANYTHING)
@examples(1.5)
def test_header_text_survives_a_parse(text: str) -> None:
    found = header_text(text)

    assert "=?" not in found
    assert header_text(found) == found


def test_a_mail_that_reads_back_differently_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should cleaning ever miss something, the comparison stops it (Python 3.11.7 writes such a header)."""
    monkeypatch.setattr(mail_module, "header_text", lambda text: text)

    for trap in TRAPS[1:4]:
        with pytest.raises(DeliveryError) as caught:
            composed(digest([Story((entry(0, title=trap),))]))
        assert caught.value.permanent
