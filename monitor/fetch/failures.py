"""What an exception of the network libraries means to the person who runs Newsbell. Pure."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

import httpx

from monitor.fetch.body import BodyError
from monitor.fetch.engine import aiohttp
from monitor.fetch.guard import AddressError
from monitor.fetch.statuses import Failure

# UnicodeError: httpx-aiohttp cannot pass on a reason phrase that is not UTF-8.
http = aiohttp.http_exceptions
_MALFORMED = (http.HttpProcessingError, aiohttp.ClientResponseError, aiohttp.ClientPayloadError, UnicodeError)
_CLOSED = (errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED)


_CERTIFICATE = {  # OpenSSL's X509_V_ERR_ numbers
    9: "the site's certificate is not valid yet; is this machine's clock right?",
    10: "the site's certificate has expired",
    18: "the site's certificate is self-signed",
    19: "the site's certificate is signed by an authority that is not trusted",
    20: "the site's certificate is signed by an unknown authority, or the site does not send its whole chain",
    62: "the site's certificate belongs to another host name",
    64: "the site's certificate belongs to another address",
}


def of_error(error: BaseException, seconds: float) -> Failure:
    """The failure behind an exception of the network libraries; ``seconds`` is the deadline that was set."""
    for cause in _causes(error):
        failure = _known(cause, seconds)
        if failure is not None:
            return failure
    return Failure(f"the connection failed ({type(error).__name__})")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The innermost explanation first: aiohttp's own exceptions keep the system's in ``os_error``."""
    chain: list[BaseException] = []
    while error is not None and len(chain) < 8:
        chain.append(error)
        inner = getattr(error, "os_error", None) or getattr(error, "certificate_error", None)
        error = inner or error.__cause__
    return reversed(chain)


def _known(error: BaseException, seconds: float) -> Failure | None:
    if isinstance(error, AddressError):
        return Failure(str(error), error.advice, error.permanent)
    if isinstance(error, BodyError):
        return Failure(str(error), error.advice)
    if isinstance(error, ssl.SSLError | ssl.CertificateError):
        return _of_tls(error)
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        return _of_system(error)
    if isinstance(error, TimeoutError):
        return Failure(f"no complete answer within {seconds:.3g} seconds")
    return _of_protocol(error)


def _of_tls(error: Exception) -> Failure:
    code = getattr(error, "verify_code", 0)
    if code:
        text = _CERTIFICATE.get(code, f"the site's certificate is not trusted ({getattr(error, 'verify_message', '')})")
        return Failure(text, "tell the site's owner; Newsbell never skips this check")
    return Failure("no secure connection could be agreed on", "check whether the address should begin with http://")


def _of_system(error: OSError) -> Failure | None:
    if isinstance(error, socket.gaierror):
        if error.errno == socket.EAI_AGAIN:
            return Failure("the host's address could not be looked up", "check this machine's network connection")
        return Failure("there is no host of this name", "check the address for typing errors")
    if isinstance(error, ConnectionRefusedError):
        return Failure("the host refuses connections")
    if error.errno in _CLOSED:
        return Failure("the site broke the connection off")
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN):
        return Failure("the host cannot be reached", "check this machine's network connection")
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return Failure("this machine has no free file handles", "raise the limit of open files")
    return Failure(f"the connection failed ({error.strerror or type(error).__name__})") if error.errno else None


def _of_protocol(error: BaseException) -> Failure | None:
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return Failure("the site closed the connection without an answer")
    if isinstance(error, http.ContentLengthError | http.TransferEncodingError):
        return Failure("the answer was cut off")
    if isinstance(error, _MALFORMED):
        return Failure("the site's answer is not valid HTTP")
    if isinstance(error, aiohttp.InvalidURL | httpx.InvalidURL):
        return Failure("the address is malformed", permanent=True)
    return None
