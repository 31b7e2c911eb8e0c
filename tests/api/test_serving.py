"""The server itself: a socket on the loopback address, and how it ends."""

import asyncio
import json
import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from mnemosyne.api.identity.resolver import resolver_app
from mnemosyne.entrypoints.resolving import (
    OriginUnusableError,
    PortUnusableError,
    resolver,
    serving,
)
from mnemosyne.identity.examples import Examples
from tests.clock import SetClock
from tests.requirements import requirement


def exchange(
    url: str, method: str, target: str, host: str = ""
) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, target, headers={"Host": host} if host else {})
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()


@requirement("identity.resolver-loopback")
async def test_the_resolver_listens_on_the_loopback_address_and_answers() -> None:
    examples = Examples(SetClock())
    target = f"/1.0/identifiers/{examples.active}"

    async with serving(resolver_app(examples, SetClock()), 0) as url:
        got = await asyncio.to_thread(exchange, url, "GET", target)
        head = await asyncio.to_thread(exchange, url, "HEAD", target)
        astray = await asyncio.to_thread(exchange, url, "GET", target, "attacker.example")
        with pytest.raises(PortUnusableError) as refused:
            async with serving(resolver_app(examples, SetClock()), urlsplit(url).port or 0):
                pass

    assert urlsplit(url).hostname == "127.0.0.1"
    assert got[0] == 200
    assert json.loads(got[2])["didDocument"]["id"] == examples.active
    assert "server" not in got[1]
    assert head[0] == 200
    assert head[2] == b""
    assert head[1]["content-length"] == got[1]["content-length"]
    assert astray[0] == 421
    assert refused.value.code == "port-unusable"
    assert "--port 0" in refused.value.hint
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=1).close()


@pytest.mark.parametrize(
    "origin", ["wallet.example", "https://wallet.example/", "https://", "*.example", "null", ""]
)
async def test_what_is_no_origin_is_told_before_anything_is_served(origin: str) -> None:
    with pytest.raises(OriginUnusableError) as refused:
        async with resolver(None, SetClock(), 0, ["https://wallet.example:8443", origin]):
            pass

    assert "https://wallet.example" in refused.value.hint


async def test_a_port_that_is_none_is_told() -> None:
    with pytest.raises(PortUnusableError):
        async with resolver(None, SetClock(), 70_000, []):
            pass
