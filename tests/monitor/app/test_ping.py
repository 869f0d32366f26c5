"""The monitor's address, asked after a pass."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from alerts.model import Secret
from monitor.app.ping import address, ping
from monitor.config.model import PingConfig
from tests.servers.web import WebServer, answer


def settings(url: str) -> PingConfig:
    return PingConfig(url=Secret(url), timeout=timedelta(seconds=0.3))


@pytest.mark.parametrize(
    ("url", "failed"),
    [
        ("https://hc-ping.com/uuid", "https://hc-ping.com/uuid/fail"),
        ("https://hc-ping.com/key/slug/", "https://hc-ping.com/key/slug/fail"),
        ("https://hc-ping.com/key/slug?create=1", "https://hc-ping.com/key/slug/fail?create=1"),
        ("https://monitor.example", "https://monitor.example/fail"),
    ],
)
def test_a_failed_pass_asks_for_fail_behind_the_path(url: str, failed: str) -> None:
    assert (address(url, well=True), address(url, well=False)) == (url, failed)


@pytest.mark.parametrize(("well", "path"), [(True, "/k3y"), (False, "/k3y/fail")])
async def test_it_is_one_get(well: bool, path: str, caplog: pytest.LogCaptureFixture) -> None:
    async with WebServer() as web:
        web.serve(path, b"OK")
        await ping(settings(f"http://127.0.0.1:{web.port}/k3y"), "c@example.org", [f"127.0.0.1:{web.port}"], well=well)
        assert [(request.method, request.target) for request in web.requests] == [("GET", path)]
    assert caplog.text == ""


@pytest.mark.parametrize("status", [404, 503])
async def test_one_that_does_not_arrive_is_logged_without_its_address(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with WebServer() as web:
        web.raw("/k3y", answer(status))
        with caplog.at_level(logging.DEBUG):
            url = f"http://127.0.0.1:{web.port}/k3y"
            await ping(settings(url), "c@example.org", [f"127.0.0.1:{web.port}"], well=True)
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert said == [f"the monitor was not told how the pass went: it answered {status}"]
    assert "k3y" not in caplog.text


async def test_a_private_address_is_asked_only_where_the_configuration_names_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with WebServer() as web:
        await ping(settings(f"http://127.0.0.1:{web.port}/k3y"), "c@example.org", [], well=True)
        assert web.requests == []
    assert "allow_addresses" in caplog.text or "public" in caplog.text
    assert "k3y" not in caplog.text


async def test_an_answer_without_a_body_is_as_good(caplog: pytest.LogCaptureFixture) -> None:
    async with WebServer() as web:
        web.raw("/k3y", answer(204))
        await ping(settings(f"http://127.0.0.1:{web.port}/k3y"), "c@example.org", [f"127.0.0.1:{web.port}"], well=True)
    assert caplog.text == ""
