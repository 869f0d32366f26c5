"""Failures are told in words that help."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from datetime import UTC, datetime, timedelta

import aiohttp
import certifi
import httpx
import pytest
import trustme

from monitor.fetch.body import BodyError
from monitor.fetch.client import HttpFetcher
from monitor.fetch.door import tls_context
from monitor.fetch.failures import of_error
from monitor.fetch.guard import AddressError
from monitor.fetch.statuses import of_status
from monitor.model import Fetched, FetchFailed, FetchRequest, FetchResult
from tests.servers.web import WebServer

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2040, 1, 1, tzinfo=UTC)
BOUNDS = {"timeout": timedelta(seconds=10), "max_bytes": 1_000, "concurrency": 1, "per_host": 1}


def wrapped(error: BaseException) -> Exception:
    """``error`` as httpx-aiohttp hands it over."""
    outer = httpx.ConnectError("no")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "there is no host of this name"),
        (socket.gaierror(socket.EAI_AGAIN, "later"), "the host's address could not be looked up"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "the host refuses connections"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "the site broke the connection off"),
        (OSError(errno.ENETUNREACH, "unreachable"), "the host cannot be reached"),
        (OSError(errno.EMFILE, "too many"), "this machine has no free file handles"),
        (OSError(errno.EIO, "odd"), "the connection failed (odd)"),
        (ssl.SSLError(1, "handshake"), "no secure connection could be agreed on"),
        (aiohttp.ServerDisconnectedError(), "the site closed the connection without an answer"),
        (aiohttp.ClientPayloadError("x"), "the site's answer is not valid HTTP"),
        (aiohttp.InvalidURL("x"), "the address is malformed"),
    ],
)
def test_an_error_of_the_network_has_a_reason(error: Exception, reason: str) -> None:
    assert of_error(error, 30).reason == reason
    assert of_error(wrapped(error), 30).reason == reason


def test_the_systems_own_error_is_found_inside_aiohttps() -> None:
    key = aiohttp.client_reqrep.ConnectionKey("h", 80, False, True, None, None, None, None)  # type: ignore[call-arg]
    error = aiohttp.ClientConnectorDNSError(key, socket.gaierror(socket.EAI_NONAME, "unknown"))
    assert of_error(wrapped(error), 30).reason == "there is no host of this name"


def test_a_deadline_says_how_long_was_waited() -> None:
    assert of_error(TimeoutError(), 30).reason == "no complete answer within 30 seconds"


def test_an_unheard_of_error_names_itself() -> None:
    assert of_error(httpx.ReadError("x"), 30).reason == "the connection failed (ReadError)"


def test_our_own_refusals_keep_their_words() -> None:
    refused = of_error(AddressError("u", "not there", permanent=True, advice="go elsewhere"), 30)
    assert refused == ("not there", "go elsewhere", True)
    assert of_error(BodyError("too large", "raise it"), 30) == ("too large", "raise it", False)


@pytest.mark.parametrize("status", [*range(100, 600, 7), 401, 403, 404, 410, 429, 451, 503])
def test_every_status_has_a_reason_that_names_it(status: int) -> None:
    failure = of_status(status)
    assert str(status) in failure.reason
    assert failure.permanent is (status == 410)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429])
def test_what_a_user_can_do_is_said(status: int) -> None:
    assert of_status(status).advice


# ------------------------------------------------------------------------------ TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


async def fetched_over_tls(server_side: trustme.LeafCert | trustme.CA, trusted: trustme.CA) -> FetchResult:
    """What a fetch brings from a server with this certificate, by a fetcher that trusts this authority."""
    own, trusts = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if isinstance(server_side, trustme.CA):
        with server_side.private_key_pem.tempfile() as key, server_side.cert_pem.tempfile() as cert:
            own.load_cert_chain(cert, key)
    else:
        server_side.configure_cert(own)
    trusted.configure_trust(trusts)
    async with WebServer(tls=own) as web:
        web.serve("/feed", b"<rss/>")
        fetcher = HttpFetcher("https://example.org/", "1", allow=[web.authority], tls=trusts, **BOUNDS)
        result = await fetcher.fetch(FetchRequest(web.url("/feed")))
        await fetcher.aclose()
        return result


async def test_a_good_certificate_is_believed(authority: trustme.CA) -> None:
    assert isinstance(await fetched_over_tls(authority.issue_cert("127.0.0.1"), authority), Fetched)


async def tls_failure(server_side: trustme.LeafCert | trustme.CA, trusted: trustme.CA) -> str:
    result = await fetched_over_tls(server_side, trusted)
    assert isinstance(result, FetchFailed)
    assert not result.permanent
    return result.reason


async def test_an_expired_certificate(authority: trustme.CA) -> None:
    old = authority.issue_cert("127.0.0.1", not_before=LONG_AGO, not_after=LONG_AGO + timedelta(days=1))
    assert await tls_failure(old, authority) == "the site's certificate has expired"


async def test_a_certificate_that_is_not_valid_yet(authority: trustme.CA) -> None:
    early = authority.issue_cert("127.0.0.1", not_before=FAR_AHEAD, not_after=FAR_AHEAD + timedelta(days=1))
    assert "not valid yet" in await tls_failure(early, authority)


async def test_a_certificate_of_another_host(authority: trustme.CA) -> None:
    other = authority.issue_cert("other.example", "127.0.0.2")
    assert "belongs to another" in await tls_failure(other, authority)


async def test_a_certificate_of_an_unknown_authority(authority: trustme.CA) -> None:
    stranger = trustme.CA().issue_cert("127.0.0.1")
    assert "unknown authority" in await tls_failure(stranger, authority)


async def test_a_self_signed_certificate(authority: trustme.CA) -> None:
    assert "self-signed" in await tls_failure(trustme.CA(), authority)


async def test_a_server_that_speaks_no_tls() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        authority = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        fetcher = HttpFetcher("https://example.org/", "1", allow=[authority], **BOUNDS)
        result = await fetcher.fetch(FetchRequest(f"https://{authority}/feed"))
        await fetcher.aclose()
    assert isinstance(result, FetchFailed)
    assert result.reason == "no secure connection could be agreed on"


def test_the_authorities_that_the_user_names_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also though none were there to read while aiohttp was imported."""
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert tls_context().cert_store_stats()["x509_ca"] > 50


def test_a_machine_without_authorities_gets_those_of_certifi(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    nowhere = ssl.DefaultVerifyPaths(None, str(tmp_path), "", "", "", "")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    context = tls_context()
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.cert_store_stats()["x509_ca"] > 50
