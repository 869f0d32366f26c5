"""What went wrong, in words that a user can act on."""

from __future__ import annotations

import socket
import ssl

import pytest

from alerts.reasons import in_words


def caused(cause: BaseException) -> Exception:
    """An error of a library's own around ``cause``."""
    try:
        raise RuntimeError(f"Error connecting: {cause}") from cause
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (caused(ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 25)")), "connection refused"),
        (OSError("Multiple exceptions: [Errno 113] Connect call failed, [Errno 111] Connect"), "no route to host"),
        (caused(socket.gaierror(-2, "Name or service not known")), "name or service not known"),
        (
            caused(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")),
            "wrong version number",
        ),
        (RuntimeError("the server hung up"), "the server hung up"),
        (
            RuntimeError("Error connecting to mail.example.org on port 25: Unexpected EOF received"),
            "the server closed the connection",
        ),
        (RuntimeError("Connection lost"), "the connection was lost"),
        (OSError(), "OSError"),
        (ssl.SSLError(), "SSLError"),
        (ssl.SSLCertVerificationError("the name does not match"), "the name does not match"),
        (OSError(None, "Out of reach"), "out of reach"),
    ],
)
def test_a_failure_is_told_as_the_system_says_it(error: Exception, words: str) -> None:
    assert in_words(error) == words
